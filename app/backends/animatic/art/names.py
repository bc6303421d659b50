"""What a name tells the eye: whether a woman or a man, and beings that are not people."""

from __future__ import annotations

import re

from app.backends.animatic.art.words import Table, first

FEMALE_WORDS = re.compile(
    "女|娘|妃|后(?!羿)|婆|奶奶|姑|姐|妹|妈|嫂|婶|姨|丫头|公主|夫人|小姐|仙子|少女|母亲|婢|尼"
    r"|\bwoman\b|\bgirl\b|\blady\b|\bqueen\b|\bmother\b|\bsister\b|\bwife\b|\bdaughter\b|\bshe\b|\bher\b|\bmrs\b|\bms\b|\bmiss\b|\bprincess\b|\baunt\b|\bgown\b|\bdress\b|\bnurse\b|\bwaitress\b|\bactress\b|\bgrandmother\b|\bwidow\b",
    re.IGNORECASE,
)
MALE_WORDS = re.compile(
    "男|父|爷|公(?!主)|叔|伯|哥|弟|爸|王|帝|将军|太子|皇|侯|道长|和尚|少年|老头|丈夫|儿子|汉"
    r"|\bman\b|\bboy\b|\blord\b|\bking\b|\bfather\b|\bbrother\b|\bhusband\b|\bson\b|\bhe\b|\bhis\b|\bmr\b|\bprince\b|\buncle\b|\bguard\b|\btie\b|\bgrandfather\b|\bbeard|\bwaiter\b|\bjacket\b",
    re.IGNORECASE,
)
FEMALE_CHARACTERS = set(
    "婷娜娟丽芳美玲燕萍莉雪倩慧敏静淑红艳霞秀兰英梅琴云莲真环荣爱妹香月莺媛瑞凡佳嘉琼勤珍贞桂娣叶璧璐娅琦晶妍茜秋珊莎锦黛青晚婉娴瑾颖露瑶怡婵雁蓓纨仪荷丹蓉眉君琳砚衣柔蝶绾嫣姝妤"
)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


FEMALE_NAMES = _names(
    """
    ada agnes alice amara amelia amy ana anna anne anya ava barbara bella beth bianca carla caroline celeste celia
    charlotte chloe clara claire cora daisy dana daphne diana dora edith elena eleanor elise eliza ella ellen elsa
    emily emma erin esther eva eve evelyn faith fiona flora florence frances freya gabriela gemma georgia gloria
    grace greta hana hannah harriet hazel heather helen helena holly imogen ines ingrid irene iris isabel isla ivy
    jane jasmine jean jenny jessica joan joanna josephine joy judith julia juliet june kate katherine kira lara
    laura lena leila lila lily lin lucia lucy luna lydia mabel maya mara margaret maria marie marina martha mary
    matilda may megan mei mia mila mina miriam molly mona nadia naomi natalie nina nora norah olive olivia ophelia
    pearl penelope petra phoebe priya rachel rebecca rita rosa rose rosie ruby ruth sadie sally sara sarah selma
    sofia sophia sophie stella susan sylvia tara teresa tessa theresa una ursula vanessa vera victoria viola violet
    vivian willa winona yara yasmin zara zoe
    """
)
MALE_NAMES = _names(
    """
    aaron adam adrian alan albert alex alexander alfred andrew anthony arthur august austin ben benjamin bernard
    bruno carl charles christian christopher colin conrad cyrus dan daniel david dennis dominic donald douglas edgar
    edmund edward eli elias emil eric ernest ethan eugene evan felix finn francis frank fred gabriel george gerald
    gideon gilbert graham gregory gus guy hal harold harry harvey hector henry herbert howard hugh hugo ian isaac
    ivan jack jacob james jason jasper jeremy jim joe joel john jonah jonathan joseph joshua julian julius karl
    keith kenneth kevin lars laurence leo leon leonard lewis liam louis lucas luke magnus marcus mark martin mason
    matthew max mckay michael miles nathan ned nicholas nick noah oliver omar oscar otto owen patrick paul percy
    peter philip ralph raymond reuben rex richard robert roger roland ronald rory rufus russell sam samuel saul sean
    sebastian silas simon solomon stanley stefan stephen steven ted terence theo theodore thomas tim toby tom
    tristan victor vincent walter warren wesley wilfred will william xavier zachary
    """
)

