"""What a route under a project demands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Depends, Request

from app.accounts.access import MaybeActor, demand, require_actor
from app.accounts.permissions import PERMISSIONS
from app.accounts.schemas import Actor
from app.projects import service
from app.projects.models import Project
from app.web.database import Transaction


class ProjectAccess:
    """What a route under a project gets: the actor and the project."""

    __slots__ = ("actor", "project")

    def __init__(self, actor: Actor, project: Project) -> None:
        self.actor = actor
        self.project = project

    def may(self, permission: str) -> bool:
        """Tell whether the actor has another permission here, for what a page offers."""
        return self.actor.may(permission, self.project.team_id, self.project.id)

    def demand(self, permission: str) -> None:
        """Raise ``Forbidden`` unless the actor has another permission here."""
        demand(self.actor, permission, self.project.team_id, self.project.id)


class ProjectPermission:
    """A route under ``/projects/{project_id}`` that demands a permission there."""

    def __init__(self, permission: str) -> None:
        if permission not in PERMISSIONS:
            raise ValueError(f"There is no permission {permission}.")
        self.permission = permission

    async def __call__(
        self, request: Request, project_id: UUID, actor: MaybeActor, session: Transaction
    ) -> ProjectAccess:
        """Return actor and project; a project that is not shared with the actor does not exist."""
        person = require_actor(actor)
        project = await service.get(session, person, project_id)
        demand(person, self.permission, project.team_id, project.id)
        access = ProjectAccess(person, project)
        request.state.access = access
        return access


def in_project(permission: str) -> Any:
    """Declare the permission of a route under a project: ``access: Annotated[ProjectAccess, in_project("x.y")]``."""
    return Depends(ProjectPermission(permission))
