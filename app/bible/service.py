"""The bible: characters found in scripts, and described by people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.bible.models import Character
from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import _
from app.core.text import clean_line
from app.events import service as events

MOST_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A character a script mentions, with what it says of them."""

    name: str
    description: str = ""


class CharacterInput(BaseModel):
    """What somebody says of a character."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore")

    looks: str = Field(default="", max_length=2000)
    wardrobe: str = Field(default="", max_length=2000)
    notes: str = Field(default="", max_length=4000)
    voice_sex: str = Field(default="", pattern="^(|female|male|child)$")
    voice_pitch: int | None = Field(default=None, ge=0, le=100)
    voice_speed: int | None = Field(default=None, ge=50, le=200)


async def of_project(session: AsyncSession, project_id: UUID) -> Sequence[Character]:
    """Return a project's characters by name (at most 1,000)."""
    query = select(Character).where(Character.project_id == project_id)
    return (await session.scalars(query.order_by(func.lower(Character.name)).limit(MOST_CHARACTERS))).all()


async def page(session: AsyncSession, project_id: UUID, *, after: str = "", limit: int = 100) -> Sequence[Character]:
    """Return a project's characters by name, those behind the name ``after``."""
    name = func.lower(Character.name)
    query = select(Character).where(Character.project_id == project_id, name > func.lower(after))
    return (await session.scalars(query.order_by(name).limit(limit))).all()


async def get(session: AsyncSession, project_id: UUID, character_id: UUID) -> Character:
    """Return a character of this very project."""
    row = await session.get(Character, character_id)
    if row is None or row.project_id != project_id:
        raise NotFound("bible.character_unknown", _("There is no such character in this project."))
    return row


async def by_name(session: AsyncSession, project_id: UUID) -> dict[str, Character]:
    """Return a project's characters under each of their names."""
    names: dict[str, Character] = {}
    for row in await of_project(session, project_id):
        for name in (row.name, *row.aliases):
            names.setdefault(name.casefold(), row)
    return names


async def add(session: AsyncSession, project_id: UUID, name: str) -> Character:
    """Add a character nobody has written about yet."""
    name = clean_line(name, 80)
    if not name:
        raise Invalid("bible.name", _("Give the character a name."), field="name")
    if name.casefold() in await by_name(session, project_id):
        message = _("There is a character called %(name)s already.") % {"name": name}
        raise Conflict("bible.name_taken", message, field="name")
    row = Character(project_id=project_id, name=name)
    session.add(row)
    await session.flush()
    return row


async def ensure(session: AsyncSession, project_id: UUID, found: Sequence[Mentioned]) -> None:
    """Add the characters a breakdown found; a description by a person is never overwritten."""
    known = await by_name(session, project_id)
    for each in found:
        name = clean_line(each.name, 80)
        row = known.get(name.casefold())
        if row is None and name:
            row = Character(project_id=project_id, name=name, looks=each.description, from_script=each.description)
            session.add(row)
            known[name.casefold()] = row
        elif row is not None and each.description and row.from_script != each.description:
            if row.looks in ("", row.from_script):
                row.looks = each.description
            row.from_script = each.description
    await session.flush()


async def describe(session: AsyncSession, character: Character, given: CharacterInput) -> None:
    """Change a character's description; the shots they appear in learn of it through an event."""
    character.looks, character.wardrobe, character.notes = given.looks, given.wardrobe, given.notes
    character.voice = voice_settings(given)
    await session.flush()
    await events.emit(session, "bible.character_changed", character.project_id, character_id=str(character.id))


def voice_settings(given: CharacterInput) -> dict[str, Any]:
    """Return what the scratch voice reads (``app.media.voices``): only what somebody chose."""
    voice: dict[str, Any] = {}
    if given.voice_sex == "child":
        voice["age"] = "child"
    elif given.voice_sex:
        voice["gender"] = given.voice_sex
    if given.voice_pitch is not None:
        voice["pitch"] = given.voice_pitch
    if given.voice_speed is not None:
        voice["tempo"] = given.voice_speed / 100
    return voice


def voice_input(voice: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of ``CharacterInput`` that a voice was chosen by: what ``voice_settings`` undoes."""
    speed = round(voice["tempo"] * 100) if "tempo" in voice else None
    sex = voice.get("gender") or voice.get("age") or ""
    return {"voice_sex": sex, "voice_pitch": voice.get("pitch"), "voice_speed": speed}


async def set_reference(session: AsyncSession, character: Character, key: str | None, content_type: str) -> None:
    """Give a character a reference picture, or take it away."""
    character.reference_key, character.reference_type = key, content_type
    await session.flush()
    await events.emit(session, "bible.character_changed", character.project_id, character_id=str(character.id))


async def referenced_keys(session: AsyncSession) -> Sequence[str]:
    """Return the storage keys the bible refers to, for garbage collection."""
    query = select(Character.reference_key).where(Character.reference_key.is_not(None))
    return [key for key in (await session.scalars(query)).all() if key]


async def rename(session: AsyncSession, project_id: UUID, old: str, new: str, *, keep_alias: bool = False) -> None:
    """Call a character otherwise, the old name kept among the others where wished; raises ``Conflict`` when taken."""
    names = await by_name(session, project_id)
    row = names.get(old.casefold())
    taken = names.get(new.casefold())
    if taken is not None and taken is not row:
        message = _("There is a character called %(name)s already.") % {"name": new}
        raise Conflict("bible.name_taken", message, field="new")
    if row is None:
        return
    if row.name.casefold() == old.casefold():
        row.name = new
    aliases = [new if alias.casefold() == old.casefold() else alias for alias in row.aliases]
    if keep_alias:
        aliases.append(old)
    row.aliases = list(dict.fromkeys(alias for alias in aliases if alias.casefold() != row.name.casefold()))
    await session.flush()
