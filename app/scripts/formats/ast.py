"""One tree for both dialects: what a script says, in order, and where each thing stands in the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from app.scripts.formats.vocabulary import is_continued, is_narrator, is_voice


class Dialect(StrEnum):
    """The two ways to write a script that are understood."""

    FOUNTAIN = "fountain"
    CHINESE = "chinese"


class Interior(StrEnum):
    """Where a scene plays."""

    INTERIOR = "int"
    EXTERIOR = "ext"
    BOTH = "int_ext"
    UNKNOWN = ""


class Kind(StrEnum):
    """What an element of a script is."""

    EPISODE = "episode"
    SECTION = "section"
    SYNOPSIS = "synopsis"
    PROFILE = "profile"
    SCENE = "scene"
    CAST = "cast"
    ACTION = "action"
    SPEECH = "speech"
    TRANSITION = "transition"
    CARD = "card"
    SOUND = "sound"
    FLASHBACK_START = "flashback_start"
    FLASHBACK_END = "flashback_end"
    INSERT = "insert"
    NOTE = "note"
    BONEYARD = "boneyard"
    LYRIC = "lyric"
    CENTRED = "centred"
    PAGE_BREAK = "page_break"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class ParseWarning:
    """Something the parser could not place, with its line (1-based); nothing is dropped silently."""

    line: int
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Where something stands: its line (1-based), half-open range in code points, and its own words.

    Positions count in the text after newlines became ``\\n``, and are left out when nodes are compared.
    """

    line: int = field(default=0, compare=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)
    raw: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(Node):
    """A line of the title page: ``Title: …`` or 剧名：…."""

    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Element(Node):
    """One thing a script says.

    ``text`` holds its words without marks; ``label`` the script's own word for the kind (字幕, SUPER, △, 道具; the name
    in a profile); ``level`` the depth of a section; ``number`` the number of an episode.
    """

    kind: Kind
    text: str = ""
    label: str = ""
    level: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast(Element):
    """The characters a Chinese scene names below its heading (人物：甲、乙)."""

    kind: Kind = Kind.CAST
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneHeading(Element):
    """A scene heading without marks; ``scene_number`` is the script's own ("" if none, "+" for an inserted 场)."""

    kind: Kind = Kind.SCENE
    scene_number: str = ""
    prefix: str = ""
    place: str = ""
    time: str = ""

    @property
    def interior(self) -> Interior:
        """Inside, outside, both, or unknown when the heading does not say."""
        word = self.prefix.upper()
        inside = "内" in word or "INT" in word or word.startswith("I/E")
        outside = "外" in word or "EXT" in word or "EST" in word or word.startswith("I/E")
        if inside and outside:
            return Interior.BOTH
        if inside:
            return Interior.INTERIOR
        return Interior.EXTERIOR if outside else Interior.UNKNOWN


@dataclass(frozen=True, slots=True)
class SpeechPart:
    """Words said in one manner."""

    manner: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech(Element):
    """A cue with what is said.

    ``text`` joins the words of its parts; ``extensions`` are the raw tags behind the name; ``dual`` says that it
    overlaps the speech before.
    """

    kind: Kind = Kind.SPEECH
    speaker: str
    extensions: tuple[str, ...] = ()
    parts: tuple[SpeechPart, ...] = ()
    dual: bool = False

    @property
    def voice(self) -> str:
        """The raw tag of a voice whose speaker is not seen speaking ("OS", "V.O.", "旁白" …), else ""."""
        tagged = next((tag for tag in self.extensions if is_voice(tag)), "")
        return tagged or (self.speaker if is_narrator(self.speaker) else "")

    @property
    def manner(self) -> str:
        """How it is said, from the tags that are no voices and the first parenthetical."""
        tags = [tag for tag in self.extensions if not is_voice(tag) and not is_continued(tag)]
        first = self.parts[0].manner if self.parts else ""
        return ", ".join([*tags, first] if first else tags)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A parsed script: title page, elements in order, and what could not be placed."""

    dialect: Dialect = field(compare=False)
    fields: tuple[Field, ...] = ()
    elements: tuple[Element, ...] = ()
    warnings: tuple[ParseWarning, ...] = field(default=(), compare=False)

    @property
    def scenes(self) -> Iterator[SceneHeading]:
        """The scene headings in order."""
        return (element for element in self.elements if isinstance(element, SceneHeading))

    def value(self, *keys: str) -> str:
        """Return the first filled field of the title page that bears one of ``keys`` (any case), else ""."""
        wanted = {key.casefold() for key in keys}
        return next((item.value for item in self.fields if item.key.casefold() in wanted and item.value), "")
