"""Sentences that several tools show."""

from __future__ import annotations

from editor.document.geometry import Rect
from editor.translations import tr


def size_and_place(rect: Rect) -> str:
    """Where a rectangle of document pixels lies."""
    return tr(
        "{width} × {height} px at {x}, {y}.",
        width=rect.width,
        height=rect.height,
        x=rect.x0,
        y=rect.y0,
    )
