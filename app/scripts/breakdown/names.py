"""Who is meant by a name: cues, casts, introductions and mentions in the action, under one name each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from app.scripts.breakdown.model import CharacterFound
from app.scripts.formats.ast import Cast, Element, Kind, Script, Speech
from app.scripts.formats.episodes import profiles
from app.scripts.formats.plain import plain
from app.scripts.formats.vocabulary import is_narrator, trim, word_set

_INTRODUCED = re.compile(
    r"(?<![A-Za-z])((?:(?:[A-Z][A-Z'’.-]+|[A-Z]\.|[IVX]+) ){0,3}[A-Z][A-Z'’.-]+) ?\(([^()\n]{1,40})\)(?!\s*[:：])"
)
_EXTRA = re.compile(
    r"\b(?:[Aa]n?|[Tt]he|[Tt]wo|[Tt]hree|[Ff]our) ((?:[A-Z][A-Z'’-]+ ){0,2}[A-Z][A-Z'’-]{2,})(?=[ ,.](?:[a-z]|$))"
)
_AGE = re.compile(r"\d|teen|twent|thirt|fort|fift|sixt|sevent|eight|child|infant|young|old|岁|男|女", re.I)
_INTRODUCED_ZH = re.compile(r"([\u3400-\u9fff·]{2,6})[（(]([^（）()\n]{2,60})[）)]")
_AGED_ZH = re.compile(
    r"((?:[零〇一二两三四五六七八九十百\d]{1,4}|[一二三四五六七八九]?十[一二三四五六七八九]?出头)[来多余]?岁)的?$"
)
_TOGETHER = re.compile(r"[、&＆/]|\s+(?:and|AND|with|WITH)\s+|(?<=[\u3400-\u9fff])和(?=[\u3400-\u9fff])")
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f][\w'’]*")
_VERB = re.compile(r"(?:[a-z]+(?<!s)s|has|is|was|now|already|who has)\b")
_NOBODY = word_set("VOICE VOICES RADIO PHONE TV ALL BOTH EVERYONE CROWD NOBODY 所有人 众人 大家 全体 电话 广播 系统")
_VARIANTS = (
    "幼年",
    "少年",
    "童年",
    "青年",
    "老年",
    "年轻",
    "小时候的",
    "儿时",
    "中年",
    "YOUNG ",
    "YOUNGER ",
    "OLD ",
    "OLDER ",
    "LITTLE ",
)


def cue_names(speaker: str) -> tuple[str, ...]:
    """Return the names a cue holds: 甲、乙 and A & B are two."""
    if speaker.startswith("<"):
        return (speaker,)
    return tuple(dict.fromkeys(name for name in map(trim, _TOGETHER.split(speaker)) if name)) or (speaker,)


class Names:
    """The characters of an episode and the ways to name them."""

    def __init__(self, script: Script, known: Sequence[CharacterFound] = ()) -> None:
        self.descriptions: dict[str, str] = {}
        self._canonical: dict[str, str] = {}
        self._latin: dict[str, list[tuple[str, str]]] = {}
        self._han: dict[str, list[tuple[str, str]]] = {}
        for character in known:
            self._add(character.name, character.description)
        for name, description in profiles(script):
            self._add(name, description)
        for element in script.elements:
            self._meet(element)
        for element in script.elements:
            if element.kind is Kind.ACTION:
                self._introduce(plain(element.text))
        for character in known:
            self._alias(character.name)
        for forms in (*self._latin.values(), *self._han.values()):
            forms.sort(key=lambda form: (-len(form[0]), form[0]))

    def of(self, name: str) -> str:
        """Return the one name under which a character goes."""
        return self._canonical.get(name.casefold(), name)

    def mentions(self, text: str, swapped: dict[str, str] | None = None) -> list[tuple[int, str]]:
        """Return where a text mentions whom, in order; ``swapped`` says who stands in for whom in this scene.

        A name written down in the picture (a seal that reads: NAME.) is no mention.
        """
        found = [*self._latin_mentions(text), *(self._han_mentions(text) if self._han else ())]
        found.sort()
        return [(start, (swapped or {}).get(name, name)) for start, name in found]

    def variants(self, cast: Iterable[str]) -> dict[str, str]:
        """Return who stands in for whom: 幼年阿砚 for 阿砚 where the cast names only the former."""
        present = list(cast)
        swapped: dict[str, str] = {}
        for name in present:
            for front in _VARIANTS:
                base = self.of(name[len(front) :]) if name.startswith(front) else ""
                if base and base.casefold() in self._canonical and base not in present:
                    swapped[base] = name
        return swapped

    # Learning

    def _meet(self, element: Element) -> None:
        if isinstance(element, Speech) and not is_narrator(element.speaker):
            for name in cue_names(element.speaker):
                self._add(name)
        elif isinstance(element, Cast):
            for name in element.names:
                self._add(name)

    def _add(self, name: str, description: str = "") -> str:
        canonical = self._canonical.setdefault(name.casefold(), name)
        if description and not self.descriptions.get(canonical):
            self.descriptions[canonical] = description
        self.descriptions.setdefault(canonical, "")
        self._form(name, canonical)
        return canonical

    def _form(self, form: str, canonical: str) -> None:
        """Let ``form`` in an action mean ``canonical``."""
        if form.upper() in _NOBODY or form.startswith("<"):
            return
        if found := _WORD.match(form):
            entry = (form.upper(), canonical)
            forms = self._latin.setdefault(found[0].upper(), [])
        else:
            form = form[:-1] if form.endswith("们") and len(form) > 2 else form
            if len(form) < 2:
                return
            entry, forms = (form, canonical), self._han.setdefault(form[:2], [])
        if entry not in forms:
            forms.append(entry)

    def _introduce(self, text: str) -> None:
        for found in _INTRODUCED.finditer(text):
            if _AGE.search(found[2]):
                name = self._alias(found[1])
                self._describe(name, found[2], text[found.end() :])
        for found in _EXTRA.finditer(text):
            if found[1].casefold() not in self._canonical:
                self._add(found[1])
        for found in _INTRODUCED_ZH.finditer(text):
            name = next((found[1][i:] for i in range(len(found[1]) - 1) if found[1][i:] in self._canonical), "")
            if name and _AGE.search(found[2]):
                self._describe(self.of(name), found[2], "")
        for start, name in self._han_mentions(text):
            if aged := _AGED_ZH.search(text[max(start - 8, 0) : start]):
                self._describe(name, aged[1], "")

    def _alias(self, full: str) -> str:
        """Join a full name with the cue that is its first or last word; the cue's name is the one that stays."""
        words = full.split()
        for word in (words[0], words[-1]) if len(words) > 1 else ():
            if word.casefold() in self._canonical and len(word) > 1:
                canonical = self._canonical[word.casefold()]
                self._rename(full, canonical)
                return canonical
        return self._add(full)

    def _rename(self, full: str, canonical: str) -> None:
        before = self._canonical.get(full.casefold())
        if before is not None and before != canonical:
            description = self.descriptions.pop(before, "")
            self.descriptions[canonical] = self.descriptions.get(canonical) or description
        self._canonical[full.casefold()] = canonical
        first = _WORD.match(full)
        if first and (forms := self._latin.get(first[0].upper())):
            forms[:] = [form for form in forms if form[0] != full.upper()]
        self._form(full, canonical)

    def _describe(self, name: str, age: str, rest: str) -> None:
        if self.descriptions.get(name):
            return
        chunks = [trim(age)]
        sentence = re.match(r"\s*,([^.!?\n]{0,240})", rest)
        for chunk in sentence[1].split(",") if sentence else ():
            words = trim(chunk)
            if not words or _VERB.match(words):
                break
            chunks.append(words)
        self.descriptions[name] = ", ".join(chunks)

    # Finding

    def _latin_mentions(self, text: str) -> list[tuple[int, str]]:
        found: list[tuple[int, str]] = []
        done = 0
        for word in _WORD.finditer(text) if self._latin else ():
            if word.start() < done:
                continue
            key = word[0].upper()
            bare = re.sub(r"['’](?:S|RE|LL|D|VE)?$", "", key)
            for form, name in self._latin.get(key) or self._latin.get(bare) or ():
                end = word.start() + len(form)
                after = text[end : end + 1]
                if text[word.start() : end].upper() == form and not after.isalnum() and _named(text, word.start(), end):
                    found.append((word.start(), name))
                    done = end
                    break
        return found

    def _han_mentions(self, text: str) -> list[tuple[int, str]]:
        found: list[tuple[int, str]] = []
        position = 0
        while position < len(text) - 1:
            forms = self._han.get(text[position : position + 2])
            hit = next((form for form in forms or () if text.startswith(form[0], position)), None)
            if hit is None:
                position += 1
                continue
            if not _written(text, position, position + len(hit[0])):
                found.append((position, hit[1]))
            position += len(hit[0])
        return found


def _named(text: str, start: int, end: int) -> bool:
    """Tell whether a word is meant as a name: with a capital, or as a role (the guard)."""
    if _written(text, start, end):
        return False
    if text[start].isupper():
        return True
    return bool(
        re.search(r"\b(?:the|a|an|his|her|their|two|three)\s+(?:\w+\s+)?$", text[max(start - 24, 0) : start], re.I)
    )


def _written(text: str, start: int, end: int) -> bool:
    """Tell whether a name is only read or said: in quotation marks, or behind a colon with nothing after it."""
    if text[start - 1 : start] in ("“", "‘", "「") and text[end : end + 1] in ("”", "’", "」"):
        return True
    return text[:start].rstrip()[-1:] in (":", "：") and (text[end:].lstrip()[:1] in ("", "。", ".", "，"))
