"""Close-ups of tools, vessels and everything else that is held or laid down."""

from __future__ import annotations

import re

import numpy as np

from app.backends.animatic.art.brush import Ramp, Sheet, circle, curve, marks, move, turn
from app.backends.animatic.art.colour import dice, hexa, mix, times
from app.backends.animatic.art.inserts.surfaces import (
    INK,
    PAPER,
    Still,
    desk,
    earth,
    fabric,
    figure_layer,
    lies,
    sheet_of_paper,
)
from app.backends.animatic.layers import FRAME_HEIGHT, FRAME_WIDTH, Layer

BRASS = hexa("b08d4a")


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
        r.limb(marks("730 900, 880 900, 890 1060, 700 1120"), [44, 44, 40], china, gloss=0.5)
    r.body(
        marks("330 800, 350 1020, 430 1190, 540 1216, 650 1190, 730 1020, 750 800"),
        Ramp(china, times(china, 0.8)),
        roundness=190,
        gloss=0.5,
    )
    r.body(circle(540, 800, 210, 60), times(china, 0.9), roundness=24, gloss=0.4, shadow=0.0)
    r.shape(circle(540, 812, 188, 48), hexa("6a4220"), 0.95, 2)
    r.shape(circle(500, 800, 70, 12), (1.0, 0.9, 0.75), 0.35, 6)
    steam = Sheet(240, 150, 600, 700, 0.35)
    for k in range(3):
        x = 450 + 90 * k
        steam.stroke(
            [(x, 780), (x + 40, 600), (x - 30, 420), (x + 30, 200)], [10, 46, 60, 20], (0.95, 0.95, 0.97), 0.16, 22
        )
    return [base, figure_layer(still, 0.9), steam.layer(0.95, sway=5)]


def _shards(still: Still, china: tuple[float, float, float]) -> None:
    """Pieces of a cup in a splash of tea."""
    r = still.relief
    r.shape(
        curve(marks("240 980, 420 830, 640 860, 860 960, 820 1130, 600 1210, 380 1160")),
        hexa("5a3216"),
        0.75,
        12,
    )
    rng = dice("shards", still.seed)
    for k in range(15):
        a, d = float(rng.uniform(0, 6.28)), float(rng.uniform(20, 400))
        x, y, size = (
            540 + d * float(np.cos(a)),
            1000 + d * 0.7 * float(np.sin(a)),
            float(rng.uniform(40, 150)) * (1.2 - d / 600),
        )
        piece = [
            (
                x + size * float(np.cos(b)) * float(rng.uniform(0.5, 1)),
                y + size * 0.75 * float(np.sin(b)) * float(rng.uniform(0.5, 1)),
            )
            for b in np.sort(rng.uniform(0, 6.28, 5))
        ]
        lies(still, x, y + 8, size * 1.4, size, 0.35)
        r.body(piece, mix(china, (1, 1, 1), 0.1 * (k % 3)), smooth=False, roundness=size * 0.25, gloss=0.5, shadow=0.2)
    r.body(
        marks("420 880, 400 1010, 470 1090, 600 1080, 660 980, 600 960, 520 900"),
        china,
        smooth=False,
        roundness=70,
        gloss=0.5,
    )


def bottle(still: Still) -> list[Layer]:
    """A bottle, or a traveller's water skin."""
    r = still.relief
    if re.search("水囊|葫芦|skin", still.text):
        base = earth(still, "5a5148")
        lies(still, 540, 1080, 660, 560, 0.5)
        hide = hexa("7a5638")
        r.body(
            marks("420 620, 330 860, 270 1120, 360 1380, 560 1420, 760 1330, 800 1080, 700 820, 600 620"),
            Ramp(hide, times(hide, 0.7)),
            roundness=200,
            rumple=30,
            gloss=0.12,
        )
        r.limb([(510, 640), (500, 520), (470, 430)], [110, 84, 76], times(hide, 0.8))
        r.band([(430, 600), (600, 590)], [40, 40], hexa("c0a878"))
        r.stroke(marks("480 440, 350 470, 250 560, 200 700"), [12, 12, 10], hexa("4a3524"))
        r.shape(curve(marks("300 1400, 420 1430, 470 1530, 330 1560, 230 1490")), (0.12, 0.14, 0.16), 0.6, 12)
        return [base, figure_layer(still, 0.9)]
    base = desk(still)
    lies(still, 540, 1400, 420, 120, 0.5)
    glass = hexa("4a6a58")
    r.body(
        marks(
            "470 420, 470 640, 390 760, 380 1000, 386 1380, 540 1410, 694 1380, 700 1000, 690 760,  610 640, 610 420"
        ),
        Ramp(times(glass, 1.1), times(glass, 0.6)),
        roundness=150,
        gloss=0.95,
    )
    r.body(marks("400 900, 680 900, 682 1200, 398 1200"), PAPER, smooth=False, roundness=120, steep=0.3, shadow=0.1)
    r.limb([(540, 430), (540, 350)], [104, 96], hexa("8a6a48"))
    return [base, figure_layer(still, 0.9)]


