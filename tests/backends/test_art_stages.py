"""Every shot becomes a stage the renderer can move: whole, deterministic, within its budget."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle

import numpy as np
import pytest

from app.backends.animatic.art import build_stage
from app.backends.animatic.art.inserts import SUBJECTS
from app.backends.animatic.art.palette import HOURS, weathered
from app.backends.animatic.art.places import PLACES
from app.backends.animatic.art.scenery import View
from app.backends.animatic.layers import FRAME_HEIGHT, FRAME_WIDTH, Stage
from app.backends.base import CharacterLook, ShotFacts, SpokenLine
from app.scripts.breakdown.model import Angle, Movement, Size

GIRL = CharacterLook("女娃", "十二岁", "红衣")
FATHER = CharacterLook("炎帝")
TOLD = {
    "stone": "掌心是一枚白石子。", "stone_eye": "石子上画着一只闭着的眼睛。", "stone_water": "石子落水。",
    "hand_ink": "从她指缝间流下来的，是墨。", "still": "一只奇怪的东西。", "ear": "她摸到自己的右耳。",
}  # fmt: skip


def check(stage: Stage) -> None:
    """Hold a stage to the contract of ``layers``."""
    assert 1 <= len(stage.layers) <= 12
    first = stage.layers[0]
    assert first.image.shape[2] == 3, "the farthest layer is opaque"
    half_w, half_h = first.image.shape[1] * first.scale / 2, first.image.shape[0] * first.scale / 2
    assert half_w >= FRAME_WIDTH * 0.62
    assert half_h >= FRAME_HEIGHT * 0.59
    for layer in stage.layers:
        assert layer.image.dtype == np.uint8
        assert layer.image.ndim == 3
        assert layer.scale > 0
        if layer.tile:
            left, right = layer.image[:, 0].astype(int), layer.image[:, -1].astype(int)
            assert np.abs(left - right)[..., 3].mean() < 24, "a tile's edges meet"
        if layer.mouth is not None:
            assert 0 <= layer.mouth.x <= layer.image.shape[1]
            assert 0 <= layer.mouth.y <= layer.image.shape[0]
            assert layer.mouth.width > 0
    for field in stage.particles:
        assert field.image.shape[2] == 4
        assert field.dx or field.dy


@pytest.mark.parametrize("kind", sorted(PLACES))
def test_every_place_is_drawn_at_every_hour_and_in_all_weather(kind: str):
    pictures = []
    for hour, weather in zip(sorted(HOURS), ("", "rain", "snow", "storm"), strict=True):
        falls = frozenset({weather} - {""})
        view = View(weathered(HOURS[hour], falls), 7, PLACES[kind].horizon, 0.15, weather=falls)
        scenery = PLACES[kind].build(view)
        assert scenery.back[0].image.shape[2] == 3
        pictures.append(scenery.back[0].image)
        clear = PLACES[kind].build(replace(view, palette=HOURS[hour], weather=frozenset()))
        assert len(clear.back) + len(clear.front) <= 8
    assert all(picture.std() > 1 for picture in pictures)


SIZES = cycle(Size)
FRAMES = cycle(((1080, 1920), (720, 1280)))


@pytest.mark.parametrize(("kind", "size", "frame"), list(zip(sorted(PLACES), SIZES, FRAMES, strict=False)))
def test_someone_stands_in_every_place(kind: str, size: Size, frame: tuple[int, int]):
    words = {
        "open": "荒郊", "plain": "", "sea": "海面", "heaven": "天空", "field": "草原", "mountain": "山谷",
        "parted_sea": "海底石路", "eye_chamber": "烛龙眼中", "giant_palm": "夸父掌中",
    }.get(kind, kind.replace("_", " "))  # fmt: skip
    facts = ShotFacts(
        place=words,
        interior="int" if PLACES[kind].indoors else "ext",
        time_of_day="夜",
        size=size.value,
        characters=(GIRL,),
        dialogue=(SpokenLine("女娃", "爹。"),),
    )
    stage = build_stage(facts, *frame, seed=3)
    check(stage)
    assert any(layer.mouth and layer.mouth.speaker == "女娃" for layer in stage.layers) or size in (
        Size.EXTREME_LONG,
        Size.LONG,
    )


@pytest.mark.parametrize("angle", list(Angle))
@pytest.mark.parametrize("size", [Size.FULL, Size.MEDIUM])
def test_every_angle_is_drawn(angle: Angle, size: Size):
    facts = ShotFacts(
        place="断崖", interior="ext", time_of_day="黄昏", size=size, angle=angle, characters=(GIRL, FATHER)
    )
    check(build_stage(facts, 1080, 1920, seed=1))


@pytest.mark.parametrize("thing", sorted(SUBJECTS))
def test_every_object_is_drawn(thing: str):
    from app.backends.animatic.art import beats, reading

    facts = ShotFacts(place="旧画室", interior="int", size="INS", action=TOLD.get(thing, "它。"), characters=(GIRL,))
    read = replace(reading.read_shot(facts), subject=thing)
    view = View(HOURS["day"], 1, 900, 0.2, wide=False)
    layers = beats.insert(read, view, PLACES["studio"].build(view), 4)
    check(Stage(layers))


def test_the_same_facts_and_seed_give_the_same_picture():
    facts = ShotFacts(
        place="海面", interior="ext", time_of_day="黄昏", size="LS", action="女娃独自划桨。", characters=(GIRL,)
    )
    first, second = build_stage(facts, 1080, 1920, 5), build_stage(facts, 1080, 1920, 5)
    assert len(first.layers) == len(second.layers)
    for a, b in zip(first.layers, second.layers, strict=True):
        assert (a.x, a.y, a.depth, a.scale) == (b.x, b.y, b.depth, b.scale)
        assert np.array_equal(a.image, b.image)
    other = build_stage(facts, 1080, 1920, 6)
    assert any(
        a.image.shape != b.image.shape or not np.array_equal(a.image, b.image)
        for a, b in zip(first.layers, other.layers, strict=False)
    )


def test_a_character_wears_the_same_colour_in_two_shots():
    red = []
    for size, place, hour in (("MS", "东海之滨", "日"), ("MCU", "旧画室", "日")):
        facts = ShotFacts(
            place=place, time_of_day=hour, size=size, characters=(GIRL,), dialogue=(SpokenLine("女娃", "爹。"),)
        )
        figure = next(layer for layer in build_stage(facts, 1080, 1920, 2).layers if layer.mouth).image
        solid = figure[figure[..., 3] > 250][:, :3].astype(int)
        red.append(float(((solid[:, 0] > 2 * solid[:, 1]) & (solid[:, 0] > 2 * solid[:, 2])).mean()))
    assert min(red) > 0.3, "a third of her is red cloth"


def test_a_listener_keeps_quiet_and_each_speaker_has_a_mouth():
    facts = ShotFacts(
        place="OFFICE",
        interior="int",
        time_of_day="DAY",
        size="MS",
        characters=(CharacterLook("MARA", "grey coat"), CharacterLook("ADRIAN", "35")),
        dialogue=(SpokenLine("MARA", "Against."), SpokenLine("ADRIAN", "You're dead.")),
    )
    mouths = [layer.mouth for layer in build_stage(facts, 1080, 1920, 1).layers if layer.mouth]
    assert {mouth.speaker for mouth in mouths} == {"MARA", "ADRIAN"}


def test_storms_have_lightning_and_rain_outdoors_only():
    storm = ShotFacts(place="风暴中的海", interior="ext", time_of_day="夜", size="LS", action="暴雨。")
    stage = build_stage(storm, 1080, 1920, 1)
    assert stage.flashes
    assert len(stage.particles) >= 2
    inside = ShotFacts(
        place="LOBBY", interior="int", time_of_day="DAY", size="FS", action="Rain sheets down the glass."
    )
    assert all(field.dy < 100 for field in build_stage(inside, 1080, 1920, 1).particles)


def test_special_beats_are_drawn():
    black = build_stage(ShotFacts(place="海面", size="LS", action="画面全黑。"), 1080, 1920, 1)
    assert black.layers[0].image.max() < 12
    white = build_stage(ShotFacts(place="海面", size="LS", action="画面忽然变得太亮。"), 1080, 1920, 1)
    assert white.layers[0].image.min() > 215
    card = build_stage(ShotFacts(card="三日后", size="LS"), 1080, 1920, 1)
    assert card.layers[0].image.mean() < 60
    eye = ShotFacts(
        place="风暴中的海", interior="ext", time_of_day="夜", size="LS", action="水墙中睁开一只青色的巨眼。"
    )
    check(build_stage(eye, 1080, 1920, 1))


@pytest.mark.parametrize(
    "action",
    [
        "小舟下方，一道巨大的黑影缓缓掠过。",
        "数百支火把围成一圈，圈心是一只竹筏。女娃被反绑在桅杆上。",
    ],
)
def test_from_above_the_water_is_the_ground(action: str):
    facts = ShotFacts(
        place="海面", interior="ext", time_of_day="夜", size="FS", angle="high", action=action, characters=(GIRL,)
    )
    check(build_stage(facts, 1080, 1920, 1))


def test_beings_and_crowds_are_drawn():
    for name in ("夸父", "九尾狐", "刑天", "烛龙", "精卫"):
        facts = ShotFacts(
            place="常羊山口", interior="ext", time_of_day="夜", size="MS", characters=(CharacterLook(name),)
        )
        check(build_stage(facts, 1080, 1920, 1))
    mob = ShotFacts(
        place="东海渔村", interior="ext", time_of_day="夜", size="FS", characters=(CharacterLook("渔民们"),)
    )
    check(build_stage(mob, 1080, 1920, 1))


def test_bad_facts_still_give_a_picture():
    odd = ShotFacts(
        place="<script>alert(1)</script>",
        time_of_day="???",
        size="FS",
        characters=(
            CharacterLook("<script>alert(1)</script>"),
            CharacterLook(""),
            *(CharacterLook(f"X{k}") for k in range(6)),
        ),
        action="。" * 200,
    )
    check(build_stage(odd, 1080, 1920, 2**40))
    check(build_stage(ShotFacts(), 1080, 1920, 0))
    assert Movement.STATIC
