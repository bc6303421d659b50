"""The episode these tests work on."""

from shoot_support import shoot

__all__ = ["shoot"]
