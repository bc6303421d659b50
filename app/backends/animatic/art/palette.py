"""The light and colours of dawn, day, dusk and night, and what weather does to them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.backends.animatic.art.colour import Rgb, hexa, luma, mix, saturate, times
from app.backends.animatic.art.relief import Light
from app.backends.animatic.layers import Grade


@dataclass(frozen=True, slots=True)
class Palette:
    """Everything coloured by the hour: the sky from zenith to horizon, haze, water, ground, and the light on figures.

    ``sun`` is where the sun or moon stands, as fractions of the frame above the horizon; ``lamps`` (0 to 1) is how many
    windows and lanterns burn.
    """

    hour: str
    sky: tuple[Rgb, Rgb, Rgb, Rgb]
    haze: Rgb
    cloud: Rgb
    cloud_shade: Rgb
    disc: Rgb
    glow: Rgb
    sun: tuple[float, float]
    water: tuple[Rgb, Rgb, Rgb]
    wash: Rgb
    light: Light
    lamps: float
    stars: float

    def far(self, colour: Rgb, distance: float) -> Rgb:
        """A thing's own colour in this light, lost in haze by ``distance`` (0 to 1)."""
        return mix(times(colour, self.wash), self.haze, distance)


def _palette(hour: str, sky: str, **rest: object) -> Palette:
    zenith, high, low, horizon = (hexa(code) for code in sky.split())
    return Palette(hour, (zenith, high, low, horizon), **rest)  # type: ignore[arg-type]


HOURS: dict[str, Palette] = {
    "day": _palette(
        "day",
        "2f69a3 6ba4cb b4d3de dfe8e3",
        haze=hexa("cfdcdc"),
        cloud=hexa("f7f5ee"),
        cloud_shade=hexa("a9bcc9"),
        disc=hexa("fffbe8"),
        glow=hexa("fff1cf"),
        sun=(0.76, 0.62),
        water=(hexa("8db3ba"), hexa("3f7f8b"), hexa("173f4c")),
        wash=(0.94, 0.95, 0.94),
        light=Light(
            (0.6, -0.55, 0.62), (0.98, 0.9, 0.78), (0.4, 0.45, 0.52), (0.21, 0.21, 0.2), (0.75, 0.74, 0.68), 1.0
        ),
        lamps=0.0,
        stars=0.0,
    ),
    "dawn": _palette(
        "dawn",
        "41527f 9c86a8 ecb099 fbdcb8",
        haze=hexa("e9c3ac"),
        cloud=hexa("ffd9c0"),
        cloud_shade=hexa("8a789c"),
        disc=hexa("fff4dc"),
        glow=hexa("ffd9a6"),
        sun=(0.28, 0.07),
        water=(hexa("d3a79b"), hexa("8b7e8c"), hexa("3c4660")),
        wash=(0.8, 0.7, 0.7),
        light=Light(
            (-0.75, -0.3, 0.5), (1.0, 0.77, 0.58), (0.35, 0.35, 0.45), (0.24, 0.2, 0.21), (1.15, 0.85, 0.6), -1.0
        ),
        lamps=0.15,
        stars=0.0,
    ),
    "dusk": _palette(
        "dusk",
        "2a2148 7b3f60 d96f45 ffc772",
        haze=hexa("cf7b52"),
        cloud=hexa("ff9d62"),
        cloud_shade=hexa("54305a"),
        disc=hexa("fff0c4"),
        glow=hexa("ffb45c"),
        sun=(0.62, 0.05),
        water=(hexa("e09450"), hexa("8a4b38"), hexa("281a26")),
        wash=(0.6, 0.4, 0.38),
        light=Light(
            (0.75, -0.22, 0.42), (1.0, 0.6, 0.34), (0.27, 0.22, 0.33), (0.17, 0.12, 0.14), (1.35, 0.74, 0.36), 1.0
        ),
        lamps=0.6,
        stars=0.12,
    ),
    "night": _palette(
        "night",
        "05091a 0b1733 16294a 284465",
        haze=hexa("243d5b"),
        cloud=hexa("3c5778"),
        cloud_shade=hexa("0a1428"),
        disc=hexa("f2f4ea"),
        glow=hexa("7f9fc8"),
        sun=(0.3, 0.6),
        water=(hexa("2b4a66"), hexa("10253a"), hexa("050c17")),
        wash=(0.2, 0.25, 0.36),
        light=Light(
            (-0.6, -0.5, 0.55), (0.66, 0.7, 0.8), (0.17, 0.2, 0.28), (0.075, 0.08, 0.1), (0.55, 0.68, 0.95), -1.0
        ),
        lamps=1.0,
        stars=1.0,
    ),
}


def dim(light: Light, k: float) -> Light:
    """The same light, weaker or stronger."""
    return replace(
        light, key=times(light.key, k), sky=times(light.sky, k), ground=times(light.ground, k), rim=times(light.rim, k)
    )


def firelit(light: Light) -> Light:
    """Torches or flames near by: a warm key from one side, the night's own light in the shadows."""
    side = -light.rim_x
    return Light(
        (0.65 * side, -0.1, 0.6),
        (1.08, 0.7, 0.4),
        times(light.sky, 0.85),
        (0.16, 0.09, 0.05),
        mix(light.rim, (1.2, 0.6, 0.24), 0.4),
        light.rim_x,
    )


