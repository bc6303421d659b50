"""Choosing a backend: the reason for every candidate, and the same answer for the same facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.backends.base import GenRequest, ShotFacts, SpokenLine
from app.backends.capabilities import Frame, ModelCaps, Task
from app.core.frames import FrameRate
from app.core.money import Money
from app.jobs.policy import Policy
from app.jobs.route_words import route_words
from app.jobs.routing import Candidate, Verdict, route

TODAY = date(2026, 11, 30)
REQUEST = GenRequest(Task.TEXT, "", "A stone.", duration_frames=120, rate=FrameRate(24), width=1080, height=1920)
CAPS = ModelCaps("one", frozenset({Task.TEXT}), duration_range=(1, 10), duration_step=1, any_frame=True, seed=True)
FINE = replace(CAPS, model="fine", frames=(Frame(1080, 1920),), any_frame=False, native_sound=True, lip_sync=True)
POLICY = Policy(order=("kling", "seedance", "wan"))


def candidate(backend: str, caps: ModelCaps = CAPS, micros: int = 500_000, **more: object) -> Candidate:
    return Candidate(backend, caps, Money(micros, "USD"), **more)  # type: ignore[arg-type]


def verdicts(policy: Policy, *candidates: Candidate, request: GenRequest = REQUEST) -> dict[str, Verdict]:
    found = route(request, candidates, policy, TODAY)
    return {line.backend: line.verdict for line in found.lines}


def test_the_first_that_fits_is_chosen_and_the_others_are_told() -> None:
    found = verdicts(
        POLICY, candidate("wan"), candidate("seedance"), candidate("kling", replace(CAPS, tasks=frozenset()))
    )
    assert found == {"kling": Verdict.TASK, "seedance": Verdict.CHOSEN, "wan": Verdict.FITS}


@pytest.mark.parametrize(
    ("caps", "verdict"),
    [
        (replace(CAPS, retires_on=date(2026, 11, 1)), Verdict.RETIRED),
        (replace(CAPS, tasks=frozenset({Task.FIRST_FRAME})), Verdict.TASK),
        (replace(CAPS, duration_range=(1, 4)), Verdict.DURATION),
        (replace(CAPS, prompt_max=3), Verdict.PROMPT),
        (replace(CAPS, any_frame=False, frames=(Frame(1920, 1080),)), Verdict.SIZE),
        (replace(CAPS, seed=False), Verdict.SEED),
        (CAPS, Verdict.SOUND),
    ],
)
def test_what_a_model_cannot_do_is_said(caps: ModelCaps, verdict: Verdict) -> None:
    policy = Policy(order=("kling",), needs_seed=True, needs_sound=verdict is Verdict.SOUND)
    assert verdicts(policy, candidate("kling", caps)) == {"kling": verdict}


def test_lip_sync_is_needed_only_where_somebody_speaks() -> None:
    policy = Policy(order=("kling",), needs_lip_sync=True)
    speaking = replace(REQUEST, facts=ShotFacts(dialogue=(SpokenLine("女娃", "爹？"),)))
    assert verdicts(policy, candidate("kling"), request=speaking) == {"kling": Verdict.LIP_SYNC}
    assert verdicts(policy, candidate("kling")) == {"kling": Verdict.CHOSEN}


def test_what_may_not_be_asked_is_said() -> None:
    policy = Policy(order=("a", "b", "c", "d", "e", "f"), regions=("cn",), most_per_second=Decimal("0.2"))
    found = verdicts(
        policy,
        candidate("a", region="sg"),
        candidate("b", region="cn", failed=True),
        candidate("c", region="cn", healthy=False),
        Candidate("d", CAPS, None, region="cn"),
        candidate("e", region="cn", micros=1_500_000),
    )
    assert found == {
        "a": Verdict.REGION,
        "b": Verdict.FAILED,
        "c": Verdict.UNHEALTHY,
        "d": Verdict.CURRENCY,
        "e": Verdict.PRICE,
        "f": Verdict.MISSING,
    }


def test_the_cheapest_or_the_finest_is_preferred_when_the_policy_says_so() -> None:
    choices = (candidate("kling", FINE, 900_000), candidate("seedance", FINE, 300_000), candidate("wan", CAPS, 100_000))
    assert verdicts(replace_policy(prefer="price"), *choices)["wan"] is Verdict.CHOSEN
    assert verdicts(replace_policy(prefer="quality"), *choices)["kling"] is Verdict.CHOSEN


def test_one_model_of_a_backend_can_be_named_and_a_task_can_have_an_order_of_its_own() -> None:
    policy = Policy(order=("kling/fine", "wan"), order_by_task={Task.FIRST_FRAME: ("wan",)})
    both = (candidate("kling", CAPS), candidate("kling", FINE), candidate("wan"))
    found = route(REQUEST, both, policy, TODAY)
    assert found.chosen is not None and found.chosen.caps.model == "fine"
    first = replace(REQUEST, task=Task.FIRST_FRAME)
    assert {line.backend for line in route(first, both, policy, TODAY).lines} == {"wan"}


def test_the_reasons_read_as_a_sentence() -> None:
    found = route(
        REQUEST,
        [candidate("wan"), candidate("kling", replace(CAPS, seed=False))],
        replace_policy(needs_seed=True),
        TODAY,
    )
    lines = [line.to_json() for line in found.lines]
    assert route_words(lines) == "seedance: not configured, or not offered; kling: no seed; wan: chosen"


@pytest.mark.parametrize(
    "wrong", [{"order": ()}, {"order": ("",)}, {"most_at_once": 0}, {"most_per_second": -1}, {"x": 1}]
)
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Policy(**{"order": ("kling",), **wrong})  # type: ignore[arg-type]


def replace_policy(**changes: object) -> Policy:
    return Policy.model_validate({**POLICY.model_dump(), **changes})
