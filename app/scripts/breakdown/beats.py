"""From the elements of a scene to beats: the smallest things that need a picture, a line, a card or a sound."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from app.scripts.breakdown import cues
from app.scripts.breakdown.cues import Camera
from app.scripts.breakdown.focus import Focus, opens_with_pronoun
from app.scripts.breakdown.model import DialogueLine, Size
from app.scripts.breakdown.names import Names, cue_names
from app.scripts.breakdown.staging import shows_body
from app.scripts.breakdown.timing import action_seconds, pieces, reading_seconds, sentences, speech_seconds
from app.scripts.formats.ast import Element, Kind, Speech
from app.scripts.formats.plain import plain
from app.scripts.formats.vocabulary import is_narrator, trim

_END = re.compile(r"(?:THE )?END(?: OF .{1,40})?\.?|本集完|全剧终|未完|完|剧终|第.{1,6}集完", re.I)
_ITEM = re.compile(r"[-•*]\s+")
_PAUSE = re.compile(
    r"(?:A (?:long )?(?:beat|pause|silence)|(?:Long )?(?:Silence|Beat|Pause)|沉默|停顿|静默|寂静|良久|片刻)[.。…]*",
    re.I,
)
_WIDEST = frozenset({Size.LONG, Size.EXTREME_LONG, Size.FULL})
_TOO_LONG = 10.0
_NO_SUBJECT = ("", 0, 0)


class Role(StrEnum):
    """What a beat needs."""

    PICTURE = "picture"
    LINE = "line"
    CARD = "card"
    SOUND = "sound"
    TRANSITION = "transition"


@dataclass(frozen=True, slots=True)
class Beat:
    """The smallest thing to be shown or heard; ``start`` and ``end`` are code points in the script text."""

    role: Role
    start: int
    end: int
    text: str = ""
    seconds: float = 0.0
    camera: Camera = field(default_factory=Camera)
    names: tuple[str, ...] = ()
    line: DialogueLine | None = None
    turn: int = 0
    dual: bool = False
    flashback: bool = False
    alone: bool = False

    @property
    def pause(self) -> bool:
        """Whether it is nothing but a moment of silence."""
        return self.role is Role.PICTURE and bool(_PAUSE.fullmatch(self.text))


class BeatReader:
    """Reads the beats of one scene; ``focus`` remembers whom the script spoke of."""

    def __init__(self, names: Names, focus: Focus, cast: tuple[str, ...]) -> None:
        self._names = names
        self._focus = focus
        self._swapped = names.variants(cast)
        self._around = set(cast)
        self._pending = Camera()
        self._subject = _NO_SUBJECT
        self._montage = False

    def read(self, elements: list[tuple[Element, bool]]) -> Iterator[Beat]:
        """Yield the beats of a scene in order."""
        flashback = False
        for element, flashback in elements:
            if element.kind in (Kind.SPEECH, Kind.TRANSITION):
                yield from self._named_only(flashback)
            yield from self._element(element, flashback)
        yield from self._named_only(flashback)

    def _element(self, element: Element, flashback: bool) -> Iterator[Beat]:
        if isinstance(element, Speech):
            yield from self._speech(element, flashback)
        elif element.kind is Kind.ACTION:
            yield from self._action(element, plain_lines(element.text), flashback)
        elif element.kind is Kind.INSERT:
            yield from self._insert(element, flashback)
        elif element.kind is Kind.CARD or element.kind is Kind.CENTRED:
            yield from _card(element, flashback)
        elif element.kind in (Kind.SOUND, Kind.LYRIC):
            yield _sound(element, flashback)
        elif element.kind is Kind.TRANSITION:
            yield Beat(Role.TRANSITION, element.start, element.end, element.text)

    def _named_only(self, flashback: bool) -> Iterator[Beat]:
        """Show the subject of a cue that no action followed."""
        text, start, end = self._subject
        if text:
            self._subject = _NO_SUBJECT
            camera, self._pending = self._pending, Camera()
            yield self._picture(text, camera, start, end, flashback)

    # Pictures

    def _insert(self, element: Element, flashback: bool) -> Iterator[Beat]:
        """【空镜：…】 is a cue with an action, 【特写】 one for what follows, any other 【…】 something shown."""
        if _END.fullmatch(element.label):
            return
        if cues.is_cue_only(element.label):
            camera = cues.of_words(element.label)
            if element.text:
                yield from self._pictures(element, element.text, camera, flashback)
            else:
                self._pending = camera
            return
        text = "：".join(part for part in (element.label, plain(element.text)) if part)
        yield from self._pictures(element, text, Camera(Size.INSERT), flashback)

    def _action(self, element: Element, text: str, flashback: bool) -> Iterator[Beat]:
        if cues.is_marker(text):
            self._montage = "MONTAGE" in text or "SERIES" in text
            self._montage = self._montage and not text.startswith("END")
            return
        for part in _items(text):
            yield from self._pictures(element, part, Camera(), flashback)

    def _pictures(self, element: Element, text: str, asked: Camera, flashback: bool) -> Iterator[Beat]:
        cursor = element.start
        for first, last in cues.pictures(text):
            if _is_subject(text):
                yield from self._named_only(flashback)
            camera, shown = cues.leading(text[first:last])
            camera = self._pending | camera | asked
            self._pending = Camera()
            shown = trim(shown)
            if not shown:
                self._pending = camera
                continue
            if camera.asks and not asked.asks and _is_subject(text):
                self._pending, self._subject = camera, (shown, element.start, element.end)
                continue
            for piece in self._split(shown, camera):
                start, end = _place(element, piece, cursor)
                cursor = end
                yield self._picture(piece, camera, start, end, flashback)
                camera = camera if camera.size in _WIDEST and not camera.intercut else Camera()

    def _picture(self, text: str, camera: Camera, start: int, end: int, flashback: bool) -> Beat:
        subject, subject_start, _ = self._subject
        if subject:
            text, start = f"{subject}: {text}", subject_start
            self._subject = _NO_SUBJECT
        names = self._seen(text, camera)
        return Beat(
            Role.PICTURE,
            start,
            end,
            text,
            action_seconds(text),
            camera,
            names,
            flashback=flashback,
            alone=self._montage or camera.asks,
        )

    def _seen(self, text: str, camera: Camera) -> tuple[str, ...]:
        """Return who is in the picture, in order of mention."""
        mentioned = [name for _, name in self._names.mentions(text, self._swapped, self._around)]
        meant = self._focus.meant(text) if not mentioned or opens_with_pronoun(text) else ()
        meant = tuple(self._swapped.get(name, name) for name in meant)
        names = tuple(dict.fromkeys((*meant, *mentioned)))
        for name in reversed(names):
            self._focus.see(name)
        self._around.update(names)
        if camera.empty or (camera.size is Size.INSERT and not shows_body(text)):
            return ()
        return names

    def _split(self, text: str, camera: Camera) -> list[str]:
        """Split an action where the picture turns to somebody else, and where it would last too long."""
        if camera.intercut:
            clauses = re.findall(r"[^。！？!?.，,；;]+[。！？!?.，,；;]*\s*", text) or [text]
            return [part.strip("，,；; ") for part in self._by_subject(clauses)]
        if camera.size in _WIDEST and action_seconds(text) <= _TOO_LONG:
            return [text]
        grouped = self._by_subject(sentences(text))
        return [trim(part) for group in grouped for part in _shorter(group)]

    def _by_subject(self, parts: list[str]) -> list[str]:
        groups: list[list[str]] = []
        subject = ""
        for part in parts:
            mine = self._subject_of(part) or self._meant_by(part, subject)
            if groups and not (mine and subject and mine != subject):
                groups[-1].append(part)
            else:
                groups.append([part])
            subject = mine or subject
        return ["".join(group) for group in groups]

    def _subject_of(self, sentence: str) -> str:
        """Return the character a sentence begins with, "" if it begins with something else."""
        mentioned = self._names.mentions(sentence, self._swapped, self._around)
        start = re.match(r"\W*(?:(?:the|an?)\s+)?", sentence, re.I)
        if mentioned and start and mentioned[0][0] <= start.end():
            return mentioned[0][1]
        return ""

    def _meant_by(self, sentence: str, subject: str) -> str:
        """Return whom the pronoun means that opens a sentence: the subject so far, else the one last spoken of."""
        if subject or not opens_with_pronoun(sentence):
            return subject
        meant = self._focus.meant(sentence)
        return meant[0] if len(meant) == 1 else ""

    # Words

    def _speech(self, element: Speech, flashback: bool) -> Iterator[Beat]:
        voice, speakers = element.voice, cue_names(element.speaker)
        names = () if is_narrator(element.speaker) else tuple(self._names.of(name) for name in speakers)
        speaker = self._names.of(element.speaker) if len(names) < 2 else element.speaker
        spoken = [(manner, words) for manner, text in _spoken(element) for words in pieces(text)]
        if not any(words for _, words in spoken):
            manner = " ".join(part.manner for part in element.parts)
            yield from self._pictures(element, f"{speaker}: {manner}", Camera(), flashback)
            return
        cursor = element.start
        for turn, (manner, words) in enumerate(spoken):
            start, cursor = _place(element, words, cursor)
            camera, self._pending = self._pending, Camera()
            yield Beat(
                Role.LINE,
                start if turn else element.start,
                cursor,
                seconds=speech_seconds(words),
                camera=camera,
                names=names,
                line=DialogueLine(speaker, words.strip(), manner, voice),
                turn=turn,
                dual=element.dual,
                flashback=flashback,
            )
        if not voice:
            self._around.update(names)
            for name in names:
                self._focus.see(name)


def plain_lines(text: str) -> str:
    """Return an action as one paragraph, items of a list each on their line."""
    lines = [line for line in plain(text).split("\n") if line]
    paragraph = ""
    for line in lines:
        if not paragraph:
            paragraph = line
        elif _ITEM.match(line):
            paragraph += "\n" + line
        else:
            paragraph += ("" if ord(paragraph[-1]) > 0x2E80 and ord(line[0]) > 0x2E80 else " ") + line
    return paragraph


def _items(text: str) -> list[str]:
    return [_ITEM.sub("", part, count=1) if _ITEM.match(part) else part for part in text.split("\n") if part]


def _is_subject(text: str) -> bool:
    """Tell whether a cue only names its subject in capitals (INSERT - THE THIRD COPY): its action follows."""
    return text == text.upper() and text != text.lower() and len(text) <= 60


def _shorter(text: str) -> list[str]:
    """Split an action that would last too long at its sentences, into parts of about one length."""
    seconds = action_seconds(text)
    if seconds <= _TOO_LONG:
        return [text]
    target = seconds / -(-seconds // _TOO_LONG)
    parts: list[str] = [""]
    for sentence in sentences(text):
        if parts[-1] and action_seconds(parts[-1] + sentence) > target * 1.1:
            parts.append("")
        parts[-1] += sentence
    return parts


def _place(element: Element, words: str, cursor: int) -> tuple[int, int]:
    """Return where words stand in the source of an element, searched from ``cursor``."""
    first = words.strip()
    offset = max(cursor - element.start, 0)
    found = element.raw.find(first, offset)
    if found >= 0:
        return element.start + found, element.start + found + len(first)
    head = element.raw.find(first[:8], offset) if first else -1
    start = element.start + head if head >= 0 else min(cursor, element.end)
    tail = element.raw.find(first[-6:], max(head, offset)) if first else -1
    end = element.start + tail + len(first[-6:]) if tail >= 0 else element.end
    return start, max(end, start)


def _spoken(element: Speech) -> list[tuple[str, str]]:
    """Return manner and words of the lines of a speech; a manner without words goes to the words next to it."""
    first = element.parts[0].manner if element.parts else ""
    tags = element.manner.removesuffix(first).rstrip(", ")
    front = [tags] if tags else []
    lines: list[tuple[str, str]] = []
    for part in element.parts:
        words = " ".join(plain(part.text).split("\n")).strip()
        manner = "; ".join([*front, part.manner] if part.manner else front)
        if words:
            lines.append((manner, words))
            front = []
        else:
            front = [manner] if manner else []
    if front and lines:
        lines[-1] = ("; ".join(filter(None, (lines[-1][0], *front))), lines[-1][1])
    return lines or [("; ".join(front), "")]


def _card(element: Element, flashback: bool) -> Iterator[Beat]:
    text = plain(element.text)
    if text and not (element.kind is Kind.CENTRED and _END.fullmatch(text)):
        yield Beat(Role.CARD, element.start, element.end, text, reading_seconds(text), flashback=flashback)


def _sound(element: Element, flashback: bool) -> Beat:
    text = plain(element.text)
    if element.kind is Kind.LYRIC:
        return Beat(
            Role.SOUND, element.start, element.end, f"♪ {text}", speech_seconds(text) + 0.5, flashback=flashback
        )
    label = "" if element.label in ("音效", "声音", "SFX") else f"{element.label}："
    return Beat(
        Role.SOUND, element.start, element.end, f"{label}{text}" if text else element.label, flashback=flashback
    )
