"""Processes notice what owners change without a restart, and nothing that runs is broken by it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text

from app.accounts.schemas import SYSTEM
from app.backends.errors import BackendError
from app.backends.registry import Registry
from app.core import clock
from app.core.config import Settings
from app.core.db import Database
from app.core.errors import Conflict, NotFound
from app.events.models import OutboxEvent
from app.providers import catalogue, retirement, service
from app.providers.registry import LiveRegistry
from app.providers.schemas import AccountInput

KEY = "sk-very-secret-key-0001"


async def edit(database, settings, model: str, **values) -> None:
    """Change a model of the studio."""
    async with database.transaction() as session:
        await catalogue.change_model(session, settings, SYSTEM, "studio", model, values)


async def test_an_account_that_is_added_can_be_used_without_a_restart(registry, studio, videos):
    assert "studio" not in registry.names()
    await registry.refresh()
    assert [offer.caps.model for offer in registry.models() if offer.backend == "studio"] == ["video-1"]
    assert await registry.get("studio").check()
    assert KEY not in repr(registry.config("studio"))


async def test_what_did_not_change_keeps_its_connections(registry, studio, database, settings):
    await registry.refresh()
    before, animatic = registry.get("studio"), registry.get("animatic")
    async with database.transaction() as session:
        await service.add(session, settings, SYSTEM, "other", "openai_videos", given_of("https://api.example.com"))
    await registry.refresh()
    assert registry.get("studio") is before and registry.get("animatic") is animatic
    await registry.refresh()
    assert registry.get("studio") is before


def given_of(url: str):
    """Return an account without a key."""
    return AccountInput(base_url=url, profile="cloud")


async def test_a_request_under_way_is_not_cut_off_by_a_change(registry, studio, database, settings):
    await registry.refresh()
    got, go_on = asyncio.Event(), asyncio.Event()

    async def step() -> str:
        backend = registry.get("studio")
        got.set()
        await go_on.wait()
        return await backend.check()

    running = asyncio.create_task(step())
    await got.wait()
    await edit(database, settings, "video-1", prompt_max=100)
    await registry.refresh()
    assert registry.caps("studio", "video-1").prompt_max == 100
    go_on.set()
    assert "answered" in await running


async def test_a_replaced_backend_is_closed_once_nobody_holds_it(registry, studio, database, settings):
    await registry.refresh()

    async def take():
        return registry.get("studio")

    old = await asyncio.create_task(take())
    await edit(database, settings, "video-1", prompt_max=100)
    await registry.refresh()
    with pytest.raises(RuntimeError, match="closed"):
        await old.check()


async def test_the_setting_wins_over_an_account_of_the_same_name(database, settings, studio):
    over = settings.model_copy(
        update={"backends": '[studio]\nkind = "openai_videos"\nprofile = "vllm"\nbase_url = "http://farm:1"'}
    )
    assert isinstance(over, Settings)
    made = LiveRegistry(over, database)
    await made.refresh()
    assert made.config("studio").profile == "vllm"
    assert made.config("studio").api_key is None
    await made.aclose()


async def test_a_nonsense_row_stops_its_backend_only_and_says_why(registry, studio, database):
    async with database.transaction() as session:
        await session.execute(
            text(
                "insert into catalogue_rows (id, created_at, updated_at, backend, model, values, enabled)"
                " values (gen_random_uuid(), now(), now(), 'studio', 'video-1', '{\"durations\": [-4]}', true)"
            )
        )
    await registry.refresh()
    assert "animatic" in registry.names()
    with pytest.raises(NotFound, match=r"video-1.*durations lie between 0 and 3600 s"):
        registry.get("studio")


async def test_a_backend_that_breaks_goes_on_for_what_runs(registry, studio, database, settings, given):
    await registry.refresh()
    async with database.transaction() as session:
        await service.change(session, settings, SYSTEM, "studio", replace(given, profile="nonsense"))
    await registry.refresh()
    assert await registry.get("studio").check()
    with pytest.raises(NotFound, match="needs a profile"):
        registry.caps("studio", "video-1")


async def test_a_lost_encryption_key_is_told_and_stops_no_other(database, settings, studio):
    made = LiveRegistry(settings.model_copy(update={"encryption_keys": SecretStr("z" * 40)}), database)
    await made.refresh()
    with pytest.raises(NotFound, match="enter it again"):
        made.get("studio")
    assert "animatic" in made.names()
    await made.aclose()


async def test_a_disabled_backend_gets_no_new_work_and_is_still_followed(registry, studio, database):
    async with database.transaction() as session:
        await service.enable(session, SYSTEM, "studio", enabled=False)
    await registry.refresh()
    assert [offer for offer in registry.models() if offer.backend == "studio"] == []
    with pytest.raises(Conflict, match="disabled"):
        registry.caps("studio", "video-1")
    assert registry.known("studio", "video-1").model == "video-1"
    assert await registry.get("studio").check()


async def test_a_disabled_model_is_not_offered(registry, studio, database, settings):
    async with database.transaction() as session:
        await catalogue.enable_model(session, settings, SYSTEM, "studio", "video-1", enabled=False)
        await catalogue.enable_model(session, settings, SYSTEM, "animatic", "animatic-1", enabled=False)
    await registry.refresh()
    assert registry.models() == ()
    with pytest.raises(Conflict, match="video-1 of studio is disabled"):
        registry.caps("studio", "video-1")


async def test_a_withdrawn_model_is_not_offered_and_is_announced_once(registry, studio, database, settings):
    gone = (clock.now() - timedelta(days=1)).date().isoformat()
    await edit(database, settings, "video-1", retires_on=gone)
    await registry.refresh()
    with pytest.raises(Conflict, match=f"withdrew the model video-1 on {gone}"):
        registry.caps("studio", "video-1")
    async with database.transaction() as session:
        assert await retirement.announce(session, registry) == 1
        assert await retirement.announce(session, registry) == 0
    async with database.transaction() as session:
        events = (await session.scalars(select(OutboxEvent).where(OutboxEvent.name == "providers.model_retired"))).all()
    assert [event.payload for event in events] == [
        {"backend": "studio", "model": "video-1", "why": f"Withdrawn on {gone}."}
    ]


async def test_a_model_that_goes_within_a_month_is_warned_of(registry, studio, database, settings):
    for days, warned in ((29, ["video-1"]), (40, [])):
        await edit(database, settings, "video-1", retires_on=(clock.now() + timedelta(days=days)).date().isoformat())
        await registry.refresh()
        found = retirement.retirements(registry)
        assert [offer.caps.model for offer in found.soon] == warned and found.gone == ()


async def test_without_a_database_the_backends_of_the_setting_work(settings, database):
    nowhere = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    made = await LiveRegistry.open(settings, nowhere)
    assert isinstance(made, Registry) and "animatic" in made.names()
    await made.aclose()
    await nowhere.close()


async def test_a_wrong_key_is_told_without_the_key(registry, studio, database, settings):
    async with database.transaction() as session:
        await service.set_secret(session, settings, SYSTEM, "studio", "api_key", SecretStr("sk-wrong-key-9999999"))
    await registry.refresh()
    with pytest.raises(BackendError) as caught:
        await registry.get("studio").check()
    assert "wrong-key" not in str(caught.value)
