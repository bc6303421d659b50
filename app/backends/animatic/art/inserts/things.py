"""Close-ups of tools, vessels and everything else that is held or laid down."""

from __future__ import annotations

import re

import numpy as np

from app.backends.animatic.art.brush import Ramp, Sheet, circle, curve, move, turn
from app.backends.animatic.art.colour import dice, hexa, mix, times
from app.backends.animatic.art.inserts.hands import foot, grip, palm, writing_fingers, writing_hand
from app.backends.animatic.art.inserts.surfaces import (
    INK,
    PAPER,
    Still,
    desk,
    earth,
    fabric,
    figure_layer,
    handwriting,
    lies,
    sheet_of_paper,
)
from app.backends.animatic.art.relief import Fold
from app.backends.animatic.layers import FRAME_HEIGHT, FRAME_WIDTH, Layer

STEEL = hexa("a9b2bb")
BRASS = hexa("b08d4a")


def brush(still: Still) -> list[Layer]:
    """A brush of bone: drawn from a sleeve, or its point on paper, on stone, on bronze."""
    if re.search("袖", still.text) and not re.search("落|点|画", still.text):
        return _hidden_brush(still)
    r = still.relief
    if re.search("盾|弧|shield", still.text):
        base = fabric(still, hexa("6a5632"))
        r.body(circle(520, 960, 620, 700), hexa("96793f"), roundness=260, gloss=0.5, shadow=0.0)
        r.stroke([(250, 940), (400, 1060), (540, 1080)], [4, 30, 16], INK, 0.95, 1.5)
        tip = (545.0, 1080.0)
    else:
        base = desk(still)
        sheet_of_paper(still, turn([(110.0, 330.0), (900.0, 330.0), (900.0, 1650.0), (110.0, 1650.0)], -4, (540, 960)))
        tip = (470.0, 1010.0)
        if re.search("雀|鸟|bird", still.text):
            _ink_bird(still, 360, 800)
            tip = (520.0, 905.0)
        else:
            r.shape(curve([(tip[0] - 34, tip[1] + 8), (tip[0], tip[1] - 24), (tip[0] + 26, tip[1] + 10), (tip[0] - 2, tip[1] + 36)]), INK, 0.95, 2)
            handwriting(still, r, (560, 460, 860, 900), 2, INK, 13.0, upright=True)
    _write(still, tip, pen=False)
    return [base, figure_layer(still, 0.9)]


def _write(still: Still, tip: tuple[float, float], *, pen: bool) -> None:
    """A hand that writes with a brush or a pen whose point is at ``tip``."""
    r = still.relief
    back = writing_hand(still, tip, 112)
    shaft = [tip, ((tip[0] + back[0]) / 2, (tip[1] + back[1]) / 2), (back[0] + 190, back[1] - 560)]
    if pen:
        nib = [(tip[0], tip[1]), (tip[0] + 20, tip[1] - 74), (tip[0] + 58, tip[1] - 60)]
        r.limb([(tip[0] + 34, tip[1] - 60), shaft[1], shaft[2]], [34, 40, 38], hexa("c3cad2") if re.search("silver|银", still.text, re.IGNORECASE) else (0.07, 0.07, 0.08), gloss=0.9, shadow=0.35)
        r.body(nib, hexa("d9b25a"), smooth=False, roundness=9, gloss=0.9)
        r.band([(back[0] + 70, back[1] - 210), (back[0] + 120, back[1] - 190)], [14, 14], hexa("d9b25a"), gloss=0.9)
    else:
        r.limb([(tip[0] + 26, tip[1] - 70), shaft[1], shaft[2]], [28, 34, 26], hexa("e6dfcb"), gloss=0.3, shadow=0.35)
        r.body([(tip[0], tip[1]), (tip[0] + 2, tip[1] - 46), (tip[0] + 26, tip[1] - 96), (tip[0] + 54, tip[1] - 84), (tip[0] + 34, tip[1] - 34)], (0.05, 0.05, 0.06), roundness=18, gloss=0.3)
    writing_fingers(still, tip, 112)


