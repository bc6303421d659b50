"""Clothes over a rig: robes, coats and suits, gowns, uniforms, tunics and armour. Units are half heads."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from app.backends.animatic.art.brush import Paint, Point, Ramp, curve
from app.backends.animatic.art.colour import Rgb, dice, mix, times
from app.backends.animatic.art.figures.limbs import hand
from app.backends.animatic.art.figures.rig import Rig
from app.backends.animatic.art.relief import Fold, Relief


@dataclass(frozen=True, slots=True)
class Wardrobe:
    """What a figure wears: the cut, its main colour, what shows beneath, and the trim."""

    cut: str
    main: Rgb
    inner: Rgb
    trim: Rgb
    shine: float = 0.0
    barefoot: bool = False
    headwear: str = ""
    extras: tuple[str, ...] = ()
    gloves: Rgb | None = None


@dataclass(slots=True)
class Tailor:
    """Everything the clothes are cut from."""

    relief: Relief
    rig: Rig
    wear: Wardrobe
    skin: Rgb
    seed: int
    wind: float = 0.0
    back_view: bool = False
    mirrored: bool = False
    closed: tuple[bool, bool] = (False, False)
    arms: tuple[bool, bool] = field(default=(True, True))

    def at(self, x: float, y: float) -> Point:
        """Fit a point of the average trunk to this figure."""
        return self.rig.fit(x, y)


def trunk(tailor: Tailor, hem: float, flare: float, slack: float, neckline: float = 1.42) -> list[Point]:
    """The outline of a garment from the collar over shoulders and waist to its hem, open in front to ``neckline``."""
    build, at = tailor.rig.build, tailor.at
    s, w, h = build.shoulders, build.waist + build.stout * 0.35 + slack, build.hips + build.stout * 0.3 + slack
    right = [
        (0.4, 1.42),
        (s * 0.52, 1.72),
        (s * 0.86, 2.0),
        (s * 1.03, 2.4),
        (s * 1.0, 3.1),
        (max(w * 1.12, s * 0.84), 4.1),
        (w, 5.3),
        (h, 6.9),
    ]
    right += [(h + (flare - h) * t, 6.9 + (hem - 6.9) * t) for t in (0.5, 0.96, 1.0) if hem > 6.9]
    right += [(flare * 0.8, hem + 0.06), (flare * 0.3, hem + 0.1)]
    left = [(-x, y) for x, y in reversed(right)]
    front = [(0.0, neckline)] if neckline > 1.5 and not tailor.back_view else []
    return [at(x, y) for x, y in [*right, *left, *front]]


def breeze(tailor: Tailor, points: list[Point], start: float) -> list[Point]:
    """Blow what hangs below ``start`` sideways."""
    span = max(1.0, tailor.rig.floor - start)
    return [(x + tailor.wind * 0.9 * max(0.0, (y - start) / span) ** 1.4 * span * 0.3, y) for x, y in points]


def hanging_folds(tailor: Tailor, top: float, bottom: float, half: float, count: int) -> list[Fold]:
    """Folds that fall from the waist."""
    rng = dice("folds", tailor.seed, count)
    folds = []
    for k in np.linspace(-0.85, 0.85, count):
        x = float(k) * half
        end = x * 1.5 + float(rng.uniform(-0.15, 0.15))
        line = [tailor.at(x * 0.75, top), tailor.at(x, (top + bottom) / 2), tailor.at(end, bottom)]
        folds.append(
            Fold(breeze(tailor, line, top), float(rng.uniform(0.16, 0.42)), float(rng.choice([-0.2, -0.13, 0.15])))
        )
    return folds


def sleeve(
    tailor: Tailor,
    side: int,
    widths: tuple[float, float, float],
    paint: Paint,
    *,
    cuff: Rgb | None = None,
    bare: bool = False,
) -> None:
    """One sleeve and the hand that comes out of it; ``side`` 0 is the picture's left."""
    rig, relief = tailor.rig, tailor.relief
    shoulder, elbow, wrist = rig.shoulders[side], rig.elbows[side], rig.wrists[side]
    scale = rig.build.reach**0.5
    angle = float(np.degrees(np.arctan2(-(wrist[0] - elbow[0]), wrist[1] - elbow[1])))
    if tailor.arms[side]:
        skin = tailor.wear.gloves or tailor.skin
        hand(relief, skin, wrist, angle, 0.95 * scale, closed=tailor.closed[side], flip=side == 1)
    inset = (shoulder[0] * 0.86, shoulder[1] + 0.28)
    end = (wrist[0] + (wrist[0] - elbow[0]) * 0.05, wrist[1] + (wrist[1] - elbow[1]) * 0.05)
    line = curve([inset, elbow, end], closed=False, steps=8)
    bend = [
        (elbow[0] * 0.9 + inset[0] * 0.1, elbow[1] - 0.35),
        (elbow[0], elbow[1]),
        (elbow[0] * 0.8 + end[0] * 0.2, elbow[1] + 0.3),
    ]
    folds = [] if bare else [Fold(bend, 0.3, -0.16), Fold([inset, (elbow[0], (inset[1] + elbow[1]) / 2)], 0.4, 0.08)]
    shine = 0.04 if bare else tailor.wear.shine
    soft = 0.0 if bare else 0.035
    relief.limb(
        line,
        [w * scale for w in widths],
        paint,
        folds=folds,
        gloss=shine,
        roundness=widths[1] * 0.5 * scale,
        rumple=soft,
    )
    if cuff is not None:
        _cuff(tailor, end, elbow, widths[2] * scale, cuff)


