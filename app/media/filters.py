"""Pieces of ffmpeg filter graphs that put a take on its own exact time line, upright, in one colour space."""

from __future__ import annotations

from fractions import Fraction

from app.media.probe import VideoFacts


def picture_timeline(facts: VideoFacts) -> str:
    """Return filters after which the picture has ``facts.frames`` frames at ``facts.rate``, the first at zero.

    Frame *n* of a constant source is frame *n* of the result. A few frames that cannot be decoded are stood in for by
    the one before; more than a tenth are not, so that the result is too short.
    """
    padding = 3 + facts.frames // 10
    return (
        f"setpts=PTS-({_seconds(facts.start)})/TB,fps={facts.rate}:start_time=0:round=near,"
        f"tpad=stop_mode=clone:stop={padding},trim=end_frame={facts.frames}"
    )


def sound_timeline(facts: VideoFacts) -> str:
    """Return filters after which the sound is 48 kHz stereo, starts with the picture and is exactly as long."""
    length = _seconds(facts.rate.seconds(facts.frames))
    return (
        f"asetpts=PTS-({_seconds(facts.start)})/TB,aresample=48000:async=1:first_pts=0,"
        f"aformat=channel_layouts=stereo:sample_fmts=fltp,apad=whole_dur={length},atrim=end={length}"
    )


def scaled(facts: VideoFacts, width: int, height: int) -> str:
    """Return filters that make the picture ``width`` × ``height`` square pixels of BT.709, whatever it was."""
    if facts.transfer != "sdr":
        return f"scale={width}:{height}:flags=bilinear+accurate_rnd,{to_sdr(facts.matrix)},setsar=1"
    source = f"in_color_matrix={facts.matrix}:in_range={'full' if facts.full_range else 'limited'}"
    return (
        f"scale={width}:{height}:flags=bilinear+accurate_rnd:{source}:out_color_matrix=bt709:out_range=limited,"
        "format=yuv420p,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=limited,setsar=1"
    )


def to_sdr(matrix: str) -> str:
    """Return filters that bring PQ or HLG down to BT.709: one look for the proxy and for the episode.

    The primaries are said to be BT.2020's, which ITU-R BT.2100 gives both; many files leave them out.
    """
    return (
        f"setparams=colorspace={matrix}:color_primaries=bt2020,"
        "zscale=transfer=linear:npl=203,format=gbrpf32le,zscale=primaries=bt709,"
        "tonemap=mobius:desat=0,zscale=transfer=bt709:matrix=bt709:range=limited,format=yuv420p"
    )


def fit_box(aspect: Fraction, box: tuple[int, int], largest: tuple[int, int]) -> tuple[int, int]:
    """Return the even size of ``aspect`` (width by height) that fits ``box`` and is not larger than ``largest``."""
    width = min(Fraction(box[0]), box[1] * aspect, Fraction(largest[0]), largest[1] * aspect)
    return _even(width), _even(width / aspect)


def _even(length: Fraction) -> int:
    return max(2, round(length / 2) * 2)


def _seconds(exact: Fraction) -> str:
    """Write seconds for an expression, to the microsecond, in which ffmpeg keeps time."""
    return f"{float(exact):.6f}"
