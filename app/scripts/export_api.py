"""JSON API of exports: the script of an episode as a file, the scripts of a season as an archive."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.scripts import export_pages

router = APIRouter(tags=["Scripts"])
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {"application/octet-stream": {}}}
}
router.add_api_route(
    "/projects/{project_id}/episodes/{episode_id}/script/export",
    export_pages.export_script,
    methods=["GET"],
    responses=_FILE,
    response_class=Response,
)
router.add_api_route(
    "/projects/{project_id}/scripts/export",
    export_pages.season_archive,
    methods=["GET"],
    responses=_FILE,
    response_class=Response,
)
