"""Clothes over a rig: robes, coats and suits, gowns, uniforms, tunics and armour. Units are half heads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from app.backends.animatic.art.brush import Paint, Point, Ramp, circle, curve
from app.backends.animatic.art.colour import Rgb, dice, mix, times
from app.backends.animatic.art.figures.limbs import bare_leg, foot, hand, trouser_leg
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


def trunk(tailor: Tailor, hem: float, flare: float, slack: float) -> list[Point]:
    """The outline of a garment from the collar over shoulders and waist to its hem."""
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
    return [at(x, y) for x, y in right + left]


def _breeze(tailor: Tailor, points: list[Point], start: float) -> list[Point]:
    """Blow what hangs below ``start`` sideways."""
    span = max(1.0, tailor.rig.floor - start)
    return [(x + tailor.wind * 0.9 * max(0.0, (y - start) / span) ** 1.4 * span * 0.3, y) for x, y in points]


def _hanging_folds(tailor: Tailor, top: float, bottom: float, half: float, count: int) -> list[Fold]:
    """Folds that fall from the waist."""
    rng = dice("folds", tailor.seed, count)
    folds = []
    for k in np.linspace(-0.85, 0.85, count):
        x = float(k) * half
        end = x * 1.5 + float(rng.uniform(-0.15, 0.15))
        line = [tailor.at(x * 0.75, top), tailor.at(x, (top + bottom) / 2), tailor.at(end, bottom)]
        folds.append(Fold(_breeze(tailor, line, top), float(rng.uniform(0.16, 0.42)), float(rng.choice([-0.2, -0.13, 0.15]))))
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
    soft = 0.0 if bare else 0.06
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
        back = (end[0] - (end[0] - elbow[0]) * 0.13, end[1] - (end[1] - elbow[1]) * 0.13)
        relief.limb(
            [back, end],
            [widths[2] * scale * 1.02] * 2,
            cuff,
            gloss=tailor.wear.shine,
            roundness=widths[2] * 0.4 * scale,
            shadow=0.15,
        )


def wide_sleeve(tailor: Tailor, side: int, paint: Paint) -> None:
    """A robe's wide sleeve: it hangs from the forearm, and shows its lining."""
    rig, relief = tailor.rig, tailor.relief
    shoulder, elbow, wrist = rig.shoulders[side], rig.elbows[side], rig.wrists[side]
    scale = rig.build.reach**0.5
    drop = 1.75 * scale
    sign = -1 if side == 0 else 1
    blow = tailor.wind * 0.5
    across = abs(wrist[0] - elbow[0]) > abs(wrist[1] - elbow[1]) * 0.6
    top = (shoulder[0] * 0.5, shoulder[1] - 0.44)
    pit = (shoulder[0] * 0.66, shoulder[1] + 1.15)
    angle = float(np.degrees(np.arctan2(-(wrist[0] - elbow[0]), wrist[1] - elbow[1])))
    if tailor.arms[side]:
        hand(
            relief,
            tailor.wear.gloves or tailor.skin,
            wrist,
            angle,
            0.92 * scale,
            closed=tailor.closed[side],
            flip=side == 1,
        )
    if across:
        hang = (wrist[0] + 0.25 * sign + blow, max(wrist[1], elbow[1]) + drop)
        low = ((elbow[0] + hang[0]) / 2 + sign * 0.16, hang[1] - 0.25)
        outline = [top, (shoulder[0] * 0.84, shoulder[1] - 0.17), (shoulder[0] + sign * 0.14, shoulder[1] + 0.3), (elbow[0] + sign * 0.26, elbow[1] - 0.1), (low[0] + sign * 0.3, low[1]),
                   (hang[0], hang[1]), (wrist[0] - sign * 0.02, wrist[1] - 0.36), (elbow[0] - sign * 0.45, elbow[1] - 0.75), pit]  # fmt: skip
    else:
        hang = (wrist[0] + blow, wrist[1] + 0.3)
        low = ((elbow[0] + hang[0]) / 2, (elbow[1] + hang[1]) / 2)
        length = float(np.hypot(wrist[0] - elbow[0], wrist[1] - elbow[1])) or 1.0
        nx, ny = (wrist[1] - elbow[1]) / length, -(wrist[0] - elbow[0]) / length
        nx, ny = (nx, ny) if nx * sign > 0 else (-nx, -ny)
        end_x, end_y = (
            wrist[0] + (wrist[0] - elbow[0]) / length * 0.16,
            wrist[1] + (wrist[1] - elbow[1]) / length * 0.16,
        )
        outline = [top, (shoulder[0] * 0.84, shoulder[1] - 0.17), (shoulder[0] + sign * 0.12, shoulder[1] + 0.3), (elbow[0] + nx * 0.42, elbow[1] + ny * 0.42),
                   (end_x + nx * 0.62 + blow, end_y + ny * 0.62), (end_x - nx * 0.62 + blow, end_y - ny * 0.62),
                   (elbow[0] - nx * 0.5, elbow[1] - ny * 0.5), pit]  # fmt: skip
    folds = [
        Fold([top, elbow, hang], 0.45, 0.12),
        Fold([pit, ((elbow[0] + hang[0]) / 2, elbow[1]), hang], 0.35, -0.16),
        Fold([(elbow[0], elbow[1] - 0.4), low], 0.3, -0.14),
    ]
    relief.body(outline, paint, folds=folds, gloss=tailor.wear.shine, roundness=0.55 * scale, rumple=0.08, shadow=0.22)
    mouth = curve(
        [(wrist[0] - sign * 0.03, wrist[1] - 0.3), (wrist[0] + blow * 0.4, (wrist[1] + hang[1]) / 2), hang],
        closed=False,
    )
    if across:
        relief.stroke(mouth, [0.1, 0.26, 0.16], times(tailor.wear.trim, 0.75), 0.9, 0.015)


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


