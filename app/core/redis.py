"""Redis clients: live updates, rate limits and the ping of a worker; nothing that must not be lost."""

from __future__ import annotations

from redis.asyncio import Redis

from app.core.config import get_settings


def open_redis(*, binary: bool = False) -> Redis:
    """Return a client for this process's event loop, of text or of bytes; close it with ``aclose``."""
    return Redis.from_url(
        get_settings().redis_url, decode_responses=not binary, socket_connect_timeout=3, health_check_interval=15
    )
