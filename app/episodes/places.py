"""Where one is, for the top bar: the project, and the episode if there is one."""

from __future__ import annotations

from collections.abc import Mapping

from app.episodes.models import Episode
from app.projects.models import Project
from app.web.nav import Count, Place


def place_of(project: Project, episode: Episode | None = None, counts: Mapping[str, Count] | None = None) -> Place:
    """Return the place a page shows in its top bar."""
    return Place(
        project_id=project.id,
        project_title=project.title,
        episode_id=episode.id if episode else None,
        episode_code=f"E{episode.number:02d}" if episode else "",
        episode_title=episode.title if episode else "",
        counts=counts or {},
    )
