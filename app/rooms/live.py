"""The socket of a room: who may enter, what is read from it, what is sent to it, and when it has to go."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog
from fastapi import APIRouter
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.core.errors import Forbidden, NotFound, ReelroomError, Unauthenticated
from app.core.i18n import _
from app.rooms import kinds, protocol, service
from app.rooms.client import FORBIDDEN, MALFORMED, ROLE_CHANGED, SIGNED_OUT, TOO_LARGE, WENT, Client
from app.rooms.hub import Hub
from app.rooms.models import Room
from app.rooms.protocol import Malformed
from app.rooms.room import LiveRoom, TooLarge
from app.rooms.schemas import Admission

log = structlog.get_logger(__name__)
router = APIRouter()

Task = asyncio.Task[None]
AGAIN_EVERY_S = 60.0  # that somebody may still be here is asked again, should the news of a change be lost


@router.websocket("/ws/rooms/{name}")
async def enter(websocket: WebSocket, name: str) -> None:
    """Take part in a room: the owner of its kind has let the person in before the socket is accepted."""
    hub: Hub = websocket.app.state.hub
    try:
        room = await _room(websocket, name)
        admission = await kinds.opener(room.kind)(websocket, room.subject_id)
        if hub.closing:
            raise NotFound("rooms.going_down", _("This server is going down. Try again."))
        live = await hub.enter(room.id, room.name)
    except ReelroomError as error:
        await websocket.send_denial_response(PlainTextResponse(str(error), status_code=error.status))
        return
    with hub.present():
        await _stay(websocket, hub, live, room, admission)


async def _stay(websocket: WebSocket, hub: Hub, live: LiveRoom, room: Room, admission: Admission) -> None:
    """Read and write until either side ends it."""
    await websocket.accept()
    client = Client(admission)
    live.enter(client)
    if hub.closing:
        client.end(WENT, "going down")  # whoever came in while everybody was being sent away
    watching = asyncio.create_task(_watch(websocket, client, room))
    # tasks of their own: each frame would wake all the layers that wait around this one
    reading = asyncio.create_task(_read(websocket, client, live, hub.frame_limit))
    writing = asyncio.create_task(_write(websocket, client))
    try:
        await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        live.leave(client)
        client.end(WENT, "gone")
        await _close(websocket, client, reading, writing, watching)


async def _close(websocket: WebSocket, client: Client, reading: Task, writing: Task, watching: Task) -> None:
    """Send what waits, as far as it is taken within two seconds, then close the socket with the client's code."""
    watching.cancel()
    with suppress(TimeoutError):
        async with asyncio.timeout(2):
            await asyncio.wait({writing})
    writing.cancel()
    reading.cancel()  # the server does not send a close while somebody waits to receive
    await asyncio.gather(reading, writing, watching, return_exceptions=True)
    _receive, send = _wire(websocket)
    code, reason = client.ended or (WENT, "")
    with suppress(WebSocketDisconnect, RuntimeError, OSError):
        await send({"type": "websocket.close", "code": code, "reason": reason})


async def _room(websocket: WebSocket, name: str) -> Room:
    async with websocket.app.state.database.transaction() as session:
        room = await service.by_name(session, name)
    if room is None:
        raise NotFound("rooms.unknown", _("There is no such room."))
    return room


def _wire(websocket: WebSocket) -> tuple[Receive, Send]:
    """Return the server's own calls: frames are many, and the layers around a request have nothing to do with them."""
    wire: tuple[Receive, Send] = websocket.scope.get("reelroom.wire", (websocket.receive, websocket.send))
    return wire


async def _read(websocket: WebSocket, client: Client, live: LiveRoom, largest: int) -> None:
    """Read frames until the socket closes; what is malformed or too large is never passed on, and ends it."""
    receive, _send = _wire(websocket)
    while client.ended is None:
        message = await receive()
        frame = message.get("bytes")
        if message["type"] == "websocket.disconnect":
            return
        try:
            if frame is None:
                raise Malformed("Frames are binary.")
            if len(frame) > largest:
                raise TooLarge
            _take(frame, client, live)
        except TooLarge:
            client.end(TOO_LARGE, "too large")
        except ValueError as error:
            log.info("rooms.malformed", room=live.name, person=str(client.person), error=str(error))
            client.end(MALFORMED, "malformed")


def _take(frame: bytes, client: Client, live: LiveRoom) -> None:
    kind, place = protocol.read_number(frame, 0)
    if kind == protocol.SYNC:
        _sync(frame, place, client, live)
    elif kind == protocol.AWARENESS:
        live.appear(protocol.read_awareness(frame, place), client)
    elif kind == protocol.ASK_AWARENESS:
        client.push(protocol.awareness(live.present()))
    else:
        raise Malformed(f"There is no frame of kind {kind}.")


def _sync(frame: bytes, place: int, client: Client, live: LiveRoom) -> None:
    step, place = protocol.read_number(frame, place)
    payload, _end = protocol.read_bytes(frame, place)
    if step == protocol.STEP_1:
        client.push(protocol.sync(protocol.STEP_2, live.document.doc.get_update(payload)))
    elif step not in (protocol.STEP_2, protocol.UPDATE):
        raise Malformed(f"There is no step {step}.")
    elif client.admission.may_write:
        live.change(payload, client)


async def _write(websocket: WebSocket, client: Client) -> None:
    """Send frames until the client has ended and none waits."""
    _receive, send = _wire(websocket)
    try:
        while (frame := await client.next()) is not None:
            await send({"type": "websocket.send", "bytes": frame})
    except (WebSocketDisconnect, RuntimeError, OSError) as error:
        client.end(WENT, str(error))


async def _watch(websocket: WebSocket, client: Client, room: Room) -> None:
    """Ask again whether the person may be here: when told that something changed, and every minute."""
    while client.ended is None:
        with suppress(TimeoutError):
            async with asyncio.timeout(AGAIN_EVERY_S):
                await client.doubted()
        try:
            now: Admission = await kinds.opener(room.kind)(websocket, room.subject_id)
        except Unauthenticated:
            client.end(SIGNED_OUT, "signed out")
        except (Forbidden, NotFound):
            client.end(FORBIDDEN, "no longer allowed")
        else:
            if now.may_write != client.admission.may_write:
                client.end(ROLE_CHANGED, "role changed")
