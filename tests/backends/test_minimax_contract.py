"""The contract suite over MiniMax's two protocols."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest
from minimax_clients import KEY, account, running, wish

from app.backends.testing.contract import BackendContract, Subject


class ProtocolContract(BackendContract):
    """What both protocols share."""

    profile: ClassVar[str]

    @pytest.fixture
    def subject(self) -> Iterator[Subject]:
        with running(self.profile) as (_, control):
            hosts = account(self.profile, control.url).hosts

            yield Subject(
                make=lambda url: account(self.profile, url, hosts=sorted(hosts)),
                request=lambda prompt: wish(self.profile, prompt),
                fake=control,
                secrets=(KEY,),
                not_applicable={"unsigned_webhook": "MiniMax signs nothing: the address of a delivery is the proof"},
            )


class TestV2(ProtocolContract):
    profile = "v2"


class TestV1(ProtocolContract):
    profile = "v1"
