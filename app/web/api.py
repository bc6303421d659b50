"""What every JSON route shares: pages of lists, tags of versions, amounts, and answers given once for a key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Generic, TypeVar
from uuid import UUID

import structlog
from fastapi import Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from redis.exceptions import RedisError
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, Response

from app.core.errors import Conflict, Invalid
from app.core.i18n import _
from app.core.money import Money
from app.web.paging import decode_cursor, encode_cursor

log = structlog.get_logger(__name__)

Item = TypeVar("Item")
Key = TypeVar("Key", UUID, int, str)
LARGEST_PAGE = 200
REMEMBERED_SECONDS = 24 * 3600

Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many items a page holds.")]
After = Annotated[str | None, Query(max_length=400, description="The `next` of the page before.")]
IfMatch = Annotated[
    str | None, Header(max_length=200, description="The ETag the change was made from; 409 when it changed since.")
]
IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=200, description="Your name for this request: within 24 hours it is done once."),
]


class PreconditionRequired(Conflict):
    """The change must say which version it was made from."""

    status: ClassVar[int] = 428


class Input(BaseModel):
    """What a program sends: unknown fields are refused, texts are trimmed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Output(BaseModel):
    """What a program reads, filled from a row by the names of its fields."""

    model_config = ConfigDict(from_attributes=True)


class Listed(BaseModel, Generic[Item]):
    """A page of a list; ``next`` is the cursor of the following page."""

    items: list[Item]
    next: str | None


class Whole(BaseModel, Generic[Item]):
    """A short list, given whole."""

    items: list[Item]
    next: None = None


class Amount(BaseModel):
    """Money: millionths of one unit of a currency (ISO 4217)."""

    micros: int = Field(ge=0, le=10**15)
    currency: str = Field(pattern="^[A-Z]{3}$")

    @classmethod
    def of(cls, money: Money) -> Amount:
        """Return an amount as programs read it."""
        return cls.model_construct(micros=money.micros, currency=money.currency)


class Problem(BaseModel):
    """What went wrong (RFC 9457): ``code`` is stable, ``detail`` says what, why and what next."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str
    request_id: str
    details: dict[str, Any]


def behind(after: str | None, kind: type[Key]) -> Key | None:
    """Return the place a list goes on from; raises ``Invalid`` when it is not one of this kind of list."""
    if not after:
        return None
    (place,) = decode_cursor(after, (kind,))
    assert isinstance(place, kind)
    return place


def following(rows: Sequence[Any], limit: int, key: Callable[[Any], UUID | int | str]) -> str | None:
    """Return the cursor behind the first ``limit`` of ``rows``; None when that was all."""
    return encode_cursor([key(rows[limit - 1])]) if len(rows) > limit else None


def etag(version: datetime | int) -> str:
    """Return the ETag of a version."""
    return f'"{version.timestamp():.6f}"' if isinstance(version, datetime) else f'"{version}"'


def tagged(model: BaseModel, tag: str, status: int = 200) -> Response:
    """Return one item with its ETag."""
    return JSONResponse(model.model_dump(mode="json"), status, {"ETag": tag})


def check_match(if_match: str | None, tag: str) -> None:
    """Raise ``Conflict`` when a change was made from another version than the present one; no tag asks nothing."""
    if if_match not in (None, "*") and if_match.removeprefix("W/") != tag:
        message = _("Somebody changed this meanwhile, so nothing was changed. Read it again, then send your change.")
        raise Conflict("web.changed_meanwhile", message, etag=tag)


def version_of(if_match: str | None) -> int:
    """Return the version number an If-Match names; raises ``PreconditionRequired`` without one."""
    if if_match is None:
        message = _("Say which version your change was made from: send its ETag as If-Match.")
        raise PreconditionRequired("web.if_match_needed", message)
    number = if_match.removeprefix("W/").strip('"')
    if not number.isascii() or not number.isdecimal() or len(number) > 9:
        raise Invalid("web.bad_etag", _("If-Match does not name a version. Send the ETag you got when you read it."))
    return int(number)


class Once:
    """An answer that is given once for a person and an Idempotency-Key, and repeated for 24 hours.

    It is remembered after the transaction was committed. Two requests at the same moment are told apart by what they
    do: a wish or an export that is open already is returned, not made again. Without Redis nothing is remembered.
    """

    def __init__(self, request: Request, who: UUID | None, key: str | None, *, code: str) -> None:
        self._request, self._code = request, code
        named = hashlib.sha256(f"{who} {key}".encode()).hexdigest()
        self._name = f"reelroom:once:{named}" if key else ""

    async def before(self) -> Response | None:
        """Return the answer given before; raises ``Invalid`` when the key was used for another request."""
        if not self._name:
            return None
        try:
            kept = await self._request.app.state.redis.get(self._name)
        except (RedisError, OSError) as error:
            log.warning("web.not_remembered", error=str(error))
            return None
        if kept is None:
            return None
        answer = json.loads(kept)
        if answer["request"] != await self._digest():
            message = _("This Idempotency-Key was used for another request. Choose a new key for a new request.")
            raise Invalid(self._code, message)
        headers = {"Idempotent-Replayed": "true"}
        return Response(answer["body"], answer["status"], headers, media_type="application/json")

    async def answer(self, model: BaseModel, status: int) -> Response:
        """Return the answer, remembered once it is sent."""
        response = JSONResponse(model.model_dump(mode="json"), status)
        if self._name:
            kept = {"request": await self._digest(), "status": status, "body": bytes(response.body).decode()}
            response.background = BackgroundTask(self._keep, json.dumps(kept))
        return response

    async def _keep(self, answer: str) -> None:
        try:
            await self._request.app.state.redis.set(self._name, answer, ex=REMEMBERED_SECONDS)
        except (RedisError, OSError) as error:
            log.warning("web.not_remembered", error=str(error))

    async def _digest(self) -> str:
        said = f"{self._request.method} {self._request.url.path}\n".encode() + await self._request.body()
        return hashlib.sha256(said).hexdigest()
