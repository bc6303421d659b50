"""JSON API of episodes."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
