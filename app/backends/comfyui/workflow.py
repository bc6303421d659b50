"""Workflows: graphs in ComfyUI's API format, and which input of which node takes what.

Source of the format: the providers' fact sheets, international §10.5.
"""

from __future__ import annotations

import copy
import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from app.backends.base import Asset
from app.backends.capabilities import ModelCaps, Task
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.fit import FAULT_OF_ROLE, MIME_OF_ROLE, NEEDED_ROLES

SHIPPED = Path(__file__).with_name("workflows")
TEXTS = frozenset({"prompt", "negative"})
NUMBERS = frozenset({"seed", "width", "height", "length"})
ROLES = frozenset(MIME_OF_ROLE)
SLOTS = TEXTS | NUMBERS | ROLES
POSSIBLE = frozenset({Task.TEXT, *NEEDED_ROLES})

Place = tuple[str, str]
"""The id of a node and the name of one of its inputs."""

Places = Annotated[list[str], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    file: str
    output: str
    rate: float = Field(gt=0, le=240)
    length_step: int = Field(default=1, ge=1)
    length_offset: int = Field(default=0, ge=0)
    slots: dict[str, Places]


@dataclass(frozen=True, slots=True)
class Workflow:
    """A graph and its slots; ``output`` is the node that saves the video, which has ``rate`` frames a second.

    Its number of frames is a multiple of ``length_step`` plus ``length_offset``.
    """

    name: str
    graph: Mapping[str, Any]
    slots: Mapping[str, tuple[Place, ...]]
    output: str
    rate: float
    length_step: int
    length_offset: int

    def length(self, seconds: float) -> int:
        """Return the smallest possible number of frames that lasts ``seconds``."""
        wanted = seconds * self.rate - self.length_offset
        return max(math.ceil(wanted / self.length_step - 1e-6), 0) * self.length_step + self.length_offset

    def placed(self, assets: Sequence[Asset]) -> dict[Place, Asset]:
        """Return where each input goes, references one place each; raise ``BackendError`` for one without a place."""
        taken: dict[Place, Asset] = {}
        references = iter(self.slots.get("reference", ()))
        for asset in assets:
            places = tuple(self.slots.get(asset.role, ()))
            if asset.role == "reference":
                places = tuple(one for one in [next(references, None)] if one)
            if not places or any(place in taken for place in places):
                message = f"The workflow of {self.name} has no place left for the {asset.role} input."
                fault = FAULT_OF_ROLE.get(asset.role, Fault.IMAGE)
                raise BackendError(Kind.INVALID, message, field="assets", fault=fault, charged=False)
            taken |= dict.fromkeys(places, asset)
        return taken

    def filled(self, values: Mapping[str, Any], files: Mapping[Place, str]) -> dict[str, Any]:
        """Return the graph to send; what loads an input that is not given is left out, with every link to it."""
        graph: dict[str, Any] = copy.deepcopy(dict(self.graph))
        for slot, value in values.items():
            for node, key in self.slots.get(slot, ()):
                graph[node]["inputs"][key] = value
        for (node, key), name in files.items():
            graph[node]["inputs"][key] = name
        loaders = {node for role in ROLES for node, _ in self.slots.get(role, ())}
        unused = loaders - {node for node, _ in files}
        for node in unused:
            del graph[node]
        for one in graph.values():
            one["inputs"] = {
                key: value for key, value in one["inputs"].items() if not (_is_link(value) and value[0] in unused)
            }
        return graph

    def served(self, caps: ModelCaps) -> ModelCaps:
        """Return a row's capabilities as far as there are slots; raise ``ConfigError`` for a task without its slots."""
        for task in sorted(caps.tasks):
            if task not in POSSIBLE:
                raise ConfigError(f"Model {self.name!r}: a workflow cannot do the task {task.value!r}.")
            missing = sorted(NEEDED_ROLES.get(task, frozenset()) - set(self.slots))
            if missing:
                raise ConfigError(f"Model {self.name!r}: its task {task.value!r} needs a slot {missing[0]!r}.")
        return replace(
            caps,
            seed="seed" in self.slots,
            negative_prompt="negative" in self.slots,
            max_images=len(self.slots.get("reference", ())),
            max_clips=int("motion" in self.slots),
            max_voices=int("voice" in self.slots),
        )


def workflows(own: Mapping[str, Any], where: str) -> dict[str, Workflow]:
    """Return the shipped workflows and those of the option ``workflows``; raise ``ConfigError`` for a wrong one."""
    shipped = tomllib.loads((SHIPPED / "workflows.toml").read_text(encoding="utf-8"))
    found = {name: _read(name, manifest, SHIPPED, where) for name, manifest in shipped.items()}
    return found | {name: _read(name, manifest, Path(), where) for name, manifest in own.items()}


def _read(name: str, values: Any, folder: Path, where: str) -> Workflow:
    place = f"{where}: workflow {name[:80]!r}"
    if not isinstance(values, dict):
        raise ConfigError(f"{place}: it must be a table with file, output, rate and slots.")
    try:
        manifest = _Manifest.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        fault = f"{place}: {'.'.join(str(one) for one in first['loc'])}: {first['msg']}."
    else:
        graph = _graph(folder / manifest.file, place)
        if manifest.output not in graph:
            raise ConfigError(f"{place}: its output is node {manifest.output!r}, which the graph does not have.")
        slots = {slot: tuple(_place(slot, one, graph, place) for one in ones) for slot, ones in manifest.slots.items()}
        if not slots.get("prompt"):
            raise ConfigError(f"{place}: it needs a slot 'prompt'.")
        return Workflow(
            name, graph, slots, manifest.output, manifest.rate, manifest.length_step, manifest.length_offset
        )
    raise ConfigError(fault)


def _graph(path: Path, place: str) -> dict[str, Any]:
    try:
        graph = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        fault = f"{place}: its file cannot be read: {path.name}."
    except (ValueError, RecursionError):
        fault = f"{place}: its file is not JSON: {path.name}."
    else:
        if isinstance(graph, dict) and {"nodes", "links"} <= set(graph):
            raise ConfigError(f"{place}: it was saved for the editor: export it again in the API format.")
        if not (isinstance(graph, dict) and graph and all(map(_is_node, graph.values()))):
            raise ConfigError(f"{place}: it is not in the API format, nodes by id with class_type and inputs.")
        for node, one in graph.items():
            loose = [key for key, value in one["inputs"].items() if _is_link(value) and value[0] not in graph]
            if loose:
                raise ConfigError(f"{place}: the input {node}.{loose[0]} is linked to a node that is not there.")
        return graph
    raise ConfigError(fault)


def _is_node(value: Any) -> bool:
    return (
        isinstance(value, dict) and isinstance(value.get("class_type"), str) and isinstance(value.get("inputs"), dict)
    )


def _is_link(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and type(value[1]) is int


def _place(slot: str, text: str, graph: Mapping[str, Any], place: str) -> Place:
    """Return the input a slot is bound to; raise ``ConfigError`` when it is none that takes such a value."""
    node, _, key = text.partition(".")
    bound = f"{place}: the slot {slot[:80]!r}"
    if slot not in SLOTS:
        raise ConfigError(f"{bound} is not known; the slots are {', '.join(sorted(SLOTS))}.")
    if node not in graph:
        raise ConfigError(f"{bound} is bound to node {node[:80]!r}, which the graph does not have.")
    inputs = graph[node]["inputs"]
    if key not in inputs:
        names = ", ".join(inputs) or "none"
        raise ConfigError(f"{bound} is bound to the input {key[:80]!r} of node {node!r}, which has {names}.")
    if _is_link(inputs[key]):
        raise ConfigError(f"{bound} is bound to {text}, which is linked to another node and takes no value.")
    wanted: tuple[type, ...] = (int, float) if slot in NUMBERS else (str,)
    if isinstance(inputs[key], bool) or not isinstance(inputs[key], wanted):
        raise ConfigError(f"{bound} is bound to {text}, which takes no {'number' if slot in NUMBERS else 'text'}.")
    return node, key
