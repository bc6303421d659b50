"""A whole head on a relief: ears, face, hair, and where its mouth is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from app.backends.animatic.art.brush import Region, circle
from app.backends.animatic.art.colour import Array, times
from app.backends.animatic.art.figures.expression import Expression
from app.backends.animatic.art.figures.face import MOUTH_Y, FaceLook, paint_face
from app.backends.animatic.art.figures.hair import Barber, HairStyle, cap, front_hair
from app.backends.animatic.art.figures.skull import Bust, Skull, Turn, bust, spot
from app.backends.animatic.art.relief import Relief


@dataclass(frozen=True, slots=True)
class HeadLook:
    """What makes one head recognisable."""

    skull: Skull
    face: FaceLook
    hair: HairStyle
    seed: int


def barber_for(relief: Relief, look: HeadLook, turn: Turn, wind: float = 0.0, *, back_view: bool = False) -> Barber:
    """Prepare to dress a head on a relief whose origin is the head's centre and whose unit is half a head."""
    unit = int(min(210, max(24, relief.scale)))
    head = bust(look.skull, turn, unit)
    return Barber(relief, look.skull, turn, head, look.hair, look.face.hair, look.seed, wind, back_view)


def draw_head(barber: Barber, look: HeadLook, expression: Expression, light_side: int) -> tuple[float, float, float]:
    """Draw ears, face and hair; return the mouth's centre and width in half heads."""
    if not barber.back_view:
        _ears(barber, look)
    _face(barber, look, expression, light_side)
    cap(barber)
    front_hair(barber)
    left, right = barber.at(-0.2, MOUTH_Y), barber.at(0.2, MOUTH_Y)
    middle = spot(look.skull, 0.0, MOUTH_Y + 0.01, barber.turn)
    return middle[0], middle[1], (right[0] - left[0]) * look.face.lip_width


def _ears(barber: Barber, look: HeadLook) -> None:
    skin = times(look.face.skin, (1.0, 0.84, 0.8))
    yaw = float(np.radians(barber.turn.yaw))
    for side in (-1, 1):
        x = side * 0.66 * float(np.cos(yaw)) - 0.08 * float(np.sin(yaw))
        if side * yaw > 0.35:
            continue
        width = 0.075 + 0.06 * abs(float(np.sin(yaw))) * (1 if side * yaw <= 0 else 0)
        _, y = barber.at(side * 0.6, 0.14)
        outline = circle(x + side * 0.03, y, width, 0.17, side * 8)
        barber.relief.part(barber.relief.region([outline]), skin, roundness=0.05, shadow=0.1)
        barber.relief.shape(circle(x + side * 0.035, y - 0.01, width * 0.5, 0.1, side * 8), times(skin, 0.6), 0.5, 0.02)


def _face(barber: Barber, look: HeadLook, expression: Expression, light_side: int) -> None:
    """Wrap the painted face on the head and lay it on the relief."""
    relief, head = barber.relief, barber.head
    box = _box(relief, head)
    if box is None:
        return
    y0, y1, x0, x1 = box
    map_x, map_y = _onto(relief, head, box)
    cover = cv2.remap(head.cover, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT)
    cover = np.clip((cover - 0.5) * max(1.0, relief.scale / head.unit) + 0.5, 0, 1)
    normal = cv2.remap(head.normal, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    skin: Array
    if barber.back_view:
        skin = np.broadcast_to(np.asarray(look.face.skin, np.float32), (y1 - y0, x1 - x0, 3))
    else:
        place = cv2.remap(head.place, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        texture = paint_face(look.face, expression, max(40.0, min(relief.scale * 1.25, 700.0)), light_side)
        at = (place + 1.1) * texture.scale - 0.5
        skin = cv2.remap(texture.rgb, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    region = Region(y0, y1, x0, x1, cover)
    relief.part(region, skin, roundness=0.3, shadow=0.5)
    slope = normal[..., :2] / np.maximum(normal[..., 2:3], 0.12)
    relief.slope[region.window] = relief.slope[region.window] * (1 - cover[..., None]) + slope * cover[..., None]
    relief.gloss[region.window] = relief.gloss[region.window] * (1 - cover) + 0.045 * cover


def _box(relief: Relief, head: Bust) -> tuple[int, int, int, int] | None:
    reach_x, reach_y = head.origin[0] / head.unit, head.origin[1] / head.unit
    x0 = max(0, int((-reach_x - relief.left) * relief.scale))
    x1 = min(relief.w, int((reach_x - relief.left) * relief.scale))
    y0 = max(0, int((-reach_y - relief.top) * relief.scale))
    y1 = min(relief.h, int((reach_y - relief.top) * relief.scale))
    return (y0, y1, x0, x1) if x1 > x0 and y1 > y0 else None


def _onto(relief: Relief, head: Bust, box: tuple[int, int, int, int]) -> tuple[Array, Array]:
    """For each pixel of the box, where to look on the rasterised head."""
    y0, y1, x0, x1 = box
    xs = (relief.xs()[x0:x1] * head.unit + head.origin[0]).astype(np.float32)
    ys = (relief.ys()[y0:y1] * head.unit + head.origin[1]).astype(np.float32)
    return np.broadcast_to(xs, (y1 - y0, x1 - x0)).copy(), np.broadcast_to(ys[:, None], (y1 - y0, x1 - x0)).copy()
