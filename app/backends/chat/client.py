"""One configured text model: a question is asked, its answer held to a contract, asked again once, and counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from app.backends.chat.answers import Useless, failure, kept, response_format, text_of, told_schema, usage
from app.backends.chat.catalogue import Answers, Row, TokenPrice, Usage
from app.backends.chat.config import TextModelConfig
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.guard import HostPolicy, Resolver, resolve
from app.backends.http import Answer, BackendClient, Bearer, Timeouts, Words, error_from_status
from app.core import clock
from app.core.money import Money

MAX_TOKENS = 8192
TOKENS_AROUND = 64  # what a vendor's own format adds to a message, at most
LONGEST_FAULT = 600
WHOLE_ANSWER = 2.0  # times the longest silence: how long a whole answer may take

Message = dict[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked: its ``task``, the ``content`` it is about, and the ``contract`` its answer keeps.

    ``context`` is given to the contract's validators, so that it can hold the answer to what was asked about.
    """

    task: str
    content: str
    contract: type[BaseModel]
    context: Mapping[str, Any] = field(default_factory=dict)
    max_tokens: int = MAX_TOKENS

    def messages(self, answers: Answers) -> list[Message]:
        """Return the messages, with the shape of the answer in words unless the model takes a schema."""
        shape = "Answer in JSON." if answers is Answers.SCHEMA else told_schema(self.contract)
        return [
            {"role": "system", "content": f"{self.task}\n\n{shape}"},
            {"role": "user", "content": self.content},
        ]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a question: an answer that keeps its contract, or an error; and what it cost either way."""

    cost: Money
    usage: Usage
    requests: int
    value: BaseModel | None = None
    error: BackendError | None = None

    @property
    def refused(self) -> bool:
        """Whether the vendor turned the content down, which is for a person and no other vendor."""
        return self.error is not None and self.error.kind is Kind.MODERATION


@dataclass(slots=True)
class _Meter:
    """Counts the requests of one question and what each cost."""

    price: TokenPrice
    cost: Money
    usage: Usage = field(default_factory=Usage)
    requests: int = 0

    def add(self, used: Usage) -> None:
        self.cost += self.price.cost(used)
        self.usage += used

    def outcome(self, value: BaseModel | None = None, error: BackendError | None = None) -> Outcome:
        return Outcome(self.cost, self.usage, self.requests, value, error)


class ChatModel:
    """One text model over ``POST /chat/completions``; raises ``ConfigError`` when it is not served or has no price."""

    def __init__(self, config: TextModelConfig, resolver: Resolver = resolve) -> None:
        self.name = config.name
        self.row: Row = config.row
        if config.row.retired(clock.now().date()):
            raise ConfigError(
                f"{config.row.vendor} withdrew the model {config.row.model!r} on {config.row.retires_on}."
            )
        if config.row.price is None:
            raise ConfigError(f"The text model {config.name!r} needs a price.")
        self.price: TokenPrice = config.row.price
        self._timeouts = Timeouts(read=config.read_timeout_s, create=WHOLE_ANSWER * config.read_timeout_s)
        self._client = BackendClient(
            config.row.base_url,
            policy=HostPolicy.of(config.row.base_url, self_hosted=config.self_hosted),
            read_error=self._read_error,
            auth=Bearer(config.api_key) if config.api_key else None,
            secrets=(config.api_key,) if config.api_key else (),
            timeouts=self._timeouts,
            resolver=resolver,
        )

    @property
    def model(self) -> str:
        """What the vendor calls the model."""
        return self.row.model

    @property
    def longest_s(self) -> float:
        """How many seconds a question can take at most."""
        return 2 * self._timeouts.create

    def cap(self, question: Question) -> Money:
        """Return the most a question can cost: asked twice, every byte a token, every answer as long as it may be."""
        first = _size(question.messages(self.row.answers))
        again = first + 4 * (LONGEST_FAULT + TOKENS_AROUND)
        return self.price.cost(Usage(first, question.max_tokens)) + self.price.cost(Usage(again, question.max_tokens))

    def fits(self, question: Question) -> bool:
        """Tell whether a question surely fits into the model, with room for the answer."""
        needed = _size(question.messages(self.row.answers)) + 2 * question.max_tokens
        return self.row.context is None or needed <= self.row.context

    async def ask(self, question: Question) -> Outcome:
        """Ask, once more with the fault when the answer does not keep its contract; never raises for the vendor's."""
        messages, meter = question.messages(self.row.answers), _Meter(self.price, Money(0, self.price.currency))
        told = ""
        for _try in range(2):
            try:
                content = await self._completed(messages, question, meter)
                return meter.outcome(kept(content, question.contract, question.context))
            except BackendError as error:
                return meter.outcome(error=self._shown(error))
            except Useless as fault:
                told = str(fault)[:LONGEST_FAULT]
                messages = _again(messages, told)
        message = f"Its answer could not be used, twice: {told}"
        return meter.outcome(error=self._shown(BackendError(Kind.PERMANENT, message, fault=Fault.PROVIDER)))

    async def _completed(self, messages: list[Message], question: Question, meter: _Meter) -> str:
        body = {
            "model": self.row.model,
            "messages": messages,
            "max_tokens": question.max_tokens,
            **response_format(self.row.answers, question.contract),
            **self.row.extra,
        }
        most = Usage(_size(messages), question.max_tokens)
        meter.requests += 1
        try:
            answer = await self._client.create("/chat/completions", json=body)
        except BackendError as error:
            lost = error.http_status is None or error.http_status < 300
            if error.outcome_unknown and lost:  # nobody knows what was charged: it counts as the most
                meter.add(most)
            raise
        told = usage(answer.body)
        if told is None and (error_told := failure(answer, self.row)) is not None:
            raise error_told
        meter.add(told or most)
        if (error_told := failure(answer, self.row)) is not None:
            raise error_told
        return text_of(answer.body)

    def _read_error(self, answer: Answer) -> BackendError:
        return failure(answer, self.row) or error_from_status(answer, Words())

    def _shown(self, error: BackendError) -> BackendError:
        """Return an error whose words are safe to keep and to show."""
        error.message = self._client.safe(error.message)
        error.provider_code = self._client.safe(error.provider_code)
        return error

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def __repr__(self) -> str:
        return f"ChatModel({self.name!r}, {self.row.model!r})"


def _size(messages: list[Message]) -> int:
    return sum(len(one["content"].encode(errors="replace")) + TOKENS_AROUND for one in messages)


def _again(messages: list[Message], fault: str) -> list[Message]:
    """Return the question with what was wrong with its answer; the answer itself is not repeated to the model."""
    words = f"Your last answer could not be used: {fault}\nAnswer again, with the JSON object alone."
    last = messages[-1]
    return [*messages[:-1], {**last, "content": f"{last['content']}\n\n{words}"}]
