"""Figures as layers: where a head goes, how large, its mouth, its shadow; and crowds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from app.backends.animatic.art.brush import Sheet, blurred, circle, paste
from app.backends.animatic.art.colour import Rgb, bytes_of, dice, hsv, mix, times
from app.backends.animatic.art.figures.clothes import Wardrobe
from app.backends.animatic.art.figures.expression import Expression
from app.backends.animatic.art.figures.figure import Drawn, FigureLook, Staging, draw_figure
from app.backends.animatic.art.figures.rig import POSES
from app.backends.animatic.art.figures.skull import Turn
from app.backends.animatic.art.looks import character
from app.backends.animatic.art.palette import against_the_light, dim
from app.backends.animatic.art.relief import Light
from app.backends.animatic.art.scenery import View
from app.backends.animatic.layers import FRAME_HEIGHT, Layer, MouthAnchor

WIDE_POSES = frozenset(
    {"run", "point", "throw", "fight", "raise", "raise_both", "reach", "row", "walk", "brace", "offer"}
)
TALL_PROPS = {"umbrella": 7.0, "staff": 6.5, "sword": 7.0, "torch": 6.0, "oar": 3.0}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a figure is in the frame: its head's centre, pixels to a half head, and its plane."""

    x: float
    y: float
    unit: float
    depth: float = 1.0
    res: float = 1.0
    shadow: float = 0.5


def box_of(staging: Staging, spot: Spot) -> tuple[float, float, float, float]:
    """The part of a figure worth drawing, in half heads: what its pose needs, down to the edge of the sheet."""
    half = 6.4 if staging.pose in WIDE_POSES or staging.held in TALL_PROPS or abs(staging.wind) > 0.5 else 3.4
    top = -TALL_PROPS.get(staging.held, 4.0 if staging.pose in ("raise", "raise_both", "throw") else 2.3)
    bottom = POSES[staging.pose].floor + 2.6
    return in_frame((-half, top, half, bottom), spot)


def in_frame(box: tuple[float, float, float, float], spot: Spot) -> tuple[float, float, float, float]:
    """What of a box (half heads about a head) can ever show, however the camera moves."""
    left, top, right, bottom = box
    left, right = max(left, (-160 - spot.x) / spot.unit), min(right, (1240 - spot.x) / spot.unit)
    top, bottom = max(top, (-200 - spot.y) / spot.unit), min(bottom, (FRAME_HEIGHT + 170 - spot.y) / spot.unit)
    return min(left, -1.0), min(top, 0.5), max(right, 1.0), max(bottom, 1.5)


def draw(look: FigureLook, staging: Staging, light: Light, spot: Spot) -> Drawn:
    """Draw a figure for a place in the frame."""
    return draw_figure(look, staging, light, spot.unit * spot.res, box_of(staging, spot))


def figure_layer(
    look: FigureLook,
    staging: Staging,
    light: Light,
    spot: Spot,
    *,
    haze: tuple[Rgb, float] | None = None,
    speaker: bool = True,
) -> Layer:
    """A figure as a layer, its shadow under its feet, its mouth ready to move."""
    drawn = draw(look, staging, light, spot)
    if haze is not None:
        veil(drawn.sheet, *haze)
    if spot.shadow > 0:
        _ground_shadow(drawn, spot.shadow)
    return as_layer(drawn, spot, look.name if speaker and not staging.back_view else "")


def as_layer(drawn: Drawn, spot: Spot, speaker: str, sway: float = 0.0) -> Layer:
    """Place a drawn figure in the frame."""
    sheet = drawn.sheet
    x = spot.x + (sheet.left + sheet.w / sheet.scale / 2) * spot.unit
    y = spot.y + (sheet.top + sheet.h / sheet.scale / 2) * spot.unit
    layer = Layer(sheet.picture(), x, y, spot.depth, spot.unit / sheet.scale, sway)
    if drawn.mouth is not None and speaker:
        layer.mouth = mouth_of(drawn, sheet, speaker, (0.0, 0.0), 1.0)
    return layer


