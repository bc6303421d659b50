"""Celery with nothing of ours but its settings, and a task that does nothing: what a step is measured against."""

from __future__ import annotations

from typing import Any

from worker.celery_app import make_app

QUEUE = "upkeep"

app: Any = make_app()
app.conf.update(imports=())


def _nothing(_argument: str) -> None:
    """Do nothing."""


nothing = app.task(name="bare.nothing")(_nothing)
