"""Providers: accounts that owners configure, and their sealed secrets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.audit import service as audit
from app.backends.config import BackendConfig
from app.core import clock
from app.core.config import Settings
from app.core.db import lock_for_transaction
from app.core.errors import Conflict, NotFound
from app.core.i18n import _, ngettext
from app.core.sealing import Seal, SealBroken
from app.providers import repository, validating
from app.providers.assembling import configured
from app.providers.models import ProviderAccount, ProviderCheck
from app.providers.schemas import AccountInput, Checked

# Every process has taken up a change by then, so nothing new is begun with what was disabled.
LETTING_GO = timedelta(seconds=10)

InUse = Callable[[AsyncSession, str], Awaitable[int]]
_in_use: list[InUse] = []


def holds_backends(count: InUse) -> InUse:
    """Register a domain above that counts its unfinished work at a backend: such a backend is not deleted."""
    _in_use.append(count)
    return count


async def open_work(session: AsyncSession, name: str) -> int:
    """Return how much unfinished work the domains above have at a backend."""
    return sum([await count(session, name) for count in _in_use])


async def accounts(session: AsyncSession) -> Sequence[ProviderAccount]:
    """Return every account, by name."""
    return await repository.accounts(session)


async def account(session: AsyncSession, name: str, *, for_update: bool = False) -> ProviderAccount:
    """Return an account by its name; raise ``NotFound``."""
    found = await repository.account(session, name, for_update=for_update)
    if found is None:
        message = _("There is no backend %(name)s that was added here.") % {"name": name[:80]}
        raise NotFound("providers.unknown", message, backend=name[:80])
    return found


async def config(session: AsyncSession, settings: Settings, name: str) -> BackendConfig:
    """Return a backend's configuration as it is now; raise ``NotFound``, ``Conflict`` when it cannot be read."""
    found, problems = await configured(session, settings)
    for problem in problems:
        if problem.backend == name:
            raise Conflict("providers.unreadable", problem.message, backend=name)
    for one in found:
        if one.name == name:
            return one
    raise NotFound("providers.unknown", _("There is no backend %(name)s.") % {"name": name[:80]}, backend=name[:80])


async def add(
    session: AsyncSession, settings: Settings, actor: Actor, name: str, kind: str, given: AccountInput
) -> ProviderAccount:
    """Add an account; raise ``Invalid`` at the field that is wrong, ``Conflict`` when the name is taken."""
    validating.check_name(settings, name)
    validating.check_kind(settings, kind)
    await lock_for_transaction(session, "providers")
    if await repository.account(session, name) is not None:
        message = _("There is a backend %(name)s already: choose another name.") % {"name": name}
        raise Conflict("providers.name_taken", message, field="name")
    row = ProviderAccount(name=name, kind=kind)
    _fill(settings, row, given)
    session.add(row)
    await session.flush()
    _audit(session, actor, row, "providers.account_added", kind=kind, base_url=row.base_url)
    return row


async def change(
    session: AsyncSession, settings: Settings, actor: Actor, name: str, given: AccountInput
) -> ProviderAccount:
    """Change an account; raise ``Invalid`` at the field that is wrong. Its name and kind stay: attempts hold them."""
    row = await account(session, name, for_update=True)
    changed = _fill(settings, row, given)
    await session.flush()
    _audit(session, actor, row, "providers.account_changed", changed=changed)
    return row


def _fill(settings: Settings, row: ProviderAccount, given: AccountInput) -> list[str]:
    """Put what was given into a row once all of it is right, and return the names of what became different."""
    values: dict[str, Any] = {
        "options": validating.check_options(given.options),
        "base_url": validating.check_address(row.name, given.base_url, given.options),
        "limits": validating.check_limits(row.name, given.limits),
        "profile": given.profile,
        "account": given.account,
        "region": given.region,
    }
    for field in ("api_key", "webhook_secret"):
        secret = validating.check_secret(row.name, field, getattr(given, field))
        if secret is not None:
            values[f"sealed_{field}"] = _sealed(settings, secret)
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return [name.removeprefix("sealed_") for name in changed]


def _sealed(settings: Settings, secret: SecretStr) -> str | None:
    return Seal(settings.sealing_keys).close(secret) if secret.get_secret_value() else None


async def set_secret(
    session: AsyncSession, settings: Settings, actor: Actor, name: str, field: str, secret: SecretStr
) -> None:
    """Set ``api_key`` or ``webhook_secret`` of an account; an empty one is forgotten."""
    row = await account(session, name, for_update=True)
    checked = validating.check_secret(name, field, secret)
    assert checked is not None
    setattr(row, f"sealed_{field}", _sealed(settings, checked))
    _audit(session, actor, row, "providers.account_changed", changed=[field])


async def enable(session: AsyncSession, actor: Actor, name: str, *, enabled: bool) -> None:
    """Let an account take new work, or stop that; what runs already is followed to its end either way."""
    row = await account(session, name, for_update=True)
    if row.enabled != enabled:
        row.enabled = enabled
        _audit(session, actor, row, "providers.account_enabled" if enabled else "providers.account_disabled")


async def delete(session: AsyncSession, actor: Actor, name: str) -> None:
    """Delete a disabled account, its key and its changed models; raise ``Conflict`` while anything of it is open."""
    row = await account(session, name, for_update=True)
    if row.enabled:
        raise Conflict("providers.enabled", _("Disable this backend first, so that nothing new is begun with it."))
    if clock.now() - row.updated_at < LETTING_GO:
        raise Conflict("providers.letting_go", _("It was changed just now: try again in ten seconds."))
    if unfinished := await open_work(session, name):
        message = ngettext(
            "%(n)s attempt of this backend is not finished. Wait for it, or cancel it, then delete the backend.",
            "%(n)s attempts of this backend are not finished. Wait for them, or cancel them, then delete the backend.",
            unfinished,
        )
        raise Conflict("providers.in_use", message % {"n": unfinished}, open=unfinished)
    await repository.forget(session, name)
    await session.delete(row)
    _audit(session, actor, row, "providers.account_deleted", kind=row.kind)


async def rotate_keys(session: AsyncSession, settings: Settings, actor: Actor) -> tuple[int, list[str]]:
    """Seal every secret with the newest key; return how many, and the accounts whose secret no key opens."""
    seal, renewed, broken = Seal(settings.sealing_keys), 0, []
    for row in await repository.accounts(session, for_update=True):
        for field in ("sealed_api_key", "sealed_webhook_secret"):
            sealed = getattr(row, field)
            if not sealed:
                continue
            try:
                setattr(row, field, seal.renew(sealed))
                renewed += 1
            except SealBroken:
                broken.append(row.name)
    _audit(session, actor, None, "providers.keys_rotated", secrets=renewed, broken=broken)
    return renewed, broken


async def note_check(session: AsyncSession, name: str, checked: Checked) -> None:
    """Keep what a test of a connection found."""
    await repository.note_check(session, name, checked.passed, checked.words)


async def checks(session: AsyncSession, names: Sequence[str]) -> dict[str, ProviderCheck]:
    """Return the last test of each backend that had one."""
    return await repository.checks(session, names)


def _audit(session: AsyncSession, actor: Actor, row: ProviderAccount | None, action: str, **facts: Any) -> None:
    audit.record(
        session,
        action,
        actor_id=actor.id,
        actor_name=actor.name,
        subject_kind="provider_account",
        subject_id=row.id if row is not None else None,
        **({"name": row.name, **facts} if row is not None else facts),
    )
