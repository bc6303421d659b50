"""Running a fake on a free port, in a thread or in a process of its own, on a small HTTP/1.1 server that can misbehave.

An application finds ``drop_connection`` in its ASGI scope: calling it cuts the connection at once, as a crashed
server does. No ordinary server lets an application do that, and lost answers are what the fakes are for.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import h11
import httpx

Scope = dict[str, Any]
LOG = logging.getLogger(__name__)
BLOCK = 65536
PATIENCE_S = 30.0
FAMILIES = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))


class _Connection:
    """One client: requests in turn on one connection, until either side closes it."""

    def __init__(self, app: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._app = app
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER)
        self._dropped = False

    async def serve(self) -> None:
        try:
            while await self._one():
                self._http.start_next_cycle()
        except (OSError, h11.ProtocolError) as error:
            LOG.debug("A connection ended: %s", type(error).__name__)
        finally:
            self._writer.close()

    async def _event(self) -> Any:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._reader.read(BLOCK))
        return event

    async def _one(self) -> bool:
        """Serve one request and return whether the connection may serve another."""
        request = await self._event()
        if not isinstance(request, h11.Request):
            return False
        await self._app(self._scope(request), self._receive, self._send)
        if self._dropped:
            return False
        if self._http.our_state is h11.SEND_BODY:
            self._drop()
            return False
        while self._http.their_state is h11.SEND_BODY:
            await self._event()
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    def _scope(self, request: h11.Request) -> Scope:
        path, _, query = request.target.partition(b"?")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": request.method.decode(),
            "scheme": "http",
            "path": unquote(path.decode("ascii")),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": [(bytes(name), bytes(value)) for name, value in request.headers],
            "client": self._writer.get_extra_info("peername")[:2],
            "server": self._writer.get_extra_info("sockname")[:2],
            "drop_connection": self._drop,
        }

    async def _receive(self) -> dict[str, Any]:
        if self._http.their_state is not h11.SEND_BODY:
            while data := await self._reader.read(BLOCK):
                self._http.receive_data(data)
            return {"type": "http.disconnect"}
        event = await self._event()
        if isinstance(event, h11.Data):
            return {"type": "http.request", "body": bytes(event.data), "more_body": True}
        if isinstance(event, h11.EndOfMessage):
            return {"type": "http.request", "body": b"", "more_body": False}
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if self._dropped:
            return
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", []))
            data = self._http.send(h11.Response(status_code=message["status"], headers=headers))
        else:
            data = self._http.send(h11.Data(data=message.get("body", b"")))
            if not message.get("more_body", False):
                data = (data or b"") + (self._http.send(h11.EndOfMessage()) or b"")
        self._writer.write(data or b"")
        await self._writer.drain()

    def _drop(self) -> None:
        self._dropped = True
        self._writer.transport.abort()


@dataclass(frozen=True, slots=True)
class Running:
    """A fake that answers at ``url`` (no trailing slash), until its context ends."""

    url: str


@contextmanager
def serve(app: Any, port: int = 0) -> Iterator[Running]:
    """Run an ASGI application in a thread, on ``port`` or a free one, and wait until it answers."""
    sockets = _listen(port)
    loops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def run() -> None:
        ended = asyncio.Event()
        loops.append((asyncio.get_running_loop(), ended))
        await _serve(app, sockets, ended)

    thread = threading.Thread(target=asyncio.run, args=(run(),), name="fake", daemon=True)
    thread.start()
    try:
        yield _answering(sockets)
    finally:
        loop, ended = loops[0]
        loop.call_soon_threadsafe(ended.set)
        thread.join(PATIENCE_S)


@contextmanager
def serve_in_process(factory: str, arguments: Mapping[str, Any], port: int = 0) -> Iterator[Running]:
    """Run ``factory`` ("package.module:function", called with ``arguments``) in a process, and wait until it answers.

    The process ends with the context, and by itself when its parent dies.
    """
    sockets = _listen(port)
    numbers = [one.fileno() for one in sockets]
    command = [sys.executable, "-m", "app.backends.testing.server", factory, json.dumps(dict(arguments))]
    process = subprocess.Popen(
        [*command, *map(str, numbers)],
        pass_fds=numbers,
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the parent, which then ends it in order
    )
    try:
        running = _answering(sockets)
        for one in sockets:
            one.close()
        yield running
    finally:
        process.communicate(timeout=PATIENCE_S)


def _answering(sockets: list[socket.socket]) -> Running:
    """Return the address of a fake once it answers; the sockets listen already, so one patient request is enough."""
    url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    with httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:
        client.get(f"{url}/__fake/clock")
    return Running(url)


def _listen(port: int) -> list[socket.socket]:
    """Return sockets that listen on one port, a free one for 0, of every loopback address there is."""
    listening: list[socket.socket] = []
    for family, address in FAMILIES:
        port = listening[0].getsockname()[1] if listening else port
        try:
            one = socket.create_server((address, port), family=family, backlog=512)
        except OSError:
            if family is socket.AF_INET:
                raise
            continue
        listening.append(one)
    return listening


async def _serve(app: Any, sockets: list[socket.socket], ended: asyncio.Event) -> None:
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        await _Connection(app, reader, writer).serve()

    servers = [await asyncio.start_server(connected, sock=one) for one in sockets]
    await ended.wait()
    for server in servers:
        server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _child(app: Any, sockets: list[socket.socket]) -> None:
    ended = asyncio.Event()
    # Nothing is ever written to the pipe: it becomes readable when the parent closes it, or dies.
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.set)
    await _serve(app, sockets, ended)


def main() -> None:
    """Serve one fake on inherited sockets until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("factory")
    parser.add_argument("arguments", type=json.loads)
    parser.add_argument("sockets", type=int, nargs="+")
    given = parser.parse_args()
    module, _, function = given.factory.partition(":")
    app = getattr(importlib.import_module(module), function)(**given.arguments)
    asyncio.run(_child(app, [socket.socket(fileno=number) for number in given.sockets]))


if __name__ == "__main__":
    main()
