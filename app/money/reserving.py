"""Setting money aside before anything is bought, and what becomes of it: settled at what was paid, or freed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import lock_for_transaction
from app.core.i18n import _
from app.core.money import Money
from app.money import rates, repository, rules, service
from app.money.models import LedgerEntry
from app.money.rules import Rules
from app.money.schemas import (
    AVAILABLE,
    RESERVED,
    SPENT,
    Hold,
    Line,
    Position,
    Purchase,
    Rate,
    Reservation,
    crossed,
)
from app.projects.models import Project

Places = tuple[tuple[UUID | None, Position], ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a batch would do to the budgets, before it is wished for.

    ``low`` and ``high`` are in the project's currency where there is a rate. ``lines`` holds the highest line it would
    cross of each budget, ``hold`` why all or some of it would wait, and ``asks`` whether a producer would be asked.
    """

    low: Money
    high: Money
    rate: Rate | None
    lines: tuple[Line, ...]
    hold: Hold | None
    asks: bool


class Purse:
    """The money of one project while attempts are reserved from it in one transaction, asked for once and counted on.

    The first price takes the project's lock, which holds until the commit: nobody else reserves in between.
    """

    def __init__(self, session: AsyncSession, project: Project) -> None:
        self._session, self._project = session, project
        self._rules: Rules | None = None
        self._at: dict[UUID | None, Position] = {}
        self._of_roles: dict[str, Position | None] = {}
        self._rates: dict[str, Rate | Hold | None] = {}

    async def reserve(self, purchase: Purchase) -> Reservation | Hold:
        """Set the price cap of an attempt aside before it is bought, in the project's currency; or say why not."""
        if purchase.cap.micros == 0:
            return Reservation(purchase.cap)
        asked = await self._opened()
        if hold := _paused(self._project):
            return hold
        rate = await self._rate(purchase.cap.currency)
        if isinstance(rate, Hold):
            return rate
        amount, batch = (changed(rate, each) for each in (purchase.cap, purchase.batch))
        if not _agreed(purchase) and asked.asks(amount, batch):
            return _ask(asked, amount, batch)
        places, of_role = await self._places(purchase.episode_id), await self._of_role(purchase.spender.role)
        if hold := _room(places, of_role, amount):
            return hold
        self._session.add(_reserved(self._project, purchase, amount))
        await rules.tell_crossed(self._session, self._project, places, amount, asked.lines)
        self._count(purchase, amount)
        return Reservation(amount, rate)

    async def _opened(self) -> Rules:
        if self._rules is None:
            await lock_for_transaction(self._session, f"money.{self._project.id}")
            self._rules = await rules.of_project(self._session, self._project.id)
        return self._rules

    async def _rate(self, currency: str) -> Rate | Hold | None:
        if currency not in self._rates:
            self._rates[currency] = await _rate(self._session, self._project, currency)
        return self._rates[currency]

    async def _places(self, episode_id: UUID) -> Places:
        for place in (None, episode_id):
            if place not in self._at:
                self._at[place] = await service.position(self._session, self._project, place)
        return (None, self._at[None]), (episode_id, self._at[episode_id])

    async def _of_role(self, role: str) -> Position | None:
        if role not in self._of_roles:
            self._of_roles[role] = await service.role_position(self._session, self._project, role)
        return self._of_roles[role]

    def _count(self, purchase: Purchase, amount: Money) -> None:
        for place in (None, purchase.episode_id):
            self._at[place] = _after(self._at[place], amount)
        if of_role := self._of_roles[purchase.spender.role]:
            self._of_roles[purchase.spender.role] = _after(of_role, amount)


def _after(at: Position, amount: Money) -> Position:
    return replace(at, reserved=at.reserved + amount.micros)


async def reserve(session: AsyncSession, project: Project, purchase: Purchase) -> Reservation | Hold:
    """Set the price cap of one attempt aside before it is bought; or say why it waits."""
    told = await Purse(session, project).reserve(purchase)
    await session.flush()
    return told


async def settle(session: AsyncSession, attempt_id: UUID, actual: Money) -> None:
    """Turn a reservation into what was really paid, in its currency, and free the rest; twice changes nothing."""
    await _end(session, attempt_id, actual)


async def release(session: AsyncSession, attempt_id: UUID) -> None:
    """Free a reservation, because nothing was charged; doing it twice changes nothing."""
    await _end(session, attempt_id, None)


async def _end(session: AsyncSession, attempt_id: UUID, actual: Money | None) -> None:
    entries = await repository.entries_of(session, attempt_id)
    held = entries.get("reserve")
    if held is None or "release" in entries:
        return
    session.add(follow_up(held, "release", RESERVED, AVAILABLE, held.amount_micros))
    if actual is not None:
        if actual.currency != held.currency:
            raise ValueError(f"{held.currency} was reserved, so {actual.currency} cannot be settled.")
        session.add(follow_up(held, "settle", AVAILABLE, SPENT, actual.micros))
    await session.flush()


