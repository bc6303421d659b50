"""How often one may try: counted in Redis, by address and by account."""

from __future__ import annotations

from typing import Any

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError
from starlette.requests import Request

from app.core.config import get_settings
from app.core.errors import TooManyRequests
from app.core.i18n import _

log = structlog.get_logger(__name__)

BY_ADDRESS = RateLimitItemPerMinute(30)
BY_ACCOUNT = RateLimitItemPerMinute(10)


class Tries:
    """The counter of one process, over a connection pool of its own."""

    def __init__(self) -> None:
        url = get_settings().redis_url
        self._pool = ConnectionPool.from_url(url)
        options: dict[str, Any] = {"connection_pool": self._pool, "implementation": "redispy"}
        storage = RedisStorage(f"async+{url}", key_prefix="reelroom:limit", **options)
        self._limiter = MovingWindowRateLimiter(storage)

    async def count(self, address: str, account: str) -> bool:
        """Count one try and tell whether it is allowed."""
        allowed = await self._limiter.hit(BY_ADDRESS, "address", address)
        return await self._limiter.hit(BY_ACCOUNT, "account", account) and allowed

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.disconnect()


async def limit_tries(request: Request, account: str) -> None:
    """Count one try at a password or a link; raises ``TooManyRequests`` beyond 10 a minute an account, 30 an address.

    Without Redis nothing is counted: people can still sign in.
    """
    address = request.client.host if request.client else "unknown"
    try:
        tries: Tries = request.app.state.tries
        allowed = await tries.count(address, account.strip().lower()[:254])
    except (RedisError, OSError) as error:
        log.warning("accounts.not_counted", error=str(error))
        return
    if not allowed:
        message = _("Too many tries. Wait a minute, then try again.")
        raise TooManyRequests("accounts.too_many_tries", message, retry_after=60)
