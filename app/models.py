"""Every domain's tables, imported for Alembic only."""

from __future__ import annotations

from app.accounts import models as accounts
from app.audit import models as audit
from app.bible import models as bible
from app.core.db import Base
from app.discussion import models as discussion
from app.episodes import models as episodes
from app.events import models as events
from app.exports import models as exports
from app.jobs import models as jobs
from app.money import models as money
from app.projects import models as projects
from app.providers import models as providers
from app.review import models as review
from app.rooms import models as rooms
from app.scenes import models as scenes
from app.scripts import models as scripts
from app.shots import models as shots
from app.takes import models as takes

DOMAINS = (
    accounts, audit, bible, discussion, episodes, events, exports, jobs, money, projects, providers, review, rooms,
    scenes, scripts, shots, takes,
)  # fmt: skip

metadata = Base.metadata
