"""The command line adds, keys, checks and tries a backend; keys come by standard input and are never printed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from app.accounts.schemas import SYSTEM
from app.audit.models import AuditEntry
from app.backends.config import BackendConfig
from app.backends.testing.fake_paid import PaidFake
from app.backends.testing.paid import FakePaidBackend
from app.backends.testing.server import serve
from app.core.errors import Conflict
from app.providers import service, trial

KEY = "sk-very-secret-key-0001"
MODELS = {"models": [{"like": "openai-shape", "model": "video-1", "price": {"currency": "USD", "per_second": "0.1"}}]}


def backends(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run `reelroom backends …` on the installation of this test."""
    command = [sys.executable, "-m", "app.cli.main", "backends", *words]
    return subprocess.run(
        command, input=given, capture_output=True, text=True, check=False, timeout=120, env=dict(os.environ)
    )


@pytest.mark.slow
def test_from_nothing_to_a_checked_backend(settings, videos):
    _fake, url = videos
    more = ("--profile", "cloud", "--self-hosted", "--options", json.dumps(MODELS))
    made = backends("add", "studio", "--kind", "openai_videos", "--base-url", f"{url}/v1", *more)
    assert made.returncode == 0, made.stderr
    assert backends("check", "studio").returncode == 1
    keyed = backends("set-key", "studio", given=f"{KEY}\n")
    assert keyed.returncode == 0, keyed.stderr
    checked = backends("check", "studio")
    assert (checked.returncode, checked.stdout) == (0, "The server answered, and it lists its videos for this key.\n")
    dear = backends("check", "studio", "--spend", "0.39")
    assert dear.returncode == 2 and "up to $0.40" in dear.stdout and "nothing was bought" in dear.stderr
    listed = backends("list", "--json")
    assert [one["name"] for one in json.loads(listed.stdout)] == ["animatic", "studio"]
    unreachable = backends("webhook", "studio")
    assert unreachable.returncode == 2 and "REELROOM_PUBLIC_URL" in unreachable.stderr
    rotated = backends("rotate-keys")
    assert rotated.stdout == "1 secret is encrypted with the newest key.\n"
    assert not any(KEY in done.stdout + done.stderr for done in (keyed, checked, dear, listed, rotated))


@pytest.mark.slow
def test_bad_input_is_said_and_exits_with_two(settings):
    for words, given, said in (
        (("add", "x", "--kind", "conjuror"), "", "There is no kind of backend conjuror"),
        (("add", "x", "--kind", "openai_videos", "--options", "["), "", "--options takes a table in JSON"),
        (("check", "nothing"), "", "There is no backend nothing"),
        (("check", "animatic", "--spend", "lots"), "", "--spend takes an amount"),
        (("set-key", "nothing"), KEY, "There is no backend nothing"),
    ):
        done = backends(*words, given=given)
        assert done.returncode == 2 and said in done.stderr, done
        assert KEY not in done.stdout + done.stderr


@pytest.fixture
def paid():
    """A paid provider whose clock moves with every look, and its backend."""
    fake = PaidFake()
    with serve(fake.app) as running:
        options = {"poll_min_s": 10.0, "deadline_s": 100.0}
        yield fake, BackendConfig("paid", "fake_paid", running.url, "", SecretStr("fake-paid-key"), options=options)


async def buy(database, paid, folder, prompt: str = "") -> list[str]:
    """Buy the cheapest generation, and return what was told."""
    fake, config = paid
    backend, told = FakePaidBackend.from_config(config), []

    async def pause(seconds: float) -> None:
        fake.clock.advance(seconds)

    fake.default_scenario = {prompt: ""} if prompt else {}
    try:
        wish = trial.cheapest(backend, backend.models())
        assert str(wish.cost.high) == "$0.05" and wish.caps.model == "paid-fast"
        await trial.buy(database, backend, wish, folder, told.append, pause)
    finally:
        await backend.aclose()
    return told


async def test_a_trial_is_bought_once_followed_fetched_and_looked_at(database, paid, tmp_path):
    told = await buy(database, paid, tmp_path)
    assert [line.split()[0] for line in told if not line.startswith(("Queued", "Running"))] == [
        "Bought:", "Made.", "Fetched:", "Looked", "Charged:",
    ]  # fmt: skip
    assert told[-1] == "Charged: $0.05."
    assert sum(paid[0].ledger()["creates"].values()) == 1
    async with database.transaction() as session:
        (entry,) = (
            await session.scalars(select(AuditEntry).where(AuditEntry.action == "providers.trial_bought"))
        ).all()
    assert entry.facts["cap_micros"] == 50_000 and str(entry.subject_id) in paid[0].ledger()["creates"]


async def test_a_trial_that_is_refused_says_so(database, paid, tmp_path):
    with pytest.raises(Conflict, match="It did not work"):
        await buy(database, paid, tmp_path, "moderation_output")


async def test_a_trial_whose_answer_is_lost_is_not_bought_again(database, paid, tmp_path):
    with pytest.raises(Conflict, match="look at the provider's own list"):
        await buy(database, paid, tmp_path, "drop_after")
    assert sum(paid[0].ledger()["creates"].values()) == 1


async def test_deeds_of_the_command_line_are_in_the_audit(database, settings, studio):
    async with database.transaction() as session:
        await service.enable(session, SYSTEM, "studio", enabled=False)
        actions = (await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))).all()
    assert actions[-2:] == ["providers.account_added", "providers.account_disabled"]