def _ink_bird(still: Still, x: float, y: float) -> None:
    """A sparrow in a few strokes of ink, alive enough to fly."""
    shapes = (
        ([(-0.6, 0.1), (-0.3, -0.36), (0.25, -0.3), (0.6, 0.15), (0.2, 0.5), (-0.35, 0.42)], 0.5),
        ([(-0.1, -0.25), (0.5, -0.1), (1.15, 0.5), (0.5, 0.4), (0.05, 0.2)], 0.9),
        ([(-0.9, -0.22), (-0.72, -0.6), (-0.3, -0.55), (-0.25, -0.2), (-0.6, -0.05)], 0.75),
        ([(-0.88, -0.35), (-1.2, -0.24), (-0.88, -0.18)], 1.0),
        ([(0.5, 0.1), (1.4, 0.62), (1.3, 0.78), (0.45, 0.4)], 0.85),
    )
    for points, opacity in shapes:
        still.relief.tint(still.relief.region([curve(move(points, x, y, 150))], 5), INK, opacity)
    still.relief.tint(still.relief.region([circle(x - 92, y - 54, 12)]), PAPER, 1.0)
    for dx in (-10, 26):
        still.relief.stroke([(x + dx, y + 66), (x + dx - 8, y + 120), (x + dx - 30, y + 134)], [6, 5, 3], INK, 0.9)


def _hidden_brush(still: Still) -> list[Layer]:
    """Half of a bone brush at the mouth of a sleeve, a finger-tip pushing it back."""
    r = still.relief
    cloth = still.cloth
    base = fabric(still, times(cloth, 0.5))
    folds = [Fold([(300 + 160 * k, 420), (240 + 190 * k, 1900)], 60, 26 if k % 2 else -26) for k in range(4)]
    r.body([(60, 560), (400, 470), (760, 520), (930, 700), (1240, 2160), (-160, 2160)], Ramp(cloth, times(cloth, 0.7)), folds=folds, roundness=90, rumple=26, shadow=0.0)
    r.smooth([(300, 520), (520, 470), (740, 540), (800, 660), (620, 700), (380, 660)], times(cloth, 0.16), 0.95, 14)
    r.limb([(560, 660), (520, 420), (470, 130)], [58, 50, 34], hexa("e6dfcb"), gloss=0.3, shadow=0.3)
    r.body([(472, 140), (440, 60), (450, -60), (492, -30), (506, 60)], (0.05, 0.05, 0.06), roundness=20, gloss=0.2)
    r.band([(250, 590), (420, 690), (620, 730), (820, 660)], [46, 52, 46], still.owner.wear.trim if still.owner else times(cloth, 0.6), shadow=0.35)
    skin = times(still.skin, (0.98, 0.9, 0.88))
    for k in range(3):
        r.limb([(1180, 760 + 170 * k), (900 - 10 * k, 560 + 170 * k), (620 + 90 * k, 430 + 190 * k)], [128, 110, 76], mix(skin, (1, 0.82, 0.78), 0.14), shadow=0.35)
    r.body(curve([(600, 398), (650, 384), (670, 424), (624, 446)]), mix(skin, (1, 0.9, 0.88), 0.5), roundness=10, gloss=0.4, shadow=0.1)
    return [base, figure_layer(still, 0.9)]


def pen(still: Still) -> list[Layer]:
    """A pen: writing, or held up to be looked at, or laid on a desk."""
    if re.search("desk|lays|桌", still.text, re.IGNORECASE) and not re.search("hand", still.text, re.IGNORECASE):
        base = desk(still)
        lies(still, 560, 990, 860, 120, 0.6)
        silver = hexa("c3cad2") if re.search("silver|银", still.text, re.IGNORECASE) else (0.06, 0.06, 0.07)
        still.relief.limb([(190, 1130), (560, 960), (900, 800)], [64, 74, 66], silver, gloss=0.95)
        still.relief.body([(190, 1130), (120, 1190), (84, 1196), (160, 1096)], hexa("d9b25a"), smooth=False, roundness=14, gloss=0.9)
        still.relief.band([(560, 920), (870, 780)], [16, 12], hexa("d9b25a"), gloss=0.9)
        return [base, figure_layer(still, 0.9)]
    base = desk(still)
    sheet_of_paper(still, turn([(90.0, 420.0), (880.0, 420.0), (880.0, 1760.0), (90.0, 1760.0)], -5, (540, 960)))
    handwriting(still, still.relief, (170, 560, 780, 900), 3, INK, 6.0)
    still.relief.tint(still.relief.region([[(170, 1048), (760, 1018), (760, 1023), (170, 1053)]]), INK, 0.6)
    tip = (430.0, 1020.0)
    if re.search("hover|stops|悬", still.text, re.IGNORECASE):
        tip = (440.0, 960.0)
        still.relief.shape(circle(420, 1040, 60, 16), (0.02, 0.02, 0.02), 0.35, 14)
    _write(still, tip, pen=True)
    return [base, figure_layer(still, 0.9)]


