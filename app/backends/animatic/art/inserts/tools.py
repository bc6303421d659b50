"""Close-ups of tools: brushes and pens, phones, blades, arrows, shields."""

from __future__ import annotations

import re

from app.backends.animatic.art.brush import Ramp, Sheet, circle, curve, marks, move, turn
from app.backends.animatic.art.colour import hexa, mix, times
from app.backends.animatic.art.inserts.hands import grip, writing_fingers, writing_hand
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
from app.backends.animatic.layers import Layer

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
        sheet_of_paper(still, turn(marks("110 330, 900 330, 900 1650, 110 1650"), -4, (540, 960)))
        tip = (470.0, 1010.0)
        if re.search("雀|鸟|bird", still.text):
            _ink_bird(still, 360, 800)
            tip = (520.0, 905.0)
        else:
            r.shape(
                curve(
                    [
                        (tip[0] - 34, tip[1] + 8),
                        (tip[0], tip[1] - 24),
                        (tip[0] + 26, tip[1] + 10),
                        (tip[0] - 2, tip[1] + 36),
                    ]
                ),
                INK,
                0.95,
                2,
            )
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
        r.limb(
            [(tip[0] + 34, tip[1] - 60), shaft[1], shaft[2]],
            [34, 40, 38],
            hexa("c3cad2") if re.search("silver|银", still.text, re.IGNORECASE) else (0.07, 0.07, 0.08),
            gloss=0.9,
            shadow=0.35,
        )
        r.body(nib, hexa("d9b25a"), smooth=False, roundness=9, gloss=0.9)
        r.band([(back[0] + 70, back[1] - 210), (back[0] + 120, back[1] - 190)], [14, 14], hexa("d9b25a"), gloss=0.9)
    else:
        r.limb([(tip[0] + 26, tip[1] - 70), shaft[1], shaft[2]], [28, 34, 26], hexa("e6dfcb"), gloss=0.3, shadow=0.35)
        r.body(
            [
                (tip[0], tip[1]),
                (tip[0] + 2, tip[1] - 46),
                (tip[0] + 26, tip[1] - 96),
                (tip[0] + 54, tip[1] - 84),
                (tip[0] + 34, tip[1] - 34),
            ],
            (0.05, 0.05, 0.06),
            roundness=18,
            gloss=0.3,
        )
    writing_fingers(still, tip, 112)


