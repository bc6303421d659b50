"""Pages and JSON travel compressed; pictures, films and streams are left as they are."""

from __future__ import annotations

import gzip

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TEXTS = ("text/html", "application/json", "application/problem+json", "text/csv", "text/vtt")
SMALLEST = 1024


class CompressMiddleware:
    """Compress whole text answers for those who take gzip."""

    def __init__(self, app: ASGIApp, level: int = 4) -> None:
        self.app = app
        self.level = level

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold the start of an answer until its body is known to be one piece."""
        if scope["type"] != "http" or "gzip" not in Headers(scope=scope).get("accept-encoding", ""):
            await self.app(scope, receive, send)
            return
        held: Message | None = None

        async def compressed(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _is_text(message):
                held = message
                return
            if held is not None:
                start, held = held, None
                if not message.get("more_body") and len(message.get("body", b"")) >= SMALLEST:
                    message = {**message, "body": gzip.compress(message["body"], self.level, mtime=0)}
                    headers = MutableHeaders(scope=start)
                    headers["Content-Encoding"] = "gzip"
                    headers["Content-Length"] = str(len(message["body"]))
                    headers.add_vary_header("Accept-Encoding")
                await send(start)
            await send(message)

        await self.app(scope, receive, compressed)


def _is_text(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return headers.get("content-type", "").startswith(TEXTS) and "content-encoding" not in headers
