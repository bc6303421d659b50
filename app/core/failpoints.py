"""Named places where a process can be made to die, for the tests that prove that nothing is lost there.

``reach`` does nothing unless the setting ``failpoints`` names a folder. A file in it with the name of a place arms that
place once: whoever reaches it first takes the file away and is killed as by ``kill -9``.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

from app.core.config import get_settings

PLACES = (
    "buying.reserved",
    "buying.claimed",
    "buying.answered",
    "buying.recorded",
    "following.answered",
    "following.recorded",
    "fetching.fetched",
    "fetching.stored",
    "fetching.recorded",
)


def reach(place: str) -> None:
    """Die here when ``place`` is armed."""
    folder = get_settings().failpoints
    if not folder:
        return
    try:
        (Path(folder) / place).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
