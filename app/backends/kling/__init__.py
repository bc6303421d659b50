"""Kuaishou's Kling, in its new API and its old one."""

from app.backends.kling.backend import KlingBackend

__all__ = ["KlingBackend"]
