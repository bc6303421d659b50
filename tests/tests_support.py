"""What tests share beside fixtures."""

from __future__ import annotations

PASSWORD = "correct horse battery"
