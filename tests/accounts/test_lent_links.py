"""An input is lent to a provider by an address that works without a session, for that file only, and for a day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.accounts import links
from app.core import clock

KEY = "test/lent.png"


@pytest.fixture
def public(settings, monkeypatch):
    """An installation that can be reached from outside."""
    monkeypatch.setattr(links, "get_settings", lambda: settings.model_copy(update={"public_url": settings.base_url}))

    def at(address: str) -> None:
        monkeypatch.setattr(links, "get_settings", lambda: settings.model_copy(update={"public_url": address}))

    return at


async def test_a_provider_reads_what_was_lent_for_a_day(public, app, client):
    public("https://reelroom.example")
    await app.state.storage.put_bytes(b"\x89PNG", KEY)
    address = links.lent_url(KEY)
    assert address is not None and address.startswith("https://reelroom.example/media/test/lent.png?t=")
    path = address.removeprefix("https://reelroom.example")
    assert (await client.get(path)).content == b"\x89PNG"
    assert (await client.get(path.replace("lent", "other"))).status_code == 403
    with clock.turned(timedelta(hours=25)):
        assert (await client.get(path)).status_code == 403


def test_without_an_https_address_nothing_is_lent(public):
    public("http://127.0.0.1:8400")
    assert links.lent_url(KEY) is None
