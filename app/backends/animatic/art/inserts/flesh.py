"""Close-ups of hands and feet, and of what they leave behind."""

from __future__ import annotations

import re

from app.backends.animatic.art.brush import circle, curve, marks
from app.backends.animatic.art.colour import dice, hexa
from app.backends.animatic.art.inserts.hands import foot, palm
from app.backends.animatic.art.inserts.surfaces import (
    Still,
    desk,
    earth,
    figure_layer,
    lies,
)
from app.backends.animatic.layers import Layer


def foot_print(still: Still) -> list[Layer]:
    """Footprints in snow or sand, dark with ink when it is ink."""
    base = earth(still, "d5dde3" if re.search("雪|snow", still.text) else "a08c70")
    for k in range(3):
        x, y = 420 + 240 * (k % 2), 1450 - 460 * k
        tone = (0.05, 0.05, 0.08) if re.search("墨|ink", still.text) else (0.25, 0.24, 0.25)
        still.relief.shape(
            curve(
                [
                    (x - 70, y + 190),
                    (x - 90, y - 20),
                    (x - 60, y - 170),
                    (x + 20, y - 210),
                    (x + 80, y - 120),
                    (x + 60, y + 40),
                    (x + 70, y + 190),
                    (x, y + 240),
                ]
            ),
            tone,
            0.75,
            16,
        )
    return [base, figure_layer(still, 0.9)]


def feet(still: Still) -> list[Layer]:
    """A bare foot; a tear breaks on it when somebody weeps."""
    base = earth(still, "4a443f") if not still.indoors else desk(still)
    lies(still, 540, 1340, 620, 240, 0.5)
    foot(still, 540, 1150, 190)
    if re.search("泪|tear", still.text):
        r = still.relief
        for dx, dy, size in ((0, 0, 34), (-60, -34, 12), (58, -40, 13), (18, -78, 9), (-24, -66, 8)):
            r.body(
                circle(545 + dx, 1020 + dy, size * 1.2, size), (0.8, 0.88, 0.95), roundness=size, gloss=1.0, shadow=0.2
            )
    return [base, figure_layer(still, 0.9)]


def hand(still: Still) -> list[Layer]:
    """A hand, open."""
    palm(still, 540, 900, 235, 4)
    if re.search("卷了边|金光|burn", still.text):
        still.relief.tint(still.relief.region([circle(500, 760, 190, 230)], 60), hexa("d8b060"), 0.6)
        for k in range(5):
            still.relief.stroke(
                [(380 + 50 * k, 660 + 40 * (k % 2)), (430 + 46 * k, 760), (400 + 60 * k, 860)],
                [2, 12, 2],
                hexa("3a2412"),
                0.8,
                2,
            )
    return [still.backing, figure_layer(still)]


def hand_ink(still: Still) -> list[Layer]:
    """Ink that runs between the fingers where blood should."""
    palm(still, 540, 880, 235, -4)
    r = still.relief
    rng = dice("ink", still.seed)
    for x, y, long in ((430, 640, 620), (545, 600, 900), (650, 660, 520), (500, 860, 700)):
        line = [(x, y), (x + float(rng.uniform(-26, 26)), y + long * 0.4), (x + float(rng.uniform(-30, 30)), y + long)]
        r.limb(line, [30, 40, 26, 44], (0.03, 0.03, 0.05), gloss=0.8, roundness=20, shadow=0.2)
    r.body(
        curve(marks("420 760, 520 690, 640 740, 690 850, 600 950, 470 930, 400 850")),
        (0.03, 0.03, 0.05),
        roundness=60,
        gloss=0.8,
        shadow=0.2,
    )
    r.shape(circle(500, 790, 44, 14, -20), (0.9, 0.95, 1.1), 0.6, 4)
    return [still.backing, figure_layer(still)]


def blood(still: Still) -> list[Layer]:
    """A drop and where it fell."""
    base = desk(still) if still.indoors else earth(still, "6a655c")
    r = still.relief
    for dx, dy, size in ((0, 0, 130), (190, -60, 34), (-170, 80, 44), (120, 160, 26), (-90, -150, 22)):
        r.body(
            circle(540 + dx, 980 + dy, size * 1.2, size), hexa("6f0d0b"), roundness=size * 0.6, gloss=0.8, shadow=0.15
        )
    return [base, figure_layer(still, 0.9)]
