"""Breakdown: from script text to scenes and shots. Pure: no IO, no database."""

from __future__ import annotations

from app.scripts.breakdown.planner import break_down, plan_script

__all__ = ["break_down", "plan_script"]
