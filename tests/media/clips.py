"""Small clips for the media tests, made with ffmpeg the first time a test asks for one."""

from __future__ import annotations

import shlex
from pathlib import Path

from app.media import ffmpeg

H264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"
BARS = "-f lavfi -i testsrc=s=216x384"
COUNTED = "-f lavfi -i color=black:s=72x128"
COUNTING = "format=yuv420p,geq=lum='20+4*N':cb=128:cr=128"
"""A picture whose luma tells the frame: 20 + 4n."""

PLAIN = {
    "portrait_24_sound.mp4": f"{BARS}:r=24:d=2 -f lavfi -i sine=r=48000:d=2 {H264} -c:a aac",
    "landscape_30_silent.mp4": f"-f lavfi -i testsrc=s=960x540:r=30:d=1 {H264}",
    "portrait_25_mono.mov": f"{BARS}:r=25:d=1 -f lavfi -i sine=r=44100:d=1 {H264} -c:a pcm_s16le -ac 1",
    "film_rate.mp4": f'{COUNTED}:r=24000/1001:d=2 -vf "{COUNTING}" {H264} -bf 2',
    "film_rate.webm": f'{COUNTED}:r=24000/1001:d=2 -vf "{COUNTING}" -c:v libvpx -deadline realtime',
    "variable.mp4": (
        f'{COUNTED}:r=24:d=2 -vf "{COUNTING},select=not(eq(mod(n\\,7)\\,3))*not(eq(mod(n\\,11)\\,5))" '
        f"-fps_mode vfr {H264}"
    ),
    "surround.mp4": f"{BARS}:r=24:d=1 -f lavfi -i 'aevalsrc=0|0|0.5*sin(440*2*PI*t)|0|0|0:c=5.1:d=1' {H264} -c:a aac",
    "one_frame.mp4": f"{BARS}:r=24 -frames:v 1 {H264}",
    "halves.mp4": (
        f"-f lavfi -i color=red:s=320x180:r=24:d=0.5 -vf drawbox=x=160:w=160:h=180:t=fill:color=blue {H264}"
    ),
    "anamorphic.mp4": f"-f lavfi -i testsrc=s=240x320:r=24:d=0.5 -vf setsar=3/4 {H264}",
    "wide_colours.mp4": (
        "-f lavfi -i color=0xbfbfbf:s=216x384:r=24:d=0.5 -vf format=yuv420p10le,setparams="
        "color_primaries=bt2020:color_trc=arib-std-b67:colorspace=bt2020nc:range=limited -c:v libx264"
    ),
    "wide_untagged.mp4": (
        "-f lavfi -i color=0xbfbfbf:s=216x384:r=24:d=0.5 -vf format=yuv420p10le,setparams="
        "color_primaries=unknown:color_trc=arib-std-b67:colorspace=unknown:range=limited -c:v libx264"
    ),
    "picture_later.mp4": (
        "-f lavfi -i \"aevalsrc='0.5*sin(440*2*PI*t)*gte(t,1)':s=48000:d=3\" "
        f'-itsoffset 0.5 {COUNTED}:r=24:d=2 -filter:v "{COUNTING}" {H264} -c:a aac -map 1:v -map 0:a'
    ),
    "short_sound.mp4": f"{BARS}:r=24:d=2 -f lavfi -i sine=d=0.5 {H264} -c:a aac",
    "huge.mp4": f"-f lavfi -i color=black:s=8256x64:r=24 -frames:v 1 {H264}",
    "tiny.mp4": f"-f lavfi -i color=black:s=32x32:r=24 -frames:v 1 {H264}",
    "breakneck.mp4": f"-f lavfi -i color=black:s=64x64:r=1000 -frames:v 20 {H264}",
    "loop.mp4": f"-f lavfi -i color=black:s=64x64:r=1:d=10 {H264}",
    "sound_only.m4a": "-f lavfi -i sine=d=1 -c:a aac",
    "film.avi": f"{BARS}:r=24:d=0.2 -c:v mpeg4",
    "private.mp4": f"{BARS}:r=24:d=0.2 {H264} -metadata 'title=secret place' -metadata location=+31.2-121.4/",
}

MADE_FROM = {
    "rotated.mp4": "-display_rotation 90 -i halves.mp4 -c copy",
    "fast_start.mp4": "-i portrait_24_sound.mp4 -c copy -movflags +faststart",
    "fragments.mp4": "-i film_rate.mp4 -c copy -movflags frag_keyframe+empty_moov",
    "ten_hours.mp4": "-stream_loop 3599 -i loop.mp4 -c copy",
    "ten_hours.webm": "-stream_loop 3599 -i loop.mp4 -c copy -f matroska -live 1",
    "cover.m4a": "-i portrait_24_sound.mp4 -c:v mjpeg -c:a copy -disposition:v attached_pic -frames:v 1",
}


class Clips:
    """Makes the named clips in one folder and remembers them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, name: str) -> Path:
        """Return the path of a clip by its name in ``PLAIN`` or ``MADE_FROM``."""
        path = self.folder / name
        if not path.exists():
            arguments = shlex.split(PLAIN.get(name) or MADE_FROM[name])
            ffmpeg.run([str(self(part)) if part in PLAIN else part for part in arguments] + [str(path)])
        return path
