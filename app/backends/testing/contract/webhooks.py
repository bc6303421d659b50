"""A delivery is a hint that must be genuine and fresh; a repeated one is recognised."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.backends.base import Delivery, VideoBackend, WebhookCapable
from app.backends.errors import WebhookRefused
from app.backends.testing.contract.subject import Subject


def capable(subject: Subject, backend: VideoBackend) -> WebhookCapable:
    """Return the backend as one that takes deliveries; the test is skipped where the provider makes none."""
    if not subject.caps(backend).webhook:
        pytest.skip("the provider makes no deliveries")
    assert isinstance(backend, WebhookCapable), "Capabilities promise deliveries: the backend must read them."
    return backend


def signed(subject: Subject) -> None:
    """Skip the test where the provider signs nothing: there the secret of the address is the proof."""
    if "unsigned_webhook" in subject.not_applicable:
        pytest.skip(subject.not_applicable["unsigned_webhook"])


class WebhooksContract:
    """Genuine, repeated, forged, altered and stale deliveries."""

    async def test_a_genuine_delivery_names_the_work(self, subject: Subject) -> None:
        async with subject.opened() as backend:
            receiver = capable(subject, backend)
            handle = await subject.submit(backend)
            delivery = subject.server.webhook(handle.remote_id, "genuine")
            first = await receiver.parse_webhook(delivery)
            again = await receiver.parse_webhook(delivery)
        assert first.remote_id == handle.remote_id
        assert first.event_id
        assert first == again, "A redelivery is recognised by its id."

    @pytest.mark.parametrize("form", ["forged", "stale"])
    async def test_a_delivery_that_is_not_genuine_or_not_fresh_is_refused(self, subject: Subject, form: str) -> None:
        signed(subject)
        async with subject.opened() as backend:
            receiver = capable(subject, backend)
            handle = await subject.submit(backend)
            delivery = subject.server.webhook(handle.remote_id, form)
            with pytest.raises(WebhookRefused):
                await receiver.parse_webhook(delivery)

    async def test_an_altered_delivery_is_refused(self, subject: Subject) -> None:
        signed(subject)
        async with subject.opened() as backend:
            receiver = capable(subject, backend)
            handle = await subject.submit(backend)
            delivery = subject.server.webhook(handle.remote_id, "genuine")
            for wrong in (delivery.body + b" ", delivery.body.replace(b"e", b"E"), b""):
                with pytest.raises(WebhookRefused):
                    await receiver.parse_webhook(replace(delivery, body=wrong))
            with pytest.raises(WebhookRefused):
                await receiver.parse_webhook(replace(delivery, headers={}))

    async def test_nonsense_is_not_understood(self, subject: Subject) -> None:
        async with subject.opened() as backend:
            receiver = capable(subject, backend)
            for body in (b"", b"[]", b'"x"', b"{}", b"\xff\xfe"):
                with pytest.raises(WebhookRefused):
                    await receiver.parse_webhook(Delivery("/webhooks/x", "", {}, body))
