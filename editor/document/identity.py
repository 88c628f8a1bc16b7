"""Ids of layers and boxes: short random strings, unique in practice."""

from __future__ import annotations

import uuid


def new_id() -> str:
    """16 hexadecimal digits."""
    return uuid.uuid4().hex[:16]
