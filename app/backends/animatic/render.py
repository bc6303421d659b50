"""Renders an animatic: the drawn stage, moved by the camera, written over, spoken, and encoded."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.backends.animatic import camera, colour, dialogue, overlay, sound
from app.backends.animatic.art import build_stage
from app.backends.animatic.compositor import Compositor
from app.backends.animatic.encode import Encoder
from app.backends.animatic.hud import Hud
from app.backends.animatic.layers import Image, Stage
from app.backends.animatic.mouth import MouthPainter
from app.backends.animatic.order import Order
from app.backends.animatic.particles import Particles
from app.backends.animatic.plates import View, plates
from app.backends.base import ShotFacts
from app.media.speech import Speech

Planes = tuple[Image, Image, Image]
BuildStage = Callable[[ShotFacts, int, int, int], Stage]

SPEECH_TAG = "reelroom_speech"
FLASH_LIGHT = (88, 54, 20, 70, 44, 26, 12, 5)  # luma added to the frames of one stroke of lightning
FLASH_RATE = 24
LONG_FOR_A_CARD = 3.5


@dataclass(frozen=True, slots=True)
class Timing:
    """When one speech is heard, in seconds from the start of the shot; ``line`` counts the shot's dialogue from 0."""

    line: int
    speaker: str
    start: float
    end: float


class Shot:
    """One shot made ready: its plates, overlays and sound; ``frame`` draws any of its frames."""

    def __init__(self, order: Order, speech: Speech, build: BuildStage = build_stage) -> None:
        self.order = order
        facts = order.facts
        self.utterances = dialogue.speak(facts, order.seconds, speech) if order.sound else []
        stage = build(facts, order.width, order.height, order.seed)
        poses = camera.path(facts.movement, facts.size, order.frames, order.fps, order.seed)
        view = View(order.width, order.height, poses, order.seconds)
        to_yuv = colour.matrix(stage.grade, colour.FLASHBACK if facts.flashback else None)
        mouths = MouthPainter(dialogue.mouths(self.utterances, order.frames, order.fps), to_yuv)
        particles = [Particles(field, view, to_yuv) for field in stage.particles]
        self._compositor = Compositor(view, plates(stage.layers, view, to_yuv), particles, mouths)
        self._hud = _hud(order, self._spoken())
        self.flashes = stage.flashes
        self._light = _lightning(stage.flashes, order)

    def _spoken(self) -> list[overlay.Spoken]:
        """Return the words on screen: as heard, or spread over the shot when it is silent."""
        if self.order.sound:
            return [
                overlay.Spoken(said.line.speaker, said.line.text, said.start, said.end + 0.15, said.line.voice)
                for said in self.utterances
            ]
        lines = self.order.facts.dialogue
        weights = np.cumsum([0, *(len(line.text) + 4 for line in lines)]) / max(
            1, sum(len(line.text) + 4 for line in lines)
        )
        times = weights * self.order.seconds
        return [
            overlay.Spoken(line.speaker, line.text, float(times[place]), float(times[place + 1]), line.voice)
            for place, line in enumerate(lines)
        ]

    @property
    def timings(self) -> list[Timing]:
        """When each speech is heard."""
        lines = self.order.facts.dialogue
        places = {id(line): place for place, line in enumerate(lines)}
        return [
            Timing(places[id(said.line)], said.line.speaker, round(said.start, 3), round(said.end, 3))
            for said in self.utterances
        ]

    def frame(self, index: int, target: Planes) -> None:
        """Draw frame ``index`` into ``target``."""
        self._compositor.frame(index, index / self.order.fps)
        picture = self._compositor.canvas.inside
        if light := self._light.get(index):
            np.copyto(picture[0], np.minimum(picture[0].astype(np.uint16) + light, 235), casting="unsafe")
        self._hud.finish(picture, target, index)

    def sound(self) -> NDArray[np.float32] | None:
        """Return the shot's sound, exactly as long as its picture, or None when none was ordered."""
        if not self.order.sound:
            return None
        samples = round(self.order.rate.seconds(self.order.frames) * dialogue.RATE)
        return sound.mix(self.order.facts, self.utterances, self.flashes, samples, self.order.seed)


def render(
    order: Order, path: Path, speech: Speech, tick: Callable[[int], None], build: BuildStage = build_stage
) -> None:
    """Render ``order`` to the MP4 file ``path``.

    ``tick`` is called with the number of frames done, before the first and after each; what it raises stops the work.
    The times of the speeches are written into the file as the metadata ``reelroom_speech`` (JSON).
    Raises ``SpeechError``, ``OSError`` and ``av.FFmpegError``.
    """
    tick(0)
    shot = Shot(order, speech, build)
    timings = [{"line": t.line, "speaker": t.speaker, "start": t.start, "end": t.end} for t in shot.timings]
    metadata = {SPEECH_TAG: json.dumps(timings, ensure_ascii=False)} if timings else {}
    with Encoder(path, order.width, order.height, order.rate, shot.sound(), metadata) as encoder:
        for index in range(order.frames):
            shot.frame(index, encoder.planes())
            encoder.push()
            tick(index + 1)


def _hud(order: Order, spoken: list[overlay.Spoken]) -> Hud:
    """Write everything that lies over the picture."""
    facts = order.facts
    paper = overlay.Paper(order.width, order.height, order.fps, order.frames)
    board = overlay.slate(facts, paper)
    action = overlay.caption(facts, paper)
    title = overlay.card(facts.card, paper, late=bool(facts.action) and order.seconds >= LONG_FOR_A_CARD)
    ceiling = action.y + paper.px(206) if action else round(order.height * overlay.BOTTOM)
    passing = overlay.subtitles(spoken, paper, ceiling)
    fixed = [patch for patch in (board.patch, action) if patch is not None]
    light = overlay.vignette(order.width, order.height, strong=facts.flashback)
    return Hud(light, fixed, [*passing, *([title] if title else [])], board, order.rate)


def _lightning(flashes: tuple[float, ...], order: Order) -> dict[int, int]:
    """Return how much light each lit frame gets."""
    lit: dict[int, int] = {}
    for flash in flashes:
        for index in range(order.frames):
            step = int((index / order.fps - flash) * FLASH_RATE) if index / order.fps >= flash else -1
            if 0 <= step < len(FLASH_LIGHT):
                lit[index] = max(lit.get(index, 0), FLASH_LIGHT[step])
    return lit