def robe(tailor: Tailor) -> None:
    """A long robe with crossed collars, a sash and wide sleeves."""
    rig, relief, wear = tailor.rig, tailor.relief, tailor.wear
    main = Ramp(times(wear.main, 1.06), times(wear.main, 0.8))
    kneeling, bottom = rig.pose.kneeling, rig.pose.floor - (0.05 if rig.pose.kneeling else 0.55)
    for side in (0, 1):
        if not _front(tailor)[side]:
            wide_sleeve(tailor, side, main)
    if not kneeling:
        _shod(tailor)
    outline = _breeze(tailor, trunk(tailor, bottom, 2.6 if kneeling else 1.75, 0.1), 6.0)
    folds = _hanging_folds(tailor, 5.5, bottom, 1.2, 11)
    chest = [Fold([tailor.at(k * 1.3, 2.9), tailor.at(k * 0.7, 4.9)], 0.4, -0.12) for k in (-1, 1)]
    chest += [Fold([tailor.at(k * 1.5, 2.3), tailor.at(k * 1.05, 3.4), tailor.at(k * 0.95, 4.8)], 0.22, 0.07) for k in (-1, 1)]
    chest += [Fold([tailor.at(k * 0.5, 3.8), tailor.at(k * 0.85, 4.8)], 0.2, -0.08) for k in (-1, 1)]
    relief.body(outline, main, folds=[*folds, *chest], gloss=wear.shine, roundness=0.75, rumple=0.09)
    if not tailor.back_view:
        _chest_opening(tailor)
        cross_collar(tailor)
    sash(tailor, wear.trim)
    for side in (0, 1):
        if _front(tailor)[side]:
            wide_sleeve(tailor, side, main)


def _chest_opening(tailor: Tailor) -> None:
    """Skin and under-robe between the collars."""
    at, relief = tailor.at, tailor.relief
    relief.body(
        [at(-0.4, 1.4), at(0.4, 1.4), at(0.24, 2.3), at(0, 2.95), at(-0.24, 2.3)],
        times(tailor.skin, (0.9, 0.82, 0.8)),
        roundness=0.4,
        shadow=0.0,
        steep=0.4,
    )
    relief.tint(relief.region([circle(at(0, 1.35)[0], at(0, 1.35)[1], 0.5, 0.4)], 0.15), times(tailor.skin, 0.45), 0.5)


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
            _breeze(tailor, tail, top), [0.2, 0.3, 0.34], times(colour, 0.9), gloss=tailor.wear.shine, shadow=0.22
        )


