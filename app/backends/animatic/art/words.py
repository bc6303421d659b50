"""What the words of a script mean to the eye, in Chinese and English: places, hours, weather, objects, deeds.

Each table is read in order and the first hit wins, so the particular stands before the general.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

Table = Sequence[tuple[str, str, str]]
"""Rows of (meaning, Chinese alternatives, English alternatives), the alternatives being regular expressions."""

PLACES: Table = (
    ("eye_chamber", "眼中|眼内|眼里|瞳中", r"inside the eye|within the eye"),
    ("giant_palm", "掌中|巨掌|手掌之上", r"(?:giant'?s|the) palm"),
    ("parted_sea", "海底石路|海底.{0,2}路|石子路|水墙之间", r"parted sea|road on the sea ?bed"),
    (
        "underwater",
        "海底|水下|水底|龙宫|深海|湖底",
        r"underwater|sea ?bed|sea ?floor|beneath the (?:sea|waves)|under ?sea|ocean floor",
    ),
    ("boardroom", "会议室|董事会|议事厅", r"board ?room|meeting room|conference room"),
    ("lobby", "大堂|大厅|前台|接待处|门厅", r"lobby|foyer|reception|atrium|concourse"),
    ("archive", "档案|图书馆|藏书|书库|书店|账房", r"archives?|library|record room|stacks|bookshop|vault of ledgers"),
    (
        "ballroom",
        "宴会厅|舞厅|礼堂|婚礼现场|酒会|晚宴",
        r"ball ?room|banquet|gala|wedding hall|dance hall|theat(?:er|re)",
    ),
    (
        "workshop",
        "工坊|作坊|修复室|工作室|车间|裱画",
        r"workshop|restoration|atelier|repair shop|garage|laborator(?:y|ies)|\blab\b",
    ),
    ("studio", "画室|书房|画院|琴房|绣房|茶室|药铺|闺房", r"painter'?s studio|art studio|studio"),
    (
        "ward",
        "病房|医院|手术室|诊所|急诊|太平间",
        r"hospital|ward\b|clinic|operating (?:room|theat)|\bE\.?R\b|morgue|infirmary",
    ),
    (
        "office",
        "办公室|总裁室|经理室|工位|警局|教室|编辑部",
        r"office|cubicle|precinct|police station|class ?room|newsroom",
    ),
    ("bedroom", "卧室|卧房|寝室|寝宫|睡房|床上|客房|套房", r"bed ?room|bed ?chamber|hotel room|suite|dormitory"),
    ("stairs", "楼梯|台阶间|楼道", r"stair(?:s|case|well|way)?"),
    ("corridor", "走廊|过道|长廊|回廊|地道|电梯", r"corridor|hall ?way|passage(?:way)?|tunnel|elevator|\blift\b"),
    ("prison", "牢|监狱|囚室|地牢|审讯", r"prison|\bcell\b|dungeon|jail|interrogation"),
    (
        "study",
        "休息室|候见室|密室|暗室|偏厅|里间",
        r"ante ?room|study\b|den\b|back ?room|parlou?r|dressing room|chapel",
    ),
    (
        "car",
        "车内|车里|车上|轿车|出租车|马车内|驾驶",
        r"\bcar\b|\btaxi\b|\bcab\b|\bvan\b|\btruck\b|limousine|back ?seat|driving",
    ),
    (
        "palace",
        "狐宫|宫殿|大殿|殿内|殿中|金銮|王宫|皇宫|神殿|正殿|殿$|朝堂|祠堂",
        r"palace|throne|great hall|temple hall|cathedral|\bcourt hall",
    ),
    ("cave", "山洞|洞穴|洞内|洞中|石洞|洞府|矿", r"\bcaves?\b|cavern|grotto|\bmine\b"),
    (
        "home",
        "客厅|家中|家里|屋内|房间|公寓|厨房|餐厅|咖啡|酒吧|饭店",
        r"living room|apartment|\bflat\b|kitchen|dining|\bhome\b|house|café|\bcafe\b|\bbar\b|"
        r"restaurant|\broom\b|cottage|penthouse|villa|cabin",
    ),
    ("rooftop", "天台|屋顶|楼顶|顶楼", r"roof ?top|\broof\b|terrace|helipad"),
    ("alley", "小巷|后巷|巷子|胡同|巷", r"\balley\b|back ?street|lane\b"),
    ("old_street", "古街|集市|市集|长街|街市|城门|客栈|茶楼|镇上|古城|古镇", r"market|bazaar|old town|\binn\b"),
    (
        "street",
        "街|马路|路口|路边|停车场|城市|公路|桥上|门外|站台|机场",
        r"street|avenue|\broad\b|sidewalk|pavement|parking|city|highway|crossroads|\bbridge\b|curb|"
        r"downtown|outside the (?:hotel|building|tower)|airport|station",
    ),
    (
        "courtyard",
        "院子|庭院|院中|宫门|府门|山门|校场|祭坛|花园|后院|御花园",
        r"court ?yard|garden|\bgate\b|altar|patio|\bpark\b|cemetery|graveyard",
    ),
    ("village", "渔村|村口|村庄|村落|村|寨|部落", r"village|hamlet|settlement|farm"),
    ("rocks", "礁石|礁|海崖", r"\breefs?\b|sea rocks|breakwater|skerry"),
    (
        "shore",
        "之滨|海滨|海边|海岸|沙滩|滩|岸边|海角|码头|港口|渡口|河边|湖边",
        r"beach|shore|coast|sea ?side|\bpier\b|\bdock\b|harbou?r|\bbay\b|waterfront|river ?bank|" r"lakeside",
    ),
    (
        "sea",
        "海面|海上|大海|海中|中的海|洋|江上|江面|湖面|河上|湖心|船上|舟|甲板|海$|海",
        r"\bsea\b|ocean|\bdeck\b|\bboat\b|\bship\b|\braft\b|\briver\b|\blake\b|at sea",
    ),
    (
        "snow_peak",
        "雪山|雪峰|钟山|烛龙眼前|昆仑|雪原|冰原|雪地|之巅|山顶|峰顶",
        r"snow(?:y|field)? (?:peak|mountain|plain)|summit|mountain ?top|\bpeak\b|glacier|tundra",
    ),
    ("cliff", "断崖|悬崖|崖|绝壁|峭壁", r"cliff|precipice|\bedge of the (?:abyss|gorge)|gorge|canyon"),
    (
        "stone_forest",
        "石林|山道|常羊|乱石|山口|古战场|战场|关隘|盾前",
        r"stone forest|battlefield|mountain (?:road|pass)|boulders|ravine",
    ),
    ("bamboo", "竹林|竹海", r"bamboo"),
    (
        "forest",
        "邓林|桃林|树林|森林|林中|密林|林子|枯林|果园|林间|林边|林$",
        r"forest|woods?\b|grove|orchard|jungle|trees",
    ),
    ("desert", "沙漠|大漠|荒漠|戈壁|沙丘", r"desert|dunes?|wasteland"),
    ("mountain", "山谷|山间|山中|山脚|山坡|山上|山背|山|岭|峰|谷", r"mountains?|valley|hill(?:s|side)?|highlands?"),
    (
        "field",
        "草原|田野|田间|麦田|荒野|原野|草地|旷野|平原|墓地|坟",
        r"field|meadow|prairie|grassland|\bmoor\b|plain\b|steppe",
    ),
    ("heaven", "天空|天上|云端|云海|空中|九天|天宫", r"\bsky\b|clouds|heaven|mid-?air"),
)

HOURS: Table = (
    ("dusk", "黄昏|傍晚|日落|夕阳|薄暮|日暮", r"dusk|sunset|evening|twilight|golden hour|sundown|magic hour"),
    ("dawn", "晨|清晨|黎明|拂晓|破晓|日出|凌晨|朝", r"dawn|sunrise|morning|daybreak|first light"),
    ("night", "夜|深夜|午夜|子时|三更|晚", r"night|midnight|late\b"),
    ("day", "日|白天|正午|午后|中午|上午|下午|午", r"day|noon|afternoon|midday"),
)

WEATHER: Table = (
    ("storm", "暴雨|风暴|雷|闪电|狂风|惊雷", r"storm|thunder|lightning|tempest|hurricane"),
    ("rain", "大雨|细雨|雨中|雨点|雨水|雨夜|下雨|淋|雨", r"\brain(?:s|ing|y)?\b|downpour|drizzle|\brain-?soaked"),
    ("gloom", "天色骤暗|天昏地暗|乌云|天色一暗", r"sky (?:darkens|blackens|goes dark)|dark clouds"),
    ("snow", "雪花|飞雪|大雪|下雪|雪", r"\bsnow(?:s|ing|y|flakes)?\b(?! ?white)|blizzard"),
    ("fog", "雾|烟雾|薄雾|云雾", r"\bfog|\bmist|\bhaze"),
    ("wind", "风|吹", r"\bwinds?\b|windy|breeze|\bgust"),
)

NOT_WEATHER = re.compile(
    "箭雨|如雨|血雨|风干|屏风|风衣|雪白|雪洞|风情|威风|雷同|闷雷|雨衣|雨伞|一场雨开始|站在雨里|雨夜，她"
    r"|like (?:rain|snow|thunder|a storm)|rain-?coat|(?:last|the) storm of",
    re.IGNORECASE,
)

FLAGS: Table = (
    (
        "burning",
        "火箭如雨|成片燃烧|火海|大火|烧成|林.{0,4}燃|着火|火光",
        r"\bon fire\b|in flames|ablaze|burning (?:trees|forest|wood)|inferno",
    ),
    ("blooming", "开花|花开|盛开|粉色的光", r"in bloom|bursts? into (?:flower|blossom)"),
    ("blossom", "桃花|桃林|花瓣|落英|樱花|花林", r"blossom|petals|orchard in spring"),
    ("withered", "枯|邓林|枯枝|干瘦|凋", r"wither|bare branches|dead (?:trees|wood|forest)|leafless"),
    ("backlit", "背光|看不清脸|逆光|剪影", r"back-?lit|silhouette|against the (?:sun|light)"),
    ("bone", "白骨|骨.{0,3}大殿|狐宫|灯火一齐变绿", r"hall of bones|\bbones?\b hall|green flames?"),
    ("emergency", "应急灯|血红的灯", r"emergency lights?"),
    ("broken", "香槟塔.{0,4}(?:碎|倒)", r"broken champagne"),
    ("headlights", "车灯", r"head ?lights? (?:sweep|through|in)|car doors"),
    ("snowy", "雪山|雪地|雪峰|积雪|化雪", r"snow-?capped|in the snow"),
)

EFFECTS: Table = (
    (
        "embers",
        "火把|火苗|火箭|燃|火光|余烬|篝火|在火里|着火|(?<!一直)烧(?!到天边)",
        r"torch|flame|ember|\bfire\b|burn|bonfire|ablaze",
    ),
    ("petals", "花瓣|桃花|开花|落英|樱花|粉色的光", r"petals|blossom"),
    ("dust", "尘土|尘埃|灰尘|扬尘|沙尘|柔光", r"\bdust\b|dust sheets|overexposed"),
    ("spray", "白沫|浪花|拍在|海浪|巨浪|浪尖|水花", r"spray|surf|breakers|crashing waves"),
    ("salt", "盐", r"\bsalt\b comes away|like snow"),
    ("leaves", "落叶", r"falling leaves|dead leaves"),
)

SIGHTS: Table = (
    ("giant_eye", "巨眼|青色的.{0,2}眼|睁开一只|巨大的眼", r"(?:giant|enormous|colossal|huge) eye"),
    ("water_wall", "水墙|海水向两边立起|巨浪合拢|巨浪", r"wall of water|giant wave|towering wave|tidal wave|tsunami"),
    ("raft", "竹筏|木筏|筏", r"\braft\b"),
    ("boat", "小舟|船|划桨|断桨|桅|舟", r"\bboat\b|rowing|\boars?\b|canoe|\bmast\b|ferry\b(?! )"),
    ("torches", "火把", r"torch(?:es|light)?"),
    ("shadow_below", "黑影|水下的影|巨影", r"(?:dark|giant|vast|huge) (?:shadow|shape)"),
    ("ripple", "涟漪|水波一圈", r"ripples?"),
    ("far_bird", "鸟影|飞鸟|鸟鸣|小鸟|振翅|飞向大海", r"\bbirds?\b|gull"),
    ("second_sun", "第二个太阳|太阳正在升起|太阳.{0,3}升起", r"second sun|sun rises|rising sun"),
    (
        "light_burst",
        "白光炸裂|金光涌出|金光像潮水|太亮|白光|金光.{0,2}(?:涌|漫)",
        r"burst of light|blinding light|white light|light floods|too bright",
    ),
    ("horse", "黑马|骑着|马背", r"on horse|\bhorse\b"),
    ("arrows", "弩箭|箭雨|火箭|箭全|万箭", r"arrows|crossbow bolts?"),
    ("tails", "九条白尾|九尾", r"nine tails"),
    ("lantern", "灯笼|提灯", r"lantern"),
    ("umbrella", "伞", r"umbrella"),
    ("table", "会议桌|长桌|椅", r"\bchairs?\b|\btable\b"),
    ("phones", "手机.{0,3}举起", r"phones rise|everybody films"),
)

CROWDS: Table = (
    ("soldiers", "弩手|士兵|大军|人马|追兵|官兵|侍卫|禁军|兵", r"soldiers?|guards\b|archers?|army|troops|crossbowmen"),
    (
        "villagers",
        "渔民|村民|百姓|众人|人群|群众|乡亲|信徒",
        r"villagers|fisher(?:men|folk)|crowd|mob|townsfolk|people gather",
    ),
    (
        "staff",
        "员工|同事|人流|路人|行人|乘客",
        r"staff|employees|commuters|passers|pedestrians|office workers|eleven are full|board members|hands rise",
    ),
    (
        "guests",
        "宾客|客人|来宾|舞客",
        r"guests|conversations die|the room (?:inhales|gasps)|everybody films|dancers|partygoers",
    ),
)

BEATS: Table = (
    (
        "black",
        "画面全黑|全黑|黑屏|黑场|黑暗一口吞没|一片漆黑|彻底黑暗",
        r"\bblack\.|cut to black|screen goes black|fade to black|every light .{0,30}goes out|goes dark\.?$",
    ),
    ("white", "画面全白|白屏|白场|画面忽然变得太亮", r"white ?out|flash to white|screen goes white"),
)

MANNERS: Table = (
    ("shout", "吼|喊|高声|大声|怒|叫|惨叫|急|嘶声|咆哮|齐声", r"shout|scream|yell|roar|loud|furious|angr|rage"),
    (
        "afraid",
        "惊|恐|怕|颤|抖|慌|怔|愣|脸色|吓",
        r"afraid|fear|terrif|trembl|shak|frozen|face drains|horrif|startled|panick|frozen|flinch",
    ),
    ("cry", "哭|泪|含泪|眼眶红|悲|哽咽|伤心", r"\bcr(?:y|ies|ied|ying)\b|tears?\b|weep|sob|grief"),
    (
        "cold",
        "冷|沉声|漠|低声|压低|阴|警|盯|横刀|冰",
        r"\bcold|calm|flat|icy|quiet(?:ly)?|low\b|stares?|under (?:his|her) breath|not looking up|"
        r"has not blinked|barely",
    ),
    ("smile", "笑|微笑|温柔|欣慰|得意|歌|鼓掌", r"smil|laugh|grin|sweet|amused|tender|warm(?:ly)?|softly"),
    (
        "weary",
        "虚弱|疲|叹|苦笑|无奈|沙哑|干哑|哑|喃喃|累|喘",
        r"tired|weary|sigh|weak|exhaust|hoarse|resigned|murmur|whisper",
    ),
    ("wonder", "仰头|望|惊喜|原来|抬头", r"wonder|awe|amaz|looks? up|marvel"),
)


@lru_cache(maxsize=64)
def _compiled(table: tuple[tuple[str, str, str], ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (meaning, re.compile(f"{chinese}|{english}" if chinese else english, re.IGNORECASE))
        for meaning, chinese, english in table
    )


def first(table: Table, text: str) -> str:
    """The first meaning of the table found in the text, or ""."""
    for meaning, pattern in _compiled(tuple(table)):
        if pattern.search(text):
            return meaning
    return ""


def every(table: Table, text: str) -> frozenset[str]:
    """All meanings of the table found in the text."""
    return frozenset(meaning for meaning, pattern in _compiled(tuple(table)) if pattern.search(text))


def earliest(table: Table, text: str) -> str:
    """The meaning whose words come first in the text, the table's order breaking ties; or ""."""
    best, at = "", len(text) + 1
    for meaning, pattern in _compiled(tuple(table)):
        hit = pattern.search(text)
        if hit and hit.start() < at:
            best, at = meaning, hit.start()
    return best


def place_of(place: str, action: str = "") -> str:
    """The kind of place a heading names, the part after the last dash weighing most; the action helps if it must."""
    parts = [part for part in re.split(r"\s[-–—/]\s|[·,，、]|\s*\|\s*", place) if part.strip()]
    for part in reversed(parts):
        if kind := first(PLACES, part):
            return kind
    return first(PLACES, place) or first(PLACES, action)


def hour_of(time_of_day: str, action: str = "") -> str:
    """The hour a heading names; without one, what the action says, else day."""
    if hour := first(HOURS, time_of_day):
        return hour
    hint = first(
        (("night", "月光|星空|黑夜|夜色|灯笼|烛火", r"moonlight|starlight|by night|tonight|single bulb"),), action
    )
    return hint or "day"


def weather_of(action: str) -> frozenset[str]:
    """The weather the action speaks of, figures of speech left out; a storm brings rain."""
    found = every(WEATHER, NOT_WEATHER.sub(" ", action))
    return found | {"rain"} if "storm" in found else found
