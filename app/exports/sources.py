"""The takes a cut is made of, as files nobody vouches for: found, proved to be the ones circled, and opened safely."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import InputContainer

from app.core.i18n import _
from app.exports.cut import Segment
from app.exports.errors import ExportError
from app.media.ffmpeg import FfmpegError
from app.media.filters import to_sdr
from app.media.probe import colours
from app.media.sniff import MATROSKA, MP4, sniff

_UNSPECIFIED = 2


def demuxer(source: Path) -> str:
    """Return the one demuxer that may read a take; raise ``FfmpegError`` for a playlist, a picture or a text."""
    found = sniff(source)
    if found not in (MP4, MATROSKA):
        raise FfmpegError(f"A take is an MP4, MOV or WebM file, not {found}.")
    return found


@contextmanager
def open_take(source: Path) -> Iterator[InputContainer]:
    """Open a take to be read in this process; raise ``FfmpegError`` or PyAV's errors when it is no video."""
    with av.open(f"file:{source}", format=demuxer(source), metadata_errors="ignore") as container:
        yield container


def to_our_colours(source: Path) -> list[str]:
    """Return the filters that say, or change, which colours a take is in before it is scaled.

    Pictures without tags are read, and high dynamic range is brought down, as for the proxy, so that the episode looks
    like the take the director circled.
    """
    with open_take(source) as container:
        films = [one for one in container.streams.video if not one.disposition & one.disposition.attached_pic]
        if not films or films[0].codec_context is None:
            raise FfmpegError("There is no picture in it.")
        context = films[0].codec_context
        tagged, size = int(context.colorspace), (context.width, context.height)
        matrix, transfer = colours(tagged, int(context.color_trc), *size)
    if transfer != "sdr":
        return [to_sdr(matrix)]
    return [f"setparams=colorspace={matrix}"] if tagged == _UNSPECIFIED else []


def check_source(segment: Segment) -> None:
    """Raise ``ExportError`` unless the take's file is there and its bytes are the ones that were circled."""
    if not segment.source.is_file():
        raise ExportError(
            "export.source_missing",
            _("The take of shot %(shot)s is not where it was stored. Restore it, or circle another take.")
            % {"shot": segment.shot_name},
            shot_id=segment.shot_id,
            shot=segment.shot_name,
        )
    with segment.source.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != segment.source_sha256:
        raise ExportError(
            "export.source_changed",
            _("The bytes of the take of shot %(shot)s have changed since it was stored. Upload or generate it again.")
            % {"shot": segment.shot_name},
            shot_id=segment.shot_id,
            shot=segment.shot_name,
        )


@contextmanager
def naming(segment: Segment) -> Iterator[None]:
    """Turn what ffmpeg or PyAV says about a take, inside the block, into an error that names its shot."""
    try:
        yield
    except (FfmpegError, av.FFmpegError) as error:
        raise failed(segment, _("it is damaged, cut short, or of an unknown kind"), error) from error


def failed(segment: Segment, why: str, error: Exception | None = None) -> ExportError:
    """Return the error that names the shot whose take could not be used; ``details["reason"]`` is for technicians."""
    said = str(error or "").strip().replace(str(segment.source.resolve()), segment.source.name).splitlines()
    return ExportError(
        "export.segment_failed",
        _("Shot %(shot)s could not be conformed from take %(take)s: %(why)s. Circle another take, or make it again.")
        % {"shot": segment.shot_name, "take": segment.take_number, "why": why},
        shot_id=segment.shot_id,
        shot=segment.shot_name,
        take=segment.take_number,
        reason=said[-1] if said else "",
    )
