"""Where the pages of shots are."""

from __future__ import annotations

from app.shots.models import Shot


def shot_path(shot: Shot, tab: str = "") -> str:
    """Return the address of a shot's page, at one of its tabs."""
    path = f"/projects/{shot.project_id}/episodes/{shot.episode_id}/shots/{shot.id}"
    return f"{path}?tab={tab}" if tab else path
