"""The cuts a wardrobe may have: robes, coats and suits, gowns, uniforms, tunics and armour. Units are half heads."""

from __future__ import annotations

from collections.abc import Callable

from app.backends.animatic.art.brush import Paint, Ramp, circle
from app.backends.animatic.art.colour import Rgb, mix, times
from app.backends.animatic.art.figures.clothes import (
    Tailor,
    breeze,
    cross_collar,
    fronts,
    hanging_folds,
    sash,
    sleeve,
    trunk,
    wide_sleeve,
)
from app.backends.animatic.art.figures.limbs import bare_leg, foot, trouser_leg
from app.backends.animatic.art.relief import Fold


def robe(tailor: Tailor) -> None:
    """A long robe with crossed collars, a sash and wide sleeves."""
    rig, relief, wear = tailor.rig, tailor.relief, tailor.wear
    main = Ramp(times(wear.main, 1.06), times(wear.main, 0.8))
    kneeling, bottom = rig.pose.kneeling, rig.pose.floor - (0.05 if rig.pose.kneeling else 0.55)
    for side in (0, 1):
        if not fronts(tailor)[side]:
            wide_sleeve(tailor, side, main)
    if not kneeling:
        _shod(tailor)
    outline = breeze(tailor, trunk(tailor, bottom, 2.6 if kneeling else 1.75, 0.1, 3.0), 6.0)
    folds = hanging_folds(tailor, 5.5, bottom, 1.2, 11)
    chest = [Fold([tailor.at(k * 1.3, 2.9), tailor.at(k * 0.7, 4.9)], 0.4, -0.12) for k in (-1, 1)]
    chest += [
        Fold([tailor.at(k * 1.5, 2.3), tailor.at(k * 1.05, 3.4), tailor.at(k * 0.95, 4.8)], 0.22, 0.07) for k in (-1, 1)
    ]
    chest += [Fold([tailor.at(k * 0.5, 3.8), tailor.at(k * 0.85, 4.8)], 0.2, -0.08) for k in (-1, 1)]
    relief.body(outline, main, folds=[*folds, *chest], gloss=wear.shine, roundness=0.75, rumple=0.045)
    if not tailor.back_view:
        cross_collar(tailor)
    sash(tailor, wear.trim)
    if abs(tailor.wind) > 0.5:
        _streamers(tailor)
    for side in (0, 1):
        if fronts(tailor)[side]:
            wide_sleeve(tailor, side, main)


def _streamers(tailor: Tailor) -> None:
    """The sash's long ends and a lap of the robe, torn straight out by the wind."""
    s, at = (1 if tailor.wind > 0 else -1), tailor.at
    long = abs(tailor.wind)
    lap = [
        at(s * 0.7, 7.0),
        at(s * 2.2, 8.2),
        at(s * (3.0 + long), 8.0),
        at(s * (4.4 + long), 8.6),
        at(s * (3.4 + long), 9.8),
        at(s * 2.0, 11.2),
        at(s * 1.1, 11.6),
    ]
    folds = [
        Fold([at(s * 0.9, 8.0 + k), at(s * 2.4, 8.8 + k * 0.7), at(s * 4.0, 8.6 + k * 0.4)], 0.3, -0.14)
        for k in (0.0, 0.9, 1.8)
    ]
    tailor.relief.body(
        lap,
        Ramp(times(tailor.wear.main, 1.04), times(tailor.wear.main, 0.78)),
        folds=folds,
        roundness=0.5,
        gloss=tailor.wear.shine,
        shadow=0.2,
    )
    for k, rise in enumerate((0.0, 0.55)):
        end = [
            at(s * 0.9, 5.2),
            at(s * 2.0, 5.1 + rise),
            at(s * 3.2, 5.7 + rise * 1.6),
            at(s * (4.6 + long), 5.2 + rise * 2),
        ]
        tailor.relief.band(
            end, [0.3, 0.34, 0.36, 0.2], times(tailor.wear.trim, 0.9 + 0.1 * k), gloss=tailor.wear.shine, shadow=0.2
        )


def _shod(tailor: Tailor) -> None:
    for side in (0, 1):
        x, y = tailor.rig.ankles[side]
        ankle = (max(-1.25, min(1.25, x)), y)
        if tailor.wear.barefoot:
            bare_leg(tailor.relief, tailor.skin, tailor.rig.hips[side], tailor.rig.knees[side], ankle, 0.85)
        else:
            foot(tailor.relief, times(tailor.wear.main, 0.25), ankle)


def _trousers(tailor: Tailor, colour: Rgb, wide: float = 1.0) -> None:
    rig = tailor.rig
    for side in (0, 1):
        foot(tailor.relief, (0.06, 0.055, 0.055), rig.ankles[side])
        trouser_leg(tailor.relief, colour, rig.hips[side], rig.knees[side], rig.ankles[side], wide)


