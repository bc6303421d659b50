"""BigModel beyond the shared contract: what it wants, tells and hides."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from zhipu_clients import KEY, MODELS, account, config, picture, running, wish

from app.backends.base import Asset, CancelResult, GenRequest, Phase
from app.backends.capabilities import Task
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.http import Answer
from app.backends.testing.contract.subject import context_for, sink_in
from app.backends.testing.fake_zhipu import check_token
from app.backends.testing.faults import Refusal
from app.backends.zhipu import ZhipuBackend, signed_token
from app.core.money import Money

# The sheet's own vector (china §20.3).
TOKEN = (
    "eyJhbGciOiJIUzI1NiIsInNpZ25fdHlwZSI6IlNJR04ifQ"
    ".eyJhcGlfa2V5IjoiaWR0ZXN0IiwiZXhwIjoxNzk1NDAwMDAwMDAwLCJ0aW1lc3RhbXAiOjE3OTUzOTgyMDAwMDB9"
    ".-F2ng-Pdvv3a5XUe-ZTqAe0k3S98yUMf4ba9hxJBF5Q"
)


async def sent(request: GenRequest, **options: Any) -> dict[str, Any]:
    """Submit a request and return the create that arrived."""
    with running() as (_, control):
        backend = account(control.url, **options)
        context = context_for(backend, request)
        await backend.submit(request, context)
        await backend.aclose()
        (create,) = [entry for entry in control.requests() if entry["creates"]]
    assert create["body"].pop("request_id") == str(context.attempt_id)
    return create


def inlined(asset: Asset) -> str:
    return f"data:{asset.mime};base64,{base64.b64encode(asset.path.read_bytes()).decode()}"


def test_a_token_is_signed_as_the_sheet_shows() -> None:
    assert signed_token("idtest", "secrettest", 1795400000000, 1795398200000) == TOKEN


@pytest.mark.parametrize(
    ("token", "now_ms", "code"),
    [
        (TOKEN, 1795400000000, "1003"),
        (TOKEN.replace(".-F2ng", ".-F2nh"), 1795398200000, "1002"),
        (signed_token("other", "secrettest", 1795400000000, 1795398200000), 1795398200000, "1002"),
        (signed_token("idtest", "other", 1795400000000, 1795398200000), 1795398200000, "1002"),
        ("nonsense", 1795398200000, "1002"),
    ],
)
def test_the_fake_verifies_tokens(token: str, now_ms: float, code: str) -> None:
    check_token(TOKEN, "idtest.secrettest", 1795398200000)
    with pytest.raises(Refusal) as caught:
        check_token(token, "idtest.secrettest", now_ms)
    assert caught.value.code == code


async def test_the_secret_half_of_a_key_stays_here_when_tokens_are_signed() -> None:
    create = await sent(wish(), jwt=True)
    assert KEY.partition(".")[2] not in str(create)
    assert create["headers"]["authorization"].startswith("Bearer eyJ")
    assert (await sent(wish()))["headers"]["authorization"] == f"Bearer {KEY}"


async def test_a_text_is_sent_with_size_length_and_sound() -> None:
    request = wish(sound=False, extra={"quality": "quality", "fps": 30, "watermark_enabled": True})
    assert (await sent(request))["body"] == {
        "model": "cogvideox-3",
        "prompt": "A lighthouse.",
        "size": "720x1280",
        "duration": 5,
        "with_audio": False,
        "quality": "quality",
        "fps": 30,
        "watermark_enabled": True,
    }


async def test_one_picture_is_a_text_and_two_are_a_list(tmp_path: Path) -> None:
    first, last = picture(tmp_path, "first"), picture(tmp_path, "last", "jpeg")
    body = (await sent(wish(task=Task.FIRST_FRAME, assets=(first,))))["body"]
    assert body["image_url"] == inlined(first)
    body = (await sent(wish(task=Task.FIRST_AND_LAST, assets=(last, first))))["body"]
    assert body["image_url"] == [inlined(first), inlined(last)], "The first frame comes first."
    reachable = replace(first, url="https://studio.example/assets/first.png")
    body = (await sent(wish(task=Task.FIRST_FRAME, assets=(reachable,))))["body"]
    assert body["image_url"] == "https://studio.example/assets/first.png"
    body = (await sent(wish(task=Task.FIRST_FRAME, assets=(first,)), bare_base64=True))["body"]
    assert body["image_url"] == inlined(first).partition(",")[2]


@pytest.mark.parametrize(
    ("model", "task", "roles"),
    [
        ("viduq1-text", Task.TEXT, ()),
        ("viduq1-image", Task.FIRST_FRAME, ("first",)),
        ("viduq1-start-end", Task.FIRST_AND_LAST, ("first", "last")),
        ("vidu2-image", Task.FIRST_FRAME, ("first",)),
        ("vidu2-start-end", Task.FIRST_AND_LAST, ("first", "last")),
        ("vidu2-reference", Task.REFERENCES, ("reference",)),
    ],
)
async def test_vidu_is_relayed(model: str, task: Task, roles: tuple[str, ...], tmp_path: Path) -> None:
    assets = tuple(picture(tmp_path, role) for role in roles)
    request = wish(model=model, task=task, assets=assets, extra={"movement_amplitude": "small", "style": "anime"})
    body = (await sent(request))["body"]
    assert (body["model"], body["duration"], body["movement_amplitude"]) == (model, 5, "small")
    assert "with_audio" not in body


async def test_a_create_that_came_twice_is_not_called_refused() -> None:
    with running() as (_, control):
        backend = account(control.url)
        request = wish("[[fake:drop_after]]")
        context = context_for(backend, request)
        for _ in range(2):
            with pytest.raises(BackendError) as caught:
                await backend.submit(request, context)
            assert caught.value.outcome_unknown, "Something was created, and nobody knows as what."
            assert caught.value.charged is None
        await backend.aclose()
        assert len(control.jobs()) == 1, "The provider made it once."
    assert caught.value.provider_code == "1231"
    assert "created before" in caught.value.message


@pytest.mark.parametrize(
    ("code", "kind", "model_gone"),
    [
        ("1003", Kind.AUTH, False),
        ("1113", Kind.QUOTA, False),
        ("1304", Kind.QUOTA, False),
        ("1308", Kind.QUOTA, False),
        ("1302", Kind.RATE_LIMIT, False),
        ("1305", Kind.RATE_LIMIT, False),
        ("1312", Kind.RATE_LIMIT, False),
        ("1210", Kind.INVALID, False),
        ("1261", Kind.INVALID, False),
        ("1211", Kind.PERMANENT, True),
        ("1301", Kind.MODERATION, False),
        ("1220", Kind.AUTH, False),
        ("1222", Kind.NOT_FOUND, False),
    ],
)
async def test_429_and_400_mean_what_their_code_says(code: str, kind: Kind, model_gone: bool) -> None:
    with running() as (_, control):
        backend = account(control.url)
        request = wish(f"[[fake:code={code}]]")
        with pytest.raises(BackendError) as caught:
            await backend.submit(request, context_for(backend, request))
        await backend.aclose()
        assert control.jobs() == []
    error = caught.value
    assert (error.kind, error.model_gone, error.provider_code) == (kind, model_gone, code)
    assert (error.outcome_unknown, error.charged) == (False, False)


@pytest.mark.parametrize(
    ("status", "code", "kind", "field", "fault"),
    [
        (434, "", Kind.AUTH, "", Fault.UNKNOWN),
        (435, "", Kind.INVALID, "assets", Fault.IMAGE),
        (400, "1261", Kind.INVALID, "prompt", Fault.PROMPT),
        (400, "9999", Kind.INVALID, "", Fault.UNKNOWN),
        (200, "9999", Kind.TRANSIENT, "", Fault.UNKNOWN),
        (200, "1113", Kind.QUOTA, "", Fault.UNKNOWN),
        (500, "1234", Kind.TRANSIENT, "", Fault.UNKNOWN),
    ],
)
def test_other_errors_are_read(status: int, code: str, kind: Kind, field: str, fault: Fault) -> None:
    error = account("https://api.example.com").read_error(
        Answer(status, {"retry-after": "7"}, {"error": {"code": code, "message": "The provider's words."}})
    )
    assert (error.kind, error.field, error.fault) == (kind, field, fault)
    assert (error.retry_after is None) == (kind is Kind.QUOTA), "Waiting brings no money."


async def test_an_error_inside_a_successful_answer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = account("https://api.example.com")
    for code, unknown in (("1113", False), ("500", True), ("9999", True)):

        async def answered(path: str, told: str = code, **content: Any) -> Answer:
            return Answer(200, {}, {"error": {"code": told, "message": "words"}})

        monkeypatch.setattr(backend.client, "create", answered)
        with pytest.raises(BackendError) as caught:
            await backend.submit(wish(), context_for(backend, wish()))
        assert caught.value.outcome_unknown is unknown
    await backend.aclose()


async def test_a_failure_without_a_reason_is_told_and_nothing_can_be_cancelled() -> None:
    with running() as (fake, control):
        backend = account(control.url)
        request = wish("[[fake:fail_silent]]")
        handle = await backend.submit(request, context_for(backend, request))
        assert await backend.cancel(handle) is CancelResult.UNSUPPORTED
        fake.clock.advance(60)
        state = await backend.poll(handle)
        await backend.aclose()
    assert state.phase is Phase.FAILED
    assert state.error is not None
    assert "not why" in state.error.message


async def test_inputs_that_cannot_be_are_refused_before_anything_is_sent(tmp_path: Path) -> None:
    first, who, webp = picture(tmp_path, "first"), picture(tmp_path, "reference"), picture(tmp_path, "last", "webp")
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.truncate(6 * 1024 * 1024)
    reference = wish(model="vidu2-reference", task=Task.REFERENCES)
    wrong: list[tuple[GenRequest, str]] = [
        (wish(task=Task.FIRST_FRAME, assets=(replace(first, path=huge),)), "at most 5 MB"),
        (wish(task=Task.FIRST_AND_LAST, assets=(first, webp)), "PNG or JPEG"),
        (replace(reference, assets=(first, who)), "cannot be combined"),
        (replace(reference, assets=(who, who)), "takes 1 reference"),
        (wish("灯" * 50_000), "50000 characters"),
        (wish(extra={"fps": 25}), "one of 30, 60"),
        (wish(extra={"watermark_enabled": 1}), "one of True, False"),
        (wish(extra={"off_peak": True}), "off_peak"),
    ]
    with running() as (_, control):
        backend = account(control.url)
        for request, words in wrong:
            with pytest.raises(BackendError, match=words) as caught:
                await backend.submit(request, context_for(backend, wish()))
            assert caught.value.kind is Kind.INVALID
            assert caught.value.field
        await backend.aclose()
        assert control.requests() == []


@pytest.mark.parametrize("jwt", [True, False])
async def test_a_wrong_key_is_told_without_showing_it(jwt: bool) -> None:
    with running() as (_, control):
        backend = account(control.url, "wrong-id-0123456789.wrong-secret-9876543210", jwt=jwt)
        with pytest.raises(BackendError) as caught:
            await backend.submit(wish(), context_for(backend, wish()))
        await backend.aclose()
    assert caught.value.kind is Kind.AUTH
    assert "wrong-secret" not in repr(caught.value.facts())


async def test_a_result_that_was_never_there_cannot_be_fetched(tmp_path: Path) -> None:
    with running() as (fake, control):
        backend = account(control.url)
        request = wish("[[fake:ok]]")
        handle = await backend.submit(request, context_for(backend, request))
        with pytest.raises(BackendError) as caught:
            await backend.poll(replace(handle, remote_id="../chat/completions"))
        assert caught.value.kind is Kind.NOT_FOUND
        fake.clock.advance(60)
        (output,) = (await backend.poll(handle)).outputs
        with pytest.raises(BackendError, match="not declared"):
            await backend.fetch(handle, replace(output, data={"url": "https://evil.example/v.mp4"}), sink_in(tmp_path))
        await backend.aclose()


def test_prices_are_by_the_clip_and_one_model_is_free() -> None:
    backend = account("https://api.example.com")
    large = wish(width=3840, height=2160, duration_frames=24 * 9)
    assert backend.estimate(wish()).high == backend.estimate(large).high == Money.of("0.2", "USD")
    assert backend.estimate(wish(model="vidu2-image")).high == Money.of("2.50", "CNY")
    assert backend.estimate(wish(model="cogvideox-flash")).high.micros == 0
    free = {caps.model for caps in backend.models() if caps.free and caps.resubmit_safe}
    assert free == {"cogvideox-flash"}
    assert {caps.model for caps in backend.models() if caps.free or caps.resubmit_safe} == free


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"api_key": None}, "needs an api_key"),
        ({"options": {}}, "needs the option 'hosts'"),
        ({"options": {"hosts": "cdn.example.com"}}, "hosts"),
        ({"options": {"hosts": ["cdn.example.com"], "jwt": "yes"}}, "jwt"),
        ({"options": {"hosts": ["cdn.example.com"], "jwtt": True}}, "jwtt"),
        ({"options": {"hosts": ["cdn.example.com"], "models": ["cogvideox-2"]}}, "needs a price"),
        (
            {"options": {"hosts": ["cdn.example.com"], "models": [{"like": "cogvideox-3", "durations": []}]}},
            "durations",
        ),
        ({"api_key": SecretStr("no-dot"), "options": {"hosts": ["cdn.example.com"], "jwt": True}}, "ID.SECRET"),
    ],
)
def test_a_wrong_configuration_says_what_is_wrong(changes: dict[str, Any], words: str) -> None:
    good = replace(config("https://api.example.com"), base_url="", options={"hosts": ["cdn.example.com"]})
    backend = ZhipuBackend.from_config(good)
    assert backend.hosts == {"open.bigmodel.cn", "cdn.example.com"}
    assert [caps.model for caps in backend.models()] == [name for name in MODELS if isinstance(name, str)]
    with pytest.raises(ConfigError, match=words) as caught:
        ZhipuBackend.from_config(replace(good, **changes))
    assert "no-dot" not in str(caught.value)