async def forecast(
    session: AsyncSession, project: Project, episode_id: UUID, role: str, low: Money, high: Money, *, dearest: Money
) -> Forecast:
    """Say what wishing for a batch would do: ``high`` is its price at most, ``dearest`` that of one generation."""
    if high.micros == 0:
        return Forecast(low, high, None, (), None, asks=False)
    rate = await _rate(session, project, high.currency)
    if isinstance(rate, Hold):
        return Forecast(low, high, None, (), _paused(project) or rate, asks=False)
    low, high, dearest = (changed(rate, each) for each in (low, high, dearest))
    asked = await rules.of_project(session, project.id)
    places = await _places(session, project, episode_id)
    hold = _paused(project) or _room(places, await service.role_position(session, project, role), high)
    over = [
        Line(place, found[-1])
        for place, at in places
        if (found := crossed(at.used, at.used + high.micros, at.limit, asked.lines))
    ]
    return Forecast(low, high, rate, tuple(over), hold, asked.asks(dearest, high))


def changed(rate: Rate | None, amount: Money) -> Money:
    """Return an amount at a rate; without one it is in the right currency already."""
    return rate.convert(amount) if rate else amount


def follow_up(held: LedgerEntry, kind: str, source: str, target: str, micros: int) -> LedgerEntry:
    """Return a further movement of what was reserved: of the same attempt, person and place."""
    return LedgerEntry(
        project_id=held.project_id,
        episode_id=held.episode_id,
        attempt_id=held.attempt_id,
        kind=kind,
        source=source,
        target=target,
        amount_micros=micros,
        currency=held.currency,
        actor_id=held.actor_id,
        role=held.role,
        backend=held.backend,
        model=held.model,
    )


def _reserved(project: Project, purchase: Purchase, amount: Money) -> LedgerEntry:
    return LedgerEntry(
        project_id=project.id,
        episode_id=purchase.episode_id,
        attempt_id=purchase.attempt_id,
        kind="reserve",
        source=AVAILABLE,
        target=RESERVED,
        amount_micros=amount.micros,
        currency=amount.currency,
        actor_id=purchase.spender.actor_id,
        role=purchase.spender.role,
        backend=purchase.backend,
        model=purchase.model,
    )


def _paused(project: Project) -> Hold | None:
    if project.spending_paused_at is None:
        return None
    return Hold("money.paused", _("Spending is paused for this project. A producer can resume it."))


async def _rate(session: AsyncSession, project: Project, currency: str) -> Rate | Hold | None:
    if currency == project.currency:
        return None
    rate = await rates.newest(session, project.team_id, currency, project.currency)
    if rate is not None:
        return rate
    words = _(
        "The price is in %(price)s and the budget in %(budget)s, and no exchange rate is known. A producer enters one "
        "on the page Exchange rates, under Budget."
    )
    return Hold("money.currency", words % {"price": currency, "budget": project.currency})


def _agreed(purchase: Purchase) -> bool:
    agreed = purchase.approved
    return agreed is not None and agreed.currency == purchase.cap.currency and agreed.micros >= purchase.cap.micros


def _ask(asked: Rules, amount: Money, batch: Money) -> Hold:
    if asked.single is not None and amount.micros > asked.single:
        words = _("Waits for a producer's approval: this generation may cost %(amount)s.") % {"amount": amount}
    else:
        words = _("Waits for a producer's approval: what was wished for together may cost %(amount)s.")
        words = words % {"amount": batch}
    return Hold("money.approval", words)


async def _places(session: AsyncSession, project: Project, episode_id: UUID) -> Places:
    """Return where the money of the project (None) and of the episode stands."""
    whole = await service.position(session, project)
    return (None, whole), (episode_id, await service.position(session, project, episode_id))


def _room(places: Places, of_role: Position | None, amount: Money) -> Hold | None:
    if places[0][1].limit is None:
        return Hold("money.no_budget", _("The project has no budget yet. A producer sets one to open paid generation."))
    for _place, at in places:
        if at.left is not None and at.left < amount.micros:
            words = _("Over budget: %(cap)s would be reserved and %(left)s is left. A producer can raise the budget.")
            return Hold("money.over_budget", words % {"cap": amount, "left": _left(at)})
    if of_role is not None and of_role.left is not None and of_role.left < amount.micros:
        words = _(
            "Over the budget of your role: %(cap)s would be reserved and %(left)s is left. Ask a producer to raise it."
        )
        return Hold("money.over_role_budget", words % {"cap": amount, "left": _left(of_role)})
    return None


def _left(at: Position) -> Money:
    return Money(max(at.left or 0, 0), at.currency)


async def correct(
    session: AsyncSession, project: Project, purchase: Purchase, target: Money, *, line_id: UUID, note: str
) -> Money:
    """Book that an attempt cost ``target`` after all, for a line of an invoice; return the difference that was moved.

    What is booked of it already, corrections too, counts; a difference of nothing moves nothing.
    """
    await lock_for_transaction(session, f"money.{project.id}")
    entries = await repository.every_entry_of(session, purchase.attempt_id)
    booked = sum(_into_spent(entry) for entry in entries)
    difference = target.micros - booked
    if difference:
        held = next(iter(entries), None) or _reserved(project, purchase, target)
        source, to = (AVAILABLE, SPENT) if difference > 0 else (SPENT, AVAILABLE)
        entry = follow_up(held, "correct", source, to, abs(difference))
        entry.invoice_line_id, entry.note = line_id, note[:300]
        session.add(entry)
        await session.flush()
    return Money(difference, target.currency)


def _into_spent(entry: LedgerEntry) -> int:
    if entry.target == SPENT:
        return entry.amount_micros
    return -entry.amount_micros if entry.source == SPENT else 0