def phone(still: Still) -> list[Layer]:
    """A phone in a hand, its screen alight."""
    r = still.relief
    grip(still, 700, 1210, 150)
    body = turn([(280.0, 330.0), (790.0, 330.0), (790.0, 1370.0), (280.0, 1370.0)], -6, (540, 860))
    r.body(body, (0.05, 0.052, 0.058), smooth=False, roundness=26, gloss=0.5, shadow=0.4)
    screen = turn([(306.0, 366.0), (764.0, 366.0), (764.0, 1334.0), (306.0, 1334.0)], -6, (540, 860))
    r.paint(r.region([screen]), Ramp((0.9, 1.2, 1.6), (0.25, 0.4, 0.7)))
    r.paint(r.region([turn(circle(536, 640, 110), -6, (540, 860))], 2), (1.2, 1.35, 1.6), 0.8)
    r.paint(r.region([turn(curve([(420, 860), (440, 790), (536, 762), (632, 790), (652, 860)]), -6, (540, 860))], 2), (1.2, 1.35, 1.6), 0.8)
    for k, wide in enumerate((300, 190)):
        r.paint(r.region([turn([(536 - wide / 2, 900 + 56 * k), (536 + wide / 2, 900 + 56 * k), (536 + wide / 2, 926 + 56 * k), (536 - wide / 2, 926 + 56 * k)], -6, (540, 860))]), (1.5, 1.6, 1.7), 0.85)
    for x, tone in ((410, (1.2, 0.25, 0.2)), (662, (0.3, 1.2, 0.4))):
        r.paint(r.region([turn(circle(x, 1180, 62), -6, (540, 860))], 1), tone, 0.95)
    for k in range(4):
        r.limb([(900, 1000 + 108 * k), (812, 985 + 108 * k), (748, 1000 + 108 * k)], [92, 84, 66], mix(times(still.skin, 0.92), (1, 0.8, 0.75), 0.12), shadow=0.35)
    return [still.backing, figure_layer(still)]


def knife(still: Still) -> list[Layer]:
    """A blade, its point trembling in the light; an axe's edge when it is one."""
    r = still.relief
    grip(still, 720, 1420, 150)
    if re.search("斧|axe", still.text, re.IGNORECASE):
        r.limb([(720, 1500), (560, 900), (430, 420)], [74, 66, 60], hexa("5a3f28"))
        r.body([(470, 560), (420, 380), (60, 240), (20, 520), (90, 800), (360, 640)], Ramp(times(STEEL, 1.1), times(STEEL, 0.55)), roundness=60, gloss=0.7)
        r.stroke([(60, 240), (20, 520), (90, 800)], [8, 16, 8], (1.2, 1.25, 1.3), 0.7, 2)
        return [still.backing, figure_layer(still)]
    blade = [(640.0, 1330.0), (760.0, 1270.0), (500.0, 560.0), (380.0, 300.0), (440.0, 620.0)]
    r.body(blade, Ramp(times(STEEL, 1.2), times(STEEL, 0.6)), smooth=False, roundness=46, gloss=0.95, shadow=0.2)
    r.stroke([(655, 1300), (480, 720), (384, 320)], [3, 5, 2], (1.3, 1.35, 1.4), 0.85, 1)
    r.stroke([(720, 1270), (560, 800), (460, 520)], [10, 8, 2], times(STEEL, 0.45), 0.7, 3)
    r.body(turn([(560, 1330), (840, 1250), (852, 1300), (575, 1382)], 0), BRASS, smooth=False, roundness=22, gloss=0.7)
    glint = Sheet(240, 180, 300, 300, 0.5)
    glint.glow(384, 320, 60, (1.0, 1.0, 1.0), 0.9)
    glint.stroke([(300, 320), (384, 320), (470, 320)], [0, 7, 0], (1.5, 1.5, 1.5), 0.8, 2)
    glint.stroke([(384, 230), (384, 320), (384, 410)], [0, 7, 0], (1.5, 1.5, 1.5), 0.8, 2)
    return [still.backing, figure_layer(still), glint.layer(0.97)]


