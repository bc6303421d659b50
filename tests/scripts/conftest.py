"""An episode whose writers are helped by a text model."""

from __future__ import annotations

from assistant_support import assisted, assisted_app, chat

__all__ = ["assisted", "assisted_app", "chat"]
