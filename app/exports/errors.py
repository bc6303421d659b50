"""Why an export stopped: always with a stable code, and naming the shot where one is at fault."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from app.core.errors import Conflict
from app.core.i18n import _

DISK_FULL_WORDS = "No space left on device"


class ExportError(Conflict):
    """The episode could not be exported; ``code`` starts with ``export.`` and ``details`` name what was at fault."""


class ExportCancelled(ExportError):
    """Somebody asked for the export to stop; nothing of it is left behind."""

    def __init__(self) -> None:
        super().__init__("export.cancelled", _("The export was cancelled. Nothing was delivered."))


class DiskFull(ExportError):
    """There is no room for the export: free some and export again; nothing of it is left behind."""

    status: ClassVar[int] = 507

    def __init__(self) -> None:
        super().__init__(
            "export.disk_full",
            _("The disk is full: the export stopped and removed what it had begun. Free some space and export again."),
        )


@contextmanager
def disk_full_named() -> Iterator[None]:
    """Turn an "out of space" of the operating system, inside the block, into ``export.disk_full``."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull from error
        raise