def cup(still: Still) -> list[Layer]:
    """A cup on its saucer; in pieces when it breaks."""
    base = desk(still)
    r = still.relief
    china = hexa("e8e9e6")
    if re.search("break|shatter|碎|摔", still.text, re.IGNORECASE):
        _shards(still, china)
        return [base, figure_layer(still, 0.9)]
    lies(still, 540, 1230, 660, 200, 0.5)
    if not still.old:
        r.body(circle(540, 1230, 330, 96), china, roundness=60, gloss=0.4)
        r.body(circle(540, 1220, 190, 52), times(china, 0.85), roundness=20, gloss=0.3, shadow=0.1)
        r.limb([(730, 900), (880, 900), (890, 1060), (700, 1120)], [44, 44, 40], china, gloss=0.5)
    r.body([(330, 800), (350, 1020), (430, 1190), (540, 1216), (650, 1190), (730, 1020), (750, 800)], Ramp(china, times(china, 0.8)), roundness=190, gloss=0.5)
    r.body(circle(540, 800, 210, 60), times(china, 0.9), roundness=24, gloss=0.4, shadow=0.0)
    r.shape(circle(540, 812, 188, 48), hexa("6a4220"), 0.95, 2)
    r.shape(circle(500, 800, 70, 12), (1.0, 0.9, 0.75), 0.35, 6)
    steam = Sheet(240, 150, 600, 700, 0.35)
    for k in range(3):
        x = 450 + 90 * k
        steam.stroke([(x, 780), (x + 40, 600), (x - 30, 420), (x + 30, 200)], [10, 46, 60, 20], (0.95, 0.95, 0.97), 0.16, 22)
    return [base, figure_layer(still, 0.9), steam.layer(0.95, sway=5)]


def _shards(still: Still, china: tuple[float, float, float]) -> None:
    """Pieces of a cup in a splash of tea."""
    r = still.relief
    r.shape(curve([(240, 980), (420, 830), (640, 860), (860, 960), (820, 1130), (600, 1210), (380, 1160)]), hexa("5a3216"), 0.75, 12)
    rng = dice("shards", still.seed)
    for k in range(15):
        a, d = float(rng.uniform(0, 6.28)), float(rng.uniform(20, 400))
        x, y, size = 540 + d * float(np.cos(a)), 1000 + d * 0.7 * float(np.sin(a)), float(rng.uniform(40, 150)) * (1.2 - d / 600)
        piece = [(x + size * float(np.cos(b)) * float(rng.uniform(0.5, 1)), y + size * 0.75 * float(np.sin(b)) * float(rng.uniform(0.5, 1))) for b in np.sort(rng.uniform(0, 6.28, 5))]
        lies(still, x, y + 8, size * 1.4, size, 0.35)
        r.body(piece, mix(china, (1, 1, 1), 0.1 * (k % 3)), smooth=False, roundness=size * 0.25, gloss=0.5, shadow=0.2)
    r.body([(420, 880), (400, 1010), (470, 1090), (600, 1080), (660, 980), (600, 960), (520, 900)], china, smooth=False, roundness=70, gloss=0.5)


def bottle(still: Still) -> list[Layer]:
    """A bottle, or a traveller's water skin."""
    r = still.relief
    if re.search("水囊|葫芦|skin", still.text):
        base = earth(still, "5a5148")
        lies(still, 540, 1080, 660, 560, 0.5)
        hide = hexa("7a5638")
        r.body([(420, 620), (330, 860), (270, 1120), (360, 1380), (560, 1420), (760, 1330), (800, 1080), (700, 820), (600, 620)], Ramp(hide, times(hide, 0.7)), roundness=200, rumple=30, gloss=0.12)
        r.limb([(510, 640), (500, 520), (470, 430)], [110, 84, 76], times(hide, 0.8))
        r.band([(430, 600), (600, 590)], [40, 40], hexa("c0a878"))
        r.stroke([(480, 440), (350, 470), (250, 560), (200, 700)], [12, 12, 10], hexa("4a3524"))
        r.shape(curve([(300, 1400), (420, 1430), (470, 1530), (330, 1560), (230, 1490)]), (0.12, 0.14, 0.16), 0.6, 12)
        return [base, figure_layer(still, 0.9)]
    base = desk(still)
    lies(still, 540, 1400, 420, 120, 0.5)
    glass = hexa("4a6a58")
    r.body([(470, 420), (470, 640), (390, 760), (380, 1000), (386, 1380), (540, 1410), (694, 1380), (700, 1000), (690, 760), (610, 640), (610, 420)], Ramp(times(glass, 1.1), times(glass, 0.6)), roundness=150, gloss=0.95)
    r.body([(400, 900), (680, 900), (682, 1200), (398, 1200)], PAPER, smooth=False, roundness=120, steep=0.3, shadow=0.1)
    r.limb([(540, 430), (540, 350)], [104, 96], hexa("8a6a48"))
    return [base, figure_layer(still, 0.9)]


