"""From beats to shots: one camera set-up each, joined where one picture carries them, never over 15 s."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.core.frames import FrameRate
from app.scripts.breakdown import staging
from app.scripts.breakdown.beats import Beat, Role
from app.scripts.breakdown.cues import Camera
from app.scripts.breakdown.model import Angle, Interior, Movement, ShotPlan, Size, SourceRange
from app.scripts.breakdown.timing import BREATH, LONGEST, SHORTEST

_FADE = re.compile(r"FADE (?:OUT|TO)|淡出|渐黑|黑场|化出", re.I)
_DISSOLVE = re.compile(r"DISSOLVE|叠化|化入", re.I)
_ENTERING = re.compile(r"FADE (?:IN|UP)|淡入", re.I)
_JOINED_AT_MOST = 9.0
_SAME_SPEAKER_AT_MOST = 12.0


@dataclass(slots=True)
class Draft:
    """A shot that still grows."""

    pictures: list[Beat] = field(default_factory=list)
    lines: list[Beat] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)
    cards: list[Beat] = field(default_factory=list)
    sounds: list[Beat] = field(default_factory=list)
    camera: Camera = field(default_factory=Camera)
    opening: bool = False
    flashback: bool = False
    transition: str = ""

    @property
    def spoken(self) -> list[Beat]:
        """The lines whose speaker is seen."""
        return [beat for beat in self.lines if beat.line and not beat.line.voice]

    @property
    def seconds(self) -> float:
        """How long it plays: action, then words; voices, songs and cards run over the picture."""
        spoken = self.spoken
        heard = sum(beat.seconds + 0.3 for beat in self.lines if beat not in spoken)
        acted = max(sum(beat.seconds for beat in self.pictures), heard + BREATH if heard else 0.0)
        together = len(spoken) > 1 and any(beat.dual for beat in spoken)
        talked = max(beat.seconds for beat in spoken) if together else sum(beat.seconds for beat in spoken)
        breath = (0.4 if acted else BREATH) if spoken else 0.0
        sung = sum(beat.seconds for beat in self.sounds)
        return max(acted + talked + breath, sung, *(beat.seconds for beat in self.cards), SHORTEST)

    def take(self, beat: Beat) -> None:
        """Take a picture or a line in."""
        (self.pictures if beat.role is Role.PICTURE else self.lines).append(beat)
        self.edges += [beat.start, beat.end]
        seen = beat.names if beat.line is None or not beat.line.voice else ()
        self.names += [name for name in seen if name not in self.names]
        self.camera = self.camera | beat.camera
        self.flashback = self.flashback or beat.flashback


class ShotPlanner:
    """Plans the shots of one scene."""

    def __init__(self, interior: Interior, present: Sequence[str], rate: FrameRate) -> None:
        self._interior = interior
        self._present = present
        self._rate = rate
        self._drafts: list[Draft] = []
        self._waiting: list[Beat] = []

    def plan(self, beats: Sequence[Beat]) -> list[ShotPlan]:
        """Return the shots that serve the beats, in order."""
        for beat, following in zip(beats, _following(beats), strict=True):
            self._add(beat, following)
        if self._waiting:
            self._carry(Draft())
        return [self._shot(index, draft) for index, draft in enumerate(self._drafts)]

    def _add(self, beat: Beat, following: Role | None) -> None:
        last = self._drafts[-1] if self._drafts else None
        if beat.role is Role.TRANSITION:
            if last is not None:
                last.transition = _transition(beat.text) or last.transition
        elif beat.role is Role.CARD:
            self._attach(beat, last)
        elif beat.role is Role.SOUND:
            self._attach(beat, None if following and not beat.seconds else last)
        elif beat.role is Role.PICTURE:
            self._picture(beat, last)
        elif beat.line is not None and beat.line.voice:
            self._voice(beat, last, following)
        else:
            self._line(beat, last)

    def _attach(self, beat: Beat, last: Draft | None) -> None:
        """Give a card or a sound to the shot before, or keep it for the next one."""
        if last is None:
            self._waiting.append(beat)
            return
        if last.sounds and beat.seconds and sum(sound.seconds for sound in last.sounds) + beat.seconds > LONGEST:
            last = Draft(names=[*last.names], flashback=beat.flashback)
            self._drafts.append(last)
        (last.cards if beat.role is Role.CARD else last.sounds).append(beat)
        last.edges += [beat.start, beat.end]

    def _new(self, beat: Beat) -> Draft:
        draft = Draft(opening=not self._drafts)
        draft.take(beat)
        self._carry(draft)
        return draft

    def _carry(self, draft: Draft) -> None:
        """Put a shot behind the others, with the cards, sounds and voices that waited for it."""
        self._drafts.append(draft)
        waiting, self._waiting = self._waiting, []
        for beat in waiting:
            if beat.role is Role.LINE:
                draft.take(beat)
            else:
                self._attach(beat, self._drafts[-1])

    def _picture(self, beat: Beat, last: Draft | None) -> None:
        quiet = last is not None and (_only_a_pause(last) or (beat.pause and last.seconds + beat.seconds <= LONGEST))
        if last is not None and quiet and not self._waiting:
            last.take(beat)
        else:
            self._new(beat)

    def _voice(self, beat: Beat, last: Draft | None, following: Role | None) -> None:
        """Let a voice run over a picture: the one before, the speaker's face, or the one that comes."""
        fits = last is not None and not last.spoken and _with(last, beat) <= LONGEST
        if last is not None and fits and not self._waiting:
            last.take(beat)
        elif following is Role.PICTURE and not self._drafts and _sum(self._waiting, beat) <= LONGEST - 2:
            self._waiting.append(beat)
        else:
            self._hear(beat)

    def _hear(self, beat: Beat) -> None:
        """Make a shot for a voice, after one for the voices that waited in vain for a picture."""
        voices = [waiting for waiting in self._waiting if waiting.role is Role.LINE]
        self._waiting = [waiting for waiting in self._waiting if waiting.role is not Role.LINE]
        for voice in (*voices, beat):
            last = self._drafts[-1] if voices and self._drafts else None
            if last is not None and _with(last, voice) <= LONGEST:
                last.take(voice)
            else:
                self._listener(voice)

    def _listener(self, beat: Beat) -> None:
        """Make a shot for a voice: whoever thinks it is seen, else whoever hears it."""
        draft = self._new(beat)
        inner = beat.line is not None and beat.line.voice.upper() not in ("O.S.", "O.C.", "OFF")
        thinking = [name for name in beat.names if name in self._present] if inner else []
        hearing = [name for name in self._seen_last() if name not in beat.names]
        draft.names = thinking or hearing[:1] or [name for name in self._present if name not in beat.names][:1]

    def _seen_last(self) -> list[str]:
        for draft in reversed(self._drafts[:-1]):
            if draft.names:
                return draft.names
        return []

    def _line(self, beat: Beat, last: Draft | None) -> None:
        if last is not None and not self._waiting and self._joins(beat, last):
            last.take(beat)
        else:
            self._new(beat)

    def _joins(self, beat: Beat, last: Draft) -> bool:
        """Tell whether words go on in the picture before: same speaker, both at once, or its own action."""
        seconds = _with(last, beat)
        if last.cards and last.lines:
            return False
        if last.spoken:
            together = beat.dual and seconds <= LONGEST
            same = last.spoken[-1].names == beat.names and seconds <= _SAME_SPEAKER_AT_MOST
            return together or (same and not beat.camera.asks)
        if last.lines or (last.opening and last.pictures[0].seconds > 4.0):
            return False
        first = last.pictures[0]
        if first.alone or beat.camera.asks or seconds > _JOINED_AT_MOST:
            return False
        return _only_a_pause(last) or (bool(last.names) and set(last.names) <= set(beat.names))

    def _shot(self, index: int, draft: Draft) -> ShotPlan:
        camera = self._camera(index, draft)
        seconds = min(max(draft.seconds, SHORTEST), LONGEST)
        return ShotPlan(
            size=camera.size or Size.MEDIUM,
            angle=camera.angle or Angle.EYE,
            movement=camera.movement or Movement.STATIC,
            duration_frames=self._rate.frames(seconds),
            characters=tuple(draft.names),
            action=_joined_text([beat.text for beat in draft.pictures]),
            dialogue=tuple(beat.line for beat in draft.lines if beat.line is not None and beat.line.text),
            source=SourceRange(min(draft.edges, default=0), max(draft.edges, default=0)),
            card="\n".join(beat.text for beat in draft.cards),
            sound="\n".join(beat.text for beat in draft.sounds),
            transition_out=draft.transition,
            flashback=draft.flashback,
        )

    def _camera(self, index: int, draft: Draft) -> Camera:
        names = tuple(draft.names)
        text = _joined_text([beat.text for beat in draft.pictures])
        if draft.camera.asks:
            return staging.for_cue(draft.camera, text, names, self._interior, opening=draft.opening)
        if draft.spoken:
            line = draft.spoken[0].line
            assert line is not None
            if len(names) > 1:
                return Camera(Size.MEDIUM, Angle.EYE, Movement.STATIC)
            return staging.for_speech(
                line,
                text,
                turn=draft.spoken[0].turn,
                first=index == 0 or not self._drafts[index - 1].spoken,
                last=index + 1 == len(self._drafts) or not self._drafts[index + 1].spoken,
            )
        if draft.lines and not draft.pictures:
            return Camera(Size.CLOSE if names else Size.FULL, Angle.EYE, Movement.PUSH_IN)
        return staging.for_action(text, names, self._interior, opening=draft.opening)


