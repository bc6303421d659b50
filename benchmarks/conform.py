"""What an episode costs: 24 shots of 5 s conformed from nothing, again after one change, and by ffmpeg's concat filter.

The figures are CPU-seconds of this process and of every ffmpeg it starts. The rival is one ffmpeg that does the same
to the same clips: brings each to size and rate, joins them, burns in the same words, encodes with the same settings,
sets the sound's level (without measuring it) and limits it.
"""

from __future__ import annotations

import argparse
import hashlib
import json as json_module
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.frames import FrameRate
from app.exports import labels, segments, subtitles, typesetting
from app.exports.assemble import assemble
from app.exports.conform import FolderCache
from app.exports.cut import Cut, Segment, Subtitle
from app.exports.processes import run, write_fonts
from app.exports.styling import Drawing, Style

SHOTS, SECONDS, WIDTH, HEIGHT, RATE = 24, 5, 1080, 1920, FrameRate(24)
MUST_SHOW = {"cold_vs_concat_filter": 1.0, "one_shot_changed_vs_cold": 0.12}


@dataclass(slots=True)
class Spent:
    """CPU-seconds, user and system, of a piece of work."""

    seconds: float = 0.0


@contextmanager
def _spending() -> Iterator[Spent]:
    def so_far() -> float:
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(one.ru_utime + one.ru_stime for one in used)

    spent, before = Spent(), so_far()
    yield spent
    spent.seconds = so_far() - before


def main(json: bool) -> dict[str, float]:
    """Run the benchmark, print its figures (as JSON when asked) and return them."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_fonts(folder)
        figures = _measure(folder, _cut([_clip(folder, number) for number in range(SHOTS + 1)]))
    if json:
        print(json_module.dumps(figures, indent=2))
    else:
        for name, figure in figures.items():
            most = f"  (at most {MUST_SHOW[name]})" if name in MUST_SHOW else ""
            print(f"{name:32} {figure:8.3f}{most}")
    return figures


def _measure(folder: Path, cut: Cut) -> dict[str, float]:
    spare = cut.segments[-1]
    cut = replace(cut, segments=cut.segments[:-1])
    middle = SHOTS // 2
    other_take = replace(cut.segments[middle], source=spare.source, source_sha256=spare.source_sha256)
    changed = replace(cut, segments=(*cut.segments[:middle], other_take, *cut.segments[middle + 1 :]))
    cache = FolderCache(folder / "cache")
    cold = _export(cut, folder / "out", cache)
    one_shot = _export(changed, folder / "out", cache)
    again = _export(changed, folder / "out", cache)
    with _spending() as rival:
        run(_concat_filter(cut, folder), folder, lambda: False)
    return {
        "cold_cpu_s": round(cold, 2),
        "concat_filter_cpu_s": round(rival.seconds, 2),
        "one_shot_changed_cpu_s": round(one_shot, 2),
        "nothing_changed_cpu_s": round(again, 2),
        "cold_vs_concat_filter": round(cold / rival.seconds, 3),
        "one_shot_changed_vs_cold": round(one_shot / cold, 3),
    }


def _export(cut: Cut, out: Path, cache: FolderCache) -> float:
    with _spending() as spent:
        assemble(cut, out, cache, lambda _progress: None, lambda: False, workers=2)
    return spent.seconds


def _clip(folder: Path, number: int) -> Path:
    """Make a take: drifting colours under a moving test picture, and a tone of its own."""
    path = folder / f"take-{number:02d}.mp4"
    size = f"s={WIDTH}x{HEIGHT}:r={RATE}:d={SECONDS}"
    colours = f"gradients=s={WIDTH // 4}x{HEIGHT // 4}:r={RATE}:d={SECONDS}:n=5:seed={number}:speed=0.02"
    pictures = f"{colours},scale={WIDTH}:{HEIGHT}[a];testsrc2={size},hue=h={15 * number}[b]"
    blended = "[a][b]blend=all_mode=average,format=yuv420p[v]"
    tone = f"sine=f={200 + 20 * number}:r=44100:d={SECONDS},volume={1 + number % 4},aformat=channel_layouts=stereo[s]"
    run(
        [
            *("-filter_complex", f"{pictures};{blended};{tone}", "-map", "[v]", "-map", "[s]"),
            *("-c:v", "libx264", "-preset", "superfast", "-crf", "23", "-c:a", "aac", str(path)),
        ],
        folder,
        lambda: False,
    )
    return path


def _cut(clips: list[Path]) -> Cut:
    frames = RATE.frames(SECONDS)
    return Cut(
        project="Benchmark",
        episode=1,
        title="Benchmark",
        language="zh",
        width=WIDTH,
        height=HEIGHT,
        rate=RATE,
        segments=tuple(
            Segment(
                shot_id=str(number),
                shot_name=f"SH{number * 10:04d}",
                scene="1",
                source=clip,
                source_sha256=hashlib.sha256(clip.read_bytes()).hexdigest(),
                take_number=1,
                in_frame=0,
                frames=frames,
                subtitles=(Subtitle(8, 88, f"第{number}场：那场火，是你放的！你还记得吗？", "精卫"),),
            )
            for number, clip in enumerate(clips, start=1)
        ),
        producer="benchmark",
        produce_id="benchmark",
    )


def _concat_filter(cut: Cut, folder: Path) -> list[str]:
    (folder / segments.WORDS).write_text(_all_words(cut), "utf-8")
    inputs = [argument for one in cut.segments for argument in ("-i", str(one.source))]
    size = f"{WIDTH}:{HEIGHT}"
    chains = [
        f"[{n}:v]fps={RATE},scale={size}:force_original_aspect_ratio=increase,crop={size},setsar=1,format=yuv420p[v{n}];"
        f"[{n}:a]aresample=48000,aformat=channel_layouts=stereo[a{n}]"
        for n in range(SHOTS)
    ]
    joined = "".join(f"[v{n}][a{n}]" for n in range(SHOTS)) + f"concat=n={SHOTS}:v=1:a=1[v][a]"
    ending = f"[v]ass={segments.WORDS}[picture];[a]volume=2dB,alimiter=limit=0.8:level=false[sound]"
    return [
        *inputs,
        *("-filter_complex", ";".join([*chains, joined, ending]), "-map", "[picture]", "-map", "[sound]"),
        *segments.encoder_arguments(RATE),
        *("-c:a", "aac", "-aac_coder", "fast", "-b:a", "192k", "-movflags", "+faststart", str(folder / "rival.mp4")),
    ]


def _all_words(cut: Cut) -> str:
    layout = typesetting.layout(cut.width, cut.height, cut.language)
    drawing = Drawing(cut.width, cut.height, cut.rate)
    style = Style("Dialogue", layout.subtitle_em, outline=4, shadow=1, bold=True)
    for cue in subtitles.episode_cues(cut):
        place = cut.width // 2, layout.subtitle_bottom
        drawing.add(style, cue.lines, range(cue.start_frame, cue.end_frame), place, 2, layer=5)
    labels.draw_label(drawing, labels.visible_label(cut), labels.label_frames(cut))
    return drawing.document()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    main(parser.parse_args().json)
