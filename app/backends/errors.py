"""What a backend can say went wrong, by what must happen next.

Source of the taxonomy: the providers' fact sheets, international §14.1.
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """The family of a backend failure."""

    AUTH = "auth"
    QUOTA = "quota"
    RATE_LIMIT = "rate_limit"
    MODERATION = "moderation"
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    EXPIRED = "expired"
    TRANSIENT = "transient"
    PERMANENT = "permanent"


class Fault(StrEnum):
    """Whose input was at fault in a refusal."""

    PROMPT = "prompt"
    IMAGE = "image"
    AUDIO = "audio"
    PROVIDER = "provider"
    UNKNOWN = "unknown"


class BackendError(Exception):
    """A failure told by a backend, safe to show: it carries no key, header, signed address or base64.

    ``outcome_unknown`` says that a create was sent and its answer lost: it must never be sent again blindly.
    ``charged`` is None when the provider does not say. ``model_gone`` says that the provider no longer has the model:
    its row is to be disabled.
    """

    def __init__(
        self,
        kind: Kind,
        message: str,
        *,
        provider_code: str = "",
        http_status: int | None = None,
        charged: bool | None = None,
        outcome_unknown: bool = False,
        retry_after: float | None = None,
        fault: Fault = Fault.UNKNOWN,
        field: str = "",
        model_gone: bool = False,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.provider_code = provider_code
        self.http_status = http_status
        self.charged = charged
        self.outcome_unknown = outcome_unknown
        self.retry_after = retry_after
        self.fault = fault
        self.field = field
        self.model_gone = model_gone

    def facts(self) -> dict[str, object]:
        """Return the failure as plain JSON, for the attempt's row."""
        return {
            "kind": self.kind.value,
            "message": self.message,
            "provider_code": self.provider_code,
            "http_status": self.http_status,
            "charged": self.charged,
            "outcome_unknown": self.outcome_unknown,
            "retry_after": self.retry_after,
            "fault": self.fault.value,
            "field": self.field,
            "model_gone": self.model_gone,
        }


class ConfigError(ValueError):
    """A backend is configured wrongly; the message names the setting and never its value."""


class WebhookRefused(Exception):
    """A webhook delivery is forged, stale or not understood; the message says which."""
