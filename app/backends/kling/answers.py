"""Reading what Kling says: result codes, failures, and tasks as either API tells them (the fact sheets, china §2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from app.backends.errors import BackendError, Fault, Kind
from app.backends.http import Answer, Words, error_from_status
from app.core.money import Money

KINDS: Mapping[int, Kind] = {
    **dict.fromkeys((1000, 1001, 1002, 1003, 1004, 1100, 1103, 1304), Kind.AUTH),
    **dict.fromkeys((1101, 1102), Kind.QUOTA),
    **dict.fromkeys((1200, 1201), Kind.INVALID),
    **dict.fromkeys((1202, 1203), Kind.NOT_FOUND),
    **dict.fromkeys((1300, 1301), Kind.MODERATION),
    **dict.fromkeys((1302, 1303), Kind.RATE_LIMIT),
    **dict.fromkeys((5000, 5001, 5002), Kind.TRANSIENT),
}
MODERATED = re.compile(
    r"\b130[01]\b|moderation|safety|sensitive|risk.?control|content.?polic|platform.?polic|违规|敏感|审核|风控",
    re.IGNORECASE,
)
FAULTS = (
    (re.compile(r"image|picture|frame|图片|图像", re.IGNORECASE), Fault.IMAGE),
    (re.compile(r"audio|voice|speech|音频|声音", re.IGNORECASE), Fault.AUDIO),
    (re.compile(r"generated|output|result|生成结果", re.IGNORECASE), Fault.PROVIDER),
    (re.compile(r"prompt|text|提示词|文本", re.IGNORECASE), Fault.PROMPT),
)
TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")


@dataclass(frozen=True, slots=True)
class RemoteTask:
    """One task as the provider tells it; ``ended`` is in Unix milliseconds, ``cost`` None where no money is named."""

    id: str
    status: str
    message: str = ""
    code: int | None = None
    videos: Sequence[Mapping[str, Any]] = ()
    ended: Any = None
    cost: Money | None = None


def code_of(body: Any) -> int | None:
    """Return the result code of an answer, 0 for success, None where it holds none."""
    code = body.get("code") if isinstance(body, dict) else None
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def by_its_code(answer: Answer) -> Answer:
    """Return an answer with the status that its code means, where a failure came with the status of a success."""
    code = code_of(answer.body)
    if not answer.ok or not code:
        return answer
    return replace(answer, status=400 if 1000 <= code < 2000 else 500)


def read_error(answer: Answer, safe: Callable[[str], str]) -> BackendError:
    """Return the failure that an answer tells: the code first, for 429 also means that there is no money left."""
    told = answer.body if isinstance(answer.body, dict) else {}
    code = code_of(told)
    message = safe(TOKEN.sub("[hidden]", str(told.get("message") or "")))
    error = error_from_status(answer, Words(message, "" if code is None else str(code)))
    error.kind = KINDS.get(code or 0, error.kind)
    if error.kind not in {Kind.RATE_LIMIT, Kind.TRANSIENT}:
        error.retry_after = None
    if error.kind is Kind.MODERATION:
        error.fault = fault_in(message, Fault.PROMPT)
    return error


def failure_of(task: RemoteTask, safe: Callable[[str], str]) -> BackendError:
    """Return why a task failed; whether it was charged, the provider does not say."""
    message = safe(task.message) or "The provider says that it failed, and not why."
    told = f"{task.code or ''} {message}"
    code = "" if task.code is None else str(task.code)
    if MODERATED.search(told):
        fault = fault_in(message, Fault.UNKNOWN)
        return BackendError(Kind.MODERATION, message, provider_code=code, fault=fault)
    return BackendError(KINDS.get(task.code or 0, Kind.TRANSIENT), message, provider_code=code)


def fault_in(message: str, otherwise: Fault) -> Fault:
    """Return whose input a message about moderation names."""
    return next((fault for pattern, fault in FAULTS if pattern.search(message)), otherwise)


def text_id(value: Any) -> str:
    """Return an id as text, empty for what is none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value)
    return text if re.fullmatch(r"[\w.:-]{1,200}", text) else ""


def cash(billing: Any) -> Money | None:
    """Return the money that was charged, None where nothing is told or a resource pack paid in units."""
    entries = [one for one in billing if isinstance(one, dict)] if isinstance(billing, list) else []
    if not entries or any(one.get("charge_type") != "cash" for one in entries):
        return None
    try:
        charged = [Money.of(Decimal(str(one.get("amount"))), str(one.get("currency"))) for one in entries]
    except (InvalidOperation, ValueError, OverflowError):
        return None
    if len({one.currency for one in charged}) != 1 or any(one.micros < 0 for one in charged):
        return None
    return Money(sum(one.micros for one in charged), charged[0].currency)