def shoe(still: Still) -> list[Layer]:
    """One red shoe on sand or floor."""
    base = desk(still) if still.indoors else earth(still, "8d7760")
    r = still.relief
    lies(still, 540, 1120, 800, 240, 0.6)
    red = hexa("b3271e")
    r.body(
        marks(
            "170 1000, 200 820, 300 780, 430 850, 600 960, 780 1000, 920 1080, 900 1180, 700 1210,  330 1200, 190 1160"
        ),
        Ramp(red, times(red, 0.65)),
        roundness=120,
        gloss=0.2,
        rumple=14,
    )
    r.smooth(marks("225 850, 300 815, 400 872, 560 968, 480 1010, 330 980, 240 940"), times(red, 0.18), 0.95, 8)
    r.band(marks("210 1150, 500 1200, 800 1190, 905 1140"), [22, 26, 22], hexa("d9c8a0"))
    r.stroke([(600, 980), (690, 1020), (760, 1060)], [4, 14, 4], hexa("e0b050"), 0.9)
    return [base, figure_layer(still, 0.9)]


def flame_light(still: Still) -> list[Layer]:
    """A candle or an oil lamp in the dark."""
    return _lamp(still, candle=True)


def lantern(still: Still) -> list[Layer]:
    """A lantern alight."""
    return _lamp(still, candle=False)


def _lamp(still: Still, *, candle: bool) -> list[Layer]:
    """A flame with its halo, on a candle or in a lantern."""
    x = 540.0
    top, size = _candle(still, x) if candle else _cage(still, x)
    flame = move(marks("-44 0, -60 -90, -18 -190, 4 -300, 26 -190, 60 -90, 42 0"), x, top)
    fire = Sheet(240, 300, 600, 900, 0.6)
    for k, tone in ((1.0, (1.5, 0.75, 0.22)), (0.66, (1.9, 1.35, 0.6)), (0.34, (2.0, 1.8, 1.3))):
        fire.smooth([(x + (px - x) * k * size, top + (py - top) * k * size) for px, py in flame], tone, 0.92, 7)
    glow = Sheet(-150, -190, FRAME_WIDTH + 300, FRAME_HEIGHT + 380, 0.3)
    glow.glow(x, top - 110, 520, (1.0, 0.58, 0.22), 0.55)
    return [still.backing, figure_layer(still, 0.9), glow.layer(0.93), fire.layer(0.94, sway=2)]


def _candle(still: Still, x: float) -> tuple[float, float]:
    """A candle with a run of wax; returns where its flame begins and how large it is."""
    r = still.relief
    r.body(marks("430 900, 650 900, 664 1500, 416 1500"), hexa("e6dcc4"), smooth=False, roundness=110, shadow=0.0)
    r.body(circle(x, 900, 110, 30), hexa("f4ead2"), roundness=14, shadow=0.0)
    r.limb([(600, 905), (624, 1010), (618, 1100)], [34, 40, 26], hexa("efe6d0"))
    r.stroke([(x, 900), (x + 4, 840)], [9, 6], (0.05, 0.04, 0.03))
    return 840.0, 1.0


def _cage(still: Still, x: float) -> tuple[float, float]:
    """A paper lantern in a frame; returns where its flame begins and how large it is."""
    r, frame = still.relief, hexa("4a3222")
    paper = marks("340 620, 740 620, 780 1300, 300 1300")
    r.body(paper, (1.25, 0.85, 0.42), smooth=False, roundness=90, shadow=0.0)
    for bar in (340, 470, 610, 740):
        r.limb([(bar, 620), (bar + (bar - 540) * 0.18, 1300)], [26, 28], frame)
    for y, wide in ((600, 250), (1310, 280)):
        slat = [(x - wide, y - 34), (x + wide, y - 34), (x + wide, y + 34), (x - wide, y + 34)]
        r.body(slat, frame, smooth=False, roundness=24)
    r.limb([(440, 570), (540, 420), (640, 570)], [18, 18, 18], frame)
    return 1080.0, 1.25


def mirror(still: Still) -> list[Layer]:
    """A round mirror on a stand, light across it."""
    base = desk(still)
    r = still.relief
    r.body(circle(540, 880, 400), hexa("7a5a34"), roundness=50, gloss=0.5)
    r.paint(r.region([circle(540, 880, 345)]), Ramp(times(still.palette.sky[2], 0.8), times(still.palette.sky[3], 1.0)))
    r.shape(marks("300 700, 420 580, 820 1010, 700 1120"), (1, 1, 1), 0.22, 20)
    r.limb([(540, 1280), (540, 1560)], [70, 110], hexa("7a5a34"), gloss=0.4)
    return [base, figure_layer(still, 0.9)]


