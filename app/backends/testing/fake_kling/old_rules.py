"""The old API's rules: what each task takes, refuses and makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.backends.testing.fake_kling.rules import (
    RATIOS,
    Order,
    address,
    inline,
    known,
    one_of,
    picture,
    ratio_of,
    shots,
    text,
    whole,
    wrong,
)
from app.backends.testing.faults import Refusal

MODEL_NAMES = """
kling-v1 kling-v1-5 kling-v1-6 kling-v2-master kling-v2-1 kling-v2-1-master kling-v2-5-turbo kling-v2-6 kling-v3
kling-v3-omni kling-video-o1
"""
MODELS = set(MODEL_NAMES.split())
SOUNDING = {"kling-v2-6", "kling-v3", "kling-v3-omni"}
PROMPT_MAX = 2500
IMAGE_BYTES = 10 * 1024 * 1024
VOICE_BYTES = 5 * 1024 * 1024
RESOLUTIONS = {"std": "720p", "pro": "1080p"}
AXES = {"horizontal", "vertical", "pan", "tilt", "roll", "zoom"}
MOVES = ("simple", "down_back", "forward_up", "right_turn_forward", "left_turn_forward")

EVERYWHERE = {"callback_url", "external_task_id", "watermark_info"}
WORDS = {"prompt", "negative_prompt", "cfg_scale"}
IMAGINED = {
    *("model_name", "mode", "aspect_ratio", "duration", "sound", "camera_control"),
    *("voice_list", "element_list", "multi_shot", "shot_type", "multi_prompt"),
    *WORDS,
}
FIELDS: Mapping[str, set[str]] = {
    "text2video": IMAGINED,
    "image2video": IMAGINED | {"image", "image_tail", "static_mask", "dynamic_masks"},
    "omni-video": IMAGINED | {"image_list", "video_list"},
    "motion-control": {
        *("prompt", "image_url", "video_url", "character_orientation"),
        *("mode", "keep_original_sound", "element_list", "model_name"),
    },
    "avatar/image2video": {"prompt", "image", "audio_id", "sound_file", "mode"},
    "video-extend": WORDS | {"video_id"},
}
REQUIRED: Mapping[str, set[str]] = {
    "image2video": {"model_name"},
    "text2video": {"model_name"},
    "omni-video": {"model_name"},
    "motion-control": {"image_url", "video_url", "character_orientation", "mode"},
    "avatar/image2video": {"image"},
    "video-extend": {"video_id"},
}


def ordered(product: str, body: Any, owned: Callable[[str], bool]) -> Order:
    """Return what a create asks for; raise the provider's refusal. ``owned``: whether the account made a video."""
    known(body, FIELDS[product] | EVERYWHERE, REQUIRED[product])
    if "callback_url" in body:
        address(body["callback_url"], "callback_url")
    text(body, "external_task_id", 200)
    text(body, "negative_prompt", PROMPT_MAX)
    if not 0 <= body.get("cfg_scale", 0.5) <= 1:
        raise wrong("cfg_scale is from 0 to 1", "cfg_scale")
    if product == "motion-control":
        return _performed(body)
    if product == "avatar/image2video":
        return _spoken(body)
    if product == "video-extend":
        if not owned(body["video_id"]):
            raise Refusal(404, "1203", f"The video {body['video_id'][:80]} does not exist")
        return Order(text(body, "prompt", PROMPT_MAX), "720p", 9 / 16, 5.0, sound=False)
    return _imagined(product, body)


def _imagined(product: str, body: Mapping[str, Any]) -> Order:
    model = body["model_name"]
    if model not in MODELS or ("omni" in product) != (model in {"kling-v3-omni", "kling-video-o1"}):
        raise Refusal(404, "1203", f"The model {str(model)[:80]} does not exist here")
    if "sound" in body and model not in SOUNDING:
        raise wrong("sound needs kling-v2-6 or later", "sound")
    longer = [str(one) for one in range(3, 16)] if "v3" in model else ["5", "10"]
    seconds = int(one_of(body, "duration", longer, "5"))
    words = _words(body, seconds)
    camera = _camera(body)
    _listed(body, "voice_list", "voice_id", 2)
    _listed(body, "element_list", "element_id", 3)
    ratio = ratio_of(one_of(body, "aspect_ratio", RATIOS, "16:9"))
    if product == "image2video":
        ratio = _frames(body, camera=camera)
    elif product == "omni-video":
        ratio = _references(body, ratio)
    sound = one_of(body, "sound", ("on", "off"), "off") == "on"
    return Order(words, RESOLUTIONS[one_of(body, "mode", RESOLUTIONS, "std")], ratio, float(seconds), sound)


