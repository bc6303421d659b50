"""Words become pictures: places, hours, weather, objects and poses are recognised in both languages."""

from __future__ import annotations

import pytest

from app.backends.animatic.art.inserts import SUBJECTS
from app.backends.animatic.art.nouns import OBJECTS, is_face, object_of
from app.backends.animatic.art.places import PLACES
from app.backends.animatic.art.reading import read_shot
from app.backends.animatic.art.words import HOURS, hour_of, place_of, weather_of
from app.backends.animatic.art.words import PLACES as PLACE_WORDS
from app.backends.base import CharacterLook, ShotFacts, SpokenLine


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("东海之滨", "shore"),
        ("海面", "sea"),
        ("风暴中的海", "sea"),
        ("东海渔村", "village"),
        ("海底石路", "parted_sea"),
        ("海底", "underwater"),
        ("旧画室", "studio"),
        ("邓林", "forest"),
        ("夸父掌中", "giant_palm"),
        ("断崖", "cliff"),
        ("青丘狐宫", "palace"),
        ("常羊山道", "stone_forest"),
        ("钟山之巅", "snow_peak"),
        ("烛龙眼中", "eye_chamber"),
        ("总裁办公室", "office"),
        ("公司会议室", "boardroom"),
        ("医院走廊", "ward"),
        ("天台", "rooftop"),
        ("后巷", "alley"),
        ("大漠", "desert"),
        ("山洞", "cave"),
        ("车内", "car"),
        ("卧室", "bedroom"),
        ("竹林", "bamboo"),
        ("古街", "old_street"),
        ("HARBOR TOWER - LOBBY", "lobby"),
        ("HARBOR TOWER - BOARDROOM", "boardroom"),
        ("HARBOR TOWER - ARCHIVE", "archive"),
        ("HARBOR TOWER - ROOFTOP", "rooftop"),
        ("GRAND MERIDIAN HOTEL - BALLROOM", "ballroom"),
        ("GRAND MERIDIAN HOTEL - SERVICE ALLEY", "alley"),
        ("GRAND MERIDIAN HOTEL - ANTEROOM", "study"),
        ("THEO'S CAR - MOVING", "car"),
        ("QUILL PAPER RESTORATION - BACK STAIRS", "stairs"),
        ("A snowy peak", "snow_peak"),
        ("The beach", "shore"),
        ("Pine forest", "forest"),
        ("Hotel room", "bedroom"),
        ("Somewhere unheard of", ""),
    ],
)
def test_a_heading_names_its_place(words: str, kind: str):
    assert place_of(words) == kind


def test_every_kind_of_place_that_words_may_name_can_be_drawn():
    assert {row[0] for row in PLACE_WORDS} <= set(PLACES)
    assert {"plain", "open"} <= set(PLACES)


@pytest.mark.parametrize(
    ("words", "hour"),
    [
        ("日", "day"),
        ("黄昏", "dusk"),
        ("夜", "night"),
        ("晨", "dawn"),
        ("DAY", "day"),
        ("NIGHT", "night"),
        ("DUSK", "dusk"),
        ("MAGIC HOUR", "dusk"),
        ("DAWN", "dawn"),
        ("LATE MORNING", "dawn"),
        ("CONTINUOUS", "day"),
        ("", "day"),
    ],
)
def test_a_time_of_day_names_its_hour(words: str, hour: str):
    assert hour_of(words) == hour
    assert hour in {row[0] for row in HOURS}


def test_an_hour_left_open_may_be_told_by_the_action():
    assert hour_of("CONTINUOUS", "Moonlight on the floor.") == "night"


@pytest.mark.parametrize(
    ("action", "weather"),
    [
        ("暴雨。小舟被抛上浪尖。", {"storm", "rain"}),
        ("Rain sheets down forty floors of glass.", {"rain"}),
        ("火箭如雨，桃花成片燃烧。", set()),
        ("雪地里洇开一个墨脚印。", {"snow"}),
        ("She wears a raincoat.", set()),
        ("The salt comes away like snow.", set()),
        ("Fog rolls over the pier.", {"fog"}),
        ("天色骤暗。", {"gloom"}),
    ],
)
def test_weather_is_read_and_figures_of_speech_are_not(action: str, weather: set[str]):
    assert weather_of(action) == weather