def _cuff(tailor: Tailor, end: Point, elbow: Point, width: float, cuff: Rgb) -> None:
    """A sleeve's turned-back end."""
    relief = tailor.relief
    back = (end[0] - (end[0] - elbow[0]) * 0.13, end[1] - (end[1] - elbow[1]) * 0.13)
    relief.limb(
        [back, end],
        [width * 1.02] * 2,
        cuff,
        gloss=tailor.wear.shine,
        roundness=width * 0.4,
        shadow=0.15,
    )


def wide_sleeve(tailor: Tailor, side: int, paint: Paint) -> None:
    """A robe's wide sleeve: it hangs from the forearm, and shows its lining."""
    rig, relief = tailor.rig, tailor.relief
    elbow, wrist = rig.elbows[side], rig.wrists[side]
    scale = rig.build.reach**0.5
    angle = float(np.degrees(np.arctan2(-(wrist[0] - elbow[0]), wrist[1] - elbow[1])))
    if tailor.arms[side]:
        skin = tailor.wear.gloves or tailor.skin
        hand(relief, skin, wrist, angle, 0.92 * scale, closed=tailor.closed[side], flip=side == 1)
    across = abs(wrist[0] - elbow[0]) > abs(wrist[1] - elbow[1]) * 0.6
    outline, hang, low = _across(tailor, side, scale) if across else _hanging(tailor, side)
    top, pit = outline[0], outline[-1]
    folds = [
        Fold([top, elbow, hang], 0.45, 0.12),
        Fold([pit, ((elbow[0] + hang[0]) / 2, elbow[1]), hang], 0.35, -0.16),
        Fold([(elbow[0], elbow[1] - 0.4), low], 0.3, -0.14),
    ]
    shine = tailor.wear.shine
    relief.body(outline, paint, folds=folds, gloss=shine, roundness=0.55 * scale, rumple=0.045, shadow=0.22)
    if across:
        sign, blow = (-1 if side == 0 else 1), tailor.wind * 0.5
        bend = (wrist[0] + blow * 0.4, (wrist[1] + hang[1]) / 2)
        mouth = curve([(wrist[0] - sign * 0.03, wrist[1] - 0.3), bend, hang], closed=False)
        relief.stroke(mouth, [0.1, 0.26, 0.16], times(tailor.wear.trim, 0.75), 0.9, 0.015)


def _across(tailor: Tailor, side: int, scale: float) -> tuple[list[Point], Point, Point]:
    """A wide sleeve over a bent arm: its outline from the shoulder's top to the armpit, its lowest tip, its hollow."""
    rig, sign, blow = tailor.rig, (-1 if side == 0 else 1), tailor.wind * 0.5
    (sx, sy), (ex, ey), (wx, wy) = rig.shoulders[side], rig.elbows[side], rig.wrists[side]
    hang = (wx + 0.25 * sign + blow, max(wy, ey) + 1.75 * scale)
    low = ((ex + hang[0]) / 2 + sign * 0.16, hang[1] - 0.25)
    shoulder = [(sx * 0.5, sy - 0.44), (sx * 0.84, sy - 0.17), (sx + sign * 0.14, sy + 0.3)]
    outer = [(ex + sign * 0.26, ey - 0.1), (low[0] + sign * 0.3, low[1]), hang]
    inner = [(wx - sign * 0.02, wy - 0.36), (ex - sign * 0.5, ey - 0.7), (sx * 0.66, sy + 1.2), (sx * 0.56, sy + 0.3)]
    return [*shoulder, *outer, *inner], hang, low