def _shod(tailor: Tailor) -> None:
    for side in (0, 1):
        ankle = tailor.rig.ankles[side]
        if tailor.wear.barefoot:
            bare_leg(tailor.relief, tailor.skin, tailor.rig.hips[side], tailor.rig.knees[side], ankle, 0.85)
        else:
            foot(tailor.relief, times(tailor.wear.main, 0.25), ankle)


def _front(tailor: Tailor) -> tuple[bool, bool]:
    first, second = tailor.rig.pose.front
    return (second, first) if tailor.mirrored else (first, second)


def _trousers(tailor: Tailor, colour: Rgb, wide: float = 1.0) -> None:
    rig = tailor.rig
    for side in (0, 1):
        foot(tailor.relief, (0.06, 0.055, 0.055), rig.ankles[side])
        trouser_leg(tailor.relief, colour, rig.hips[side], rig.knees[side], rig.ankles[side], wide)


def _shirt_front(tailor: Tailor, tie: bool) -> None:
    """The shirt, its collar and a tie, in the opening of a jacket."""
    at, relief, wear = tailor.at, tailor.relief, tailor.wear
    shirt = [at(-0.5, 1.42), at(0.5, 1.42), at(0.62, 2.4), at(0.12, 4.9), at(-0.12, 4.9), at(-0.62, 2.4)]
    relief.body(shirt, Ramp(wear.inner, times(wear.inner, 0.8)), smooth=False, roundness=0.5, shadow=0.2)
    if tie:
        relief.body(
            [at(-0.17, 1.75), at(0.17, 1.75), at(0.11, 2.1), at(0.24, 4.3), at(0, 4.9), at(-0.22, 4.3), at(-0.11, 2.1)],
            wear.trim,
            smooth=False,
            roundness=0.14,
            gloss=0.1,
            shadow=0.3,
        )
    else:
        relief.body(
            [at(-0.3, 1.4), at(0.3, 1.4), at(0.03, 2.35), at(-0.03, 2.35)],
            times(tailor.skin, (0.9, 0.82, 0.8)),
            smooth=False,
            roundness=0.4,
            shadow=0.0,
            steep=0.4,
        )
    for side in (-1, 1):
        flap = [
            at(side * 0.42, 1.3),
            at(side * 0.1 if tie else side * 0.3, 1.76),
            at(side * 0.36, 2.26),
            at(side * 0.66, 1.72),
        ]
        relief.body(flap, wear.inner, smooth=False, roundness=0.07, shadow=0.3, steep=0.4)


def _lapels(tailor: Tailor, colour: Paint, low: float, wide: float) -> None:
    at, relief = tailor.at, tailor.relief
    for side in (-1, 1):
        outline = [at(side * 0.44, 1.36), at(side * 0.76, 1.66), at(side * wide, 2.55), at(side * (wide - 0.28), 2.72), at(side * (wide - 0.1), 3.0),
                   at(side * 0.14, low), at(side * 0.02, low), at(side * 0.34, 2.6)]  # fmt: skip
        relief.body(outline, colour, smooth=False, roundness=0.09, gloss=tailor.wear.shine, shadow=0.34, steep=0.4)


def coat(tailor: Tailor) -> None:
    """A long overcoat with lapels over a shirt; trousers below."""
    _jacketed(tailor, hem=10.6, flare=1.75, slack=0.28, tie="tie" in tailor.wear.extras, low=5.2)


def suit(tailor: Tailor) -> None:
    """A jacket with lapels, shirt, perhaps a tie, and trousers."""
    _jacketed(tailor, hem=7.9, flare=1.38, slack=0.12, tie="tie" in tailor.wear.extras, low=4.9)


