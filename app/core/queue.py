"""The one place in the app that speaks Celery: messages are nudges, sent after the commit they speak of."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import structlog
from celery import Celery
from kombu.exceptions import OperationalError

from app.core.config import get_settings

log = structlog.get_logger(__name__)

QUEUES = ("io", "media", "upkeep")
URGENT, USUAL = 0, 3  # on Redis a smaller number goes first, each in a list of its own


@dataclass(frozen=True, slots=True)
class Nudge:
    """A task to run soon: its name, its arguments as text, its queue; ``urgent`` ones go first."""

    task: str
    arguments: tuple[str, ...]
    queue: str
    urgent: bool = False


@cache
def producer() -> Any:
    """Return the Celery client of this process: it sends and never waits for results."""
    make: Any = Celery
    client = make("reelroom", broker=get_settings().redis_url, set_as_current=False)
    client.conf.update(
        task_ignore_result=True,
        task_publish_retry=False,
        broker_transport_options={"socket_timeout": 3, "socket_connect_timeout": 3},
    )
    return client


def _send(nudges: Sequence[Nudge]) -> None:
    for each in nudges:
        producer().send_task(
            each.task, args=each.arguments, queue=each.queue, priority=URGENT if each.urgent else USUAL
        )


async def send(nudges: Sequence[Nudge]) -> None:
    """Send nudges; a broker that does not answer costs only time, because the sweep finds the rows."""
    if not nudges:
        return
    try:
        await asyncio.to_thread(_send, nudges)
    except (OperationalError, OSError) as error:
        log.warning("queue.unreachable", error=str(error), nudges=len(nudges))
