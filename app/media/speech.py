"""The speech port: text in, a voice out; and the scratch voices that ship, espeak-ng in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol, runtime_checkable

import espeakng_loader
import numpy as np
from numpy.typing import NDArray

from app.media.loudness import integrated
from app.media.voices import Manner, Voice, language_of, manner_of

Samples = NDArray[np.float32]

LEVEL = -20.0  # LUFS of every line, heard from two speakers, before its manner makes it louder or softer
ESPEAK_VOICES = {"en": "en-us", "zh": "cmn"}
WORDS_A_MINUTE = {"en": 172, "zh": 205}  # espeak-ng's figure: 205 is about 4.4 Mandarin syllables a second
LONGEST_TEXT = 2000
PATIENCE_S = 30.0
REMEMBERED = 64


class SpeechError(Exception):
    """The voice could not speak; the message says why."""


@dataclass(frozen=True, slots=True)
class SpokenAudio:
    """A spoken line: mono float32 samples within ±1, without silence at its ends, and their rate in hertz."""

    pcm: Samples
    rate: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.pcm) / self.rate


@runtime_checkable
class Speech(Protocol):
    """Something that speaks a line."""

    def speak(self, text: str, voice: Voice, manner: str = "") -> SpokenAudio:
        """Return ``text`` spoken; the same words, voice and manner give the same samples; raise ``SpeechError``."""
        ...

    def close(self) -> None:
        """Let go of what it holds open."""
        ...


class EspeakSpeech:
    """espeak-ng: robotic, instant, in English and Mandarin.

    Its process starts with the first line and ends with ``close``; threads may share it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._remembered: OrderedDict[tuple[str, Voice, str], SpokenAudio] = OrderedDict()

    def speak(self, text: str, voice: Voice, manner: str = "") -> SpokenAudio:
        """Return ``text`` spoken in its own language, at an even loudness that ``manner`` raises or lowers."""
        key = (text, voice, manner)
        with self._lock:
            if key not in self._remembered:
                how = manner_of(manner)
                raw, rate = self._ask(_request(text, voice, how))
                self._remembered[key] = SpokenAudio(_levelled(_trimmed(raw, rate), rate, how.gain_db), rate)
                while len(self._remembered) > REMEMBERED:
                    self._remembered.popitem(last=False)
            self._remembered.move_to_end(key)
            return self._remembered[key]

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._stop()

    def _ask(self, request: dict[str, Any]) -> tuple[Samples, int]:
        """Send one request and read its answer; a process that dies or hangs is ended, and reported."""
        process = self._running()
        requests, answers = process.stdin, process.stdout
        assert requests is not None and answers is not None
        watchdog = threading.Timer(PATIENCE_S, _kill, [process])
        watchdog.start()
        try:
            requests.write(json.dumps(request).encode() + b"\n")
            requests.flush()
            head = json.loads(answers.readline() or b"{}")
            data = _exactly(answers, int(head.get("samples", 0)) * 2)
        except (OSError, ValueError) as error:
            self._stop()
            raise SpeechError(f"The scratch voice stopped: {error}. The next line starts it again.") from error
        finally:
            watchdog.cancel()
        if "rate" not in head:
            if "error" not in head:
                self._stop()
            raise SpeechError(str(head.get("error", "The scratch voice ended without an answer.")))
        return (np.frombuffer(data, "<i2") / np.float32(32768)).astype(np.float32), int(head["rate"])

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._stop()
        script = Path(__file__).with_name("speech_process.py")
        loader: Any = espeakng_loader  # it ships no types
        library, data = loader.get_library_path(), loader.get_data_path()
        # -I -S: standard library only, so that it starts in hundredths of a second and nothing of ours shadows a module
        line = [sys.executable, "-I", "-S", str(script), str(library), str(data)]
        try:
            self._process = subprocess.Popen(
                line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
        except OSError as error:
            raise SpeechError(f"The scratch voice did not start: {error}.") from error
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        _kill(process)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # what was left to flush is of no use to a dead process
                    pipe.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and the fork that may be speaking: the process leads a group of its own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count) if count else b""
    if len(data) != count:
        raise OSError("its answer was cut short")
    return data


def _request(text: str, voice: Voice, how: Manner) -> dict[str, Any]:
    """Return what the process is asked for."""
    language = language_of(text)
    variant = ("whisperf" if voice.female else "whisper") if how.whispered else voice.variant
    return {
        "text": text[:LONGEST_TEXT],
        "voice": f"{ESPEAK_VOICES[language]}+{variant}",
        "rate": min(440, max(80, round(WORDS_A_MINUTE[language] * voice.tempo * how.tempo))),
        "pitch": min(99, max(0, voice.pitch + how.pitch)),
        "range": min(99, max(0, voice.liveliness + how.liveliness)),
        "volume": 90,
    }


def _trimmed(pcm: Samples, rate: int) -> Samples:
    """Return ``pcm`` without the silence before and after it, keeping 15 ms of each."""
    loud = np.flatnonzero(np.abs(pcm) > 0.01)
    if not len(loud):
        return pcm[:0]
    margin = rate * 15 // 1000
    return pcm[max(0, loud[0] - margin) : loud[-1] + margin]


def _levelled(pcm: Samples, rate: int, gain_db: float) -> Samples:
    """Return ``pcm`` at ``LEVEL`` and then ``gain_db`` louder, its peaks rounded off below 1."""
    if not len(pcm):
        return pcm
    gain = 10 ** ((LEVEL + gain_db - integrated(np.stack([pcm, pcm]), rate)) / 20)
    return np.asarray(np.tanh(pcm * gain), np.float32)
