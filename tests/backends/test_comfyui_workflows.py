"""Workflows of one's own are checked when the configuration is read, and every mistake in them is named."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.backends.base import Asset, GenRequest
from app.backends.capabilities import Task
from app.backends.comfyui import ComfyUIBackend
from app.backends.comfyui.workflow import workflows
from app.backends.config import parse_configs
from app.backends.errors import BackendError, ConfigError
from app.backends.testing.contract.subject import FakeControl, context_for
from app.backends.testing.fake_comfyui import ComfyUIFake
from app.backends.testing.server import serve
from app.core.frames import FrameRate

GRAPH: dict[str, Any] = {
    "1": {"class_type": "UNETLoader", "inputs": {"unet_name": "wan2.2_ti2v_5B_fp16.safetensors", "weight_dtype": "x"}},
    "2": {"class_type": "CLIPLoader", "inputs": {"clip_name": "umt5_xxl_fp8_e4m3fn_scaled.safetensors", "type": "wan"}},
    "3": {"class_type": "VAELoader", "inputs": {"vae_name": "wan_2.1_vae.safetensors"}},
    "4": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["2", 0], "text": "a"}, "_meta": {"title": "Prompt"}},
    "5": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
    "6": {"class_type": "LoadVideo", "inputs": {"file": "a.mp4"}},
    "7": {"class_type": "GetVideoComponents", "inputs": {"video": ["6", 0]}},
    "8": {
        "class_type": "WanVaceToVideo",
        "inputs": {
            "positive": ["4", 0],
            "negative": ["4", 0],
            "vae": ["3", 0],
            "width": 832,
            "height": 480,
            "length": 81,
            "batch_size": 1,
            "reference_image": ["5", 0],
            "control_video": ["7", 0],
        },
    },
    "9": {"class_type": "VAEDecode", "inputs": {"samples": ["8", 2], "vae": ["3", 0]}},
    "10": {"class_type": "CreateVideo", "inputs": {"images": ["9", 0], "fps": 16}},
    "11": {
        "class_type": "SaveVideo",
        "inputs": {"video": ["10", 0], "filename_prefix": "a", "format": "auto", "codec": "auto"},
    },
}
SLOTS = {"prompt": "4.text", "length": "8.length", "reference": ["5.image"], "motion": "6.file"}
MANIFEST: dict[str, Any] = {"output": "11", "rate": 16, "length_step": 4, "length_offset": 1, "slots": SLOTS}


def backend_with(folder: Path, url: str, graph: Any = GRAPH, tasks: str = '["performance"]', **changes: Any) -> Any:
    file = folder / "dance.json"
    file.write_text(json.dumps(changes.pop("graph", graph)), encoding="utf-8")
    manifest = {"file": str(file), **MANIFEST, **changes}
    models = [{"like": "workflow", "model": "dance", "tasks": json.loads(tasks)}]
    options = {"models": models, "workflows": {"dance": manifest}}
    text = json.dumps({"studio": {"kind": "comfyui", "base_url": url, "options": options}})
    return ComfyUIBackend.from_config(parse_configs(text)[0])


async def test_a_performance_is_copied_by_a_workflow_of_ones_own(tmp_path: Path) -> None:
    photo, dance = tmp_path / "photo.png", tmp_path / "dance.mp4"
    Image.new("RGB", (64, 64)).save(photo)
    dance.write_bytes(b"a clip")
    assets = (Asset("reference", "p", "image/png", photo), Asset("motion", "d", "video/mp4", dance))
    wish = GenRequest(Task.PERFORMANCE, "dance", "She turns.", 48, FrameRate(24), 480, 832, assets=assets)
    with serve(ComfyUIFake().app) as running:
        backend = backend_with(tmp_path, running.url)
        handle = await backend.submit(wish, context_for(backend, wish))
        await backend.aclose()
        *uploads, create = FakeControl(running.url).requests()
    graph = create["body"]["prompt"]
    names = [entry["body"]["name"] for entry in uploads]
    assert [graph["5"]["inputs"]["image"], graph["6"]["inputs"]["file"]] == names
    assert graph["4"]["inputs"]["text"] == "She turns."
    assert graph["8"]["inputs"]["length"] == 33, "Two seconds of 16 frames, on the grid of the weights."
    assert handle.data == {"output": "11"}


def test_lengths_lie_on_the_grid_of_the_weights() -> None:
    caps = workflows({}, "Backend 'studio'")
    assert set(caps) == {path.stem for path in _shipped() if path.suffix == ".json"}
    speech = caps["wan2.2-s2v-14b"]
    assert speech.length(4.75) == 77
    assert caps["ltx-2-19b-i2v"].length(4.8) == 121
    assert caps["wan2.2-ti2v-5b"].length(1 / 24) == 1


def _shipped() -> list[Path]:
    return list((Path(__file__).parents[2] / "app" / "backends" / "comfyui" / "workflows").iterdir())


def test_a_model_can_only_what_its_workflow_has_slots_for(tmp_path: Path) -> None:
    (caps,) = backend_with(tmp_path, "http://studio:8188").models()
    assert (caps.max_images, caps.max_clips, caps.max_voices) == (1, 1, 0)
    assert (caps.seed, caps.negative_prompt, caps.character_from_motion) == (False, False, True)
    with pytest.raises(ConfigError, match="'flf2v' needs a slot 'first'"):
        backend_with(tmp_path, "http://studio:8188", tasks='["flf2v"]')
    with pytest.raises(ConfigError, match="cannot do the task 'extend'"):
        backend_with(tmp_path, "http://studio:8188", tasks='["extend"]')


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"slots": SLOTS | {"prompt": "99.text"}}, "'prompt' is bound to node '99'"),
        ({"slots": SLOTS | {"prompt": "4.words"}}, "'words' of node '4', which has clip, text"),
        ({"slots": SLOTS | {"prompt": "4.clip"}}, "linked to another node"),
        ({"slots": SLOTS | {"prompt": "8.length"}}, "takes no text"),
        ({"slots": SLOTS | {"length": "4.text"}}, "takes no number"),
        ({"slots": SLOTS | {"mood": "4.text"}}, "'mood' is not known"),
        ({"slots": {"length": "8.length"}}, "needs a slot 'prompt'"),
        ({"slots": SLOTS | {"prompt": 4}}, "slots.prompt"),
        ({"output": "12"}, "node '12'"),
        ({"rate": 0}, "rate"),
        ({"length_step": 0}, "length_step"),
        ({"colour": "red"}, "colour"),
        ({"file": "/no/such/place.json"}, "cannot be read: place.json"),
        ({"graph": {"nodes": [], "links": []}}, "export it again in the API format"),
        ({"graph": {"1": {"class_type": "VAELoader"}}}, "not in the API format"),
        ({"graph": []}, "not in the API format"),
    ],
)
def test_a_wrong_workflow_says_what_is_wrong(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match="workflow 'dance'") as caught:
        backend_with(tmp_path, "http://studio:8188", **changes)
    assert words in str(caught.value)


def test_a_link_into_nothing_is_named(tmp_path: Path) -> None:
    graph = deepcopy(GRAPH)
    del graph["6"]
    with pytest.raises(ConfigError, match=r"7\.video is linked to a node that is not there"):
        backend_with(tmp_path, "http://studio:8188", graph, slots={"prompt": "4.text"})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ('models = ["wan2.2-ti2v-5b", "no-such-row"]', "no-such-row"),
        ('models = [{ like = "workflow", model = "dance" }]', "'dance' of backend 'studio' has no workflow"),
        ('workflows = { dance = "dance.json" }', "workflow 'dance'"),
        ('workflows = ["dance.json"]', "wrong type"),
        ("workflow = {}", "no option 'workflow'"),
    ],
)
def test_a_wrong_configuration_says_what_is_wrong(options: str, words: str) -> None:
    text = f'[studio]\nkind = "comfyui"\nbase_url = "http://studio:8188"\n[studio.options]\n{options}\n'
    with pytest.raises(ConfigError, match=words):
        ComfyUIBackend.from_config(parse_configs(text)[0])


def test_a_workflow_nobody_asks_for_is_told(tmp_path: Path) -> None:
    file = tmp_path / "dance.json"
    file.write_text(json.dumps(GRAPH), encoding="utf-8")
    options = {"workflows": {"dance": {"file": str(file), **MANIFEST}}}
    text = json.dumps({"studio": {"kind": "comfyui", "base_url": "http://studio:8188", "options": options}})
    with pytest.raises(ConfigError, match="no model of that name"):
        ComfyUIBackend.from_config(parse_configs(text)[0])


def test_an_address_is_needed() -> None:
    with pytest.raises(ConfigError, match="base_url"):
        ComfyUIBackend.from_config(parse_configs('[studio]\nkind = "comfyui"')[0])


async def test_more_references_than_places_are_refused(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    Image.new("RGB", (64, 64)).save(photo)
    photos = tuple(Asset("reference", str(number), "image/png", photo) for number in range(2))
    backend = backend_with(tmp_path, "http://studio:8188", tasks='["ref2v"]')
    wish = GenRequest(Task.REFERENCES, "dance", "Two.", 48, FrameRate(24), 480, 832, assets=photos)
    with pytest.raises(BackendError, match="takes 1 reference inputs, not 2"):
        await backend.submit(wish, context_for(backend, wish))
    await backend.aclose()
