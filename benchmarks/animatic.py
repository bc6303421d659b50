"""What an animatic costs, beside what its encoder alone costs.

Two shots of 6 s at 1080×1920, 24 fps, with two figures, slate, running timecode, caption, subtitles, voices and sound:
one pushed in (every layer resized in every frame), one panned. The rival is the same encoder (libx264 veryfast crf 23)
fed the very same frames, made beforehand. The two take turns, half a second of film each, so that a busy machine slows
both. Figures are CPU-seconds, user and system, of this process and its children.

``dolly`` and ``pan`` are frames per CPU-second of the animatic over those of the encoder alone: cutting and merging the
drawn layers, writing the overlays, speaking, mixing, composing, encoding picture and sound. ``…_from_nothing`` count
drawing the layers too (``…_art_cpu_s``), which is done once for a shot however long it is.
"""

from __future__ import annotations

import argparse
import json as json_module
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from app.backends.animatic.art import build_stage
from app.backends.animatic.encode import Encoder
from app.backends.animatic.layers import Image, Stage
from app.backends.animatic.order import Order
from app.backends.animatic.render import Shot
from app.backends.base import CharacterLook, ShotFacts, SpokenLine
from app.core.frames import FrameRate
from app.media.speech import EspeakSpeech

SECONDS, RATE, WIDTH, HEIGHT, CHUNK = 6, FrameRate(24), 1080, 1920, 12
MUST_SHOW = {"dolly": 0.40, "pan": 0.65}
Planes = tuple[Image, Image, Image]


@dataclass(slots=True)
class Spent:
    """CPU-seconds by what they were spent on."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def on(self, what: str) -> Iterator[None]:
        """Count what the block uses."""
        before = _cpu()
        yield
        self.seconds[what] = self.seconds.get(what, 0.0) + _cpu() - before


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def facts(movement: str) -> ShotFacts:
    """Return the shot that is filmed: a talk by the sea."""
    return ShotFacts(
        project="精卫",
        language="zh",
        episode="1",
        scene="1-1",
        shot="SH0040",
        interior="ext",
        place="东海之滨",
        time_of_day="日",
        size="MS",
        movement=movement,
        characters=(CharacterLook("女娃", "十二岁的女孩", "红衣"), CharacterLook("炎帝", "", "黑袍")),
        action="海浪拍在黑色的礁石上。女娃仰头望着立在身后的炎帝，红衣被风扯得笔直。",
        dialogue=(SpokenLine("女娃", "爹，海的那一边有什么？", "仰头"), SpokenLine("炎帝", "有回不来的人。", "沉声")),
    )


def measure(movement: str, folder: Path) -> Spent:
    """Film one shot twice, side by side: from nothing, and from frames made beforehand."""
    order = Order(facts(movement), WIDTH, HEIGHT, RATE.frames(SECONDS), RATE, seed=7)
    spent, speech, art = Spent(), EspeakSpeech(), Spent()

    def build(shot: ShotFacts, width: int, height: int, seed: int) -> Stage:
        with art.on("art"):
            return build_stage(shot, width, height, seed)

    with spent.on("animatic"):
        shot = Shot(order, speech, build)
        sound = shot.sound()
        speech.close()
    ours = Encoder(folder / "ours.mp4", WIDTH, HEIGHT, RATE, sound)
    theirs = Encoder(folder / "theirs.mp4", WIDTH, HEIGHT, RATE)
    with ours, theirs:
        for first in range(0, order.frames, CHUNK):
            numbers = range(first, min(order.frames, first + CHUNK))
            made = [_made(shot, index) for index in numbers]
            with spent.on("animatic"):
                for index in numbers:
                    shot.frame(index, ours.planes())
                    ours.push()
            with spent.on("encoder"):
                _encode(theirs, made)
    return Spent(spent.seconds | art.seconds)


def _made(shot: Shot, index: int) -> Planes:
    planes = tuple(np.empty((HEIGHT >> half, WIDTH >> half), np.uint8) for half in (0, 1, 1))
    assert len(planes) == 3
    shot.frame(index, planes)
    return planes


def _encode(encoder: Encoder, frames: list[Planes]) -> None:
    for frame in frames:
        for target, plane in zip(encoder.planes(), frame, strict=True):
            np.copyto(target, plane)
        encoder.push()


def _figures() -> dict[str, float]:
    frames = RATE.frames(SECONDS)
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as scratch:
        measure("static", Path(scratch))  # what a process loads and draws once is not counted
        for name, movement in (("dolly", "push_in"), ("pan", "pan_right")):
            seconds = measure(movement, Path(scratch)).seconds
            drawn = seconds["animatic"] - seconds["art"]
            figures[name] = round(seconds["encoder"] / drawn, 3)
            figures[f"{name}_from_nothing"] = round(seconds["encoder"] / seconds["animatic"], 3)
            figures[f"{name}_frames_per_cpu_s"] = round(frames / drawn, 1)
            figures[f"{name}_encoder_frames_per_cpu_s"] = round(frames / seconds["encoder"], 1)
            figures[f"{name}_art_cpu_s"] = round(seconds["art"], 2)
    return figures


def main(json: bool) -> dict[str, float]:
    """Run the benchmark, print its figures (as JSON when asked) and return them."""
    figures = _figures()
    if json:
        print(json_module.dumps(figures, indent=2))
    else:
        for name, figure in figures.items():
            least = f"  (at least {MUST_SHOW[name]})" if name in MUST_SHOW else ""
            print(f"{name:34} {figure:8}{least}")
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    main(parser.parse_args().json)
