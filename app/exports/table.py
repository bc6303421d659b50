"""The shot list of an episode as a spreadsheet that opens in any office program."""

from __future__ import annotations

import csv
import io

from app.exports.cut import Cut, Segment

BYTE_ORDER_MARK = "\ufeff"
COLUMNS = (
    "order",
    "scene",
    "shot",
    "take",
    "start",
    "end",
    "frames",
    "seconds",
    "take_in_frame",
    "dialogue",
    "card",
    "fade_out",
    "take_sha256",
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def shots_csv(cut: Cut) -> str:
    """Return one row a segment, with timecodes, as comma-separated text that begins with a byte order mark.

    Excel takes the mark as a sign of UTF-8; text that a spreadsheet would run as a formula is made plain.
    """
    text = io.StringIO(newline="")
    text.write(BYTE_ORDER_MARK)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for order, (start, segment) in enumerate(zip(cut.starts, cut.segments, strict=True), start=1):
        writer.writerow([harmless(value) for value in _row(cut, order, start, segment)])
    return text.getvalue()


def harmless(value: str | int) -> str | int:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


def _row(cut: Cut, order: int, start: int, segment: Segment) -> tuple[str | int, ...]:
    spoken = "\n".join(f"{line.speaker}: {line.text}" if line.speaker else line.text for line in segment.subtitles)
    return (
        order,
        segment.scene,
        segment.shot_name,
        segment.take_number,
        cut.rate.timecode(start),
        cut.rate.timecode(start + segment.frames),
        segment.frames,
        f"{float(cut.rate.seconds(segment.frames)):.3f}",
        segment.in_frame,
        spoken,
        segment.card,
        "yes" if segment.fade_out else "",
        segment.source_sha256,
    )
