"""What a take is called outside."""

from __future__ import annotations

from app.core.text import slug
from app.projects.models import Project
from app.shots.models import Shot
from app.takes.models import Take

_SUFFIXES = {"video/mp4": ".mp4", "video/quicktime": ".mov", "video/webm": ".webm", "video/x-matroska": ".mkv"}


def download_name(project: Project, shot: Shot, take: Take) -> str:
    """Return the file name of a take's original, such as "jingwei-sh0010-take-3.mp4"."""
    return f"{slug(project.title)}-{shot.name.lower()}-take-{take.number}{_SUFFIXES.get(take.content_type, '.mp4')}"
