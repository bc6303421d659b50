"""What an installation holds on disk, and what nobody refers to any more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.audit import service as audit
from app.bible import service as bible
from app.core import clock
from app.exports import service as exports
from app.media.garbage import GRACE, unreferenced
from app.media.storage import Storage, StoredObject
from app.shots import service as shots
from app.takes import service as takes

# Finished segments and decoded sound can be made again; they are kept this long because they make the next export fast.
CACHE_KINDS = ("segment/", "sound/")
CACHE_DAYS = 30


@dataclass(slots=True)
class Use:
    """Bytes and objects of each kind in the store; ``garbage`` lists what nothing refers to."""

    bytes: dict[str, int] = field(default_factory=dict)
    objects: dict[str, int] = field(default_factory=dict)
    garbage: list[StoredObject] = field(default_factory=list)
    free: int | None = None

    @property
    def total(self) -> int:
        """All bytes in the store."""
        return sum(self.bytes.values())

    @property
    def garbage_bytes(self) -> int:
        """Bytes that a collection would free."""
        return sum(one.size for one in self.garbage)


async def referenced(session: AsyncSession) -> frozenset[str]:
    """Return every key something still refers to."""
    found: set[str] = set()
    for keys in (
        await takes.referenced_keys(session),
        await shots.referenced_keys(session),
        await bible.referenced_keys(session),
        await exports.referenced_keys(session),
    ):
        found.update(keys)
    return frozenset(found)


async def measure(session: AsyncSession, storage: Storage) -> Use:
    """Walk the store and return what is in it; a dry run of ``collect``."""
    kept, use, now = await referenced(session), Use(), clock.now()
    stored: list[StoredObject] = []
    async for one in storage.list():
        kind = one.key.partition("/")[0]
        use.bytes[kind] = use.bytes.get(kind, 0) + one.size
        use.objects[kind] = use.objects.get(kind, 0) + 1
        stored.append(one)
    async for one in unreferenced(_each(stored), kept, now):
        cached = one.key.startswith(CACHE_KINDS) and one.modified > now - timedelta(days=CACHE_DAYS)
        if not cached:
            use.garbage.append(one)
    use.free = await storage.free_bytes()
    return use


async def collect(session: AsyncSession, storage: Storage, actor: Actor, garbage: Sequence[StoredObject]) -> int:
    """Delete what a measurement found, sparing whatever was stored again since; return the bytes freed."""
    freed = 0
    for one in garbage:
        if await storage.delete(one.key, put_before=clock.now() - GRACE):
            freed += one.size
    audit.record(
        session,
        "storage.collected",
        actor_id=actor.id,
        actor_name=actor.name,
        subject_kind="storage",
        subject_id=None,
        bytes=freed,
        objects=len(garbage),
    )
    return freed


async def _each(stored: Sequence[StoredObject]) -> AsyncIterator[StoredObject]:
    for one in stored:
        yield one
