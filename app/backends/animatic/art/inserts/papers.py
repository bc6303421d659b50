"""Close-ups of writing: letters, ledgers, silk, photographs, badges, seals."""

from __future__ import annotations

import re

import numpy as np

from app.backends.animatic.art.brush import Ramp, circle, curve, marks, move, turn
from app.backends.animatic.art.colour import dice, hexa, mix, times
from app.backends.animatic.art.inserts.hands import grip
from app.backends.animatic.art.inserts.surfaces import (
    INK,
    PAPER,
    Still,
    desk,
    fabric,
    figure_layer,
    handwriting,
    lies,
    sheet_of_paper,
)
from app.backends.animatic.layers import Layer


def letter(still: Still) -> list[Layer]:
    """A page of handwriting under the light; wet where the ink is wet, with a printed heading when it is a form."""
    base = desk(still)
    tilt = -5.0 if still.seed % 2 else 4.0
    form = bool(
        re.search(r"heading|petition|contract|transfer|合同|协议|third copy|divorce", still.text, re.IGNORECASE)
    )
    under = turn(marks("200 420, 940 420, 940 1560, 200 1560"), tilt + 7, (560, 1000))
    sheet_of_paper(still, under, times(PAPER, 0.9))
    page = turn(marks("150 360, 900 360, 900 1520, 150 1520"), tilt, (540, 960))
    sheet_of_paper(still, page)
    top = 470.0
    if form:
        still.relief.tint(
            still.relief.region([turn(marks("230 440, 820 440, 820 472, 230 472"), tilt, (540, 960))]), INK, 0.85
        )
        still.relief.tint(
            still.relief.region([turn(marks("330 500, 720 500, 720 516, 330 516"), tilt, (540, 960))]), INK, 0.6
        )
        top = 590.0
    columns = still.old
    practice = bool(re.search("practice|练字|rubbing", still.text, re.IGNORECASE))
    if practice:
        _rubbing(still)
    pen = handwriting(
        still,
        still.relief,
        (235, top, 830, 1180 if not columns else 1380),
        9 if not columns else 7,
        (0.9, 0.9, 0.88) if practice else INK,
        6.0,
        upright=columns,
    )
    _signature(still, columns)
    if re.search("wet|未干|湿|新的|date|日期|签", still.text, re.IGNORECASE):
        _wet(still, (560.0, 1330.0) if not columns else pen)
    return [base, figure_layer(still, 0.85)]


def _signature(still: Still, columns: bool) -> None:
    """A name signed with a flourish above a line."""
    if columns:
        return
    r = still.relief
    r.tint(r.region([marks("330 1372, 830 1372, 830 1377, 330 1377")]), INK, 0.7)
    t = np.linspace(0, 1, 60)
    rng = dice("sign", still.seed)
    loops = float(rng.uniform(5.5, 7.5))
    xs = 350 + 440 * t + 24 * np.sin(2 * np.pi * loops * t)
    ys = (
        1345
        - (20 + 46 * np.exp(-((t / 0.12) ** 2)) + 30 * np.exp(-(((t - 0.55) / 0.1) ** 2)))
        * (0.6 + np.cos(2 * np.pi * loops * t))
        - 20 * t
    )
    points = [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]
    r.stroke([*points, (880, 1290)], [4, 9, 5, 10, 5, 9, 5, 8, 3], INK, 0.95, 0.8)


def _wet(still: Still, at: tuple[float, float]) -> None:
    """Ink that has not dried: it stands up from the paper and shines."""
    r = still.relief
    x, y = at
    for dx, dy, size in ((0, 0, 40), (66, -10, 16), (-62, 12, 20), (30, 40, 10), (120, 8, 8)):
        r.body(
            circle(x + dx, y + dy, size * 1.2, size), (0.035, 0.035, 0.06), roundness=size * 0.8, gloss=0.9, shadow=0.12
        )
    r.shape(circle(x - 12, y - 14, 12, 6, -25), (1.5, 1.5, 1.6), 0.85, 2)


def _rubbing(still: Still) -> None:
    """Pencil rubbed over a page: grey, with pale words in it."""
    strokes = []
    rng = dice("rub", still.seed)
    for _ in range(240):
        x, y = float(rng.uniform(170, 840)), float(rng.uniform(420, 1480))
        strokes.append([(x, y), (x + 70, y - 34), (x + 72, y - 29), (x + 2, y + 6)])
    still.relief.tint(still.relief.region(strokes, 1.5), (0.32, 0.32, 0.34), 0.62)


