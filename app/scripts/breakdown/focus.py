"""Whom a pronoun means: the one last spoken of, unless the script knows better."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice

from app.scripts.breakdown.given_names import MEN, WOMEN
from app.scripts.breakdown.names import Names
from app.scripts.breakdown.timing import sentences

_SHE = re.compile(r"\b(?:she|herself)\b|她", re.I)
_HER = re.compile(r"\b(?:her|hers)\b", re.I)
_HE = re.compile(r"\b(?:he|himself)\b|他(?!们)", re.I)
_HIS = re.compile(r"\b(?:his|him)\b", re.I)
_OPENING = re.compile(r"\s*[“\"'‘]?(?:She|Her|He|His|They|Their|她|他|两人|二人)(?![a-z])")
_ANYBODY = re.compile(
    r"\b(?:(she|her)|(he|his|him)|(they|their|them))\b|(她(?!们))|(他(?!们))|(他们|她们|两人|二人)", re.I
)
_WOMAN = re.compile(
    r"(?:^|[，,。\s])女(?:$|[，,。人孩子])|女[童儿王]|少女|公主|母亲|妈妈|妻子|姐姐|妹妹|\b(?:woman|girl|mother|sister|daughter|wife|queen|lady|"
    r"actress|gown|dress|skirt|heels|Mrs|Ms)\b"
)
_MAN = re.compile(
    r"(?:^|[，,。\s])男(?:$|[，,。人孩子])|少年|国王|皇帝|父亲|爸爸|丈夫|哥哥|弟弟|\b(?:man|boy|father|brother|son|husband|king|tuxedo|beard|Mr)\b"
)
_WOMAN_NAME = re.compile(r"[女娘妈母婆姐妹姑姨嫂妃后]|奶奶|小姐|夫人|WOMAN|GIRL|MOTHER|SISTER|MRS|MS\b|QUEEN|LADY")
_MAN_NAME = re.compile(r"[父爹爷哥弟叔伯帝公]|爸|先生|少爷|老头|\bMAN\b|\bBOY\b|FATHER|BROTHER|\bMR\b|KING")
_REMEMBERED = 6


class Genders:
    """She or he, as far as a script tells: 1 for a woman, -1 for a man, 0 unknown."""

    def __init__(self, names: Names, actions: list[str]) -> None:
        votes: Counter[str] = Counter()
        for name, description in names.descriptions.items():
            votes[name] += 6 * _earlier(_WOMAN.search(description), _MAN.search(description))
            votes[name] += 5 * (bool(_WOMAN_NAME.search(name)) - bool(_MAN_NAME.search(name)))
            first = name.split()[0].upper()
            votes[name] += 4 * ((first in WOMEN) - (first in MEN))
        for action in actions:
            self._listen(names, action, votes)
        self._votes = votes

    @staticmethod
    def _listen(names: Names, action: str, votes: Counter[str]) -> None:
        for sentence in sentences(action):
            found = names.mentions(sentence)
            if len({name for _, name in found}) == 1:
                start, name = found[0]
                rest = sentence[start:]
                votes[name] += 2 * (len(_SHE.findall(rest)) - len(_HE.findall(rest)))
                votes[name] += bool(_HER.search(rest)) - bool(_HIS.search(rest))

    def of(self, name: str) -> int:
        """Return 1 for a woman, -1 for a man, 0 where the script does not tell."""
        vote = self._votes[name]
        return (vote > 0) - (vote < 0)


def _earlier(woman: re.Match[str] | None, man: re.Match[str] | None) -> int:
    """Return 1 or -1 for the word that comes first, 0 if there is none."""
    if woman is None or man is None:
        return bool(woman) - bool(man)
    return 1 if woman.start() < man.start() else -1


class Focus:
    """Whom the script spoke of last, newest last."""

    def __init__(self, genders: Genders) -> None:
        self._genders = genders
        self._recent: list[str] = []

    def see(self, name: str) -> None:
        """Note that the script now speaks of ``name``."""
        if name in self._recent:
            self._recent.remove(name)
        self._recent = [*self._recent[-_REMEMBERED:], name]

    def forget(self) -> None:
        """Begin a new scene."""
        self._recent = []

    def meant(self, text: str) -> tuple[str, ...]:
        """Return whom the first pronoun of a text means, () if there is none or nobody it can mean."""
        found = _ANYBODY.search(text)
        if found is None or not self._recent:
            return ()
        if found[3] or found[6]:
            return tuple(self._recent[-2:])
        wanted = 1 if found[1] or found[4] else -1
        fitting = (name for name in reversed(self._recent) if self._genders.of(name) != -wanted)
        return tuple(islice(fitting, 1))


def opens_with_pronoun(text: str) -> bool:
    """Tell whether a sentence begins with a pronoun, which then is its subject."""
    return bool(_OPENING.match(text))
