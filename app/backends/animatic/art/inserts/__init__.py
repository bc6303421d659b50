"""Inserts: the table of objects a close-up may show, and how each is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.backends.animatic.art.inserts import papers, stones, things
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
    "brush": things.brush,
    "pen": things.pen,
    "phone": things.phone,
    "knife": things.knife,
    "gun": things.still_life,
    "cup": things.cup,
    "bottle": things.bottle,
    "shoe": things.shoe,
    "candle": things.flame_light,
    "lantern": things.lantern,
    "mirror": things.mirror,
    "shield": things.shield,
    "arrow": things.arrow,
    "music_box": things.music_box,
    "clock": things.clock,
    "money": things.money,
    "flower": things.flower,
    "footprint": things.foot_print,
    "foot": things.feet,
    "hand": things.hand,
    "hand_ink": things.hand_ink,
    "door": things.door,
    "blood": things.blood,
    "still": things.still_life,
}
"""Every object that ``nouns.object_of`` may name; "still" stands for all others."""
