"""What tests share beside fixtures."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from app.core import queue
from app.core.config import Settings, get_settings
from app.embedded.postgres import Postgres
from app.embedded.valkey import Valkey

PASSWORD = "correct horse battery"
TEMPLATE = "template_reelroom"


@dataclass(frozen=True, slots=True)
class Services:
    """The servers of one test run."""

    postgres: Postgres
    valkey: Valkey
    folder: Path


def configure(**values: str) -> Settings:
    """Set settings in the environment and forget the ones read before."""
    os.environ.update(values)
    get_settings.cache_clear()
    queue.producer.cache_clear()
    return get_settings()
