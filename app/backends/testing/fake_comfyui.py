"""A fake ComfyUI server, written from the providers' fact sheets (international §10.1 to §10.5) alone.

It shares no code with the adapter, checks graphs node by node, and keeps the server's traps: no history while queued,
videos among the images, an interrupt that works at the next step only, and a memory that a restart empties.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from app.backends.testing.fake_comfyui_nodes import CLASSES, WEIGHTS, fault, faults_of
from app.backends.testing.faults import Refusal, after_creating, before_creating, downloading, polling
from app.backends.testing.skeleton import Fake, plain, result_video

QUEUED_S = 2.0
RENDERED_S = 12.0
STEP_S = 1.0
PROMPT_FIELDS = {"prompt", "client_id", "prompt_id", "extra_data", "front", "number", "partial_execution_targets"}
UPLOAD_FIELDS = {"image", "type", "subfolder", "overwrite"}


class BadPrompt(Refusal):
    """A graph that was refused, with the faults of its nodes."""

    def __init__(self, type_: str, message: str, nodes: Mapping[str, Any] | None = None) -> None:
        super().__init__(400, type_, message)
        self.nodes = dict(nodes or {})


@dataclass(slots=True)
class Prompt:
    """One prompt on the server, with the times at which it changed."""

    id: str
    number: int
    graph: dict[str, Any]
    created: float
    scenario: dict[str, str]
    polls: int = 0
    interrupted: float | None = None

    @property
    def duration(self) -> float:
        """How long it renders, in virtual seconds."""
        return float(self.scenario.get("slow") or RENDERED_S)

    def value(self, key: str, default: float) -> float:
        """Return the first number that a node's input of that name holds."""
        values = (node["inputs"].get(key) for node in self.graph.values())
        return next((float(one) for one in values if isinstance(one, int | float)), default)


