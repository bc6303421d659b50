"""Upkeep: the ping that proves a worker is there."""

from __future__ import annotations

from app.core.redis import open_redis
from worker import runtime
from worker.celery_app import app


async def _pong(token: str) -> None:
    redis = open_redis()
    try:
        await redis.set(f"reelroom:pong:{token}", "1", ex=60)
    finally:
        await redis.aclose()


@app.task(name="upkeep.ping")
def ping(token: str) -> None:
    """Answer a ping, so that whoever waits knows that a task has gone round."""
    runtime.run(_pong(token))
