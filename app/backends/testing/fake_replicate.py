"""A fake of Replicate, written from the providers' fact sheets (international §1.1, §9, §16) alone.

It shares no code with the adapter. Data are removed an hour after a prediction ended, one that runs past its
``Cancel-After`` is aborted, and deliveries are signed with the account's secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from app.backends.testing.faults import Refusal, after_creating, before_creating, downloading, polling
from app.backends.testing.skeleton import Fake, plain, result_video

STARTING_S, RENDERED_S, KEPT_S = 2.0, 12.0, 3600.0
PAGE = 100
MOST_INLINE = 256_000
SECRET = f"whsec_{base64.b64encode(b'a secret of the fake platform').decode()}"
FIELDS = {"prompt", "image", "video", "duration", "aspect_ratio", "seed", "negative_prompt", "go_fast"}
BODY_FIELDS = {"version", "input", "webhook", "webhook_events_filter", "stream"}
EVENTS = {"start", "output", "logs", "completed"}
UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}
ERRORS: Mapping[str, str] = {
    "fail": "CUDA out of memory.",
    "moderation_output": "NSFW content detected. Try running it again, or try a different prompt.",
    "moderation_sensitive_image": "The input image was flagged as sensitive. (E005)",
    "house_rule": "This picture breaks the house rules.",
}


@dataclass(slots=True)
class Prediction:
    """One prediction."""

    id: str
    model: str
    version: str
    input: dict[str, Any]
    created: float
    deadline: float
    scenario: dict[str, str]
    polls: int = 0
    cancelled: bool = False

    @property
    def duration(self) -> float:
        """How long it runs, in virtual seconds."""
        return float(self.scenario.get("slow") or RENDERED_S)


class ReplicateFake(Fake):
    """The platform; ``key`` is what clients must present, ``models`` are the names and versions it has."""

    def __init__(
        self,
        *,
        key: str = "r8_fake",
        webhook_secret: str = SECRET,
        models: tuple[str, ...] = ("acme/film", "acme/film:5c7d5dc6", "deployments/acme/film-fast"),
        frozen: bool = True,
    ) -> None:
        super().__init__(frozen=frozen)
        self._key, self._secret, self._models = key, webhook_secret, models
        self._predictions: dict[str, Prediction] = {}
        self.app.post("/v1/predictions")(self._create)
        self.app.post("/v1/deployments/{owner}/{name}/predictions")(self._create_deployed)
        self.app.get("/v1/predictions")(self._list)
        self.app.get("/v1/predictions/{prediction_id}")(self._retrieve)
        self.app.post("/v1/predictions/{prediction_id}/cancel")(self._cancel)
        self.app.post("/v1/files")(self._upload)
        self.app.get("/v1/webhooks/default/secret")(self._webhook_secret)
        self.app.get("/out/{prediction_id}/{name}")(self._output)
        self.app.get("/__fake/webhook/{prediction_id}")(self._webhook)

    def jobs(self) -> list[dict[str, Any]]:
        """Return every prediction."""
        return [self._object(one, 0) for one in self._predictions.values()]

    async def stored(self, key: str) -> bytes:
        """Return the bytes of a result on the content network."""
        return await self._video(self._predictions[key])

    def envelope(self, refusal: Refusal) -> Any:
        """Return a problem: title, detail, status, and the invalid fields."""
        told = {"type": "about:blank", "title": refusal.code, "detail": refusal.message, "status": refusal.status}
        if refusal.param:
            told["invalid_fields"] = [{"type": refusal.code, "field": refusal.param, "description": refusal.message}]
        return told

    def _authorise(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self._key}":
            raise Refusal(401, "Unauthenticated", f"The token {request.headers.get('authorization', '')} is invalid.")

    async def _create(self, request: Request) -> Response:
        request.state.entry["creates"] = True
        body = await self._body(request)
        if not isinstance(body.get("version"), str):
            raise Refusal(422, "required", "version is required", "version")
        return await self._predict(request, body, body["version"])

    async def _create_deployed(self, request: Request, owner: str, name: str) -> Response:
        request.state.entry["creates"] = True
        body = await self._body(request)
        if "version" in body:
            raise Refusal(422, "additional_property", "version is not allowed", "version")
        return await self._predict(request, body, f"deployments/{owner}/{name}")

    async def _body(self, request: Request) -> dict[str, Any]:
        self._authorise(request)
        body = request.state.entry["body"] = await request.json()
        for key in body:
            if key not in BODY_FIELDS:
                raise Refusal(422, "additional_property", f"{key} is not allowed", key)
        if not isinstance(body.get("input"), dict):
            raise Refusal(422, "required", "input is required", "input")
        if not set(body.get("webhook_events_filter", [])) <= EVENTS:
            raise Refusal(422, "enum", "not an event", "webhook_events_filter")
        return dict(body)

    async def _predict(self, request: Request, body: dict[str, Any], model: str) -> Response:
        if model not in self._models:
            raise Refusal(404, "Not found", "The requested resource could not be found.")
        _check_input(body["input"])
        scenario = self.scenario(body["input"]["prompt"])
        if "throttled" in scenario:
            raise Refusal(429, "Throttled", "Request was throttled. Your rate limit resets in ~30s.")
        if "version_gone" in scenario:
            raise Refusal(422, "Invalid version or not permitted", "The specified version does not exist.")
        try:
            before_creating(request, scenario, self.clock.now(), self._key)
        except Refusal as refusal:
            raise _in_dialect(refusal) from None
        name, _, version = model.partition(":")
        deadline = _seconds(request.headers.get("cancel-after", "24h"))
        one = Prediction(uuid.uuid4().hex[:26], name, version, body["input"], self.clock.now(), deadline, scenario)
        self._predictions[one.id] = one
        return await after_creating(request, scenario) or plain(201, self._object(one, request.url.port or 80))

    def _status(self, one: Prediction) -> str:
        age = self.clock.now() - one.created
        if one.cancelled:
            return "canceled"
        if age < STARTING_S:
            return "starting"
        if "unknown_status" in one.scenario:
            return "hibernating"
        if age < one.duration or "stuck" in one.scenario:
            return "processing" if age < one.deadline else "aborted"
        return "failed" if set(ERRORS) & set(one.scenario) else "succeeded"

    def _object(self, one: Prediction, port: int) -> dict[str, Any]:
        status = self._status(one)
        ended = status in {"succeeded", "failed", "canceled", "aborted"}
        removed = ended and self.clock.now() > one.created + one.duration + KEPT_S
        error = next((words for name, words in ERRORS.items() if name in one.scenario), None)
        told: dict[str, Any] = {
            "id": one.id,
            "model": one.model,
            "version": one.version or "hidden",
            "status": status,
            "input": {} if removed else one.input,
            "output": self._output_of(one, port) if status == "succeeded" and not removed else None,
            "error": error if status == "failed" else None,
            "logs": "" if not removed else None,
            "data_removed": removed,
            "created_at": _iso(one.created),
            "completed_at": _iso(one.created + one.duration) if ended else None,
            "urls": {"get": f"http://x/v1/predictions/{one.id}", "cancel": f"http://x/v1/predictions/{one.id}/cancel"},
        }
        if ended:
            told["metrics"] = {"predict_time": one.duration, "total_time": one.duration}
        if "no_input" in one.scenario:
            del told["input"]
        return told | ({"source": "api", "node": {"a": [1]}} if "extra_fields" in one.scenario else {})

    def _output_of(self, one: Prediction, port: int) -> Any:
        place = f"http://localhost:{port}/out/{one.id}"
        if "output_list" in one.scenario:
            return [f"{place}/cover.png", f"{place}/output.mp4"]
        if "output_table" in one.scenario:
            return {"thumbnail": f"{place}/cover.webp", "video": f"{place}/output.mp4", "seed": 7}
        return f"{place}/output.mp4"

    def _found(self, request: Request, prediction_id: str) -> Prediction:
        self._authorise(request)
        if prediction_id not in self._predictions:
            raise Refusal(404, "Not found", "The requested resource could not be found.")
        return self._predictions[prediction_id]

    async def _retrieve(self, request: Request, prediction_id: str) -> Response:
        one = self._found(request, prediction_id)
        one.polls += 1
        polling(request, one.scenario, one.polls)
        return plain(200, self._object(one, request.url.port or 80))

    async def _list(self, request: Request) -> Response:
        self._authorise(request)
        if set(request.query_params) - {"cursor"}:
            raise Refusal(400, "Bad request", "Unknown query parameter.")
        start = int(base64.b64decode(request.query_params.get("cursor", "MA==")))
        newest = list(self._predictions.values())[::-1]
        page = [self._object(one, request.url.port or 80) for one in newest[start : start + PAGE]]
        cursor = base64.b64encode(str(start + PAGE).encode()).decode()
        more = f"https://api.replicate.com/v1/predictions?cursor={cursor}" if start + PAGE < len(newest) else None
        return plain(200, {"next": more, "previous": None, "results": page})

    async def _cancel(self, request: Request, prediction_id: str) -> Response:
        one = self._found(request, prediction_id)
        if self._status(one) in {"starting", "processing"} and "cancel_late" not in one.scenario:
            one.cancelled = True
        return plain(200, self._object(one, request.url.port or 80))

    async def _upload(self, request: Request) -> Response:
        self._authorise(request)
        async with request.form() as form:
            content = form.get("content")
            if set(form) != {"content"} or not isinstance(content, UploadFile):
                raise Refusal(422, "required", "content is required", "content")
            size = len(await content.read())
        place = f"https://api.replicate.com/v1/files/{uuid.uuid4().hex}"
        return plain(201, {"id": place.rpartition("/")[2], "size": size, "urls": {"get": place}})

    async def _webhook_secret(self, request: Request) -> Response:
        self._authorise(request)
        return plain(200, {"key": self._secret})

    async def _output(self, request: Request, prediction_id: str, name: str) -> Response:
        """The content network: no key, and nothing after an hour."""
        if "authorization" in request.headers:
            return Response("Only one auth mechanism allowed", 400)
        one = self._predictions.get(prediction_id)
        gone = one is None or "url_expired" in one.scenario or self._object(one, 0)["data_removed"]
        if one is None or gone or not name.endswith(".mp4"):
            return Response("Not Found", 404)
        return downloading(request, one.scenario, await self._video(one), one.id)

    async def _video(self, one: Prediction) -> bytes:
        return await result_video("180x320", float(one.input.get("duration", 5)))

    async def _webhook(self, prediction_id: str, form: str = "genuine") -> Response:
        """Return the delivery Replicate would make: ``genuine``, ``forged`` or ``stale``."""
        one = self._predictions[prediction_id]
        body = json.dumps({**self._object(one, 0), "status": "succeeded"})
        stamp = str(int(self.clock.now()) - (3600 if form == "stale" else 0))
        headers = sign(self._secret, f"msg_{prediction_id}", stamp, body.encode())
        if form == "forged":
            headers["webhook-signature"] = sign("whsec_b3RoZXI=", f"msg_{prediction_id}", stamp, body.encode())[
                "webhook-signature"
            ]
        return plain(200, {"headers": headers, "body": body})


def sign(secret: str, event: str, stamp: str, body: bytes) -> dict[str, str]:
    """Return the headers of a delivery."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{event}.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(signed).decode()}"
    return {"webhook-id": event, "webhook-timestamp": stamp, "webhook-signature": signature}