def shoe(still: Still) -> list[Layer]:
    """One red shoe on sand or floor."""
    base = desk(still) if still.indoors else earth(still, "8d7760")
    r = still.relief
    lies(still, 540, 1120, 800, 240, 0.6)
    red = hexa("b3271e")
    r.body([(170, 1000), (200, 820), (300, 780), (430, 850), (600, 960), (780, 1000), (920, 1080), (900, 1180), (700, 1210), (330, 1200), (190, 1160)], Ramp(red, times(red, 0.65)), roundness=120, gloss=0.2, rumple=14)
    r.smooth([(225, 850), (300, 815), (400, 872), (560, 968), (480, 1010), (330, 980), (240, 940)], times(red, 0.18), 0.95, 8)
    r.band([(210, 1150), (500, 1200), (800, 1190), (905, 1140)], [22, 26, 22], hexa("d9c8a0"))
    r.stroke([(600, 980), (690, 1020), (760, 1060)], [4, 14, 4], hexa("e0b050"), 0.9)
    return [base, figure_layer(still, 0.9)]


def flame_light(still: Still) -> list[Layer]:
    """A candle or an oil lamp in the dark."""
    return _lamp(still, candle=True)


def lantern(still: Still) -> list[Layer]:
    """A lantern alight."""
    return _lamp(still, candle=False)


def _lamp(still: Still, *, candle: bool) -> list[Layer]:
    r = still.relief
    x = 540.0
    glow = Sheet(-150, -190, FRAME_WIDTH + 300, FRAME_HEIGHT + 380, 0.3)
    if candle:
        r.body([(430, 900), (650, 900), (664, 1500), (416, 1500)], hexa("e6dcc4"), smooth=False, roundness=110, shadow=0.0)
        r.body(circle(x, 900, 110, 30), hexa("f4ead2"), roundness=14, shadow=0.0)
        r.limb([(600, 905), (624, 1010), (618, 1100)], [34, 40, 26], hexa("efe6d0"))
        r.stroke([(x, 900), (x + 4, 840)], [9, 6], (0.05, 0.04, 0.03))
        top, size = 840.0, 1.0
    else:
        frame = hexa("4a3222")
        r.body([(340, 620), (740, 620), (780, 1300), (300, 1300)], (1.25, 0.85, 0.42), smooth=False, roundness=90, shadow=0.0)
        for bar in (340, 470, 610, 740):
            lean = (bar - 540) * 0.18
            r.limb([(bar, 620), (bar + lean, 1300)], [26, 28], frame)
        for y, wide in ((600, 250), (1310, 280)):
            r.body([(x - wide, y - 34), (x + wide, y - 34), (x + wide, y + 34), (x - wide, y + 34)], frame, smooth=False, roundness=24)
        r.limb([(440, 570), (540, 420), (640, 570)], [18, 18, 18], frame)
        top, size = 1080.0, 1.25
    flame = [(x - 44, top), (x - 60, top - 90), (x - 18, top - 190), (x + 4, top - 300), (x + 26, top - 190), (x + 60, top - 90), (x + 42, top)]
    fire = Sheet(240, 300, 600, 900, 0.6)
    for k, tone in ((1.0, (1.5, 0.75, 0.22)), (0.66, (1.9, 1.35, 0.6)), (0.34, (2.0, 1.8, 1.3))):
        fire.smooth([(x + (px - x) * k * size, top + (py - top) * k * size) for px, py in flame], tone, 0.92, 7)
    glow.glow(x, top - 110, 520, (1.0, 0.58, 0.22), 0.55)
    return [still.backing, figure_layer(still, 0.9), glow.layer(0.93), fire.layer(0.94, sway=2)]


