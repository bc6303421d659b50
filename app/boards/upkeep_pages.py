"""The installation, for its owner: disk use and the collection of garbage."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.access import OwnerActor
from app.boards import upkeep
from app.core.i18n import _
from app.web.database import Transaction
from app.web.formats import size
from app.web.htmx import redirect
from app.web.notes import leave_note
from app.web.templating import render

router = APIRouter()


@router.get("/installation")
async def installation_page(request: Request, session: Transaction, actor: OwnerActor) -> Response:
    """Show what the store holds, and what could be freed."""
    use = await upkeep.measure(session, request.app.state.storage)
    registry = request.app.state.registry
    return render(
        request,
        "boards/installation.html",
        use=use,
        offers=registry.models(),
        problems=registry.problems,
        text_models=request.app.state.text_models,
    )


@router.post("/installation/collect")
async def collect(request: Request, session: Transaction, actor: OwnerActor) -> Response:
    """Delete what nothing refers to."""
    storage = request.app.state.storage
    use = await upkeep.measure(session, storage)
    freed = await upkeep.collect(session, storage, actor, use.garbage)
    return leave_note(redirect(request, "/installation"), _("%(size)s were freed.") % {"size": size(freed)})
