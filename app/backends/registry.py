"""The configured backends by name; adapters are found by entry points, so an outside package can add one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import structlog

from app.backends.base import Configurable, VideoBackend
from app.backends.capabilities import ModelCaps
from app.backends.config import BackendConfig, Limits, parse_configs
from app.backends.errors import ConfigError
from app.backends.redaction import safe
from app.core import clock
from app.core.errors import Conflict, NotFound, ReelroomError
from app.core.i18n import _

__all__ = ["GROUP", "BackendConfig", "Offer", "Problem", "Registry", "adapters", "make", "make_one", "parse_configs"]

log = structlog.get_logger(__name__)
GROUP = "reelroom.backends"
ALWAYS = BackendConfig(name="animatic", kind="animatic")


@dataclass(frozen=True, slots=True)
class Offer:
    """One model of one configured backend."""

    backend: str
    caps: ModelCaps


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a backend is missing; ``package`` names the distribution at fault, and is empty when none is."""

    backend: str
    kind: str
    package: str
    message: str


class Registry:
    """The backends that can be used now, and ``problems``: those that cannot, with why."""

    def __init__(
        self,
        backends: Iterable[VideoBackend] = (),
        problems: Iterable[Problem] = (),
        configs: Iterable[BackendConfig] = (),
    ) -> None:
        self._backends = {backend.name: backend for backend in backends}
        self._configs = {config.name: config for config in configs}
        self.problems = tuple(problems)

    @classmethod
    def load(cls, configs: Iterable[BackendConfig] = ()) -> Registry:
        """Make every configured backend, and "animatic"; one that fails becomes a problem and stops no other."""
        wanted = with_animatic(configs)
        backends, problems = make(wanted)
        return cls(backends, problems, wanted)

    def get(self, name: str) -> VideoBackend:
        """Return a backend by its configured name; raise ``NotFound`` saying why it is missing."""
        if name in self._backends:
            return self._backends[name]
        if (problem := self.problem(name)) is not None:
            raise _unusable(problem)
        known = ", ".join(self.names())
        message = _("There is no backend %(name)s. Configured are: %(known)s.") % {"name": name, "known": known}
        raise NotFound("backend_not_found", message, backend=name)

    def account(self, name: str) -> str:
        """Return the account a backend belongs to: its own, unless several were said to share one."""
        config = self._configs.get(name)
        return (config.account if config else "") or name

    def sharing(self, name: str) -> tuple[str, ...]:
        """Return the names of all backends of the account ``name`` belongs to, its own among them."""
        account = self.account(name)
        return tuple(one for one in {name, *self._configs} if self.account(one) == account)

    def limits(self, name: str) -> Limits:
        """Return what a backend's account may be asked at most: the least of what its backends say."""
        found = [self._configs[one].limits for one in self.sharing(name) if one in self._configs]
        return Limits(
            _least(one.concurrency for one in found),
            _least(one.per_minute for one in found),
            _least(one.spend_per_day for one in found),
        )

    def region(self, name: str) -> str:
        """Return the word for where a backend is, empty when none was given."""
        config = self._configs.get(name)
        return config.region if config else ""

    def names(self) -> tuple[str, ...]:
        """Return the names of the usable backends, in the order of the configuration."""
        return tuple(self._backends)

    def models(self) -> tuple[Offer, ...]:
        """Return every model that new work can be given to."""
        return tuple(one for one in self.all_models() if self.withheld(one.backend, one.caps) is None)

    def all_models(self) -> tuple[Offer, ...]:
        """Return every model there is, also those that get no new work."""
        return tuple(Offer(name, caps) for name, backend in self._backends.items() for caps in backend.models())

    def caps(self, backend: str, model: str) -> ModelCaps:
        """Return what a model that is offered can do.

        Raises ``NotFound`` when the backend or the model is not there, ``Conflict`` saying why it gets no new work.
        """
        caps = self.known(backend, model)
        if (why := self.withheld(backend, caps)) is not None:
            raise why
        return caps

    def known(self, backend: str, model: str) -> ModelCaps:
        """Return what a model can do, offered or not: for work that it has already; raise ``NotFound``."""
        for caps in self.get(backend).models():
            if caps.model == model:
                return caps
        message = _("The backend %(name)s has no model %(model)s.") % {"name": backend, "model": model}
        raise NotFound("model_not_found", message, backend=backend, model=model)

    def withheld(self, backend: str, caps: ModelCaps) -> ReelroomError | None:
        """Return why a model gets no new work: withdrawn by its provider, or disabled by an owner; else None."""
        config = self._configs.get(backend)
        if (problem := self.problem(backend)) is not None:
            return _unusable(problem)
        facts = {"name": backend, "model": caps.model, "day": caps.retires_on}
        if caps.retired(clock.now().date()):
            message = _("The provider of %(name)s withdrew the model %(model)s on %(day)s: choose another model.")
            return Conflict("model_retired", message % facts)
        if config is not None and not config.enabled:
            message = _("The backend %(name)s is disabled: choose another, or ask an owner to enable it.")
            return Conflict("backend_disabled", message % facts)
        if config is not None and any(edit.model == caps.model and not edit.enabled for edit in config.edits):
            message = _("The model %(model)s of %(name)s is disabled: choose another, or ask an owner to enable it.")
            return Conflict("model_disabled", message % facts)
        return None

    def problem(self, name: str) -> Problem | None:
        """Return why a backend cannot be used, or None."""
        return next((problem for problem in self.problems if problem.backend == name), None)

    def config(self, name: str) -> BackendConfig | None:
        """Return how a backend is configured, or None when there is none of this name."""
        return self._configs.get(name)

    async def aclose(self) -> None:
        """Close every backend."""
        for backend in self._backends.values():
            await backend.aclose()