def _shirt_front(tailor: Tailor, tie: bool) -> None:
    """The shirt, its collar and a tie, in the opening of a jacket."""
    at, relief, wear = tailor.at, tailor.relief, tailor.wear
    notch = at(0, 1.8 if tie else 2.4)
    upper = [at(-0.62, 2.4), at(-0.5, 1.25), at(-0.32, 1.4), notch, at(0.32, 1.4), at(0.5, 1.25), at(0.62, 2.4)]
    shirt = [*upper, at(0.12, 4.9), at(-0.12, 4.9)]
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
        outline = [
            at(side * 0.44, 1.36),
            at(side * 0.76, 1.66),
            at(side * wide, 2.55),
            at(side * (wide - 0.28), 2.72),
            at(side * (wide - 0.1), 3.0),
            at(side * 0.14, low),
            at(side * 0.02, low),
            at(side * 0.34, 2.6),
        ]
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
        if not fronts(tailor)[side]:
            sleeve(tailor, side, sleeves, main)
    outline = breeze(tailor, trunk(tailor, hem, flare, slack, 2.9), 6.5)
    folds = [Fold([tailor.at(k * 1.25, 3.1), tailor.at(k * 0.5, 4.9)], 0.4, -0.1) for k in (-1, 1)]
    folds += hanging_folds(tailor, 6.2, hem, 1.2, 5) if hem > 9 else []
    relief.body(outline, main, folds=folds, gloss=wear.shine, roundness=0.75, rumple=0.04)
    if not tailor.back_view:
        _shirt_front(tailor, tie)
        _lapels(tailor, Ramp(times(wear.main, 1.12), times(wear.main, 0.9)), low, 1.02 if hem > 9 else 0.9)
        seam = [tailor.at(0.05, low), tailor.at(0.1, (low + hem) / 2), tailor.at(0.16, hem)]
        relief.stroke(breeze(tailor, seam, 6.5), [0.03, 0.05, 0.08], times(wear.main, 0.35), 0.8, 0.02)
        for y in (low + 0.25, low + 1.05):
            relief.body(circle(*tailor.at(0.2, y), 0.09), times(wear.main, 0.4), roundness=0.06, shadow=0.3, gloss=0.2)
    for side in (0, 1):
        if fronts(tailor)[side]:
            sleeve(tailor, side, sleeves, main)


def plain_top(tailor: Tailor) -> None:
    """A uniform or work shirt with a small collar, and trousers."""
    relief, wear = tailor.relief, tailor.wear
    main = Ramp(times(wear.main, 1.05), times(wear.main, 0.85))
    _trousers(tailor, wear.trim)
    for side in (0, 1):
        if not fronts(tailor)[side]:
            sleeve(tailor, side, (0.9, 0.72, 0.56), main)
    folds = [Fold([tailor.at(k * 1.25, 3.0), tailor.at(k * 0.5, 5.2)], 0.4, -0.12) for k in (-1, 1)]
    relief.body(trunk(tailor, 7.4, 1.25, 0.14, 2.2), main, folds=folds, roundness=0.75, gloss=wear.shine, rumple=0.04)
    if not tailor.back_view:
        at = tailor.at
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
        if fronts(tailor)[side]:
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
        if not fronts(tailor)[side]:
            sleeve(tailor, side, (1.0, 0.8, 0.62), main, cuff=wear.trim)
    folds = hanging_folds(tailor, 5.4, bottom, 1.15, 6)
    flare = 2.2 if tailor.rig.pose.kneeling else 1.55
    relief.body(
        breeze(tailor, trunk(tailor, bottom, flare, 0.1, 3.0), 6.0),
        main,
        folds=folds,
        roundness=0.75,
        gloss=wear.shine,
        rumple=0.18,
    )
    if not tailor.back_view:
        cross_collar(tailor)
    sash(tailor, times(wear.trim, 0.85), deep=0.5)
    for side in (0, 1):
        if fronts(tailor)[side]:
            sleeve(tailor, side, (1.0, 0.8, 0.62), main, cuff=wear.trim)


def gown(tailor: Tailor) -> None:
    """An evening gown: bare shoulders and arms, a fitted bodice, a long skirt that shines."""
    relief, wear, at, build = tailor.relief, tailor.wear, tailor.at, tailor.rig.build
    skin = times(tailor.skin, (0.97, 0.9, 0.88))
    for side in (0, 1):
        if not fronts(tailor)[side]:
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
    folds = hanging_folds(tailor, 6.0, 13.8, 1.0, 9) + [
        Fold([at(k * 0.9, 4.0), at(k * -0.2, 5.4)], 0.24, -0.1) for k in (-1, 1)
    ]
    relief.body(
        breeze(tailor, outline, 7),
        Ramp(times(wear.main, 1.05), times(wear.main, 0.75)),
        folds=folds,
        roundness=0.6,
        gloss=max(0.25, wear.shine),
    )
    for side in (0, 1):
        if fronts(tailor)[side]:
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
