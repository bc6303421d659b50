"""From the bytes of an uploaded script to text: UTF-8, UTF-16 with a mark, GB18030, Big5; nothing that is no text."""

from __future__ import annotations

import codecs
import re

from app.core.errors import Invalid, PayloadTooLarge
from app.core.i18n import _
from app.scripts.formats.lines import normalised
from app.scripts.formats.vocabulary import trim

LIMIT_BYTES = 2 * 1024 * 1024
_MAGIC = {
    b"\x89PNG": "PNG",
    b"PK\x03\x04": "ZIP or DOCX",
    b"PK\x05\x06": "ZIP",
    b"%PDF-": "PDF",
    b"\x7fELF": "ELF",
    b"\xd0\xcf\x11\xe0": "DOC",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"\x1f\x8b": "GZIP",
    b"RIFF": "RIFF",
    b"OggS": "OGG",
    b"\x1aE\xdf\xa3": "MKV or WebM",
    b"7z\xbc\xaf": "7Z",
    b"Rar!": "RAR",
    b"{\\rtf": "RTF",
    b"ID3": "MP3",
}
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_MOST_CONTROLS = 0.01
_COMMONEST = "，。：、！？（）的一是不了我你人在"


def decode(data: bytes) -> str:
    """Return the text of a script file, with ``\\n`` for every line end and control characters replaced by U+FFFD.

    Raises ``PayloadTooLarge`` (``script.too_large``) above 2 MiB, and ``Invalid`` for what is empty
    (``script.empty``) or no text (``script.binary``).
    """
    if len(data) > LIMIT_BYTES:
        message = _("The file has %(size).1f MiB; a script may have 2 MiB. Split it into episodes.")
        raise PayloadTooLarge("script.too_large", message % {"size": len(data) / 1024 / 1024})
    refuse_known(data)
    text = _text(data)
    controls = len(_CONTROLS.findall(text))
    if controls > max(len(text) * _MOST_CONTROLS, 8):
        raise _binary(_("it is full of control characters"))
    text = normalised(_CONTROLS.sub("\ufffd", text.removeprefix("\ufeff")))
    if not trim(text):
        raise Invalid("script.empty", _("The script is empty. Choose a file with text, or paste the script."))
    return text


def refuse_known(data: bytes) -> None:
    """Raise ``Invalid`` (``script.binary``) for bytes that begin like a picture, a film, an archive or a program."""
    kind = next((name for magic, name in _MAGIC.items() if data.startswith(magic)), "")
    if not kind and data[4:8] in (b"ftyp", b"moov", b"mdat"):
        kind = "MP4"
    if kind:
        raise _binary(_("it begins like a file of the kind %(kind)s") % {"kind": kind})


def _text(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise _binary(_("its UTF-16 is broken")) from error
    if b"\x00" in data:
        raise _binary(_("it holds zero bytes"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        found = [text for encoding in ("gb18030", "big5") if (text := _decoded(data, encoding)) is not None]
    if not found:
        raise _binary(_("its bytes are neither UTF-8 nor GB18030 nor Big5"))
    return max(found, key=_common)


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _common(text: str) -> int:
    """Return how many of the commonest Chinese signs a text has: read in the wrong encoding, it has next to none."""
    return sum(text.count(sign) for sign in _COMMONEST)


def _binary(why: str) -> Invalid:
    message = _("This is not a text file: %(why)s. Save the script as plain text (UTF-8) and try again.")
    return Invalid("script.binary", message % {"why": why})
