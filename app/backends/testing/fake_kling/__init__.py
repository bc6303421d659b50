"""A fake Kling with both of its APIs, written from the providers' fact sheets (china §1, §2, §19, §20) alone."""

from app.backends.testing.fake_kling.server import KlingFake, create_app

__all__ = ["KlingFake", "create_app"]
