"""Whether an installation answers: a page over HTTP, and a task that went round through every worker."""

from __future__ import annotations

import http.client
from collections.abc import Callable

from redis import Redis
from redis.exceptions import RedisError

from app.core import queue
from app.core.config import Settings, get_settings
from app.core.ids import new_id

PING = "upkeep.ping"
PING_QUEUES = {"io": "io", "media": "upkeep"}
TIMEOUT_SECONDS = 2.0
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # recognised, not bound


def page_answers(settings: Settings) -> Callable[[], bool]:
    """Return a condition: the web server says that it is ready."""
    host = ANYWHERE.get(settings.host, settings.host)

    def answers() -> bool:
        connection = http.client.HTTPConnection(host, settings.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return answers


def tasks_go_round() -> Callable[[], bool]:
    """Send a task to each worker and return a condition: all have been carried out.

    The task ``upkeep.ping(token)`` writes the key ``reelroom:pong:<token>`` to Redis.
    """
    queue.producer.cache_clear()  # this process may have been pointed at another broker
    missing = set()
    for where in PING_QUEUES.values():
        token = str(new_id())
        queue.producer().send_task(PING, args=[token], queue=where)
        missing.add(f"reelroom:pong:{token}")
    url = get_settings().redis_url

    def went_round() -> bool:
        with Redis.from_url(url, socket_timeout=TIMEOUT_SECONDS) as client:
            try:
                missing.difference_update([key for key in missing if client.exists(key)])
            except RedisError:
                return False
        return not missing

    return went_round
