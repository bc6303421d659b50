"""The nodes a fake ComfyUI server has: their inputs and outputs (the fact sheets, international §10.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WEIGHTS = frozenset(
    {
        "wan2.2_ti2v_5B_fp16.safetensors",
        "wan2.2_vae.safetensors",
        "wan_2.1_vae.safetensors",
        "umt5_xxl_fp8_e4m3fn_scaled.safetensors",
        "wan2.2_i2v_high_noise_14B_fp8_scaled.safetensors",
        "wan2.2_i2v_low_noise_14B_fp8_scaled.safetensors",
        "wan2.2_s2v_14B_fp8_scaled.safetensors",
        "wav2vec2_large_english_fp16.safetensors",
        "ltx-2-19b-distilled.safetensors",
        "gemma_3_12B_it_fp4_mixed.safetensors",
    }
)

# An input is name:TYPE, with ? behind it when it may be left out. FILE is one of the weights, UPLOAD an uploaded name.
NODES = """
UNETLoader unet_name:FILE weight_dtype:STRING -> MODEL
CLIPLoader clip_name:FILE type:STRING device:STRING? -> CLIP
VAELoader vae_name:FILE -> VAE
CheckpointLoaderSimple ckpt_name:FILE -> MODEL CLIP VAE
AudioEncoderLoader audio_encoder_name:FILE -> AUDIO_ENCODER
LTXAVTextEncoderLoader text_encoder:FILE ckpt_name:FILE device:STRING? -> CLIP
LTXVAudioVAELoader ckpt_name:FILE -> VAE
ModelSamplingSD3 model:MODEL shift:FLOAT -> MODEL
CLIPTextEncode clip:CLIP text:STRING -> CONDITIONING
ConditioningZeroOut conditioning:CONDITIONING -> CONDITIONING
LoadImage image:UPLOAD -> IMAGE MASK
LoadAudio audio:UPLOAD -> AUDIO
LoadVideo file:UPLOAD -> VIDEO
GetVideoComponents video:VIDEO -> IMAGE AUDIO FLOAT
AudioEncoderEncode audio_encoder:AUDIO_ENCODER audio:AUDIO -> AUDIO_ENCODER_OUTPUT
Wan22ImageToVideoLatent vae:VAE width:INT height:INT length:INT batch_size:INT start_image:IMAGE? -> LATENT
WanImageToVideo positive:CONDITIONING negative:CONDITIONING vae:VAE width:INT height:INT length:INT batch_size:INT start_image:IMAGE? -> CONDITIONING CONDITIONING LATENT
WanFirstLastFrameToVideo positive:CONDITIONING negative:CONDITIONING vae:VAE width:INT height:INT length:INT batch_size:INT start_image:IMAGE? end_image:IMAGE? -> CONDITIONING CONDITIONING LATENT
WanSoundImageToVideo positive:CONDITIONING negative:CONDITIONING vae:VAE audio_encoder_output:AUDIO_ENCODER_OUTPUT? ref_image:IMAGE? control_video:IMAGE? ref_motion:IMAGE? width:INT height:INT length:INT batch_size:INT -> CONDITIONING CONDITIONING LATENT
WanVaceToVideo positive:CONDITIONING negative:CONDITIONING vae:VAE width:INT height:INT length:INT batch_size:INT reference_image:IMAGE? control_video:IMAGE? -> CONDITIONING CONDITIONING LATENT
KSampler model:MODEL positive:CONDITIONING negative:CONDITIONING latent_image:LATENT seed:INT steps:INT cfg:FLOAT sampler_name:STRING scheduler:STRING denoise:FLOAT -> LATENT
KSamplerAdvanced model:MODEL positive:CONDITIONING negative:CONDITIONING latent_image:LATENT add_noise:STRING noise_seed:INT steps:INT cfg:FLOAT sampler_name:STRING scheduler:STRING start_at_step:INT end_at_step:INT return_with_leftover_noise:STRING -> LATENT
LTXVConditioning positive:CONDITIONING negative:CONDITIONING frame_rate:FLOAT -> CONDITIONING CONDITIONING
EmptyLTXVLatentVideo width:INT height:INT length:INT batch_size:INT -> LATENT
LTXVEmptyLatentAudio frames_number:INT frame_rate:INT batch_size:INT audio_vae:VAE -> LATENT
LTXVPreprocess image:IMAGE img_compression:INT -> IMAGE
LTXVImgToVideoInplace vae:VAE image:IMAGE latent:LATENT strength:FLOAT bypass:BOOLEAN -> LATENT
LTXVConcatAVLatent video_latent:LATENT audio_latent:LATENT -> LATENT
LTXVSeparateAVLatent av_latent:LATENT -> LATENT LATENT
LTXVAudioVAEDecode samples:LATENT audio_vae:VAE -> AUDIO
ManualSigmas sigmas:STRING -> SIGMAS
KSamplerSelect sampler_name:STRING -> SAMPLER
RandomNoise noise_seed:INT -> NOISE
CFGGuider model:MODEL positive:CONDITIONING negative:CONDITIONING cfg:FLOAT -> GUIDER
SamplerCustomAdvanced noise:NOISE guider:GUIDER sampler:SAMPLER sigmas:SIGMAS latent_image:LATENT -> LATENT LATENT
VAEDecode samples:LATENT vae:VAE -> IMAGE
CreateVideo images:IMAGE audio:AUDIO? fps:FLOAT -> VIDEO
SaveVideo video:VIDEO filename_prefix:STRING format:STRING codec:STRING -> -
"""  # noqa: E501 - a table reads best with a node a line

TYPES: Mapping[str, tuple[type, ...]] = {
    "STRING": (str,),
    "FILE": (str,),
    "UPLOAD": (str,),
    "INT": (int,),
    "FLOAT": (int, float),
    "BOOLEAN": (bool,),
}
LIMITS: Mapping[str, tuple[int, int]] = {"width": (16, 16384), "height": (16, 16384), "length": (1, 16384)}


@dataclass(frozen=True, slots=True)
class Node:
    """What a class of nodes takes and gives; ``optional`` inputs may be left out."""

    inputs: Mapping[str, str]
    optional: frozenset[str]
    outputs: tuple[str, ...]


def _node(line: str) -> tuple[str, Node]:
    taken, _, given = line.partition(" -> ")
    name, *inputs = taken.split()
    pairs = dict(one.rstrip("?").split(":") for one in inputs)
    optional = frozenset(one.partition(":")[0] for one in inputs if one.endswith("?"))
    return name, Node(pairs, optional, tuple(one for one in given.split() if one != "-"))


CLASSES: Mapping[str, Node] = dict(_node(line) for line in NODES.strip().splitlines())


def fault(type_: str, message: str, details: str = "") -> dict[str, Any]:
    """Return one error as the server words it."""
    return {"type": type_, "message": message, "details": details, "extra_info": {}}


def faults_of(graph: Mapping[str, Any], weights: frozenset[str], uploads: frozenset[str]) -> dict[str, Any]:
    """Return the faults of a graph's nodes, by node."""
    found = {}
    for node, one in graph.items():
        faults = _faults(graph, one, weights, uploads)
        if faults:
            found[node] = {"errors": faults, "dependent_outputs": [], "class_type": one["class_type"]}
    return found


