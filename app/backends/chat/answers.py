"""Reading what a vendor answered: its errors and refusals, its count of tokens, and the answer held to its contract."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from app.backends.chat.catalogue import Answers, Row, Usage
from app.backends.errors import BackendError, Fault, Kind
from app.backends.http import Answer, Words, error_from_status

LONGEST_ANSWER = 200_000
MOST_TOKENS = 100_000_000
MOST_FAULTS = 5
# What vendors of this dialect call a refusal, whatever their own codes are.
REFUSALS = ("contentfilter", "contentpolicy", "sensitivecontent", "datainspection", "moderation")
REFUSED_ENDS = frozenset({"content_filter", "sensitive"})
EMPTY_ACCOUNTS = ("insufficientbalance", "insufficientquota", "accountoverdue", "arrearage")
KEPT = frozenset(
    {"type", "properties", "required", "items", "enum", "const", "$ref", "$defs", "additionalProperties", "anyOf"}
)

_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCED = re.compile(r"\A```[a-zA-Z]*\s*\n(.*?)\n?\s*```\Z", re.DOTALL)
_NUMBER = re.compile(r"\((\d{3,5})\)")


class Useless(Exception):
    """An answer that does not keep its contract; the message says why, and may be sent back to the model."""


def failure(answer: Answer, row: Row) -> BackendError | None:
    """Return the failure that an answer tells, by its status or in its body; None when it is none."""
    codes = list(_codes(answer.body))
    if answer.ok and not codes:
        return None
    words = Words(_message(answer.body), codes[0] if codes else "")
    error = error_from_status(answer, words)
    if any(_is_refusal(code, row) for code in codes):
        error.kind, error.fault = Kind.MODERATION, Fault.PROMPT
    elif any(code in row.quota_codes or _named(code, EMPTY_ACCOUNTS) for code in codes):
        error.kind = Kind.QUOTA
    return error


def _codes(body: Any) -> Iterator[str]:
    """Yield what a body calls its failure: a code, a type, a number in brackets, or MiniMax's ``base_resp``."""
    if not isinstance(body, dict):
        return
    told = body.get("error")
    if isinstance(told, dict):
        yield from (str(told[key]) for key in ("code", "type") if isinstance(told.get(key), str | int))
        yield from _NUMBER.findall(str(told.get("message", "")))
        if not any(key in told for key in ("code", "type", "message")):
            yield "error"
    elif told:
        yield str(told)
    if "choices" not in body and isinstance(body.get("code"), str | int):
        yield str(body["code"])
    resp = body.get("base_resp")
    if isinstance(resp, dict) and resp.get("status_code") not in (0, None):
        yield str(resp["status_code"])


def _message(body: Any) -> str:
    if not isinstance(body, dict):
        return ""
    told, resp = body.get("error"), body.get("base_resp")
    for place, key in ((told, "message"), (body, "message"), (resp, "status_msg")):
        if isinstance(place, dict) and isinstance(place.get(key), str):
            return str(place[key])
    return ""


def _is_refusal(code: str, row: Row) -> bool:
    return code in row.refusal_codes or _named(code, REFUSALS)


def _named(code: str, names: tuple[str, ...]) -> bool:
    plain = re.sub(r"[^a-z]", "", code.lower())
    return any(name in plain for name in names)


def usage(body: Mapping[str, Any]) -> Usage | None:
    """Return the tokens an answer says it took; None when it does not say, or says nonsense."""
    told = body.get("usage")
    if not isinstance(told, dict):
        return None
    read, written = told.get("prompt_tokens"), told.get("completion_tokens")
    if type(read) is not int or type(written) is not int:
        return None
    return Usage(read, written) if 0 <= read <= MOST_TOKENS and 0 <= written <= MOST_TOKENS else None


def text_of(body: Mapping[str, Any]) -> str:
    """Return the words of an answer; raise ``BackendError`` for a refusal, ``Useless`` for what is no whole answer."""
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict) or not isinstance(choice.get("message"), dict):
        raise Useless("The answer holds no message.")
    ended, message = choice.get("finish_reason"), choice["message"]
    if ended in REFUSED_ENDS or message.get("refusal"):
        said = message["refusal"] if isinstance(message.get("refusal"), str) else ""
        raise BackendError(Kind.MODERATION, said, provider_code=str(ended or ""), fault=Fault.PROMPT)
    if ended == "length":
        raise Useless("The answer was cut off, because it was too long: answer shorter.")
    content = message.get("content")
    if not isinstance(content, str) or not content.strip():
        raise Useless("The answer is empty.")
    if len(content) > LONGEST_ANSWER:
        raise Useless("The answer is far too long.")
    return content


def kept(content: str, contract: type[BaseModel], context: Mapping[str, Any]) -> BaseModel:
    """Return an answer as its contract, which validates it in ``context``; raise ``Useless`` saying what is wrong."""
    try:
        return contract.model_validate(_parsed(content), context=dict(context))
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
    said = [f"{'.'.join(str(part) for part in one['loc']) or 'answer'}: {one['msg']}" for one in faults]
    raise Useless("; ".join(said[:MOST_FAULTS]))


def _parsed(content: str) -> dict[str, Any]:
    """Return the one JSON object an answer consists of, perhaps inside a code fence, behind what was thought."""
    bare = _THOUGHT.sub("", content, count=1).strip()
    fenced = _FENCED.match(bare)
    try:
        parsed = json.loads(fenced[1] if fenced else bare, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Useless(f"The answer is not JSON: {str(error)[:120]}.") from None
    if not isinstance(parsed, dict):
        raise Useless("The answer is not a JSON object.")
    return parsed


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def schema_of(contract: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of a contract in the words that every vendor takes: limits are left to the validation."""
    schema: dict[str, Any] = _plain(contract.model_json_schema())
    return schema


def _plain(node: Any) -> Any:
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        key: {name: _plain(one) for name, one in value.items()} if key in {"properties", "$defs"} else _plain(value)
        for key, value in node.items()
        if key in KEPT
    }


def response_format(answers: Answers, contract: type[BaseModel]) -> dict[str, Any]:
    """Return the field that holds a model to a shape, as far as it can be held to one."""
    if answers is Answers.SCHEMA:
        held = {"name": "answer", "strict": True, "schema": schema_of(contract)}
        return {"response_format": {"type": "json_schema", "json_schema": held}}
    return {"response_format": {"type": "json_object"}} if answers is Answers.OBJECT else {}


def told_schema(contract: type[BaseModel]) -> str:
    """Return the shape in words, for models that take no schema; it says "JSON", which some vendors insist on."""
    shape = json.dumps(contract.model_json_schema(), ensure_ascii=False, separators=(",", ":"))
    return f"Answer with one JSON object and nothing else. It keeps this JSON schema:\n{shape}"