def _jacketed(tailor: Tailor, hem: float, flare: float, slack: float, tie: bool, low: float) -> None:
    relief, wear = tailor.relief, tailor.wear
    main = Ramp(times(wear.main, 1.05), times(wear.main, 0.82))
    sleeves = (0.98, 0.74, 0.58)
    _trousers(tailor, mix(times(wear.main, 0.55), (0.07, 0.07, 0.08), 0.4))
    for side in (0, 1):
        if not _front(tailor)[side]:
            sleeve(tailor, side, sleeves, main)
    outline = _breeze(tailor, trunk(tailor, hem, flare, slack), 6.5)
    folds = [Fold([tailor.at(k * 1.25, 3.1), tailor.at(k * 0.5, 4.9)], 0.4, -0.1) for k in (-1, 1)]
    folds += _hanging_folds(tailor, 6.2, hem, 1.2, 5) if hem > 9 else []
    relief.body(outline, main, folds=folds, gloss=wear.shine, roundness=0.75, rumple=0.07)
    if not tailor.back_view:
        _shirt_front(tailor, tie)
        _lapels(tailor, Ramp(times(wear.main, 1.12), times(wear.main, 0.9)), low, 1.02 if hem > 9 else 0.9)
        seam = [tailor.at(0.05, low), tailor.at(0.1, (low + hem) / 2), tailor.at(0.16, hem)]
        relief.stroke(_breeze(tailor, seam, 6.5), [0.03, 0.05, 0.08], times(wear.main, 0.35), 0.8, 0.02)
        for y in (low + 0.25, low + 1.05):
            relief.body(circle(*tailor.at(0.2, y), 0.09), times(wear.main, 0.4), roundness=0.06, shadow=0.3, gloss=0.2)
    for side in (0, 1):
        if _front(tailor)[side]:
            sleeve(tailor, side, sleeves, main)


def plain_top(tailor: Tailor) -> None:
    """A uniform or work shirt with a small collar, and trousers."""
    relief, wear = tailor.relief, tailor.wear
    main = Ramp(times(wear.main, 1.05), times(wear.main, 0.85))
    _trousers(tailor, wear.trim)
    for side in (0, 1):
        if not _front(tailor)[side]:
            sleeve(tailor, side, (0.9, 0.72, 0.56), main)
    folds = [Fold([tailor.at(k * 1.25, 3.0), tailor.at(k * 0.5, 5.2)], 0.4, -0.12) for k in (-1, 1)]
    relief.body(trunk(tailor, 7.4, 1.25, 0.14), main, folds=folds, roundness=0.75, gloss=wear.shine, rumple=0.08)
    if not tailor.back_view:
        at = tailor.at
        relief.body(
            [at(-0.34, 1.4), at(0.34, 1.4), at(0, 2.2)],
            times(tailor.skin, (0.88, 0.8, 0.78)),
            smooth=False,
            roundness=0.3,
            shadow=0.0,
        )
        for side_x in (-1, 1):
            flap = [at(side_x * 0.42, 1.3), at(side_x * 0.04, 2.1), at(side_x * 0.42, 2.38), at(side_x * 0.74, 1.72)]
            relief.body(flap, times(wear.main, 1.15), smooth=False, roundness=0.08, shadow=0.4)
        relief.stroke([at(0, 2.2), at(0.03, 7.3)], [0.04, 0.05], times(wear.main, 0.45), 0.7, 0.02)
        if "badge" in wear.extras:
            relief.body(
                [at(0.5, 2.95), at(0.98, 2.95), at(0.98, 3.4), at(0.5, 3.4)],
                (0.85, 0.78, 0.5),
                smooth=False,
                roundness=0.05,
                gloss=0.5,
            )
    for side in (0, 1):
        if _front(tailor)[side]:
            sleeve(tailor, side, (0.9, 0.72, 0.56), main)


def raincoat(tailor: Tailor) -> None:
    """A shiny raincoat with a turned-up collar over a plain shirt."""
    _jacketed(tailor, hem=9.8, flare=1.85, slack=0.34, tie=False, low=3.6)


def tunic(tailor: Tailor) -> None:
    """A short belted tunic with crossed collars and trousers: fishermen, porters, soldiers, boys."""
    relief, wear = tailor.relief, tailor.wear
    main = Ramp(times(wear.main, 1.05), times(wear.main, 0.8))
    if not tailor.rig.pose.kneeling:
        _trousers(tailor, times(wear.main, 0.6), 1.05)
    bottom = 8.7 if not tailor.rig.pose.kneeling else tailor.rig.pose.floor
    for side in (0, 1):
        if not _front(tailor)[side]:
            sleeve(tailor, side, (1.0, 0.8, 0.62), main, cuff=wear.trim)
    folds = _hanging_folds(tailor, 5.4, bottom, 1.15, 6)
    flare = 2.2 if tailor.rig.pose.kneeling else 1.55
    relief.body(
        _breeze(tailor, trunk(tailor, bottom, flare, 0.1), 6.0),
        main,
        folds=folds,
        roundness=0.75,
        gloss=wear.shine,
        rumple=0.18,
    )
    if not tailor.back_view:
        _chest_opening(tailor)
        cross_collar(tailor)
    sash(tailor, times(wear.trim, 0.85), deep=0.5)
    for side in (0, 1):
        if _front(tailor)[side]:
            sleeve(tailor, side, (1.0, 0.8, 0.62), main, cuff=wear.trim)


