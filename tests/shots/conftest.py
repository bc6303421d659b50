"""The episodes these tests work on."""

from assistant_support import assisted, assisted_app, chat
from shoot_support import shoot

__all__ = ["assisted", "assisted_app", "chat", "shoot"]
