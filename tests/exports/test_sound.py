"""The sound of an episode is where it belongs, as loud as it should be, whatever the takes bring."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.core.frames import FrameRate
from app.exports import sound
from app.exports.errors import ExportError


def never() -> bool:
    return False


def click_take(takes, name, rate, frames, *encoder):
    """Make a take of ``frames`` whose sound is a hum with a click at the start of each tenth frame."""
    seconds = frames / rate.fraction
    samples = np.sin(np.arange(round(seconds * 48000)) * 0.06).astype(np.float32) * 0.1
    for frame in range(5, frames, 10):
        samples[sound.sample_at(frame, rate)] = 0.9
    wav = takes.folder / f"{name}.f32"
    wav.write_bytes(samples.tobytes())
    return takes.make(
        name,
        *(
            "-f",
            "lavfi",
            "-i",
            f"color=gray:s=64x64:r={rate}",
            "-f",
            "f32le",
            "-ar",
            "48000",
            "-ac",
            "1",
            "-i",
            str(wav),
        ),
        *("-frames:v", str(frames), "-c:v", "mpeg4", *encoder),
    )


@pytest.mark.parametrize("rate", [FrameRate(24000, 1001), FrameRate(30000, 1001), FrameRate(25)], ids=str)
def test_every_sound_is_placed_to_the_sample_and_never_drifts(takes, segment, make_cut, cache, tmp_path, rate):
    take = click_take(takes, f"click-{rate.numerator}.mov", rate, 20, "-c:a", "pcm_f32le")
    cut = make_cut(*(segment(take, 11, n) for n in range(60)), rate=rate)
    raw = tmp_path / "mix.f32"
    sound._mix(cut, cache, tmp_path, raw, cancelled=never, on_done=lambda _done, _total: None)
    mix = np.fromfile(raw, np.float32).reshape(-1, 2)
    assert len(mix) == sound.sample_at(660, rate)
    clicks = (np.abs(mix[:, 0]) > 0.3).nonzero()[0]
    expected = [sound.sample_at(start, rate) + sound.sample_at(5, rate) for start in cut.starts]
    assert clicks.tolist() == expected


def test_the_sound_heard_in_the_episode_is_where_it_was_put(takes, segment, make_cut, export, heard):
    rate = FrameRate(24)
    take = click_take(takes, "click-24.mov", rate, 48, "-c:a", "pcm_f32le")
    cut = make_cut(segment(take, 48, 1), segment(take, 47, 2), segment(take, 48, 3, in_frame=3))
    played = np.abs(heard(export(cut).video)).max(axis=1)
    starts = zip(cut.starts, cut.segments, strict=True)
    expected = [
        sound.sample_at(start + frame - one.in_frame, rate)
        for start, one in starts
        for frame in range(5, 48, 10)
        if 0 <= frame - one.in_frame < one.frames
    ]
    for sample in expected:
        around = played[sample - 480 : sample + 480]
        assert abs(int(around.argmax()) - 480) <= 2, "encoding smears a click, but does not move it"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("mono", ("-f", "lavfi", "-i", "sine=500:r=22050:d=2", "-ac", "1")),
        ("five-one", ("-f", "lavfi", "-i", "sine=500:r=44100:d=2,pan=5.1|FC=c0|FL=0.2*c0|FR=0.2*c0")),
        ("odd-rate", ("-f", "lavfi", "-i", "sine=500:r=11025:d=2", "-ac", "2")),
    ],
)
def test_any_sound_becomes_stereo_at_48_kilohertz(takes, tmp_path, name, arguments):
    take = takes.make(f"{name}.mka", *arguments, "-c:a", "flac")
    sound.decode(take, tmp_path / "out.f32", never)
    pcm = np.fromfile(tmp_path / "out.f32", np.float32).reshape(-1, 2)
    assert abs(len(pcm) - 96000) <= 48
    spectrum = np.abs(np.fft.rfft(pcm[24000:72000, 0]))
    assert abs(int(spectrum.argmax()) - 500) <= 1
    assert np.abs(pcm[:, 1]).max() > 0.05


def test_sound_that_starts_late_in_a_take_stays_late(takes, tmp_path):
    take = takes.make(
        "late.mp4",
        *("-f", "lavfi", "-i", "color=gray:s=64x64:r=24:d=2", "-itsoffset", "0.5"),
        *("-f", "lavfi", "-i", "sine=500:r=48000:d=1", "-c:v", "mpeg4", "-c:a", "aac"),
    )
    sound.decode(take, tmp_path / "out.f32", never)
    pcm = np.fromfile(tmp_path / "out.f32", np.float32).reshape(-1, 2)
    first = int((np.abs(pcm[:, 0]) > 0.02).argmax())
    assert abs(first - 24000) < 200


def test_a_sound_shorter_than_its_slot_ends_softly_in_silence():
    loud = np.ones((1000, 2), np.float32)
    slot = sound.place(loud, 0, 5000)
    assert slot[0, 0] == 0
    assert slot[500, 0] == 1
    assert slot[999, 0] == 0
    assert not slot[1000:].any()
    assert np.abs(np.diff(slot[:, 0])).max() < 0.01
    assert not sound.place(loud, 4000, 100).any(), "a slot after the sound's end is silent"
    assert np.abs(sound.place(np.ones((9000, 2), np.float32), 0, 5000, fade_out=2400)[-1]).max() == 0


@pytest.mark.parametrize("volume", ["-25dB", "6dB"])
def test_quiet_and_loud_episodes_come_out_equally_loud(takes, segment, make_cut, export, volume):
    noise = f"anoisesrc=c=pink:r=48000:d=6:seed=7,volume={volume}"
    take = takes.make(
        f"noise-{volume}.mov",
        *("-f", "lavfi", "-i", "color=gray:s=64x64:r=24:d=6", "-f", "lavfi", "-i", noise),
        *("-c:v", "mpeg4", "-c:a", "pcm_s16le"),
    )
    report = export(make_cut(segment(take, 144))).report["loudness"]
    assert abs(report["integrated_lufs"] + 16) <= 0.5
    assert report["true_peak_dbtp"] <= -1
    assert not report["left_alone"]


def test_a_whisper_with_one_bang_keeps_its_peak_below_the_ceiling(takes, segment, make_cut, export):
    bang = "anoisesrc=c=pink:r=48000:d=8:seed=3,volume='if(between(t,3,3.05),1.6,0.01)':eval=frame"
    take = takes.make(
        "bang.mov",
        *("-f", "lavfi", "-i", "color=gray:s=64x64:r=24:d=8", "-f", "lavfi", "-i", bang),
        *("-c:v", "mpeg4", "-c:a", "pcm_s16le"),
    )
    report = export(make_cut(segment(take, 192))).report["loudness"]
    assert abs(report["integrated_lufs"] + 16) <= 0.5
    assert report["true_peak_dbtp"] <= -1


def test_what_cannot_be_loud_without_harm_is_as_loud_as_its_peaks_allow(takes, segment, make_cut, export):
    clicks = "aevalsrc='if(lt(mod(t,0.4),0.00005),0.9,0)':d=4:s=48000"
    take = takes.make(
        "clicks.mov",
        *("-f", "lavfi", "-i", "color=gray:s=64x64:r=24:d=4", "-f", "lavfi", "-i", clicks),
        *("-c:v", "mpeg4", "-c:a", "pcm_s16le"),
    )
    report = export(make_cut(segment(take, 96))).report
    assert report["loudness"]["peak_limited"]
    assert report["loudness"]["true_peak_dbtp"] <= -1
    assert "export.loudness_peak_limited" in {one["code"] for one in report["warnings"]}


def test_silent_and_nearly_silent_episodes_are_left_alone(takes, segment, make_cut, export):
    silent = export(make_cut(segment(takes.counting(60), 48))).report
    assert silent["loudness"] == {
        "target_lufs": -16.0,
        "integrated_lufs": -70.0,
        "true_peak_dbtp": None,
        "left_alone": True,
        "peak_limited": False,
    }
    assert "export.loudness_left_alone" in {one["code"] for one in silent["warnings"]}
    assert silent["audio_seconds"] == 2
    hiss = "anoisesrc=c=pink:r=48000:d=3,volume=-55dB"
    take = takes.make(
        "hiss.mov",
        *("-f", "lavfi", "-i", "color=gray:s=64x64:r=24:d=3", "-f", "lavfi", "-i", hiss),
        *("-c:v", "mpeg4", "-c:a", "pcm_s24le"),
    )
    report = export(make_cut(segment(take, 72))).report["loudness"]
    assert report["left_alone"]
    assert report["integrated_lufs"] < -50


def test_sound_is_decoded_once_a_take_and_encoded_once_a_mix(takes, segment, make_cut, cache, tmp_path, monkeypatch):
    cut = make_cut(segment(takes.portrait_with_sound(), 48, 1), segment(takes.portrait_with_sound(), 40, 2, in_frame=8))
    decoded: list[Path] = []
    decode = sound.decode

    def counted(source, target, cancelled):
        decoded.append(source)
        decode(source, target, cancelled)

    monkeypatch.setattr(sound, "decode", counted)
    made = [
        sound.make_sound(one, cache, tmp_path, cancelled=never, on_done=lambda _done, _total: None)
        for one in (cut, cut, make_cut(*cut.segments[:1]))
    ]
    assert len(decoded) == 1
    assert made[0] == made[1] != made[2]


def test_sound_that_cannot_be_decoded_names_its_shot(segment, make_cut, cache, tmp_path):
    text = tmp_path / "take.mp4"
    text.write_text("this is no video", "utf-8")
    with pytest.raises(ExportError, match="SH0010"):
        sound.make_sound(
            make_cut(segment(text, 24)), cache, tmp_path, cancelled=never, on_done=lambda _done, _total: None
        )