BEINGS: Table = (
    ("bird", "精卫|小鸟|^鸟|鸟$|雀|鹰|鸦|凤凰|青鸟|朱雀|鹤", r"\bbird\b|raven|sparrow|crow\b|eagle|owl|phoenix|gull"),
    ("fox", "九尾狐|狐妖|狐狸|九尾|狐仙", r"nine-?tailed|fox spirit"),
    ("giant", "夸父|巨人(?!的)|巨灵|盘古", r"\bgiant\b|titan|colossus"),
    ("headless", "刑天|无头的|无首", r"headless"),
    ("dragon", "烛龙|龙王|应龙|黑龙|人面蛇身|^龙", r"dragon|wyrm|serpent god"),
    ("sea_eye", "海神|海眼|深海之", r"sea god|god of the sea|kraken|leviathan"),
    ("beast", "肥遗|穷奇|饕餮|狼|虎|豹|马$|犬|狗", r"\bbeast\b|wolf|tiger|hound|monster"),
)

MYTH: dict[str, str] = {
    "女娃": "girl 12 red robe 古装",
    "炎帝": "man 50 beard ochre robe 古装 topknot",
    "黄帝": "man 50 beard yellow robe 古装",
    "嫦娥": "woman 24 white robe 古装",
    "后羿": "man 32 brown armour 古装",
    "女娲": "woman 30 green robe 古装",
    "哪吒": "boy 12 red robe 古装",
    "伏羲": "man 55 beard grey robe 古装",
    "蚩尤": "man 40 beard black armour 古装",
    "九尾狐": "woman 28 white hair white robe 古装 silk",
    "夸父": "man 45 beard brown tunic 古装 龟裂",
    "刑天": "man 40 brown armour 古装",
    "烛龙": "man 60 red robe 古装",
    "西王母": "woman 40 gold robe 古装",
    "大禹": "man 40 beard brown tunic 古装",
}
"""Figures everyone knows: what they wear when nobody says otherwise."""

ANCIENT = re.compile(
    "古装|古风|古代|仙侠|奇幻|袍|冠|画师|国师|脚客|斗笠|剑|王|帝|妃|太子|公主|将军|丞相|仙|神|道长|山海|渔民|弩手|粗布|布衣|[红白黑青紫蓝灰绿黄粉素玄]衣|朝|殿|江湖|侠"
    r"|精卫|狐|龙|\brobe\b|\bhanfu\b|\barmou?r\b|\bking\b|\bqueen\b|\bknight\b|\bancient\b|\bemperor\b",
    re.IGNORECASE,
)


RELATIVE = re.compile(r"\b(?:her|his|their)\s+(?=\w+\s)?", re.IGNORECASE)
"""Whose brother or wife someone is says nothing of their own sex."""


def being_of(name: str, description: str) -> str:
    """The kind of being that is not a plain human, or ""; the name decides before the description."""
    return first(BEINGS, name) or first(tuple(row for row in BEINGS if row[0] != "bird"), description)


def is_female(name: str, description: str, toss: int) -> bool:
    """Whether to draw a woman: by the description, else the name, else by chance that never changes."""
    description = RELATIVE.sub("", description)
    for text in (description, name):
        woman, man = FEMALE_WORDS.search(text), MALE_WORDS.search(text)
        if woman and (not man or woman.start() < man.start()):
            return True
        if man:
            return False
    given = re.split(r"[\s(（]", name.strip().lower())[0]
    if given in FEMALE_NAMES:
        return True
    if given in MALE_NAMES:
        return False
    if re.search("[一-鿿]", name):
        return bool(FEMALE_CHARACTERS & set(name[1:] or name))
    return given.endswith(("a", "ie", "elle", "ine")) or toss % 2 == 0
