"""The gallery: every part of the design system on one page, for those who build with it and for its tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.core.clock import now
from app.core.frames import FrameRate
from app.core.money import Money
from app.web.forms import Form
from app.web.nav import EPISODE_ROOMS, Count, Door, Person, Place
from app.web.templating import render

router = APIRouter(include_in_schema=False)

PEOPLE = (
    Person("周牧", "director", 2),
    Person("林之遥", "writer", 1),
    Person("Ada Okoye", "producer", 4),
    Person("何苗", "writer", 3, away=True),
)
SHOTS = (
    {"name": "SH0010", "status": "circled", "size": "WS", "length": "4.5 s", "poster": "shore-wide"},
    {"name": "SH0020", "status": "circled", "size": "CU", "length": "2.5 s", "poster": "palm-stone"},
    {"name": "SH0030", "status": "review", "size": "MCU", "length": "3.2 s", "poster": "girl-mcu"},
    {"name": "SH0040", "status": "retake", "size": "WS", "length": "4 s", "poster": "father-rock"},
    {
        "name": "SH0050",
        "status": "generating",
        "size": "CU",
        "length": "2.8 s",
        "words": "女娃（笑）：那我去把他们叫回来。",
    },
    {"name": "SH0060", "status": "waiting", "size": "FS", "length": "4.2 s", "words": "她把石子用力抛向海面，消失了。"},
    {"name": "SH0070", "status": "stale", "size": "OH", "length": "4.4 s", "poster": "overhead"},
    {"name": "SH0080", "status": "held", "size": "ELS", "length": "3.8 s", "words": "天色骤暗。海平线隆起一道水墙。"},
    {"name": "SH0090", "status": "refused", "size": "CU", "length": "2.6 s", "words": "女娃（喊）：你凭什么带走他们！"},
    {
        "name": "SH0100",
        "status": "planned",
        "size": "MCU",
        "length": "5.6 s",
        "words": "He turns the ledger round to her.",
    },
    {"name": "SH0110", "status": "unknown", "size": "WS", "length": "4.6 s", "poster": "storm"},
    {"name": "SH0120", "status": "dropped", "size": "CU", "length": "2.4 s", "words": "炎帝的神情变了。"},
)


class _Visitor:
    name = "周牧"


@router.get("/dev/gallery")
async def gallery(request: Request) -> Response:
    """Show every part; anybody may, outside production."""
    request.state.actor = _Visitor()
    return render(request, "dev/gallery.html", **gallery_context())


@router.get("/dev/door")
async def door(request: Request) -> Response:
    """Show a way in, with a form that was filled in wrongly."""
    form: Form[Any] = Form({"email": ["zhou.mu@studio.example"]}, errors={"password": "That password does not match."})
    return render(request, "dev/door.html", form=form)


def gallery_context() -> dict[str, Any]:
    """Return what the gallery shows."""
    place = Place(
        UUID(int=1),
        "精卫",
        UUID(int=2),
        "E01",
        "那枚石子",
        counts={"shoot": Count(3, "generating"), "review": Count(5, "review")},
        spent=Money.of(412, "CNY"),
        budget=Money.of(600, "CNY"),
        people=PEOPLE[:3],
    )
    filled: Form[Any] = Form(
        {"title": ["精卫"], "rate": ["25"], "style": [""], "label": ["true"]}, errors={"style": "Fill this in."}
    ).fail("This title is taken by another project. Choose another one, or open that project.")
    return {
        "place": place,
        "doors": lambda current: [
            Door(room, "#main", room.name == current, place.counts.get(room.name)) for room in EPISODE_ROOMS
        ],
        "form": filled,
        "people": PEOPLE,
        "shots": SHOTS,
        "rate": FrameRate(24),
        "at": now() - timedelta(minutes=12),
        "money": (Money.of("3.10", "CNY"), Money.of("4.60", "CNY"), Money.of(96, "CNY")),
    }
