"""Composing a shot: the place, those who stand in it, what the action adds, the weather, the angle, the grade."""

from __future__ import annotations

import re
from dataclasses import replace

import cv2
import numpy as np

from app.backends.animatic.art import beats, overhead
from app.backends.animatic.art.backing import as_backdrop, behind, flatten
from app.backends.animatic.art.colour import Rgb, number_of
from app.backends.animatic.art.creatures import beings
from app.backends.animatic.art.creatures.bird import perched
from app.backends.animatic.art.figures.group import (
    Crowd,
    Spot,
    as_layer,
    box_of,
    crowd_layer,
    draw,
    figure_layer,
    foreground,
    halo,
    in_frame,
    lying,
    veil,
)
from app.backends.animatic.art.palette import GRADES, HOURS, Palette, against_the_light, firelit, weathered
from app.backends.animatic.art.places import PLACES
from app.backends.animatic.art.reading import Reading
from app.backends.animatic.art.scenery import MARGIN_X, MARGIN_Y, Scenery, View
from app.backends.animatic.art.sights import add_sights, afloat
from app.backends.animatic.art.staging import FRAMINGS, Blocked, block, is_group, tint_of
from app.backends.animatic.art.vessels import gunwale
from app.backends.animatic.art.weather import fields_of, lightning
from app.backends.animatic.layers import FRAME_HEIGHT, FRAME_WIDTH, Grade, Layer, Stage
from app.backends.base import ShotFacts

HORIZONS = {"ELS": -70.0, "LS": -50.0, "FS": 0.0}
BLACK = re.compile(r"画面全黑|全黑|黑屏|黑场|一片漆黑|(?i:cut to black|screen goes black|fade to black|black)|[\W_]")
TILTS = {"low": 330.0, "high": -330.0}


def palette_of(reading: Reading) -> Palette:
    """The hour's colours in this weather."""
    return weathered(HOURS[reading.hour], reading.weather)


def view_of(reading: Reading, facts: ShotFacts) -> View:
    """How the lens looks at the place: horizon by size and angle, the place's own seed, so that it never changes."""
    place = PLACES[reading.place]
    horizon = place.horizon + HORIZONS.get(reading.size, 0.0)
    wide = FRAMINGS[reading.size].wide
    if wide:
        tilt = TILTS.get(reading.angle, 0.0)
        horizon += tilt * (0.55 if place.indoors else 1.0)
    seed = number_of("place", reading.place, facts.place.strip().lower()) % 100_000
    return View(palette_of(reading), seed, horizon, 0.667 if wide else 0.42, wide, reading.weather, reading.flags)


def scene_stage(reading: Reading, facts: ShotFacts, seed: int) -> Stage:
    """Draw a shot, whatever it shows."""
    view = view_of(reading, facts)
    layers, weather = _picture(reading, view, seed)
    stage = Stage(_capped(layers))
    if weather:
        under = reading.place == "underwater"
        stage.particles = fields_of(
            reading.effects, reading.weather, view.palette, seed, indoors=reading.interior, under=under
        )
        stage.flashes = lightning(reading.weather, seed)
    return stage


def _picture(reading: Reading, view: View, seed: int) -> tuple[list[Layer], bool]:
    """The layers of a shot, and whether weather falls in front of them."""
    if reading.beat == "black" and not re.sub(BLACK, "", reading.text):
        return beats.black(view, False, seed), False
    if reading.beat == "white":
        return beats.white(view), False
    if reading.beat == "card":
        return beats.card(view), False
    scenery = PLACES[reading.place].build(view)
    if "backlit" in reading.flags:
        scenery.light = against_the_light(scenery.light)
    if reading.hour == "night" and not reading.interior and _by_fire(reading):
        scenery.light = firelit(scenery.light)
    if reading.beat in ("black", "darkens"):
        return _into_the_dark(reading, view, scenery, seed)
    if reading.subject and reading.subject != "great_eye":
        return beats.insert(reading, view, scenery, seed), reading.subject in ("stone", "hand", "earring")
    if overhead.is_overhead(reading):
        return overhead.overhead_layers(reading, view, scenery.light, seed), not reading.interior
    if reading.subject == "great_eye" or (
        "giant_eye" in reading.sights and "ripple" not in reading.sights and not reading.roles
    ):
        return beats.great_eye(reading, view, scenery, seed), True
    if _bird_alone(reading):
        return beats.bird_shot(reading, view, scenery, seed), True
    return _scene(reading, view, scenery, seed), True


def _by_fire(reading: Reading) -> bool:
    """Whether fire lights the people: torches, flames, or the lamps of a village."""
    return bool(
        {"torches", "lantern"} & reading.sights or "embers" in reading.effects or "burning" in reading.flags
    ) or reading.place in ("village", "old_street")


def _into_the_dark(reading: Reading, view: View, scenery: Scenery, seed: int) -> tuple[list[Layer], bool]:
    """A picture that ends in black: what is left of it before the light goes."""
    if "water_wall" in reading.sights or "浪" in reading.text or reading.place == "parted_sea":
        people = block(reading, seed, scenery.ground)
        if not people:
            return beats.closing_water(view), False
    bulb = bool(re.search("bulb|灯|light", reading.text, re.IGNORECASE))
    return [*beats.darken(_scene(reading, view, scenery, seed), 0.16), *beats.black(view, bulb, seed)[1:]], False


