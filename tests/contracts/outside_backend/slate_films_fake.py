"""The fake server of Slate Films, written from its (imagined) fact sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from app.backends.testing.faults import Refusal, after_creating, before_creating, downloading, polling
from app.backends.testing.skeleton import Fake, plain, result_video

WAITS_S = 2.0
SHOOTS_S = 12.0


@dataclass
class Film:
    order: dict[str, Any]
    created: float
    scenario: dict[str, str]
    polls: int = 0
    stopped: bool = False


class SlateFilmsFake(Fake):
    def __init__(self, key: str) -> None:
        super().__init__(frozen=True)
        self.key = key
        self.films: dict[str, Film] = {}
        self.app.post("/films")(self.create)
        self.app.get("/films/{order}")(self.retrieve)
        self.app.delete("/films/{order}")(self.stop)
        self.app.get("/films/{order}/print")(self.print)

    def envelope(self, refusal: Refusal) -> Any:
        return {"code": refusal.code, "why": refusal.message, "about": refusal.param}

    def jobs(self) -> list[dict[str, Any]]:
        return [self.told(film) for film in self.films.values()]

    async def stored(self, key: str) -> bytes:
        return await result_video("180x320", self.films[key].order["seconds"])

    async def create(self, request: Request) -> Response:
        request.state.entry["creates"] = True
        self.authorise(request)
        order = request.state.entry["body"] = await request.json()
        if set(order) != {"order", "prompt", "seconds"} or order["seconds"] not in {5, 10}:
            raise Refusal(400, "invalid", "An order has a prompt and 5 or 10 seconds.")
        scenario = self.scenario(order["prompt"])
        before_creating(request, scenario, self.clock.now(), self.key)
        film = self.films[order["order"]] = Film(order, self.clock.now(), scenario)
        return await after_creating(request, scenario) or plain(201, self.told(film))

    async def retrieve(self, request: Request, order: str) -> Response:
        film = self.film(request, order)
        film.polls += 1
        polling(request, film.scenario, film.polls)
        return plain(200, self.told(film))

    async def stop(self, request: Request, order: str) -> Response:
        film = self.film(request, order)
        if self.state(film) not in {"waiting", "shooting", "stopped"}:
            raise Refusal(409, "wrapped", "It is wrapped.")
        film.stopped = True
        return plain(200, self.told(film))

    async def print(self, request: Request, order: str) -> Response:
        film = self.film(request, order)
        if self.state(film) != "wrapped" or "url_expired" in film.scenario:
            raise Refusal(404, "not_found", "There is no print.")
        return downloading(request, film.scenario, await self.stored(order), order)

    def film(self, request: Request, order: str) -> Film:
        self.authorise(request)
        if order not in self.films:
            raise Refusal(404, "not_found", "There is no such order.")
        return self.films[order]

    def authorise(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            raise Refusal(401, "unauthorised", "Who are you?")

    def state(self, film: Film) -> str:
        age = self.clock.now() - film.created
        if film.stopped or age < WAITS_S:
            return "stopped" if film.stopped else "waiting"
        if "unknown_status" in film.scenario:
            return "in_the_can"
        if age < SHOOTS_S or "stuck" in film.scenario:
            return "shooting"
        if "moderation_output" in film.scenario:
            return "banned"
        return "broken" if "fail" in film.scenario else "wrapped"

    def told(self, film: Film) -> dict[str, Any]:
        answer = {"order": film.order["order"], "state": self.state(film), "why": "The weather."}
        return answer | ({"crew": 4} if "extra_fields" in film.scenario else {})
