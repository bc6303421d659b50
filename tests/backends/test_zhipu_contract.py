"""The contract suite over BigModel, with the plain key and with signed tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest
from zhipu_clients import KEY, account, running, wish

from app.backends.testing.contract import BackendContract, Subject


class TestPlainKey(BackendContract):
    options: ClassVar[dict[str, object]] = {}

    @pytest.fixture
    def subject(self) -> Iterator[Subject]:
        with running() as (_, control):
            hosts = sorted(account(control.url).hosts)
            yield Subject(
                make=lambda url: account(url, hosts=hosts, **self.options),
                request=wish,
                fake=control,
                secrets=(KEY, KEY.partition(".")[2]),
            )


class TestSignedToken(TestPlainKey):
    options: ClassVar[dict[str, object]] = {"jwt": True}
