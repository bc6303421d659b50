"""The four families of errors, by what the person can do about them."""

from __future__ import annotations

from typing import Any, ClassVar


class ReelroomError(Exception):
    """A failure with a stable ``code`` and a message that says what, why and what next.

    ``details`` holds JSON-able facts for programs (and lists for pages), never secrets.
    """

    status: ClassVar[int] = 500

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


class NotFound(ReelroomError):
    """It does not exist, or this actor may not know that it does."""

    status = 404


class Forbidden(ReelroomError):
    """The actor may see it but not do this."""

    status = 403


class Unauthenticated(Forbidden):
    """Nobody is signed in: sign in and come back."""

    status = 401


class Conflict(ReelroomError):
    """It changed meanwhile, or its state does not allow this now."""

    status = 409


class Invalid(ReelroomError):
    """The input is wrong: correct it and send it again."""

    status = 422


class TooManyRequests(Invalid):
    """Asked too often: wait ``details['retry_after']`` seconds."""

    status = 429


class PayloadTooLarge(Invalid):
    """More bytes than this place accepts."""

    status = 413