def music_box(still: Still) -> list[Layer]:
    """A music box turning, its lid up, its cylinder shining."""
    base = desk(still)
    r = still.relief
    lies(still, 540, 1300, 860, 220, 0.5)
    wood = hexa("6a3f28")
    r.body(marks("230 520, 850 520, 880 900, 200 900"), times(wood, 0.7), smooth=False, roundness=20)
    r.body(marks("280 560, 800 560, 822 870, 258 870"), hexa("8a6a8a"), smooth=False, roundness=20, shadow=0.1)
    r.body(
        marks("180 920, 900 920, 930 1340, 150 1340"),
        Ramp(wood, times(wood, 0.6)),
        smooth=False,
        roundness=26,
        gloss=0.3,
    )
    r.body(marks("230 930, 850 930, 862 1040, 218 1040"), (0.06, 0.05, 0.05), smooth=False, roundness=12, shadow=0.0)
    r.limb([(300, 985), (780, 985)], [86, 86], BRASS, gloss=0.9)
    rng = dice("pins", still.seed)
    for _ in range(60):
        r.body(
            circle(float(rng.uniform(310, 770)), float(rng.uniform(952, 1014)), 4),
            hexa("e0c680"),
            roundness=3,
            gloss=0.8,
            shadow=0.0,
        )
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
        p0, p1 = (
            (540 + inner * float(np.sin(a)), 920 - inner * float(np.cos(a))),
            (540 + outer * float(np.sin(a)), 920 - outer * float(np.cos(a))),
        )
        r.stroke([p0, ((p0[0] + p1[0]) / 2, (p0[1] + p1[1]) / 2), p1], [14 if k % 3 == 0 else 8] * 2, INK, 0.9)
    for a, long, wide in ((5.76, 190, 18), (6.1, 280, 12)):
        r.limb(
            [(540, 920), (540 + long * float(np.sin(a)), 920 - long * float(np.cos(a)))],
            [wide, wide * 0.5],
            (0.05, 0.05, 0.06),
            shadow=0.3,
        )
    r.body(circle(540, 920, 22), BRASS, roundness=18, gloss=0.8)
    return [base, figure_layer(still, 0.9)]


def money(still: Still) -> list[Layer]:
    """Coins and notes on a table."""
    base = desk(still)
    r = still.relief
    rng = dice("coins", still.seed)
    if not still.old:
        for k in range(5):
            note = turn(
                marks("230 760, 860 760, 860 1080, 230 1080"),
                float(rng.uniform(-26, 26)),
                (540, 920),
            )
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
            r.body(
                circle(x, y, radius * 0.72, radius * 0.55, float(np.degrees(a))),
                times(tone, 0.8 + 0.1 * ring_),
                roundness=radius * 0.4,
                shadow=0.3,
            )
    return [base, figure_layer(still, 0.9)]


def door(still: Still) -> list[Layer]:
    """A handle and a lock."""
    r = still.relief
    wood = hexa("5c4030")
    r.body(
        marks("-160 -200, 1240 -200, 1240 2120, -160 2120"),
        Ramp(wood, times(wood, 0.8)),
        smooth=False,
        roundness=60,
        shadow=0.0,
    )
    r.body(marks("180 200, 900 200, 900 1750, 180 1750"), times(wood, 1.1), smooth=False, roundness=40, shadow=0.3)
    r.body(marks("420 640, 640 640, 640 1330, 420 1330"), BRASS, smooth=False, roundness=26, gloss=0.7)
    r.limb([(530, 860), (700, 850), (860, 880)], [78, 70, 62], BRASS, gloss=0.9, shadow=0.4)
    r.body(circle(530, 860, 74), BRASS, roundness=50, gloss=0.9)
    r.shape(circle(530, 1160, 28), (0.02, 0.02, 0.02))
    r.shape(marks("518 1160, 542 1160, 556 1240, 504 1240"), (0.02, 0.02, 0.02))
    return [still.backing, figure_layer(still)]


def still_life(still: Still) -> list[Layer]:
    """An object without a picture of its own: a wrapped bundle on cloth in good light."""
    base = fabric(still, hexa("3b3733"))
    r = still.relief
    lies(still, 540, 1180, 780, 300, 0.55)
    tone = mix(still.cloth, hexa("9a8f80"), 0.5)
    r.body(
        marks("230 1100, 300 860, 420 740, 560 700, 700 760, 810 880, 860 1110, 760 1260, 540 1310, 320 1260"),
        Ramp(tone, times(tone, 0.7)),
        roundness=220,
        rumple=60,
    )
    r.body(
        marks("480 760, 430 620, 500 560, 560 640, 630 560, 690 630, 610 770"),
        times(tone, 1.08),
        roundness=60,
        rumple=30,
    )
    r.band([(440, 780), (550, 740), (660, 790)], [40, 46, 40], hexa("7a3a2a"))
    return [base, figure_layer(still, 0.9)]
