"""MiniMax beyond the shared contract: what each protocol wants, tells and hides."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from minimax_clients import KEY, PRICE, account, config, picture, running, wish
from pydantic import SecretStr

from app.backends.base import Asset, CancelResult, Delivery, GenRequest, Phase
from app.backends.capabilities import Task
from app.backends.errors import BackendError, ConfigError, Fault, Kind, WebhookRefused
from app.backends.http import Answer
from app.backends.minimax import MiniMaxBackend
from app.backends.testing.contract.subject import check_artifact, context_for, sink_in
from app.core.money import Money

CDN = "cdn.example.com"


async def sent(profile: str, request: GenRequest, webhook: str | None = None) -> dict[str, Any]:
    """Submit a request and return the body of the create that arrived."""
    with running(profile) as (_, control):
        backend = account(profile, control.url)
        await backend.submit(request, replace(context_for(backend, request), webhook_url=webhook))
        await backend.aclose()
        (create,) = [entry for entry in control.requests() if entry["creates"]]
    body: dict[str, Any] = create["body"]
    return body


def inlined(asset: Asset) -> str:
    return f"data:{asset.mime};base64,{base64.b64encode(asset.path.read_bytes()).decode()}"


async def test_v2_says_shape_and_resolution_and_where_to_deliver() -> None:
    assert await sent("v2", wish(duration_frames=100), "https://studio.example/webhooks/secret") == {
        "model": "MiniMax-H3",
        "content": [{"type": "text", "text": "A lighthouse."}],
        "resolution": "768P",
        "ratio": "9:16",
        "duration": 5,
        "callback_url": "https://studio.example/webhooks/secret",
    }


@pytest.mark.parametrize(
    ("width", "height", "resolution", "ratio", "cost"),
    [
        (1280, 720, "768P", "16:9", "0.32"),
        (1440, 2560, "2K", "9:16", "0.52"),
        (720, 720, "768P", "1:1", "0.32"),
        (1680, 720, "768P", "21:9", "0.32"),
        (1024, 768, "768P", "4:3", "0.32"),
    ],
)
async def test_v2_prices_follow_the_resolution(width: int, height: int, resolution: str, ratio: str, cost: str) -> None:
    request = wish(width=width, height=height)
    body = await sent("v2", request)
    assert (body["resolution"], body["ratio"]) == (resolution, ratio)
    assert account("v2", "https://api.example.com").estimate(request).high == Money.of(cost, "USD")


async def test_v2_inputs_have_roles(tmp_path: Path) -> None:
    first, last = picture(tmp_path, "first"), picture(tmp_path, "last")
    body = await sent("v2", wish(task=Task.FIRST_AND_LAST, assets=(first, last)))
    assert body["content"][1:] == [
        {"type": "image_url", "image_url": {"url": inlined(first)}, "role": "first_frame"},
        {"type": "image_url", "image_url": {"url": inlined(last)}, "role": "last_frame"},
    ]


async def test_v2_references_are_pictures_a_clip_and_voices(tmp_path: Path) -> None:
    clip, voice = tmp_path / "motion.mp4", tmp_path / "voice.mp3"
    clip.write_bytes(b"a clip")
    voice.write_bytes(b"a voice")
    reachable = replace(picture(tmp_path, "reference", "lin"), url="https://studio.example/assets/lin.jpg")
    assets = (
        reachable,
        picture(tmp_path, "reference", "zhou"),
        Asset("motion", "0" * 64, "video/mp4", clip),
        Asset("voice", "0" * 64, "audio/mpeg", voice),
    )
    body = await sent("v2", wish(task=Task.REFERENCES, assets=assets, extra={"aigc_watermark": True}))
    assert [one["role"] for one in body["content"][1:]] == [
        "reference_image",
        "reference_image",
        "reference_video",
        "reference_audio",
    ]
    assert body["content"][1]["image_url"]["url"] == "https://studio.example/assets/lin.jpg", "Fetched, not embedded."
    assert body["content"][4]["audio_url"]["url"] == inlined(assets[3])
    assert body["aigc_watermark"] is True


async def test_v1_inputs_have_fields_of_their_own(tmp_path: Path) -> None:
    first, last, who = (picture(tmp_path, role) for role in ("first", "last", "reference"))
    body = await sent(
        "v1", wish("v1", task=Task.FIRST_AND_LAST, assets=(first, last), extra={"prompt_optimizer": False})
    )
    assert body == {
        "model": "MiniMax-Hailuo-02",
        "prompt": "A lighthouse.",
        "duration": 6,
        "resolution": "768P",
        "first_frame_image": inlined(first),
        "last_frame_image": inlined(last),
        "prompt_optimizer": False,
    }
    body = await sent("v1", wish("v1", model="S2V-01", task=Task.REFERENCES, assets=(who,)))
    assert body["subject_reference"] == [{"type": "character", "image": [inlined(who)]}]


async def test_inputs_that_cannot_be_are_refused_before_anything_is_sent(tmp_path: Path) -> None:
    first, who = picture(tmp_path, "first"), picture(tmp_path, "reference")
    huge, large = tmp_path / "huge.jpg", tmp_path / "large.jpg"
    for path, megabytes in ((huge, 31), (large, 20)):
        with path.open("wb") as file:
            file.truncate(megabytes * 1024 * 1024)
    voice = Asset("voice", "0" * 64, "audio/mpeg", large)
    many = tuple(replace(who, path=large) for _ in range(3))
    wrong: list[tuple[str, GenRequest, str]] = [
        ("v2", wish(task=Task.FIRST_FRAME, assets=(first, who)), "cannot be combined"),
        ("v2", wish(task=Task.FIRST_FRAME, assets=(replace(first, path=huge),)), "larger than 30 MB"),
        ("v2", wish(task=Task.REFERENCES, assets=(who, voice)), "larger than 15 MB"),
        ("v2", wish(task=Task.REFERENCES, assets=many), "larger than 64 MB together"),
        ("v2", wish(task=Task.REFERENCES, assets=(who,) * 6), "takes 5 reference inputs"),
        ("v2", wish(prompt="灯" * 50_000), "50000 characters"),
        ("v2", wish(extra={"prompt_optimizer": True}), "prompt_optimizer"),
        ("v1", wish("v1", extra={"prompt_optimizer": "yes"}), "prompt_optimizer"),
        ("v1", wish("v1", model="T2V-01", task=Task.FIRST_FRAME, assets=(first,)), "cannot do i2v"),
    ]
    for profile, request, words in wrong:
        with running(profile) as (_, control):
            backend = account(profile, control.url)
            with pytest.raises(BackendError, match=words) as caught:
                await backend.submit(request, context_for(backend, wish(profile)))
            await backend.aclose()
            assert caught.value.kind is Kind.INVALID
            assert control.requests() == []


async def test_twelve_files_are_the_most(tmp_path: Path) -> None:
    who, voice = picture(tmp_path, "reference"), tmp_path / "voice.mp3"
    voice.write_bytes(b"a voice")
    wide = [{"like": "MiniMax-H3", "max_images": 9, "max_voices": 4}]
    assets = (who,) * 9 + (Asset("voice", "0" * 64, "audio/mpeg", voice),) * 4
    backend = account("v2", "https://api.example.com", models=wide)
    request = wish(task=Task.REFERENCES, assets=assets)
    with pytest.raises(BackendError, match="13 inputs, and 12 are possible"):
        await backend.submit(request, context_for(backend, request))
    await backend.aclose()


@pytest.mark.parametrize(("scenario", "phase"), [("cancelled", Phase.CANCELLED), ("expired", Phase.LOST)])
async def test_v2_tells_of_work_it_gave_up(scenario: str, phase: Phase) -> None:
    with running("v2") as (fake, control):
        backend = account("v2", control.url)
        request = wish(prompt=f"[[fake:{scenario}]]")
        handle = await backend.submit(request, context_for(backend, request))
        fake.clock.advance(60)
        state = await backend.poll(handle)
        assert await backend.cancel(handle) is CancelResult.UNSUPPORTED
        await backend.aclose()
    assert (state.phase, state.cost) == (phase, None)


async def test_v2_gives_a_fresh_address_with_every_look_for_a_week(tmp_path: Path) -> None:
    with running("v2") as (fake, control):
        backend = account("v2", control.url)
        handle = await backend.submit(wish(), context_for(backend, wish()))
        fake.clock.advance(60)
        old = await backend.poll(handle)
        fake.clock.advance(2 * 24 * 3600)
        with pytest.raises(BackendError) as caught:
            await backend.fetch(handle, old.outputs[0], sink_in(tmp_path))
        assert caught.value.kind is Kind.EXPIRED
        fresh, sink = await backend.poll(handle), sink_in(tmp_path)
        check_artifact(await backend.fetch(handle, fresh.outputs[0], sink), sink)
        fake.clock.advance(7 * 24 * 3600)
        with pytest.raises(BackendError) as caught:
            await backend.poll(handle)
        assert caught.value.kind is Kind.NOT_FOUND
        await backend.aclose()


async def test_v1_asks_where_the_file_lies_only_when_it_is_fetched(tmp_path: Path) -> None:
    with running("v1") as (fake, control):
        backend = account("v1", control.url)
        request = wish("v1", "[[fake:slow=30]]")
        handle = await backend.submit(request, context_for(backend, request))
        fake.clock.advance(60)
        state, sink = await backend.poll(handle), sink_in(tmp_path)
        asked = [entry["path"] for entry in control.requests()]
        check_artifact(await backend.fetch(handle, state.outputs[0], sink), sink)
        fetched = control.requests()[len(asked) :]
        await backend.aclose()
    assert asked == ["/v1/video_generation", "/v1/query/video_generation"]
    assert [entry["path"].split("/")[1] for entry in fetched] == ["v1", "__storage"]
    assert ["authorization" in entry["headers"] for entry in fetched] == [True, False], "Storage gets no key."


async def test_v1_says_that_a_file_is_gone(tmp_path: Path) -> None:
    with running("v1") as (fake, control):
        backend = account("v1", control.url)
        request = wish("v1", "[[fake:file_gone]]")
        handle = await backend.submit(request, context_for(backend, request))
        fake.clock.advance(60)
        state = await backend.poll(handle)
        with pytest.raises(BackendError) as caught:
            await backend.fetch(handle, state.outputs[0], sink_in(tmp_path))
        await backend.aclose()
    assert caught.value.kind is Kind.NOT_FOUND


@pytest.mark.parametrize("profile", ["v2", "v1"])
async def test_a_wrong_key_is_told_without_showing_it(profile: str) -> None:
    with running(profile) as (_, control):
        given = replace(config(profile, control.url), api_key=SecretStr("a-wrong-key-9876543210"))
        backend = MiniMaxBackend.from_config(given)
        with pytest.raises(BackendError) as caught:
            await backend.submit(wish(profile), context_for(backend, wish(profile)))
        await backend.aclose()
    assert caught.value.kind is Kind.AUTH
    assert "a-wrong-key" not in repr(caught.value.facts())


@pytest.mark.parametrize("profile", ["v2", "v1"])
async def test_the_challenge_of_a_new_address_is_answered_with_itself(profile: str) -> None:
    backend = account(profile, "https://api.example.com")
    delivery = Delivery("/webhooks/x", "", {}, b'{"challenge": "c-123"}')
    hint = await backend.parse_webhook(delivery)
    assert (hint.answer, hint.remote_id) == ({"challenge": "c-123"}, "")
    with pytest.raises(WebhookRefused):
        await backend.parse_webhook(replace(delivery, body=b'{"challenge": 7}'))
    await backend.aclose()


@pytest.mark.parametrize(
    ("code", "words", "kind", "fault", "unknown"),
    [
        (1000, "unknown error", Kind.TRANSIENT, Fault.UNKNOWN, True),
        (1001, "timeout", Kind.TRANSIENT, Fault.UNKNOWN, True),
        (1002, "rate limit", Kind.RATE_LIMIT, Fault.UNKNOWN, False),
        (1004, "login fail", Kind.AUTH, Fault.UNKNOWN, False),
        (1008, "insufficient balance", Kind.QUOTA, Fault.UNKNOWN, False),
        (1024, "internal error", Kind.TRANSIENT, Fault.UNKNOWN, True),
        (1026, "input new_sensitive", Kind.MODERATION, Fault.PROMPT, False),
        (1026, "input image sensitive", Kind.MODERATION, Fault.IMAGE, False),
        (1033, "system error", Kind.TRANSIENT, Fault.UNKNOWN, True),
        (1039, "token limit", Kind.RATE_LIMIT, Fault.UNKNOWN, False),
        (1041, "conn limit", Kind.RATE_LIMIT, Fault.UNKNOWN, False),
        (1042, "illegal characters", Kind.INVALID, Fault.PROMPT, False),
        (2013, "invalid params", Kind.INVALID, Fault.UNKNOWN, False),
        (2013, "invalid params, model X does not support 10 s", Kind.INVALID, Fault.UNKNOWN, False),
        (2038, "", Kind.AUTH, Fault.UNKNOWN, False),
        (2049, "invalid api key", Kind.AUTH, Fault.UNKNOWN, False),
        (2056, "usage limit", Kind.QUOTA, Fault.UNKNOWN, False),
        (7777, "something new", Kind.TRANSIENT, Fault.UNKNOWN, True),
    ],
)
async def test_v1_refuses_inside_a_successful_answer(
    code: int, words: str, kind: Kind, fault: Fault, unknown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = account("v1", "https://api.example.com")

    async def answered(path: str, **content: Any) -> Answer:
        return Answer(200, {}, {"task_id": "", "base_resp": {"status_code": code, "status_msg": words}})

    monkeypatch.setattr(backend.client, "create", answered)
    with pytest.raises(BackendError) as caught:
        await backend.submit(wish("v1"), context_for(backend, wish("v1")))
    await backend.aclose()
    error = caught.value
    assert (error.kind, error.fault, error.outcome_unknown) == (kind, fault, unknown)
    assert error.charged is (None if unknown else False)
    assert not error.model_gone
    assert error.provider_code == str(code)
    assert error.message


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (429, {"type": "rate_limit_error", "message": "rate limit (1002)", "http_code": "429"}, Kind.RATE_LIMIT),
        (200, {"type": "rate_limit_error", "message": "rate limit (1002)", "http_code": "429"}, Kind.RATE_LIMIT),
        (402, {"type": "insufficient_balance_error", "message": "no balance"}, Kind.QUOTA),
        (422, {"type": "unprocessable_entity_error", "message": "sensitive (1026)"}, Kind.MODERATION),
        (400, {"type": "a_new_error", "message": "what"}, Kind.INVALID),
        (503, None, Kind.TRANSIENT),
    ],
)
def test_v2_errors_are_read_by_code_then_type_then_status(status: int, error: Any, kind: Kind) -> None:
    backend = account("v2", "https://api.example.com")
    assert backend.read_error(Answer(status, {}, {"type": "error", "error": error})).kind is kind


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"profile": ""}, "needs a profile: one of v2, v1"),
        ({"profile": "v3"}, "needs a profile"),
        ({"api_key": None}, "needs an api_key"),
        ({"options": {}}, "needs the option 'hosts'"),
        ({"options": {"hosts": [CDN], "jwt": True}}, "jwt"),
        ({"options": {"hosts": [CDN], "models": ["H9"]}}, "H9"),
        (
            {"options": {"hosts": [CDN], "models": [{"like": "MiniMax-H3", "frames": ["720x1280"]}]}},
            "720",
        ),
        (
            {"options": {"hosts": [CDN], "models": [{"like": "MiniMax-H3", "any_frame": True}]}},
            "any size",
        ),
        ({"profile": "v1", "options": {"hosts": [CDN]}}, "option 'models'"),
        ({"profile": "v1", "options": {"hosts": [CDN], "models": ["I2V-01"]}}, "needs a price"),
        ({"base_url": "ftp://api.example.com"}, "base_url"),
    ],
)
def test_a_wrong_configuration_says_what_is_wrong(changes: dict[str, Any], words: str) -> None:
    good = replace(config("v2", ""), options={"hosts": [CDN]})
    assert MiniMaxBackend.from_config(good).hosts == {"api.minimaxi.com", CDN}
    with pytest.raises(ConfigError, match=words) as caught:
        MiniMaxBackend.from_config(replace(good, **changes))
    assert KEY not in str(caught.value)


def test_what_a_model_can_do_and_costs_is_told() -> None:
    caps = {one.model: one for one in account("v2", "https://api.example.com").models()}
    assert set(caps) == {"MiniMax-H3", "MiniMax-H3-Max"}
    assert all(one.webhook and one.native_sound and one.character_from_text for one in caps.values())
    assert not any(one.free or one.resubmit_safe for one in caps.values()), "A lost create is for a person to decide."
    backend = account("v1", "https://api.example.com")
    assert backend.estimate(wish("v1")).high == Money.of(PRICE["per_clip"]["6@768x1366"], "CNY")  # type: ignore[index]
