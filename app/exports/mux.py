"""The last step: segments and sound joined without encoding again, and labelled; then read back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.core.i18n import _
from app.exports import labels
from app.exports.cut import Cut
from app.exports.errors import disk_full_named
from app.exports.labels import AIGC_KEY, Aigc
from app.exports.processes import Cancelled, run
from app.exports.segments import frame_ticks, timescale

_LANGUAGES = {"zh": "zho", "en": "eng"}


def mux(cut: Cut, segments: Sequence[Path], sound: Path, label: Aigc, target: Path, *, cancelled: Cancelled) -> None:
    """Write ``target``: the segments in order with ``sound``, index first, titled, and labelled as AI-made.

    Raises ``ExportError`` ``export.label_missing`` when the label cannot be read back from the file.
    """
    folder = target.parent
    listing = folder / "segments.txt"
    with disk_full_named():
        listing.write_text("".join(f"file '{_quoted(path)}'\n" for path in segments), "utf-8")
        run(_arguments(cut, listing, sound, label, target), folder, cancelled)
        listing.unlink()
    if labels.read_aigc(target) != label:
        raise labels.label_missing(_("the AIGC metadata is not the one that was written"))


def _arguments(cut: Cut, listing: Path, sound: Path, label: Aigc, target: Path) -> list[str]:
    tick = frame_ticks(cut.rate)
    # Joining counts time in microseconds; every stamp is brought back to its frame.
    exact = f"setts=pts=round(PTS/{tick})*{tick}:dts=round(DTS/{tick})*{tick}:duration={tick}"
    language = _LANGUAGES.get(cut.language[:2], "und")
    return [
        *("-f", "concat", "-safe", "0", "-protocol_whitelist", "file", "-i", str(listing)),
        *("-protocol_whitelist", "file", "-i", f"file:{sound.resolve()}", "-map", "0:v:0", "-map", "1:a:0"),
        *("-c", "copy", "-bsf:v", exact, "-map_metadata", "-1"),
        *("-video_track_timescale", str(timescale(cut.rate)), "-movflags", "+faststart+use_metadata_tags"),
        *("-metadata", f"title={cut.title}", "-metadata", f"{AIGC_KEY}={label.json()}"),
        *("-metadata:s:v:0", f"language={language}", "-metadata:s:a:0", f"language={language}"),
        *("-f", "mp4", str(target)),
    ]


def _quoted(path: Path) -> str:
    return f"file:{path.resolve()}".replace("'", "'\\''")