def mouth_of(drawn: Drawn, sheet: Sheet, speaker: str, at: tuple[float, float], unit: float) -> MouthAnchor | None:
    """Where the mouth is on a picture that shows the figure's origin at ``at``, ``unit`` sheet units to a half head."""
    if drawn.mouth is None:
        return None
    mx, my, width = drawn.mouth
    x = (at[0] + mx * unit - sheet.left) * sheet.scale
    y = (at[1] + my * unit - sheet.top) * sheet.scale
    skin, lip = _tones(sheet, x, y, width * unit * sheet.scale)
    return MouthAnchor(x, y, width * unit * sheet.scale, speaker, bytes_of(skin), bytes_of(lip))


def _tones(sheet: Sheet, x: float, y: float, width: float) -> tuple[Rgb, Rgb]:
    """The lit skin beside the mouth and the lit lip, as they were drawn."""

    def look(px: float, py: float) -> Rgb:
        row, column = int(np.clip(py, 0, sheet.h - 1)), int(np.clip(px, 0, sheet.w - 1))
        r, g, b = (float(v) for v in np.clip(sheet.rgb[row, column], 0, 1))
        return r, g, b

    return look(x, y + width * 0.62), look(x, y + width * 0.12)


def foreground(look: FigureLook, staging: Staging, light: Light, spot: Spot) -> Layer:
    """Someone's back close to the lens: dark, out of focus, a rim of light along one edge."""
    box = (-3.4, -2.2, 3.4, min(9.0, (FRAME_HEIGHT + 200 - spot.y) / spot.unit))
    drawn = draw_figure(look, staging, against_the_light(light), spot.unit * spot.res, box)
    sheet = drawn.sheet
    assert sheet.alpha is not None
    sheet.rgb = blurred(sheet.rgb, spot.unit * spot.res * 0.07)
    sheet.alpha = blurred(sheet.alpha, spot.unit * spot.res * 0.07)
    return as_layer(drawn, spot, "")


def lying(look: FigureLook, staging: Staging, light: Light, spot: Spot, ground: float) -> Layer:
    """Someone who lies on the ground, the head to one side, foreshortened."""
    flat = replace(staging, pose="stand", held="", turn=Turn(staging.turn.yaw, 10), expression=Expression(lids=-1.4))
    drawn = draw_figure(look, flat, light, spot.unit * 0.9, (-2.6, -2.0, 2.6, 15.0))
    picture = np.rot90(drawn.sheet.picture(), 1 if staging.mirrored else -1)
    picture = np.ascontiguousarray(cv2.resize(picture, None, fx=1.0, fy=0.62, interpolation=cv2.INTER_AREA))
    shade = np.zeros_like(picture)
    shade[..., 3] = cv2.GaussianBlur(picture[..., 3], (0, 0), spot.unit * 0.35) // 2
    soft = np.roll(shade, int(spot.unit * 0.4), 0)
    alpha = picture[..., 3:].astype(np.float32) / 255
    picture[..., :3] = picture[..., :3] * alpha
    picture[..., 3] = np.maximum(picture[..., 3], soft[..., 3])
    return Layer(np.asarray(picture, np.uint8), 540.0, min(ground, 1560.0) - spot.unit, spot.depth, 0.74 / 0.9)


def halo(view: View, spot: Spot) -> Layer:
    """The low sun right behind someone's head."""
    sheet = Sheet(-150, -190, 1380, 1900, 0.25)
    p = view.palette
    sheet.glow(spot.x + spot.unit * 0.5, spot.y - spot.unit * 0.2, spot.unit * 4.6, mix(p.disc, p.glow, 0.5), 0.85)
    sheet.glow(spot.x + spot.unit * 0.5, spot.y - spot.unit * 0.2, spot.unit * 1.9, p.disc, 0.9)
    return sheet.layer(0.3)


def veil(sheet: Sheet, colour: Rgb, strength: float) -> None:
    """Put air between the lens and a figure."""
    assert sheet.alpha is not None
    sheet.rgb *= 1 - strength
    sheet.rgb += sheet.alpha[..., None] * (np.asarray(colour, np.float32) * strength)