def mirror(still: Still) -> list[Layer]:
    """A round mirror on a stand, light across it."""
    base = desk(still)
    r = still.relief
    r.body(circle(540, 880, 400), hexa("7a5a34"), roundness=50, gloss=0.5)
    r.paint(r.region([circle(540, 880, 345)]), Ramp(times(still.palette.sky[2], 0.8), times(still.palette.sky[3], 1.0)))
    r.shape([(300, 700), (420, 580), (820, 1010), (700, 1120)], (1, 1, 1), 0.22, 20)
    r.limb([(540, 1280), (540, 1560)], [70, 110], hexa("7a5a34"), gloss=0.4)
    return [base, figure_layer(still, 0.9)]


def shield(still: Still) -> list[Layer]:
    """A bronze shield with a young, smiling face drawn on it in ink."""
    r = still.relief
    r.body(circle(540, 920, 520, 560), hexa("8f7440"), roundness=260, gloss=0.55, shadow=0.0)
    r.body(circle(540, 920, 430, 470), hexa("a5884f"), roundness=200, gloss=0.5, shadow=0.15)
    for side in (-1, 1):
        r.stroke([(540 + side * 80, 790), (540 + side * 150, 750), (540 + side * 230, 790)], [6, 22, 4], INK, 0.9, 2)
        r.stroke([(540 + side * 90, 850), (540 + side * 150, 830), (540 + side * 210, 856)], [4, 16, 4], INK, 0.9, 2)
    r.stroke([(540, 860), (560, 980), (520, 1000)], [3, 10, 4], INK, 0.8, 2)
    r.stroke([(420, 1080), (540, 1140), (670, 1064)], [4, 20, 5], INK, 0.92, 2)
    return [still.backing, figure_layer(still)]


def arrow(still: Still) -> list[Layer]:
    """An arrow-head and its shaft, stuck fast."""
    base = earth(still, "6a5a48")
    r = still.relief
    lies(still, 620, 1080, 700, 90, 0.5)
    r.limb([(420, 1250), (640, 820), (860, 400)], [40, 36, 34], hexa("7a5a3a"))
    for side in (-1, 1):
        r.body([(800, 520), (850 + side * 90, 380), (930 + side * 90, 180), (890, 330)], hexa("cfc8ba"), smooth=False, roundness=16)
    r.shape(circle(416, 1262, 90, 30), (0.02, 0.02, 0.02), 0.55, 12)
    return [base, figure_layer(still, 0.9)]


def music_box(still: Still) -> list[Layer]:
    """A music box turning, its lid up, its cylinder shining."""
    base = desk(still)
    r = still.relief
    lies(still, 540, 1300, 860, 220, 0.5)
    wood = hexa("6a3f28")
    r.body([(230, 520), (850, 520), (880, 900), (200, 900)], times(wood, 0.7), smooth=False, roundness=20)
    r.body([(280, 560), (800, 560), (822, 870), (258, 870)], hexa("8a6a8a"), smooth=False, roundness=20, shadow=0.1)
    r.body([(180, 920), (900, 920), (930, 1340), (150, 1340)], Ramp(wood, times(wood, 0.6)), smooth=False, roundness=26, gloss=0.3)
    r.body([(230, 930), (850, 930), (862, 1040), (218, 1040)], (0.06, 0.05, 0.05), smooth=False, roundness=12, shadow=0.0)
    r.limb([(300, 985), (780, 985)], [86, 86], BRASS, gloss=0.9)
    rng = dice("pins", still.seed)
    for _ in range(60):
        r.body(circle(float(rng.uniform(310, 770)), float(rng.uniform(952, 1014)), 4), hexa("e0c680"), roundness=3, gloss=0.8, shadow=0.0)
    r.limb([(930, 1120), (1000, 1110), (1004, 1040)], [26, 24, 26], BRASS, gloss=0.8)
    return [base, figure_layer(still, 0.9)]


