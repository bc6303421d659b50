"""A project that buys from the fake paid provider."""

from __future__ import annotations

from tests.jobs.conftest import bought, fake, recover  # noqa: F401
