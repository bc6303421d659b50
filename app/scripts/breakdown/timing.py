"""How long words take: spoken, shown on a card, or played as action. All in seconds."""

from __future__ import annotations

import re
from functools import lru_cache

HAN_A_SECOND = 4.5
WORDS_A_SECOND = 2.7
ACTION_HAN_A_SECOND = 6.3
ACTION_WORDS_A_SECOND = 3.8
SHORTEST = 2.0
SHORTEST_ACTION = 2.8
LONGEST = 15.0
LONGEST_SPEECH = 11.0
BREATH = 1.0

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[A-Za-z0-9\u00c0-\u024f]+(?:['’][A-Za-z]+)?")
_PAUSES = (
    (re.compile(r"[，,、：:；;—–]"), 0.15),
    (re.compile(r"[。．！!？?]|\.(?=\s|$)"), 0.3),
    (re.compile(r"…+|\.{3}|--"), 0.4),
)
_SENTENCE = re.compile(r"[^。！？!?…\n.]*(?:[。！？!?…]+[”’」』）)\"']*|\.+(?=[\s”’\"')]|$)[”’\"')]*|\.|\n|$)\s*")
_CLAUSE = re.compile(r"[^，,；;、：:—]*(?:[，,；;、：:—]+\s*|$)")
_ABBREVIATION = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|St|Jr|Sr|vs|No)|\b[A-Z])\.\s*$")


def _amount(text: str, han: float, words: float) -> float:
    return len(_HAN.findall(text)) / han + len(_WORD.findall(text)) / words


@lru_cache(maxsize=4096)
def speech_seconds(text: str) -> float:
    """Return how long a text is spoken, with its pauses, without the breath around it."""
    pauses = sum(weight * len(sign.findall(text.rstrip('。.!！?？”" '))) for sign, weight in _PAUSES)
    return _amount(text, HAN_A_SECOND, WORDS_A_SECOND) + pauses


@lru_cache(maxsize=4096)
def action_seconds(text: str) -> float:
    """Return how long an action plays on the screen; never less than a shot can last."""
    return max(_amount(text, ACTION_HAN_A_SECOND, ACTION_WORDS_A_SECOND) + 1.0, SHORTEST_ACTION)


def reading_seconds(text: str) -> float:
    """Return how long a card stands so that it can be read."""
    return max(_amount(text, 5.0, 2.5) + 1.2, SHORTEST + 0.5)


def sentences(text: str) -> list[str]:
    """Return the sentences of a text; joined they are the text again."""
    found: list[str] = []
    for match in _SENTENCE.finditer(text):
        piece = match[0]
        if not piece:
            continue
        if found and (_ABBREVIATION.search(found[-1]) or not _said(piece) or not _said(found[-1])):
            found[-1] += piece
        else:
            found.append(piece)
    return found


def _said(piece: str) -> bool:
    return bool(_HAN.search(piece) or _WORD.search(piece))


def pieces(text: str, longest: float = LONGEST_SPEECH) -> list[str]:
    """Split a speech so that no piece takes longer than ``longest``: at sentences, else clauses, else anywhere."""
    if speech_seconds(text) <= longest:
        return [text]
    parts: list[str] = []
    for sentence in sentences(text):
        parts.extend([sentence] if speech_seconds(sentence) <= longest else _clauses(sentence, longest))
    return _balanced(parts, longest)


def _clauses(sentence: str, longest: float) -> list[str]:
    parts: list[str] = []
    for match in _CLAUSE.finditer(sentence):
        if match[0]:
            parts.extend([match[0]] if speech_seconds(match[0]) <= longest else _chunks(match[0], longest))
    return parts


def _chunks(clause: str, longest: float) -> list[str]:
    """Cut words without any stop into lengths that fit."""
    units = re.findall(r"[A-Za-z0-9'’\u00c0-\u024f]{1,24}\s*|.", clause, re.S)
    parts: list[str] = [""]
    seconds = 0.0
    for unit in units:
        more = speech_seconds(unit)
        if parts[-1] and seconds + more > longest:
            parts.append("")
            seconds = 0.0
        parts[-1] += unit
        seconds += more
    return parts


def _balanced(parts: list[str], longest: float) -> list[str]:
    """Join parts up to ``longest``, into pieces of about one length."""
    total = sum(map(speech_seconds, parts))
    count = max(int(-(-total // longest)), 1)
    target = total / count
    joined: list[str] = []
    seconds = 0.0
    for part in parts:
        more = speech_seconds(part)
        full = joined and (seconds + more > longest or (seconds >= target * 0.85 and seconds + more > target * 1.15))
        if not joined or full:
            joined.append(part)
            seconds = more
        else:
            joined[-1] += part
            seconds += more
    return joined
