"""The painted face: skin, brows, eyes, nose and lips on a flat sheet in face positions, later wrapped on the head.

Units are half heads, as in ``skull``: eyes at y 0.035, mouth at 0.6, chin at 1. ``side`` is −1 for the eye on the left.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.backends.animatic.art.brush import Point, Points, Ramp, Sheet, circle, curve, marks, move, ribbon, within
from app.backends.animatic.art.colour import Rgb, mix, times
from app.backends.animatic.art.figures.expression import Expression

EYE_X, EYE_Y, MOUTH_Y = 0.275, 0.035, 0.6


@dataclass(frozen=True, slots=True)
class FaceLook:
    """The painted part of a face that stays the same from shot to shot."""

    skin: Rgb
    lips: Rgb
    iris: Rgb
    hair: Rgb
    brow_weight: float = 1.0
    lashes: float = 1.0
    eye_size: float = 1.0
    lip_width: float = 1.0
    age: float = 0.0
    child: float = 0.0
    stubble: float = 0.0
    marks: tuple[str, ...] = ()


def paint_face(look: FaceLook, expression: Expression, scale: float, light_side: int) -> Sheet:
    """Paint the face at ``scale`` pixels to a half head; ``light_side`` (−1 or 1) is where the eyes catch the light."""
    sheet = Sheet(-1.1, -1.1, 2.2, 2.2, scale, ground=look.skin)
    _complexion(sheet, look)
    for side in (-1, 1):
        _socket(sheet, look, side)
        _eye(sheet, look, expression, side, light_side)
        _brow(sheet, look, expression, side)
    _nose(sheet, look)
    _mouth(sheet, look, expression)
    if look.age > 0.3:
        _wrinkles(sheet, look)
    for mark in look.marks:
        _mark(sheet, look, mark)
    if expression.tears:
        _tears(sheet)
    return sheet


def _complexion(sheet: Sheet, look: FaceLook) -> None:
    """Redder cheeks, nose and ears, a paler brow; a shadow of beard."""
    warm = times(look.skin, (1.06, 0.8, 0.74))
    pale = mix(look.skin, (1, 0.95, 0.86), 0.25)
    sheet.shape(circle(0, -0.45, 0.5, 0.3), pale, 0.6, 0.16)
    for side in (-1, 1):
        sheet.shape(circle(side * 0.38, 0.27, 0.18, 0.13), warm, 0.42 + 0.2 * look.child, 0.09)
        sheet.shape(circle(side * 0.62, 0.2, 0.1, 0.3), warm, 0.25, 0.08)
    sheet.shape(circle(0, 0.32, 0.1, 0.08), warm, 0.4, 0.05)
    sheet.shape(circle(0, 0.9, 0.2, 0.08), warm, 0.2, 0.06)
    if look.stubble:
        shadow = mix(look.skin, times(look.hair, 0.9), 0.5)
        jaw = marks("-0.62 0.3, -0.3 0.5, 0 0.48, 0.3 0.5, 0.62 0.3, 0.6 0.7, 0.2 1.1, -0.2 1.1, -0.6 0.7")
        sheet.smooth(jaw, shadow, 0.5 * look.stubble, 0.06)


def _socket(sheet: Sheet, look: FaceLook, side: int) -> None:
    deep = times(look.skin, (0.66, 0.48, 0.46))
    sheet.shape(circle(side * EYE_X, EYE_Y - 0.035, 0.15, 0.065), deep, 0.4, 0.045)
    sheet.shape(circle(side * 0.13, -0.02, 0.035, 0.09), deep, 0.3, 0.035)
    sheet.shape(circle(side * EYE_X, EYE_Y + 0.1, 0.11, 0.02), deep, 0.16 + 0.4 * look.age, 0.02)


def _lids(look: FaceLook, expression: Expression, side: int) -> tuple[Points, Points]:
    """The upper and lower lid from the inner to the outer corner."""
    size = look.eye_size
    opening = max(0.0, 1 + 0.75 * expression.lids) * size
    squint = max(0.0, expression.smile) * 0.35
    upper = [
        (-0.118, 0.018),
        (-0.085, -0.022 * opening),
        (-0.03, -0.056 * opening),
        (0.03, -0.061 * opening),
        (0.085, -0.038 * opening),
        (0.128, -0.004),
    ]
    low = 0.04 * opening * (1 - squint)
    lower = [(-0.118, 0.018), (-0.06, 0.7 * low + 0.006), (0.01, low + 0.004), (0.075, 0.8 * low), (0.128, -0.004)]
    if opening < 0.12:
        upper = [(x, 0.75 * (0.035 - (x / 0.13) ** 2 * 0.03) + 0.012) for x, _ in upper]
        lower = [(x, 0.035 - (x / 0.13) ** 2 * 0.03 + 0.012) for x, _ in lower]
    place = [curve(p, closed=False) for p in (upper, lower)]
    first, second = (move([(x * size * side, y) for x, y in p], side * EYE_X, EYE_Y) for p in place)
    return first, second


def _eye(sheet: Sheet, look: FaceLook, expression: Expression, side: int, light_side: int) -> None:
    upper, lower = _lids(look, expression, side)
    dark = mix(look.hair, (0.05, 0.03, 0.03), 0.75)
    if 1 + 0.75 * expression.lids > 0.12:
        opening = sheet.region([list(upper) + list(lower)[::-1]], 0.004)
        sheet.paint(opening, Ramp((0.56, 0.5, 0.48), (0.86, 0.83, 0.8)))
        ix = side * EYE_X + expression.gaze * 0.055
        iy = EYE_Y - 0.008 + expression.gaze_down * 0.03
        radius = 0.064 * (0.6 + 0.4 * look.eye_size)
        for r, colour, opacity in _iris(look, radius):
            sheet.paint(within(sheet.region([circle(ix, iy, r)], 0.004), opening), colour, opacity)
        glint = circle(ix, iy + 0.55 * radius, radius * 0.6, radius * 0.3)
        sheet.paint(within(sheet.region([glint], 0.012), opening), mix(look.iris, (1, 0.9, 0.75), 0.35), 0.55)
        shade = [(x, y + 0.02) for x, y in upper]
        sheet.paint(within(sheet.region([ribbon(shade, [0.035, 0.05, 0.035])], 0.012), opening), (0.1, 0.07, 0.08), 0.6)
        catch = circle(ix + light_side * radius * 0.36, iy - radius * 0.4, radius * 0.2, radius * 0.24)
        sheet.paint(within(sheet.region([catch], 0.003), opening), (1, 1, 1), 0.95)
        inner = side * (EYE_X - 0.105 * look.eye_size)
        sheet.shape(circle(inner, EYE_Y + 0.016, 0.016, 0.01), times(look.lips, (1.1, 0.9, 0.9)), 0.5, 0.006)
    _lashes(sheet, look, upper, lower, dark, side)


def _iris(look: FaceLook, radius: float) -> list[tuple[float, Rgb, float]]:
    """Rings of the iris from the outside in: limbal ring, colour, pupil."""
    return [
        (radius, times(look.iris, 0.35), 1.0),
        (radius * 0.86, look.iris, 0.85),
        (radius * 0.42, (0.02, 0.015, 0.015), 1.0),
    ]


def _lashes(sheet: Sheet, look: FaceLook, upper: Points, lower: Points, dark: Rgb, side: int) -> None:
    outer = upper[-1]
    wing = (outer[0] + side * 0.022 * look.lashes, outer[1] - 0.012 * look.lashes)
    width = 0.02 + 0.008 * look.lashes
    sheet.shape(ribbon([*upper, wing], [0.006, width * 0.8, width, width * 1.1, 0.004]), dark, 0.95, 0.003)
    sheet.shape(ribbon(lower, [0.0, 0.004, 0.009, 0.004]), mix(dark, look.skin, 0.3), 0.6, 0.004)
    crease = [(x, y - 0.034 - 0.006 * look.child) for x, y in upper[4:]]
    sheet.shape(ribbon(crease, [0.0, 0.009, 0.01, 0.003]), times(look.skin, (0.5, 0.34, 0.32)), 0.6, 0.005)


def _brow(sheet: Sheet, look: FaceLook, expression: Expression, side: int) -> None:
    lift = -0.05 * expression.brow
    inner, outer = lift - 0.055 * expression.worry, lift + 0.02 * expression.worry
    knit = 0.025 * max(0.0, -expression.worry)
    line = [
        (0.135 - knit, -0.118 + inner),
        (0.22, -0.152 + (inner + lift) / 2),
        (0.33, -0.168 + lift),
        (0.42, -0.142 + outer),
        (0.465, -0.108 + outer),
    ]
    path = curve([(side * x, y) for x, y in line], closed=False)
    w = look.brow_weight
    colour = mix(look.hair, (0.08, 0.05, 0.05), 0.35)
    sheet.shape(ribbon(path, [0.02 * w, 0.05 * w, 0.046 * w, 0.03 * w, 0.004]), colour, 0.5, 0.014)
    sheet.shape(ribbon(path, [0.008 * w, 0.033 * w, 0.034 * w, 0.02 * w, 0.002]), colour, 0.72, 0.006)


def _nose(sheet: Sheet, look: FaceLook) -> None:
    deep = times(look.skin, (0.42, 0.24, 0.22))
    for side in (-1, 1):
        nostril = [(side * 0.03, 0.418), (side * 0.06, 0.404), (side * 0.088, 0.413), (side * 0.06, 0.426)]
        sheet.smooth(nostril, deep, 0.8, 0.008)
        wing = [(side * 0.1, 0.32), (side * 0.138, 0.36), (side * 0.128, 0.41)]
        sheet.stroke(wing, [0.0, 0.012, 0.0], deep, 0.3, 0.01)
    sheet.shape(circle(0, 0.435, 0.08, 0.014), deep, 0.35, 0.018)


def _mouth(sheet: Sheet, look: FaceLook, expression: Expression) -> None:
    half = 0.2 * look.lip_width * (1 + 0.16 * max(0, expression.smile))
    up, gap, y = -0.05 * expression.smile, 0.13 * expression.mouth, MOUTH_Y
    top, bottom, bow, swell = _lips(half, up, gap)
    if gap > 0.01:
        inside = sheet.region([top + bottom[::-1]], 0.004)
        sheet.paint(inside, (0.16, 0.04, 0.05))
        teeth = sheet.region([circle(0, y + 0.008, half * 0.72, 0.03 + gap * 0.1)], 0.006)
        sheet.paint(within(teeth, inside), (0.82, 0.78, 0.74), 0.85)
    sheet.shape(top + bow, times(look.lips, 0.82), 0.88, 0.008)
    sheet.shape(bottom + swell, look.lips, 0.85, 0.01)
    sheet.shape(circle(0, y + 0.045 + gap, half * 0.42, 0.012), mix(look.lips, (1, 0.93, 0.9), 0.55), 0.4, 0.012)
    if gap <= 0.01:
        seam = ribbon(top, [0.002, 0.012, 0.01, 0.012, 0.002])
        sheet.shape(seam, times(look.lips, (0.4, 0.25, 0.25)), 0.85, 0.004)
    for x in (-half, half):
        sheet.shape(circle(x, y + up, 0.02, 0.016), times(look.skin, (0.5, 0.34, 0.32)), 0.4, 0.012)
    sheet.shape(circle(0, y + 0.115 + gap, 0.11, 0.02), times(look.skin, (0.6, 0.44, 0.42)), 0.3, 0.025)


def _lips(half: float, up: float, gap: float) -> tuple[list[Point], list[Point], list[Point], list[Point]]:
    """Both edges of the mouth's opening from left to right, then the lips' outer edges from right to left."""
    y = MOUTH_Y
    left, right = (-half, y + up), (half, y + up)
    seam = [left, (-half * 0.5, y - 0.003 + up * 0.2), (0, y + 0.004), (half * 0.5, y - 0.003 + up * 0.2), right]
    under = [left, (-half * 0.5, y + gap * 0.8), (0, y + 0.004 + gap), (half * 0.5, y + gap * 0.8), right]
    peak, side = y - 0.052, y - 0.034 + up * 0.5
    bow = [
        right,
        (half * 0.55, side),
        (half * 0.2, peak),
        (0, y - 0.041),
        (-half * 0.2, peak),
        (-half * 0.55, side),
        left,
    ]
    low, edge = y + 0.076 + gap, y + 0.045 + gap * 0.85 + up * 0.3
    swell = [right, (half * 0.6, edge), (half * 0.2, low), (-half * 0.2, low), (-half * 0.6, edge), left]
    first, second, third, fourth = (curve(line, closed=False) for line in (seam, under, bow, swell))
    return first, second, third, fourth


def _wrinkles(sheet: Sheet, look: FaceLook) -> None:
    deep = times(look.skin, (0.5, 0.36, 0.34))
    strength = min(1.0, look.age) * 0.55
    for side in (-1, 1):
        sheet.stroke(
            [(side * 0.17, 0.42), (side * 0.25, 0.52), (side * 0.28, 0.64)], [0, 0.016, 0], deep, strength, 0.01
        )
        for k in (-0.03, 0.03):
            sheet.stroke([(side * 0.43, 0.03 + k), (side * 0.52, 0.03 + 2.4 * k)], [0.008, 0], deep, strength, 0.006)
        sheet.stroke(
            [(side * 0.17, 0.13), (side * 0.28, 0.16), (side * 0.38, 0.13)], [0, 0.012, 0], deep, strength, 0.01
        )
    for y in (-0.34, -0.43, -0.52):
        sheet.stroke([(-0.32, y + 0.02), (0, y), (0.32, y + 0.02)], [0, 0.012, 0], deep, strength * 0.8, 0.01)


def _mark(sheet: Sheet, look: FaceLook, mark: str) -> None:
    """A scar or spot that a description names, written ``kind@place``."""
    kind, _, place = mark.partition("@")
    x, y = {
        "left_cheek": (0.36, 0.3),
        "right_cheek": (-0.36, 0.3),
        "right_eye": (-0.44, 0.09),
        "left_eye": (0.44, 0.09),
        "left_brow": (0.34, -0.15),
        "forehead": (0.0, -0.4),
    }[place]
    if kind == "ink":
        sheet.smooth(
            [(x - 0.035, y), (x, y - 0.032), (x + 0.03, y + 0.004), (x + 0.004, y + 0.04)],
            (0.07, 0.07, 0.1),
            0.92,
            0.006,
        )
        return
    colour = (0.74, 0.12, 0.08) if kind == "cinnabar" else mix(look.skin, (0.85, 0.5, 0.45), 0.6)
    lean = 0.03 if x > 0 else -0.03
    sheet.stroke([(x - lean, y - 0.09), (x, y), (x + lean * 0.3, y + 0.1)], [0.004, 0.026, 0.004], colour, 0.9, 0.004)


def _tears(sheet: Sheet) -> None:
    for side in (-1, 1):
        path = [(side * 0.27, 0.085), (side * 0.29, 0.25), (side * 0.285, 0.44)]
        sheet.stroke(path, [0.008, 0.014, 0.022], (0.95, 0.97, 1), 0.45, 0.004)
        sheet.shape(circle(side * 0.285, 0.44, 0.014, 0.02), (1, 1, 1), 0.6, 0.005)
