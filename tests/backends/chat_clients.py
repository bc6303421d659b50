"""What the tests of text models share: a running fake, models that ask it, and a contract."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from app.backends.chat import Question, TextModels
from app.backends.testing.fake_chat import ChatFake
from app.backends.testing.server import serve

KEY = "sk-fake-chat-0123456789abcdef"
PRICE = {"currency": "USD", "input": "1", "output": "4"}


class Line(BaseModel):
    """One line, which must begin as it was asked to."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=200)

    @field_validator("text")
    @classmethod
    def _begins(cls, value: str, info: ValidationInfo) -> str:
        begin = (info.context or {}).get("begin", "")
        if not value.startswith(begin):
            raise ValueError(f"it must begin with {begin}")
        return value


@contextmanager
def running(**arguments: Any) -> Iterator[tuple[ChatFake, str]]:
    """Serve a fake, and yield it with its base_url."""
    fake = ChatFake(key=KEY, **arguments)
    with serve(fake.app) as at:
        yield fake, f"{at.url}/v1"


def entry(url: str, **changes: Any) -> dict[str, Any]:
    """Return the setting's entry of a model that asks a fake."""
    base = {"model": "fake-chat", "base_url": url, "api_key": KEY, "self_hosted": True, "read_timeout_s": 1.5}
    return {**base, "price": PRICE, "answers": "json_schema", **changes}


def models(**entries: dict[str, Any]) -> TextModels:
    """Return the text models of a setting."""
    return TextModels.load(json.dumps(entries))


def question(content: str = "A line, please.", **changes: Any) -> Question:
    """Return a question for a line."""
    return Question(**{"task": "Write one line.", "content": content, "contract": Line, "max_tokens": 500, **changes})
