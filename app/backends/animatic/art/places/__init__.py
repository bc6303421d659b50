"""The table of places: which builder draws each kind, and how high its horizon stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.backends.animatic.art.places import (
    chambers,
    city,
    halls,
    land,
    rooms,
    sea,
    special,
    studios,
    towns,
    water,
    wood,
)
from app.backends.animatic.art.scenery import Scenery, View

Builder = Callable[[View], Scenery]


@dataclass(frozen=True, slots=True)
class Place:
    """One kind of place: its builder, whether it is roofed, and where its horizon sits for a standing eye."""

    build: Builder
    indoors: bool
    horizon: float = 860.0


PLACES: Mapping[str, Place] = {
    "eye_chamber": Place(land.eye_chamber, True),
    "giant_palm": Place(land.giant_palm, False, 820),
    "parted_sea": Place(water.parted_sea, False, 800),
    "underwater": Place(water.underwater, False),
    "boardroom": Place(rooms.boardroom, True, 900),
    "lobby": Place(rooms.lobby, True, 940),
    "archive": Place(halls.archive, True, 940),
    "ballroom": Place(halls.ballroom, True, 940),
    "workshop": Place(studios.workshop, True, 960),
    "studio": Place(studios.studio, True, 960),
    "ward": Place(chambers.ward, True, 960),
    "office": Place(rooms.office, True, 960),
    "bedroom": Place(chambers.bedroom, True, 960),
    "stairs": Place(chambers.stairs, True, 980),
    "corridor": Place(chambers.corridor, True, 940),
    "prison": Place(studios.prison, True, 960),
    "study": Place(chambers.study, True, 960),
    "car": Place(special.car, True, 900),
    "palace": Place(halls.palace, True, 940),
    "cave": Place(special.cave, True, 900),
    "home": Place(chambers.home, True, 960),
    "rooftop": Place(city.rooftop, False, 800),
    "alley": Place(city.alley, False, 900),
    "old_street": Place(towns.old_street, False, 880),
    "street": Place(city.street, False, 880),
    "courtyard": Place(towns.courtyard, False, 880),
    "village": Place(towns.village, False, 800),
    "rocks": Place(sea.rocks, False, 800),
    "shore": Place(sea.shore, False, 780),
    "sea": Place(sea.open_sea, False, 820),
    "snow_peak": Place(land.snow_peak, False, 860),
    "cliff": Place(land.cliff, False, 820),
    "stone_forest": Place(land.stone_forest, False, 840),
    "bamboo": Place(wood.bamboo, False, 860),
    "forest": Place(wood.forest, False, 860),
    "desert": Place(land.desert, False, 820),
    "mountain": Place(land.mountain, False, 820),
    "field": Place(wood.field, False, 860),
    "heaven": Place(water.heaven, False, 900),
    "open": Place(land.heath, False, 860),
    "plain": Place(special.plain, True, 900),
}
"""Every kind of place that ``words.place_of`` may name, with "open" and "plain" for what it does not know."""
