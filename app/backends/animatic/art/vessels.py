"""Boats and rafts, with those who are in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.backends.animatic.art.brush import Point, Ramp, Sheet, marks, paste, turn
from app.backends.animatic.art.colour import hexa, mix, times
from app.backends.animatic.art.figures.figure import Drawn
from app.backends.animatic.art.figures.group import mouth_of
from app.backends.animatic.art.figures.props import flame
from app.backends.animatic.art.reading import Reading
from app.backends.animatic.art.relief import Fold, Relief
from app.backends.animatic.art.scenery import Scenery, View, overlay
from app.backends.animatic.layers import Layer

PLANK = hexa("6f4f36")


def _hull(relief: Relief, wide: float, *, inner: bool, tilt: float) -> None:
    """A skiff seen from the side: the far rim first (``inner``), then the planks before those in it."""
    w = wide

    def put(points: Sequence[Point]) -> list[Point]:
        return turn([(x * w, y * w) for x, y in points], tilt)

    if inner:
        far = put(marks("-0.5 -0.15, -0.3 -0.075, 0 -0.055, 0.3 -0.075, 0.52 -0.17, 0.32 0, -0.3 0"))
        relief.body(far, times(PLANK, 0.4), roundness=w * 0.03, shadow=0.0)
        return
    near = put(
        marks(
            "-0.53 -0.16, -0.32 -0.045, 0 -0.02, 0.32 -0.045, 0.55 -0.18, 0.44 0, 0.3 0.085, 0 0.105, "
            " "
            "-0.3 0.085, -0.43 0"
        )
    )
    strakes = [
        Fold(put([(-0.46, -0.05 + k), (-0.2, 0.015 + k), (0.2, 0.015 + k), (0.48, -0.06 + k)]), w * 0.012, -w * 0.006)
        for k in (0.01, 0.04)
    ]
    relief.body(near, Ramp(PLANK, times(PLANK, 0.55)), folds=strakes, roundness=w * 0.05, gloss=0.05)
    rim = put(marks("-0.53 -0.16, -0.32 -0.048, 0 -0.024, 0.32 -0.048, 0.55 -0.18"))
    relief.band(rim, [w * 0.016, w * 0.022, w * 0.016], times(PLANK, 1.35), shadow=0.2)


def _mast(relief: Relief, wide: float, tilt: float, *, broken: bool) -> None:
    """A mast and furled sail; broken, its top hangs by the shrouds."""
    w = wide

    def put(points: Sequence[Point]) -> list[Point]:
        return turn([(x * w, y * w) for x, y in points], tilt)

    height = 0.34 if broken else 0.95
    relief.limb(
        put([(0.16, 0.0), (0.165, -height / 2), (0.17, -height)]), [w * 0.026, w * 0.022, w * 0.018], times(PLANK, 0.8)
    )
    if broken:
        relief.limb(
            put([(0.17, -0.33), (0.34, -0.2), (0.5, -0.02)]), [w * 0.022, w * 0.018, w * 0.014], times(PLANK, 0.75)
        )
        relief.body(
            put(marks("0.2 -0.3, 0.42 -0.16, 0.5 0.02, 0.36 0.03, 0.26 -0.1")),
            hexa("a09682"),
            roundness=w * 0.03,
        )
    else:
        relief.limb(put([(-0.12, -0.84), (0.17, -0.9), (0.4, -0.84)]), [w * 0.014, w * 0.05, w * 0.014], hexa("a09682"))


def _raft(relief: Relief, wide: float, tilt: float) -> None:
    """Bamboo lashed side by side."""
    w = wide

    def put(points: Sequence[Point]) -> list[Point]:
        return turn([(x * w, y * w) for x, y in points], tilt)

    cane = hexa("8f8450")
    for k in range(6):
        y = -0.055 + k * 0.03
        lean = 0.03 * k
        relief.limb(
            put([(-0.5 - lean, y), (0.5 + lean, y)]),
            [w * 0.034, w * 0.034],
            times(cane, 0.75 + 0.06 * k),
            roundness=w * 0.016,
            shadow=0.2,
        )
    for x in (-0.34, 0.34):
        relief.band(put([(x, -0.075), (x * 1.08, 0.11)]), [w * 0.022, w * 0.022], hexa("4a3a26"), shadow=0.2)


def vessel(
    reading: Reading,
    view: View,
    scenery: Scenery,
    people: Sequence[tuple[Drawn, float, float, str]],
    at: tuple[float, float],
    wide: float,
    tilt: float,
) -> Layer:
    """A boat or raft afloat with its people, each given as (drawn figure, x and unit relative to the boat, name)."""
    raft = "raft" in reading.sights
    x, y = at
    tall = max([wide * 1.1, *((d.floor + 3.2) * unit for d, _, unit, _ in people)])
    sheet = Sheet(x - wide * 0.85, y - tall, wide * 1.7, tall + wide * 0.3, 1.0 if wide < 500 else 0.8)
    light = scenery.light

    def lay(paint: str) -> None:
        relief = Relief(-wide * 0.85, -tall, wide * 1.7, tall + wide * 0.3, sheet.scale)
        if paint == "back":
            _raft(relief, wide, tilt) if raft else _hull(relief, wide, inner=True, tilt=tilt)
            if not raft and ("storm" in reading.weather or "桅" in reading.text):
                _mast(relief, wide, tilt, broken="折断" in reading.text or "storm" in reading.weather)
        elif not raft:
            _hull(relief, wide, inner=False, tilt=tilt)
        if paint == "front" and "embers" in reading.effects:
            for k in (-0.42, -0.3, 0.3, 0.43):
                flame(relief, k * wide, 0.02 * wide, wide * 0.075)
        paste(sheet, relief.lit(light), x, y, 1.0)

    lay("back")
    mouth = None
    for drawn, dx, unit, name in people:
        fx, fy = turn([(dx, -0.01 * wide - drawn.floor * unit)], tilt * 0.5)[0]
        paste(sheet, drawn.sheet, x + fx, y + fy, unit)
        mouth = mouth or (mouth_of(drawn, sheet, name, (x + fx, y + fy), unit) if unit > 20 else None)
    lay("front")
    _wake(view, sheet, x, y, wide, tilt)
    layer = sheet.layer(0.9, sway=9 if "storm" not in reading.weather else 20)
    layer.mouth = mouth
    return layer


def _wake(view: View, sheet: Sheet, x: float, y: float, wide: float, tilt: float) -> None:
    """Broken water and the dark reflection at the waterline."""
    p = view.palette
    dark = times(p.water[2], 0.7)
    line = turn([(-0.44 * wide, 0.075 * wide), (0, 0.115 * wide), (0.44 * wide, 0.075 * wide)], tilt)
    sheet.stroke([(x + a, y + b) for a, b in line], [wide * 0.01, wide * 0.05, wide * 0.01], dark, 0.7, wide * 0.014)
    foam = mix(p.cloud, p.haze, 0.3)
    edge = turn(
        [(-0.47 * wide, 0.06 * wide), (-0.2 * wide, 0.1 * wide), (0.2 * wide, 0.1 * wide), (0.48 * wide, 0.05 * wide)],
        tilt,
    )
    sheet.stroke([(x + a, y + b) for a, b in edge], [2, wide * 0.014, 3, wide * 0.012, 2], foam, 0.55, 2.5)


def gunwale(reading: Reading, view: View, seed: int) -> Layer:
    """The near rim of a boat (or the canes of a raft) before someone seen from the waist up."""
    front = overlay(view, 1420)
    relief = Relief(front.left, front.top, front.w / front.scale, front.h / front.scale, 0.6)
    tilt = -5 if seed % 2 else 5
    if "raft" in reading.sights or "筏" in reading.text:
        for k in range(5):
            y = 1580 + k * 110
            relief.limb(
                turn([(-260, y), (1340, y)], tilt * 0.4, (540, 1600)),
                [96, 96],
                times(hexa("8f8450"), 0.8),
                roundness=46,
                shadow=0.3,
            )
    else:
        rim = turn(marks("-300 1560, 200 1640, 540 1660, 880 1640, 1380 1560"), tilt, (540, 1620))
        body = [*rim, (1380, 2200), (-300, 2200)]
        relief.body(body, Ramp(PLANK, times(PLANK, 0.4)), smooth=False, roundness=30, shadow=0.0)
        relief.band(rim, [44, 52, 44], times(PLANK, 1.3), shadow=0.3)
    lit = relief.lit(replace(view.palette.light))
    return lit.layer(1.12, sway=6)
