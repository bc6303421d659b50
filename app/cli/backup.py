"""`reelroom backup FILE` and `reelroom restore FILE`: a whole installation in one file, and back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import Data, chosen, tell
from app.core.config import read_settings
from app.core.errors import Conflict
from app.embedded.installation import reached

if TYPE_CHECKING:
    from app.embedded.backup import Manifest

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup, one tar file.")]


def backup(file: File, data: Data = None) -> None:
    """Write the database and all media to one file; people may go on working meanwhile."""
    from app.embedded.backup import back_up, require_place  # SQLAlchemy and the stores are slow to import

    require_place(file.absolute())
    with reached(read_settings(**chosen(data_folder=data)), tell) as found:
        made = asyncio.run(back_up(found.settings, file.absolute()))
    tell(f"{file}: {_held(made)}, revision {made.revision}.")


def restore(file: File, data: Data = None) -> None:
    """Restore a backup into an empty installation, and prove that it is equal."""
    from app.embedded.restoring import require_whole  # SQLAlchemy and the stores are slow to import
    from app.embedded.restoring import restore as put_back

    require_whole(file)
    settings = read_settings(**chosen(data_folder=data))
    with reached(settings, tell) as found:
        if found.attached and not (settings.database_url and settings.redis_url):
            raise Conflict(
                "backup.in_use", "Reelroom runs on this data folder: stop it (`reelroom stop`), then restore."
            )
        back = asyncio.run(put_back(found.settings, file))
    tell(f"Restored and verified {_held(back)}. `reelroom up` brings it to this version if it is older.")


def _held(made: Manifest) -> str:
    from app.embedded.backup import MEDIA

    media = sum(name.startswith(MEDIA) for name in made.files)
    return f"{len(made.tables)} tables, {sum(each.rows for each in made.tables.values())} rows, {media} media files"
