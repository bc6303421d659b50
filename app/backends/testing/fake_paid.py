"""A fake provider that charges money, for tests and demos of what buys: it counts what each attempt bought."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from app.backends.testing.faults import Refusal, after_creating, before_creating, downloading, polling
from app.backends.testing.skeleton import Fake, plain, result_video

FIELDS = {"model", "prompt", "seconds", "size", "attempt_id"}
OPTIONAL = {"callback_url"}
MODELS: Mapping[str, str] = {"paid-fast": "0.05", "paid-fine": "0.40"}
QUEUED_SHARE = 0.2


@dataclass(slots=True)
class Generation:
    """One thing bought."""

    id: str
    fields: dict[str, Any]
    created: float
    render_s: float
    scenario: dict[str, str]
    polls: int = 0
    cancelled: bool = False

    @property
    def price_micros(self) -> int:
        """What it costs, in millionths of a dollar."""
        return int(Decimal(MODELS[self.fields["model"]]) * self.fields["seconds"] * 1_000_000)


class PaidFake(Fake):
    """The provider.

    ``recover``: an attempt's work can be asked for by its id; without it a lost answer stays lost.
    ``charges_refusals``: what is refused in the end is paid for. ``render_s``: seconds from create to result, of which
    ``[[fake:slow=60]]`` gives one request more. Besides the shared scenarios, ``[[fake:busy=2]]`` answers the first
    two creates of an attempt with 429 and then sells. ``stock`` generations, ``gen_0`` and so on, run from the start.
    """

    def __init__(
        self,
        *,
        key: str = "fake-paid-key",
        recover: bool = False,
        charges_refusals: bool = False,
        render_s: float = 10.0,
        stock: int = 0,
        webhook_secret: str = "",
        frozen: bool = True,
    ) -> None:
        super().__init__(frozen=frozen)
        self._key = key
        self._recover = recover
        self._charges_refusals = charges_refusals
        self._render_s = render_s
        self._webhook_key = base64.b64decode(webhook_secret.removeprefix("whsec_"))
        self._generations: dict[str, Generation] = {}
        self._creates: Counter[str] = Counter()
        for number in range(stock):
            fields = {"model": "paid-fast", "prompt": "", "seconds": 5, "size": "180x320", "attempt_id": f"{number}"}
            one = Generation(f"gen_{number}", fields, self.clock.now(), render_s, {})
            self._generations[one.id] = one
        self.app.post("/generations")(self._create)
        if recover:
            self.app.get("/generations")(self._look_up)
        self.app.get("/generations/{generation_id}")(self._retrieve)
        self.app.delete("/generations/{generation_id}")(self._cancel)
        self.app.get("/generations/{generation_id}/video")(self._video)
        self.app.get("/__fake/ledger")(self._ledger)
        self.app.get("/__fake/webhook/{generation_id}")(self._webhook)

    def envelope(self, refusal: Refusal) -> Any:
        """Return ``{"error": {"code", "message", "field"}}``."""
        return {"error": {"code": refusal.code, "message": refusal.message, "field": refusal.param}}

    def jobs(self) -> list[dict[str, Any]]:
        """Return every generation."""
        return [self._object(one) for one in self._generations.values()]

    async def stored(self, key: str) -> bytes:
        """Return the bytes of a result on the content network."""
        return await self._result(self._generations[key])

    def ledger(self) -> dict[str, Any]:
        """Return, by attempt id, how many creates arrived, how many generations exist, and what they cost in micros."""
        made: Counter[str] = Counter()
        charged: Counter[str] = Counter()
        for one in self._generations.values():
            made[one.fields["attempt_id"]] += 1
            charged[one.fields["attempt_id"]] += self._charge(one)
        return {"creates": dict(self._creates), "generations": dict(made), "charged": dict(charged), "currency": "USD"}

    async def _ledger(self) -> dict[str, Any]:
        return self.ledger()

    def _authorise(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self._key}":
            raise Refusal(401, "invalid_api_key", f"Wrong key: {request.headers.get('authorization', '')}")

    async def _create(self, request: Request) -> Response:
        request.state.entry["creates"] = True
        self._authorise(request)
        fields = request.state.entry["body"] = await request.json()
        self._check(fields)
        self._creates[fields["attempt_id"]] += 1
        scenario = self.scenario(fields["prompt"])
        if self._creates[fields["attempt_id"]] <= int(scenario.get("busy") or 0):
            raise Refusal(429, "rate_limit_exceeded", "Too many at once.", **{"retry-after": "1"})
        before_creating(request, scenario, self.clock.now(), self._key)
        render_s = float(scenario.get("slow") or self._render_s)
        made = Generation(f"gen_{uuid.uuid4().hex}", fields, self.clock.now(), render_s, scenario)
        self._generations[made.id] = made
        return await after_creating(request, scenario) or plain(201, self._object(made))

    def _check(self, fields: Any) -> None:
        if not isinstance(fields, dict) or set(fields) - OPTIONAL != FIELDS:
            raise Refusal(400, "invalid_fields", f"The fields are {', '.join(sorted(FIELDS))}: all, and no other.")
        if fields["model"] not in MODELS:
            raise Refusal(404, "model_not_found", "There is no such model.", "model")
        if not isinstance(fields["seconds"], int) or not 1 <= fields["seconds"] <= 15:
            raise Refusal(400, "invalid_value", "seconds is a whole number from 1 to 15.", "seconds")

    def _status(self, one: Generation) -> str:
        age = self.clock.now() - one.created
        if one.cancelled:
            return "cancelled"
        if age < QUEUED_SHARE * one.render_s:
            return "queued"
        if "unknown_status" in one.scenario:
            return "hibernating"
        if age < one.render_s or "stuck" in one.scenario:
            return "running"
        if "moderation_output" in one.scenario:
            return "refused"
        return "failed" if "fail" in one.scenario else "done"

    def _charge(self, one: Generation) -> int:
        status = self._status(one)
        free = status in {"cancelled", "failed"} or (status == "refused" and not self._charges_refusals)
        return 0 if free else one.price_micros

    def _object(self, one: Generation) -> dict[str, Any]:
        status = self._status(one)
        progress = min((self.clock.now() - one.created) / (one.render_s or 1.0), 0.99)
        if "backward" in one.scenario:
            progress = 0.6 if one.polls % 2 else 0.4
        errors = {"refused": "The generated video was blocked.", "failed": "The renderer crashed."}
        answer = {
            "id": one.id,
            "attempt_id": one.fields["attempt_id"],
            "status": status,
            "progress": 1.0 if status == "done" else progress,
            "charged_micros": self._charge(one),
            "currency": "USD",
            "error": {"code": status, "message": errors[status]} if status in errors else None,
        }
        return answer | ({"queue_position": 3} if "extra_fields" in one.scenario else {})

    def _found(self, request: Request, generation_id: str) -> Generation:
        self._authorise(request)
        if generation_id not in self._generations:
            raise Refusal(404, "not_found", "There is no such generation.")
        return self._generations[generation_id]

    async def _look_up(self, request: Request, attempt_id: str) -> Response:
        self._authorise(request)
        found = [self._object(one) for one in self._generations.values() if one.fields["attempt_id"] == attempt_id]
        return plain(200, {"generations": found})

    async def _retrieve(self, request: Request, generation_id: str) -> Response:
        one = self._found(request, generation_id)
        one.polls += 1
        polling(request, one.scenario, one.polls)
        return plain(200, self._object(one))

    async def _cancel(self, request: Request, generation_id: str) -> Response:
        one = self._found(request, generation_id)
        if self._status(one) not in {"queued", "cancelled"}:
            raise Refusal(409, "too_late", "It is being rendered, and is charged.")
        one.cancelled = True
        return plain(200, self._object(one))

    async def _video(self, request: Request, generation_id: str) -> Response:
        one = self._found(request, generation_id)
        if self._status(one) != "done" or "url_expired" in one.scenario:
            raise Refusal(404, "not_found", "There is no video.")
        return downloading(request, one.scenario, await self._result(one), one.id)

    async def _webhook(self, generation_id: str, form: str = "genuine") -> Response:
        """The delivery about a generation, signed as Standard Webhooks are."""
        body = json.dumps(self._object(self._generations[generation_id])).encode()
        stamp = str(int(self.clock.now()) - (3600 if form == "stale" else 0))
        signed = hmac.digest(self._webhook_key, f"wh_{generation_id}.{stamp}.".encode() + body, hashlib.sha256)
        signature = f"v1,{base64.b64encode(signed if form != 'forged' else bytes(32)).decode()}"
        headers = {"webhook-id": f"wh_{generation_id}", "webhook-timestamp": stamp, "webhook-signature": signature}
        return plain(200, {"path": "/webhooks/x", "headers": headers, "body": body.decode()})

    async def _result(self, one: Generation) -> bytes:
        return await result_video(one.fields["size"], float(one.fields["seconds"]))


def create_app(**arguments: Any) -> FastAPI:
    """Return the application, for ``serve`` and ``serve_in_process``; see ``PaidFake`` for the arguments."""
    return PaidFake(**arguments).app
