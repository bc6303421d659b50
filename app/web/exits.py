"""What a request opened is let go when it has been answered."""

from __future__ import annotations

from contextlib import AsyncExitStack

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

_KEY = "reelroom.exits"


class ExitsMiddleware:
    """Give every request a stack of things to let go."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then let go."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        async with AsyncExitStack() as stack:
            scope[_KEY] = stack
            await self.app(scope, receive, send)


def exits(request: Request) -> AsyncExitStack:
    """Return the stack of this request: ``exits(request).push_async_callback(file.close)``."""
    stack: AsyncExitStack = request.scope[_KEY]
    return stack
