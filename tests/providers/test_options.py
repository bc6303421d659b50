"""Options are shown on a page, so none may hold a secret; what only names one is let through."""

from __future__ import annotations

import pytest

from app.core.errors import Invalid
from app.providers.validating import check_options


@pytest.mark.parametrize("name", ["access_key", "secret_id", "keys_url", "settle_s", "hosts"])
def test_what_adapters_take_can_be_entered(name: str) -> None:
    assert check_options({name: "x"}) == {name: "x"}


@pytest.mark.parametrize("name", ["api_key", "secret_key", "secret", "access_token", "password"])
def test_a_secret_among_the_options_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_options({name: "do-not-show"})
    assert "do-not-show" not in refused.value.message
