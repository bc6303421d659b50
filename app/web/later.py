"""An answer worked out after the request's transaction: for what has to wait for somebody outside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class Later(Response):
    """Answers with what ``work`` returns; it begins when the transaction of the request is committed and closed."""

    def __init__(self, work: Callable[[], Awaitable[Response]]) -> None:
        super().__init__()
        self._work = work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Do the work, and send what came of it."""
        response = await self._work()
        await response(scope, receive, send)
