"""Static files: addressed by the hash of their content, kept in memory, cached by browsers for a year."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

ROOT = Path(__file__).resolve().parents[2] / "static"
SERVED = ("css/", "dist/", "fonts/", "images/")
SERVED_FILES = ("icons.svg", "favicon.svg")
TEXT = ("text/", "image/svg", "application/json", "application/manifest")
YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One static file in memory: its bytes, their gzip when it pays, its media type and content hash."""

    body: bytes
    zipped: bytes | None
    media_type: str
    digest: str


class Assets:
    """The static files under ``root``; with ``watch``, a changed file is read again."""

    def __init__(self, root: Path = ROOT, prefix: str = "/static", *, watch: bool = False) -> None:
        self.root = root
        self.prefix = prefix
        self.watch = watch
        self._kept: dict[str, tuple[int, Asset]] = {}

    def url(self, name: str) -> str:
        """Return the address of ``name`` ("css/tokens.css") with its content hash; raises ``FileNotFoundError``."""
        return f"{self.prefix}/{name}?v={self.get(name).digest}"

    def get(self, name: str) -> Asset:
        """Return the file called ``name``; raises ``FileNotFoundError`` when it is none that is served."""
        kept = self._kept.get(name)
        if kept is not None and not self.watch:
            return kept[1]
        path = self._path(name)
        stamp = path.stat().st_mtime_ns
        if kept is None or kept[0] != stamp:
            kept = (stamp, _read(path))
            self._kept[name] = kept
        return kept[1]

    def _path(self, name: str) -> Path:
        path = (self.root / name).resolve()
        inside = path.is_relative_to(self.root.resolve()) and ".." not in name
        if not inside or not (name in SERVED_FILES or name.startswith(SERVED)) or not path.is_file():
            raise FileNotFoundError(name)
        return path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one file: a year of cache when asked by its hash, a check each time otherwise."""
        name = scope["path"].removeprefix(scope.get("root_path", "")).removeprefix(self.prefix).lstrip("/")
        try:
            asset = self.get(name)
        except FileNotFoundError:
            await Response("There is no such file.", 404, media_type="text/plain")(scope, receive, send)
            return
        await _answer(asset, scope)(scope, receive, send)


def _answer(asset: Asset, scope: Scope) -> Response:
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("v", [""])[0]
    request = Headers(scope=scope)
    headers = {
        "ETag": f'"{asset.digest}"',
        "Cache-Control": YEAR if asked == asset.digest else "no-cache",
        "Vary": "Accept-Encoding",
    }
    if asset.digest in request.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    body = asset.body
    if asset.zipped is not None and "gzip" in request.get("accept-encoding", ""):
        body = asset.zipped
        headers["Content-Encoding"] = "gzip"
    return Response(body, headers=headers, media_type=asset.media_type)


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    zipped = gzip.compress(body, 9, mtime=0) if media_type.startswith(TEXT) and len(body) > 512 else None
    return Asset(body, zipped, media_type, hashlib.sha256(body).hexdigest()[:12])
