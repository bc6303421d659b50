"""Which object a close-up is of, in Chinese and English."""

from __future__ import annotations

import re

from app.backends.animatic.art.words import Table, earliest, first

OBJECTS: Table = (
    ("stone_eye", "石眼|石子上画着|石上.{0,3}眼", r"stone (?:with|bearing) (?:a|an) .{0,12}eye|painted stone"),
    (
        "stone_water",
        "石子落水|石子.{0,3}入水|石落",
        r"(?:stone|pebble) (?:hits|drops into|falls into) the (?:water|sea)",
    ),
    ("stone", "石子|白石|鹅卵石|石块", r"pebble|\bstones?\b"),
    ("badge", "工牌|胸牌|证件|身份证|名牌|护照", r"\bID badge|\bbadge\b|\bID card|name ?tag|passport|licen[cs]e"),
    ("earring", "耳坠|耳环|右耳|左耳", r"ear-?rings?|\bear\b"),
    ("seal", "朱砂印|印章|官印|玉玺|印$|一方.{0,4}印", r"\bseal\b|\bstamp\b|thumb-?print|finger-?print"),
    ("ring", "戒指|指环|婚戒", r"wedding ring|\brings?\b(?! (?:of|out))|wedding band"),
    ("necklace", "项链|玉佩|吊坠|玉坠|佛珠|香囊", r"necklace|pendant|locket|amulet|jade"),
    ("phone", "手机|电话|屏幕|短信", r"\bphones?\b|cell ?phone|mobile|screen|text message|caller"),
    ("photo", "照片|相片|合影", r"photo(?:graph)?s?|picture of|snapshot"),
    ("brush", "骨笔|毛笔|笔尖|画笔|握住笔|落墨|最后一笔|笔", r"paint ?brush|\bbrush\b"),
    ("pen", "钢笔|签字笔", r"\bpens?\b|\bnib\b|quill(?!s? paper)"),
    ("silk", "绢|圣旨|卷轴|书卷|帛|竹简", r"\bscrolls?\b|parchment|\bsilk\b letter"),
    ("ledger", "账本|册子|书页|日记|账簿", r"ledgers?|\bbook\b|diary|journal|notebook"),
    (
        "letter",
        "信|纸条|遗书|文件|合同|协议|字据|绢书|报告|遗嘱|日期",
        r"letters?\b|\bpages?\b|papers?\b|documents?|contract|\bnote\b|\bcopy\b|copies|confession|"
        r"petition|\bink\b|the date|signature|rubbing|envelope|\bwill\b|newspaper|obituary",
    ),
    ("knife", "刀尖|匕首|短刀|刀刃|刀|剑|斧|利刃|剪刀", r"knife|blade|dagger|sword|scalpel|\baxe\b|scissors"),
    ("gun", "枪", r"\bgun\b|pistol|revolver|rifle"),
    ("key", "钥匙", r"\bkeys?\b"),
    ("cup", "茶杯|酒杯|碗|茶盏|杯子|杯|汤", r"tea ?cup|\bcups?\b|\bglass(?:es)?\b|goblet|\bmug\b|\bbowl\b|champagne"),
    ("bottle", "酒瓶|药瓶|瓶|水囊|葫芦|壶|毒药", r"bottle|vial|flask|water ?skin|\bjar\b|\bpills?\b"),
    ("shoe", "鞋|靴", r"\bshoes?\b|\bboots?\b|slipper|heels\b"),
    ("candle", "蜡烛|烛火|油灯|灯芯|灯盏", r"candle|oil lamp|\bwick\b|lighter|\bmatch(?:es)?\b"),
    ("lantern", "灯笼|提灯|灯", r"lantern|\blamp\b|\bbulb\b"),
    ("mirror", "镜", r"mirror"),
    ("shield", "盾面|盾", r"shield"),
    ("arrow", "箭", r"\barrows?\b|\bbolt\b"),
    ("music_box", "八音盒|音乐盒", r"music box"),
    ("clock", "钟表|手表|怀表|时钟|闹钟", r"\bclock\b|\bwatch\b(?!es)|hour ?glass"),
    ("money", "钱|银票|金锭|三斗金|银子|铜钱|钞票", r"\bmoney\b|\bcash\b|\bcoins?\b|banknotes?|\bgold bars?"),
    ("flower", "花朵|一朵花|玫瑰|莲花|花$", r"\bflowers?\b|\brose\b|lily|lotus"),
    ("footprint", "脚印|足迹", r"foot-?prints?"),
    ("foot", "脚背|脚尖|赤脚|双脚", r"bare feet|\bfeet\b|\bfoot\b"),
    ("hand_ink", "指缝.{0,8}墨|流下来的，是墨|墨从", r"ink (?:runs|drips|flows) (?:through|from|between)"),
    ("hand", "手背|右手|左手|手掌|掌心|指尖|手指|拳头|双手|手", r"\bhands?\b|fingers?|\bpalm\b|\bfist\b|thumb"),
    ("moon", "月亮|明月|圆月|残月|月轮", r"\bmoon\b"),
    ("sun", "太阳|烈日|落日|日轮|残阳", r"\bthe sun\b|\bsun\b (?:sets|rises|burns|hangs)"),
    ("door", "门把|门锁|门缝", r"door ?knob|door ?handle|\block\b|doorway"),
    ("blood", "血滴|一滴血|血迹", r"blood"),
)

