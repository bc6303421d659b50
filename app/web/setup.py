"""Put the web layer on an application: middleware, error handlers, static files, words, preferences, the gallery."""

from __future__ import annotations

import signal
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from types import FrameType
from typing import Any

from fastapi import FastAPI
from starlette.routing import Mount, Route
from starlette.types import Lifespan

from app.core.config import Settings
from app.web import gallery, preferences
from app.web.assets import Assets
from app.web.compress import CompressMiddleware
from app.web.csrf import CsrfMiddleware
from app.web.exits import ExitsMiddleware
from app.web.headers import BodyLimitMiddleware, RequestIdMiddleware, SecurityHeadersMiddleware
from app.web.i18n import LanguageMiddleware, words
from app.web.problems import UnexpectedMiddleware, install_handlers
from app.web.sse import Streams
from app.web.templating import Templates

MIB = 1024 * 1024


def install(app: FastAPI, settings: Settings, media_origins: Sequence[str] = ()) -> None:
    """Make ``app`` speak the web layer; call it once, before the first request.

    ``media_origins`` are the origins of an object store that browsers fetch pictures and films from.
    """
    watch = settings.environment == "local"
    app.state.settings = settings
    app.state.streams = Streams()
    app.state.templates = Templates(Assets(watch=watch), watch=watch)
    app.router.lifespan_context = _ending_streams(app.router.lifespan_context)
    install_handlers(app)
    app.router.routes.append(Mount("/static", app=app.state.templates.assets, name="static"))
    app.router.routes.append(Route("/locale/{locale}.json", words, name="words"))
    app.include_router(preferences.router)
    if settings.environment != "production":
        app.include_router(gallery.router)
    # the last one added is the outermost
    app.add_middleware(UnexpectedMiddleware)
    app.add_middleware(ExitsMiddleware)
    app.add_middleware(
        BodyLimitMiddleware, limit=settings.body_limit_mb * MIB, upload_limit=settings.upload_limit_mb * MIB
    )
    app.add_middleware(CsrfMiddleware, origins=[settings.base_url])
    app.add_middleware(LanguageMiddleware)
    app.add_middleware(CompressMiddleware)
    app.add_middleware(
        SecurityHeadersMiddleware, https=settings.base_url.startswith("https://"), media_origins=media_origins
    )
    app.add_middleware(RequestIdMiddleware)


def close_streams(app: FastAPI) -> None:
    """End the live updates of ``app`` within a second."""
    streams: Streams = app.state.streams
    streams.close()


def _ending_streams(lifespan: Lifespan[FastAPI]) -> Lifespan[FastAPI]:
    @asynccontextmanager
    async def ending(app: FastAPI) -> AsyncIterator[Any]:
        with _heeding_signals(app):
            async with lifespan(app) as state:
                yield state

    return ending


@contextmanager
def _heeding_signals(app: FastAPI) -> Iterator[None]:
    """End the live updates as soon as the process is told to stop.

    A server waits for open answers before it shuts an application down, and a stream would stay open for an hour:
    so this listens to the signals themselves, beside whoever listened before.
    """
    before: dict[int, Any] = {}
    told: set[int] = set()  # said a second time, it is done at once

    def stop(number: int, frame: FrameType | None) -> None:
        close_streams(app)
        go_on = before[number]
        then = partial(go_on, number, frame) if callable(go_on) else _nothing
        if (send_away := getattr(app.state, "send_away", None)) is None or told:
            then()
        else:
            told.add(number)
            send_away(then)  # sockets too stay open for as long as nobody closes them

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            before[number] = signal.getsignal(number)
            signal.signal(number, stop)
    try:
        yield
    finally:
        close_streams(app)
        for heeded, handler in before.items():
            signal.signal(heeded, handler)


def _nothing() -> None:
    """Stand where nobody listened before."""