def clock(still: Still) -> list[Layer]:
    """A clock's face."""
    base = desk(still)
    r = still.relief
    lies(still, 540, 940, 900, 900, 0.5)
    r.body(circle(540, 920, 420), BRASS, roundness=60, gloss=0.8)
    r.body(circle(540, 920, 360), hexa("efe9dc"), roundness=20, shadow=0.1)
    for k in range(12):
        a = k * np.pi / 6
        inner, outer = 296 if k % 3 else 270, 330
        p0, p1 = (540 + inner * float(np.sin(a)), 920 - inner * float(np.cos(a))), (540 + outer * float(np.sin(a)), 920 - outer * float(np.cos(a)))
        r.stroke([p0, ((p0[0] + p1[0]) / 2, (p0[1] + p1[1]) / 2), p1], [14 if k % 3 == 0 else 8] * 2, INK, 0.9)
    for a, long, wide in ((5.76, 190, 18), (6.1, 280, 12)):
        r.limb([(540, 920), (540 + long * float(np.sin(a)), 920 - long * float(np.cos(a)))], [wide, wide * 0.5], (0.05, 0.05, 0.06), shadow=0.3)
    r.body(circle(540, 920, 22), BRASS, roundness=18, gloss=0.8)
    return [base, figure_layer(still, 0.9)]


def money(still: Still) -> list[Layer]:
    """Coins and notes on a table."""
    base = desk(still)
    r = still.relief
    rng = dice("coins", still.seed)
    if not still.old:
        for k in range(5):
            note = turn([(230.0, 760.0), (860.0, 760.0), (860.0, 1080.0), (230.0, 1080.0)], float(rng.uniform(-26, 26)), (540, 920))
            sheet_of_paper(still, note, mix(hexa("b9c4a4"), PAPER, 0.1 * k))
            r.tint(r.region([turn(circle(540, 920, 90), 0)]), hexa("7f9070"), 0.5)
    for _ in range(13):
        x, y = float(rng.normal(540, 190)), float(rng.normal(1040, 150))
        r.body(circle(x, y, 82, 66), BRASS if not still.old else hexa("c8a040"), roundness=20, gloss=0.8, shadow=0.4)
        r.body(circle(x, y, 56, 44), times(BRASS, 1.1), roundness=8, gloss=0.8, shadow=0.1)
    return [base, figure_layer(still, 0.9)]


def flower(still: Still) -> list[Layer]:
    """One flower on cloth."""
    base = fabric(still, hexa("2f2b2c"))
    r = still.relief
    tone = hexa("e3b6bf") if not re.search("rose|玫瑰", still.text, re.IGNORECASE) else hexa("b3222e")
    if re.search("white|白", still.text, re.IGNORECASE):
        tone = hexa("eee9e0")
    r.limb([(560, 1000), (600, 1300), (540, 1700)], [26, 24, 20], hexa("4a6a3a"))
    for ring_, count, radius in ((0, 8, 190), (1, 6, 130), (2, 5, 74)):
        for k in range(count):
            a = 2 * np.pi * (k + 0.5 * ring_) / count
            x, y = 540 + radius * 0.8 * float(np.cos(a)), 860 + radius * 0.8 * float(np.sin(a))
            r.body(circle(x, y, radius * 0.72, radius * 0.55, float(np.degrees(a))), times(tone, 0.8 + 0.1 * ring_), roundness=radius * 0.4, shadow=0.3)
    return [base, figure_layer(still, 0.9)]


def foot_print(still: Still) -> list[Layer]:
    """Footprints in snow or sand, dark with ink when it is ink."""
    base = earth(still, "d5dde3" if re.search("雪|snow", still.text) else "a08c70")
    for k in range(3):
        x, y = 420 + 240 * (k % 2), 1450 - 460 * k
        tone = (0.05, 0.05, 0.08) if re.search("墨|ink", still.text) else (0.25, 0.24, 0.25)
        still.relief.shape(curve([(x - 70, y + 190), (x - 90, y - 20), (x - 60, y - 170), (x + 20, y - 210), (x + 80, y - 120), (x + 60, y + 40), (x + 70, y + 190), (x, y + 240)]), tone, 0.75, 16)
    return [base, figure_layer(still, 0.9)]


def feet(still: Still) -> list[Layer]:
    """A bare foot; a tear breaks on it when somebody weeps."""
    base = earth(still, "4a443f") if not still.indoors else desk(still)
    lies(still, 540, 1340, 620, 240, 0.5)
    foot(still, 540, 1150, 190)
    if re.search("泪|tear", still.text):
        r = still.relief
        for dx, dy, size in ((0, 0, 34), (-60, -34, 12), (58, -40, 13), (18, -78, 9), (-24, -66, 8)):
            r.body(circle(545 + dx, 1020 + dy, size * 1.2, size), (0.8, 0.88, 0.95), roundness=size, gloss=1.0, shadow=0.2)
    return [base, figure_layer(still, 0.9)]


