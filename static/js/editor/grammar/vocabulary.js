// The words that app/scripts/formats/vocabulary.py knows; tests/scripts/data/line_cases.json holds both to the same lines.
const words = (...lines) => new Set(lines.join(" ").split(" "));

const TIMES = words(
  "日 夜 晨 昏 暮 晚 清晨 早晨 早上 凌晨 黎明 拂晓 破晓 上午 中午 正午 午后 下午 傍晚 黄昏 晚上 夜晚 深夜 午夜",
  "半夜 子夜 白天 白日 入夜 次日 翌日 日夜 日景 夜景 清早 大清早 雨夜 雪夜 月夜 日出 日落",
);
const TIMES_EN = words(
  "DAY NIGHT MORNING AFTERNOON EVENING DAWN DUSK NOON MIDNIGHT SUNRISE SUNSET TWILIGHT CONTINUOUS LATER SAME",
  "DAYBREAK NIGHTFALL DAYTIME NIGHTTIME",
);
const longestFirst = (set) => [...set].sort((one, other) => other.length - one.length).join("|");
const WATCH = "[子丑寅卯辰巳午未申酉戌亥]时(?:[初正末]|[一二三四]刻)?";
export const TIME = `(?:${longestFirst(TIMES)}|${WATCH}|[零〇]?\\d{1,2}[:：]\\d{2}|${[...TIMES_EN].sort().join("|")})`;
export const ALL_TIME = new RegExp(`^${TIME}(?:[/、·]${TIME})*$`, "i");
export const DAYTIMES = ["日", "夜", "晨", "黄昏", "傍晚", "清晨", "凌晨", "深夜"];
export const DAYTIMES_EN = ["DAY", "NIGHT", "MORNING", "EVENING", "DAWN", "DUSK", "LATER", "CONTINUOUS"];

export const INSIDE = "(?:内/外景|外/内景|内外景|内/外|外/内|内外|内景|外景|内|外)";
export const INSIDE_EN = "(?:INT\\.?\\s?/\\s?EXT\\.?|EXT\\.?\\s?/\\s?INT\\.?|I\\.?/E\\.?|INT\\.?|EXT\\.?|EST\\.?)";

export const CARDS = words("字幕 字幕卡 字卡 标题 标题卡 片名 屏幕文字 画面文字 字幕条 人物字幕 花字 弹幕 手机屏幕文字");
export const SOUNDS = words("音效 音乐 BGM 配乐 声音 音响 环境音 声效 背景音乐 主题曲 SFX");
export const FLASHBACKS = words("闪回 闪回开始 回忆 回忆开始 插入闪回 快速闪回 回闪 闪回画面 回忆画面");
export const FLASHBACK_ENDS = words(
  "闪回结束 闪回完 闪回止 闪回毕 回忆结束 回忆完 闪回画面结束 回闪结束 回忆画面结束 回到现实 回现实",
);
export const TRANSITIONS = words("切 切至 切到 淡出 淡入 叠化 黑场 渐黑 转场 闪白 切黑 化出 化入 硬切 黑屏");
export const NOTES = words(
  "道具 服装 服化道 备注 注 特效 卡点 付费点 付费卡点 钩子 爽点 看点 时长 本集看点 编剧注 导演注 说明",
);
export const PEOPLE = words("人物 出场人物 角色 登场人物 出场角色 场景人物");
export const PROFILES = words("人物小传 人物介绍 角色介绍 人物设定 角色设定 主要人物 人物表 角色小传 人物简介 主要角色");
export const PLACES = words("地点 场景 时间 内外景 内外 场地 景别");
export const FIELDS = words(
  "剧名 片名 剧本名 集数 集名 类型 题材 风格 画风 时长 一句话梗概 一句话简介 梗概 故事梗概 剧情梗概",
  "剧情简介 简介 大纲 故事大纲 作者 编剧 导演 版本 日期 语言 主题 背景 故事背景 世界观 亮点 制作 出品",
  "Title Author Logline",
);
export const TITLE_KEYS = new Set([
  ...words("title credit author authors source date contact copyright notes revision episode episodes format"),
  ...words("language genre style logline series draft version 剧名 片名 集数 类型 作者 编剧 一句话梗概"),
  "draft date",
  "written by",
]);

const BLANKS = "[\\s\\x1c-\\x1f\\x85\\u200b\\ufeff]";
const AROUND = new RegExp(`^${BLANKS}+|${BLANKS}+$`, "g");
export const trim = (text) => text.replace(AROUND, "");
export const stripped = (text, signs) => {
  const kept = [...text];
  const goes = (sign) => signs.includes(sign) || trim(sign) === "";
  while (kept.length && goes(kept[0])) kept.shift();
  while (kept.length && goes(kept.at(-1))) kept.pop();
  return kept.join("");
};