def _hanging(tailor: Tailor, side: int) -> tuple[list[Point], Point, Point]:
    """A wide sleeve down a hanging or lifted arm, in the same order."""
    rig, sign, blow = tailor.rig, (-1 if side == 0 else 1), tailor.wind * 0.5
    (sx, sy), (ex, ey), (wx, wy) = rig.shoulders[side], rig.elbows[side], rig.wrists[side]
    lifted = ey < sy - 0.2
    hang = (wx + blow, wy + 0.3) if not lifted else (wx, wy)
    low = ((ex + hang[0]) / 2, (ey + hang[1]) / 2)
    length = float(np.hypot(wx - ex, wy - ey)) or 1.0
    nx, ny = sign * (wy - ey) / length, -sign * (wx - ex) / length
    end_x, end_y = wx + (wx - ex) / length * 0.16 + (0.0 if lifted else blow), wy + (wy - ey) / length * 0.16
    wide = 0.62 if not lifted else 0.5
    shoulder = [(sx * 0.5, sy - 0.44), (sx * 0.84, sy - 0.17)]
    outer = [(ex + nx * 0.42, ey + ny * 0.42), (end_x + nx * wide, end_y + ny * wide)]
    inner = [(end_x - nx * wide, end_y - ny * wide), (ex - nx * 0.5, ey - ny * 0.5)]
    if lifted:
        return [*shoulder, *outer, *inner, (sx + sign * 0.1, sy + 0.9), (sx * 0.62, sy + 1.4)], hang, low
    return [*shoulder, (sx + sign * 0.12, sy + 0.3), *outer, *inner, (sx * 0.62, sy + 1.15)], hang, low


def cross_collar(tailor: Tailor, wrap: float = 5.0) -> None:
    """Crossed collars, the wearer's left over the right, with a pale under-collar."""
    at, relief, wear = tailor.at, tailor.relief, tailor.wear
    for side, over in ((-1, 0), (1, 1)):
        start, end = at(side * 0.33, 1.18), at(-side * (0.3 if over else 0.16), wrap)
        middle = at(side * 0.4, 2.3)
        inner = [
            (start[0] - side * 0.1, start[1]),
            (middle[0] - side * 0.22, middle[1]),
            (end[0] - side * 0.08, end[1]),
        ]
        relief.band(inner, [0.16, 0.26, 0.22], mix(wear.inner, (1, 1, 1), 0.1), shadow=0.22)
        line = [start, middle, end]
        relief.band(line, [0.24, 0.36, 0.36], wear.trim, gloss=wear.shine, shadow=0.3)


def sash(tailor: Tailor, colour: Rgb, top: float = 4.68, deep: float = 0.76) -> None:
    """A sash round the waist, with its ends hanging."""
    build, at, relief = tailor.rig.build, tailor.at, tailor.relief
    w = build.waist + build.stout * 0.35 + 0.11
    band = [
        at(-w * 1.04, top),
        at(0, top + 0.1),
        at(w * 1.04, top),
        at(w, top + deep),
        at(0, top + deep + 0.12),
        at(-w, top + deep),
    ]
    folds = [Fold([at(-w, top + d), at(0, top + d + 0.1), at(w, top + d)], 0.12, -0.07) for d in (0.25, 0.48)]
    relief.body(
        band,
        Ramp(times(colour, 1.05), times(colour, 0.8)),
        folds=folds,
        roundness=0.3,
        gloss=tailor.wear.shine,
        shadow=0.3,
        steep=0.6,
    )
    for x in (-0.06, 0.2):
        tail = [at(x, top + deep), at(x * 2.2, top + deep + 1.3), at(x * 2.6, top + deep + 2.7)]
        relief.band(
            breeze(tailor, tail, top), [0.2, 0.3, 0.34], times(colour, 0.9), gloss=tailor.wear.shine, shadow=0.22
        )


def fronts(tailor: Tailor) -> tuple[bool, bool]:
    first, second = tailor.rig.pose.front
    return (second, first) if tailor.mirrored else (first, second)
