"""A lost create on Ark: found by its seed, shown to be absent, or left to a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from ark_account import MINI, WISH, backend_at, server

from app.backends.ark import ArkBackend
from app.backends.base import GenRequest, SubmitContext
from app.backends.errors import BackendError
from app.backends.testing.contract.subject import context_for
from app.backends.testing.fake_ark import ArkTask
from app.core import clock


async def lost(backend: ArkBackend, wish: GenRequest) -> SubmitContext:
    """Submit a wish whose answer gets lost, and return what surrounded it."""
    context = context_for(backend, wish)
    with pytest.raises(BackendError) as caught:
        await backend.submit(wish, context)
    assert caught.value.outcome_unknown
    return context


async def test_a_lost_create_is_found_by_its_seed_behind_pages_of_newer_work() -> None:
    with server() as (fake, control):
        backend = backend_at(control.url)
        wish = replace(WISH, prompt="The lost one. [[fake:drop_after]]")
        context = await lost(backend, wish)
        (first,) = control.jobs()
        for number in range(230):
            fake._tasks[f"cgt-{number}"] = ArkTask(
                f"cgt-{number}", {"model": MINI, "content": []}, fake.clock.now(), {}
            )
        found = await backend.find(replace(wish, assets=()), context)
        await backend.aclose()
        lists = [entry["query"]["page_num"] for entry in control.requests() if entry["method"] == "GET"]
    assert found is not None
    assert found.remote_id == first["id"]
    assert 0 <= first["seed"] < 2**31
    assert lists == ["1", "2", "3", "4"], "Only an empty page ends the list."


async def test_older_work_ends_the_search() -> None:
    with server() as (fake, control):
        backend = backend_at(control.url)
        for number in range(230):
            fake._tasks[f"cgt-{number}"] = ArkTask(f"cgt-{number}", {"model": MINI, "content": []}, 1e9 + number, {})
        with clock.turned(timedelta(hours=1)):
            assert (
                await backend.find(
                    WISH, replace(context_for(backend, WISH), submitted_at=clock.now() - timedelta(minutes=9))
                )
                is None
            )
        await backend.aclose()
        assert len(control.requests()) == 1


async def test_two_tasks_of_a_chosen_seed_are_left_to_a_person() -> None:
    with server() as (_, control):
        backend = backend_at(control.url)
        wish = replace(WISH, seed=42, prompt="[[fake:drop_after]]")
        await lost(backend, wish)
        context = await lost(backend, wish)
        with pytest.raises(BackendError, match="a person must decide") as caught:
            await backend.find(wish, context)
        await backend.aclose()
    assert caught.value.outcome_unknown
    assert caught.value.retry_after is None


async def test_a_task_that_does_not_tell_its_seed_is_neither_taken_nor_denied() -> None:
    with server() as (fake, control):
        backend = backend_at(control.url)
        await backend.submit(replace(WISH, prompt="[[fake:seedless=queued]]"), context_for(backend, WISH))
        context = await lost(backend, replace(WISH, prompt="[[fake:drop_before]]"))
        with clock.turned(timedelta(hours=1)):
            with pytest.raises(BackendError, match="does not tell its seed yet") as caught:
                await backend.find(WISH, context)
            assert caught.value.retry_after
            fake.clock.advance(60)
            assert await backend.find(WISH, context) is None, "It turned out to be another's."
        await backend.submit(replace(WISH, prompt="[[fake:seedless]]"), context_for(backend, WISH))
        fake.clock.advance(60)
        with clock.turned(timedelta(hours=1)), pytest.raises(BackendError, match="tell no seed") as caught:
            await backend.find(WISH, context)
        await backend.aclose()
    assert caught.value.outcome_unknown
    assert caught.value.retry_after is None