FACE_WORDS = re.compile(
    "抬起眼|睁眼|眼神|神情|表情|的脸|脸上|眼角|嘴唇|眼泪(?!砸)|眼眶|瞳孔|双眼|的眼睛|看着|盯着|疤(?!，是)"
    r"|\bhis face|\bher face|\bface\b|\beyes\b(?! of)|expression|gaze|lips|looks? (?:straight )?(?:into|at)|stares?",
    re.IGNORECASE,
)
EYE_WORDS = re.compile(
    "巨眼|竖瞳|眼睛睁开|睁开一只|右眼缓缓睁开|左眼|睁开.{0,4}眼|眼.{0,3}睁开"
    r"|giant eye|\ban eye opens|\beye opens|enormous eye",
    re.IGNORECASE,
)
PALM = re.compile(
    "掌心|手掌|摊开手|手心|手里|递"
    r"|\bpalm\b|in (?:his|her|their|\w+'s) hand|on (?:his|her) hand|held out|between (?:his|her) fingers",
    re.IGNORECASE,
)
WATER = re.compile("水里|水面|落水|海面|浪" r"|in the water|the waves", re.IGNORECASE)
CUE = re.compile(
    "(?:大特写|特写|近景|插入)[:：]?|CLOSE(?:-?UP)? ON:?|INSERT(?: -|:)?|EXTREME CLOSE:?|CLOSE:?", re.IGNORECASE
)


def object_of(action: str) -> str:
    """The object a close-up's words name first after its cue, or ""."""
    text = CUE.split(action)[-1] if CUE.search(action) else action
    for kind in ("hand_ink", "stone_eye", "stone_water"):
        rows = tuple(row for row in OBJECTS if row[0] == kind)
        if first(rows, text):
            return kind
    sentence = re.split(r"[。！？.!?\n]", text)
    for part in sentence:
        if hit := earliest(OBJECTS, part):
            return _in_hand(hit, text)
    return ""


def _in_hand(hit: str, text: str) -> str:
    """A hand that holds something is a picture of that thing."""
    if hit not in ("hand", "earring"):
        return hit
    things = tuple(row for row in OBJECTS if row[0] not in ("hand", "hand_ink", "blood", "foot"))
    if hit == "earring" and not PALM.search(text):
        return "ear"
    return earliest(things, text) or hit


def is_face(action: str) -> bool:
    """Whether a close-up is of a face rather than of a thing."""
    text = CUE.split(action)[-1] if CUE.search(action) else action
    head = re.split(r"[。！？.!?\n]", text)[0]
    return bool(FACE_WORDS.search(head))
