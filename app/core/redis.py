"""Redis clients: live updates, rate limits and the ping of a worker; nothing that must not be lost."""

from __future__ import annotations

from redis.asyncio import Redis

from app.core.config import get_settings


def open_redis() -> Redis:
    """Return a client for this process's event loop; close it with ``aclose``."""
    return Redis.from_url(
        get_settings().redis_url, decode_responses=True, socket_connect_timeout=3, health_check_interval=15
    )
