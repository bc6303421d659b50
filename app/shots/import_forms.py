"""A script as it is sent: a file of any kind that is understood, or text in a form."""

from __future__ import annotations

import asyncio

from fastapi import Request
from pydantic import BaseModel, ConfigDict

from app.core.errors import Invalid
from app.core.i18n import _
from app.scripts.formats.files import MOST_BYTES, FileText, read_file
from app.web.forms import read_form


class ImportForm(BaseModel):
    """A script, pasted; or sent as the file ``script``; ``look`` asks for the preview even where nothing is lost."""

    model_config = ConfigDict(extra="ignore")

    text: str = ""
    look: bool = False


async def sent_script(request: Request) -> tuple[FileText, str, bool]:
    """Return the script that was sent, what to call it, and whether it is to be looked at first."""
    form = await read_form(request, ImportForm)
    file = form.file("script")
    if file is not None:
        name = (file.filename or "script").rsplit("/", 1)[-1]
        data = await file.read(MOST_BYTES + 1)
    elif form.value.text.strip():
        name, data = _("pasted text"), form.value.text.encode(errors="replace")
    else:
        raise Invalid("scripts.nothing_sent", _("Choose a file or paste a text first."))
    return await asyncio.to_thread(read_file, data, name), name, form.value.look
