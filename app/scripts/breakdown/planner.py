"""The breakdown of one episode: from script text to scenes, shots and characters. Pure and deterministic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from app.core.frames import FrameRate
from app.core.i18n import _
from app.scripts.breakdown.beats import Beat, BeatReader, plain_lines
from app.scripts.breakdown.focus import Focus, Genders
from app.scripts.breakdown.model import (
    CharacterFound,
    EpisodePlan,
    ParseWarning,
    ScenePlan,
    ShotPlan,
    SourceRange,
)
from app.scripts.breakdown.names import Names, cue_names
from app.scripts.breakdown.scenes import Scene, scenes_of
from app.scripts.breakdown.shots import ShotPlanner
from app.scripts.formats import parse
from app.scripts.formats.ast import Element, Kind, Script, Speech
from app.scripts.formats.episodes import episode_number
from app.scripts.formats.lines import normalised
from app.scripts.formats.plain import plain
from app.scripts.formats.vocabulary import is_narrator


def break_down(script_text: str, *, rate: FrameRate, known: Sequence[CharacterFound] = ()) -> EpisodePlan:
    """Return the scenes, shots and characters of an episode's script.

    Every line of dialogue and every action lands in exactly one shot; shots last 2 to 15 seconds. ``known`` are the
    project's characters, found in the action even if this episode gives them no line. The same text, rate and
    characters give the same plan.
    """
    text = normalised(script_text)
    return plan_script(parse(text), text, rate=rate, known=known)


def plan_script(script: Script, text: str, *, rate: FrameRate, known: Sequence[CharacterFound] = ()) -> EpisodePlan:
    """Return the breakdown of a script that is parsed already; ``text`` is what it was parsed from."""
    names = Names(script, known)
    actions = [plain_lines(element.text) for element in script.elements if element.kind is Kind.ACTION]
    focus = Focus(Genders(names, actions))
    plans: list[ScenePlan] = []
    warnings = list(script.warnings)
    for scene in scenes_of(script):
        plan = _scene(scene, text, names, focus, rate)
        if not plan.shots and scene.heading is not None:
            message = _("This scene has a heading but nothing to show: it gets no shots.")
            warnings.append(ParseWarning(scene.heading.line, "script.empty_scene", message))
        plans.append(plan)
    heading = next((element for element in script.elements if element.kind is Kind.EPISODE), None)
    return EpisodePlan(
        number=episode_number(script),
        title=plain(heading.text) if heading else "",
        scenes=tuple(plans),
        characters=_characters(script, names, plans),
        warnings=tuple(sorted(warnings, key=lambda warning: warning.line)),
    )


def _scene(scene: Scene, text: str, names: Names, focus: Focus, rate: FrameRate) -> ScenePlan:
    focus.forget()
    cast = tuple(dict.fromkeys(names.of(name) for name in scene.cast))
    beats = list(BeatReader(names, focus, cast).read(scene.elements))
    present = _present(cast, beats)
    shots = ShotPlanner(scene.interior, present, rate).plan(beats)
    start, end = _range(scene, shots)
    heading = scene.heading
    return ScenePlan(
        number=scene.number,
        numbered=heading is not None and heading.scene_number not in ("", "+"),
        interior=scene.interior,
        place=plain(scene.place),
        time_of_day=scene.time,
        characters=present,
        heading=heading.raw.split("\n")[0] if heading else "",
        text=text[start:end],
        source=SourceRange(start, end),
        shots=tuple(shots),
    )


def _range(scene: Scene, shots: Sequence[ShotPlan]) -> tuple[int, int]:
    start = min([scene.start, *(shot.source.start for shot in shots)])
    return start, max([scene.end, *(shot.source.end for shot in shots)])


def _present(cast: tuple[str, ...], beats: Sequence[Beat]) -> tuple[str, ...]:
    """Return who is in a scene: the cast the script lists, else whoever is seen or speaks in the picture."""
    seen = [name for beat in beats if beat.line is None or not beat.line.voice for name in beat.names]
    return tuple(dict.fromkeys((*cast, *seen)))


def _characters(script: Script, names: Names, plans: Sequence[ScenePlan]) -> tuple[CharacterFound, ...]:
    lines: Counter[str] = Counter()
    for element in script.elements:
        if isinstance(element, Speech):
            lines.update(_speakers(element, names))
    scenes: dict[str, list[str]] = {}
    for plan in plans:
        heard = [line.speaker for shot in plan.shots for line in shot.dialogue]
        for name in dict.fromkeys((*plan.characters, *(names.of(name) for name in heard))):
            scenes.setdefault(name, []).append(plan.number)
    order = dict.fromkeys((*scenes, *lines, *(name for name, told in names.descriptions.items() if told)))
    return tuple(
        CharacterFound(name, names.descriptions.get(name, ""), lines[name], tuple(scenes.get(name, ())))
        for name in order
        if name in names.descriptions
    )


def _speakers(element: Element, names: Names) -> list[str]:
    if not isinstance(element, Speech) or is_narrator(element.speaker):
        return []
    return [names.of(name) for name in cue_names(element.speaker)]
