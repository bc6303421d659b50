"""Scripts: the text of each episode, its named revisions, and what text models propose."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Identified, Touched


class Script(Identified, Touched, Base):
    """The text of one episode, as it was last read from its room; ``version`` grows by one with each other text.

    ``room_seq`` is the last change of the room's log that was read. ``authorship`` tells whose line is whose, as runs
    of [how many lines, user id or None, name].
    """

    __tablename__ = "scripts"
    __table_args__ = (
        Index("ix_scripts_text_trigrams", "text", postgresql_using="gin", postgresql_ops={"text": "gin_trgm_ops"}),
    )

    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id", ondelete="CASCADE"), unique=True)
    text: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    saved_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    saved_by_name: Mapped[str] = mapped_column(default="")
    room_seq: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    authorship: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")


class Revision(Identified, Base):
    """An immutable snapshot of a script: ``named`` by a person, kept ``before`` a deed, or a ``checkpoint`` by itself.

    ``written_by`` saved the text last, ``made_by`` kept it. ``lines_added`` and ``lines_removed`` count the lines that
    differ from the snapshot before.
    """

    __tablename__ = "revisions"
    __table_args__ = (
        UniqueConstraint("script_id", "number"),
        CheckConstraint("kind IN ('named', 'before', 'checkpoint')", name="kind"),
    )

    script_id: Mapped[UUID] = mapped_column(ForeignKey("scripts.id", ondelete="CASCADE"))
    number: Mapped[int]
    name: Mapped[str]
    text: Mapped[str]
    version: Mapped[int]
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    made_by_name: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="named", server_default="named")
    colour: Mapped[str] = mapped_column(default="", server_default="")
    note: Mapped[str] = mapped_column(default="", server_default="")
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    written_by_name: Mapped[str] = mapped_column(default="", server_default="")
    lines_added: Mapped[int] = mapped_column(default=0, server_default="0")
    lines_removed: Mapped[int] = mapped_column(default=0, server_default="0")


class Upload(Identified, Base):
    """A script somebody sent and has not yet decided about: theirs alone, and forgotten when ``expires_at`` is past.

    ``episode_id`` is the episode it is to replace, None for a file with a whole project. ``warnings`` are what was
    doubtful in the file itself, as line, code and message.
    """

    __tablename__ = "uploads"
    __table_args__ = (Index(None, "person_id", "id"), Index(None, "expires_at"))

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    episode_id: Mapped[UUID | None] = mapped_column(ForeignKey("episodes.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    text: Mapped[str]
    warnings: Mapped[list[Any]] = mapped_column(default=list)
    expires_at: Mapped[datetime]


class Proposal(Identified, Touched, Base):
    """What a text model was asked to propose, and what somebody made of it; by itself it changes nothing.

    ``subject_id`` is the script, scene or shot it is about, ``before`` the text that stood there, at code point
    ``place`` of a script. ``question`` is what was asked, whole. ``applied`` holds, by shot, the values from before a
    suggestion was taken over. ``cost_micros`` is what its tries were charged together, in the project's currency.
    """

    __tablename__ = "proposals"
    __table_args__ = (
        CheckConstraint("kind IN ('passage', 'breakdown', 'directions')", name="kind"),
        CheckConstraint("state IN ('asking', 'proposed', 'accepted', 'dismissed', 'refused', 'failed')", name="state"),
        Index(None, "project_id", "id"),
        Index(None, "episode_id", "id"),
        Index(None, "subject_id", "id"),
        Index("ix_proposals_due", "due_at", postgresql_where=text("state = 'asking'")),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id", ondelete="CASCADE"))
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(default="asking")
    wish: Mapped[str]
    instruction: Mapped[str] = mapped_column(default="")
    before: Mapped[str] = mapped_column(default="")
    place: Mapped[int | None]
    question: Mapped[dict[str, Any]] = mapped_column(default=dict)
    answer: Mapped[dict[str, Any]] = mapped_column(default=dict)
    text: Mapped[str] = mapped_column(default="")
    applied: Mapped[dict[str, Any]] = mapped_column(default=dict)
    backend: Mapped[str] = mapped_column(default="")
    model: Mapped[str] = mapped_column(default="")
    cost_micros: Mapped[int] = mapped_column(BigInteger, default=0)
    currency: Mapped[str]
    error_code: Mapped[str] = mapped_column(default="")
    error: Mapped[str] = mapped_column(default="")
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    asked_by_name: Mapped[str] = mapped_column(default="")
    asked_role: Mapped[str] = mapped_column(default="")
    due_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    decided_by_name: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]


class ProposalTry(Identified, Base):
    """One text model asked for one proposal, once: what was set aside for it, and what it was charged.

    The ledger names it by its id. ``actual_micros`` is None until it has ended; the columns ``*ledger*`` are in the
    project's currency at the rate frozen here, None where no rate was needed.
    """

    __tablename__ = "proposal_tries"
    __table_args__ = (UniqueConstraint("proposal_id", "backend"),)

    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("proposals.id", ondelete="CASCADE"))
    backend: Mapped[str]
    model: Mapped[str]
    currency: Mapped[str]
    cap_micros: Mapped[int] = mapped_column(BigInteger)
    actual_micros: Mapped[int | None] = mapped_column(BigInteger)
    rate: Mapped[Decimal | None] = mapped_column(Numeric(20, 10))
    rate_on: Mapped[date | None]
    ledger_currency: Mapped[str | None]
    cap_ledger_micros: Mapped[int | None] = mapped_column(BigInteger)
    actual_ledger_micros: Mapped[int | None] = mapped_column(BigInteger)
    requests: Mapped[int] = mapped_column(default=0)
    tokens_read: Mapped[int] = mapped_column(BigInteger, default=0)
    tokens_written: Mapped[int] = mapped_column(BigInteger, default=0)
    error: Mapped[dict[str, Any]] = mapped_column(default=dict)
    ended_at: Mapped[datetime | None]