class ComfyUIFake(Fake):
    """The server; ``key`` is what a proxy in front of it asks for (None: there is none), ``weights`` its files."""

    def __init__(self, *, key: str | None = None, weights: tuple[str, ...] | None = None, frozen: bool = True) -> None:
        super().__init__(frozen=frozen)
        self.key = key
        self.weights = WEIGHTS if weights is None else frozenset(weights)
        self._prompts: dict[str, Prompt] = {}
        self._uploads: set[str] = set()
        self._number = 0
        self.app.post("/prompt")(self._create)
        self.app.get("/queue")(self._queue)
        self.app.post("/queue")(self._change_queue)
        self.app.post("/interrupt")(self._interrupt)
        self.app.get("/history/{prompt_id}")(self._history)
        self.app.post("/upload/image")(self._upload)
        self.app.get("/view")(self._view)
        self.app.get("/system_stats")(self._stats)

    def restart(self) -> None:
        """Lose the queue and the history, which live in memory; the files stay."""
        self._prompts.clear()

    def jobs(self) -> list[dict[str, Any]]:
        """Return every prompt of the queue and the history."""
        return [{"prompt_id": one.id, "status": self._status(one)} for one in self._prompts.values()]

    async def stored(self, key: str) -> bytes:
        """Return the bytes of a saved video."""
        return await self._video(self._prompts[key])

    def envelope(self, refusal: Refusal) -> Any:
        """Return ``{"error": {…}, "node_errors": {…}}``."""
        nodes = refusal.nodes if isinstance(refusal, BadPrompt) else {}
        return {"error": fault(refusal.code, refusal.message), "node_errors": nodes}

    def _authorise(self, request: Request) -> None:
        if self.key is not None and request.headers.get("authorization") != f"Bearer {self.key}":
            raise Refusal(401, "unauthorized", f"The proxy knows no {request.headers.get('authorization', '')}.")
        if {"origin", "cookie"} & set(request.headers):
            raise Refusal(403, "forbidden", "Requests from another origin are refused.")

    async def _create(self, request: Request) -> Response:
        request.state.entry["creates"] = True
        self._authorise(request)
        body = request.state.entry["body"] = await request.json()
        if not isinstance(body, dict) or set(body) - PROMPT_FIELDS:
            raise BadPrompt("invalid_prompt", "The request has a field that the server does not know.")
        graph = self._graph(body)
        texts = [text for node in graph.values() for text in node["inputs"].values() if isinstance(text, str)]
        scenario = self.scenario("\n".join(texts))
        self._check(graph, scenario)
        before_creating(request, scenario, self.clock.now(), self.key)
        self._number += 1
        made = Prompt(self._id(body), self._number, graph, self.clock.now(), scenario)
        self._prompts[made.id] = made
        answer = {"prompt_id": made.id, "number": made.number, "node_errors": {}}
        return await after_creating(request, scenario) or plain(200, answer)

    def _graph(self, body: Mapping[str, Any]) -> dict[str, Any]:
        graph = body.get("prompt")
        if not graph:
            raise BadPrompt("no_prompt", "No prompt provided")
        if not isinstance(graph, dict) or "nodes" in graph:
            raise BadPrompt("invalid_prompt", "The graph is not in the API format.")
        for node, one in graph.items():
            if not isinstance(one, dict) or set(one) - {"class_type", "inputs", "_meta"} or "inputs" not in one:
                raise BadPrompt("invalid_prompt", f"Node {node} has no class_type or inputs.")
            if one.get("class_type") not in CLASSES:
                raise BadPrompt("missing_node_type", f"Node '{one.get('class_type')}' not found.")
        return graph

    def _check(self, graph: Mapping[str, Any], scenario: Mapping[str, str]) -> None:
        if not any(one["class_type"].startswith("Save") for one in graph.values()):
            raise BadPrompt("prompt_no_outputs", "Prompt has no outputs")
        weights = frozenset() if "model_gone" in scenario else self.weights
        nodes = faults_of(graph, weights, frozenset(self._uploads))
        if "invalid" in scenario:
            told = [fault("exception_during_validation", "Exception when validating node", "steps")]
            nodes = {"9": {"errors": told, "dependent_outputs": ["12"], "class_type": "KSampler"}}
        if nodes:
            raise BadPrompt("prompt_outputs_failed_validation", "Prompt outputs failed validation", nodes)

    def _id(self, body: Mapping[str, Any]) -> str:
        given = body.get("prompt_id", str(uuid.uuid4()))
        if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", str(given)):
            raise BadPrompt("invalid_prompt", "prompt_id must be a canonical UUID.")
        return str(given)

    def _status(self, one: Prompt) -> str:
        now = self.clock.now()
        if one.interrupted is not None and now >= one.interrupted + STEP_S:
            return "interrupted"
        if now < one.created + QUEUED_S:
            return "pending"
        if "unknown_status" in one.scenario and now >= one.created + one.duration:
            return "hibernating"
        if now < one.created + one.duration or "stuck" in one.scenario:
            return "running"
        return "error" if {"fail", "no_memory"} & set(one.scenario) else "success"

    async def _queue(self, request: Request) -> Response:
        self._authorise(request)
        queues: dict[str, list[Any]] = {"queue_running": [], "queue_pending": []}
        for one in list(self._prompts.values()):
            status = self._status(one)
            one.polls += 1
            if "lost" in one.scenario:
                del self._prompts[one.id]
                continue
            polling(request, one.scenario, one.polls)
            extra: dict[str, Any] = {"extra_pnginfo": {}} if "extra_fields" in one.scenario else {}
            if status in {"pending", "running"}:
                queues[f"queue_{status}"].append([one.number, one.id, one.graph, extra, ["12"]])
        return plain(200, queues)

    async def _change_queue(self, request: Request) -> Response:
        self._authorise(request)
        body = request.state.entry["body"] = await request.json()
        for one in list(self._prompts.values()):
            if self._status(one) == "pending" and (body.get("clear") or one.id in body.get("delete", [])):
                if "began_meanwhile" in one.scenario:
                    one.created -= QUEUED_S
                else:
                    del self._prompts[one.id]
        return Response(status_code=200)

    async def _interrupt(self, request: Request) -> Response:
        self._authorise(request)
        body = request.state.entry["body"] = await request.json()
        for one in self._prompts.values():
            if self._status(one) == "running" and body.get("prompt_id") in {None, one.id} and one.interrupted is None:
                one.interrupted = self.clock.now()
        return Response(status_code=200)

    async def _history(self, request: Request, prompt_id: str) -> Response:
        self._authorise(request)
        one = self._prompts.get(prompt_id)
        if one is None or self._status(one) in {"pending", "running"}:
            return plain(200, {})
        status = self._status(one)
        entry = {
            "prompt": [one.number, one.id, one.graph, {}, ["12"]],
            "outputs": self._outputs(one) if status == "success" else {},
            "status": {
                "status_str": "error" if status == "interrupted" else status,
                "completed": status == "success",
                "messages": [["execution_start", {"prompt_id": one.id}], *self._messages(one, status)],
            },
            "meta": {},
        }
        return plain(200, {prompt_id: entry | ({"queue": "fast"} if "extra_fields" in one.scenario else {})})

    def _outputs(self, one: Prompt) -> dict[str, Any]:
        """Return what was saved; a picture lies in another node's list, and the video in a list called images."""
        video = {"filename": f"{one.id}_00001_.mp4", "subfolder": "reelroom", "type": "output"}
        savers = [node for node, each in one.graph.items() if each["class_type"] == "SaveVideo"]
        if "picture_only" in one.scenario:
            video["filename"] = f"{one.id}_00001_.png"
        return {node: {"images": [video], "animated": [True]} for node in savers}

    def _messages(self, one: Prompt, status: str) -> list[list[Any]]:
        node = {"prompt_id": one.id, "node_id": "9", "node_type": "KSampler"}
        if status == "interrupted":
            return [["execution_interrupted", {**node, "executed": []}]]
        if status != "error":
            return [["execution_success", {"prompt_id": one.id}]]
        memory = "no_memory" in one.scenario
        message = "Allocation on device 0 would exceed allowed memory. (out of memory)" if memory else "NaN in latent"
        kind = "torch.OutOfMemoryError" if memory else "RuntimeError"
        return [["execution_error", {**node, "exception_type": kind, "exception_message": message, "traceback": []}]]

    async def _upload(self, request: Request) -> Response:
        self._authorise(request)
        async with request.form() as form:
            file = form.get("image")
            if set(form) - UPLOAD_FIELDS or not isinstance(file, UploadFile) or not file.filename:
                raise Refusal(400, "invalid", "An upload has an image and no unknown field.")
            content, kept = await file.read(), file.filename
            if kept in self._uploads and form.get("overwrite") != "true":
                stem, _, suffix = kept.rpartition(".")
                kept = f"{stem} ({len(self._uploads)}).{suffix}"
        self._uploads.add(kept)
        told = {"name": kept, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        request.state.entry["body"] = told
        return plain(200, {"name": kept, "subfolder": "", "type": "input"})

    async def _view(self, request: Request, filename: str, subfolder: str = "", type: str = "output") -> Response:
        self._authorise(request)
        one = self._prompts.get(filename.partition("_")[0])
        if one is None or self._status(one) != "success" or subfolder != "reelroom" or type != "output":
            raise Refusal(404, "not_found", "There is no such file.")
        if "url_expired" in one.scenario:
            raise Refusal(404, "not_found", "The file was deleted.")
        return downloading(request, one.scenario, await self._video(one), one.id)

    async def _video(self, one: Prompt) -> bytes:
        size = f"{one.value('width', 64):.0f}x{one.value('height', 64):.0f}"
        return await result_video(size, one.value("length", 24) / one.value("fps", 24))

    async def _stats(self, request: Request) -> Response:
        self._authorise(request)
        return plain(200, {"system": {"comfyui_version": "0.3.64", "os": "posix"}, "devices": []})


def create_app(**arguments: Any) -> FastAPI:
    """Return the application, for ``serve`` and ``serve_in_process``; see ``ComfyUIFake`` for the arguments."""
    return ComfyUIFake(**arguments).app
