"""Composing a shot: the place, those who stand in it, what the action adds, the weather, the angle, the grade."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from app.backends.animatic.art.backing import behind
from app.backends.animatic.art.colour import number_of
from app.backends.animatic.art.figures.group import Spot, crowd_layer, figure_layer
from app.backends.animatic.art.palette import GRADES, HOURS, Palette, weathered
from app.backends.animatic.art.places import PLACES
from app.backends.animatic.art.reading import Reading, Role
from app.backends.animatic.art.scenery import Scenery, View
from app.backends.animatic.art.sights import add_sights, afloat
from app.backends.animatic.art.staging import FRAMINGS, Blocked, block, tint_of
from app.backends.animatic.art.weather import fields_of, lightning
from app.backends.animatic.layers import FRAME_HEIGHT, FRAME_WIDTH, Grade, Layer, Stage
from app.backends.base import ShotFacts

HORIZONS = {"ELS": -70.0, "LS": -50.0, "FS": 0.0}
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
    """A shot of people in a place, or of the place alone."""
    view = view_of(reading, facts)
    scenery = PLACES[reading.place].build(view)
    framing = FRAMINGS[reading.size]
    people = block(reading, seed, scenery.ground)
    if framing.wide:
        layers = _wide(reading, view, scenery, people, seed)
    else:
        layers = _near(reading, view, scenery, people, seed)
    stage = Stage(layers)
    stage.particles = fields_of(reading.effects, reading.weather, view.palette, seed, indoors=reading.interior, under=reading.place == "underwater") + scenery.particles
    stage.flashes = lightning(reading.weather, seed)
    return stage


def _wide(reading: Reading, view: View, scenery: Scenery, people: list[Blocked], seed: int) -> list[Layer]:
    """The whole place with whole figures, a crowd behind them, what moves in front."""
    back, front = list(scenery.back), list(scenery.front)
    back = add_sights(reading, view, scenery, back, seed)
    if scenery.water and (people or {"boat", "raft"} & reading.sights):
        return _capped([*back, afloat(reading, view, scenery, people, seed), *front])
    crowd = _crowd(reading, view, scenery, people, seed)
    haze = tint_of(reading, view.palette.haze)
    figures = [_figure(b, view, scenery, haze) for b in people]
    return _capped([*back, *crowd, *figures, *front])


def _near(reading: Reading, view: View, scenery: Scenery, people: list[Blocked], seed: int) -> list[Layer]:
    """A closer shot: the place behind, out of focus, and the figures at the front."""
    framing = FRAMINGS[reading.size]
    side = 1 if number_of("angle", reading.text, people[0].role.who.name if people else "") % 2 else -1
    eye = {"low": 1150.0, "high": 430.0}.get(reading.angle, 800.0)
    behind_layers = add_sights(reading, view, scenery, list(scenery.back), seed)
    wall = behind(behind_layers, view.horizon, framing.zoom, framing.blur, eye, side * 120 / framing.zoom)
    layers = [wall]
    if reading.crowd and reading.size in ("MLS", "MS", "MCU"):
        layers += _crowd(reading, view, scenery, people, seed)
    layers += [_figure(b, view, scenery, None) for b in people]
    if scenery.water and people:
        layers.append(_gunwale(reading, view, seed))
    if scenery.front and not scenery.water and reading.size in ("MLS", "MS") and reading.place in ("boardroom", "prison"):
        layers += scenery.front
    return _capped(layers)


def _gunwale(reading: Reading, view: View, seed: int) -> Layer:
    """The rim of the boat before someone who sits in it."""
    from app.backends.animatic.art.vessels import gunwale

    return gunwale(reading, view, seed)


def _figure(blocked: Blocked, view: View, scenery: Scenery, haze: object) -> Layer:
    spot = blocked.spot if view.wide else replace(blocked.spot, shadow=0.0)
    veil = haze if isinstance(haze, tuple) else None
    return figure_layer(blocked.role.who.figure, blocked.staging, scenery.light, spot, haze=veil)


def _crowd(reading: Reading, view: View, scenery: Scenery, people: list[Blocked], seed: int) -> list[Layer]:
    """People without names, if the words speak of any."""
    if not reading.crowd:
        return []
    framing = FRAMINGS[reading.size]
    group = any(role.who.name for role in reading.roles if _is_group(role))
    held = "torch" if "torches" in reading.sights or (reading.crowd == "villagers" and reading.hour == "night") else ""
    unit = framing.unit * (0.62 if framing.wide and not group else 0.8 if group else 0.42)
    foot = (framing.feet or 1500) - (120 if people and not group else 0)
    if not framing.wide:
        foot = 1500 if reading.size == "MLS" else 1700
    count = {"ELS": 14, "LS": 11, "FS": 6, "MLS": 5, "MS": 4}.get(reading.size, 3)
    poses = ("sit", "raise") if reading.place == "boardroom" else ("stand", "clasp", "walk")
    spot = Spot(540, 0, unit)
    return [crowd_layer(view, reading.crowd, scenery.light, foot=foot, unit=spot.unit, count=count, seed=number_of(reading.place) % 1000, depth=0.8, held=held, poses=poses)]


def _is_group(role: Role) -> bool:
    return role.who.name.endswith(("们", "众", "S")) and not role.speaks


def _capped(layers: list[Layer], most: int = 12) -> list[Layer]:
    """Keep to the renderer's budget of layers: the farthest are painted together."""
    if len(layers) <= most:
        return layers
    from app.backends.animatic.art.backing import as_backdrop, flatten
    from app.backends.animatic.art.scenery import MARGIN_X, MARGIN_Y

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
        layer.image = np.asarray(cv2.warpAffine(layer.image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border), np.uint8)
        if layer.mouth is not None:
            x, y = matrix @ np.array([layer.mouth.x, layer.mouth.y, 1.0])
            layer.mouth = replace(layer.mouth, x=float(x), y=float(y))
    return stage


def grade_of(reading: Reading, facts: ShotFacts) -> Grade:
    """The grade of the hour; memories are pale and warm, storms cold."""
    if facts.flashback:
        return GRADES["flashback"]
    grade = GRADES[reading.hour]
    if "storm" in reading.weather:
        return Grade(0.92, -0.06, 1.08, 0.0)
    return Grade(1.0, 0.0, 1.03, 0.0) if reading.interior else grade