def _bird_alone(reading: Reading) -> bool:
    """Whether the picture is of the bird and nobody else."""
    people = [role for role in reading.roles if role.who.being != "bird"]
    if people:
        return False
    return bool(reading.roles) or (
        "far_bird" in reading.sights and "ripple" not in reading.sights and "giant_eye" not in reading.sights
    )


def _scene(reading: Reading, view: View, scenery: Scenery, seed: int) -> list[Layer]:
    """People in a place, or the place alone."""
    people = block(reading, seed, scenery.ground)
    named = any(role.who.being == "dragon" for role in reading.roles) or re.search(
        "烛龙|巨蛇|(?i:dragon)", reading.text
    )
    coils: list[Layer] = []
    if named and "second_sun" not in reading.sights and reading.place != "eye_chamber":
        awake = 1.0 if re.search("睁开|opens", reading.text) else 0.0
        coils = beings.dragon(view, scenery.light, eyes_open=awake, close=reading.size in ("CU", "MCU", "ECU", "MS"))
    if FRAMINGS[reading.size].wide:
        scenery = replace(scenery, back=[*scenery.back[:1], *coils, *scenery.back[1:]])
        return _wide(reading, view, scenery, people, seed)
    if coils:
        people = [blocked for blocked in people if blocked.role.speaks]
    near = _near(reading, view, scenery, people, seed)
    return [*near[:1], *coils, *near[1:]]


def _wide(reading: Reading, view: View, scenery: Scenery, people: list[Blocked], seed: int) -> list[Layer]:
    """The whole place with whole figures, a crowd behind them, what moves in front."""
    back, front = list(scenery.back), list(scenery.front)
    back = add_sights(reading, view, scenery, back, seed)
    if scenery.water and (people or {"boat", "raft"} & reading.sights):
        return _capped([*back, afloat(reading, view, scenery, people, seed), *front])
    crowd = _crowd(reading, view, scenery, people, seed)
    haze = tint_of(reading, view.palette.haze)
    figures = [_figure(b, view, scenery, haze) for b in sorted(people, key=lambda b: b.role.who.being != "giant")]
    if any(b.role.who.being == "giant" for b in people):
        return _capped([back[0], *back[1:-1], figures[0], *back[1:][-1:], *crowd, *figures[1:], *front])
    return _capped([*back, *crowd, *figures, *front])


def _near(reading: Reading, view: View, scenery: Scenery, people: list[Blocked], seed: int) -> list[Layer]:
    """A closer shot: the place behind, out of focus, and the figures at the front."""
    framing = FRAMINGS[reading.size]
    side = 1 if number_of("angle", reading.text, people[0].role.who.name if people else "") % 2 else -1
    eye = {"low": 1150.0, "high": 430.0}.get(reading.angle, 800.0)
    behind_layers = add_sights(reading, view, scenery, list(scenery.back), seed)
    wall = behind(behind_layers, view.horizon, framing.zoom, framing.blur, eye, side * 120 / framing.zoom)
    layers = [wall]
    if "backlit" in reading.flags and people:
        layers.append(halo(view, people[0].spot))
    if reading.crowd and reading.size in ("MLS", "MS", "MCU"):
        layers += _crowd(reading, view, scenery, people, seed)
    layers += [_figure(b, view, scenery, None) for b in people]
    if scenery.water and people:
        layers.append(_gunwale(reading, view, seed))
    if (
        scenery.front
        and not scenery.water
        and reading.size in ("MLS", "MS")
        and reading.place in ("boardroom", "prison")
    ):
        layers += scenery.front
    return _capped(layers)


def _gunwale(reading: Reading, view: View, seed: int) -> Layer:
    """The rim of the boat before someone who sits in it."""
    return gunwale(reading, view, seed)


def _figure(blocked: Blocked, view: View, scenery: Scenery, haze: tuple[Rgb, float] | None) -> Layer:
    """One of the cast as a layer: a person, or a being that is more than a person."""
    spot = blocked.spot if view.wide else replace(blocked.spot, shadow=0.0)
    who, light = blocked.role.who, scenery.light
    if blocked.staging.back_view:
        return foreground(who.figure, blocked.staging, light, spot)
    if blocked.staging.pose == "lie":
        return lying(who.figure, blocked.staging, light, spot, scenery.ground)
    if who.being == "bird":
        sheet = perched(light, max(10.0, spot.unit * 0.8))
        return Layer(
            sheet.picture(), spot.x, spot.y + spot.unit * 0.4, spot.depth, spot.unit * 0.8 / sheet.scale * 0.7, 3
        )
    if who.being == "headless":
        spot = spot if view.wide else replace(spot, y=spot.y - spot.unit * 2.4)
        box = in_frame((-5.9, -4.6, 6.8, 15.0), spot)
        drawn = beings.headless(who.figure, light, spot.unit * spot.res, box, blocked.staging.expression)
        return as_layer(drawn, spot, who.name)
    if who.being == "fox":
        drawn = draw(who.figure, blocked.staging, light, spot)
        if spot.unit < 180 and (view.wide or blocked.role.mood == "smile"):
            box = in_frame((-9.4, -7.8, 9.4, 10.2), spot)
            drawn = beings.with_tails(drawn, light, who.figure.seed, box)
        return as_layer(drawn, spot, who.name)
    if who.being == "giant":
        spot, haze = _looming(spot, view)
        drawn = beings.giant_bust(
            who.figure, blocked.staging, light, spot.unit * spot.res, box_of(blocked.staging, spot)
        )
        if haze is not None:
            veil(drawn.sheet, *haze)
        return as_layer(drawn, spot, who.name, sway=2.0)
    return figure_layer(who.figure, blocked.staging, light, spot, haze=haze)


