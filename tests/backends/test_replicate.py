"""Replicate: the contract suite, and what is particular to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest

from app.backends.base import Asset, CancelResult, Delivery, GenRequest, Phase, RemoteState
from app.backends.capabilities import Task
from app.backends.config import parse_configs
from app.backends.errors import BackendError, ConfigError, Fault, Kind, WebhookRefused
from app.backends.replicate import ReplicateBackend
from app.backends.testing.clips import clip
from app.backends.testing.contract import BackendContract, FakeControl, Subject
from app.backends.testing.contract.subject import check_artifact, context_for, sink_in
from app.backends.testing.fake_replicate import ReplicateFake, sign
from app.backends.testing.server import serve
from app.core import clock
from app.core.frames import FrameRate

KEY = "r8_0123456789abcdef0123456789abcdef"
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
PRICE = 'price = { currency = "USD", per_second = "0.05" }, durations = [2, 5], deadline_s = 1200'
MODELS = f"""
    {{ like = "text-or-first-frame", model = "acme/film", {PRICE} }},
    {{ like = "text-or-first-frame", model = "acme/film:5c7d5dc6", {PRICE} }},
    {{ like = "text-or-first-frame", model = "deployments/acme/film-fast", {PRICE} }},
    {{ like = "text-or-first-frame", model = "acme/forgotten", {PRICE} }},