@pytest.mark.parametrize(
    ("action", "thing"),
    [
        ("她摊开手掌，掌心是一枚圆润的白石子。", "stone"),
        ("石子落水。这一次，它沉了下去。", "stone_water"),
        ("石子上画着一只闭着的眼睛，墨迹是新的。", "stone_eye"),
        ("阿砚袖口里露出半截骨笔，她用指尖把它推了回去。", "brush"),
        ("绢上两行字：到钟山之前，取笔。", "silk"),
        ("刀尖抖了一下。", "knife"),
        ("从她指缝间流下来的，是墨。", "hand_ink"),
        ("那不是疤，是一方小小的朱砂印，印着两个字：苏衣。", "seal"),
        ("阿砚的眼泪砸在脚背上。", "foot"),
        ("阿砚手里的水囊掉在地上。", "bottle"),
        ("她摸到自己的右耳。", "ear"),
        ("her ID badge. The photo has been scratched out.", "badge"),
        ("the ink on the page is still wet.", "letter"),
        ("Silence. A teacup breaks somewhere.", "cup"),
        ("her left hand. A wedding ring, still on.", "ring"),
        ("the silver pen in Nora's hand.", "pen"),
        ("the date. Tomorrow.", "letter"),
        ("Theo's phone lights up.", "phone"),
        ("Nothing in particular.", ""),
    ],
)
def test_a_close_up_is_of_the_thing_its_words_name(action: str, thing: str):
    assert object_of(action) == thing


def test_every_object_that_words_may_name_can_be_drawn():
    assert {row[0] for row in OBJECTS} | {"ear", "still"} <= set(SUBJECTS)


@pytest.mark.parametrize(
    "action", ["炎帝的神情变了。", "阿砚慢慢抬起眼。", "He stares into the dark.", "苏衣的笑停住，眼眶红了。"]
)
def test_a_close_up_of_a_face_is_not_an_object(action: str):
    assert is_face(action)


def test_who_speaks_in_close_up_keeps_the_picture():
    speaks = ShotFacts(
        size="CU",
        action="Mara opens the ledger.",
        characters=(CharacterLook("MARA"),),
        dialogue=(SpokenLine("MARA", "I haven't signed this."),),
    )
    silent = ShotFacts(size="CU", action="Mara opens the ledger.", characters=(CharacterLook("MARA"),))
    inner = ShotFacts(
        size="CU",
        action="阿砚袖口里露出半截骨笔。",
        characters=(CharacterLook("阿砚"),),
        dialogue=(SpokenLine("阿砚", "笔在，天就还会亮。", voice="OS"),),
    )
    assert read_shot(speaks).subject == ""
    assert read_shot(silent).subject == "ledger"
    assert read_shot(inner).subject == "brush"


@pytest.mark.parametrize(
    ("action", "pose", "held"),
    [
        ("炎帝跪在沙滩上，怀里只有一只红色的鞋。", "kneel_hold", "shoe"),
        ("炎帝独自划桨。", "row", "oar"),
        ("炎帝狂奔。", "run", ""),
        ("炎帝举起桃木杖。", "staff", "staff"),
    ],
)
def test_deeds_become_poses(action: str, pose: str, held: str):
    facts = ShotFacts(size="FS", action=action, characters=(CharacterLook("炎帝"),))
    role = read_shot(facts).roles[0]
    assert (role.pose, role.held) == (pose, held)


def test_deeds_in_english_and_the_manner_of_a_line():
    rooftop = ShotFacts(
        size="LS", action="Adrian at the edge, phone to his ear.", characters=(CharacterLook("ADRIAN"),)
    )
    shout = ShotFacts(
        size="MCU", characters=(CharacterLook("女娃"),), dialogue=(SpokenLine("女娃", "你凭什么！", "喊"),)
    )
    finger = ShotFacts(size="FS", action="Mara runs a finger down one spine.", characters=(CharacterLook("MARA"),))
    assert (read_shot(rooftop).roles[0].pose, read_shot(rooftop).roles[0].held) == ("phone", "phone")
    assert read_shot(shout).roles[0].mood == "shout"
    assert read_shot(finger).roles[0].pose == "reach"


def test_a_shot_without_people_reads_its_sights():
    reading = read_shot(ShotFacts(place="风暴中的海", time_of_day="夜", size="LS", action="水墙中睁开一只青色的巨眼。"))
    assert reading.sights >= {"giant_eye", "water_wall"}
    assert "storm" in reading.weather
    assert reading.place == "sea"


def test_what_ends_in_black_is_told():
    assert read_shot(ShotFacts(place="海面", size="LS", action="巨浪合拢。画面全黑。")).beat == "black"
    assert read_shot(ShotFacts(place="ROOFTOP", size="LS", action="The bulb bursts. Black.")).beat == "darkens"
    assert read_shot(ShotFacts(place="ROOFTOP", size="LS", action="A black car waits below.")).beat == ""
    assert read_shot(ShotFacts(card="三日后", size="LS")).beat == "card"
