"""Spoken words and cards as cues: what is burned into the picture and what is written beside it are the same cues."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.core.frames import FrameRate
from app.exports import typesetting
from app.exports.cut import Cut, Segment, Subtitle, SubtitleKind
from app.exports.typesetting import CLAUSE_ENDS, SENTENCE_ENDS, Layout, Unit

LINES = 2
CARD_LINES = 5
CARD = "card"


@dataclass(frozen=True, slots=True)
class Cue:
    """Words on the screen from ``start_frame`` up to, not including, ``end_frame``.

    ``lines`` is how they are set, ``text`` the same words on one line; ``kind`` is a ``SubtitleKind`` or "card".
    """

    start_frame: int
    end_frame: int
    lines: tuple[str, ...]
    text: str
    speaker: str
    kind: str


def segment_cues(segment: Segment, layout: Layout) -> tuple[Cue, ...]:
    """Return the cues of the spoken words of one segment, counted from its start, in order."""
    cues = [cue for subtitle in segment.subtitles for cue in _split(subtitle, layout)]
    return tuple(sorted(cues, key=lambda cue: (cue.start_frame, cue.end_frame)))


def card_lines(text: str, layout: Layout) -> tuple[int, tuple[str, ...]]:
    """Return the em in pixels, and the lines, in which a card fits its place; each line of the script stays one."""
    em = layout.card_em
    while True:
        ems = layout.text_width / em
        lines = tuple(
            line for paragraph in text.splitlines() for line in typesetting.wrap(typesetting.units(paragraph), ems)
        )
        if len(lines) <= CARD_LINES or em <= layout.card_em // 2:
            return em, lines
        em = max(layout.card_em // 2, round(em * 0.9))


def episode_cues(cut: Cut) -> tuple[Cue, ...]:
    """Return every cue of the episode, cards too, counted from its first frame, in order."""
    layout = typesetting.layout(cut.width, cut.height, cut.language)
    cues: list[Cue] = []
    for start, segment in zip(cut.starts, cut.segments, strict=True):
        if segment.card.strip():
            text = " ".join(segment.card.split())
            cues.append(Cue(start, start + segment.frames, card_lines(segment.card, layout)[1], text, "", CARD))
        cues += [
            Cue(start + cue.start_frame, start + cue.end_frame, cue.lines, cue.text, cue.speaker, cue.kind)
            for cue in segment_cues(segment, layout)
        ]
    return tuple(sorted(cues, key=lambda cue: (cue.start_frame, cue.end_frame)))


def srt(cues: Iterable[Cue], rate: FrameRate) -> str:
    """Return the cues as SubRip text, timed to the millisecond nearest each frame's start."""
    blocks = []
    for number, cue in enumerate(cues, start=1):
        times = f"{_clock(cue.start_frame, rate, ',')} --> {_clock(cue.end_frame, rate, ',')}"
        blocks.append(f"{number}\n{times}\n{_srt_text(cue.text)}\n\n")
    return "".join(blocks)


def vtt(cues: Iterable[Cue], rate: FrameRate, language: str) -> str:
    """Return the cues as WebVTT: speakers as voices, cards in the upper third."""
    return f"WEBVTT\nKind: subtitles\nLanguage: {language}\n\n" + "\n".join(_vtt_blocks(cues, rate))


def _vtt_blocks(cues: Iterable[Cue], rate: FrameRate) -> Iterator[str]:
    for number, cue in enumerate(cues, start=1):
        place = " line:30%" if cue.kind == CARD else ""
        voice = f"<v {_vtt_text(cue.speaker)}>" if cue.speaker else ""
        times = f"{_clock(cue.start_frame, rate, '.')} --> {_clock(cue.end_frame, rate, '.')}{place}"
        yield f"{number}\n{times}\n{voice}{_vtt_text(cue.text)}\n"


def _srt_text(text: str) -> str:
    # SubRip knows no escape: what a player would take for a tag begins with the full-width form instead.
    return re.sub(r"<(?=[A-Za-z/])", "＜", text).replace("{\\", "｛\\")


def _vtt_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(frame: int, rate: FrameRate, point: str) -> str:
    milliseconds = round(rate.seconds(frame) * 1000)
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{point}{rest:03d}"


def _split(subtitle: Subtitle, layout: Layout) -> Iterator[Cue]:
    """Yield a long speech as several cues of at most two lines, each as long as its share of the words."""
    ems = layout.text_width / layout.subtitle_em
    parts = typesetting.breakable(typesetting.units(subtitle.text), ems)
    if not parts:
        return
    groups = _groups(parts, ems)
    if len(groups) > subtitle.end_frame - subtitle.start_frame:
        groups = [parts]
    total = sum(part.width for part in parts)
    said, start = 0.0, subtitle.start_frame
    for left, group in enumerate(groups, start=1 - len(groups)):
        said += sum(part.width for part in group)
        share = subtitle.start_frame + round((subtitle.end_frame - subtitle.start_frame) * said / total)
        end = min(max(share, start + 1), subtitle.end_frame + left)
        kind = SubtitleKind(subtitle.kind).value
        yield Cue(start, end, typesetting.wrap(group, ems), typesetting.joined(group), subtitle.speaker, kind)
        start = end


def _groups(parts: list[Unit], ems: float) -> list[list[Unit]]:
    """Divide ``parts`` into the fewest cues of at most two lines, ending where the sense allows."""
    best: list[tuple[float, int]] = [(0.0, 0)] + [(float("inf"), 0)] * len(parts)
    whole = sum(part.width for part in parts)
    for start in range(len(parts)):
        for end in range(start + 1, len(parts) + 1):
            if typesetting.line_count(parts[start:end], ems) > LINES:
                break
            width = sum(part.width for part in parts[start:end])
            cost = best[start][0] + 1 + _ending_cost(parts[end - 1], last=end == len(parts)) + (width / whole) ** 2 / 10
            if cost < best[end][0]:
                best[end] = (cost, start)
    groups: list[list[Unit]] = []
    end = len(parts)
    while end:
        start = best[end][1]
        groups.insert(0, parts[start:end])
        end = start
    return groups


def _ending_cost(part: Unit, *, last: bool) -> float:
    if last or part.text[-1] in SENTENCE_ENDS:
        return 0.0
    return 0.1 if part.text[-1] in CLAUSE_ENDS else 0.6
