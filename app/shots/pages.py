"""Pages of shots."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
