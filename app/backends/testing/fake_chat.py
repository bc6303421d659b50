"""A fake of the OpenAI-style chat API of text models, written from the providers' fact sheets (china §16) alone.

It shares no code with the client, refuses every field it does not know, insists on the word JSON where vendors do, and
counts tokens. It answers what it was given to answer, else something that fits the schema it was sent or told.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from app.backends.testing.faults import Refusal, after_creating, before_creating
from app.backends.testing.skeleton import Fake, plain

FIELDS = {"model", "messages", "max_tokens", "response_format", "temperature", "top_p", "stream", "stop", "thinking"}
ROLES = {"system", "user", "assistant"}
LARGEST_OUTPUT = 65_536
TYPES = {400: "invalid_request_error", 401: "authentication_error", 402: "insufficient_balance", 422: "invalid_value"}
SPOILED = {
    "broken_json": '{"text": "half a sen',
    "prose": "Sure! Here is what you asked for.",
    "wrong_schema": '{"answer": 42}',
    "list": "[1, 2, 3]",
    "blank": "",
}


class ChatFake(Fake):
    """``POST /v1/chat/completions``; ``key`` is the bearer key, ``models`` what is served, ``formats`` what is held to.

    Besides the shared scenarios, a prompt may ask for a spoiled answer (``broken_json``, ``prose``, ``wrong_schema``,
    ``list``, ``blank``; with ``=once`` only the first time), ``fenced``, ``thought``, ``cut`` (finish_reason length),
    ``refused`` (finish_reason content_filter), ``no_usage``, ``echo_key``, or ``base_resp=1026``.
    """

    def __init__(
        self,
        *,
        key: str = "sk-fake-chat-key",
        models: Sequence[str] = ("fake-chat",),
        formats: Sequence[str] = ("json_object", "json_schema"),
        frozen: bool = True,
    ) -> None:
        super().__init__(frozen=frozen)
        self.key, self.models, self.formats = key, models, formats
        self.answers: deque[str] = deque()
        self._asked: dict[str, int] = {}
        self.app.post("/v1/chat/completions")(self._complete)
        self.app.post("/__fake/answers")(self._answers)

    def jobs(self) -> list[dict[str, Any]]:
        """Return nothing: a chat leaves no work behind."""
        return []

    def envelope(self, refusal: Refusal) -> Any:
        """Return ``{"error": {"message", "type", "param", "code"}}``."""
        kind = TYPES.get(refusal.status, "server_error" if refusal.status >= 500 else "invalid_request_error")
        return {
            "error": {"message": refusal.message, "type": kind, "param": refusal.param, "code": refusal.code},
        }

    async def _answers(self, body: list[Any]) -> dict[str, int]:
        """Take the next answers: texts as they are, anything else as JSON."""
        self.answers.extend(one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in body)
        return {"waiting": len(self.answers)}

    async def _complete(self, request: Request) -> Response:
        entry = request.state.entry
        entry["creates"] = True
        if request.headers.get("authorization") != f"Bearer {self.key}":
            raise Refusal(401, "invalid_api_key", "Authentication fails, your api key is invalid.")
        fields = entry["body"] = await _object(request)
        self._check(fields)
        prompt = "\n".join(one["content"] for one in fields["messages"] if one["role"] == "user")
        scenario = self.scenario(prompt)
        if "echo_key" in scenario:
            raise Refusal(400, "invalid_value", f"Something is wrong with {self.key}.")
        before_creating(request, scenario, self.clock.now(), self.key)
        lost = await after_creating(request, scenario)
        return lost or plain(200, self._completion(fields, scenario, prompt))

    def _check(self, fields: Mapping[str, Any]) -> None:
        for name in fields:
            _require(name in FIELDS, f"the field {name} is unknown")
        if fields.get("model") not in self.models:
            raise Refusal(404, "model_not_found", "The model does not exist.")
        messages = fields.get("messages")
        _require(isinstance(messages, list) and bool(messages), "messages is a list with at least one")
        assert isinstance(messages, list)
        for one in messages:
            _require(isinstance(one, dict) and set(one) == {"role", "content"}, "a message has a role and a content")
            _require(one["role"] in ROLES, "the role is unknown")
            _require(isinstance(one["content"], str) and bool(one["content"]), "the content is a text")
        _require(messages[-1]["role"] == "user", "the last message is the user's")
        _require(fields.get("stream", False) is False, "this fake does not stream")
        most = fields.get("max_tokens", 1)
        _require(type(most) is int and 0 < most <= LARGEST_OUTPUT, "max_tokens is out of range")
        self._check_format(fields.get("response_format"), messages)

    def _check_format(self, held: Any, messages: list[dict[str, str]]) -> None:
        if held is None:
            return
        kind = held.get("type") if isinstance(held, dict) else None
        _require(kind in self.formats, f"response_format {kind} is not supported")
        spoken = any("json" in one["content"].lower() for one in messages)
        _require(spoken, "the prompt must contain the word json to use response_format")
        if kind == "json_schema":
            given = held.get("json_schema")
            _require(isinstance(given, dict) and isinstance(given.get("name"), str), "json_schema has a name")
            _require(isinstance(given.get("schema"), dict), "json_schema has a schema")
        else:
            _require(set(held) == {"type"}, "json_object has nothing but a type")

    def _completion(self, fields: Mapping[str, Any], scenario: Mapping[str, str], prompt: str) -> dict[str, Any]:
        content, ended = self._content(fields, scenario, prompt), "stop"
        if "cut" in scenario:
            content, ended = content[: len(content) // 2], "length"
        if "refused" in scenario:
            content, ended = "", "content_filter"
        if "thought" in scenario:
            content = f"<think>The user wants {{JSON}}.</think>\n\n{content}"
        message = {"role": "assistant", "content": content}
        body: dict[str, Any] = {
            "id": f"chatcmpl-{len(self.requests)}",
            "object": "chat.completion",
            "created": int(self.clock.now()),
            "model": fields["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": ended}],
        }
        if "no_usage" not in scenario:
            read = sum(tokens(one["content"]) + 4 for one in fields["messages"])
            body["usage"] = {
                "prompt_tokens": read,
                "completion_tokens": tokens(content),
                "total_tokens": read + tokens(content),
            }
        if "base_resp" in scenario:
            body |= {"choices": None, "base_resp": {"status_code": int(scenario["base_resp"]), "status_msg": "input"}}
        return body

    def _content(self, fields: Mapping[str, Any], scenario: Mapping[str, str], prompt: str) -> str:
        question = prompt[: prompt.rfind("]]")]  # what is said behind the last marker may differ when asked again
        times = self._asked[question] = self._asked.get(question, 0) + 1
        for name, spoiled in SPOILED.items():
            if name in scenario and (scenario[name] != "once" or times == 1):
                return spoiled
        made = json.dumps(example(_schema(fields)), ensure_ascii=False)
        content = self.answers.popleft() if self.answers else made
        return f"```json\n{content}\n```" if "fenced" in scenario else content


def tokens(text: str) -> int:
    """Return how many tokens a text counts: a Chinese character is one, four other letters are one."""
    wide = sum(ord(letter) > 0x2E7F for letter in text)
    return wide + (len(text) - wide + 3) // 4


def example(schema: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> Any:
    """Return something that fits a JSON schema."""
    root = root or schema
    if "$ref" in schema:
        return example(root["$defs"][str(schema["$ref"]).rpartition("/")[2]], root)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return example(schema["anyOf"][0], root)
    match schema.get("type"):
        case "object":
            return {name: example(one, root) for name, one in schema.get("properties", {}).items()}
        case "array":
            return [example(schema["items"], root)] * max(1, int(schema.get("minItems", 1)))
        case "integer" | "number":
            return schema.get("minimum", 3)
        case "boolean":
            return True
    return "The tide turns. 潮水转了。"


def _schema(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a request: sent in its field, or told in the first JSON object of a message."""
    held = fields.get("response_format") or {}
    if held.get("type") == "json_schema":
        return dict(held["json_schema"]["schema"])
    for one in fields["messages"]:
        for start in re.finditer(r"\{", one["content"]):
            try:
                found, _end = json.JSONDecoder().raw_decode(one["content"], start.start())
            except ValueError:
                continue
            if isinstance(found, dict) and "properties" in found:
                return found
    return {"type": "object", "properties": {"text": {"type": "string"}}}


async def _object(request: Request) -> dict[str, Any]:
    try:
        fields = await request.json()
    except ValueError:
        fields = None
    _require(isinstance(fields, dict), "the body is a JSON object")
    assert isinstance(fields, dict)
    return fields


def _require(kept: bool, words: str) -> None:
    if not kept:
        raise Refusal(400, "invalid_request_error", f"Invalid request: {words}.")


def create_app(**arguments: Any) -> FastAPI:
    """Return the application, for ``serve`` and ``serve_in_process``; see ``ChatFake`` for the arguments."""
    return ChatFake(**arguments).app
