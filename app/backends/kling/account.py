"""What both of Kling's APIs share: the account, one create, polls, look-ups by our id, results and deliveries.

Source of the facts: the providers' fact sheets, china §1 and §2.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import httpx

from app.backends.adapter import CatalogueBackend, Wish
from app.backends.base import (
    Artifact,
    CancelResult,
    Delivery,
    GenRequest,
    Handle,
    OutputRef,
    Phase,
    RemoteState,
    Sink,
    SubmitContext,
    WebhookHint,
)
from app.backends.capabilities import Cancel, ModelCaps, Recover, Task
from app.backends.catalogue import CatalogueRow
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, Kind, WebhookRefused
from app.backends.http import Answer, Bearer, from_unix, settle_create_answer
from app.backends.kling.answers import RemoteTask, by_its_code, code_of, failure_of, read_error
from app.backends.kling.settings import invalid
from app.backends.webhooks import StandardWebhooks
from app.core import clock

SETTLE_S = 120.0
NO_SUCH_TASK = "1203"


class KlingAccount(CatalogueBackend):
    """One account; an API of the provider adds what an order is, and how its tasks are asked for and told.

    ``phases`` are the statuses of the API, ``task_settings`` the extras that each task takes. Its creates carry the
    attempt's id as ``external_task_id``, which is unique within the account and finds a task again.
    """

    base_url = "https://api-singapore.klingai.com"
    result_hosts = ("*.klingai.com",)
    options = frozenset({"settle_s"})
    phases: ClassVar[Mapping[str, Phase]]
    task_settings: ClassVar[Mapping[Task, frozenset[str]]]

    def __init__(self, config: BackendConfig, rows: tuple[CatalogueRow, ...]) -> None:
        super().__init__(config, rows)
        self._webhooks = StandardWebhooks(config.webhook_secret) if config.webhook_secret else None
        self._settle_s = float(config.option("settle_s", (int, float), SETTLE_S))

    def auth(self, config: BackendConfig) -> httpx.Auth:
        """Return the key as a bearer's."""
        assert config.api_key is not None
        return Bearer(config.api_key)

    def served(self, caps: ModelCaps, config: BackendConfig) -> ModelCaps:
        """Return a row's capabilities with what holds for every task: no cancel, and a look-up by our own id."""
        signed = config.webhook_secret is not None
        return replace(caps, cancel=Cancel.NONE, recover=Recover.CLIENT_ID, webhook=signed)

    def read_error(self, answer: Answer) -> BackendError:
        """Return the failure of a create or a download; a create that finds no model tells that the model is gone."""
        error = read_error(by_its_code(answer), self.client.safe)
        if error.kind is Kind.NOT_FOUND and "model" in error.message.lower():
            error.kind, error.model_gone = Kind.PERMANENT, True
        return error

    def wish(self, request: GenRequest) -> Wish:
        """Check a request, and that its task takes every setting: none is dropped in silence."""
        wish = super().wish(request)
        useless = sorted(set(request.extra) - self.task_settings.get(request.task, frozenset()))
        if useless:
            raise invalid(f"extra.{useless[0]}", f"The setting {useless[0]!r} has no use in {request.task.value}.")
        return wish

    async def order(self, wish: Wish, context: SubmitContext) -> tuple[str, dict[str, Any]]:
        """Return the path and the body of the create that fulfils a wish."""
        raise NotImplementedError

    def task_data(self, request: GenRequest) -> dict[str, Any]:
        """Return what a handle must know besides the task's id."""
        raise NotImplementedError

    def asking(self, handle: Handle) -> tuple[str, dict[str, str]]:
        """Return the path and the query that ask for a task."""
        raise NotImplementedError

    def asking_by_our_id(self, request: GenRequest, external_id: str) -> tuple[str, dict[str, str]]:
        """Return the path and the query that ask for the task an attempt created."""
        raise NotImplementedError

    def read_tasks(self, body: Any) -> list[RemoteTask]:
        """Return the tasks that an answer or a delivery tells, each with an id."""
        raise NotImplementedError

    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        """Create the task, once."""
        path, body = await self.order(self.wish(request), context)
        answer = await self._created(path, body)
        tasks = self.read_tasks(answer.body.get("data"))
        if len(tasks) != 1:
            raise self.client.unreadable(answer)
        return self.adopt(request, context, tasks[0].id)

    def adopt(self, request: GenRequest, context: SubmitContext, remote_id: str) -> Handle:
        """Return the handle of the task that a request created and the provider calls ``remote_id``."""
        return self.handle(request, context, remote_id, **self.task_data(request))

    async def _created(self, path: str, body: dict[str, Any]) -> Answer:
        """Return the answer of a create; that our id is taken means that the task exists already."""
        try:
            answer = await self.client.create(path, json=body)
            if code_of(answer.body):
                raise settle_create_answer(by_its_code(answer), self.read_error(answer))
        except BackendError as error:
            if error.kind is Kind.INVALID and "external_task_id" in error.message:
                error.outcome_unknown, error.charged = True, None
            raise
        return answer

    async def _asked(self, path: str, query: dict[str, str]) -> list[RemoteTask]:
        answer = by_its_code(await self.client.request("GET", path, params=query))
        if not answer.ok:
            raise read_error(answer, self.client.safe)
        if not isinstance(answer.body, dict) or "data" not in answer.body:
            raise BackendError(Kind.TRANSIENT, "The provider answered with something that is no task.")
        return self.read_tasks(answer.body["data"])

    async def poll(self, handle: Handle) -> RemoteState:
        """Return where the task stands; what it cost in money, where the provider says so."""
        tasks = [task for task in await self._asked(*self.asking(handle)) if task.id == handle.remote_id]
        if not tasks:
            raise BackendError(Kind.NOT_FOUND, "The provider's answer does not name this task.")
        task = tasks[0]
        phase = self.phases.get(task.status, Phase.UNRECOGNISED)
        if phase is Phase.SUCCEEDED:
            return self._succeeded(handle, task)
        error = failure_of(task, self.client.safe) if phase is Phase.FAILED else None
        if error is not None and error.kind is Kind.MODERATION:
            phase = Phase.REFUSED
        cost = task.cost if error is not None else None
        return RemoteState(phase, cost=cost, error=error, raw_status=self.client.safe(task.status)[:60])

    def _succeeded(self, handle: Handle, task: RemoteTask) -> RemoteState:
        if not task.videos:
            return RemoteState(Phase.UNRECOGNISED, cost=task.cost, raw_status=f"{task.status} without a video")
        row = self.rows.get(handle.model)
        lifetime = row.caps.result_lifetime_s if row is not None else None
        ended = from_unix(task.ended / 1000) if isinstance(task.ended, int | float) else None
        expires = ended + timedelta(seconds=lifetime) if ended is not None and lifetime else None
        outputs = tuple(
            OutputRef(index, expires_at=expires, data={"url": video["url"], "video_id": str(video.get("id") or "")})
            for index, video in enumerate(task.videos)
        )
        return RemoteState(Phase.SUCCEEDED, outputs=outputs, cost=task.cost, raw_status=task.status)

    async def fetch(self, handle: Handle, output: OutputRef, sink: Sink) -> Artifact:
        """Stream the video to the sink, from where the provider's content network keeps it."""
        if not output.data.get("url"):
            raise BackendError(Kind.NOT_FOUND, "The task has no result yet.")
        return await self.client.download(output.data["url"], sink)

    async def cancel(self, handle: Handle) -> CancelResult:
        """Say that the provider cannot be stopped: it runs on, and is paid."""
        return CancelResult.UNSUPPORTED

    async def find(self, request: GenRequest, context: SubmitContext) -> Handle | None:
        """Ask for the task by the attempt's id, which was sent with the create."""
        path, query = self.asking_by_our_id(request, str(context.attempt_id))
        try:
            tasks = await self._asked(path, query)
        except BackendError as error:
            if error.provider_code != NO_SUCH_TASK:
                raise
            tasks = []
        if tasks:
            known = tasks[0].id in context.known_remote_ids
            return None if known else self.adopt(request, context, tasks[0].id)
        waited = (clock.now() - context.submitted_at).total_seconds()
        if waited < self._settle_s:
            message = "The provider does not know it; it is too early to say that it was not created."
            raise BackendError(Kind.TRANSIENT, message, outcome_unknown=True, retry_after=self._settle_s - waited)
        return None

    async def parse_webhook(self, delivery: Delivery) -> WebhookHint:
        """Return which task a signed delivery tells about."""
        if self._webhooks is None:
            raise WebhookRefused("This backend expects no deliveries.")
        event = self._webhooks.verify(delivery.headers, delivery.body)
        try:
            tasks = self.read_tasks(json.loads(delivery.body))
        except ValueError:
            tasks = []
        if len(tasks) != 1:
            raise WebhookRefused("The delivery is not understood.")
        return WebhookHint(event, tasks[0].id, tasks[0].status)
