"""The three-way merge, the prompt and its fingerprint, names, and the derived status."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.scripts.breakdown.model import Angle, DialogueLine, Movement, ShotPlan, Size, SourceRange
from app.shots.merge import merge, plan_values
from app.shots.naming import name_after
from app.shots.prompt import Ingredients, Look, compose, fingerprint, stale_parts
from app.shots.status import Status, derive

PLAN = ShotPlan(
    size=Size.CLOSE,
    angle=Angle.EYE,
    movement=Movement.STATIC,
    duration_frames=60,
    characters=("女娃",),
    action="她摊开手掌，掌心是一枚圆润的白石子。",
    dialogue=(DialogueLine("女娃", "爹，海的那一边有什么？", "仰头"),),
    source=SourceRange(0, 10),
)


def test_what_nobody_touched_follows_the_script():
    before = plan_values(PLAN)
    after = plan_values(replace(PLAN, action="她握紧石子。"))
    merged = merge(before, before, after)
    assert merged.values["action"] == "她握紧石子。"
    assert merged.changed == ("action",)
    assert merged.conflicts == {}


def test_what_a_person_changed_stays_and_the_scripts_value_is_told():
    derived = plan_values(PLAN)
    human = {**derived, "action": "导演写的动作", "size": "ECU"}
    new = plan_values(replace(PLAN, action="编剧的新动作"))
    merged = merge(derived, human, new)
    assert merged.values["action"] == "导演写的动作"
    assert merged.values["size"] == "ECU"
    assert merged.conflicts == {"action": "编剧的新动作"}
    assert merged.changed == ()


def given_for(**more):
    base = Ingredients(
        shot=plan_values(PLAN),
        interior="ext",
        place="东海之滨",
        time_of_day="日",
        looks=[Look("女娃", "十二岁，红衣", "")],
        style="水墨，冷色",
        directions="",
        width=1080,
        height=1920,
        rate="24/1",
        language="zh",
    )
    return replace(base, **more)


def test_the_prompt_holds_place_camera_action_look_and_style():
    prompt = compose(given_for())
    for part in ("外景", "东海之滨", "特写", "白石子", "女娃，十二岁，红衣", "水墨，冷色"):
        assert part in prompt


def test_a_change_names_the_part_it_changed():
    before = fingerprint(given_for())
    assert stale_parts(before, fingerprint(given_for(style="胶片"))) == ["style"]
    assert stale_parts(before, fingerprint(given_for(looks=[Look("女娃", "白衣")]))) == ["bible"]
    assert stale_parts(before, fingerprint(given_for(directions="慢一些"))) == ["directions"]
    longer = plan_values(replace(PLAN, duration_frames=90))
    assert stale_parts(before, fingerprint(given_for(shot=longer))) == ["settings"]
    other = plan_values(replace(PLAN, action="别的动作"))
    assert stale_parts(before, fingerprint(given_for(shot=other))) == ["text"]
    assert stale_parts({}, before) == []


def test_names_are_sparse_and_never_used_twice():
    assert name_after([], None, None) == "SH0010"
    assert name_after(["SH0010"], "SH0010", None) == "SH0020"
    assert name_after(["SH0010", "SH0020"], "SH0010", "SH0020") == "SH0015"
    assert name_after(["SH0010", "SH0011"], "SH0010", "SH0011") == "SH0010A"


def shot(**facts):
    base = {
        "dropped_at": None,
        "job_state": "",
        "stale_parts": [],
        "retake_note": "",
        "circled_take_number": None,
        "newest_take_number": None,
        "undecided_takes": 0,
        "take_count": 0,
    }
    return SimpleNamespace(**{**base, **facts})


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({}, Status.PLANNED),
        ({"job_state": "waiting"}, Status.WAITING),
        ({"job_state": "active", "take_count": 1, "undecided_takes": 1}, Status.GENERATING),
        ({"job_state": "held"}, Status.HELD),
        ({"job_state": "refused"}, Status.FAILED),
        ({"job_state": "unknown"}, Status.UNKNOWN),
        ({"take_count": 1, "undecided_takes": 1}, Status.REVIEW),
        ({"take_count": 1, "circled_take_number": 1}, Status.CIRCLED),
        ({"take_count": 1, "circled_take_number": 1, "stale_parts": ["text"]}, Status.STALE),
        (
            {
                "take_count": 2,
                "circled_take_number": 1,
                "newest_take_number": 2,
                "undecided_takes": 1,
                "stale_parts": ["text"],
            },
            Status.REVIEW,
        ),
        ({"take_count": 1, "retake_note": "slower"}, Status.RETAKE),
        ({"take_count": 1}, Status.RETAKE),
        ({"dropped_at": "now", "job_state": "unknown"}, Status.DROPPED),
    ],
)
def test_the_status_follows_from_the_facts(facts, status):
    assert derive(shot(**facts)) is status