def _faults(
    graph: Mapping[str, Any], one: Mapping[str, Any], weights: frozenset[str], uploads: frozenset[str]
) -> list[dict[str, Any]]:
    kind, given = CLASSES[one["class_type"]], one["inputs"]
    faults = [
        fault("required_input_missing", "Required input is missing", key)
        for key in kind.inputs
        if key not in given and key not in kind.optional
    ]
    for key, value in given.items():
        if key not in kind.inputs:
            # The real server passes over such an input; the fake does not, or an adapter's mistake would go unseen.
            faults.append(fault("invalid_input_type", "The node has no such input", key))
        elif isinstance(value, list):
            faults += _link_faults(graph, kind.inputs[key], key, value)
        else:
            faults += _value_faults(kind.inputs[key], key, value, weights, uploads)
    return faults


def _link_faults(graph: Mapping[str, Any], wanted: str, key: str, link: list[Any]) -> list[dict[str, Any]]:
    if len(link) != 2 or link[0] not in graph or type(link[1]) is not int:
        return [fault("bad_linked_input", "Bad linked input, must be a length-2 list", key)]
    outputs = CLASSES[graph[link[0]]["class_type"]].outputs
    if not 0 <= link[1] < len(outputs) or outputs[link[1]] != wanted:
        return [fault("return_type_mismatch", "Return type mismatch between linked nodes", f"{key}, {wanted}")]
    return []


def _value_faults(
    wanted: str, key: str, value: Any, weights: frozenset[str], uploads: frozenset[str]
) -> list[dict[str, Any]]:
    if wanted not in TYPES:
        return [fault("required_input_missing", "Required input is missing", key)]
    if not isinstance(value, TYPES[wanted]) or (isinstance(value, bool) and wanted != "BOOLEAN"):
        return [fault("invalid_input_type", f"Failed to convert an input value to a {wanted} value", key)]
    if wanted == "FILE" and value not in weights:
        return [fault("value_not_in_list", "Value not in list", f"{key}: '{value}' not in []")]
    if wanted == "UPLOAD" and value not in uploads:
        return [fault("custom_validation_failed", "Custom validation failed for node", f"Invalid file: {value}")]
    low, high = LIMITS.get(key, (0, 2**64 - 1))
    if isinstance(value, int) and value < low:
        return [fault("value_smaller_than_min", f"Value {value} smaller than min of {low}", key)]
    if isinstance(value, int) and value > high:
        return [fault("value_bigger_than_max", f"Value {value} bigger than max of {high}", key)]
    return []
