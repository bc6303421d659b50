"""What holds for both of Kling's APIs: codes, our ids, results, deliveries, configuration."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from kling_support import KEY, NEW, OLD, WEBHOOK_SECRET, Rig, account_at, picture, rigged
from pydantic import SecretStr

from app.backends.base import CancelResult, Delivery, Phase
from app.backends.capabilities import Cancel, Recover, Task
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.http import Answer
from app.backends.kling import KlingBackend
from app.backends.kling.answers import RemoteTask, cash, failure_of, read_error
from app.backends.testing.contract.subject import sink_in
from app.backends.testing.server import serve_in_process
from app.core import clock
from app.core.money import Money

WISHES = {"new": NEW, "old": OLD}


@pytest.fixture(params=["new", "old"])
def profile(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def rig(profile: str) -> AsyncIterator[Rig]:
    async with rigged(profile) as made:
        yield made


async def test_our_id_is_taken_once_so_that_nothing_is_bought_twice(rig: Rig, profile: str) -> None:
    wish = WISHES[profile]
    context = rig.context(wish)
    handle = await rig.account.submit(wish, context)
    with pytest.raises(BackendError) as caught:
        await rig.account.submit(wish, context)
    assert caught.value.outcome_unknown, "A refused repeat means that the task exists, not that it was not created."
    assert caught.value.charged is None
    found = await rig.account.find(wish, context)
    assert found == handle == rig.account.adopt(wish, context, handle.remote_id)
    assert len(rig.control.jobs()) == 1


async def test_a_lost_task_is_told_absent_only_after_a_while(rig: Rig, profile: str) -> None:
    context = rig.context(WISHES[profile])
    with pytest.raises(BackendError) as caught:
        await rig.account.find(WISHES[profile], context)
    assert caught.value.outcome_unknown
    assert caught.value.retry_after == pytest.approx(120, abs=5)
    with clock.turned(timedelta(seconds=130)):
        assert await rig.account.find(WISHES[profile], context) is None


async def test_a_look_up_that_is_answered_by_somebody_else_proves_nothing(profile: str) -> None:
    async with rigged(profile) as rig:
        elsewhere = account_at(f"{rig.control.url}/not-the-provider", profile)
        wish = WISHES[profile]
        context = replace(rig.context(wish), submitted_at=clock.now() - timedelta(hours=1))
        with pytest.raises(BackendError) as caught:
            await elsewhere.find(wish, context)
        await elsewhere.aclose()
    assert caught.value.kind is Kind.NOT_FOUND


async def test_the_lost_task_is_found_with_its_inputs_gone(rig: Rig, profile: str, tmp_path: Path) -> None:
    frame = picture(tmp_path, "first")
    wish = replace(WISHES[profile], task=Task.FIRST_FRAME, assets=(frame,), prompt="[[fake:drop_after]]")
    context = rig.context(wish)
    with pytest.raises(BackendError):
        await rig.account.submit(wish, context)
    frame.path.unlink()
    found = await rig.account.find(wish, context)
    assert found is not None
    assert found.remote_id == rig.control.jobs()[0]["id" if profile == "new" else "task_id"]


async def test_more_tasks_than_the_pack_allows_have_to_wait(profile: str) -> None:
    async with rigged(profile, slots=1) as rig:
        wish = WISHES[profile]
        await rig.account.submit(wish, rig.context(wish))
        error = await rig.refused(wish)
        assert (error.kind, error.provider_code, error.outcome_unknown) == (Kind.RATE_LIMIT, "1303", False)
        rig.fake.clock.advance(60)
        await rig.account.submit(wish, rig.context(wish))


@pytest.mark.parametrize(
    ("code", "kind", "unknown"), [(1102, Kind.QUOTA, False), (5000, Kind.TRANSIENT, True), (777, Kind.TRANSIENT, True)]
)
async def test_a_refusal_that_comes_as_a_success_is_read(
    rig: Rig, profile: str, code: int, kind: Kind, unknown: bool
) -> None:
    error = await rig.refused(replace(WISHES[profile], prompt=f"[[fake:refused_with_200={code}]]"))
    assert (error.kind, error.outcome_unknown) == (kind, unknown)


async def test_nothing_is_cancelled(rig: Rig, profile: str) -> None:
    handle = await rig.account.submit(WISHES[profile], rig.context(WISHES[profile]))
    before = len(rig.control.requests())
    assert await rig.account.cancel(handle) is CancelResult.UNSUPPORTED
    assert len(rig.control.requests()) == before
    for caps in rig.account.models():
        assert (caps.cancel, caps.recover, caps.webhook) == (Cancel.NONE, Recover.CLIENT_ID, True)


async def test_the_word_for_success_is_that_of_the_api(rig: Rig, profile: str) -> None:
    handle = await rig.account.submit(WISHES[profile], rig.context(WISHES[profile]))
    rig.fake.clock.advance(60)
    state = await rig.account.poll(handle)
    assert (state.phase, state.raw_status) == (Phase.SUCCEEDED, "succeeded" if profile == "new" else "succeed")
    other = "succeed" if profile == "new" else "succeeded"
    assert rig.account.phases.get(other) is None


async def test_a_result_is_fetched_until_its_time_is_over(rig: Rig, profile: str, tmp_path: Path) -> None:
    handle = await rig.account.submit(WISHES[profile], rig.context(WISHES[profile]))
    rig.fake.clock.advance(60)
    (output,) = (await rig.account.poll(handle)).outputs
    assert output.expires_at is not None
    assert timedelta(days=29) < output.expires_at - clock.now() < timedelta(days=31)
    rig.fake.clock.advance(31 * 24 * 3600)
    with pytest.raises(BackendError) as caught:
        await rig.account.fetch(handle, output, sink_in(tmp_path))
    assert caught.value.kind is Kind.EXPIRED


async def test_a_result_on_a_host_nobody_declared_says_which(profile: str, tmp_path: Path) -> None:
    async with rigged(profile, options={"hosts": []}) as rig:
        handle = await rig.account.submit(WISHES[profile], rig.context(WISHES[profile]))
        rig.fake.clock.advance(60)
        (output,) = (await rig.account.poll(handle)).outputs
        with pytest.raises(BackendError, match="localhost") as caught:
            await rig.account.fetch(handle, output, sink_in(tmp_path))
    assert caught.value.kind is Kind.PERMANENT


async def test_a_success_without_a_video_is_left_to_a_person(rig: Rig, profile: str) -> None:
    handle = await rig.account.submit(WISHES[profile], rig.context(WISHES[profile]))
    rig.fake._video = lambda job, port: {"id": "v1", "url": ""}  # type: ignore[method-assign]
    rig.fake.clock.advance(60)
    state = await rig.account.poll(handle)
    assert (state.phase, state.outputs) == (Phase.UNRECOGNISED, ())
    assert "without a video" in state.raw_status


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"prompt": "x" * 50_000}, "prompt"),
        ({"prompt": "a\x00b"}, "prompt"),
        ({"prompt": "  "}, "prompt"),
        ({"model": "kling-v99"}, "model"),
        ({"task": Task.AUDIO}, "task"),
        ({"extra": {"seed": 7}}, "extra.seed"),
    ],
)
async def test_what_cannot_be_asked_is_not_sent(rig: Rig, profile: str, changes: dict[str, Any], field: str) -> None:
    wish = WISHES[profile]
    with pytest.raises(BackendError) as caught:
        await rig.account.submit(replace(wish, **changes), rig.context(wish))
    assert (caught.value.kind, caught.value.field, caught.value.charged) == (Kind.INVALID, field, False)
    assert rig.control.requests() == []


async def test_a_picture_the_provider_cannot_use_was_not_created(rig: Rig, profile: str, tmp_path: Path) -> None:
    frame = picture(tmp_path, "first", size=(200, 200))
    error = await rig.refused(replace(WISHES[profile], task=Task.FIRST_FRAME, assets=(frame,)))
    assert (error.kind, error.provider_code, error.charged) == (Kind.INVALID, "1201", False)


async def test_a_wrong_key_is_an_account_at_fault(rig: Rig, profile: str) -> None:
    account = account_at(rig.control.url, profile, api_key=SecretStr("kling-key-of-somebody-else"))
    with pytest.raises(BackendError) as caught:
        await account.submit(WISHES[profile], rig.context(WISHES[profile]))
    await account.aclose()
    assert (caught.value.kind, caught.value.charged) == (Kind.AUTH, False)
    assert "somebody" not in caught.value.message


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, 1004, Kind.AUTH),
        (429, 1100, Kind.AUTH),
        (429, 1101, Kind.QUOTA),
        (429, 1102, Kind.QUOTA),
        (403, 1103, Kind.AUTH),
        (400, 1200, Kind.INVALID),
        (404, 1203, Kind.NOT_FOUND),
        (400, 1300, Kind.MODERATION),
        (429, 1302, Kind.RATE_LIMIT),
        (429, 1303, Kind.RATE_LIMIT),
        (429, 1304, Kind.AUTH),
        (503, 5001, Kind.TRANSIENT),
        (429, None, Kind.RATE_LIMIT),
        (502, "gateway", Kind.TRANSIENT),
    ],
)
def test_the_code_says_what_the_status_cannot(status: int, code: Any, kind: Kind) -> None:
    answer = Answer(status, {"retry-after": "7"}, {"code": code, "message": "no"})
    error = read_error(answer, str)
    assert error.kind is kind
    assert (error.retry_after == 7) == (kind in {Kind.RATE_LIMIT, Kind.TRANSIENT})


@pytest.mark.parametrize(
    ("task", "kind", "fault"),
    [
        (RemoteTask("1", "failed", code=1301), Kind.MODERATION, Fault.UNKNOWN),
        (RemoteTask("1", "failed", "1301: the image is unsafe"), Kind.MODERATION, Fault.IMAGE),
        (RemoteTask("1", "failed", "Failure to pass the risk control system"), Kind.MODERATION, Fault.UNKNOWN),
        (RemoteTask("1", "failed", "生成结果未通过审核"), Kind.MODERATION, Fault.PROVIDER),
        (RemoteTask("1", "failed", "out of memory"), Kind.TRANSIENT, Fault.UNKNOWN),
        (RemoteTask("1", "failed", "bad clip", code=1201), Kind.INVALID, Fault.UNKNOWN),
        (RemoteTask("1", "failed"), Kind.TRANSIENT, Fault.UNKNOWN),
    ],
)
def test_a_failed_task_is_moderation_or_not(task: RemoteTask, kind: Kind, fault: Fault) -> None:
    error = failure_of(task, str)
    assert (error.kind, error.fault, error.charged) == (kind, fault, None)
    assert error.message


@pytest.mark.parametrize(
    ("billing", "money"),
    [
        ([{"charge_type": "cash", "amount": "0.42", "currency": "USD"}], Money.of("0.42", "USD")),
        ([{"charge_type": "cash", "amount": "0.42", "currency": "USD"}] * 2, Money.of("0.84", "USD")),
        ([{"charge_type": "package", "amount": "3.5", "currency": ""}], None),
        ([{"charge_type": "cash", "amount": "much", "currency": "USD"}], None),
        ([{"charge_type": "cash", "amount": "NaN", "currency": "USD"}], None),
        ([{"charge_type": "cash", "amount": "-1", "currency": "USD"}], None),
        ([], None),
        ("free", None),
    ],
)
def test_only_cash_is_money(billing: Any, money: Money | None) -> None:
    assert cash(billing) == money


def headers(signature: str, stamp: str = "1781080794") -> dict[str, str]:
    return {"webhook-id": "9876543210", "webhook-timestamp": stamp, "webhook-signature": signature}


async def test_a_delivery_is_signed_as_in_the_documentation() -> None:
    body = (
        b'{"id":"1234567890","status":"succeeded","message":"","create_time":1781080778802,"update_time":1781080794151}'
    )
    signature = "v1,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4="
    secret = SecretStr("whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI=")
    account = account_at("https://api-singapore.klingai.com", "new", webhook_secret=secret)
    with clock.turned(datetime.fromtimestamp(1781080800, UTC)):
        after_rotation = headers(f"v1,b2xkIHNpZ25hdHVyZQ== {signature}")
        hint = await account.parse_webhook(Delivery("/webhooks/x", "", after_rotation, body))
    await account.aclose()
    assert (hint.event_id, hint.remote_id, hint.status) == ("9876543210", "1234567890", "succeeded")


async def test_a_process_of_its_own_can_run_the_fake() -> None:
    arguments = {"key": KEY, "webhook_secret": WEBHOOK_SECRET, "frozen": False}
    with serve_in_process("app.backends.testing.fake_kling:create_app", arguments) as running:
        assert httpx.get(f"{running.url}/tasks?task_ids=1").json()["code"] == 1001


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"profile": ""}, "profile: one of new, old"),
        ({"profile": "v3"}, "profile"),
        ({"api_key": None}, "api_key"),
        ({"base_url": "https://api.klingai.com"}, "retired"),
        ({"options": {"models": ["kling-3.0-omni"]}}, "needs a price"),
        ({"options": {"models": ["kling-v3"]}}, "kling-v3"),
        ({"options": {"access_key": "AK"}}, "access_key"),
        ({"profile": "old", "options": {"access_key": 7}}, "access_key"),
        ({"options": {"settle_s": "long"}}, "settle_s"),
        ({"options": {"models": [{"like": "kling-3.0", "durations": ["long"]}]}}, "durations"),
        ({"webhook_secret": SecretStr("not-of-that-form")}, "whsec_"),
    ],
)
def test_a_wrong_configuration_says_what_is_wrong(changes: dict[str, Any], words: str) -> None:
    good = BackendConfig("kling", "kling", "", "new", SecretStr(KEY))
    assert KlingBackend.from_config(good).hosts == {"api-singapore.klingai.com", "*.klingai.com"}
    with pytest.raises(ConfigError, match=words) as caught:
        KlingBackend.from_config(replace(good, **changes))
    assert "not-of-that-form" not in str(caught.value)