def gown(tailor: Tailor) -> None:
    """An evening gown: bare shoulders and arms, a fitted bodice, a long skirt that shines."""
    relief, wear, at, build = tailor.relief, tailor.wear, tailor.at, tailor.rig.build
    skin = times(tailor.skin, (0.97, 0.9, 0.88))
    for side in (0, 1):
        if not _front(tailor)[side]:
            sleeve(tailor, side, (0.62, 0.5, 0.34), skin, bare=True)
    relief.body(
        trunk(tailor, 5.2, build.waist, -0.08),
        skin,
        roundness=0.7,
        folds=[Fold([at(-1.2, 2.2), at(0, 2.1)], 0.14, 0.05), Fold([at(1.2, 2.2), at(0, 2.1)], 0.14, 0.05)],
    )
    s, w, h = build.shoulders * 0.8, build.waist, build.hips
    right = [
        (0.02, 3.5),
        (0.5, 3.12),
        (s, 3.0),
        (w * 1.12, 4.0),
        (w * 0.98, 5.2),
        (h * 1.05, 6.9),
        (h * 1.15, 9.5),
        (h * 1.7, 13.9),
    ]
    outline = [at(x, y) for x, y in right + [(-x, y) for x, y in reversed(right)]]
    folds = _hanging_folds(tailor, 6.0, 13.8, 1.0, 9) + [
        Fold([at(k * 0.9, 4.0), at(k * -0.2, 5.4)], 0.24, -0.1) for k in (-1, 1)
    ]
    relief.body(
        _breeze(tailor, outline, 7),
        Ramp(times(wear.main, 1.05), times(wear.main, 0.75)),
        folds=folds,
        roundness=0.6,
        gloss=max(0.25, wear.shine),
    )
    for side in (0, 1):
        if _front(tailor)[side]:
            sleeve(tailor, side, (0.62, 0.5, 0.34), skin, bare=True)
        strap = [at((side * 2 - 1) * 0.66, 3.2), at((side * 2 - 1) * 0.78, 2.4), at((side * 2 - 1) * 0.7, 1.7)]
        relief.band(strap, [0.13, 0.1], wear.main, gloss=0.2, shadow=0.2)


def armour(tailor: Tailor) -> None:
    """Lamellar armour over a tunic: soldiers and gods of war."""
    tunic(tailor)
    at, relief, build = tailor.at, tailor.relief, tailor.rig.build
    metal = mix(tailor.wear.trim, (0.42, 0.4, 0.38), 0.5)
    for row in range(4):
        for column in range(-3, 4):
            x, y = column * 0.4 + (0.2 if row % 2 else 0), 2.6 + row * 0.55
            if abs(x) < build.shoulders * 0.8:
                plate = [at(x - 0.2, y), at(x + 0.2, y), at(x + 0.19, y + 0.5), at(x, y + 0.62), at(x - 0.19, y + 0.5)]
                relief.body(plate, metal, smooth=False, roundness=0.09, gloss=0.35, shadow=0.3)
    for side in (0, 1):
        x, y = tailor.rig.shoulders[side]
        relief.body(circle(x, y + 0.2, 0.62, 0.66), metal, roundness=0.4, gloss=0.4)


CUTS: dict[str, Callable[[Tailor], None]] = {
    "robe": robe,
    "coat": coat,
    "suit": suit,
    "uniform": plain_top,
    "shirt": plain_top,
    "raincoat": raincoat,
    "tunic": tunic,
    "gown": gown,
    "armour": armour,
}
"""The cuts a wardrobe may name."""
