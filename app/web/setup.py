"""Put the web layer on an application: middleware, error handlers, static files, words, preferences, the gallery."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.routing import Mount, Route

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

    ``media_origins`` are the origins of an object store that browsers fetch pictures and films from. Call
    ``close_streams(app)`` when the application shuts down.
    """
    watch = settings.environment == "local"
    app.state.settings = settings
    app.state.streams = Streams()
    app.state.templates = Templates(Assets(watch=watch), watch=watch)
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
    """End the live updates of ``app``, so that it can shut down."""
    streams: Streams = app.state.streams
    streams.close()
