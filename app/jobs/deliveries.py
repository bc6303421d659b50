"""What providers announce: a verified delivery makes its attempt due now, and never says more than "look"."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Text, cast, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.backends.base import Delivery, WebhookCapable, WebhookHint
from app.backends.errors import WebhookRefused
from app.backends.registry import Registry
from app.core import clock
from app.core.config import get_settings
from app.core.db import Database, nudge
from app.core.errors import Invalid, NotFound
from app.core.i18n import _
from app.core.ids import new_id
from app.events import service as events
from app.jobs.models import Attempt, WebhookDelivery
from app.jobs.states import POLLED, AttemptState

log = structlog.get_logger(__name__)
KEPT = timedelta(days=30)
ANSWER_LOST = (AttemptState.SUBMITTING, AttemptState.UNKNOWN)


def address(subject: UUID | str) -> str | None:
    """Return where a provider announces what became of an attempt, or of all work of a backend's account.

    None where this installation has no https address that providers can reach.
    """
    public = get_settings().public_url.rstrip("/")
    if not public.startswith("https://"):
        return None
    room = "attempts" if isinstance(subject, UUID) else "accounts"
    return f"{public}/webhooks/{room}/{subject}/{token_of(subject)}"


def token_of(subject: UUID | str) -> str:
    """Return the secret part of an address: who knows it may announce, and nothing else."""
    said = f"webhook:{type(subject).__name__}:{subject}".encode()
    return hmac.digest(get_settings().signing_key, said, hashlib.sha256).hex()[:40]


async def to_attempt(
    database: Database, registry: Registry, attempt_id: UUID, token: str, delivery: Delivery
) -> Mapping[str, Any]:
    """Take a delivery sent to an attempt's own address; return what the provider wants to read."""
    _demand(attempt_id, token)
    async with database.transaction() as session:
        backend = await session.scalar(select(Attempt.backend).where(Attempt.id == attempt_id))
    if backend is None:
        raise _nowhere()
    return await _take(database, registry, backend, attempt_id, delivery)


async def to_account(
    database: Database, registry: Registry, backend: str, token: str, delivery: Delivery
) -> Mapping[str, Any]:
    """Take a delivery sent to the one address of an account, whose attempt is found by the provider's own id."""
    _demand(backend, token)
    if backend not in registry.names():
        raise _nowhere()
    return await _take(database, registry, backend, None, delivery)


async def announced(session: AsyncSession, backend: str, remote_ids: Collection[str]) -> frozenset[str]:
    """Return which works a provider announced before their creates were recorded."""
    mine = (WebhookDelivery.backend == backend, WebhookDelivery.remote_id.in_(remote_ids))
    return frozenset((await session.scalars(select(WebhookDelivery.remote_id).where(*mine).distinct())).all())


async def announced_id(session: AsyncSession, attempt_id: UUID) -> str | None:
    """Return the provider's id of the work whose answer was lost, from a delivery to the attempt's own address."""
    query = select(WebhookDelivery.remote_id).where(WebhookDelivery.attempt_id == attempt_id)
    found: str | None = await session.scalar(query.order_by(WebhookDelivery.id).limit(1))
    return found


async def forget_old(session: AsyncSession) -> None:
    """Forget deliveries that no provider will repeat any more."""
    await session.execute(delete(WebhookDelivery).where(WebhookDelivery.created_at < clock.now() - KEPT))


async def _take(
    database: Database, registry: Registry, backend: str, attempt_id: UUID | None, delivery: Delivery
) -> Mapping[str, Any]:
    receiver = registry.get(backend)
    if not isinstance(receiver, WebhookCapable):
        raise _nowhere()
    try:
        hint = await receiver.parse_webhook(delivery)
    except WebhookRefused as refusal:
        log.warning("jobs.delivery_refused", backend=backend, attempt_id=str(attempt_id or ""), why=str(refusal))
        message = _("The delivery was not believed: %(why)s") % {"why": refusal}
        raise Invalid("webhooks.refused", message) from refusal
    if hint.remote_id:
        async with database.transaction() as session:
            await _note(session, backend, attempt_id, hint)
    return hint.answer or {"received": True}


async def _note(session: AsyncSession, backend: str, attempt_id: UUID | None, hint: WebhookHint) -> None:
    """Write a delivery down once, and make its attempt due; one for other work than its address names does nothing."""
    values = {
        "id": new_id(),
        "created_at": clock.now(),
        "backend": backend,
        "event_id": hint.event_id,
        "remote_id": hint.remote_id,
        "attempt_id": attempt_id,
        "status": hint.status[:80],
    }
    fresh = await session.scalar(
        insert(WebhookDelivery).values(values).on_conflict_do_nothing().returning(WebhookDelivery.id)
    )
    if fresh is None:
        return
    remote_id = Attempt.handle["remote_id"].astext
    due = (
        update(Attempt)
        .where(Attempt.backend == backend, Attempt.state.in_(POLLED), remote_id == cast(hint.remote_id, Text))
        .values(next_due_at=clock.now())
    )
    if attempt_id is not None:
        due = due.where(Attempt.id == attempt_id)
        lost = select(Attempt.id).where(Attempt.id == attempt_id, Attempt.state.in_(ANSWER_LOST))
        if await session.scalar(lost) is not None:
            nudge(session, "jobs.recover", attempt_id)
    await session.execute(due.execution_options(synchronize_session=False))
    await events.wake(session)


def _demand(subject: UUID | str, token: str) -> None:
    if not hmac.compare_digest(token.encode(), token_of(subject).encode()):
        raise _nowhere()


def _nowhere() -> NotFound:
    return NotFound("webhooks.unknown_address", _("Nothing is announced at this address."))