def _ink_bird(still: Still, x: float, y: float) -> None:
    """A sparrow in a few strokes of ink, alive enough to fly."""
    shapes = (
        (marks("-0.6 0.1, -0.3 -0.36, 0.25 -0.3, 0.6 0.15, 0.2 0.5, -0.35 0.42"), 0.5),
        (marks("-0.1 -0.25, 0.5 -0.1, 1.15 0.5, 0.5 0.4, 0.05 0.2"), 0.9),
        (marks("-0.9 -0.22, -0.72 -0.6, -0.3 -0.55, -0.25 -0.2, -0.6 -0.05"), 0.75),
        ([(-0.88, -0.35), (-1.2, -0.24), (-0.88, -0.18)], 1.0),
        (marks("0.5 0.1, 1.4 0.62, 1.3 0.78, 0.45 0.4"), 0.85),
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
    r.body(
        marks("60 560, 400 470, 760 520, 930 700, 1240 2160, -160 2160"),
        Ramp(cloth, times(cloth, 0.7)),
        folds=folds,
        roundness=90,
        rumple=26,
        shadow=0.0,
    )
    r.smooth(marks("300 520, 520 470, 740 540, 800 660, 620 700, 380 660"), times(cloth, 0.16), 0.95, 14)
    r.limb([(560, 660), (520, 420), (470, 130)], [58, 50, 34], hexa("e6dfcb"), gloss=0.3, shadow=0.3)
    r.body(marks("472 140, 440 60, 450 -60, 492 -30, 506 60"), (0.05, 0.05, 0.06), roundness=20, gloss=0.2)
    r.band(
        marks("250 590, 420 690, 620 730, 820 660"),
        [46, 52, 46],
        still.owner.wear.trim if still.owner else times(cloth, 0.6),
        shadow=0.35,
    )
    skin = times(still.skin, (0.98, 0.9, 0.88))
    for k in range(3):
        r.limb(
            [(1180, 760 + 170 * k), (900 - 10 * k, 560 + 170 * k), (620 + 90 * k, 430 + 190 * k)],
            [128, 110, 76],
            mix(skin, (1, 0.82, 0.78), 0.14),
            shadow=0.35,
        )
    r.body(
        curve(marks("600 398, 650 384, 670 424, 624 446")),
        mix(skin, (1, 0.9, 0.88), 0.5),
        roundness=10,
        gloss=0.4,
        shadow=0.1,
    )
    return [base, figure_layer(still, 0.9)]


def pen(still: Still) -> list[Layer]:
    """A pen: writing, or held up to be looked at, or laid on a desk."""
    if re.search("desk|lays|桌", still.text, re.IGNORECASE) and not re.search("hand", still.text, re.IGNORECASE):
        base = desk(still)
        lies(still, 560, 990, 860, 120, 0.6)
        silver = hexa("c3cad2") if re.search("silver|银", still.text, re.IGNORECASE) else (0.06, 0.06, 0.07)
        still.relief.limb([(190, 1130), (560, 960), (900, 800)], [64, 74, 66], silver, gloss=0.95)
        still.relief.body(
            marks("190 1130, 120 1190, 84 1196, 160 1096"), hexa("d9b25a"), smooth=False, roundness=14, gloss=0.9
        )
        still.relief.band([(560, 920), (870, 780)], [16, 12], hexa("d9b25a"), gloss=0.9)
        return [base, figure_layer(still, 0.9)]
    base = desk(still)
    sheet_of_paper(still, turn(marks("90 420, 880 420, 880 1760, 90 1760"), -5, (540, 960)))
    handwriting(still, still.relief, (170, 560, 780, 900), 3, INK, 6.0)
    still.relief.tint(still.relief.region([marks("170 1048, 760 1018, 760 1023, 170 1053")]), INK, 0.6)
    tip = (430.0, 1020.0)
    if re.search("hover|stops|悬", still.text, re.IGNORECASE):
        tip = (440.0, 960.0)
        still.relief.shape(circle(420, 1040, 60, 16), (0.02, 0.02, 0.02), 0.35, 14)
    _write(still, tip, pen=True)
    return [base, figure_layer(still, 0.9)]


def phone(still: Still) -> list[Layer]:
    """A phone in a hand, its screen alight."""
    r, at = still.relief, (540.0, 860.0)
    grip(still, 700, 1210, 150)
    body = turn(marks("280 330, 790 330, 790 1370, 280 1370"), -6, at)
    r.body(body, (0.05, 0.052, 0.058), smooth=False, roundness=26, gloss=0.5, shadow=0.4)
    still.printed(marks("306 366, 764 366, 764 1334, 306 1334"), Ramp((0.9, 1.2, 1.6), (0.25, 0.4, 0.7)), -6, at)
    pale = (1.2, 1.35, 1.6)
    still.printed(circle(536, 640, 110), pale, -6, at, 0.8, 2)
    still.printed(curve(marks("420 860, 440 790, 536 762, 632 790, 652 860")), pale, -6, at, 0.8, 2)
    for k, half in enumerate((150, 95)):
        y = 900.0 + 56 * k
        bar = [(536.0 - half, y), (536.0 + half, y), (536.0 + half, y + 26), (536.0 - half, y + 26)]
        still.printed(bar, (1.5, 1.6, 1.7), -6, at, 0.85)
    for x, tone in ((410, (1.2, 0.25, 0.2)), (662, (0.3, 1.2, 0.4))):
        still.printed(circle(x, 1180, 62), tone, -6, at, 0.95, 1)
    warm = mix(times(still.skin, 0.92), (1, 0.8, 0.75), 0.12)
    for k in range(4):
        y = 1000 + 108 * k
        r.limb([(900, y), (812, y - 15), (748, y)], [92, 84, 66], warm, shadow=0.35)
    return [still.backing, figure_layer(still)]


def knife(still: Still) -> list[Layer]:
    """A blade, its point trembling in the light; an axe's edge when it is one."""
    r = still.relief
    grip(still, 720, 1420, 150)
    if re.search("斧|axe", still.text, re.IGNORECASE):
        r.limb([(720, 1500), (560, 900), (430, 420)], [74, 66, 60], hexa("5a3f28"))
        r.body(
            marks("470 560, 420 380, 60 240, 20 520, 90 800, 360 640"),
            Ramp(times(STEEL, 1.1), times(STEEL, 0.55)),
            roundness=60,
            gloss=0.7,
        )
        r.stroke([(60, 240), (20, 520), (90, 800)], [8, 16, 8], (1.2, 1.25, 1.3), 0.7, 2)
        return [still.backing, figure_layer(still)]
    blade = marks("640 1330, 760 1270, 500 560, 380 300, 440 620")
    r.body(blade, Ramp(times(STEEL, 1.2), times(STEEL, 0.6)), smooth=False, roundness=46, gloss=0.95, shadow=0.2)
    r.stroke([(655, 1300), (480, 720), (384, 320)], [3, 5, 2], (1.3, 1.35, 1.4), 0.85, 1)
    r.stroke([(720, 1270), (560, 800), (460, 520)], [10, 8, 2], times(STEEL, 0.45), 0.7, 3)
    r.body(turn(marks("560 1330, 840 1250, 852 1300, 575 1382"), 0), BRASS, smooth=False, roundness=22, gloss=0.7)
    glint = Sheet(240, 180, 300, 300, 0.5)
    glint.glow(384, 320, 60, (1.0, 1.0, 1.0), 0.9)
    glint.stroke([(300, 320), (384, 320), (470, 320)], [0, 7, 0], (1.5, 1.5, 1.5), 0.8, 2)
    glint.stroke([(384, 230), (384, 320), (384, 410)], [0, 7, 0], (1.5, 1.5, 1.5), 0.8, 2)
    return [still.backing, figure_layer(still), glint.layer(0.97)]


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
        r.body(
            [(800, 520), (850 + side * 90, 380), (930 + side * 90, 180), (890, 330)],
            hexa("cfc8ba"),
            smooth=False,
            roundness=16,
        )
    r.shape(circle(416, 1262, 90, 30), (0.02, 0.02, 0.02), 0.55, 12)
    return [base, figure_layer(still, 0.9)]
