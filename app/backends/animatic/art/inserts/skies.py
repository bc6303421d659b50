"""Close-ups of the sky's lights: the moon and the sun, large, with clouds across them."""

from __future__ import annotations

from app.backends.animatic.art.brush import Sheet, circle, marks, move
from app.backends.animatic.art.colour import Rgb, hexa, times
from app.backends.animatic.art.inserts.surfaces import Still
from app.backends.animatic.art.palette import HOURS, Palette
from app.backends.animatic.art.scenery import View, backdrop, cloud_bank, gradient, stars
from app.backends.animatic.layers import Layer

SEAS = ("-90 -60 70 52", "30 -96 52 34", "70 20 84 60", "-60 80 60 40", "-126 30 34 30", "20 120 40 22")
"""The moon's grey seas: centre and half axes, of a disc 250 across."""


def _heaven(still: Still, palette: Palette, halo: Rgb) -> Sheet:
    """A sky that holds nothing else, with a halo in the middle."""
    sheet = backdrop(View(palette, still.seed, 2300.0, 0.5))
    a, b, c, d = palette.sky
    gradient(sheet, [(-190, a), (700, b), (1500, c), (2110, d)])
    if palette.stars > 0:
        stars(View(palette, still.seed, 2300.0, 0.5), sheet)
    sheet.glow(540, 860, 760, halo, 0.35)
    sheet.glow(540, 860, 420, halo, 0.45)
    return sheet


def _clouds(still: Still, palette: Palette) -> Layer:
    """Thin cloud that drifts before the disc."""
    veil = Sheet(-150, -190, 1380, 2300, 0.4)
    view = View(palette, still.seed, 2300.0, 0.4)
    solid = backdrop(view)
    before = solid.rgb.copy()
    cloud_bank(view, solid, 0.55)
    cover = (solid.rgb - before).mean(2).clip(0, 1)
    assert veil.alpha is not None
    veil.rgb[:] = solid.rgb[: veil.h, : veil.w] * 0.5
    veil.alpha[:] = (cover[: veil.h, : veil.w] * 1.4).clip(0, 0.7)
    return veil.layer(0.5, drift=8.0)


def moon(still: Still) -> list[Layer]:
    """The full moon."""
    palette = HOURS["night"]
    sheet = _heaven(still, palette, palette.glow)
    disc = Sheet(200, 500, 700, 720, 0.7)
    disc.shape(circle(540, 860, 250), hexa("e9ead9"), 1.0, 2)
    for sea in SEAS:
        x, y, rx, ry = (float(v) for v in sea.split())
        disc.tint(disc.region([circle(540 + x, 860 + y, rx, ry)], 18), hexa("b3b7b4"), 0.55)
    edge = move(marks("-250 -60, -190 -200, 0 -262, -150 -150, -216 0, -150 160, 10 262, -190 200, -262 60"), 540, 860)
    disc.tint(disc.region([edge], 40), times(hexa("8f98a4"), 0.7), 0.5)
    return [sheet.layer(0.1), disc.layer(0.2), _clouds(still, palette)]


def sun(still: Still) -> list[Layer]:
    """The sun, white at its heart."""
    palette = still.palette if still.palette.hour != "night" else HOURS["dusk"]
    sheet = _heaven(still, palette, palette.glow)
    sheet.glow(540, 860, 300, palette.disc, 0.8)
    sheet.shape(circle(540, 860, 190), times(palette.disc, 1.6), 0.97, 6)
    return [sheet.layer(0.1), _clouds(still, palette)]