def _ground_shadow(drawn: Drawn, strength: float) -> None:
    """A soft dark pool beneath the feet, painted under the figure."""
    sheet = drawn.sheet
    under = Sheet(sheet.left, sheet.top, sheet.w / sheet.scale, sheet.h / sheet.scale, sheet.scale)
    under.shape(circle(0, drawn.floor + 0.05, 2.3, 0.42), (0.01, 0.01, 0.015), strength, 0.28)
    assert under.alpha is not None and sheet.alpha is not None
    if under.alpha.shape != sheet.alpha.shape:
        return
    sheet.rgb += under.rgb * (1 - sheet.alpha[..., None])
    sheet.alpha += under.alpha * (1 - sheet.alpha)


def extra(kind: str, index: int, seed: int) -> FigureLook:
    """One nameless person of a crowd."""
    rng = dice("extra", kind, index, seed)
    woman = kind in ("staff", "guests") and rng.random() < 0.5
    description = {
        "villagers": "渔民 man 40 粗布衣 古装",
        "soldiers": "弩手 man 30 brown armour 古装",
        "staff": "woman 30 suit" if woman else "man 35 suit tie",
        "guests": "woman 30 gown" if woman else "man 40 black suit tie",
    }.get(kind, "man 35 古装")
    person = character(f"{kind}{index}{seed % 7}", description)
    gowned = person.figure.wear.cut == "gown"
    tone = hsv(
        float(rng.random()),
        0.4 if gowned else 0.12,
        float(rng.uniform(0.3, 0.6) if gowned else rng.uniform(0.14, 0.34)),
    )
    wear: Wardrobe = replace(
        person.figure.wear,
        main=tone,
        trim=times(tone, 0.6),
        headwear="" if rng.random() < 0.8 else person.figure.wear.headwear,
    )
    return replace(person.figure, name="", wear=wear)


@dataclass(frozen=True, slots=True)
class Crowd:
    """A row of nameless people: who they are, where their feet stand, pixels to a half head, what they do."""

    kind: str
    foot: float
    unit: float
    count: int
    held: str = ""
    poses: tuple[str, ...] = ("stand", "clasp", "walk")


def crowd_layer(view: View, crowd: Crowd, light: Light, seed: int, depth: float = 0.85) -> Layer:
    """A row of people, the farther ones smaller and paler, on one layer."""
    rng = dice("crowd", view.seed, crowd.kind, seed, crowd.count)
    tall, unit = crowd.unit * 20, crowd.unit
    res = 0.8 if unit < 60 else 0.5
    sheet = Sheet(-150, crowd.foot - tall, 1380, tall + unit * 3, res)
    models = [extra(crowd.kind, k, seed) for k in range(3)]
    order = sorted(range(crowd.count), key=lambda k: float(dice("row", view.seed, seed, k).random()))
    for place, k in enumerate(order):
        near = place / max(1, crowd.count - 1)
        size = unit * (0.78 + 0.22 * near)
        x = -60 + 1200 * (k + 0.5 + float(rng.uniform(-0.25, 0.25))) / crowd.count
        pose = "raise" if crowd.held else crowd.poses[int(rng.integers(len(crowd.poses)))]
        yaw = float(np.clip((540 - x) / 14, -34, 34)) * float(rng.uniform(0.4, 1.0))
        staging = Staging(pose, Turn(yaw, 2), yaw * 0.5, bool(rng.random() < 0.5), held=crowd.held)
        model, box = models[int(rng.integers(3))], (-4.2, -6.0 if crowd.held else -2.2, 4.2, 15.2)
        drawn = draw_figure(model, staging, dim(light, 0.75 + 0.25 * near), size * res, box)
        paste(sheet, drawn.sheet, x, crowd.foot - drawn.floor * size - (1 - near) * unit * 1.3, size)
    if crowd.held == "torch":
        _torch_glow(sheet)
    return sheet.layer(depth)


def _torch_glow(sheet: Sheet) -> None:
    """Warm the air about the brightest points."""
    assert sheet.alpha is not None
    bright = np.clip(sheet.rgb.max(2) - 0.95, 0, 1)
    halo = cv2.GaussianBlur(cv2.resize(bright, None, fx=0.25, fy=0.25), (0, 0), 9)
    halo = cv2.resize(halo, (sheet.w, sheet.h)) * 2.2
    sheet.rgb += halo[..., None] * np.asarray((1.0, 0.5, 0.16), np.float32)
    np.maximum(sheet.alpha, np.clip(halo * 0.9, 0, 0.9), out=sheet.alpha)