def _check_input(given: Mapping[str, Any]) -> None:
    for key in given:
        if key not in FIELDS:
            raise Refusal(422, "additional_property", f"input.{key} is not allowed", f"input.{key}")
    if not isinstance(given.get("prompt"), str):
        raise Refusal(422, "required", "input.prompt is required", "input.prompt")
    if not isinstance(given.get("duration", 5), int):
        raise Refusal(422, "type", "input.duration: expected an integer", "input.duration")
    for key in {"image", "video"} & set(given):
        inline = str(given[key]).startswith("data:")
        if not inline and not str(given[key]).startswith("https://"):
            raise Refusal(422, "format", f"input.{key}: does not match format 'uri'", f"input.{key}")
        if inline and len(given[key]) > MOST_INLINE:
            raise Refusal(422, "size", f"input.{key}: larger than 256 kB", f"input.{key}")


def _seconds(text: str) -> float:
    told = re.fullmatch(r"(\d+)([smh]?)", text)
    seconds = int(told.group(1)) * UNITS[told.group(2)] if told else 0
    if not 5 <= seconds <= 86400:
        raise Refusal(422, "header", "Cancel-After lies between 5s and 24h.", "Cancel-After")
    return float(seconds)


def _iso(stamp: float) -> str:
    return datetime.fromtimestamp(stamp, UTC).isoformat().replace("+00:00", "Z")


def _in_dialect(refusal: Refusal) -> Refusal:
    """Return a shared fault as Replicate says it."""
    if refusal.code in {"payment_required", "insufficient_quota"}:
        return Refusal(402, "Insufficient credit", "You have insufficient credit to run this model.")
    if refusal.code == "invalid_value":
        return Refusal(422, "enum", refusal.message, "input.aspect_ratio")
    return refusal


def create_app(**arguments: Any) -> FastAPI:
    """Return the application, for ``serve`` and ``serve_in_process``; see ``ReplicateFake`` for the arguments."""
    return ReplicateFake(**arguments).app
