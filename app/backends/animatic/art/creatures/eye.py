"""The great eye of the deep: lids like wet stone, an iris of light, a slit."""

from __future__ import annotations

import numpy as np

from app.backends.animatic.art.brush import Points, Region, Sheet, circle, curve, ribbon, within
from app.backends.animatic.art.colour import Rgb, mix, times

CYAN: Rgb = (0.22, 0.86, 0.74)


def lids(x: float, y: float, half: float, open_to: float, squash: float = 1.0) -> tuple[Points, Points]:
    """The upper and lower lid from the left corner to the right."""
    up, low = half * 0.62 * open_to * squash, half * 0.5 * open_to * squash
    upper = [
        (x - half, y + half * 0.05 * squash),
        (x - half * 0.62, y - up * 0.66),
        (x - half * 0.1, y - up),
        (x + half * 0.45, y - up * 0.84),
        (x + half * 0.86, y - up * 0.26),
        (x + half, y),
    ]
    lower = [
        (x - half, y + half * 0.05 * squash),
        (x - half * 0.6, y + low * 0.72),
        (x, y + low),
        (x + half * 0.55, y + low * 0.7),
        (x + half, y),
    ]
    return curve(upper, closed=False), curve(lower, closed=False)


def eye_sheet(
    sheet: Sheet, x: float, y: float, half: float, *, open_to: float = 1.0, squash: float = 1.0, colour: Rgb = CYAN
) -> None:
    """Paint the eye, ``half`` pixels from centre to corner, opened from 0 to 1; ``squash`` flattens it on the water."""
    upper, lower = lids(x, y, half, open_to, squash)
    outline = [*upper, *reversed(lower)]
    socket = sheet.region(
        [
            curve(
                [
                    (x - half * 1.35, y),
                    (x - half * 0.6, y - half * 0.85 * squash),
                    (x + half * 0.6, y - half * 0.8 * squash),
                    (x + half * 1.35, y),
                    (x + half * 0.5, y + half * 0.75 * squash),
                    (x - half * 0.5, y + half * 0.78 * squash),
                ]
            )
        ],
        half * 0.16,
    )
    sheet.paint(socket, times(colour, (0.1, 0.17, 0.17)), 0.72)
    opening = sheet.region([outline], half * 0.006)
    sheet.paint(opening, times(colour, (0.06, 0.16, 0.17)))
    _iris(sheet, opening, x, y, half * 0.46, squash, colour)
    shade = sheet.region(
        [ribbon([(px, py + half * 0.07 * squash) for px, py in upper], [half * 0.06, half * 0.2, half * 0.1])],
        half * 0.06,
    )
    sheet.paint(within(shade, opening), (0.0, 0.02, 0.025), 0.75)
    sheet.shape(
        ribbon(upper, [half * 0.02, half * 0.075, half * 0.06, half * 0.015]),
        times(colour, (0.04, 0.08, 0.085)),
        0.98,
        half * 0.012,
    )
    sheet.shape(
        ribbon(lower, [half * 0.01, half * 0.035, half * 0.02]), mix(colour, (0.6, 1.0, 0.95), 0.3), 0.5, half * 0.012
    )
    _folds(sheet, upper, x, half, squash, colour)


def _folds(sheet: Sheet, upper: Points, x: float, half: float, squash: float, colour: Rgb) -> None:
    """The folds of the lid above the eye."""
    for k, lift in enumerate((0.16, 0.3, 0.46)):
        fold = [(px, py - half * lift * squash * (1 - ((px - x) / half) ** 2 * 0.55)) for px, py in upper]
        sheet.shape(
            ribbon(fold, [0.0, half * 0.03, half * 0.02, 0.0]),
            times(colour, (0.3, 0.42, 0.42)),
            0.42 - 0.1 * k,
            half * 0.016,
        )
        sheet.shape(
            ribbon([(px, py + half * 0.035) for px, py in fold], [0.0, half * 0.03, half * 0.02, 0.0]),
            (0, 0.02, 0.02),
            0.5 - 0.1 * k,
            half * 0.016,
        )


def _iris(sheet: Sheet, opening: Region | None, x: float, y: float, radius: float, squash: float, colour: Rgb) -> None:
    """Fibres of light round a standing slit."""
    disc = within(sheet.region([circle(x, y, radius, radius * max(squash, 0.5))], radius * 0.02), opening)
    if disc is None:
        return
    xs = sheet.xs()[disc.x0 : disc.x1][None, :] - x
    ys = (sheet.ys()[disc.y0 : disc.y1][:, None] - y) / max(squash, 0.5)
    r = np.hypot(xs, ys) / radius
    a = np.arctan2(ys, xs)
    fibres = 0.55 + 0.26 * np.sin(a * 37 + 2.2 * np.sin(a * 5) + r * 4) + 0.2 * np.sin(a * 71 + 3 * np.sin(a * 9 + 1))
    level = np.clip(fibres * (1.35 - 0.75 * r**1.6) * np.clip((1.02 - r) * 7, 0, 1) ** 0.5, 0.03, 1.6)
    inner = np.exp(-((r / 0.42) ** 2))[..., None]
    ink = (
        level[..., None] * np.asarray(colour, np.float32) * (1 - inner * 0.2)
        + inner * np.asarray(mix(colour, (0.8, 1.0, 0.6), 0.5), np.float32) * 0.5
    )
    sheet.paint(disc, ink.astype(np.float32))
    slit = [
        (x, y - radius * 0.86 * squash),
        (x + radius * 0.17, y),
        (x, y + radius * 0.86 * squash),
        (x - radius * 0.17, y),
    ]
    sheet.paint(within(sheet.region([curve(slit)], radius * 0.02), opening), (0.0, 0.012, 0.015))
    glint = circle(x - radius * 0.36, y - radius * 0.42 * squash, radius * 0.11, radius * 0.13 * squash, -20)
    sheet.paint(within(sheet.region([glint], radius * 0.02), opening), (1.1, 1.2, 1.15), 0.9)
    sheet.glow(x, y, radius * 1.7, times(colour, 0.55), 0.3, max(squash, 0.4))
