"""Who may be in the room of a script: whoever may read it; and whoever may edit it may write in it."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from starlette.requests import Request
from starlette.websockets import WebSocket

from app.accounts.access import demand, find_actor, require_actor
from app.core.errors import NotFound
from app.core.i18n import _
from app.projects import service as projects
from app.rooms import kinds
from app.rooms.schemas import Admission, Author
from app.scripts import service
from app.scripts.service import KIND


async def admit(websocket: WebSocket, script_id: UUID) -> Admission:
    """Let somebody into the room of a script; raises ``Unauthenticated``, ``Forbidden`` or ``NotFound``."""
    async with websocket.app.state.database.transaction() as session:
        # the same for a socket: it has the headers, the cookies and the state of the request that opened it
        person = require_actor(await find_actor(cast(Request, websocket), session))
        project_id = await service.project_of(session, script_id)
        if project_id is None:
            raise NotFound("scripts.unknown", _("There is no such script. It may have been deleted."))
        project = await projects.get(session, person, project_id)
        demand(person, "scripts.read", project.team_id, project.id)
        may_write = person.may("scripts.edit", project.team_id, project.id)
        return Admission(Author(person.id, person.name), may_write)


def register() -> None:
    """Let the rooms of scripts be entered."""
    kinds.register(KIND, admit)