def hand(still: Still) -> list[Layer]:
    """A hand, open."""
    palm(still, 540, 900, 235, 4)
    if re.search("卷了边|金光|burn", still.text):
        still.relief.tint(still.relief.region([circle(500, 760, 190, 230)], 60), hexa("d8b060"), 0.6)
        for k in range(5):
            still.relief.stroke([(380 + 50 * k, 660 + 40 * (k % 2)), (430 + 46 * k, 760), (400 + 60 * k, 860)], [2, 12, 2], hexa("3a2412"), 0.8, 2)
    return [still.backing, figure_layer(still)]


def hand_ink(still: Still) -> list[Layer]:
    """Ink that runs between the fingers where blood should."""
    palm(still, 540, 880, 235, -4)
    r = still.relief
    rng = dice("ink", still.seed)
    for x, y, long in ((430, 640, 620), (545, 600, 900), (650, 660, 520), (500, 860, 700)):
        line = [(x, y), (x + float(rng.uniform(-26, 26)), y + long * 0.4), (x + float(rng.uniform(-30, 30)), y + long)]
        r.limb(line, [30, 40, 26, 44], (0.03, 0.03, 0.05), gloss=0.8, roundness=20, shadow=0.2)
    r.body(curve([(420, 760), (520, 690), (640, 740), (690, 850), (600, 950), (470, 930), (400, 850)]), (0.03, 0.03, 0.05), roundness=60, gloss=0.8, shadow=0.2)
    r.shape(circle(500, 790, 44, 14, -20), (0.9, 0.95, 1.1), 0.6, 4)
    return [still.backing, figure_layer(still)]


def door(still: Still) -> list[Layer]:
    """A handle and a lock."""
    r = still.relief
    wood = hexa("5c4030")
    r.body([(-160, -200), (1240, -200), (1240, 2120), (-160, 2120)], Ramp(wood, times(wood, 0.8)), smooth=False, roundness=60, shadow=0.0)
    r.body([(180, 200), (900, 200), (900, 1750), (180, 1750)], times(wood, 1.1), smooth=False, roundness=40, shadow=0.3)
    r.body([(420, 640), (640, 640), (640, 1330), (420, 1330)], BRASS, smooth=False, roundness=26, gloss=0.7)
    r.limb([(530, 860), (700, 850), (860, 880)], [78, 70, 62], BRASS, gloss=0.9, shadow=0.4)
    r.body(circle(530, 860, 74), BRASS, roundness=50, gloss=0.9)
    r.shape(circle(530, 1160, 28), (0.02, 0.02, 0.02))
    r.shape([(518, 1160), (542, 1160), (556, 1240), (504, 1240)], (0.02, 0.02, 0.02))
    return [still.backing, figure_layer(still)]


def blood(still: Still) -> list[Layer]:
    """A drop and where it fell."""
    base = desk(still) if still.indoors else earth(still, "6a655c")
    r = still.relief
    for dx, dy, size in ((0, 0, 130), (190, -60, 34), (-170, 80, 44), (120, 160, 26), (-90, -150, 22)):
        r.body(circle(540 + dx, 980 + dy, size * 1.2, size), hexa("6f0d0b"), roundness=size * 0.6, gloss=0.8, shadow=0.15)
    return [base, figure_layer(still, 0.9)]


def still_life(still: Still) -> list[Layer]:
    """An object without a picture of its own: a wrapped bundle on cloth in good light."""
    base = fabric(still, hexa("3b3733"))
    r = still.relief
    lies(still, 540, 1180, 780, 300, 0.55)
    tone = mix(still.cloth, hexa("9a8f80"), 0.5)
    r.body([(230, 1100), (300, 860), (420, 740), (560, 700), (700, 760), (810, 880), (860, 1110), (760, 1260), (540, 1310), (320, 1260)], Ramp(tone, times(tone, 0.7)), roundness=220, rumple=60)
    r.body([(480, 760), (430, 620), (500, 560), (560, 640), (630, 560), (690, 630), (610, 770)], times(tone, 1.08), roundness=60, rumple=30)
    r.band([(440, 780), (550, 740), (660, 790)], [40, 46, 40], hexa("7a3a2a"))
    return [base, figure_layer(still, 0.9)]
