"""Where the script asks nothing of the camera: size, angle and movement from what happens."""

from __future__ import annotations

import re

from app.scripts.breakdown.cues import Camera
from app.scripts.breakdown.model import Angle, DialogueLine, Interior, Movement, Size

_FACE = re.compile(
    r"神情|神色|眼眶|眼泪|流泪|泪|脸色|瞳|睁开?眼|闭上?眼|抬起眼|眼神|目光|咬(?:着|紧)?(?:唇|牙)|笑停|愣|怔|嘴角|笑了|冷笑|皱眉|脸上"
    r"|\b(?:face|eyes?|tears?|smiles?|blinks?|stares?|freez\w+|drains|laughs?|flinch\w*|gasps?|swallows|nods|lips?|frowns?|"
    r"cannot speak|looks? (?:up|away|straight)|gaze)\b",
    re.I,
)
_HAND = re.compile(
    r"手掌|掌心|手指|指尖|指缝|手腕|虎口|袖口|左手|右手|双手|握|攥|笔|信|纸|字|照片|手机|戒指|耳坠|石子|钥匙|刀尖|绢|水囊|杯"
    r"|\b(?:hands?|fingers?|thumb|pen|page|paper|letter|phone|badge|key|ring|knife|photograph|photo|envelope|signature|"
    r"ledger|glass|teacup|sleeve|lighter|gun|watch|signs?)\b",
    re.I,
)
_CREATURE = re.compile(r"鸟|雀|鱼|蛇|马|狐|兽|犬|狗|猫|遗|\b(?:birds?|dogs?|cats?|horses?|wolf|wolves|snake)\b", re.I)
_BODY = re.compile(r"手|指|掌|腕|\b(?:hands?|fingers?|thumb|fist|palm)\b", re.I)
_RUN = re.compile(
    r"跑|奔|冲|追|扑|飞|逃|跃|疾|骑|狂|掷|抛|劈|横扫|射来|射向|打斗|坠落|坠下|挥刀"
    r"|\b(?:runs?|running|rush\w*|chas\w+|leaps?|charg\w+|sprints?|flees?|flies|hurls?|throws?|crash\w*|jumps?|dives?)\b",
    re.I,
)
_WALK = re.compile(
    r"走(?!狗)|迈|步|跟着|爬|拖着|穿过|搀|划桨"
    r"|\b(?:walks?|cross\w*|steps? (?!between)|follows?|strides?|wanders?|drives?|moving|march\w*)\b",
    re.I,
)
_APPROACH = re.compile(
    r"走近|走来|逼近|靠近|凑近|俯下身|俯身|一步一步|伸出手|迎面|指向|冲着"
    r"|\b(?:approach\w*|closer|walks? (?:in|toward|towards|up)|steps? (?:in|forward|closer)|comes? (?:in|toward)|"
    r"enters?|bends?|leans?|lifts? the|opens? the|seiz\w+|grabs?)\b",
    re.I,
)
_REVEAL = re.compile(
    r"露出|原来|现出|展开|次第|剥落|涌出|一直烧到|漫过|堵死|越来越|隆起|炸裂|开花|铺满|亮起"
    r"|\b(?:reveals?|opens? above|slides? into|rises? around|beyond|far below|behind (?:her|him|them)|spreads?|"
    r"everybody|all of)\b",
    re.I,
)
_UP = re.compile(
    r"站起来|站起|升起|直起身|抬头|仰头|立起|举起|\b(?:stands up|rises?|looks? up|raises?|from above|lifts?)\b", re.I
)
_DOWN = re.compile(
    r"落下|低头|跪|垂|倒下|跌下|躺|掉在|沉了?下|\b(?:falls?|kneels?|sinks?|drops?|lies|bows?|lowers?)\b", re.I
)
_ACROSS = re.compile(
    r"望去|望了|扫过|顺着|环顾|连绵|齐齐|四周"
    r"|\b(?:across|sweeps?|along|turns? (?:to|his|her)|looks? around|crawls?)\b",
    re.I,
)
_SHAKE = re.compile(
    r"暴雨|风暴|打转|颠簸|地面一震|挣扎|混乱|爆炸"
    r"|\b(?:storm|shak\w+|struggl\w+|fights?|panic|explo\w+|bursts?)\b",
    re.I,
)
_ABOVE = re.compile(
    r"高岩|高处|屋顶|巨人|踏碎|背光|头顶|高台|扛上肩|\b(?:towers? over|looms?|giant|above (?:him|them|her))\b", re.I
)
_BELOW = re.compile(r"脚下|下方|俯瞰|地上|\b(?:below|on the floor|at (?:his|her) feet|under the)\b", re.I)
_WIDE = re.compile(
    r"海平线|天边|山|群|大军|千里|天色|整座|满天|大殿|悬崖|森林|街道|黑暗|水墙|巨浪|众人|画面|数百|成片"
    r"|\b(?:crowd|skyline|horizon|city|sea|mountains?|street|\w*room|everyone|everybody|lights|rain|headlights|black\.|"
    r"floors?|windows?|doors?)\b",
    re.I,
)
_STRONG = re.compile(
    r"颤|哭|泪|哽|嘶|怒|吼|惊|恐|怔|喃|低声|轻声|压低|哑|虚弱|痛|绝望"
    r"|whisper|quiet|softly|barely|frozen|under (?:his|her) breath|crying|"
    r"sob|trembl|break",
    re.I,
)
_LOUD = re.compile(r"喊|吼|怒|大声|惊|急|嘶|shout|yell|scream|loud", re.I)
_GROUP = re.compile(
    r"们$|众|齐声|群|(?:MEN|PEOPLE|CROWD|ALL|BOTH|EVERYONE|STAFF|CHILDREN|(?:GUARD|OFFICER|SOLDIER|COP|GUEST|REPORTER|KID|BOY|"
    r"GIRL|NURSE|DOCTOR|LAWYER|STUDENT|VILLAGER|NEIGHBOU?R|VOICE|SISTER|BROTHER|TWIN|WAITER|SAILOR|MONK)S)$"
)


