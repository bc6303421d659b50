"""Celery: settings and queues. The database is the truth; a message that is lost, late or doubled changes nothing.

The figures come from measurements: redelivery after a killed worker needs late acknowledgement, rejection on worker
loss, a visibility timeout above every time limit and a short restore interval; countdown and eta are never used.
"""

from __future__ import annotations

from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_shutdown, worker_shutdown
from kombu.entity import Exchange, Queue

from app.core.config import get_settings
from app.core.logging import set_up_logging
from app.core.queue import QUEUES
from worker import runtime

VISIBILITY_SECONDS = 900
HARD_LIMIT_SECONDS = 840
SOFT_LIMIT_SECONDS = 780


def make_app() -> Any:
    """Return the Celery application of a worker."""
    app: Any = _celery("reelroom", broker=get_settings().redis_url)
    app.conf.update(
        imports=("worker.tasks.jobs", "worker.tasks.exports", "worker.tasks.assistant", "worker.tasks.upkeep"),
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_time_limit=HARD_LIMIT_SECONDS,
        task_soft_time_limit=SOFT_LIMIT_SECONDS,
        task_default_queue=QUEUES[0],
        task_create_missing_queues=False,
        task_queues=[_queue(name) for name in QUEUES],
        worker_prefetch_multiplier=1,
        worker_soft_shutdown_timeout=3,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "visibility_timeout": VISIBILITY_SECONDS,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
        },
    )
    return app


def _celery(name: str, *, broker: str) -> Any:
    make: Any = Celery
    return make(name, broker=broker)


def _queue(name: str) -> Any:
    make: Any = Queue
    exchange: Any = Exchange
    return make(name, exchange(name), routing_key=name)


app = make_app()


@setup_logging.connect
def _log(**_more: Any) -> None:
    settings = get_settings()
    set_up_logging(settings.log_level, settings.log_format)


@worker_process_shutdown.connect
@worker_shutdown.connect
def _close(**_more: Any) -> None:
    runtime.close()