def ledger(still: Still) -> list[Layer]:
    """An open account book: two pages, ruled columns, figures in a hand, salt in the gutter."""
    base = desk(still)
    r = still.relief
    lies(still, 540, 980, 1000, 900, 0.5)
    r.body(marks("30 560, 1050 560, 1070 1420, 10 1420"), hexa("5c3628"), smooth=False, roundness=14, shadow=0.2)
    for side in (-1, 1):
        page = [(540, 575), (540 + side * 470, 560), (540 + side * 490, 1395), (540, 1410)]
        r.body(page, PAPER, smooth=False, roundness=60, steep=0.35, shadow=0.2)
        x0, x1 = (80, 500) if side < 0 else (580, 1000)
        for k in range(17):
            y = 640 + k * 44
            r.tint(r.region([[(x0, y), (x1, y), (x1, y + 2), (x0, y + 2)]]), (0.55, 0.5, 0.5), 0.4)
        for fx in (0.62, 0.8):
            x = x0 + (x1 - x0) * fx
            r.tint(r.region([[(x, 600), (x + 3, 600), (x + 3, 1370), (x, 1370)]]), (0.6, 0.2, 0.2), 0.5)
        end = handwriting(
            still, r, (x0 + 6, 634, x0 + (x1 - x0) * 0.6, 1340 if side < 0 else 1180), 16 if side < 0 else 12, INK, 4.0
        )
        if side > 0:
            _wet(still, (end[0] + 30, end[1] + 66))
    r.shape(curve(marks("520 575, 540 560, 560 575, 560 1410, 540 1424, 520 1410")), (0.1, 0.07, 0.05), 0.5, 14)
    return [base, figure_layer(still, 0.85)]


def silk(still: Still) -> list[Layer]:
    """A strip of silk with two columns of characters."""
    base = fabric(still, hexa("3a332d"))
    r = still.relief
    lies(still, 540, 960, 820, 900, 0.5)
    r.body(
        marks("130 480, 950 450, 970 1460, 110 1490"),
        hexa("d2b272"),
        smooth=False,
        roundness=40,
        steep=0.5,
        rumple=22,
        gloss=0.14,
        shadow=0.3,
    )
    for y in (470, 1480):
        r.limb([(80, y), (1000, y - 24)], [58, 58], hexa("5a2a20"), gloss=0.2)
    handwriting(still, r, (300, 590, 800, 1370), 2, (0.16, 0.06, 0.05), 15.0, upright=True)
    return [base, figure_layer(still, 0.85)]


def photo(still: Still) -> list[Layer]:
    """A photograph with a white border, two figures in it, on a desk."""
    base = desk(still)
    r = still.relief
    card = turn(marks("200 560, 880 560, 880 1400, 200 1400"), -6, (540, 980))
    sheet_of_paper(still, card, hexa("efe9dc"))
    picture = turn(marks("245 605, 835 605, 835 1260, 245 1260"), -6, (540, 980))
    r.tint(r.region([picture]), Ramp(hexa("a08e74"), hexa("5c4c3c")))
    for x, size in ((450.0, 1.0), (640.0, 1.0)):
        head = turn(circle(x, 840, 62 * size, 76 * size), -6, (540, 980))
        coat = turn(
            curve([(x - 130, 1255), (x - 116, 1010), (x - 40, 930), (x + 40, 930), (x + 116, 1010), (x + 130, 1255)]),
            -6,
            (540, 980),
        )
        r.tint(r.region([coat], 3), hexa("6d5f4c"), 0.95)
        r.tint(r.region([head], 3), hexa("c9b090"), 0.95)
        r.tint(r.region([turn(circle(x, 800, 68, 52), -6, (540, 980))], 5), hexa("3a2d22"), 0.9)
    return [base, figure_layer(still, 0.85)]


def badge(still: Still) -> list[Layer]:
    """An identity card on a clip, held up; the photograph scratched out when the words say so."""
    r, at = still.relief, (540.0, 860.0)
    r.band([(500, -220), (520, 200), (530, 440)], [52, 48], hexa("2d4560"), shadow=0.1)
    clip = turn(marks("480 420, 600 420, 590 530, 490 530"), 4, at)
    r.body(clip, hexa("b9c0c8"), smooth=False, roundness=20, gloss=0.8)
    card = turn(marks("270 480, 810 480, 810 1260, 270 1260"), 4, at)
    r.body(card, hexa("eef0f0"), smooth=False, roundness=14, gloss=0.25, steep=0.6, shadow=0.3)
    still.printed(marks("270 480, 810 480, 810 600, 270 600"), hexa("2f5478"), 4, at)
    _portrait(still, at)
    if re.search("scratch|刮|划掉|涂", still.text, re.IGNORECASE):
        _scratches(still, at)
    for k, wide in enumerate((330, 250, 290)):
        still.printed(_bar(540 - wide / 2, 540 + wide / 2, 1040 + k * 58, 26), hexa("59636c"), 4, at, 0.75)
    grip(still, 640, 1330, 120)
    return [still.backing, figure_layer(still)]


