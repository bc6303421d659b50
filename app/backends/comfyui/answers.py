"""Reading what a ComfyUI server says: refusals, queue, history (the fact sheets, international §10.1, §10.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from app.backends.base import OutputRef, Phase, RemoteState
from app.backends.errors import BackendError, Kind
from app.backends.http import Answer, Words, error_from_status
from app.core.money import Money

NOTHING = Money(0, "USD")
VIDEOS = frozenset({".mp4", ".webm", ".mov", ".mkv", ".m4v"})
NO_MEMORY = re.compile(r"out of memory", re.IGNORECASE)

Safe = Callable[[str], str]


def read_error(answer: Answer, safe: Safe) -> BackendError:
    """Return the failure an answer without success stands for; what the server has not got disables the model."""
    body = answer.body if isinstance(answer.body, dict) else {}
    told = body.get("error")
    told = told if isinstance(told, dict) else {"message": told or ""}
    node, node_class, fault = next(_node_errors(body), ("", "", told))
    where = f" (node {node}, {node_class})" if node else ""
    details = f": {fault['details']}" if fault.get("details") else ""
    message = safe(f"{fault.get('message') or told.get('message') or ''}{details}{where}")
    code = safe(str(fault.get("type") or ""))[:80]
    error = error_from_status(answer, Words(message, code, f"node {node}"[:80] if node else ""))
    absent_file = code == "value_not_in_list" and "Loader" in node_class
    if answer.status == 400 and (absent_file or code == "missing_node_type"):
        error.kind, error.model_gone = Kind.PERMANENT, True
    return error


def _node_errors(body: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    nodes = body.get("node_errors")
    for node, told in nodes.items() if isinstance(nodes, dict) else ():
        for one in told.get("errors", []) if isinstance(told, dict) else ():
            if isinstance(one, dict):
                yield str(node), str(told.get("class_type", "")), one


def queue_phase(body: Any, prompt_id: str) -> Phase | None:
    """Return whether the queue holds a prompt, waiting or running, or None; raise TRANSIENT when it is no queue."""
    for key, phase in (("queue_running", Phase.RUNNING), ("queue_pending", Phase.QUEUED)):
        entries = body.get(key) if isinstance(body, dict) else None
        if not isinstance(entries, list):
            raise BackendError(Kind.TRANSIENT, "The server's queue is not understood.")
        if any(isinstance(one, list) and len(one) > 1 and one[1] == prompt_id for one in entries):
            return phase
    return None


def history_state(body: Any, prompt_id: str, output: str, safe: Safe) -> RemoteState:
    """Return how a prompt that left the queue ended: what the history does not know either is LOST, at no cost."""
    if not isinstance(body, dict):
        raise BackendError(Kind.TRANSIENT, "The server's history is not understood.")
    entry = body.get(prompt_id)
    if not isinstance(entry, dict):
        return RemoteState(Phase.LOST, cost=NOTHING, raw_status="not in the queue, not in the history")
    status = entry.get("status")
    status = status if isinstance(status, dict) else {}
    raw = safe(str(status.get("status_str")))[:60]
    if raw == "success":
        return _made(entry, output)
    if raw == "error":
        return _not_made(status, safe)
    return RemoteState(Phase.UNRECOGNISED, raw_status=raw)


def _made(entry: Mapping[str, Any], output: str) -> RemoteState:
    """Return the videos of the output node: by their names, because the server files them under ``images`` as well."""
    outputs = entry.get("outputs")
    node = outputs.get(output) if isinstance(outputs, dict) else None
    lists = [one for one in node.values() if isinstance(one, list)] if isinstance(node, dict) else []
    files = [file for one in lists for file in one if isinstance(file, dict) and isinstance(file.get("filename"), str)]
    videos = [file for file in files if PurePosixPath(file["filename"]).suffix.lower() in VIDEOS]
    refs = tuple(
        OutputRef(index, data={key: str(file.get(key, "")) for key in ("filename", "subfolder", "type")})
        for index, file in enumerate(videos)
    )
    if refs:
        return RemoteState(Phase.SUCCEEDED, outputs=refs, raw_status="success")
    message = f"The workflow ended and its output, node {output}, saved no video: check which node is its output."
    error = BackendError(Kind.INVALID, message, charged=False)
    return RemoteState(Phase.FAILED, cost=NOTHING, error=error, raw_status="success")


def _not_made(status: Mapping[str, Any], safe: Safe) -> RemoteState:
    told: dict[str, Mapping[str, Any]] = {}
    for one in status.get("messages") or []:
        if isinstance(one, list) and len(one) == 2 and isinstance(one[1], dict):
            told[str(one[0])] = one[1]
    if "execution_interrupted" in told:
        return RemoteState(Phase.CANCELLED, cost=NOTHING, raw_status="execution_interrupted")
    failure = told.get("execution_error", {})
    message = safe(str(failure.get("exception_message") or "")) or "The server says that it failed, and not why."
    node = safe(f"{failure.get('node_id', '')} {failure.get('node_type', '')}").strip()
    code = "out_of_memory" if NO_MEMORY.search(message) else safe(str(failure.get("exception_type") or "error"))[:80]
    text = f"{message} (node {node})" if node else message
    error = BackendError(Kind.TRANSIENT, text, provider_code=code, charged=False)
    return RemoteState(Phase.FAILED, cost=NOTHING, error=error, raw_status="error")