def _unusable(problem: Problem) -> NotFound:
    facts = {"name": problem.backend, "why": problem.message}
    return NotFound(
        "backend_not_found", _("The backend %(name)s cannot be used: %(why)s") % facts, backend=problem.backend
    )


def with_animatic(configs: Iterable[BackendConfig]) -> tuple[BackendConfig, ...]:
    """Return the configurations with the animatic, which is always there; the later of one name wins."""
    return tuple({config.name: config for config in (ALWAYS, *configs)}.values())


def make(configs: Iterable[BackendConfig]) -> tuple[list[VideoBackend], list[Problem]]:
    """Make every backend, without any network; one that fails becomes a problem and stops no other."""
    found = adapters()
    made = [make_one(config, found.get(config.kind, [])) for config in configs]
    problems = [one for one in made if isinstance(one, Problem)]
    for one in problems:
        log.warning("backends.unusable", backend=one.backend, kind=one.kind, package=one.package, why=one.message)
    return [one for one in made if not isinstance(one, Problem)], problems


def _least(values: Iterable[Any]) -> Any:
    return min((value for value in values if value is not None), default=None)


def adapters() -> dict[str, list[EntryPoint]]:
    """Return the adapters by kind, each package once however often it lies on the path."""
    found: dict[str, dict[tuple[str, str], EntryPoint]] = {}
    for point in entry_points(group=GROUP):
        found.setdefault(point.name, {}).setdefault((_package(point), point.value), point)
    return {kind: list(points.values()) for kind, points in found.items()}


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else ""


def make_one(config: BackendConfig, points: Sequence[EntryPoint]) -> VideoBackend | Problem:
    """Return the backend that one of ``points`` makes, or what stands in its way."""

    def problem(message: str, package: str = "") -> Problem:
        return Problem(config.name, config.kind, package, message)

    if not points:
        return problem(_("No installed package offers the kind %(kind)s.") % {"kind": config.kind})
    packages = sorted(_package(point) for point in points)
    if len(packages) > 1:
        facts = {"kind": config.kind, "packages": ", ".join(packages)}
        return problem(_("Several packages offer the kind %(kind)s: %(packages)s. Keep one.") % facts, packages[0])
    package = packages[0]
    try:
        adapter: Any = points[0].load()
        backend = adapter.from_config(config) if isinstance(adapter, Configurable) else adapter()
    except ConfigError as error:
        return problem(str(error))
    except Exception as error:  # noqa: BLE001 - an outside package may raise anything; it is told, and stops no other
        secrets = [one.get_secret_value() for one in (config.api_key, config.webhook_secret) if one]
        facts = {"package": package, "error": safe(f"{type(error).__name__}: {error}", secrets)}
        return problem(_("The package %(package)s failed to load: %(error)s") % facts, package)
    if not isinstance(backend, VideoBackend) or backend.name != config.name:
        return problem(
            _("The package %(package)s does not keep the contract of a backend.") % {"package": package}, package
        )
    return backend
