"""Steps of exports: one line a task."""

from __future__ import annotations

from uuid import UUID

from app.exports import runner
from worker import runtime
from worker.celery_app import app


@app.task(name="exports.run")
def run(export_id: str) -> None:
    """Conform and package an export, from where the last try left off."""
    runtime.run(runner.run(runtime.current().engine, UUID(export_id)))