"""
WISH = GenRequest(Task.TEXT, "acme/film", "A lighthouse.", 48, FrameRate(24), width=1080, height=1920)
ASYNCHRONOUS = "Replicate moderates nothing at the create: a model's refusal is the prediction's error"


def backend_at(url: str, port: int | None = None, secret: str = SECRET, options: str = "") -> ReplicateBackend:
    (config,) = parse_configs(f"""
        [replicate]
        kind = "replicate"
        base_url = "{url}/v1"
        api_key = "{KEY}"
        webhook_secret = "{secret}"
        [replicate.options]
        self_hosted = true
        read_timeout_s = 1.5
        hosts = ["localhost:{port or urlsplit(url).port}"]
        models = [{MODELS}]
        {options}
    """)
    return ReplicateBackend.from_config(config)


class TestReplicate(BackendContract):
    secret: ClassVar[str] = SECRET

    @pytest.fixture
    def subject(self) -> Iterator[Subject]:
        # The fake renders its result once for all tests, not within a read timeout.
        clip(180, 320, 2.0)
        with serve(ReplicateFake(key=KEY, webhook_secret=SECRET).app) as running:
            yield Subject(
                make=lambda url: backend_at(url, urlsplit(running.url).port, self.secret),
                request=lambda prompt: replace(WISH, prompt=prompt),
                fake=FakeControl(running.url),
                secrets=(KEY, SECRET),
                not_applicable={"moderation_input": ASYNCHRONOUS, "moderation_image": ASYNCHRONOUS},
            )


class TestReplicateWithoutAConfiguredSecret(TestReplicate):
    secret = ""


@pytest.fixture
def control() -> Iterator[FakeControl]:
    with serve(ReplicateFake(key=KEY, webhook_secret=SECRET).app) as running:
        yield FakeControl(running.url)


def picture(folder: Path, size: int, url: str | None = None) -> Asset:
    path = folder / f"first-{len(list(folder.iterdir()))}.png"
    path.write_bytes(bytes(size))
    return Asset("first", "0" * 64, "image/png", path, url)


async def sent(control: FakeControl, wish: GenRequest, webhook_url: str | None = None) -> dict[str, Any]:
    """Submit a wish and return the create that arrived."""
    backend = backend_at(control.url)
    await backend.submit(wish, replace(context_for(backend, wish), webhook_url=webhook_url))
    await backend.aclose()
    return [entry for entry in control.requests() if entry["creates"]][-1]


async def refusal(control: FakeControl, wish: GenRequest) -> BackendError:
    """Submit a wish and return the error it must end in."""
    backend = backend_at(control.url)
    with pytest.raises(BackendError) as caught:
        await backend.submit(wish, context_for(backend, wish))
    await backend.aclose()
    return caught.value


async def ended(control: FakeControl, scenario: str, after: float = 60, options: str = "") -> RemoteState:
    """Return the state of a prediction that goes as ``scenario`` says, ``after`` seconds."""
    backend = backend_at(control.url, options=options)
    wish = replace(WISH, prompt=f"A lighthouse. [[fake:{scenario}]]")
    handle = await backend.submit(wish, context_for(backend, wish))
    control.advance(after)
    state = await backend.poll(handle)
    await backend.aclose()
    return state


async def test_a_model_by_name_is_a_version_and_stops_at_its_deadline(control: FakeControl) -> None:
    create = await sent(control, replace(WISH, seed=7), "https://reel.example/hooks/abc?attempt=1")
    assert create["path"] == "/v1/predictions"
    assert create["body"] == {
        "version": "acme/film",
        "input": {"prompt": "A lighthouse.", "duration": 2, "aspect_ratio": "9:16", "seed": 7},
        "webhook": "https://reel.example/hooks/abc?attempt=1",
        "webhook_events_filter": ["completed"],
    }
    assert create["headers"]["cancel-after"] == "1200s"
    assert "prefer" not in create["headers"], "A held connection that is lost leaves an unknown outcome."


async def test_a_version_is_named_and_a_deployment_has_a_path(control: FakeControl) -> None:
    assert (await sent(control, replace(WISH, model="acme/film:5c7d5dc6")))["body"]["version"] == "acme/film:5c7d5dc6"
    create = await sent(control, replace(WISH, model="deployments/acme/film-fast"))
    assert create["path"] == "/v1/deployments/acme/film-fast/predictions"
    assert set(create["body"]) == {"input"}


async def test_inputs_go_along_by_address_or_as_uploads(control: FakeControl, tmp_path: Path) -> None:
    wish = replace(WISH, task=Task.FIRST_FRAME)
    small = await sent(control, replace(wish, assets=(picture(tmp_path, 1000),)))
    assert small["body"]["input"]["image"].startswith("data:image/png;base64,")
    addressed = await sent(control, replace(wish, assets=(picture(tmp_path, 9, "https://reel.example/first.png"),)))
    assert addressed["body"]["input"]["image"] == "https://reel.example/first.png"
    large = await sent(control, replace(wish, assets=(picture(tmp_path, 400_000),)))
    assert large["body"]["input"]["image"].startswith("https://api.replicate.com/v1/files/")
    assert [entry["path"] for entry in control.requests()].count("/v1/files") == 1
    assert control.creates() == 3


async def test_a_throttled_create_waits_as_long_as_it_is_told(control: FakeControl) -> None:
    error = await refusal(control, replace(WISH, prompt="[[fake:throttled]]"))
    assert (error.kind, error.retry_after, error.outcome_unknown) == (Kind.RATE_LIMIT, 30, False)


@pytest.mark.parametrize("wish", [replace(WISH, model="acme/forgotten"), replace(WISH, prompt="[[fake:version_gone]]")])
async def test_a_model_that_is_gone_is_disabled(control: FakeControl, wish: GenRequest) -> None:
    error = await refusal(control, wish)
    assert (error.kind, error.model_gone, error.charged) == (Kind.PERMANENT, True, False)


async def test_an_invalid_input_names_its_field(control: FakeControl) -> None:
    error = await refusal(control, replace(WISH, prompt="[[fake:invalid]]"))
    assert (error.kind, error.field) == (Kind.INVALID, "input.aspect_ratio")
    assert (await refusal(control, replace(WISH, prompt="灯" * 50_000))).field == "prompt"


@pytest.mark.parametrize(
    ("scenario", "options", "phase", "kind", "fault"),
    [
        ("fail", "", Phase.FAILED, Kind.TRANSIENT, Fault.PROVIDER),
        ("moderation_output", "", Phase.REFUSED, Kind.MODERATION, Fault.PROMPT),
        ("moderation_sensitive_image", "", Phase.REFUSED, Kind.MODERATION, Fault.IMAGE),
        ("house_rule", "", Phase.FAILED, Kind.TRANSIENT, Fault.PROVIDER),
        ("house_rule", 'moderation = ["house rules"]', Phase.REFUSED, Kind.MODERATION, Fault.UNKNOWN),
    ],
)
async def test_a_refusal_is_known_by_its_words(
    control: FakeControl, scenario: str, options: str, phase: Phase, kind: Kind, fault: Fault
) -> None:
    state = await ended(control, scenario, options=options)
    assert state.error is not None
    assert (state.phase, state.error.kind, state.error.fault) == (phase, kind, fault)
    assert state.error.charged is None, "Models may bill their time even for a failure."


async def test_what_runs_past_its_deadline_is_aborted_by_the_platform(control: FakeControl) -> None:
    state = await ended(control, "stuck", after=1201)
    assert state.error is not None
    assert (state.phase, state.raw_status, state.error.kind) == (Phase.FAILED, "aborted", Kind.TRANSIENT)


async def test_what_was_removed_after_an_hour_was_paid_and_is_gone(control: FakeControl) -> None:
    state = await ended(control, "ok", after=2 * 3600)
    assert state.error is not None
    assert (state.phase, state.error.kind, state.error.charged) == (Phase.FAILED, Kind.EXPIRED, True)


@pytest.mark.parametrize("scenario", ["output_list", "output_table"])
async def test_the_video_is_found_in_any_form_of_output(control: FakeControl, scenario: str, tmp_path: Path) -> None:
    backend = backend_at(control.url)
    wish = replace(WISH, prompt=f"[[fake:{scenario}]]")
    handle = await backend.submit(wish, context_for(backend, wish))
    control.advance(60)
    state, sink = await backend.poll(handle), sink_in(tmp_path)
    assert len(state.outputs) == 1
    check_artifact(await backend.fetch(handle, state.outputs[0], sink), sink)
    await backend.aclose()


async def test_a_cancel_says_what_became_of_it(control: FakeControl) -> None:
    backend = backend_at(control.url)
    handle = await backend.submit(WISH, context_for(backend, WISH))
    assert await backend.cancel(handle) is CancelResult.CANCELLED
    assert (await backend.poll(handle)).raw_status == "canceled"
    late = replace(WISH, prompt="[[fake:cancel_late]]")
    handle = await backend.submit(late, context_for(backend, late))
    assert await backend.cancel(handle) is CancelResult.ASKED
    control.advance(60)
    assert await backend.cancel(handle) is CancelResult.TOO_LATE
    with pytest.raises(BackendError) as caught:
        await backend.cancel(replace(handle, remote_id="unknown"))
    await backend.aclose()
    assert caught.value.kind is Kind.NOT_FOUND


async def test_a_lost_create_with_an_upload_is_found_behind_a_page_of_newer_work(
    control: FakeControl, tmp_path: Path
) -> None:
    backend = backend_at(control.url)
    wish = replace(
        WISH, task=Task.FIRST_FRAME, prompt="Lost. [[fake:drop_after]]", assets=(picture(tmp_path, 400_000),)
    )
    context = context_for(backend, wish)
    with pytest.raises(BackendError):
        await backend.submit(wish, context)
    (lost,) = [job["id"] for job in control.jobs()]
    for number in range(105):
        other = replace(WISH, prompt=f"Another, {number}.")
        await backend.submit(other, context_for(backend, other))
    found = await backend.find(replace(wish, assets=()), context)
    await backend.aclose()
    assert found is not None, "A look-up has the request without its files."
    assert found.remote_id == lost
    lists = [entry for entry in control.requests() if entry["method"] == "GET"]
    assert len(lists) == 2


@pytest.mark.parametrize("scenario", ["drop_after", "drop_after]][[fake:no_input"])
async def test_what_cannot_be_told_apart_is_left_to_a_person(control: FakeControl, scenario: str) -> None:
    backend = backend_at(control.url)
    wish = replace(WISH, prompt=f"Twice. [[fake:{scenario}]]")
    context = context_for(backend, wish)
    for _ in range(1 if "no_input" in scenario else 2):
        with pytest.raises(BackendError):
            await backend.submit(wish, context)
    with pytest.raises(BackendError, match="a person must decide") as caught:
        await backend.find(wish, context)
    assert caught.value.outcome_unknown
    assert caught.value.retry_after is None
    await backend.aclose()


async def test_after_an_hour_inputs_are_gone_and_nobody_can_tell(control: FakeControl) -> None:
    backend = backend_at(control.url)
    wish = replace(WISH, prompt="Lost. [[fake:drop_after]]")
    context = context_for(backend, wish)
    with pytest.raises(BackendError):
        await backend.submit(wish, context)
    control.advance(2 * 3600)
    with pytest.raises(BackendError, match="a person must decide"):
        await backend.find(wish, context)
    other = replace(wish, model="deployments/acme/film-fast")
    later = replace(context, submitted_at=context.submitted_at + timedelta(hours=2))
    with clock.turned(timedelta(hours=3)):
        assert await backend.find(other, later) is None, "What is older is not looked at."
    await backend.aclose()


VECTOR_BODY = b'{"id":"p1","status":"succeeded"}'
VECTOR = {
    "webhook-id": "msg_test_1",
    "webhook-timestamp": "1795392000",
    "webhook-signature": "v1,TYd+TZOeuU9Uqvop4ZD0TmDhW2/FmK987FeAsJvhVuU=",
}


def test_the_fake_signs_as_the_known_vector() -> None:
    assert sign(SECRET, "msg_test_1", "1795392000", VECTOR_BODY) == VECTOR


async def test_the_known_vector_is_accepted_in_its_time_with_the_accounts_own_secret(control: FakeControl) -> None:
    backend = backend_at(control.url, secret="")
    with clock.turned(datetime.fromtimestamp(1795392000, UTC) - clock.now()):
        for _ in range(2):
            hint = await backend.parse_webhook(Delivery("/hooks/x", "attempt=1", VECTOR, VECTOR_BODY))
    await backend.aclose()
    assert (hint.event_id, hint.remote_id, hint.status) == ("msg_test_1", "p1", "succeeded")
    assert [entry["path"] for entry in control.requests()] == ["/v1/webhooks/default/secret"]


async def test_without_any_secret_no_delivery_is_accepted(control: FakeControl) -> None:
    backend = backend_at("http://127.0.0.1:9", secret="")
    with pytest.raises(WebhookRefused, match="set webhook_secret"):
        await backend.parse_webhook(Delivery("/hooks/x", "", VECTOR, VECTOR_BODY))
    await backend.aclose()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the option 'models'"),
        ('options = { models = ["text-or-first-frame"] }', "needs a price"),
    ],
)
def test_a_configuration_without_a_whole_model_says_what_is_missing(text: str, words: str) -> None:
    (config,) = parse_configs(f'[r]\nkind = "replicate"\napi_key = "{KEY}"\n{text}')
    with pytest.raises(ConfigError, match=words):
        ReplicateBackend.from_config(config)


@pytest.mark.parametrize(
    ("options", "words"),
    [('moderation = "NSFW"', "moderation"), ('settle_s = "soon"', "settle_s"), ("prefer = 60", "no option 'prefer'")],
)
def test_a_wrong_option_is_named(options: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        backend_at("http://127.0.0.1:9", options=options)


def test_a_secret_of_another_form_is_refused_at_once() -> None:
    with pytest.raises(ConfigError, match="whsec_"):
        backend_at("http://127.0.0.1:9", secret="plain")
