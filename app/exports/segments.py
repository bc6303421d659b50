"""What each segment of a cut is made of, and the key that names it: two segments with one key are the same bytes."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass

from app.core.frames import FrameRate
from app.exports import labels, subtitles, typesetting
from app.exports.cut import Cut, Fit, Segment, SubtitleKind
from app.exports.processes import ffmpeg_version
from app.exports.styling import Drawing, Style
from app.exports.typesetting import Layout
from app.media.keys import derived_key

CODE_VERSION = 2
"""Raise it when the picture would change for the same arguments, so that old segments are not taken for new ones."""

COMMON_TIMESCALE = 120_000
WORDS = "words.ass"


@dataclass(frozen=True, slots=True)
class SegmentPlan:
    """How one segment is rendered, whoever renders it.

    ``filters`` start from the take's own pictures; ``words`` is the ASS text, or "" when nothing is drawn.
    """

    segment: Segment
    key: str
    filters: tuple[str, ...]
    words: str
    encoder: tuple[str, ...]


def plan(cut: Cut) -> tuple[SegmentPlan, ...]:
    """Return the plan of every segment, in order; pure, and cheap enough to ask what an export would cost."""
    encoder = encoder_arguments(cut.rate)
    label_left = labels.label_frames(cut)
    plans: list[SegmentPlan] = []
    for segment in cut.segments:
        labelled = min(label_left, segment.frames)
        label_left -= labelled
        words = _words(cut, segment, labelled)
        filters = _filters(cut, segment, drawn=bool(words))
        plans.append(SegmentPlan(segment, _key(segment, filters, words, encoder), filters, words, encoder))
    return tuple(plans)


def timescale(rate: FrameRate) -> int:
    """Return the ticks a second in which a frame of ``rate`` lasts a whole number of ticks."""
    return math.lcm(COMMON_TIMESCALE, rate.numerator) if COMMON_TIMESCALE % rate.numerator else COMMON_TIMESCALE


def frame_ticks(rate: FrameRate) -> int:
    """Return how many ticks of ``timescale`` a frame lasts."""
    return timescale(rate) * rate.denominator // rate.numerator


def encoder_arguments(rate: FrameRate) -> tuple[str, ...]:
    """Return the one way segments are encoded, so that they join without being encoded again."""
    group = str(2 * round(rate.fraction))
    x264 = "stitchable=1:open-gop=0:colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv"
    return (
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-profile:v", "high", "-pix_fmt", "yuv420p"),
        *("-g", group, "-keyint_min", group, "-sc_threshold", "0", "-bf", "2", "-flags", "+cgop+bitexact"),
        *("-x264-params", x264, "-a53cc", "0", "-color_range", "tv", "-colorspace", "bt709"),
        *("-color_primaries", "bt709", "-color_trc", "bt709", "-chroma_sample_location", "left"),
        *("-video_track_timescale", str(timescale(rate)), "-fflags", "+bitexact", "-f", "mp4"),
    )


def _filters(cut: Cut, segment: Segment, *, drawn: bool) -> tuple[str, ...]:
    width, height = cut.width, cut.height
    last = segment.in_frame + segment.frames
    chain = [f"fps={cut.rate}:start_time=0"]
    chain += [f"trim=start_frame={segment.in_frame}:end_frame={last}", "setpts=PTS-STARTPTS"]
    if segment.fit is Fit.COVER:
        chain.append(_scale(f"max({width},{height}*dar)", f"max({height},{width}/dar)"))
        chain.append(f"crop={width}:{height}")
    else:
        chain.append(_scale(f"min({width},{height}*dar)", f"min({height},{width}/dar)"))
        chain.append(f"pad={width}:{height}:-1:-1")
    chain += ["setsar=1", "format=yuv420p", "tpad=stop=-1:stop_mode=clone"]
    if segment.fade_out:
        fade = min(cut.fade_frames, segment.frames)
        chain.append(f"fade=t=out:start_frame={segment.frames - fade}:nb_frames={fade}")
    if drawn:
        chain.append(f"ass={WORDS}")
    chain.append("setparams=field_mode=prog:range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709")
    return tuple(chain)


def _scale(width: str, height: str) -> str:
    """Scale to the nearest even size; ``dar`` counts the shape of the source's pixels in."""
    return f"scale=w='2*round({width}/2)':h='2*round({height}/2)':out_color_matrix=bt709:out_range=tv:flags=bicubic"


def _words(cut: Cut, segment: Segment, labelled: int) -> str:
    drawing = Drawing(cut.width, cut.height, cut.rate)
    if cut.draft:
        labels.draw_watermark(drawing, segment.frames)
    if segment.burn_words:
        _draw_words(drawing, segment, typesetting.layout(cut.width, cut.height, cut.language))
    if labelled:
        labels.draw_label(drawing, labels.visible_label(cut), labelled)
    return drawing.document()


def _draw_words(drawing: Drawing, segment: Segment, layout: Layout) -> None:
    edge = max(1, round(layout.subtitle_em * 0.07))
    middle = drawing.width // 2
    if segment.card.strip():
        em, lines = subtitles.card_lines(segment.card, layout)
        style = Style("Card", em, outline=edge, shadow=1, bold=True)
        place = middle, layout.card_middle
        drawing.add(style, lines, range(segment.frames), place, 5, layer=3, tags=r"\fad(200,0)")
    for cue in subtitles.segment_cues(segment, layout):
        # Slanted Chinese is hard to read: a voice that is not in the picture is slanted in alphabets only.
        slanted = cue.kind == SubtitleKind.VOICE and not typesetting.is_wide(cue.text)
        name = "Voice" if slanted else "Dialogue"
        style = Style(name, layout.subtitle_em, outline=edge, shadow=1, bold=True, italic=slanted)
        place = middle, layout.subtitle_bottom
        drawing.add(style, cue.lines, range(cue.start_frame, cue.end_frame), place, 2, layer=5)


def _key(segment: Segment, filters: tuple[str, ...], words: str, encoder: tuple[str, ...]) -> str:
    parts = {
        "code": CODE_VERSION,
        "ffmpeg": ffmpeg_version(),
        "font": typesetting.font_sha256() if words else "",
        "source": segment.source_sha256,
        "frames": segment.frames,
        "filters": filters,
        "words": words,
        "encoder": encoder,
    }
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return derived_key("segment", CODE_VERSION, digest, ".mp4")