def _following(beats: Sequence[Beat]) -> list[Role | None]:
    """Return for each beat what the next shot behind it will be made for: a picture, a line in the picture, or none."""
    found: list[Role | None] = []
    following: Role | None = None
    for beat in reversed(beats):
        found.append(following)
        if beat.role is Role.PICTURE or (beat.line is not None and not beat.line.voice):
            following = beat.role
    return found[::-1]


def _only_a_pause(draft: Draft) -> bool:
    return bool(draft.pictures) and not draft.lines and all(beat.pause for beat in draft.pictures)


def _with(draft: Draft, beat: Beat) -> float:
    """Return how long a draft would last with a line more."""
    more = Draft([*draft.pictures], [*draft.lines, beat], cards=draft.cards, sounds=draft.sounds)
    return more.seconds


def _sum(beats: Sequence[Beat], more: Beat) -> float:
    return sum(beat.seconds for beat in (*beats, more))


def _transition(text: str) -> str:
    if _ENTERING.search(text):
        return ""
    if _FADE.search(text):
        return "fade_out"
    return "dissolve" if _DISSOLVE.search(text) else "cut"


def _joined_text(texts: Sequence[str]) -> str:
    joined = ""
    for text in texts:
        glued = joined and ord(joined[-1]) > 0x2E80
        joined += ("" if not joined or glued else " ") + text
    return joined
