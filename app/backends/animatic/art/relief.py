"""Relief: figures are modelled before they are lit, so that one light falls on everything that stands in a picture.

Each part is painted with its colour and with the slope of its surface; ``lit`` then turns both into a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from app.backends.animatic.art.brush import Paint, Points, Region, Sheet, blurred, curve, ribbon, tube
from app.backends.animatic.art.colour import Array, Rgb
from app.backends.animatic.art.noise import cover, sample, tile


@dataclass(frozen=True, slots=True)
class Light:
    """The light of a place: where the key comes from (x right, y down, z towards the lens), and the colours.

    ``sky`` fills from above, ``ground`` from below; ``rim`` edges what stands before a bright ground, from ``rim_x``.
    """

    direction: tuple[float, float, float]
    key: Rgb
    sky: Rgb
    ground: Rgb
    rim: Rgb
    rim_x: float

    @property
    def side(self) -> int:
        """-1 when the key comes from the picture's left, else 1."""
        return -1 if self.direction[0] < 0 else 1


@dataclass(frozen=True, slots=True)
class Fold:
    """A soft ridge (``height`` > 0) or crease (< 0) along a line, ``width`` wide."""

    points: Points
    width: float
    height: float


class Relief(Sheet):
    """A transparent sheet that also keeps, for each pixel, the slope of what is painted there and how it shines.

    ``weave`` is how fine the creases of cloth are: pixels of their texture to one unit of the sheet.
    """

    def __init__(self, left: float, top: float, width: float, height: float, scale: float = 1.0) -> None:
        super().__init__(left, top, width, height, scale)
        self.slope: Array = np.zeros((self.h, self.w, 2), np.float32)
        self.gloss: Array = np.zeros((self.h, self.w), np.float32)
        self.weave = 120.0

    def part(
        self,
        region: Region | None,
        paint: Paint | Array,
        *,
        roundness: float = 0.3,
        folds: Sequence[Fold] = (),
        gloss: float = 0.0,
        shadow: float = 0.35,
        steep: float = 1.0,
        rumple: float = 0.0,
    ) -> None:
        """Model one part in front of what is there: rounded over ``roundness`` units at its edges, with folds.

        ``shadow`` is how dark it makes what lies just beneath it; ``steep`` flattens the rounding (below 1); ``rumple``
        is how deep the small creases of cloth are.
        """
        if region is None:
            return
        if shadow > 0:
            self._contact(region, roundness, shadow)
        nx, ny = self._inflate(region, roundness, folds, steep, rumple)
        self.paint(region, paint)
        m = region.mask
        slope, shine = self.slope[region.window], self.gloss[region.window]
        slope *= (1 - m)[..., None]
        slope[..., 0] += nx * m
        slope[..., 1] += ny * m
        shine *= 1 - m
        shine += gloss * m

    def body(
        self, points: Points, paint: Paint, *, smooth: bool = True, soft: float = 0.0, **how: float | Sequence[Fold]
    ) -> None:
        """Model the smooth closed curve through ``points``; ``how`` as in ``part``."""
        outline = curve(points) if smooth else points
        self.part(self.region([outline], soft), paint, **how)  # type: ignore[arg-type]

    def limb(self, points: Points, widths: Sequence[float], paint: Paint, **how: float | Sequence[Fold]) -> None:
        """Model a rounded limb or sleeve along ``points``."""
        how.setdefault("roundness", max(widths) / 2)
        self.part(self.region(tube(curve(points, closed=False, steps=6), widths)), paint, **how)  # type: ignore[arg-type]

    def band(self, points: Points, widths: Sequence[float], paint: Paint, **how: float | Sequence[Fold]) -> None:
        """Model a flat strip of cloth along ``points``: a collar, a sash's end, a strap."""
        how.setdefault("roundness", max(widths) * 0.3)
        how.setdefault("steep", 0.35)
        self.part(self.region([ribbon(curve(points, closed=False), widths)]), paint, **how)  # type: ignore[arg-type]

    def _contact(self, region: Region, roundness: float, strength: float) -> None:
        reach = max(2, int(roundness * self.scale * 0.7))
        y0, y1 = max(0, region.y0 - reach), min(self.h, region.y1 + 2 * reach)
        x0, x1 = max(0, region.x0 - reach), min(self.w, region.x1 + reach)
        plane = np.zeros((y1 - y0, x1 - x0), np.float32)
        top = region.y0 - y0 + reach // 2
        height = min(region.mask.shape[0], plane.shape[0] - top)
        if height <= 0:
            return
        plane[top : top + height, region.x0 - x0 : region.x1 - x0] = region.mask[:height]
        self.rgb[y0:y1, x0:x1] *= (1 - strength * blurred(plane, reach * 0.55))[..., None]

    def _inflate(
        self, region: Region, roundness: float, folds: Sequence[Fold], steep: float, rumple: float
    ) -> tuple[Array, Array]:
        """The slope of the part's surface: a quarter circle at the edges, flat inside, plus its folds."""
        r = max(1.5, roundness * self.scale)
        shrink = min(max(1.0, r / 20), 6.0)
        h, w = region.mask.shape
        small = (max(1, round(w / shrink)), max(1, round(h / shrink)))
        if min(small) < 2:
            return np.zeros((h, w), np.float32), np.zeros((h, w), np.float32)
        solid = (cv2.resize(region.mask, small, interpolation=cv2.INTER_AREA) > 0.5).astype(np.uint8)
        framed = cv2.copyMakeBorder(solid, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
        distance = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1]
        t = np.clip((distance - 0.5) * (shrink / r), 0, 1)
        height = np.sqrt(1 - (1 - t) ** 2) * np.float32(r / shrink * steep)
        height = cv2.GaussianBlur(height, (0, 0), max(0.9, r / shrink * 0.12), borderType=cv2.BORDER_REPLICATE)
        for fold in folds:
            runs = [fold.width * 0.2, fold.width, fold.width * 0.3]
            crease = self.region([ribbon(curve(fold.points, closed=False), runs)], fold.width * 0.3)
            height += self._aligned(crease, region, small) * np.float32(fold.height * self.scale / shrink)
        if rumple > 0:
            height += self._creases(region, small, shrink) * np.float32(rumple * self.scale / shrink)
        gy, gx = np.gradient(height)
        if shrink > 1:
            gx, gy = (cv2.resize(g, (w, h), interpolation=cv2.INTER_LINEAR) for g in (gx, gy))
        return -gx, -gy

    def _creases(self, region: Region, small: tuple[int, int], shrink: float) -> Array:
        """Cloth that is never quite smooth: noise fixed to the figure, whatever its size in the picture."""
        texture = tile(5, 7, 3, 11)
        across = self.weave / (self.scale / shrink)
        xs = np.arange(small[0], dtype=np.float32) * across + (region.x0 / self.scale + self.left) * self.weave
        ys = (
            np.arange(small[1], dtype=np.float32) * across * 0.6
            + (region.y0 / self.scale + self.top) * self.weave * 0.6
        )
        shape = (small[1], small[0])
        return sample(texture, np.broadcast_to(xs + ys[:, None] * 0.4, shape), np.broadcast_to(ys[:, None], shape))

    def _aligned(self, crease: Region | None, region: Region, small: tuple[int, int]) -> Array:
        plane = np.zeros(region.mask.shape, np.float32)
        if crease is not None:
            y0, y1 = max(crease.y0, region.y0), min(crease.y1, region.y1)
            x0, x1 = max(crease.x0, region.x0), min(crease.x1, region.x1)
            if y1 > y0 and x1 > x0:
                part = crease.mask[y0 - crease.y0 : y1 - crease.y0, x0 - crease.x0 : x1 - crease.x0]
                plane[y0 - region.y0 : y1 - region.y0, x0 - region.x0 : x1 - region.x0] = part
        return cv2.resize(plane, small, interpolation=cv2.INTER_AREA)

    def lit(self, light: Light) -> Sheet:
        """Light the relief; the result is an ordinary sheet with the same place and outline."""
        assert self.alpha is not None
        alpha = np.maximum(self.alpha, 1e-3)
        gx, gy = self.slope[..., 0] / alpha, self.slope[..., 1] / alpha
        nz = 1 / np.sqrt(1 + gx * gx + gy * gy)
        nx, ny = gx * nz, gy * nz
        lx, ly, lz = np.asarray(light.direction) / np.linalg.norm(light.direction)
        facing = nx * np.float32(lx) + ny * np.float32(ly) + nz * np.float32(lz)
        diffuse = np.clip(facing * 0.78 + 0.22, 0, 1)
        diffuse = diffuse * diffuse * (1.7 - 0.7 * diffuse)
        up = 0.5 - 0.5 * ny
        edge = np.clip(1 - nz, 0, 1) ** 2 * np.clip(nx * light.rim_x * 1.1 + 0.15 - ny * 0.35, 0, 1) * self.alpha
        shine = np.clip(facing * 0.85 + nz * 0.25, 0, 1) ** 14 * self.gloss
        grain = self._canvas()
        out = Sheet(self.left, self.top, self.w / self.scale, self.h / self.scale, self.scale)
        out.h, out.w, out.alpha = self.h, self.w, self.alpha
        out.rgb = np.empty_like(self.rgb)
        for c in range(3):
            lamp = light.ground[c] + (light.sky[c] - light.ground[c]) * up + light.key[c] * diffuse
            out.rgb[..., c] = self.rgb[..., c] * lamp * grain + light.key[c] * shine + light.rim[c] * edge
        return out

    def _canvas(self) -> Array:
        """The unevenness of paint: broad strokes, a few percent lighter and darker."""
        strokes = cover(tile(16, 6, 4, 21), (self.h, self.w), 1.6)
        return strokes * np.float32(0.16) + np.float32(0.92)
