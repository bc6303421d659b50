"""What the camera shows: layers blend as paint does, move as their depth says, cover the frame, and never jump."""

from __future__ import annotations

import numpy as np
import pytest
from animatic_stages import backdrop, centre, composed, dot, drawn, flat, shot

from app.backends.animatic.camera import MOVES
from app.backends.animatic.layers import Grade, Layer, ParticleField, Stage
from app.backends.base import ShotFacts

MOVEMENTS = ["static", "handheld", *MOVES]


def facts(movement: str, **more: object) -> ShotFacts:
    return ShotFacts(movement=movement, size="LS", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("movement", MOVEMENTS)
@pytest.mark.parametrize("size", [(540, 960), (640, 360), (480, 480)])
def test_the_backdrop_fills_every_frame(movement: str, size: tuple[int, int]) -> None:
    made = shot(facts(movement), Stage([backdrop((200, 200, 200))]), width=size[0], height=size[1])
    for index in (0, 7, 16, 23):
        assert composed(made, index).min() > 150


@pytest.mark.parametrize("movement", MOVEMENTS)
def test_a_layer_moves_smoothly(movement: str) -> None:
    made = shot(facts(movement), Stage([backdrop(), dot(800, 1300, 1.0)]), frames=48)
    places = np.array([centre(composed(made, index)) for index in range(48)])
    jerk = np.abs(np.diff(places, n=3, axis=0))
    assert jerk.max() < 0.7


def travelled(movement: str, depth: float, axis: int) -> float:
    made = shot(facts(movement), Stage([backdrop(), dot(540, 960, depth)]))
    return centre(composed(made, 23))[axis] - centre(composed(made, 0))[axis]


def test_a_track_moves_the_near_more_than_the_far_and_a_tilt_moves_all_alike() -> None:
    near, far = travelled("track", 1.0, 0), travelled("track", 0.3, 0)
    assert near < 3 * far < 0
    near, far = travelled("tilt_up", 1.0, 1), travelled("tilt_up", 0.3, 1)
    assert near > 60
    assert far > 0.8 * near


@pytest.mark.parametrize(
    ("movement", "axis", "sign"),
    [("pan_right", 0, -1), ("pan_left", 0, 1), ("tilt_up", 1, 1), ("tilt_down", 1, -1), ("crane_up", 1, 1)],
)
def test_the_picture_moves_against_the_camera(movement: str, axis: int, sign: int) -> None:
    assert travelled(movement, 1.0, axis) * sign > 40


def test_a_push_brings_things_nearer_and_a_pull_takes_them_away() -> None:
    def spread(movement: str, index: int) -> float:
        made = shot(facts(movement), Stage([backdrop(), dot(240, 960, 1.0), dot(840, 960, 1.0)]))
        columns = np.flatnonzero((composed(made, index) > 140).any(axis=0))
        return float(columns[-1] - columns[0])

    assert spread("push_in", 23) > 1.1 * spread("push_in", 0)
    assert spread("pull_out", 0) > 1.1 * spread("pull_out", 23)


@pytest.mark.parametrize("movement", ["static", "push_in", "pan_right"])
def test_layers_cover_one_another_as_their_alpha_says(movement: str) -> None:
    half = Layer(flat(500, 500, (255, 255, 255, 128)), 540, 960, 0.5)
    ground = Layer(flat(1400, 900, (20, 20, 20, 255)), 540, 1800, 1.0)
    made = shot(facts(movement), Stage([backdrop((0, 0, 0)), half, ground]))
    for index in (0, 12, 23):
        luma = composed(made, index)
        assert luma[20, 270] == pytest.approx(16, abs=1)
        assert luma[480, 270] == pytest.approx(126, abs=2)
        assert luma[940, 270] == pytest.approx(33, abs=1)


def test_a_still_shot_is_the_same_in_every_frame_but_for_its_timecode() -> None:
    made = shot(facts("static"), Stage([backdrop(), dot(500, 700, 1.0)]))
    first, last = composed(made, 0), composed(made, 23)
    assert np.array_equal(first, last)
    assert not np.array_equal(drawn(made, 0)[0], drawn(made, 23)[0])


def test_layers_bob_and_drift() -> None:
    bobbing = shot(facts("static"), Stage([backdrop(), dot(540, 960, 1.0, sway=20.0)]), frames=72)
    heights = [centre(composed(bobbing, index))[1] for index in range(0, 72, 6)]
    assert 8 < max(heights) - min(heights) < 22
    drifting = shot(facts("static"), Stage([backdrop(), dot(300, 960, 1.0, drift=120.0)]), frames=48)
    moved = centre(composed(drifting, 47))[0] - centre(composed(drifting, 0))[0]
    assert moved == pytest.approx(120 * 47 / 24 / 2, rel=0.05)


@pytest.mark.parametrize("movement", ["static", "push_in", "track"])
def test_a_tiling_layer_has_no_end(movement: str) -> None:
    band = Layer(flat(700, 300, (255, 255, 255, 255)), 540, 960, 0.8, drift=-2000.0, tile=True)
    made = shot(facts(movement), Stage([backdrop(), band]), frames=72)
    for index in range(0, 72, 5):
        assert composed(made, index)[480].min() > 230


def test_particles_fall_within_their_rows_and_over_what_is_behind_them() -> None:
    picture = np.zeros((512, 512, 4), np.uint8)
    picture[:40, :, :] = 255
    rain = ParticleField(picture, 0.0, 600.0, depth=1.0, top=0, bottom=900)
    near = Layer(flat(400, 1920, (10, 10, 10, 255)), 200, 960, 1.4)
    made = shot(facts("static"), Stage([backdrop(), near], [rain]))
    first, later = composed(made, 0), composed(made, 6)
    assert first[:440, 400].max() > 200
    assert not np.array_equal(first, later)
    assert first[470:, 400].max() < 100
    assert first[:, 50].max() < 60


def test_lightning_lights_its_moment_only() -> None:
    made = shot(facts("static"), Stage([backdrop()], flashes=(0.5,)))
    light = [float(drawn(made, index)[0][400:500, 200:300].mean()) for index in range(24)]
    assert light[12] > light[11] + 60
    assert light[23] == pytest.approx(light[0], abs=1)


def test_a_grade_and_a_flashback_colour_the_picture() -> None:
    red = Stage([backdrop((200, 40, 40))])
    plain = drawn(shot(facts("static"), red), 0)
    grey = drawn(shot(facts("static"), Stage(red.layers, grade=Grade(saturation=0.0))), 0)
    past = drawn(shot(facts("static", flashback=True), red), 0)
    place = (240, 135)
    assert plain[2][place] > 180
    assert grey[2][place] == pytest.approx(128, abs=1)
    assert 128 < past[2][place] < plain[2][place]


def test_the_frame_is_tagged_colours_of_video_range() -> None:
    white = drawn(shot(facts("static"), Stage([backdrop((255, 255, 255))])), 0)
    black = drawn(shot(facts("static"), Stage([backdrop((0, 0, 0))])), 0)
    assert white[0][480, 270] == pytest.approx(235, abs=1)
    assert black[0].min() >= 15
