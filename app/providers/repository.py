"""Queries of providers; nothing outside this domain uses them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.ids import new_id
from app.providers.models import CatalogueRow, ProviderAccount, ProviderCheck, RetiredModel

# xmin is the transaction that wrote a row: whoever changes one cannot forget to change the stamp.
_STAMP = text(
    "select md5(coalesce(string_agg(mark, ',' order by mark), '')) from ("
    " select concat(id, ':', xmin) as mark from provider_accounts"
    " union all select concat(id, ':', xmin) from catalogue_rows) as marks"
)


async def stamp(session: AsyncSession) -> str:
    """Return what is another text whenever an account or a row of the catalogue has changed."""
    return str(await session.scalar(_STAMP))


async def accounts(session: AsyncSession, *, for_update: bool = False) -> Sequence[ProviderAccount]:
    """Return every account, by name."""
    query = select(ProviderAccount).order_by(ProviderAccount.name)
    return (await session.scalars(query.with_for_update() if for_update else query)).all()


async def account(session: AsyncSession, name: str, *, for_update: bool = False) -> ProviderAccount | None:
    """Return an account by its name."""
    query = select(ProviderAccount).where(ProviderAccount.name == name)
    found: ProviderAccount | None = await session.scalar(query.with_for_update() if for_update else query)
    return found


async def rows(session: AsyncSession, backend: str = "") -> Sequence[CatalogueRow]:
    """Return the changed rows of the catalogue of one backend, or of all."""
    query = select(CatalogueRow).order_by(CatalogueRow.backend, CatalogueRow.id)
    return (await session.scalars(query.where(CatalogueRow.backend == backend) if backend else query)).all()


async def row(session: AsyncSession, backend: str, model: str) -> CatalogueRow | None:
    """Return what is changed of one model."""
    query = select(CatalogueRow).where(CatalogueRow.backend == backend, CatalogueRow.model == model)
    found: CatalogueRow | None = await session.scalar(query.with_for_update())
    return found


async def forget(session: AsyncSession, backend: str) -> None:
    """Delete what belongs to an account that is deleted."""
    for table in (CatalogueRow, ProviderCheck, RetiredModel):
        await session.execute(delete(table).where(table.backend == backend))


async def checks(session: AsyncSession, backends: Iterable[str]) -> dict[str, ProviderCheck]:
    """Return the last check of each backend that had one."""
    query = select(ProviderCheck).where(ProviderCheck.backend.in_(list(backends)))
    return {check.backend: check for check in await session.scalars(query)}


async def note_check(session: AsyncSession, backend: str, passed: bool | None, words: str) -> None:
    """Keep what a check found in place of the one before."""
    values = {"passed": passed, "words": words, "checked_at": clock.now()}
    await session.execute(
        insert(ProviderCheck)
        .values(backend=backend, **values)
        .on_conflict_do_update(index_elements=["backend"], set_=values)
    )


async def note_retired(session: AsyncSession, backend: str, model: str, retires_on: date) -> UUID | None:
    """Keep that owners are told of a retirement; None when they were already."""
    made: UUID | None = await session.scalar(
        insert(RetiredModel)
        .values(id=new_id(), created_at=clock.now(), backend=backend, model=model, retires_on=retires_on)
        .on_conflict_do_nothing()
        .returning(RetiredModel.id)
    )
    return made
