"""A dressed figure: body, clothes and head modelled on one relief and lit, as a picture with its feet and its mouth."""

from __future__ import annotations

from dataclasses import dataclass

from app.backends.animatic.art.brush import Point, Sheet
from app.backends.animatic.art.figures.clothes import Tailor, Wardrobe
from app.backends.animatic.art.figures.cuts import CUTS
from app.backends.animatic.art.figures.expression import CALM, Expression
from app.backends.animatic.art.figures.hair import back_hair
from app.backends.animatic.art.figures.hats import HATS, ear_rings
from app.backends.animatic.art.figures.head import HeadLook, barber_for, draw_head
from app.backends.animatic.art.figures.limbs import neck
from app.backends.animatic.art.figures.props import BEHIND, PROPS, seat
from app.backends.animatic.art.figures.rig import POSES, Build, Rig, rig
from app.backends.animatic.art.figures.skull import Turn
from app.backends.animatic.art.relief import Light, Relief


@dataclass(frozen=True, slots=True)
class FigureLook:
    """How a character always looks."""

    name: str
    head: HeadLook
    build: Build
    wear: Wardrobe
    seed: int


AHEAD = Turn()


@dataclass(frozen=True, slots=True)
class Staging:
    """How a figure is held in one shot."""

    pose: str = "stand"
    turn: Turn = AHEAD
    body_yaw: float = 0.0
    mirrored: bool = False
    expression: Expression = CALM
    wind: float = 0.0
    back_view: bool = False
    held: str = ""


@dataclass(slots=True)
class Drawn:
    """A lit figure: the sheet (units of half heads, head centre at the origin), its mouth and its floor."""

    sheet: Sheet
    mouth: tuple[float, float, float] | None
    floor: float


def draw_figure(
    look: FigureLook, staging: Staging, light: Light, scale: float, box: tuple[float, float, float, float]
) -> Drawn:
    """Draw what lies within ``box`` (left, top, right, bottom in half heads) at ``scale`` pixels to a half head."""
    left, top, right, bottom = box
    relief = Relief(left, top, right - left, bottom - top, scale)
    pose = POSES[staging.pose]
    figure = rig(look.build, pose, staging.body_yaw, staging.mirrored)
    barber = barber_for(relief, look.head, staging.turn, staging.wind, back_view=staging.back_view)
    if not staging.back_view:
        back_hair(barber)
    girth = 0.36 + 0.1 * max(0.0, look.head.skull.jaw) - 0.06 * look.head.skull.child
    neck(relief, look.head.face.skin, figure.neck, girth, staging.turn.yaw)
    if staging.pose == "sit":
        seat(relief, figure.floor)
    hold = _holding_wrist(figure, staging)
    if staging.held in BEHIND:
        PROPS[staging.held](relief, hold)
    tailor = Tailor(
        relief, figure, look.wear, look.head.face.skin, look.seed, staging.wind, staging.back_view, staging.mirrored
    )
    tailor.closed = (bool(staging.held), bool(staging.held))
    CUTS[look.wear.cut](tailor)
    mouth = draw_head(barber, look.head, staging.expression, light.side)
    if look.wear.headwear in HATS:
        HATS[look.wear.headwear](barber)
    if "earring" in look.wear.extras and not staging.back_view:
        ear_rings(barber)
    if staging.back_view:
        back_hair(barber)
    if staging.held and staging.held not in BEHIND:
        PROPS[staging.held](relief, hold)
    return Drawn(relief.lit(light), None if staging.back_view else mouth, figure.floor)


def _holding_wrist(figure: Rig, staging: Staging) -> Point:
    """The hand that holds: the raised or forward one; between both when they meet."""
    left, right = figure.wrists
    if staging.held in ("ledger", "shoe", "silk", "paper", "stone") and all(figure.pose.front):
        return (left[0] + right[0]) / 2, (left[1] + right[1]) / 2
    return left if staging.mirrored else right
