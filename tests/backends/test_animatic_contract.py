"""The part of the contract suite that holds for a backend of this machine, over the animatic."""

from __future__ import annotations

import pytest

from app.backends.animatic import AnimaticBackend
from app.backends.base import CharacterLook, GenRequest, ShotFacts, SpokenLine
from app.backends.capabilities import Task
from app.backends.testing.contract import BackendContract, Subject
from app.core.frames import FrameRate


def request(prompt: str) -> GenRequest:
    facts = ShotFacts(
        episode="1",
        scene="1",
        shot="SH0010",
        place="灯塔",
        characters=(CharacterLook("林夏"),),
        action=prompt[:60],
        dialogue=(SpokenLine("林夏", "你说过会回来的。"),),
    )
    return GenRequest(Task.TEXT, "animatic-1", prompt, 24, FrameRate(24), width=108, height=192, facts=facts)


class TestAnimatic(BackendContract):
    @pytest.fixture
    def subject(self) -> Subject:
        return Subject(make=lambda url: AnimaticBackend(), request=request)
