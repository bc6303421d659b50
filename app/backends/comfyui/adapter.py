"""ComfyUI's native server: a prompt is sent under the attempt's own id, and found again by it.

Source of the facts: the providers' fact sheets, international §10.1, §10.2 and §15.
"""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

import httpx

from app.backends.adapter import CatalogueBackend, HeaderKey
from app.backends.base import (
    Artifact,
    Asset,
    CancelResult,
    GenRequest,
    Handle,
    OutputRef,
    Phase,
    RemoteState,
    Sink,
    SubmitContext,
)
from app.backends.capabilities import Cancel, Recover
from app.backends.catalogue import CatalogueRow
from app.backends.comfyui.answers import history_state, queue_phase, read_error
from app.backends.comfyui.workflow import Workflow, workflows
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.http import Answer

SEEDS = 2**32


class ComfyUIBackend(CatalogueBackend):
    """One ComfyUI server on a machine of one's own; a key is for a proxy in front of it, ComfyUI itself has none."""

    options = frozenset({"workflows"})
    needs_key = False
    paid = False

    def __init__(self, config: BackendConfig, rows: Iterable[CatalogueRow]) -> None:
        own = config.option("workflows", dict, {})
        found = workflows(own, f"Backend {config.name!r}")
        made = [_served(row, found, config.name) for row in rows]
        unused = sorted(set(own) - {row.caps.model for row in made})
        if unused:
            raise ConfigError(f"Backend {config.name!r} has a workflow {unused[0][:80]!r} and no model of that name.")
        self.workflows = {row.caps.model: found[row.caps.model] for row in made}
        super().__init__(replace(config, options={"self_hosted": True, **config.options}), made)

    def auth(self, config: BackendConfig) -> httpx.Auth | None:
        """Return the key of the proxy in front of the server, where there is one."""
        return HeaderKey("Authorization", config.api_key, "Bearer") if config.api_key else None

    def read_error(self, answer: Answer) -> BackendError:
        """Return the failure that an answer tells, node by node."""
        return read_error(answer, self.client.safe)

    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        """Upload the inputs, then queue the workflow once, under the attempt's id."""
        wish = self.wish(request)
        workflow = self.workflows[request.model]
        placed = workflow.placed(request.assets)
        names = {asset: await self._uploaded(asset) for asset in dict.fromkeys(placed.values())}
        values = {
            "prompt": request.prompt,
            "negative": request.negative,
            # The same graph twice is answered from the server's cache, so no seed asked for must not mean the same one.
            "seed": request.seed if request.seed is not None else context.attempt_id.int % SEEDS,
            "width": wish.frame.width,
            "height": wish.frame.height,
            "length": workflow.length(wish.seconds),
        }
        graph = workflow.filled(values, {place: names[asset] for place, asset in placed.items()})
        answer = await self.client.create("/prompt", json={"prompt": graph, "prompt_id": str(context.attempt_id)})
        given = answer.body.get("prompt_id")
        if not isinstance(given, str) or not given:
            raise self.client.unreadable(answer)
        return self._handle(request, context, given)

    async def check(self) -> str:
        """Ask for the server's facts, and return its version."""
        told = await self._asked("/system_stats")
        system = told.get("system") if isinstance(told, dict) else None
        if not isinstance(system, dict):
            raise BackendError(Kind.PERMANENT, "What answered is no ComfyUI server: check the base_url.")
        return f"ComfyUI {self.client.safe(str(system.get('comfyui_version', '')))[:40]} answered."

    async def poll(self, handle: Handle) -> RemoteState:
        """Return where the prompt stands: one request while it is queued or runs, a second when it has left the queue.

        In this order, because a prompt moves from the queue to the history and never back.
        """
        phase = await self._queued(handle.remote_id)
        return RemoteState(phase, raw_status=phase.value) if phase else await self._ended(handle)

    async def fetch(self, handle: Handle, output: OutputRef, sink: Sink) -> Artifact:
        """Stream the saved video to the sink."""
        if not output.data.get("filename"):
            raise BackendError(Kind.NOT_FOUND, "There is no result yet.")
        return await self.client.download(f"/view?{httpx.QueryParams(dict(output.data))}", sink)

    async def cancel(self, handle: Handle) -> CancelResult:
        """Take a waiting prompt out of the queue, or ask the server to stop a running one at its next step.

        The request to stop names the prompt; an old server ignores the name and stops what runs, so it is sent only
        when that is this prompt.
        """
        phase = await self._queued(handle.remote_id)
        if phase is Phase.QUEUED:
            await self._told("/queue", {"delete": [handle.remote_id]})
            phase = await self._queued(handle.remote_id)
        if phase is Phase.RUNNING:
            await self._told("/interrupt", {"prompt_id": handle.remote_id})
            return CancelResult.ASKED
        if phase is Phase.QUEUED:
            return CancelResult.ASKED
        stopped = (await self._ended(handle)).phase in {Phase.LOST, Phase.CANCELLED}
        return CancelResult.CANCELLED if stopped else CancelResult.TOO_LATE

    async def find(self, request: GenRequest, context: SubmitContext) -> Handle | None:
        """Look for the attempt's id in the queue, then in the history; in neither, nothing was created."""
        handle = self._handle(request, context, str(context.attempt_id))
        if handle.remote_id in context.known_remote_ids:
            return None
        if await self._queued(handle.remote_id):
            return handle
        return None if (await self._ended(handle)).phase is Phase.LOST else handle

    def _handle(self, request: GenRequest, context: SubmitContext, remote_id: str) -> Handle:
        self.row(request.model)
        return self.handle(request, context, remote_id, output=self.workflows[request.model].output)

    async def _queued(self, prompt_id: str) -> Phase | None:
        return queue_phase(await self._asked("/queue"), prompt_id)

    async def _ended(self, handle: Handle) -> RemoteState:
        told = await self._asked(f"/history/{quote(handle.remote_id, safe='')}")
        return history_state(told, handle.remote_id, str(handle.data.get("output", "")), self.client.safe)

    async def _asked(self, path: str) -> Any:
        answer = await self.client.request("GET", path)
        if not answer.ok:
            raise self.read_error(answer)
        return answer.body

    async def _told(self, path: str, body: dict[str, Any]) -> None:
        answer = await self.client.request("POST", path, json=body)
        if not answer.ok:
            raise self.read_error(answer)

    async def _uploaded(self, asset: Asset) -> str:
        """Return the name under which the server keeps an input; one of the same bytes is replaced by itself."""
        content = await asyncio.to_thread(asset.path.read_bytes)
        name = f"reelroom-{hashlib.sha256(content).hexdigest()}{mimetypes.guess_extension(asset.mime) or ''}"
        answer = await self.client.request(
            "POST",
            "/upload/image",
            files={"image": (name, content, asset.mime)},
            data={"type": "input", "overwrite": "true"},
        )
        told = answer.body if isinstance(answer.body, dict) else {}
        if answer.ok and isinstance(told.get("name"), str):
            return str(PurePosixPath(str(told.get("subfolder") or "")) / told["name"])
        error = self.read_error(answer)
        error.charged = False
        if error.kind is Kind.INVALID:
            error.field, error.fault = "assets", Fault.AUDIO if asset.role == "voice" else Fault.IMAGE
        raise error


def _served(row: CatalogueRow, found: dict[str, Workflow], backend: str) -> CatalogueRow:
    """Return a row with what the server and the workflow decide; raise ``ConfigError`` without a workflow."""
    workflow = found.get(row.caps.model)
    if workflow is None:
        message = f"Model {row.caps.model[:80]!r} of backend {backend!r} has no workflow: add it to option 'workflows'."
        raise ConfigError(message)
    caps = replace(
        workflow.served(row.caps),
        cancel=Cancel.BEST_EFFORT,
        recover=Recover.CLIENT_ID,
        free=row.price is None,
        resubmit_safe=True,
        charges_refusals=False,
    )
    return replace(row, caps=caps)
