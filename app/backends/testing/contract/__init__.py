"""The contract suite: what every backend must keep, as tests that any package can inherit."""

from app.backends.testing.contract.cancelling import CancellingContract
from app.backends.testing.contract.creating import CreatingContract
from app.backends.testing.contract.describing import DescribingContract
from app.backends.testing.contract.fetching import FetchingContract
from app.backends.testing.contract.polling import PollingContract
from app.backends.testing.contract.recovering import RecoveringContract
from app.backends.testing.contract.secrets import SecretsContract
from app.backends.testing.contract.subject import FakeControl, Subject
from app.backends.testing.contract.webhooks import WebhooksContract

__all__ = ["BackendContract", "FakeControl", "Subject"]


class BackendContract(
    DescribingContract,
    CreatingContract,
    RecoveringContract,
    PollingContract,
    FetchingContract,
    CancellingContract,
    SecretsContract,
    WebhooksContract,
):
    """Inherit it in a class named ``Test…`` and give it a fixture ``subject`` that returns a ``Subject``.

    Needs pytest and pytest-asyncio with ``asyncio_mode = "auto"``. A fault the provider cannot have is named in
    ``Subject.not_applicable`` with the reason, and is skipped with it.
    """
