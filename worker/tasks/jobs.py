"""Steps of jobs: one line a task."""

from __future__ import annotations

from uuid import UUID

from app.jobs import buying, fetching, following, recovering
from worker import runtime
from worker.celery_app import app


@app.task(name="jobs.advance")
def advance(job_id: str) -> None:
    """Reserve and buy the next attempt of a waiting job."""
    runtime.run(buying.advance(runtime.current().engine, UUID(job_id)))


@app.task(name="jobs.submit")
def submit(attempt_id: str) -> None:
    """Buy a reserved attempt."""
    runtime.run(buying.submit(runtime.current().engine, UUID(attempt_id)))


@app.task(name="jobs.recover")
def recover(attempt_id: str) -> None:
    """Find out what became of an attempt whose answer was lost."""
    runtime.run(recovering.recover(runtime.current().engine, UUID(attempt_id)))


@app.task(name="jobs.cancel")
def cancel(attempt_id: str) -> None:
    """Tell a provider to stop."""
    runtime.run(following.cancel(runtime.current().engine, UUID(attempt_id)))


@app.task(name="jobs.fetch")
def fetch(attempt_id: str) -> None:
    """Fetch a result and make it a take."""
    runtime.run(fetching.fetch(runtime.current().engine, UUID(attempt_id)))
