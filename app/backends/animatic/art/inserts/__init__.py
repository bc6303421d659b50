"""Inserts: the table of objects a close-up may show, and how each is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.backends.animatic.art.inserts import flesh, papers, skies, stones, things, tools
from app.backends.animatic.art.inserts.surfaces import Still
from app.backends.animatic.layers import Layer

SUBJECTS: Mapping[str, Callable[[Still], list[Layer]]] = {
    "stone": stones.stone,
    "stone_eye": stones.stone_eye,
    "stone_water": stones.stone_water,
    "earring": stones.earring,
    "ear": stones.ear,
    "ring": stones.ring,
    "necklace": stones.necklace,
    "key": stones.key,
    "letter": papers.letter,
    "ledger": papers.ledger,
    "silk": papers.silk,
    "photo": papers.photo,
    "badge": papers.badge,
    "seal": papers.seal,
    "brush": tools.brush,
    "pen": tools.pen,
    "phone": tools.phone,
    "knife": tools.knife,
    "gun": things.still_life,
    "cup": things.cup,
    "bottle": things.bottle,
    "shoe": things.shoe,
    "candle": things.flame_light,
    "lantern": things.lantern,
    "mirror": things.mirror,
    "shield": tools.shield,
    "arrow": tools.arrow,
    "music_box": things.music_box,
    "clock": things.clock,
    "money": things.money,
    "flower": things.flower,
    "footprint": flesh.foot_print,
    "foot": flesh.feet,
    "hand": flesh.hand,
    "hand_ink": flesh.hand_ink,
    "moon": skies.moon,
    "sun": skies.sun,
    "door": things.door,
    "blood": flesh.blood,
    "still": things.still_life,
}
"""Every object that ``nouns.object_of`` may name; "still" stands for all others."""