def _bar(x0: float, x1: float, y: float, tall: float) -> list[tuple[float, float]]:
    """A level bar as a shape."""
    return [(x0, y), (x1, y), (x1, y + tall), (x0, y + tall)]


def _portrait(still: Still, at: tuple[float, float]) -> None:
    """The photograph on an identity card."""
    hair = still.owner.head.face.hair if still.owner else hexa("2a211c")
    still.printed(marks("400 640, 680 640, 680 990, 400 990"), Ramp(hexa("aab6be"), hexa("7f8b94")), 4, at)
    still.printed(circle(540, 780, 74, 92), mix(still.skin, hexa("b0a090"), 0.4), 4, at, blur=3)
    wig = curve(marks("455 800, 460 700, 540 668, 622 700, 626 800, 606 740, 540 716, 474 740"))
    still.printed(wig, hair, 4, at, blur=3)
    coat = curve(marks("410 990, 430 900, 500 870, 580 870, 650 900, 670 990"))
    still.printed(coat, hexa("3d4650"), 4, at, blur=2)


def _scratches(still: Still, at: tuple[float, float]) -> None:
    """Scored through with something sharp."""
    rng = dice("scratch", still.seed)
    for _ in range(26):
        x, y = float(rng.uniform(420, 640)), float(rng.uniform(690, 900))
        line = [(x - 70, y - float(rng.uniform(20, 60))), (x, y), (x + 80, y + float(rng.uniform(20, 60)))]
        still.relief.stroke(turn(line, 4, at), [0, float(rng.uniform(7, 15)), 0], hexa("f6f4ee"), 0.9, 0.6)


def seal(still: Still) -> list[Layer]:
    """A vermilion seal: two characters in a square frame, on skin or paper; a thumb's print when it is one."""
    skin = bool(re.search("胸口|疤|眼角|chest|skin", still.text))
    base = _bared(still) if skin else _sheet_for_seal(still)
    if re.search("thumb|finger", still.text, re.IGNORECASE):
        for k in range(7):
            whorl = curve(circle(540, 1000, 26 + k * 22, 36 + k * 30), steps=2)[: 90 - 4 * k]
            still.relief.stroke(turn(whorl, 20, (540, 1000)), [7, 7], (0.06, 0.06, 0.1), 0.8, 1)
        return [base, figure_layer(still, 0.85)]
    at = (540.0, 970.0)
    square = marks("370 790, 710 790, 710 1150, 370 1150")
    still.printed(square, hexa("b5281e"), -4, at, 0.62 if skin else 0.86, 2)
    ground = still.skin if skin else PAPER
    rng = dice("seal", still.seed)
    for cx in (460, 620):
        for k in range(7):
            if rng.random() < 0.75:
                still.printed(_bar(cx - 62, cx + 62, 830 + k * 42, 16), ground, -4, at, 0.85, 1)
        for dx in (-46, 0, 46):
            if rng.random() < 0.7:
                still.printed(_bar(cx + dx - 8, cx + dx + 8, 830, 280), ground, -4, at, 0.8, 1)
    return [base, figure_layer(still, 0.85)]


def _bared(still: Still) -> Layer:
    """A chest between the edges of an opened collar."""
    r = still.relief
    skin = times(still.skin, (0.98, 0.9, 0.88))
    r.body(marks("-160 -200, 1240 -200, 1240 2120, -160 2120"), skin, smooth=False, roundness=500, shadow=0.0)
    cloth = Ramp(still.cloth, times(still.cloth, 0.7))
    for side in (-1, 1):
        flap = move(marks("640 -200, 250 -200, 330 700, 300 1500, 420 2120, 740 2120"), 540, 0, 1.0, side < 0)
        r.body(flap, cloth, roundness=70, shadow=0.5, rumple=24)
    return fabric(still, times(still.cloth, 0.6))


def _sheet_for_seal(still: Still) -> Layer:
    """A written page with room for the seal."""
    base = desk(still)
    sheet_of_paper(still, turn(marks("120 300, 960 300, 960 1620, 120 1620"), -3, (540, 960)))
    handwriting(still, still.relief, (220, 400, 860, 820), 5, INK, 6.0, upright=still.old)
    return base