def for_action(text: str, names: tuple[str, ...], interior: Interior, *, opening: bool) -> Camera:
    """Return a camera for an action; ``opening`` says that it is the first picture of its scene."""
    if opening:
        size = Size.FULL if interior in (Interior.INTERIOR, Interior.BOTH) else Size.LONG
        return Camera(size, _angle(text), _movement(text, size) or Movement.PUSH_IN)
    size = _size(text, names)
    return Camera(size, _angle(text), _movement(text, size) or Movement.STATIC)


def _size(text: str, names: tuple[str, ...]) -> Size:
    if not names:
        if _CREATURE.search(text) and not _WIDE.search(text):
            return Size.MEDIUM
        if _HAND.search(text) and not _WIDE.search(text):
            return Size.INSERT
        return Size.LONG if _WIDE.search(text) else Size.FULL
    if _RUN.search(text):
        return Size.FULL if len(names) > 1 else Size.MEDIUM_LONG
    if len(names) > 2:
        return Size.FULL
    if _FACE.search(text):
        return Size.CLOSE if len(names) == 1 else Size.MEDIUM_CLOSE
    if len(names) > 1:
        return Size.MEDIUM
    if _HAND.search(text):
        return Size.MEDIUM_CLOSE
    return Size.MEDIUM_LONG if _WALK.search(text) or _WIDE.search(text) else Size.MEDIUM


def _angle(text: str) -> Angle:
    if _ABOVE.search(text):
        return Angle.LOW
    return Angle.HIGH if _BELOW.search(text) else Angle.EYE


def _movement(text: str, size: Size) -> Movement | None:
    """Return the movement that what happens suggests; the nearer the picture, the calmer the camera."""
    if size in (Size.CLOSE, Size.EXTREME_CLOSE, Size.INSERT):
        return Movement.PUSH_IN if _APPROACH.search(text) or _REVEAL.search(text) else None
    for pattern, movement in (
        (_SHAKE, Movement.HANDHELD),
        (_RUN, Movement.TRACK),
        (_APPROACH, Movement.PUSH_IN),
        (_REVEAL, Movement.PULL_OUT),
        (_WALK, Movement.TRACK),
        (_ACROSS, Movement.PAN_RIGHT),
        (_UP, Movement.TILT_UP),
        (_DOWN, Movement.TILT_DOWN),
    ):
        if pattern.search(text):
            return movement
    return None


def for_cue(cue: Camera, text: str, names: tuple[str, ...], interior: Interior, *, opening: bool) -> Camera:
    """Return a camera that does what the script asks, and the rest from what happens."""
    default = for_action(text, names, interior, opening=opening and cue.size is None)
    size = cue.size or default.size
    if cue.angle is Angle.OVERHEAD and cue.size is None:
        size = Size.LONG if not names else Size.FULL
    movement = cue.movement or _movement(text, size or Size.MEDIUM)
    if movement is None:
        movement = Movement.PUSH_IN if size in (Size.LONG, Size.EXTREME_LONG) else Movement.STATIC
    return Camera(size, cue.angle or default.angle, movement, cue.empty)


def for_speech(line: DialogueLine, action: str, *, turn: int, first: bool, last: bool) -> Camera:
    """Return a camera for words spoken in the picture, and for the ``action`` that goes with them.

    ``turn`` counts the pieces of one long speech, ``first`` and ``last`` say where it stands in its exchange.
    """
    if _GROUP.search(line.speaker):
        return Camera(Size.FULL, Angle.EYE, Movement.STATIC)
    size = _speech_size(line.manner, action, turn=turn, first=first, last=last)
    moved = _movement(action, size) if action else None
    if _LOUD.search(line.manner):
        moved = moved or Movement.HANDHELD
    elif size is Size.CLOSE and (turn % 2 or _STRONG.search(line.manner)):
        moved = moved or Movement.PUSH_IN
    return Camera(size, _angle(action), moved or Movement.STATIC)


def _speech_size(manner: str, action: str, *, turn: int, first: bool, last: bool) -> Size:
    loud, strong = bool(_LOUD.search(manner)), bool(_STRONG.search(manner))
    if turn % 2 or (strong and not loud):
        return Size.CLOSE
    if action:
        return Size.MEDIUM_CLOSE if _FACE.search(action) or _HAND.search(action) else Size.MEDIUM
    if loud:
        return Size.MEDIUM_CLOSE
    if last and not first:
        return Size.CLOSE
    return Size.MEDIUM if first else Size.MEDIUM_CLOSE


def shows_body(text: str) -> bool:
    """Tell whether a detail of somebody's body is in an insert."""
    return bool(_BODY.search(text))
