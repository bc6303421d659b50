"""The fonts that ship with the product: Noto Sans SC and Noto Serif SC (OFL), the same on every machine."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pylopdf_fonts_zh_cn
from PIL import ImageFont

SANS_FAMILY = "Noto Sans SC"
SERIF_FAMILY = "Noto Serif SC"


def sans_path() -> Path:
    """Return the file of Noto Sans SC Regular."""
    return Path(pylopdf_fonts_zh_cn.sans_path())


def serif_path() -> Path:
    """Return the file of Noto Serif SC Regular."""
    return Path(pylopdf_fonts_zh_cn.serif_path())


def folder() -> Path:
    """Return the folder that holds both, for libass (``fontsdir``) and fontconfig."""
    return sans_path().parent


@lru_cache(maxsize=32)
def font(pixels: int, *, serif: bool = False) -> ImageFont.FreeTypeFont:
    """Return a font whose em is ``pixels`` high."""
    return ImageFont.truetype(str(serif_path() if serif else sans_path()), pixels)
