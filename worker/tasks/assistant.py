"""Steps of proposals: one line a task."""

from __future__ import annotations

from uuid import UUID

from app.scripts import assistant_steps
from worker import runtime
from worker.celery_app import app


@app.task(name="assistant.ask")
def ask(proposal_id: str) -> None:
    """Ask the text model whose turn it is for a proposal."""
    now = runtime.current()
    now.run(assistant_steps.run(now.engine.database, now.text_models, UUID(proposal_id)))
