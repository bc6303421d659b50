"""ComfyUI beyond and within the shared contract: what is sent, found again, cancelled and told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from PIL import Image
from pydantic import SecretStr

from app.backends.base import Asset, CancelResult, GenRequest, Phase
from app.backends.capabilities import Task
from app.backends.comfyui import ComfyUIBackend
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, Kind
from app.backends.testing.clips import clip
from app.backends.testing.contract import BackendContract, FakeControl, Subject
from app.backends.testing.contract.subject import context_for, sink_in
from app.backends.testing.fake_comfyui import ComfyUIFake
from app.backends.testing.server import serve
from app.core.frames import FrameRate
from app.core.money import Money

KEY = "proxy-key-0123456789abcdef"
SMALL = {"like": "wan2.2-ti2v-5b", "any_frame": True, "prompt_max": 1000}
NOBODY_PAID = "on a machine of one's own nobody is paid"
NO_MODERATION = "a server of one's own does not moderate"


def wish(prompt: str = "A lighthouse.", model: str = "wan2.2-ti2v-5b", **changes: Any) -> GenRequest:
    made = GenRequest(Task.TEXT, model, prompt, duration_frames=48, rate=FrameRate(24), width=180, height=320)
    return replace(made, **changes)


def backend_at(url: str, key: str | None = None, **options: Any) -> ComfyUIBackend:
    options = {"models": [SMALL]} | options
    secret = SecretStr(key) if key else None
    return ComfyUIBackend.from_config(BackendConfig("studio", "comfyui", url, api_key=secret, options=options))


@contextmanager
def studio(**options: Any) -> Iterator[tuple[ComfyUIFake, FakeControl, ComfyUIBackend]]:
    fake = ComfyUIFake()
    with serve(fake.app) as running:
        yield fake, FakeControl(running.url), backend_at(running.url, **options)


def still(folder: Path, name: str, role: str) -> Asset:
    path = folder / f"{name}.png"
    Image.new("RGB", (64, 64), (len(name), 80, 40)).save(path)
    return Asset(role, name, "image/png", path)


class TestBehindAProxy(BackendContract):
    key: ClassVar[str | None] = KEY
    not_applicable: ClassVar[dict[str, str]] = {
        "402": NOBODY_PAID,
        "429_no_money": NOBODY_PAID,
        "moderation_input": NO_MODERATION,
        "moderation_image": NO_MODERATION,
        "moderation_output": NO_MODERATION,
        "backward": "the queue and the history tell no progress",
    }

    @pytest.fixture
    def subject(self) -> Iterator[Subject]:
        clip(180, 320, 49 / 24)  # Made before it is asked for, because the read timeout is short.
        with serve(ComfyUIFake(key=self.key).app) as running:
            hosts = [f"localhost:{urlsplit(running.url).port}"]
            yield Subject(
                make=lambda url: backend_at(url or running.url, self.key, hosts=hosts, read_timeout_s=2),
                request=wish,
                fake=FakeControl(running.url),
                secrets=(self.key,) if self.key else (),
                not_applicable=self.not_applicable,
            )


class TestOnAPrivateNetwork(TestBehindAProxy):
    key = None


async def test_a_server_is_checked_without_making_anything() -> None:
    with studio() as (_, control, backend):
        assert await backend.check() == "ComfyUI 0.3.64 answered."
        await backend.aclose()
        assert control.creates() == 0
    with serve(ComfyUIFake(key=KEY).app) as running:
        closed = backend_at(running.url)
        with pytest.raises(BackendError) as caught:
            await closed.check()
        await closed.aclose()
    assert caught.value.kind is Kind.AUTH


async def test_the_attempt_names_the_prompt() -> None:
    with studio() as (_, control, backend):
        context = context_for(backend, wish())
        handle = await backend.submit(wish(), context)
        (create,) = [entry for entry in control.requests() if entry["creates"]]
        await backend.aclose()
    assert handle.remote_id == str(context.attempt_id)
    assert create["body"]["prompt_id"] == str(context.attempt_id)
    assert set(create["body"]) == {"prompt", "prompt_id"}
    assert not {"origin", "cookie"} & set(create["headers"])


async def test_wishes_fill_the_slots_and_an_input_not_given_takes_its_loader_along() -> None:
    with studio() as (_, control, backend):
        one = wish("灯塔。", negative="text", seed=7, duration_frames=24 * 5)
        await backend.submit(one, context_for(backend, one))
        graph = control.requests()[-1]["body"]["prompt"]
        await backend.aclose()
    assert graph["5"]["inputs"]["text"] == "灯塔。"
    assert graph["6"]["inputs"]["text"] == "text"
    assert graph["9"]["inputs"]["seed"] == 7
    size = {key: graph["8"]["inputs"][key] for key in ("width", "height", "length")}
    assert size == {"width": 180, "height": 320, "length": 121}
    assert "7" not in graph
    assert "start_image" not in graph["8"]["inputs"]


async def test_two_takes_without_a_seed_are_two_pictures() -> None:
    with studio() as (_, control, backend):
        for _ in range(2):
            await backend.submit(wish(), context_for(backend, wish()))
        first, second = (entry["body"]["prompt"]["9"]["inputs"]["seed"] for entry in control.requests())
        await backend.aclose()
    assert first != second, "The server answers the same graph from its cache."


@pytest.mark.parametrize(
    ("model", "task", "roles"),
    [
        ("wan2.2-ti2v-5b", Task.FIRST_FRAME, ["first"]),
        ("wan2.2-i2v-14b", Task.FIRST_FRAME, ["first"]),
        ("wan2.2-flf2v-14b", Task.FIRST_AND_LAST, ["first", "last"]),
        ("wan2.2-s2v-14b", Task.AUDIO, ["reference", "voice"]),
        ("wan2.2-s2v-14b", Task.AUDIO, ["first", "voice"]),
        ("ltx-2-19b-i2v", Task.FIRST_FRAME, ["first"]),
    ],
)
async def test_every_shipped_workflow_is_taken_by_the_server(
    tmp_path: Path, model: str, task: Task, roles: list[str]
) -> None:
    speech = tmp_path / "speech.wav"
    speech.write_bytes(b"RIFF")
    voice = Asset("voice", "speech", "audio/wav", speech)
    assets = tuple(voice if role == "voice" else still(tmp_path, role, role) for role in roles)
    one = wish(model=model, task=task, assets=assets, width=1080, height=1920, duration_frames=24 * 10)
    with studio(models=[model]) as (_, control, backend):
        await backend.submit(one, context_for(backend, one))
        uploads = [entry["body"]["name"] for entry in control.requests() if entry["path"] == "/upload/image"]
        create = control.requests()[-1]
        await backend.aclose()
    assert create["creates"]
    texts = [value for node in create["body"]["prompt"].values() for value in node["inputs"].values()]
    assert len(uploads) == len(roles)
    assert all(name in texts for name in uploads)


async def test_the_same_picture_is_uploaded_under_the_same_name(tmp_path: Path) -> None:
    one = wish(task=Task.FIRST_FRAME, assets=(still(tmp_path, "boat", "first"),))
    with studio() as (_, control, backend):
        await backend.submit(one, context_for(backend, one))
        await backend.submit(one, context_for(backend, one))
        uploads = [entry["body"]["name"] for entry in control.requests() if entry["path"] == "/upload/image"]
        await backend.aclose()
    assert uploads[0] == uploads[1], "The same picture is kept once."


@pytest.mark.parametrize("scenario", ["", "[[fake:slow=3600]]"])
async def test_a_lost_answer_is_found_in_the_queue_or_the_history(scenario: str) -> None:
    with studio() as (fake, control, backend):
        one = wish(f"[[fake:drop_after]]{scenario}")
        context = context_for(backend, one)
        with pytest.raises(BackendError):
            await backend.submit(one, context)
        fake.clock.advance(60)
        handle = await backend.find(one, context)
        assert handle is not None
        assert (await backend.poll(handle)).phase is (Phase.RUNNING if scenario else Phase.SUCCEEDED)
        await backend.aclose()
        assert control.creates() == 1


async def test_a_restart_loses_the_work_at_no_cost() -> None:
    with studio() as (fake, _, backend):
        handle = await backend.submit(wish(), context_for(backend, wish()))
        fake.restart()
        state = await backend.poll(handle)
        await backend.aclose()
    assert (state.phase, state.cost) == (Phase.LOST, Money(0, "USD"))


async def test_waiting_work_is_taken_out_of_the_queue_and_others_wait_on() -> None:
    with studio() as (_, _control, backend):
        mine, other = [await backend.submit(wish(), context_for(backend, wish())) for _ in range(2)]
        assert await backend.cancel(mine) is CancelResult.CANCELLED
        assert await backend.cancel(mine) is CancelResult.CANCELLED
        assert (await backend.poll(other)).phase is Phase.QUEUED
        await backend.aclose()


async def test_running_work_stops_at_its_next_step_and_others_run_on() -> None:
    with studio() as (fake, control, backend):
        one = wish("[[fake:stuck]]")
        mine, other = [await backend.submit(one, context_for(backend, one)) for _ in range(2)]
        fake.clock.advance(5)
        assert await backend.cancel(mine) is CancelResult.ASKED
        assert (await backend.poll(mine)).phase is Phase.RUNNING
        fake.clock.advance(5)
        state = await backend.poll(mine)
        assert (state.phase, state.cost) == (Phase.CANCELLED, Money(0, "USD"))
        assert (await backend.poll(other)).phase is Phase.RUNNING
        await backend.aclose()
        (stop,) = [entry for entry in control.requests() if entry["path"] == "/interrupt"]
    assert stop["body"] == {"prompt_id": mine.remote_id}, "Without its name whatever runs would be stopped."


async def test_work_that_began_while_it_was_taken_out_is_stopped() -> None:
    with studio() as (fake, _, backend):
        one = wish("[[fake:began_meanwhile]]")
        handle = await backend.submit(one, context_for(backend, one))
        assert await backend.cancel(handle) is CancelResult.ASKED
        fake.clock.advance(5)
        assert (await backend.poll(handle)).phase is Phase.CANCELLED
        await backend.aclose()


@pytest.mark.parametrize(("scenario", "code"), [("no_memory", "out_of_memory"), ("fail", "RuntimeError")])
async def test_a_node_that_fails_is_named(scenario: str, code: str) -> None:
    with studio() as (fake, _, backend):
        one = wish(f"[[fake:{scenario}]]")
        handle = await backend.submit(one, context_for(backend, one))
        fake.clock.advance(60)
        state = await backend.poll(handle)
        await backend.aclose()
    assert state.phase is Phase.FAILED
    assert state.error is not None
    assert (state.error.kind, state.error.provider_code, state.error.charged) == (Kind.TRANSIENT, code, False)
    assert "KSampler" in state.error.message


async def test_an_output_that_saved_no_video_says_so() -> None:
    with studio() as (fake, _, backend):
        one = wish("[[fake:picture_only]]")
        handle = await backend.submit(one, context_for(backend, one))
        fake.clock.advance(60)
        state = await backend.poll(handle)
        await backend.aclose()
    assert state.phase is Phase.FAILED
    assert state.error is not None
    assert "node 12" in state.error.message


async def test_weights_the_server_has_not_got_disable_the_model() -> None:
    with serve(ComfyUIFake(weights=("wan2.2_vae.safetensors",)).app) as running:
        backend = backend_at(running.url)
        with pytest.raises(BackendError, match=r"wan2\.2_ti2v_5B") as caught:
            await backend.submit(wish(), context_for(backend, wish()))
        await backend.aclose()
    assert (caught.value.kind, caught.value.model_gone) == (Kind.PERMANENT, True)
    assert "UNETLoader" in caught.value.message


async def test_inputs_without_a_place_are_refused_before_anything_is_sent(tmp_path: Path) -> None:
    photo, frame = still(tmp_path, "photo", "reference"), still(tmp_path, "frame", "first")
    speech = tmp_path / "speech.wav"
    speech.write_bytes(b"RIFF")
    voice = Asset("voice", "speech", "audio/wav", speech)
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.truncate(60 * 1024 * 1024)
    bad = [
        wish(task=Task.FIRST_FRAME, assets=(frame, replace(frame, role="last"))),
        wish(task=Task.FIRST_FRAME, assets=(replace(frame, path=huge),)),
        wish(model="wan2.2-s2v-14b", task=Task.AUDIO, assets=(photo, frame, voice)),
        wish("灯" * 50_000),
        wish("a\x1bb"),
    ]
    with studio(models=[SMALL, "wan2.2-s2v-14b"]) as (_, control, backend):
        for one in bad:
            with pytest.raises(BackendError) as caught:
                await backend.submit(one, context_for(backend, wish()))
            assert caught.value.kind is Kind.INVALID
        await backend.aclose()
        assert control.requests() == []


async def test_an_upload_that_fails_created_nothing(tmp_path: Path) -> None:
    one = wish(task=Task.FIRST_FRAME, assets=(still(tmp_path, "boat", "first"),))
    with serve(ComfyUIFake(key=KEY).app) as running:
        backend = backend_at(running.url, "another-key-0123456789")
        with pytest.raises(BackendError) as caught:
            await backend.submit(one, context_for(backend, one))
        await backend.aclose()
        assert FakeControl(running.url).creates() == 0
    assert (caught.value.kind, caught.value.charged, caught.value.outcome_unknown) == (Kind.AUTH, False, False)
    assert "another-key" not in caught.value.message


async def test_a_file_whose_name_wants_quoting_is_fetched(tmp_path: Path) -> None:
    with studio() as (_, control, backend):
        handle = await backend.submit(wish(), context_for(backend, wish()))
        output = (await _done(control, backend, handle)).outputs[0]
        odd = replace(output, data={**output.data, "filename": "../a b&c=雨.mp4"})
        with pytest.raises(BackendError) as caught:
            await backend.fetch(handle, odd, sink_in(tmp_path))
        await backend.aclose()
        asked = control.requests()[-1]["query"]
    assert caught.value.kind is Kind.EXPIRED
    assert asked == odd.data


async def _done(control: FakeControl, backend: ComfyUIBackend, handle: Any) -> Any:
    control.advance(60)
    return await backend.poll(handle)


def test_on_own_machines_nothing_is_paid_unless_configured() -> None:
    free = backend_at("http://studio:8188")
    assert free.estimate(wish()).high.micros == 0
    assert [(caps.free, caps.resubmit_safe) for caps in free.models()] == [(True, True)]
    metered = backend_at("http://studio:8188", models=[SMALL | {"price": {"currency": "CNY", "per_second": "0.02"}}])
    assert metered.estimate(wish()).high == Money.of("0.04", "CNY")
    assert [caps.free for caps in metered.models()] == [False]
