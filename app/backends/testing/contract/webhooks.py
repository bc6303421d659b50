"""A delivery is a hint that must be genuine and fresh; a repeated one is recognised."""

from __future__ import annotations

import pytest

from app.backends.base import VideoBackend, WebhookCapable
from app.backends.errors import WebhookRefused
from app.backends.testing.contract.subject import Subject


def capable(subject: Subject, backend: VideoBackend) -> WebhookCapable:
    """Return the backend as one that takes deliveries; the test is skipped where the provider makes none."""
    if not subject.caps(backend).webhook:
        pytest.skip("the provider makes no deliveries")
    assert isinstance(backend, WebhookCapable), "Capabilities promise deliveries: the backend must read them."
    return backend


class WebhooksContract:
    """Genuine, repeated, forged, altered and stale deliveries."""

    async def test_a_genuine_delivery_names_the_work(self, subject: Subject) -> None:
        async with subject.opened() as backend:
            receiver = capable(subject, backend)
            handle = await subject.submit(backend)
            headers, body = subject.server.webhook(handle.remote_id, "genuine")
            first = receiver.parse_webhook(headers, body)
            again = receiver.parse_webhook({name.upper(): value for name, value in headers.items()}, body)
        assert first.remote_id == handle.remote_id
        assert first.event_id
        assert first == again, "A redelivery is recognised by its id."

    @pytest.mark.parametrize("form", ["forged", "stale"])
    async def test_a_delivery_that_is_not_genuine_or_not_fresh_is_refused(self, subject: Subject, form: str) -> None:
        async with subject.opened() as backend:
            receiver = capable(subject, backend)
            handle = await subject.submit(backend)
            headers, body = subject.server.webhook(handle.remote_id, form)
            with pytest.raises(WebhookRefused):
                receiver.parse_webhook(headers, body)

    async def test_an_altered_delivery_is_refused(self, subject: Subject) -> None:
        async with subject.opened() as backend:
            receiver = capable(subject, backend)
            handle = await subject.submit(backend)
            headers, body = subject.server.webhook(handle.remote_id, "genuine")
            for wrong in (body + b" ", body.replace(b"completed", b"failed"), b""):
                with pytest.raises(WebhookRefused):
                    receiver.parse_webhook(headers, wrong)
            with pytest.raises(WebhookRefused):
                receiver.parse_webhook({}, body)
