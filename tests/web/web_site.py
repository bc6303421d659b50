"""A small application with the web layer on it, for tests in process and in a browser."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import Body, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, Field
from redis.asyncio import Redis
from starlette.responses import Response

from app.core.config import Settings
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, TooManyRequests, Unauthenticated
from app.web.forms import read_form
from app.web.htmx import is_htmx, redirect, toast
from app.web.setup import install
from app.web.sse import channel, event_stream
from app.web.templating import Templates, render

PROJECT = UUID("01890000-0000-7000-8000-000000000001")
ERRORS = {
    "missing": NotFound("tests.missing", "There is no such shot <b>here</b>: go back to the board."),
    "forbidden": Forbidden("tests.forbidden", "Only a producer may do this: ask one."),
    "stranger": Unauthenticated("tests.stranger", "Sign in to see this."),
    "conflict": Conflict("tests.conflict", "It changed meanwhile: reload.", shots=["SH0010 has no take", "SH0020 <i>"]),
    "invalid": Invalid("tests.invalid", "That is not a script: send text."),
    "often": TooManyRequests("tests.often", "Too many tries: wait a minute.", retry_after=60),
}


class NewProject(BaseModel):
    """A form with the usual kinds of fields."""

    title: str = Field(min_length=2, max_length=20)
    rate: int = Field(ge=1, le=120)
    tags: list[str] = []
    note: str | None = None


def make_site(environment: str = "test", public_url: str = "http://testserver", **settings: object) -> FastAPI:
    """Return an application with routes that behave in every way a page can."""
    app = FastAPI()
    install(app, Settings.model_validate({"environment": environment, "public_url": public_url, **settings}))
    for make in (_add_errors, _add_posts, _add_pages, _add_live):
        make(app)
    return app


def _add_errors(app: FastAPI) -> None:
    @app.get("/errors/{name}")
    @app.get("/api/v1/errors/{name}")
    @app.post("/errors/{name}")
    async def raise_it(name: str) -> None:
        if name == "boom":
            raise RuntimeError("the password is hunter2")
        raise ERRORS[name]


def _add_posts(app: FastAPI) -> None:
    @app.post("/echo")
    @app.post("/uploads")
    @app.post("/projects/{project}/uploads")
    async def echo(request: Request) -> JSONResponse:
        return JSONResponse({"bytes": len(await request.body())})

    @app.get("/echo")
    async def look() -> JSONResponse:
        return JSONResponse({"ok": True})

    @app.post("/api/v1/items")
    async def item(item: Annotated[NewProject, Body()]) -> JSONResponse:
        return JSONResponse(item.model_dump())

    @app.post("/form")
    async def form(request: Request) -> Response:
        sent = await read_form(request, NewProject)
        if not sent.ok:
            return JSONResponse({"errors": sent.errors, "typed": sent.text("title")}, 422)
        file = sent.file("script")
        return JSONResponse({**sent.value.model_dump(), "file": file.filename if file else None})


def _add_pages(app: FastAPI) -> None:
    app.state.order = ["a", "b", "c"]
    app.state.presses = []

    @app.get("/page/{name}")
    async def page(request: Request, name: str) -> Response:
        source = (Path(__file__).parent / "pages" / f"{name}.html").read_text()
        templates: Templates = request.app.state.templates
        template = templates.environment.from_string(source)
        templates.environment.cache.clear()  # type: ignore[union-attr]
        known = {"request": request, "actor": None, "place": None, "theme": "dark", "locale": "en", "doors": None}
        return HTMLResponse(template.render(**known, has_page=lambda path: False, state=app.state))

    @app.post("/press/{name}")
    async def press(request: Request, name: str) -> Response:
        app.state.presses.append(name)
        if is_htmx(request):
            return HTMLResponse(f'<p id="answer">pressed {name}</p>', headers=dict(toast("Pressed <b>")))
        return redirect(request, "/page/actions")

    @app.post("/order")
    async def order(request: Request) -> Response:
        sent = await request.form()
        if sent["moved"] == "c" and sent["after"] == "":
            raise Conflict("tests.order", "SH0030 is locked: unlock it first.")
        app.state.order.append(f"{sent['moved']}>{sent['after']}")
        return JSONResponse({"ok": True})

    @app.post("/page/uploads")
    async def upload(request: Request) -> Response:
        sent = await request.form()
        file = sent["file"]
        assert not isinstance(file, str)
        if (file.filename or "").endswith(".exe"):
            raise Invalid("tests.no_film", "That is not a film: send MP4, MOV or WebM.")
        return redirect(request, "/page/actions")


def _add_live(app: FastAPI) -> None:
    app.state.count = 0

    @app.get("/live/events")
    async def events(request: Request) -> Response:
        redis = Redis.from_url(os.environ["REELROOM_TEST_REDIS"], decode_responses=True)
        return await event_stream(request, redis, [channel(PROJECT)])

    @app.get("/live/card")
    async def card(request: Request) -> Response:
        app.state.count += 1
        text = (
            f'<p id="card" data-live="takes.*" data-live-match="shot_id=7" data-src="/live/card">{app.state.count}</p>'
        )
        return HTMLResponse(text)

    @app.get("/fragment")
    async def fragment(request: Request) -> Response:
        return render(request, "errors/_notice.html", message="<script>alert(1)</script>")


def browser_site() -> FastAPI:
    """Return the site a browser visits; its address is in the environment."""
    return make_site(public_url=os.environ["REELROOM_TEST_URL"])