def _words(body: Mapping[str, Any], seconds: int) -> str:
    """Return the prompt, or those of the shots, beside which the prompt is ignored."""
    if not one_of(body, "multi_shot", (True, False), False):
        if not body.get("prompt") or "shot_type" in body or "multi_prompt" in body:
            raise wrong("prompt is required, and shots need multi_shot", "prompt")
        return text(body, "prompt", PROMPT_MAX)
    if one_of(body, "shot_type", ("customize", "intelligence")) == "intelligence":
        if not body.get("prompt") or "multi_prompt" in body:
            raise wrong("intelligence cuts a prompt", "prompt")
        return text(body, "prompt", PROMPT_MAX)
    listed = [known(one, {"index", "prompt", "duration"}) for one in body.get("multi_prompt", [])]
    shots([(one.get("index"), one.get("duration"), one.get("prompt")) for one in listed], seconds, whole)
    return " ".join(one["prompt"] for one in listed)


def _camera(body: Mapping[str, Any]) -> bool:
    if "camera_control" not in body:
        return False
    move = known(body["camera_control"], {"type", "config"}, {"type"})
    simple = one_of(move, "type", MOVES) == "simple"
    if simple != ("config" in move):
        raise wrong("config belongs to simple", "camera_control")
    axes = known(move.get("config", {}), AXES)
    turned = [value for value in axes.values() if value != 0]
    if simple and (len(turned) != 1 or not -10 <= turned[0] <= 10):
        raise wrong("Exactly one axis is not zero", "camera_control")
    return True


def _listed(body: Mapping[str, Any], key: str, field: str, most: int) -> None:
    listed = body.get(key, [])
    if not isinstance(listed, list) or len(listed) > most:
        raise wrong(f"{key} has at most {most}", key)
    for one in listed:
        known(one, {field}, {field})


def _frames(body: Mapping[str, Any], *, camera: bool) -> float:
    known(body, body, {"image"})
    if "image_tail" in body:
        if camera or "static_mask" in body or "dynamic_masks" in body:
            raise wrong("image_tail, camera_control and masks exclude one another", "image_tail")
        picture(body["image_tail"], "image_tail", IMAGE_BYTES)
    return picture(body["image"], "image", IMAGE_BYTES)


def _references(body: Mapping[str, Any], ratio: float) -> float:
    images, clips = body.get("image_list", []), body.get("video_list", [])
    if len(clips) > 1 or len(images) > (4 if clips else 7):
        raise wrong("There are too many images or videos", "image_list")
    for one in clips:
        known(one, {"video_url", "refer_type", "keep_original_sound"}, {"video_url"})
        address(one["video_url"], "video_url")
        one_of(one, "refer_type", ("feature", "base"))
        one_of(one, "keep_original_sound", ("yes", "no"), "no")
    kinds = [known(one, {"image_url", "type"}, {"image_url"}).get("type") for one in images]
    if set(kinds) - {None, "first_frame", "end_frame"} or ("end_frame" in kinds and "first_frame" not in kinds):
        raise wrong("An end_frame needs a first_frame", "image_list")
    for one in images:
        seen = picture(one["image_url"], "image_url", IMAGE_BYTES)
        ratio = seen if one.get("type") == "first_frame" else ratio
    if "first_frame" not in kinds and not clips and "aspect_ratio" not in body:
        raise wrong("aspect_ratio is required without a first frame and a video", "aspect_ratio")
    return ratio


def _performed(body: Mapping[str, Any]) -> Order:
    address(body["video_url"], "video_url")
    orientation = one_of(body, "character_orientation", ("image", "video"))
    _listed(body, "element_list", "element_id", 1 if orientation == "video" else 0)
    sound = one_of(body, "keep_original_sound", ("yes", "no"), "yes") == "yes"
    ratio = picture(body["image_url"], "image_url", IMAGE_BYTES)
    return Order(text(body, "prompt", PROMPT_MAX), RESOLUTIONS[one_of(body, "mode", RESOLUTIONS)], ratio, 5.0, sound)


def _spoken(body: Mapping[str, Any]) -> Order:
    if ("audio_id" in body) == ("sound_file" in body):
        raise wrong("Give either audio_id or sound_file", "sound_file")
    if "sound_file" in body and not str(body["sound_file"]).startswith("http"):
        inline(body["sound_file"], "sound_file", VOICE_BYTES)
    ratio = picture(body["image"], "image", IMAGE_BYTES)
    mode = RESOLUTIONS[one_of(body, "mode", RESOLUTIONS, "std")]
    return Order(text(body, "prompt", PROMPT_MAX), mode, ratio, 5.0, sound=True)
