"""The ASS document that draws words on one segment: subtitles, card, AI label, draft watermark."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from app.core.frames import FrameRate
from app.exports import typesetting
from app.media import fonts

_FIELDS = (
    "Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, "
    "StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, "
    "Encoding"
)


@dataclass(frozen=True, slots=True)
class Style:
    """How one kind of words looks; ``em``, ``outline`` and ``shadow`` in pixels, colours as &HAABBGGRR.

    With ``boxed`` the outline is the margin of a box behind the words, in ``edge``'s colour.
    """

    name: str
    em: int
    colour: str = "&H00FFFFFF"
    edge: str = "&H00101010"
    outline: int = 0
    shadow: int = 0
    bold: bool = False
    italic: bool = False
    boxed: bool = False

    def line(self) -> str:
        """Return the style as a line of the document."""
        size = f"{self.em * typesetting.line_height():.2f}"
        return (
            f"Style: {self.name},{fonts.SANS_FAMILY},{size},{self.colour},{self.colour},{self.edge},&H80000000,"
            f"{-self.bold:d},{-self.italic:d},0,0,100,100,0,0,{3 if self.boxed else 1},{self.outline},{self.shadow},"
            "5,0,0,0,1"
        )


@dataclass(slots=True)
class Drawing:
    """The words of one segment; empty when there are none to draw."""

    width: int
    height: int
    rate: FrameRate
    styles: dict[str, Style] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)

    def add(
        self,
        style: Style,
        lines: tuple[str, ...],
        frames: range,
        place: tuple[int, int],
        anchor: int,
        *,
        layer: int,
        tags: str = "",
    ) -> None:
        """Draw ``lines`` during ``frames``, with their ``anchor`` (a key of a number pad) at ``place`` in pixels."""
        self.styles[style.name] = style
        text = r"\N".join(escape(line) for line in lines)
        times = f"{_time(frames.start, self.rate)},{_time(frames.stop, self.rate)}"
        position = rf"{{\an{anchor}\pos({place[0]},{place[1]}){tags}}}"
        self.events.append(f"Dialogue: {layer},{times},{style.name},,0,0,0,,{position}{text}")

    def document(self) -> str:
        """Return the whole ASS text, or nothing when there is nothing to draw."""
        if not self.events:
            return ""
        head = [
            "[Script Info]",
            "ScriptType: v4.00+",
            f"PlayResX: {self.width}",
            f"PlayResY: {self.height}",
            f"LayoutResX: {self.width}",
            f"LayoutResY: {self.height}",
            "WrapStyle: 2",
            "ScaledBorderAndShadow: yes",
            "YCbCr Matrix: TV.709",
            "[V4+ Styles]",
            f"Format: {_FIELDS}",
            *(style.line() for style in self.styles.values()),
            "[Events]",
            "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text",
        ]
        return "\n".join([*head, *self.events, ""])


def escape(text: str) -> str:
    r"""Return ``text`` so that libass shows it as it is: braces and \N are words here, never commands."""
    visible = re.sub(r"\\(?=[Nnh{}])", "\\\\\u2060", text)
    return re.sub(r"[{}]", lambda found: "\\" + found.group(), visible)


def _time(frame: int, rate: FrameRate) -> str:
    """Return the hundredth of a second half a frame before ``frame``, so that rounding never moves words by a frame."""
    hundredths = max(0, round((frame - Fraction(1, 2)) / rate.fraction * 100))
    seconds, rest = divmod(hundredths, 100)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:02d}"
