"""A result that is not what was ordered is no take; what models do within reason is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.backends.base import GenRequest
from app.backends.capabilities import Frame, ModelCaps, Task
from app.core.errors import Invalid
from app.core.frames import FrameRate
from app.jobs import shape
from app.takes.schemas import Intake

REQUEST = GenRequest(Task.TEXT, "m", "A stone.", duration_frames=120, rate=FrameRate(24), width=1080, height=1920)
CAPS = ModelCaps("m", frozenset(Task), durations=(5, 10), frames=(Frame(720, 1280),))


def came(width: int = 720, height: int = 1280, seconds: float = 5.0) -> Intake:
    frames = round(seconds * 24)
    return Intake("", "", "video/mp4", 1, width, height, FrameRate(24), frames, True, None, None, None, 0, None)


@pytest.mark.parametrize(
    "good", [came(), came(716, 1284), came(704, 1280), came(1080, 1920), came(seconds=4.6), came(seconds=7)]
)
def test_what_models_do_within_reason_is_taken(good: Intake) -> None:
    shape.check(REQUEST, CAPS, good)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (came(1280, 720), "It is 1280x720, and 720x1280 was ordered."),
        (came(720, 720), "It is 720x720, and 720x1280 was ordered."),
        (came(270, 480), "It is 270x480, and 720x1280 was ordered."),
        (came(seconds=2), "It is 2.0 s long, and 5 s were ordered."),
        (came(seconds=20), "It is 20.0 s long, and 5 s were ordered."),
    ],
)
def test_what_was_not_ordered_is_told(wrong: Intake, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        shape.check(REQUEST, CAPS, wrong)
    assert refused.value.message == words


@pytest.mark.parametrize("task", [Task.PERFORMANCE, Task.AUDIO, Task.EXTEND])
def test_what_follows_a_clip_is_as_long_as_the_clip(task: Task) -> None:
    shape.check(replace(REQUEST, task=task), CAPS, came(seconds=20))
    with pytest.raises(Invalid):
        shape.check(replace(REQUEST, task=task), CAPS, came(1280, 720))
