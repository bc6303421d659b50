"""Ark beyond the shared contract: what is asked, billed, found again and announced, and the provider's traps."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from ark_account import KEY, MINI, WISH, backend_at, server

from app.backends.ark import ArkBackend
from app.backends.base import Asset, CancelResult, Delivery, GenRequest, Phase, SubmitContext
from app.backends.capabilities import Cancel, Recover, Task
from app.backends.config import parse_configs
from app.backends.errors import BackendError, ConfigError, Fault, Kind, WebhookRefused
from app.backends.http import Answer
from app.backends.testing.contract.subject import context_for, sink_in
from app.backends.testing.fake_ark import ArkFake
from app.backends.testing.server import serve
from app.core import clock
from app.core.ids import new_id
from app.core.money import Money

TASKS = "/api/v3/contents/generations/tasks"
NEWEST = "doubao-seedance-2-5-260628"
TYPES = {"voice": "audio/wav", "motion": "video/mp4"}


def asset(folder: Path, role: str, url: str | None = None) -> Asset:
    path = folder / role
    path.write_bytes(b"content")
    return Asset(role, "0" * 64, TYPES.get(role, "image/png"), path, url)


async def sent(wish: GenRequest, webhook_url: str | None = None, **options: Any) -> dict[str, Any]:
    """Submit a wish and return the create that arrived: the fake took it."""
    with server() as (_, control):
        backend = backend_at(control.url, **options)
        await backend.submit(wish, replace(context_for(backend, wish), webhook_url=webhook_url))
        await backend.aclose()
        (create,) = control.requests()
    return create


async def refused(wish: GenRequest) -> BackendError:
    """Submit a wish that must not be sent, and return the error."""
    with server() as (_, control):
        backend = backend_at(control.url)
        with pytest.raises(BackendError) as caught:
            await backend.submit(wish, SubmitContext(new_id(), Money(0, "USD"), clock.now()))
        await backend.aclose()
        assert control.requests() == []
    return caught.value


async def test_text_becomes_a_content_list() -> None:
    create = await sent(replace(WISH, seed=42, negative="text"))
    assert create["path"] == TASKS
    assert create["headers"]["x-client-request-id"]
    assert create["body"] == {
        "model": MINI,
        "content": [{"type": "text", "text": "女主推门而入"}],
        "resolution": "720p",
        "ratio": "9:16",
        "duration": 5,
        "seed": 42,
        "generate_audio": True,
    }


@pytest.mark.parametrize(
    ("size", "resolution", "ratio"),
    [
        ((864, 496), "480p", "16:9"),
        ((960, 960), "720p", "1:1"),
        ((1112, 834), "720p", "4:3"),
        ((1470, 630), "720p", "21:9"),
    ],
)
async def test_a_size_is_told_as_resolution_and_ratio(size: tuple[int, int], resolution: str, ratio: str) -> None:
    body = (await sent(replace(WISH, width=size[0], height=size[1], sound=False)))["body"]
    assert (body["resolution"], body["ratio"], body["generate_audio"]) == (resolution, ratio, False)


@pytest.mark.parametrize(
    ("model", "task", "roles", "told"),
    [
        (MINI, Task.FIRST_FRAME, ["first"], [("image_url", "first_frame")]),
        (MINI, Task.FIRST_AND_LAST, ["first", "last"], [("image_url", "first_frame"), ("image_url", "last_frame")]),
        (
            MINI,
            Task.REFERENCES,
            ["reference", "motion", "voice"],
            [("image_url", "reference_image"), ("video_url", "reference_video"), ("audio_url", "reference_audio")],
        ),
        (NEWEST, Task.AUDIO, ["voice"], [("audio_url", "reference_audio")]),
        (NEWEST, Task.EXTEND, ["motion"], [("video_url", "reference_video")]),
    ],
)
async def test_inputs_follow_the_text_with_their_roles(
    model: str, task: Task, roles: list[str], told: list[tuple[str, str]], tmp_path: Path
) -> None:
    assets = tuple(asset(tmp_path, role, f"https://reelroom.example/{role}") for role in roles)
    body = (await sent(replace(WISH, model=model, task=task, assets=assets)))["body"]
    expected = [
        {"type": kind, kind: {"url": one.url}, "role": role} for (kind, role), one in zip(told, assets, strict=True)
    ]
    assert body["content"][1:] == expected
    assert body.get("omni_reference_task_type") == ("extend" if task is Task.EXTEND else None)


async def test_an_input_without_a_public_address_is_sent_along_but_for_a_clip(tmp_path: Path) -> None:
    person, voice = asset(tmp_path, "reference"), asset(tmp_path, "voice")
    body = (await sent(replace(WISH, task=Task.REFERENCES, assets=(person, voice))))["body"]
    assert [item.get(item["type"])["url"] for item in body["content"][1:]] == [
        "data:image/png;base64,Y29udGVudA==",
        "data:audio/wav;base64,Y29udGVudA==",
    ]
    error = await refused(replace(WISH, task=Task.REFERENCES, assets=(person, asset(tmp_path, "motion"))))
    assert error.kind is Kind.INVALID
    assert "REELROOM_PUBLIC_URL" in error.message


async def test_tier_patience_and_callback_come_from_outside_the_request() -> None:
    body = (
        await sent(WISH, "https://reelroom.example/hooks/s3cret", service_tier="flex", execution_expires_after=7200)
    )["body"]
    assert (body["service_tier"], body["execution_expires_after"]) == ("flex", 7200)
    assert body["callback_url"] == "https://reelroom.example/hooks/s3cret"
    backend = backend_at("", service_tier="flex", execution_expires_after=7200)
    assert {caps.deadline_s for caps in backend.models()} == {7200.0}


async def test_the_last_frame_comes_with_the_video_where_it_was_asked_for(tmp_path: Path) -> None:
    with server() as (fake, control):
        backend = backend_at(control.url, hosts=[f"localhost:{httpx.URL(control.url).port}"])
        wish = replace(WISH, extra={"return_last_frame": True}, width=496, height=864)
        handle = await backend.submit(wish, context_for(backend, wish))
        fake.clock.advance(60)
        state = await backend.poll(handle)
        artifact = await backend.fetch(handle, state.outputs[1], sink_in(tmp_path, "last.png"))
        await backend.aclose()
    assert [output.kind for output in state.outputs] == ["video", "image"]
    assert artifact.mime == "image/png"
    assert state.outputs[0].expires_at is not None


async def test_the_tokens_of_the_bill_lie_within_the_estimate() -> None:
    with server() as (fake, control):
        backend = backend_at(control.url)
        estimate = backend.estimate(WISH)
        handle = await backend.submit(WISH, context_for(backend, WISH))
        fake.clock.advance(60)
        state = await backend.poll(handle)
        await backend.aclose()
    # 720 × 1280 × 24 × 5 / 1024 = 108,000 tokens, and 108,900 with the frame beyond; at 3.29 dollars a million.
    assert estimate.low == Money.of("0.35532", "USD")
    assert state.cost == estimate.high == Money(358_281, "USD")


async def test_a_clip_is_estimated_at_its_own_rate_and_longest(tmp_path: Path) -> None:
    wish = replace(
        WISH,
        task=Task.REFERENCES,
        assets=(asset(tmp_path, "reference"), asset(tmp_path, "motion", "https://x.example/m")),
    )
    with server() as (fake, control):
        backend = backend_at(control.url)
        estimate = backend.estimate(wish)
        handle = await backend.submit(wish, context_for(backend, wish))
        fake.clock.advance(60)
        state = await backend.poll(handle)
        await backend.aclose()
    # 21,600 tokens a second at 2.01 dollars a million: 5 s made, and up to 15 s of clips.
    assert estimate.low == Money.of("0.21708", "USD")
    assert estimate.high.micros >= 868_320
    assert state.cost is not None
    assert estimate.low.micros < state.cost.micros < estimate.high.micros


def test_prices_are_those_of_the_region() -> None:
    china, abroad = backend_at(""), backend_at("", profile="global")
    wide = replace(WISH, model="dreamina-seedance-2-0-260128", width=1080, height=1920)
    assert abroad.estimate(wide).low == Money.of("1.8711", "USD")
    assert china.estimate(replace(wide, model="doubao-seedance-2-0-260128")).low == Money.of("1.7705", "USD")
    assert all(caps.model.startswith("doubao-seedance-2") for caps in china.models())
    assert all(caps.model.startswith("dreamina-seedance-2") for caps in abroad.models())
    assert "ark.ap-southeast.bytepluses.com" in abroad.hosts
    promised = {(caps.cancel, caps.recover, caps.webhook, caps.charges_refusals) for caps in china.models()}
    assert promised == {(Cancel.BEST_EFFORT, Recover.LIST, True, False)}


async def test_what_waits_is_cancelled_and_what_ended_keeps_its_record() -> None:
    with server() as (fake, control):
        backend = backend_at(control.url)
        waiting = await backend.submit(WISH, context_for(backend, WISH))
        assert await backend.cancel(waiting) is CancelResult.CANCELLED
        assert (await backend.poll(waiting)).phase is Phase.CANCELLED
        done = await backend.submit(WISH, context_for(backend, WISH))
        fake.clock.advance(5)
        assert await backend.cancel(done) is CancelResult.TOO_LATE
        fake.clock.advance(60)
        assert await backend.cancel(done) is CancelResult.TOO_LATE
        assert (await backend.poll(done)).outputs
        assert [entry["method"] for entry in control.requests()].count("DELETE") == 1
        await backend.aclose()


async def test_a_task_whose_time_ran_out_was_free() -> None:
    with server() as (fake, control):
        backend = backend_at(control.url)
        wish = replace(WISH, prompt="[[fake:expired]]")
        handle = await backend.submit(wish, context_for(backend, wish))
        fake.clock.advance(60)
        state = await backend.poll(handle)
        await backend.aclose()
    assert (state.phase, state.raw_status) == (Phase.FAILED, "expired")
    assert state.error is not None
    assert state.error.charged is False


async def test_a_delivery_names_the_work_and_its_state() -> None:
    backend = backend_at("")
    body = json.dumps({"id": "cgt-1", "status": "succeeded"}).encode()
    hint = await backend.parse_webhook(Delivery("/hooks/s3cret", "", {}, body))
    assert (hint.event_id, hint.remote_id, hint.status) == ("cgt-1:succeeded", "cgt-1", "succeeded")
    for wrong in (b'{"id": "..", "status": "running"}', b'{"id": "cgt-1"}', b"[" * 100_000):
        with pytest.raises(WebhookRefused):
            await backend.parse_webhook(Delivery("/hooks/s3cret", "", {}, wrong))


async def test_what_cannot_be_asked_is_not_sent(tmp_path: Path) -> None:
    huge = asset(tmp_path, "first")
    with huge.path.open("wb") as file:
        file.truncate(60 * 1024 * 1024)
    for wish in (
        replace(WISH, prompt="灯" * 50_000),
        replace(WISH, prompt="a\x07b"),
        replace(WISH, model="doubao-seedance-9"),
        replace(WISH, extra={"watermark": 1}),
        replace(WISH, extra={"draft": True}),
        replace(WISH, task=Task.EXTEND),
        replace(WISH, model=NEWEST, task=Task.EXTEND),
        replace(WISH, task=Task.FIRST_FRAME, assets=(huge,)),
    ):
        assert (await refused(wish)).kind is Kind.INVALID


async def test_a_wrong_key_is_told_without_being_shown() -> None:
    with serve(ArkFake(key="ark-another-key").app) as running:
        backend = backend_at(running.url)
        with pytest.raises(BackendError) as caught:
            await backend.submit(WISH, context_for(backend, WISH))
        await backend.aclose()
    assert (caught.value.kind, caught.value.outcome_unknown) == (Kind.AUTH, False)
    assert KEY not in str(caught.value.facts())


@pytest.mark.parametrize(
    ("status", "code", "kind", "fault"),
    [
        (403, "AccountOverdueError", Kind.QUOTA, Fault.UNKNOWN),
        (403, "AccessDenied", Kind.AUTH, Fault.UNKNOWN),
        (404, "ModelNotOpen", Kind.PERMANENT, Fault.UNKNOWN),
        (400, "InvalidEndpoint.ClosedEndpoint", Kind.PERMANENT, Fault.UNKNOWN),
        (400, "InvalidParameter.TaskTypeConstraint", Kind.INVALID, Fault.UNKNOWN),
        (400, "InputImageSensitiveContentDetected.PrivacyInformation", Kind.MODERATION, Fault.IMAGE),
        (400, "InputAudioSensitiveContentDetected", Kind.MODERATION, Fault.AUDIO),
        (400, "OutputVideoSensitiveContentDetected.PolicyViolation", Kind.MODERATION, Fault.PROVIDER),
        (429, "QuotaExceeded", Kind.QUOTA, Fault.UNKNOWN),
        (429, "RateLimitExceeded.EndpointRPMExceeded", Kind.RATE_LIMIT, Fault.UNKNOWN),
        (429, "ServerOverloaded", Kind.RATE_LIMIT, Fault.UNKNOWN),
        (500, "InternalServiceError", Kind.TRANSIENT, Fault.UNKNOWN),
        (404, "", Kind.NOT_FOUND, Fault.UNKNOWN),
    ],
)
def test_every_code_has_its_kind(status: int, code: str, kind: Kind, fault: Fault) -> None:
    error = backend_at("").read_error(Answer(status, {}, {"error": {"code": code, "message": "Told."}}))
    assert (error.kind, error.fault) == (kind, fault)
    assert error.model_gone == code.startswith("InvalidEndpoint")


@pytest.mark.parametrize("body", [None, [], {"error": "x"}, {"error": {"code": 7, "message": None}}])
def test_an_answer_that_is_not_the_providers_is_survived(body: Any) -> None:
    assert backend_at("").read_error(Answer(502, {}, body)).kind is Kind.TRANSIENT


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('profile = "mars"', "profile"),
        ('options = { service_tier = "free" }', "service_tier"),
        ("options = { execution_expires_after = 0 }", "execution_expires_after"),
        ('options = { models = ["doubao-seedance-1-5-pro-251215"] }', "price"),
        (f'options = {{ models = [{{ like = "{MINI}", frames = ["tall"] }}] }}', "frames"),
        ('api_key = ""', "api_key"),
    ],
)
def test_a_wrong_configuration_says_what_is_wrong(table: str, words: str) -> None:
    lines = {"kind": 'kind = "ark"', "api_key": f'api_key = "{KEY}"', table.split(" = ")[0]: table}
    with pytest.raises(ConfigError, match=words) as caught:
        (config,) = parse_configs("\n".join(["[seedance]", *lines.values()]))
        ArkBackend.from_config(config)
    assert KEY not in str(caught.value)
