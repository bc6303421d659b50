"""The espeak-ng process: reads one JSON request a line, answers with a JSON line and raw 16-bit samples.

It runs as ``python -I -S speech_process.py LIBRARY DATA`` and imports the standard library only: espeak-ng is GPL-3, so
it lives in a process of its own, and starting that costs a few hundredths of a second.

Request: ``{"text", "voice", "rate", "pitch", "range", "volume"}``. Answer: ``{"rate", "samples"}`` and that many
little-endian int16, or ``{"error"}``. It ends when its standard input does. Every line is spoken by a fork of the
fresh engine: espeak-ng carries state from one line to the next, and the same request shall give the same samples.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any

SYNCHRONOUS = 2  # espeak_AUDIO_OUTPUT of speak_lib.h; the rest are its espeak_PARAMETER
PARAMETERS = {"rate": 1, "volume": 2, "pitch": 3, "range": 4}
UTF8 = 1
CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Engine:
    """espeak-ng through ctypes: one voice at a time, samples gathered by its callback."""

    def __init__(self, library: str, data: str) -> None:
        self._library = ctypes.CDLL(library)
        self._samples = bytearray()
        self._callback = CALLBACK(self._gather)  # kept: ctypes frees a callback nobody holds
        self.rate = int(self._library.espeak_Initialize(SYNCHRONOUS, 200, data.encode(), 0))
        if self.rate <= 0:
            raise OSError(f"espeak-ng did not start with the data in {data}.")
        self._library.espeak_SetSynthCallback(self._callback)
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(1))  # it was the clock

    def _gather(self, samples: Any, count: int, _events: Any) -> int:
        if count > 0 and samples:
            self._samples += ctypes.string_at(samples, count * 2)
        return 0

    def speak(self, request: dict[str, Any]) -> bytes:
        """Return the samples of ``request``; raise ``ValueError`` for a voice espeak-ng does not have."""
        self._samples.clear()
        if self._library.espeak_SetVoiceByName(str(request["voice"]).encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {request['voice']!r}.")
        for name, number in PARAMETERS.items():
            self._library.espeak_SetParameter(number, int(request[name]), 0)
        text = str(request["text"]).replace("\0", " ").encode()
        self._library.espeak_Synth(text, len(text) + 1, 0, 0, 0, UTF8, None, None)
        self._library.espeak_Synchronize()
        return bytes(self._samples)


def main(library: str, data: str) -> None:
    """Answer requests until standard input ends, or until a fork dies."""
    engine = Engine(library, data)
    for line in sys.stdin.buffer:
        child = os.fork()
        if child == 0:
            answer(engine, line)
            os._exit(0)
        if os.waitpid(child, 0)[1] != 0:
            sys.exit(1)


def answer(engine: Engine, line: bytes) -> None:
    """Write the answer to one request."""
    out = sys.stdout.buffer
    try:
        samples = engine.speak(json.loads(line))
    except (ValueError, KeyError) as error:
        out.write(json.dumps({"error": str(error)}).encode() + b"\n")
    else:
        out.write(json.dumps({"rate": engine.rate, "samples": len(samples) // 2}).encode() + b"\n" + samples)
    out.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
