"""The new API's rules: what each endpoint takes, refuses and makes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.backends.testing.fake_kling.rules import (
    RATIOS,
    Order,
    address,
    known,
    one_of,
    picture,
    ratio_of,
    shots,
    text,
    wrong,
)
from app.backends.testing.faults import Refusal

MODELS: Mapping[str, tuple[str, ...]] = {
    "text-to-video": ("kling-3.0", "kling-3.0-turbo"),
    "image-to-video": ("kling-3.0", "kling-3.0-turbo"),
    "omni-video": ("kling-3.0-omni",),
    "motion-control": ("kling-3.0",),
}
PROMPT_MAX = 3072
IMAGE_BYTES = 50 * 1024 * 1024
CONTENT_FIELDS: Mapping[str, set[str]] = {
    "prompt": {"text"},
    "element": {"element_id", "id"},
    **{kind: {"url"} for kind in ("first_frame", "last_frame", "refer_image", "image")},
    **{kind: {"url"} for kind in ("feature_video", "base_video", "video")},
}
TAKEN: Mapping[str, set[str]] = {
    "image-to-video": {"prompt", "first_frame", "last_frame", "element"},
    "omni-video": {
        *("prompt", "first_frame", "last_frame", "refer_image"),
        *("feature_video", "base_video", "element"),
    },
    "motion-control": {"prompt", "image", "video", "element"},
}
SHOT = re.compile(r"(?:shot|镜头)\s*(\d+)\s*,\s*(\d+)\s*,\s*([^;]*);")


def ordered(endpoint: str, model: str, body: Any, newer: tuple[str, ...]) -> Order:
    """Return what a create asks for; raise the provider's refusal. ``newer`` models are made like the 3.0."""
    if model not in (*MODELS[endpoint], *(newer if endpoint.endswith("to-video") else ())):
        raise Refusal(404, "1203", f"The model {model} does not exist")
    content = "prompt" if endpoint == "text-to-video" else "contents"
    known(body, {content, "settings", "options"}, {content})
    _options(body.get("options", {}))
    settings = body.get("settings", {})
    if endpoint == "text-to-video":
        words = text(body, "prompt", 11_000 if model in newer else PROMPT_MAX)
        return _imagined(model, settings, words, {}, newer)
    contents = _contents(endpoint, body["contents"])
    words = " ".join(one["text"] for one in contents.get("prompt", []))
    if len(words) > PROMPT_MAX:
        raise wrong("prompt is too long", "prompt")
    if endpoint == "motion-control":
        return _performed(settings, words, contents)
    if endpoint == "image-to-video":
        _check_frames(model, contents)
    else:
        _check_omni(settings, contents)
    return _imagined(model, settings, words, contents, newer)


def _options(options: Any) -> None:
    known(options, {"callback_url", "external_task_id", "watermark_info"})
    if "callback_url" in options:
        address(options["callback_url"], "callback_url")
    if "watermark_info" in options:
        one_of(known(options["watermark_info"], {"enabled"}), "enabled", (True, False))
    text(options, "external_task_id", 200)


def _contents(endpoint: str, listed: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the contents by type, each with exactly its fields."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in listed if isinstance(listed, list) else []:
        kind = one.get("type") if isinstance(one, dict) else None
        if kind not in TAKEN[endpoint]:
            raise wrong(f"contents type {kind!r} is invalid", "contents")
        known(one, {"type", *CONTENT_FIELDS[kind]}, CONTENT_FIELDS[kind])
        found.setdefault(kind, []).append(one)
    for kind in ("prompt", "first_frame", "last_frame", "image", "video", "feature_video", "base_video"):
        if len(found.get(kind, [])) > 1:
            raise wrong(f"There is more than one {kind}", "contents")
    return found


def _check_frames(model: str, contents: Mapping[str, list[Any]]) -> None:
    if "first_frame" not in contents:
        raise wrong("first_frame is required: a last_frame is not allowed alone", "contents")
    if model.endswith("-turbo") and ("last_frame" in contents or "element" in contents):
        raise wrong("turbo takes neither last_frame nor element", "contents")
    if len(contents.get("element", [])) > 3:
        raise wrong("There are more than 3 elements", "contents")


def _check_omni(settings: Any, contents: Mapping[str, list[Any]]) -> None:
    count = {kind: len(listed) for kind, listed in contents.items()}
    clips = count.get("feature_video", 0) + count.get("base_video", 0)
    images = sum(count.get(kind, 0) for kind in ("first_frame", "last_frame", "refer_image", "element"))
    if clips > 1 or images > (4 if clips else 7):
        raise wrong("There are too many images and elements", "contents")
    if count.get("last_frame") and not count.get("first_frame"):
        raise wrong("last_frame is not allowed alone", "contents")
    for kind in ("feature_video", "base_video"):
        for one in contents.get(kind, []):
            address(one["url"], kind)
    if count.get("feature_video") and (settings.get("audio", "off") != "off" or not settings.get("multi_shot", True)):
        raise wrong("feature_video goes with multi_shot and without audio", "contents")
    if count.get("base_video"):
        edited = settings.get("audio", "off") != "native" and not settings.get("multi_shot", True)
        if not edited or count.get("first_frame"):
            raise wrong("base_video goes without frames, multi_shot and native audio", "contents")
    framed = count.get("first_frame") or clips
    if not framed and "aspect_ratio" not in settings:
        raise wrong("aspect_ratio is required without a first frame and a video", "aspect_ratio")


def _imagined(
    model: str, settings: Any, words: str, contents: Mapping[str, list[Any]], newer: tuple[str, ...]
) -> Order:
    shaped = set() if "first_frame" in contents else {"aspect_ratio"}
    known(settings, {"multi_shot", "audio", "resolution", "duration", *shaped})
    resolution = one_of(settings, "resolution", ("720p", "1080p", *(() if "turbo" in model else ("4k",))), "720p")
    seconds = one_of(settings, "duration", range(3, 31 if model in newer else 16), 5)
    audio = one_of(settings, "audio", ("native", "off", *(("original",) if "omni" in model else ())), "off")
    cut = SHOT.findall(words)
    if one_of(settings, "multi_shot", (True, False), True) and cut:
        shots([(int(index), length, told) for index, length, told in cut], seconds, int)
    ratio = ratio_of(one_of(settings, "aspect_ratio", RATIOS, "16:9"))
    for kind in ("refer_image", "last_frame", "first_frame"):
        for one in contents.get(kind, []):
            seen = picture(one["url"], kind, IMAGE_BYTES)
            ratio = seen if kind == "first_frame" else ratio
    return Order(words, resolution, ratio, float(seconds), audio != "off")


def _performed(settings: Any, words: str, contents: Mapping[str, list[Any]]) -> Order:
    known(settings, {"character_orientation", "resolution", "audio"}, {"character_orientation"})
    if "image" not in contents or "video" not in contents:
        raise wrong("One image and one video are required", "contents")
    orientation = one_of(settings, "character_orientation", ("image", "video"))
    if len(contents.get("element", [])) > (1 if orientation == "video" else 0):
        raise wrong("One element is possible, and only with the orientation of the video", "contents")
    address(contents["video"][0]["url"], "video")
    ratio = picture(contents["image"][0]["url"], "image", IMAGE_BYTES)
    resolution = one_of(settings, "resolution", ("720p", "1080p"), "720p")
    return Order(
        words, resolution, ratio, 5.0, one_of(settings, "audio", ("original", "off"), "original") == "original"
    )
