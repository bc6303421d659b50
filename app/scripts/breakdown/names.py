"""Who is meant by a name: cues, casts, introductions and mentions in the action, under one name each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from app.scripts.breakdown.model import CharacterFound
from app.scripts.formats.ast import Cast, Kind, Script, Speech
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
_TOGETHER = re.compile(r"[、&＆/]|\s+(?:and|AND|with|WITH)\s+|(?<=[\u3400-\u9fff]{2})和(?=[\u3400-\u9fff]{2})")
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f][\w'’]*")
_POSSESSIVE = re.compile(r"['’](?:S|RE|LL|D|VE)?$")
_VERB = re.compile(r"(?:[a-z]+(?<!s)s|has|is|was|now|already|who has)\b")
_NOBODY = word_set("VOICE VOICES RADIO PHONE TV ALL BOTH EVERYONE CROWD NOBODY 所有人 众人 大家 全体 电话 广播 系统")
_VARIANTS = (
    *word_set("幼年 少年 童年 青年 老年 年轻 小时候的 儿时 中年"),
    *(f"{word} " for word in word_set("YOUNG YOUNGER OLD OLDER LITTLE")),
)
_OTHERS = (*_VARIANTS, *"小大老假真")
_HAN = re.compile(r"[\u3400-\u9fff]")
_ROLE_ZH = re.compile(r"([\u3400-\u9fff]{2,4})(?=[，。,]|$)")
_ROLE_EN = re.compile(r"(?:^|, )(?:the|an?) ([a-z]{3,}(?: [a-z]{3,})?)(?=,|$)")


class Form(NamedTuple):
    """A way to name a character; a role (the archivist, 小鸟) means one only where they are around."""

    text: str
    name: str
    role: bool = False


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
        self._latin: dict[str, list[Form]] = {}
        self._han: dict[str, list[Form]] = {}
        for character in known:
            self._add(character.name, character.description)
        for name, description in profiles(script):
            self._add(name, description)
        speakers = [element.speaker for element in script.elements if isinstance(element, Speech)]
        for name in dict.fromkeys(name for speaker in speakers for name in cue_names(speaker)):
            if not is_narrator(name):
                self._add(name)
        heard = frozenset(self._canonical)
        for element in script.elements:
            for name in element.names if isinstance(element, Cast) else ():
                self._list(name, heard)
        for element in script.elements:
            if element.kind is Kind.ACTION:
                self._introduce(plain(element.text))
        for character in known:
            self._alias(character.name)
        for name, description in self.descriptions.items():
            self._roles(name, description)
        for forms in (*self._latin.values(), *self._han.values()):
            forms.sort(key=lambda form: (-len(form.text), form.role, form.text))

    def of(self, name: str) -> str:
        """Return the one name under which a character goes."""
        return self._canonical.get(name.casefold(), name)

    def mentions(
        self, text: str, swapped: dict[str, str] | None = None, around: Collection[str] = ()
    ) -> list[tuple[int, str]]:
        """Return where a text mentions whom, in order.

        ``swapped`` says who stands in for whom in this scene, ``around`` who may be meant by a role. A name that is
        only read in the picture (a seal that says: NAME.) is no mention.
        """
        found = [*self._latin_mentions(text, around), *(self._han_mentions(text, around) if self._han else ())]
        found.sort()
        return [(start, (swapped or {}).get(name, name)) for start, name in found]

    def variants(self, cast: Iterable[str]) -> dict[str, str]:
        """Return who stands in for whom: 幼年阿砚 for 阿砚 where the cast names only the former."""
        present = list(cast)
        swapped: dict[str, str] = {}
        for name in present:
            for front in _VARIANTS:
                base = self.of(name[len(front) :]) if name.startswith(front) else ""
                if not base or base.casefold() not in self._canonical:
                    continue
                self.descriptions[name] = self.descriptions.get(name) or f"{front.strip()}{base}"
                if base not in present:
                    swapped[base] = name
        return swapped

    # Learning

    def _list(self, name: str, heard: frozenset[str]) -> None:
        """Learn a name from the cast; one that ends in a speaker's name behind a title (财务小何) is that speaker."""
        ends = (name[front:] for front in range(1, min(len(name) - 1, 5)) if name[:front] not in _OTHERS)
        speaker = next((end for end in ends if end in heard), "") if name not in heard and _HAN.match(name) else ""
        if speaker:
            self._canonical[name.casefold()] = self.of(speaker)
            self._form(name, self.of(speaker))
        else:
            self._add(name)

    def _add(self, name: str, description: str = "") -> str:
        canonical = self._canonical.setdefault(name.casefold(), name)
        if description and not self.descriptions.get(canonical):
            self.descriptions[canonical] = description
        self.descriptions.setdefault(canonical, "")
        self._form(name, canonical)
        return canonical

    def _form(self, text: str, name: str, *, role: bool = False) -> None:
        """Let ``text`` in an action mean ``name``."""
        if text.upper() in _NOBODY or text.startswith("<"):
            return
        if found := _WORD.match(text):
            form = Form(text.upper(), name, role)
            forms = self._latin.setdefault(found[0].upper(), [])
        else:
            text = text[:-1] if text.endswith("们") and len(text) > 2 else text
            if len(text) < 2:
                return
            form, forms = Form(text, name, role), self._han.setdefault(text[:2], [])
        if form not in forms:
            forms.append(form)

    def _roles(self, name: str, description: str) -> None:
        """Learn what else a character may be called from the first words of the description."""
        if found := _ROLE_ZH.match(description):
            self._form(found[1], name, role=True)
        if found := _ROLE_EN.search(description):
            self._form(found[1], name, role=True)

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
        for start, name in self._han_mentions(text, ()):
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
            forms[:] = [form for form in forms if form.text != full.upper()]
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

    def _latin_mentions(self, text: str, around: Collection[str]) -> list[tuple[int, str]]:
        found: list[tuple[int, str]] = []
        done = 0
        for word in _WORD.finditer(text) if self._latin else ():
            if word.start() < done:
                continue
            key = word[0].upper()
            forms = self._latin.get(key) or self._latin.get(_POSSESSIVE.sub("", key)) or ()
            for form in forms:
                end = word.start() + len(form.text)
                meant = text[word.start() : end].upper() == form.text and not text[end : end + 1].isalnum()
                if meant and (not form.role or form.name in around) and _named(text, word.start(), end):
                    found.append((word.start(), form.name))
                    done = end
                    break
        return found

    def _han_mentions(self, text: str, around: Collection[str]) -> list[tuple[int, str]]:
        found: list[tuple[int, str]] = []
        position = 0
        while position < len(text) - 1:
            forms = self._han.get(text[position : position + 2]) or ()
            fitting = (form for form in forms if text.startswith(form.text, position))
            hit = next((form for form in fitting if not form.role or form.name in around), None)
            if hit is None:
                position += 1
                continue
            if not _written(text, position, position + len(hit.text)):
                found.append((position, hit.name))
            position += len(hit.text)
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
    before, after = text[max(start - 8, 0) : start].rstrip(), text[end : end + 8].lstrip()
    if before[-1:] in (":", "：") and after[:1] in ("", "。", ".", "，"):
        return True
    colon = text.rfind(":", max(start - 40, 0), start)
    label = re.match(r"[^.!?a-z]{0,60}(?:[.!?]|$)", text[colon + 1 : colon + 120]) if colon >= 0 else None
    return label is not None and colon + 1 + label.end() >= end