def against_the_light(light: Light) -> Light:
    """The same place with the sun behind whoever stands there: a dark front, a burning edge."""
    return replace(
        light,
        key=times(light.key, 0.1),
        sky=times(light.sky, 0.42),
        ground=times(light.ground, 0.6),
        rim=times(light.rim, 1.9),
    )


def overcast(palette: Palette, strength: float, tone: Rgb) -> Palette:
    """Cover the sky: colours go towards ``tone``, the sun is veiled, the key grows soft."""

    def cover(colour: Rgb, k: float = 1.0) -> Rgb:
        level = 0.35 + 0.65 * luma(colour) / max(luma(tone), 0.02) * 0.5
        return mix(saturate(colour, 1 - 0.5 * strength), times(tone, min(1.25, level)), strength * k)

    light = palette.light
    veiled = replace(
        light,
        key=mix(light.key, times(tone, 0.9), strength * 0.75),
        sky=mix(light.sky, times(tone, 0.62), strength * 0.6),
        rim=mix(light.rim, times(tone, 0.9), strength * 0.7),
    )
    zenith, high, low, horizon = (cover(c) for c in palette.sky)
    return replace(
        palette,
        sky=(zenith, high, low, horizon),
        haze=cover(palette.haze),
        cloud=cover(palette.cloud),
        cloud_shade=cover(palette.cloud_shade),
        disc=cover(palette.disc, 0.9),
        glow=times(cover(palette.glow), 1 - 0.7 * strength),
        water=tuple(cover(c, 0.85) for c in palette.water),  # type: ignore[arg-type]
        wash=mix(palette.wash, times(palette.wash, 0.7), strength),
        light=veiled,
        stars=palette.stars * (1 - strength),
    )


RAIN = hexa("7c8a90")
RAIN_NIGHT = hexa("1c2b3a")
SNOW = hexa("c8d2da")
SNOW_NIGHT = hexa("33465c")
FOG = hexa("b9c2c2")
FOG_NIGHT = hexa("2c3b48")


def stormy(palette: Palette) -> Palette:
    """A storm: black clouds over a pale strip of sky, cold green water, white foam."""
    k = {"night": 0.55, "dusk": 0.85, "dawn": 0.95}.get(palette.hour, 1.0)
    warm = times(palette.sky[3], 0.2)

    def tone(code: str, share: float = 0.0) -> Rgb:
        return times(mix(hexa(code), warm, share), k)

    light = Light(
        (-0.5, -0.55, 0.55),
        times((0.98, 0.95, 0.92), 0.4 + 0.5 * k),
        times((0.36, 0.39, 0.44), 0.3 + 0.7 * k),
        times((0.14, 0.15, 0.17), k),
        times((0.75, 0.95, 1.05), k),
        -1.0,
    )
    return replace(
        palette,
        sky=(tone("0e171f"), tone("22323b"), tone("3f545c", 0.1), tone("839aa0", 0.25)),
        haze=tone("5d737a", 0.1),
        cloud=tone("6d8088"),
        cloud_shade=tone("111c24"),
        disc=tone("839aa0"),
        glow=tone("4c646d"),
        water=(tone("4d6a70"), tone("23424a"), tone("0a1a21")),
        wash=(0.34 * k, 0.4 * k, 0.44 * k),
        light=light,
        lamps=max(palette.lamps, 0.4),
        stars=0.0,
    )


def weathered(palette: Palette, weather: frozenset[str]) -> Palette:
    """What rain, storm, snow and fog do to an hour's colours."""
    night = palette.hour == "night"
    if {"storm", "gloom"} & weather:
        return stormy(palette)
    if "rain" in weather:
        return overcast(palette, 0.7, RAIN_NIGHT if night else RAIN)
    if "snow" in weather:
        return overcast(palette, 0.65, SNOW_NIGHT if night else SNOW)
    if "fog" in weather:
        return overcast(palette, 0.72, FOG_NIGHT if night else FOG)
    return palette


def lamplit(palette: Palette, warmth: Rgb = (1.0, 0.7, 0.4), side: float = 1.0, level: float = 1.0) -> Light:
    """A room lit by a lamp: warm key from ``side``, cool shadows from outside."""
    base = 0.8 if palette.hour == "night" else 1.0
    return Light(
        (0.7 * side, -0.35, 0.55),
        times(mix(warmth, (1.0, 0.95, 0.9), 0.34), 1.05 * level),
        mix((0.2, 0.19, 0.23), times(palette.sky[2], 0.3), 0.3),
        times(warmth, 0.12),
        times(mix((0.4, 0.5, 0.75), palette.sky[3], 0.4), base),
        -side,
    )


def windowlit(palette: Palette, side: float = -1.0, level: float = 1.0) -> Light:
    """A room lit by a window: the sky's colour from ``side``, quiet bounce from within."""
    if palette.hour == "night":
        return lamplit(palette, (0.95, 0.74, 0.5), side, 0.85)
    key = mix(palette.light.key, (0.95, 0.96, 1.0), 0.45)
    return Light(
        (0.78 * side, -0.35, 0.5),
        times(key, level),
        (0.33, 0.35, 0.39),
        (0.19, 0.175, 0.16),
        times(palette.sky[3], 0.8),
        side,
    )


GRADES: dict[str, Grade] = {
    "day": Grade(1.0, 0.0, 1.03, 0.0),
    "dawn": Grade(1.02, 0.06, 1.03, 0.0),
    "dusk": Grade(1.06, 0.1, 1.06, 0.0),
    "night": Grade(0.95, -0.08, 1.06, 0.0),
}
