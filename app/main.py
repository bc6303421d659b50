"""The web app: middleware, routers, error handlers; no logic."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from app.accounts import api as accounts_api
from app.accounts import links, team_pages
from app.accounts import pages as accounts_pages
from app.accounts.limiting import Tries
from app.backends.chat import TextModels
from app.bible import api as bible_api
from app.bible import pages as bible_pages
from app.boards import (
    arrange_api,
    arrange_pages,
    cast_pages,
    home_pages,
    live,
    money_api,
    money_pages,
    proposal_pages,
    rename_api,
    rename_pages,
    script_pages,
    shot_page,
    upkeep_pages,
)
from app.boards import import_pages as import_preview_pages
from app.boards import pages as boards_pages
from app.core.config import Settings, get_settings
from app.core.db import Database
from app.core.logging import set_up_logging
from app.core.redis import open_redis
from app.discussion import api as discussion_api
from app.discussion import pages as discussion_pages
from app.episodes import api as episodes_api
from app.episodes import pages as episodes_pages
from app.exports import api as exports_api
from app.exports import pages as exports_pages
from app.exports import words as export_words
from app.jobs import api as jobs_api
from app.jobs import (
    approval_api,
    approval_pages,
    bulk_api,
    bulk_pages,
    invoice_api,
    invoice_pages,
    routing_api,
    routing_pages,
    unknown_pages,
    webhooks,
)
from app.jobs import pages as jobs_pages
from app.media.storage import open_storage
from app.money import api as budgets_api
from app.money import pages as budgets_pages
from app.projects import api as projects_api
from app.projects import pages as projects_pages
from app.projects import words as project_words
from app.providers import api as providers_api
from app.providers import model_pages as provider_models
from app.providers import pages as providers_pages
from app.providers.registry import LiveRegistry
from app.review import api as review_api
from app.review import pages as review_pages
from app.rooms import live as rooms_live
from app.rooms.hub import Hub
from app.scripts import api as scripts_api
from app.scripts import (
    assistant_api,
    assistant_pages,
    export_api,
    export_pages,
    history_api,
    history_pages,
    search_api,
    search_pages,
)
from app.scripts import live as scripts_live
from app.scripts import pages as scripts_pages
from app.shots import api as shots_api
from app.shots import assistant_api as shots_assistant_api
from app.shots import assistant_pages as shots_assistant_pages
from app.shots import edit_pages as shots_edit_pages
from app.shots import import_api, import_pages
from app.shots import pages as shots_pages
from app.takes import api as takes_api
from app.takes import pages as takes_pages
from app.web import health, notes
from app.web.openapi import describe
from app.web.setup import install

PAGES = (
    accounts_pages,
    team_pages,
    providers_pages,
    provider_models,
    projects_pages,
    episodes_pages,
    scripts_pages,
    export_pages,
    assistant_pages,
    history_pages,
    search_pages,
    rename_pages,
    arrange_pages,
    bible_pages,
    shots_pages,
    import_pages,
    import_preview_pages,
    shots_edit_pages,
    shots_assistant_pages,
    takes_pages,
    jobs_pages,
    routing_pages,
    bulk_pages,
    unknown_pages,
    review_pages,
    exports_pages,
    budgets_pages,
    approval_pages,
    invoice_pages,
    money_pages,
    boards_pages,
    home_pages,
    script_pages,
    proposal_pages,
    cast_pages,
    upkeep_pages,
    shot_page,
    live,
    discussion_pages,
)
APIS = (
    accounts_api,
    providers_api,
    projects_api,
    episodes_api,
    scripts_api,
    export_api,
    assistant_api,
    history_api,
    search_api,
    rename_api,
    arrange_api,
    bible_api,
    import_api,
    shots_api,
    shots_assistant_api,
    takes_api,
    jobs_api,
    routing_api,
    bulk_api,
    review_api,
    exports_api,
    budgets_api,
    approval_api,
    invoice_api,
    money_api,
    discussion_api,
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the web app; it opens its database, Redis, store and backends when it starts."""
    settings = settings or get_settings()
    set_up_logging(settings.log_level, settings.log_format)
    app = FastAPI(
        title="Reelroom",
        version=version("reelroom"),
        summary="Where a micro-drama is written, shot with AI video models and delivered.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_life,
    )
    install(app, settings)
    app.add_middleware(health.MetricsMiddleware)
    app.state.templates.environment.globals.update(
        media=links.media,
        note=notes.note,
        stage_word=export_words.stage_word,
        export_facts=export_words.export_facts,
        format_choices=project_words.format_choices,
        rate_choices=project_words.rate_choices,
        rate_word=project_words.rate_word,
    )
    app.include_router(health.router)
    app.include_router(links.router, include_in_schema=False)
    app.include_router(webhooks.router, include_in_schema=False)
    app.include_router(rooms_live.router)
    scripts_live.register()
    for module in APIS:
        app.include_router(module.router, prefix="/api/v1")
    for module in PAGES:
        app.include_router(module.router, include_in_schema=False)
    describe(app)
    return app


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    app.state.database = Database(settings.sqlalchemy_url)
    app.state.redis = open_redis()
    app.state.tries = Tries()
    app.state.storage = open_storage(settings.storage_url)
    app.state.registry = await LiveRegistry.open(settings, app.state.database)
    app.state.text_models = TextModels.load(settings.text_models)
    app.state.hub = Hub(
        app.state.database,
        open_redis(binary=True),
        limit=settings.room_limit_kb * 1024,
        frame_limit=settings.room_limit_kb * 1024,
    )
    app.state.hub.start()
    app.state.send_away = app.state.hub.send_away
    if settings.environment != "test":  # tests open many apps in one process, and each must be forgotten
        gc.freeze()  # what lives as long as the process is not looked through again and again
        gc.set_threshold(20_000, 20, 20)  # nor what lives as long as a socket: a thousand of them are many objects
    yield
    await app.state.hub.close()
    await app.state.text_models.aclose()
    await app.state.registry.aclose()
    await app.state.tries.close()
    await app.state.redis.aclose()
    await app.state.database.close()
