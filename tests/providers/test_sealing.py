"""Secrets are stored encrypted, opened by every configured key, and shown by nothing."""

from __future__ import annotations

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from app.accounts.schemas import SYSTEM
from app.core.errors import Invalid
from app.core.sealing import Seal, SealBroken
from app.providers import service

KEY = "sk-very-secret-key-0001"
OLD, NEW = "o" * 40, "n" * 40


def test_what_is_sealed_is_opened_by_any_key_and_renewed_with_the_first():
    sealed = Seal([OLD]).close(SecretStr(KEY))
    assert KEY not in sealed
    both = Seal([NEW, OLD])
    assert both.open(sealed).get_secret_value() == KEY
    assert Seal([NEW]).open(both.renew(sealed)).get_secret_value() == KEY
    for broken in (sealed, sealed[:-4], "nonsense"):
        with pytest.raises(SealBroken):
            Seal([NEW]).open(broken)
    assert OLD not in repr(both)


def test_the_key_is_made_once_where_none_is_set(settings):
    first = settings.sealing_keys
    assert first == settings.sealing_keys and len(first[0]) >= 32
    assert (settings.data_folder / "encryption.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("environment", "keys", "code"),
    [("local", f"{NEW},short", "core.short_encryption_key"), ("production", "", "core.no_encryption_key")],
)
def test_keys_that_cannot_be_are_refused(settings, environment, keys, code):
    wrong = settings.model_copy(update={"environment": environment, "encryption_keys": SecretStr(keys)})
    with pytest.raises(Invalid) as caught:
        _ = wrong.sealing_keys
    assert caught.value.code == code and NEW not in caught.value.message


async def test_rotating_lets_the_old_key_go(database, settings, given):
    def keyed(keys: str):
        return settings.model_copy(update={"encryption_keys": SecretStr(keys)})

    async with database.transaction() as session:
        await service.add(session, keyed(OLD), SYSTEM, "studio", "openai_videos", given)
        await service.add(session, keyed("x" * 40), SYSTEM, "lost", "openai_videos", given)
    async with database.transaction() as session:
        assert await service.rotate_keys(session, keyed(f"{NEW},{OLD}"), SYSTEM) == (1, ["lost"])
    async with database.transaction() as session:
        config = await service.config(session, keyed(NEW), "studio")
        assert config.api_key.get_secret_value() == KEY
        assert KEY not in repr(config) and KEY not in repr(await service.account(session, "studio"))
        stored = (await session.execute(text("select provider_accounts::text from provider_accounts"))).scalars().all()
    assert not any(KEY in row for row in stored)
