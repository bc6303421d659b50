"""The boxes of an MP4 file, read without decoding: their order, and the metadata written by key."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_LARGEST_MOOV = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Atom:
    """One box: its four-letter kind, and where in the file its content starts and ends, in bytes."""

    kind: str
    start: int
    end: int


def top_level(path: Path) -> list[Atom]:
    """Return the outermost boxes of a file in order; raise ``ValueError`` if it is not made of boxes."""
    size = path.stat().st_size
    found: list[Atom] = []
    with path.open("rb") as file:
        position = 0
        while position < size:
            file.seek(position)
            atom, after = _header(file.read(16), position, size)
            found.append(atom)
            position = after
    return found


def starts_fast(path: Path) -> bool:
    """Return whether a player can begin before it has the whole file: ``moov`` stands before ``mdat``."""
    kinds = [atom.kind for atom in top_level(path)]
    return "moov" in kinds and "mdat" in kinds and kinds.index("moov") < kinds.index("mdat")


def metadata(path: Path) -> dict[str, str]:
    """Return the texts under ``moov.udta.meta`` (or ``moov.meta``) by key; raise ``ValueError`` on a broken file."""
    moov = next((atom for atom in top_level(path) if atom.kind == "moov"), None)
    if moov is None or moov.end - moov.start > _LARGEST_MOOV:
        raise ValueError(f"{path.name} has no index of its own.")
    with path.open("rb") as file:
        file.seek(moov.start)
        content = file.read(moov.end - moov.start)
    texts: dict[str, str] = {}
    for atom in _inside(content):
        if atom.kind == "meta":
            texts |= _keyed(content[atom.start : atom.end])
        if atom.kind == "udta":
            user_data = content[atom.start : atom.end]
            for child in _inside(user_data):
                if child.kind == "meta":
                    texts |= _keyed(user_data[child.start : child.end])
    return texts


def _header(head: bytes, position: int, limit: int) -> tuple[Atom, int]:
    if len(head) < 8:
        raise ValueError(f"The file ends inside a box, at byte {position}.")
    length, kind = struct.unpack(">I4s", head[:8])
    start = position + 8
    if length == 1 and len(head) >= 16:
        length, start = struct.unpack(">Q", head[8:16])[0], position + 16
    end = limit if length == 0 else position + length
    if not start <= end <= limit:
        raise ValueError(f"The box at byte {position} says it is {length} bytes long, which it is not.")
    return Atom(kind.decode("latin-1"), start, end), end


def _inside(content: bytes, position: int = 0) -> Iterator[Atom]:
    # Some writers end user data with four zero bytes, which are no box.
    while position + 8 <= len(content):
        atom, position = _header(content[position : position + 16], position, len(content))
        yield atom


def _keyed(meta: bytes) -> dict[str, str]:
    # The ISO form of ``meta`` starts with a version word, the QuickTime form does not.
    first = 0 if meta[4:8] == b"hdlr" else 4
    children = {atom.kind: meta[atom.start : atom.end] for atom in _inside(meta, first)}
    if "keys" not in children or "ilst" not in children:
        return {}
    names = [children["keys"][a.start : a.end].decode(errors="replace") for a in _inside(children["keys"], 8)]
    texts: dict[str, str] = {}
    for item in _inside(children["ilst"]):
        number = int.from_bytes(item.kind.encode("latin-1"), "big")
        value = children["ilst"][item.start : item.end]
        data = next((atom for atom in _inside(value) if atom.kind == "data"), None)
        if data is not None and 1 <= number <= len(names):
            texts[names[number - 1]] = value[data.start + 8 : data.end].decode(errors="replace")
    return texts
