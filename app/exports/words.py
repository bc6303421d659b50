"""Words that pages use for exports."""

from __future__ import annotations

from typing import Any

from app.core.i18n import _
from app.exports.models import Export


def stage_word(export: Export) -> str:
    """Return what a running export is doing, with its percentage."""
    stages = {"conform": _("Conforming"), "sound": _("Mixing"), "join": _("Joining"), "check": _("Checking")}
    return f"{stages.get(export.stage, _('Starting'))} {round(export.progress * 100)}%"


def export_facts(export: Export) -> list[tuple[str, Any]]:
    """Return what a finished export was measured to be."""
    cut, report = export.cut, export.report
    numerator, denominator = cut["rate"]
    frames = sum(segment["frames"] for segment in cut["segments"])
    facts: list[tuple[str, Any]] = [
        (_("Shots"), len(cut["segments"])),
        (_("Length"), f"{frames * denominator / numerator:.1f} s"),
        (_("Picture"), f"{cut['width']}×{cut['height']}"),
    ]
    loudness = report.get("loudness") or {}
    if isinstance(loudness, dict) and loudness.get("integrated_lufs") is not None:
        facts.append((_("Loudness"), f"{loudness['integrated_lufs']:.1f} LUFS"))
    if cut["dropped"]:
        facts.append((_("Dropped"), ", ".join(one["shot"] for one in cut["dropped"])))
    if cut["missing"]:
        facts.append((_("Without a take"), ", ".join(cut["missing"])))
    return facts
