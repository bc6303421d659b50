"""What a model makes of a shot it cannot make exactly, and what the catalogue accepts as a row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.backends.base import Asset, GenRequest
from app.backends.capabilities import Frame, ModelCaps, Task
from app.backends.catalogue import read_row, shipped
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.fit import check_request, fit_duration, fit_frame
from app.core import clock
from app.core.frames import FrameRate

LISTED = ModelCaps("m", frozenset({Task.TEXT}), durations=(4, 8, 12), frames=(Frame(720, 1280), Frame(1280, 720)))
RANGED = ModelCaps("m", frozenset({Task.TEXT}), duration_range=(1, 5), duration_step=1, any_frame=True)
WISH = GenRequest(Task.TEXT, "m", "A lighthouse.", 48, FrameRate(24), 1080, 1920)
ROW: dict[str, Any] = {"model": "m", "tasks": ["t2v"], "durations": [4, 8], "frames": ["720x1280"]}


@pytest.mark.parametrize(("asked", "made"), [(0.5, 4), (4, 4), (4.04, 8), (8.0000001, 8), (11, 12), (60, 12)])
def test_the_shortest_length_that_covers_the_shot_is_taken(asked: float, made: float) -> None:
    assert fit_duration(LISTED, asked) == made


@pytest.mark.parametrize(("asked", "made"), [(0.2, 1), (2, 2), (2.04, 3), (4.99, 5), (60, 5)])
def test_a_grid_of_lengths_is_kept(asked: float, made: float) -> None:
    assert fit_duration(RANGED, asked) == made
    assert fit_duration(replace(RANGED, duration_step=0.0), 2.04) == 2.04


@given(st.floats(min_value=0.04, max_value=600))
def test_a_length_is_always_one_the_model_offers(seconds: float) -> None:
    assert fit_duration(LISTED, seconds) in LISTED.durations
    made = fit_duration(RANGED, seconds)
    assert 1 <= made <= 5
    assert made == int(made)


@pytest.mark.parametrize(
    ("asked", "made"), [((1080, 1920), (720, 1280)), ((1920, 1080), (1280, 720)), ((1000, 1000), (720, 1280))]
)
def test_the_size_nearest_in_shape_is_taken(asked: tuple[int, int], made: tuple[int, int]) -> None:
    assert fit_frame(LISTED, *asked) == Frame(*made)
    assert fit_frame(RANGED, *asked) == Frame(*asked)


def test_among_sizes_of_one_shape_the_nearest_in_area_is_taken() -> None:
    caps = replace(LISTED, frames=(Frame(360, 640), Frame(720, 1280), Frame(1080, 1920)))
    assert fit_frame(caps, 1080, 1920) == Frame(1080, 1920)
    assert fit_frame(caps, 540, 960) in {Frame(360, 640), Frame(720, 1280)}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"task": Task.EXTEND}, "task"),
        ({"duration_frames": 0}, "duration_frames"),
        ({"width": 0}, "size"),
        ({"prompt": " \n"}, "prompt"),
        ({"prompt": "x" * 2001}, "prompt"),
        ({"prompt": "bell\x07"}, "prompt"),
        ({"negative": "\x00"}, "negative"),
    ],
)
def test_what_cannot_be_served_names_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BackendError) as caught:
        check_request(LISTED, replace(WISH, **changes))
    assert (caught.value.kind, caught.value.field, caught.value.charged) == (Kind.INVALID, field, False)


def test_a_prompt_of_many_lines_in_any_language_is_served() -> None:
    check_request(LISTED, replace(WISH, prompt="雨夜。\n\t灯塔 🌧️\nنور"))


def test_inputs_are_counted_and_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "one"
    path.write_bytes(b"x")
    caps = replace(LISTED, tasks=frozenset({Task.TEXT, Task.REFERENCES, Task.AUDIO}), max_images=1, max_voices=1)
    image = Asset("reference", "0", "image/png", path)
    voice = Asset("voice", "0", "audio/wav", path)
    check_request(caps, replace(WISH, task=Task.REFERENCES, assets=(image,)))
    check_request(caps, replace(WISH, task=Task.AUDIO, assets=(voice,)))
    for task, assets, fault in (
        (Task.REFERENCES, (), Fault.UNKNOWN),
        (Task.REFERENCES, (image, image), Fault.UNKNOWN),
        (Task.TEXT, (replace(image, role="first"),), Fault.UNKNOWN),
        (Task.REFERENCES, (replace(image, mime="text/html"),), Fault.IMAGE),
        (Task.AUDIO, (replace(voice, mime="video/mp4"),), Fault.AUDIO),
        (Task.AUDIO, (replace(voice, path=tmp_path / "gone"),), Fault.AUDIO),
    ):
        with pytest.raises(BackendError) as caught:
            check_request(caps, replace(WISH, task=task, assets=assets))
        assert (caught.value.kind, caught.value.field, caught.value.fault) == (Kind.INVALID, "assets", fault)


def test_a_model_is_served_until_the_day_it_is_withdrawn() -> None:
    day = clock.now().date()
    check_request(replace(LISTED, retires_on=day + timedelta(days=1)), WISH)
    with pytest.raises(BackendError) as caught:
        check_request(replace(LISTED, retires_on=day), WISH)
    assert caught.value.model_gone


def test_every_shipped_row_is_sound() -> None:
    for row in shipped():
        values = {key: value for key, value in row.items() if key not in {"kind", "profiles", "template"}}
        assert read_row(values, "catalogue.toml").caps.model == row["model"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tasks": ["t2x"]}, "tasks"),
        ({"tasks": []}, "task"),
        ({"model": " "}, "name"),
        ({"durations": []}, "durations"),
        ({"duration_range": [1, 2]}, "durations"),
        ({"durations": [0]}, "durations"),
        ({"frames": ["720:1280"]}, "WIDTHxHEIGHT"),
        ({"frames": []}, "frames"),
        ({"frames": ["1x1"]}, "16"),
        ({"colour": "red"}, "colour"),
        ({"price": {"currency": "USD", "per_second": 0.1}}, "price"),
        ({"price": {"currency": "USD", "per_second": "NaN"}}, "price"),
        ({"price": {"currency": "USD", "per_second": "-1"}}, "price"),
        ({"price": {"currency": "dollars", "per_second": "1"}}, "currency"),
        ({"max_images": -1}, "less than zero"),
        ({"poll_min_s": 0}, "more than zero"),
        ({"retires_on": "soon"}, "retires_on"),
    ],
)
def test_a_row_with_nonsense_says_where(changes: dict[str, Any], words: str) -> None:
    read_row(ROW, "here")
    with pytest.raises(ConfigError, match=words) as caught:
        read_row(ROW | changes, "here")
    assert str(caught.value).startswith("here: model ")
