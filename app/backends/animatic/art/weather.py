"""What falls and floats through a picture: particle fields that repeat, and the seconds of lightning."""

from __future__ import annotations

import cv2
import numpy as np

from app.backends.animatic.art.brush import to_bytes
from app.backends.animatic.art.colour import Array, Rgb, dice, mix, times
from app.backends.animatic.art.palette import Palette
from app.backends.animatic.layers import Image, ParticleField

SIDE = 720


def _field(marks: list[tuple[Array, float]], colour: Rgb, blur: float = 0.0) -> Image:
    """A picture whose opposite edges meet, from strokes given as (points in pixels, width) drawn on a torus."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for points, width in marks:
        for dx in (-SIDE, 0, SIDE):
            for dy in (-SIDE, 0, SIDE):
                moved = points + np.array((dx, dy))
                low, high = moved.min(0), moved.max(0)
                if high[0] < -9 or high[1] < -9 or low[0] > SIDE + 9 or low[1] > SIDE + 9:
                    continue
                place = np.round(moved * 16).astype(np.int32)
                if len(points) == 1:
                    cv2.circle(mask, (int(place[0][0]), int(place[0][1])), int(width * 8), 255, -1, cv2.LINE_AA, 4)
                else:
                    cv2.polylines(mask, [place], False, 255, max(1, round(width)), cv2.LINE_AA, 4)
    alpha: Array = mask.astype(np.float32) / 255
    if blur:
        wide = cv2.GaussianBlur(np.tile(alpha, (3, 3)), (0, 0), blur)
        alpha = np.asarray(wide[SIDE : 2 * SIDE, SIDE : 2 * SIDE], np.float32)
    picture = np.empty((SIDE, SIDE, 4), np.uint8)
    picture[..., :3] = to_bytes(np.broadcast_to(np.asarray(colour, np.float32), (1, 1, 3)))
    picture[..., 3] = np.clip(alpha * 255, 0, 255).astype(np.uint8)
    return picture


def _fade(picture: Image, strength: float) -> Image:
    picture[..., 3] = (picture[..., 3] * strength).astype(np.uint8)
    return picture


def rain(palette: Palette, seed: int, heavy: bool) -> list[ParticleField]:
    """Streaks in two depths, slanting with the wind."""
    colour = mix(palette.sky[3], (0.86, 0.92, 0.96), 0.55)
    slant = 0.24 if heavy else 0.1
    fields = []
    for depth, count, length, width, strength, speed in (
        (0.6, 110, 46, 1.0, 0.26, 1300.0),
        (2.0, 60, 96, 2.0, 0.34, 2000.0),
    ):
        rng = dice("rain", seed, depth)
        marks = []
        for _ in range(round(count * (1.4 if heavy else 0.8))):
            x, y, long = rng.uniform(0, SIDE), rng.uniform(0, SIDE), length * rng.uniform(0.5, 1.2)
            marks.append((np.array([[x, y], [x - long * slant, y + long]]), width))
        fields.append(ParticleField(_fade(_field(marks, colour, 0.7), strength), -speed * slant, speed, depth))
    return fields


def specks(seed: int, count: int, sizes: tuple[float, float], colour: Rgb, strength: float, blur: float = 0.8) -> Image:
    """Round flecks: snow, sparks, dust, bubbles."""
    rng = dice("specks", seed, count, sizes)
    marks = [
        (np.array([[rng.uniform(0, SIDE), rng.uniform(0, SIDE)]]), float(rng.uniform(*sizes))) for _ in range(count)
    ]
    return _fade(_field(marks, colour, blur), strength)


def flakes(seed: int, count: int, length: tuple[float, float], width: float, colour: Rgb, strength: float) -> Image:
    """Short curved flecks: petals, leaves, ash."""
    rng = dice("flakes", seed, count)
    marks = []
    for _ in range(count):
        x, y, long, a = rng.uniform(0, SIDE), rng.uniform(0, SIDE), rng.uniform(*length), rng.uniform(0, 6.28)
        tip = np.array([np.cos(a), np.sin(a)]) * long
        bend = np.array([-tip[1], tip[0]]) * 0.25
        base = np.array([x, y])
        marks.append((np.array([base, base + tip * 0.5 + bend, base + tip]), width * rng.uniform(0.6, 1.2)))
    return _fade(_field(marks, colour, 0.8), strength)


def fields_of(
    effects: frozenset[str], weather: frozenset[str], palette: Palette, seed: int, *, indoors: bool, under: bool
) -> list[ParticleField]:
    """The particle fields of a shot, at most four."""
    out: list[ParticleField] = []
    warm: Rgb = (1.0, 0.62, 0.22)
    if under:
        out.append(ParticleField(specks(seed, 40, (2, 7), (0.75, 0.95, 0.95), 0.35), 8, -46, 2.0))
        return out
    if not indoors:
        if "rain" in weather or "storm" in weather:
            out += rain(palette, seed, "storm" in weather)
        if "snow" in weather:
            white = mix((0.96, 0.97, 1.0), palette.sky[3], 0.2)
            out.append(ParticleField(specks(seed, 90, (2, 5), white, 0.7), -24, 90, 0.6))
            out.append(ParticleField(specks(seed + 1, 34, (6, 12), white, 0.62, 2.2), -60, 180, 2.0))
    if "embers" in effects and not {"rain", "storm"} & weather:
        out.append(ParticleField(specks(seed, 46, (2, 5), warm, 0.9, 0.9), 34, -120, 2.0))
        out.append(ParticleField(specks(seed + 3, 30, (1.4, 3), times(warm, 0.8), 0.7), -18, -70, 0.7))
    if "petals" in effects:
        out.append(ParticleField(flakes(seed, 34, (9, 16), 7, (0.98, 0.74, 0.8), 0.85), -60, 70, 2.0))
    if "leaves" in effects:
        out.append(ParticleField(flakes(seed, 24, (12, 22), 8, (0.6, 0.38, 0.16), 0.85), -70, 80, 2.0))
    if "salt" in effects:
        out.append(ParticleField(specks(seed, 60, (2, 4), (0.95, 0.95, 0.97), 0.6), 4, 46, 2.0))
    if "spray" in effects and not indoors:
        out.append(
            ParticleField(specks(seed, 70, (2, 5), mix(palette.cloud, (1, 1, 1), 0.4), 0.45), 60, -36, 2.0, 760.0)
        )
    if "dust" in effects or (indoors and not out):
        out.append(
            ParticleField(
                specks(seed, 34, (1.6, 4), mix(palette.light.key, (1, 0.95, 0.85), 0.5), 0.26, 1.2), 8, -7, 2.0
            )
        )
    return out[:4]


def lightning(weather: frozenset[str], seed: int) -> tuple[float, ...]:
    """When lightning strikes: two or three times in a storm."""
    if "storm" not in weather:
        return ()
    rng = dice("lightning", seed)
    first = float(rng.uniform(0.35, 0.9))
    strikes = [first, first + float(rng.uniform(0.12, 0.2)), first + float(rng.uniform(1.6, 2.6))]
    return tuple(round(second, 2) for second in strikes)
