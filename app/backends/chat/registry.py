"""The configured text models in the order they are asked in, and those that cannot be used, with why."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from app.backends.chat.client import ChatModel
from app.backends.chat.config import KIND, config, entries
from app.backends.errors import ConfigError
from app.backends.guard import Resolver, resolve
from app.backends.registry import Problem
from app.core import clock

log = structlog.get_logger(__name__)
SETTING = "REELROOM_TEXT_MODELS"


class TextModels:
    """The text models of one process; without any, everything that asks one is not offered."""

    def __init__(self, models: Iterable[ChatModel] = (), problems: Iterable[Problem] = ()) -> None:
        self._models = tuple(models)
        self.problems = tuple(problems)

    @classmethod
    def load(cls, text: str, resolver: Resolver = resolve) -> TextModels:
        """Make every text model of the setting; one that fails becomes a problem and stops no other, nor anything."""
        made: list[ChatModel] = []
        problems: list[Problem] = []
        try:
            listed = entries(text)
        except ConfigError as error:
            listed = {}
            problems.append(Problem(SETTING, KIND, "", str(error)))
        for name, entry in listed.items():
            try:
                made.append(ChatModel(config(name, entry), resolver))
            except ConfigError as error:
                problems.append(Problem(name, KIND, "", str(error)))
        for one in problems:
            log.warning("text_models.unusable", text_model=one.backend, why=one.message)
        return cls(made, problems)

    @property
    def usable(self) -> tuple[ChatModel, ...]:
        """The models that can be asked now, in order."""
        today = clock.now().date()
        return tuple(one for one in self._models if not one.row.retired(today))

    def get(self, name: str) -> ChatModel | None:
        """Return a model by its configured name, or None when it cannot be asked."""
        return next((one for one in self.usable if one.name == name), None)

    def __bool__(self) -> bool:
        return bool(self.usable)

    async def aclose(self) -> None:
        """Close every model's connections."""
        for one in self._models:
            await one.aclose()
