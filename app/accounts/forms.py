"""Forms about people."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.accounts.permissions import Role


class _Form(BaseModel):
    model_config = ConfigDict(extra="ignore")


class SignInForm(_Form):
    """Address and password."""

    email: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=256)
    next: str = "/"


class SetUpForm(_Form):
    """The first administrator and their team."""

    name: str = Field(min_length=1, max_length=80)
    email: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=256)
    team: str = Field(min_length=1, max_length=80)


class JoinForm(_Form):
    """Somebody new who follows an invitation."""

    name: str = Field(min_length=1, max_length=80)
    email: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=256)


class NewPasswordForm(_Form):
    """A new password, by a one-time link."""

    password: str = Field(min_length=1, max_length=256)


class ChangePasswordForm(_Form):
    """The old password and the new one."""

    old: str = Field(min_length=1, max_length=256)
    new: str = Field(min_length=1, max_length=256)


class PreferencesForm(_Form):
    """One's own name, language, time zone and theme."""

    name: str = Field(min_length=1, max_length=80)
    locale: Literal["en", "zh"]
    time_zone: str = Field(min_length=1, max_length=64)
    theme: Literal["dark", "light"]


class TokenForm(_Form):
    """A new API token."""

    name: str = Field(min_length=1, max_length=80)
    days: int = Field(default=90, ge=1, le=366)
    scopes: list[str] = Field(min_length=1)


class InviteForm(_Form):
    """An invitation: a role, and a note on whom it is for."""

    role: Role
    note: str = Field(default="", max_length=120)


class RoleForm(_Form):
    """Another role for a member."""

    role: Role