def _looming(spot: Spot, view: View) -> tuple[Spot, tuple[Rgb, float] | None]:
    """A giant stands behind everything, far too large for the frame, dim with distance."""
    if not view.wide:
        return replace(spot, unit=spot.unit * 1.22, y=spot.y - 40, depth=0.9), (view.palette.haze, 0.16)
    return Spot(560, 470, 150, 0.42, 0.55, 0.0), (view.palette.haze, 0.34)


def _crowd(reading: Reading, view: View, scenery: Scenery, people: list[Blocked], seed: int) -> list[Layer]:
    """People without names, if the words speak of any."""
    if not reading.crowd:
        return []
    framing = FRAMINGS[reading.size]
    group = any(is_group(role) for role in reading.roles)
    kind = reading.crowd
    if reading.interior and kind in ("villagers", "soldiers") and not any(role.who.ancient for role in reading.roles):
        kind = "guests" if reading.place in ("ballroom", "home", "palace") else "staff"
    night_out = kind == "villagers" and reading.hour == "night" and not reading.interior
    held = "torch" if "torches" in reading.sights or night_out else ""
    unit = framing.unit * (0.62 if framing.wide and not group else 0.8 if group else 0.42)
    foot = (framing.feet or 1500) - (120 if people and not group else 0)
    if not framing.wide:
        foot = 1500 if reading.size == "MLS" else 1700
    count = {"ELS": 14, "LS": 11, "FS": 6, "MLS": 5, "MS": 4}.get(reading.size, 3)
    if reading.place == "boardroom":
        unit, foot = 46.0, 1640.0
        count = 7
    poses = (
        ("sit", "raise" if re.search("rise|raise|举", reading.text) else "hold")
        if reading.place == "boardroom"
        else ("stand", "clasp", "walk")
    )
    crowd = Crowd(kind, foot, unit, count, held, poses)
    return [crowd_layer(view, crowd, scenery.light, number_of(reading.place) % 1000, 0.8)]


def _capped(layers: list[Layer], most: int = 12) -> list[Layer]:
    """Keep to the renderer's budget of layers: the farthest are painted together."""
    if len(layers) <= most:
        return layers
    extra = len(layers) - most + 1
    merged = as_backdrop(flatten(layers[:extra], -MARGIN_X, -MARGIN_Y, 1.0, 0.667), 0.14)
    return [merged, *layers[extra:]]


def tilted(stage: Stage, angle: float) -> Stage:
    """Turn the whole picture (a dutch angle): every layer about the frame's centre, a little enlarged."""
    grow = 1.2
    c, s = float(np.cos(np.radians(angle))), float(np.sin(np.radians(angle)))
    for layer in stage.layers:
        h, w = layer.image.shape[:2]
        dx, dy = (layer.x - FRAME_WIDTH / 2) * grow, (layer.y - FRAME_HEIGHT / 2) * grow
        layer.x = FRAME_WIDTH / 2 + dx * c - dy * s
        layer.y = FRAME_HEIGHT / 2 + dx * s + dy * c
        layer.scale *= grow
        layer.tile, layer.drift = False, 0.0
        size = (round(abs(w * c) + abs(h * s)), round(abs(w * s) + abs(h * c)))
        matrix = cv2.getRotationMatrix2D((w / 2, h / 2), -angle, 1.0)
        matrix[0, 2] += (size[0] - w) / 2
        matrix[1, 2] += (size[1] - h) / 2
        border = cv2.BORDER_REFLECT_101 if layer.image.shape[2] == 3 else cv2.BORDER_CONSTANT
        layer.image = np.asarray(
            cv2.warpAffine(layer.image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border), np.uint8
        )
        if layer.mouth is not None:
            x, y = matrix @ np.array([layer.mouth.x, layer.mouth.y, 1.0])
            layer.mouth = replace(layer.mouth, x=float(x), y=float(y))
    return stage


def grade_of(reading: Reading) -> Grade:
    """The grade of the hour; storms are cold."""
    grade = GRADES[reading.hour]
    if "storm" in reading.weather:
        return Grade(0.92, -0.06, 1.08, 0.0)
    return Grade(1.0, 0.0, 1.03, 0.0) if reading.interior else grade
