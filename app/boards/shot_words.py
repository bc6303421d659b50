"""Words the page of a shot uses: sizes, angles, movements, verdicts, history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.core.i18n import _
from app.core.money import Money
from app.jobs.models import Job
from app.jobs.words import job_badge
from app.review.models import Verdict
from app.shots.models import Shot
from app.takes.models import Take
from app.web.status import status_of


def sizes() -> list[tuple[str, str]]:
    """Return the shot sizes with their names, from far to near."""
    return [
        ("ELS", _("Extreme long shot")), ("LS", _("Long shot")), ("FS", _("Full shot")),
        ("MLS", _("Medium long shot")), ("MS", _("Medium shot")), ("MCU", _("Medium close-up")),
        ("CU", _("Close-up")), ("ECU", _("Extreme close-up")), ("INS", _("Insert")),
    ]  # fmt: skip


def angles() -> list[tuple[str, str]]:
    """Return the camera angles with their names."""
    return [
        ("eye", _("Eye level")), ("low", _("Low angle")), ("high", _("High angle")), ("overhead", _("Overhead")),
        ("dutch", _("Dutch angle")), ("pov", _("Point of view")),
    ]  # fmt: skip


def movements() -> list[tuple[str, str]]:
    """Return the camera movements with their names."""
    return [
        ("static", _("Static")), ("push_in", _("Push in")), ("pull_out", _("Pull out")), ("pan_left", _("Pan left")),
        ("pan_right", _("Pan right")), ("tilt_up", _("Tilt up")), ("tilt_down", _("Tilt down")), ("track", _("Track")),
        ("handheld", _("Handheld")), ("crane_up", _("Crane up")),
    ]  # fmt: skip


def reasons() -> list[tuple[str, str]]:
    """Return the reasons for a retake or rejection with their names."""
    return [
        ("face", _("Face")), ("hands", _("Hands")), ("motion", _("Motion")), ("continuity", _("Continuity")),
        ("light", _("Light")), ("text", _("Text in picture")), ("lip_sync", _("Lip sync")), ("other", _("Other")),
    ]  # fmt: skip


def field_name(name: str) -> str:
    """Return the name of a field of a shot."""
    names = {
        "size": _("Shot size"), "angle": _("Angle"), "movement": _("Movement"), "duration_frames": _("Length"),
        "characters": _("Characters"), "action": _("Action"), "dialogue": _("Dialogue"), "card": _("Card"),
        "sound": _("Sound"), "transition_out": _("Transition"), "flashback": _("Flashback"),
    }  # fmt: skip
    return names.get(name, name)


def shown(name: str, value: Any, per_second: float) -> str:
    """Return the value of a field as people read it."""
    if name == "duration_frames":
        return _("%(seconds)s s") % {"seconds": f"{value / per_second:.2f}".rstrip("0").rstrip(".")}
    if name == "dialogue":
        return "\n".join(f"{line['speaker']}: {line['text']}" for line in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(value)
    tables = {"size": sizes, "angle": angles, "movement": movements}
    return dict(tables[name]()).get(str(value), str(value)) if name in tables else str(value)


def part_names(parts: Sequence[str]) -> str:
    """Return what changed since a take was made, in words."""
    names = {
        "text": _("the words"), "bible": _("a character's look"), "style": _("the style"),
        "directions": _("the directions"), "settings": _("size, camera or length"),
        "source": _("the reference picture"),
    }  # fmt: skip
    return ", ".join(names.get(part, part) for part in parts)


def take_status(shot: Shot, take: Take) -> str:
    """Return the state of a take, as ``app.web.status`` names it."""
    if take.id == shot.circled_take_id:
        return "circled"
    return {"rejected": "rejected", "retake": "retake"}.get(take.verdict, "undecided")


def history(verdicts: Sequence[Verdict], jobs: Sequence[Job], with_money: bool) -> list[dict[str, Any]]:
    """Return what happened to a shot for ``ui.story``, newest first: verdicts and wishes for takes."""
    told = [_verdict(each) for each in verdicts] + [_job(each, with_money) for each in jobs]
    return sorted(told, key=lambda item: item["at"], reverse=True)[:200]


def _verdict(verdict: Verdict) -> dict[str, Any]:
    words = {
        "circle": ("circled", _("Circled by %(name)s")), "uncircle": ("undecided", _("Circle undone by %(name)s")),
        "retake": ("retake", _("Retake asked by %(name)s")), "reject": ("rejected", _("Rejected by %(name)s")),
        "reconsider": ("undecided", _("Reconsidered by %(name)s")),
    }  # fmt: skip
    status, title = words.get(verdict.kind, ("info", "%(name)s"))
    names = dict(reasons())
    why = ", ".join(names.get(reason, reason) for reason in verdict.reasons)
    text = " · ".join(part for part in (why, verdict.note) if part)
    return {
        "status": status,
        "title": title % {"name": verdict.reviewer_name},
        "at": verdict.created_at,
        "text": text,
        "style": "datetime",
    }


def _job(job: Job, with_money: bool) -> dict[str, Any]:
    status, text = job_badge(job)
    parts = [job.backend, text or status_of(status).word, "" if job.state == "done" else job.reason]
    if with_money and job.estimate_high_micros:
        parts.append(str(Money(job.estimate_high_micros, job.currency)))
    return {
        "status": status,
        "title": _("Wished by %(name)s") % {"name": job.wished_by_name or "?"},
        "at": job.created_at,
        "text": " · ".join(part for part in parts if part),
        "style": "datetime",
    }
