"""The fake's server: creates, polls by its ids and ours, results on a content network, signed deliveries, faults."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from app.backends.testing.fake_kling import new_rules, old_rules
from app.backends.testing.fake_kling.access import authorise
from app.backends.testing.fake_kling.rules import Order
from app.backends.testing.faults import Refusal, after_creating, before_creating, downloading, polling
from app.backends.testing.skeleton import Fake, plain, result_video

QUEUED_S = 2.0
RENDERED_S = 12.0
LIFETIME_S = 30 * 24 * 3600.0
OLD = "/v1/videos/"
WORDS_OF_FAULTS = {
    "invalid_api_key": (401, 1002),
    "payment_required": (429, 1101),
    "permission_denied": (403, 1103),
    "conflict": (400, 1200),
    "rate_limit_exceeded": (429, 1302),
    "insufficient_quota": (429, 1102),
    "invalid_value": (400, 1201),
    "moderation_blocked": (400, 1301),
    "model_not_found": (404, 1203),
    "not_found": (404, 1203),
    "server_error": (500, 5000),
    "unavailable": (503, 5001),
}
INLINE = {"url", "image", "image_tail", "image_url", "sound_file"}


@dataclass(slots=True)
class Job:
    """One task of either API; ``place`` is where it was created."""

    id: str
    place: str
    external_id: str
    order: Order
    created: float
    scenario: dict[str, str]
    polls: int = 0

    @property
    def old(self) -> bool:
        """Whether it belongs to the old API."""
        return self.place.startswith(OLD)

    @property
    def duration(self) -> float:
        """How long it renders, in virtual seconds."""
        return float(self.scenario.get("slow") or RENDERED_S)


class KlingFake(Fake):
    """The server, both APIs at one address.

    ``key`` is the API key; ``access_key`` and ``secret_key`` an older pair that signs tokens. ``slots`` tasks may be in
    flight at once. ``newer_models`` are served like the 3.0 beside it. ``unit_price`` is what a second costs.
    """

    def __init__(
        self,
        *,
        key: str = "fake-kling-key",
        access_key: str = "",
        secret_key: str = "",
        webhook_secret: str = "",
        slots: int = 20,
        newer_models: tuple[str, ...] = (),
        unit_price: str = "0.084",
        frozen: bool = True,
    ) -> None:
        super().__init__(frozen=frozen)
        self._key, self._access_key, self._secret_key = key, access_key, secret_key
        self._webhook_key = base64.b64decode(webhook_secret.removeprefix("whsec_"))
        self._slots, self._newer, self._unit_price = slots, tuple(newer_models), Decimal(unit_price)
        self._jobs_by_id: dict[str, Job] = {}
        self._ids = itertools.count(877110)
        for endpoint in new_rules.MODELS:
            self.app.post(f"/{endpoint}/{{model}}")(self._create_new)
        self.app.get("/tasks")(self._retrieve_new)
        for product in old_rules.FIELDS:
            self.app.post(f"{OLD}{product}")(self._create_old)
            self.app.get(f"{OLD}{product}/{{task_id}}")(self._retrieve_old)
        self.app.get("/files/{job_id}.mp4")(self._file)
        self.app.get("/__fake/webhook/{job_id}")(self._webhook)

    def jobs(self) -> list[dict[str, Any]]:
        """Return every task, as its API tells it."""
        return [self._told(job, port=None) for job in self._jobs_by_id.values()]

    async def stored(self, key: str) -> bytes:
        """Return the bytes of a result on the content network."""
        return await self._result(self._jobs_by_id[key])

    def envelope(self, refusal: Refusal) -> Any:
        """Return ``{"code", "message", "request_id"}``."""
        _, code = self._in_our_words(refusal)
        return {"code": code, "message": refusal.message, "request_id": "r-refused"}

    async def _refused(self, request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, Refusal)
        status, _ = self._in_our_words(refusal)
        return plain(status, self.envelope(refusal), refusal.headers)

    @staticmethod
    def _in_our_words(refusal: Refusal) -> tuple[int, int]:
        """Return the provider's status and code: its own refusals bring them, the shared faults are translated."""
        if refusal.code.isdecimal():
            return refusal.status, int(refusal.code)
        return WORDS_OF_FAULTS.get(refusal.code, (refusal.status, 5000))

    def _authorise(self, request: Request, *, tokens: bool) -> None:
        header = request.headers.get("authorization")
        authorise(header, self._key, self._access_key, self._secret_key, tokens=tokens)

    async def _create_new(self, request: Request, model: str) -> Response:
        request.state.entry["creates"] = True
        self._authorise(request, tokens=False)
        body = await self._body(request)
        endpoint = request.url.path.split("/")[1]
        order = new_rules.ordered(endpoint, model, body, self._newer)
        return await self._made(request, order, str(body.get("options", {}).get("external_task_id", "")))

    async def _create_old(self, request: Request) -> Response:
        request.state.entry["creates"] = True
        self._authorise(request, tokens=True)
        body = await self._body(request)
        order = old_rules.ordered(request.url.path.removeprefix(OLD), body, self._owns)
        return await self._made(request, order, str(body.get("external_task_id", "")))

    async def _body(self, request: Request) -> Any:
        try:
            body = await request.json()
        except ValueError:
            body = None
        request.state.entry["body"] = _described(body)
        return body

    def _owns(self, video_id: str) -> bool:
        job = self._jobs_by_id.get(video_id.removeprefix("v"))
        return job is not None and self._status(job) == "succeed"

    async def _made(self, request: Request, order: Order, external_id: str) -> Response:
        scenario = self.scenario(order.words)
        before_creating(request, scenario, self.clock.now(), self._secret_key or self._key)
        if external_id and any(job.external_id == external_id for job in self._jobs_by_id.values()):
            raise Refusal(400, "1201", f"external_task_id {external_id} already exists")
        in_flight = [one for one in self._jobs_by_id.values() if self._status(one) in {"submitted", "processing"}]
        if len(in_flight) >= self._slots:
            raise Refusal(429, "1303", "parallel task over resource pack limit")
        if "refused_with_200" in scenario:
            return plain(200, {"code": int(scenario["refused_with_200"]), "message": "no", "request_id": "r-0"})
        job = Job(str(next(self._ids)), request.url.path, external_id, order, self.clock.now(), scenario)
        self._jobs_by_id[job.id] = job
        return await after_creating(request, scenario) or self._success(job, self._told(job, request.url.port))

    @staticmethod
    def _success(job: Job, data: Any) -> Response:
        return plain(
            200, {"code": 0, "message": "SUCCEED" if job.old else "success", "request_id": "r-1", "data": data}
        )

    def _status(self, job: Job) -> str:
        age, scenario = self.clock.now() - job.created, job.scenario
        if age < QUEUED_S:
            return "submitted"
        if "unknown_status" in scenario:
            return "hibernating"
        if age < job.duration or "stuck" in scenario:
            return "processing"
        if {"fail", "moderation_output"} & set(scenario):
            return "failed"
        return "succeed" if job.old else "succeeded"

    def _message(self, job: Job) -> str:
        if self._status(job) != "failed":
            return ""
        if "moderation_output" not in job.scenario:
            return "The worker crashed while rendering."
        return "Failure to pass the risk control system" if job.old else "1301: the content failed the safety check"

    def _told(self, job: Job, port: int | None) -> dict[str, Any]:
        told = self._told_old(job, port) if job.old else self._told_new(job, port)
        return told | ({"queue_position": 3, "metrics": {"gpu": [1, 2]}} if "extra_fields" in job.scenario else {})

    def _told_new(self, job: Job, port: int | None) -> dict[str, Any]:
        status, made = self._status(job), int(job.created * 1000)
        told: dict[str, Any] = {
            "id": job.id,
            "status": status,
            "message": self._message(job),
            "create_time": made,
            "update_time": made + int(job.duration * 1000) if status == "succeeded" else made,
            "external_id": job.external_id,
        }
        if status == "succeeded":
            amount = f"{self._unit_price * Decimal(job.order.seconds):.2f}"
            charge = {"charge_type": "cash", "cash_type": "balance", "amount": amount, "currency": "USD"}
            told["outputs"] = [{"type": "video", **self._video(job, port)}]
            told["billing"] = [{**charge, "package_type": "video", "list_price": amount}]
        return told

    def _told_old(self, job: Job, port: int | None) -> dict[str, Any]:
        status, made = self._status(job), int(job.created * 1000)
        told: dict[str, Any] = {
            "task_id": job.id,
            "task_status": status,
            "task_status_msg": self._message(job),
            "task_info": {"external_task_id": job.external_id},
            "created_at": made,
            "updated_at": made + int(job.duration * 1000) if status == "succeed" else made,
        }
        if status == "succeed":
            told["task_result"] = {"videos": [self._video(job, port)]}
            told["final_unit_deduction"] = "3.5"
            told["final_balance_deduction"] = {"quota": "0", "list_price": "0"}
        return told

    def _video(self, job: Job, port: int | None) -> dict[str, str]:
        url = f"http://localhost:{port}/files/{job.id}.mp4?signature=abcdef0123456789"
        return {"id": f"v{job.id}", "url": url, "watermark_url": "", "duration": f"{job.order.seconds + 0.041:.3f}"}

    def _looked_up(self, request: Request, job: Job) -> dict[str, Any]:
        job.polls += 1
        polling(request, job.scenario, job.polls)
        return self._told(job, request.url.port)

    async def _retrieve_new(self, request: Request) -> Response:
        self._authorise(request, tokens=False)
        query = dict(request.query_params)
        if set(query) not in ({"task_ids"}, {"external_task_ids"}):
            raise Refusal(400, "1201", "Give either task_ids or external_task_ids")
        ours = "external_task_ids" in query
        wanted = set(next(iter(query.values())).split(","))
        jobs = [job for job in self._jobs_by_id.values() if not job.old]
        found = [job for job in jobs if (job.external_id if ours else job.id) in wanted]
        if not found:
            raise Refusal(404, "1203", "The task does not exist")
        return self._success(found[0], [self._looked_up(request, job) for job in found])

    async def _retrieve_old(self, request: Request, task_id: str) -> Response:
        self._authorise(request, tokens=True)
        place = request.url.path.rpartition("/")[0]
        for job in self._jobs_by_id.values():
            if job.place == place and task_id in {job.id, job.external_id}:
                return self._success(job, self._looked_up(request, job))
        raise Refusal(404, "1203", "The task does not exist")

    async def _file(self, request: Request, job_id: str) -> Response:
        """A result on the content network: no key is wanted there, and after its time it is closed."""
        if "authorization" in request.headers:
            return Response("Only one auth mechanism allowed", 400)
        job = self._jobs_by_id.get(job_id)
        late = job is not None and self.clock.now() > job.created + job.duration + LIFETIME_S
        if job is None or late or "url_expired" in job.scenario or self._status(job) not in {"succeed", "succeeded"}:
            return Response("AccessDenied", 403)
        return downloading(request, job.scenario, await self._result(job), job.id)

    async def _result(self, job: Job) -> bytes:
        return await result_video(job.order.size, job.order.seconds)

    async def _webhook(self, request: Request, job_id: str, form: str = "genuine") -> Response:
        """Return the delivery about a task's present state: ``genuine``, ``forged`` or ``stale``."""
        job = self._jobs_by_id[job_id]
        event = f"{job.id}{len(self._status(job))}"
        body = json.dumps(self._told(job, request.url.port), separators=(",", ":"))
        stamp = str(int(self.clock.now()) - (3600 if form == "stale" else 0))
        signed = hmac.new(self._webhook_key, f"{event}.{stamp}.{body}".encode(), hashlib.sha256).digest()
        if form == "forged":
            signed = bytes(reversed(signed))
        signature = f"v1,{base64.b64encode(signed).decode()}"
        headers = {"webhook-id": event, "webhook-timestamp": stamp, "webhook-signature": signature}
        return plain(200, {"headers": headers, "body": body})


def _described(value: Any, key: str = "") -> Any:
    """Return a body for the log: inline files by size and hash."""
    if isinstance(value, dict):
        return {name: _described(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [_described(one) for one in value]
    if key in INLINE and isinstance(value, str) and not value.startswith("http"):
        return {"characters": len(value), "sha256": hashlib.sha256(value.encode()).hexdigest()}
    return value


def create_app(**arguments: Any) -> FastAPI:
    """Return the application, for ``serve`` and ``serve_in_process``; see ``KlingFake`` for the arguments."""
    return KlingFake(**arguments).app
