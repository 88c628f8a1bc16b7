"""Parts of a tile that changes have overtaken: a few rectangles, as a frozen value."""

from __future__ import annotations

from editor.document.geometry import Rect, union_of

MAX_PARTS = 8  # more are taken together

Parts = tuple[Rect, ...]


def with_part(parts: Parts, part: Rect) -> Parts:
    """Also this part; nothing is said twice."""
    if part.is_empty or any(known.contains(part) for known in parts):
        return parts
    kept = (*(known for known in parts if not part.contains(known)), part)
    return kept if len(kept) <= MAX_PARTS else (union_of(kept),)


def without(parts: Parts, done: Rect) -> Parts:
    """What is left when a part is up to date again."""
    return tuple(piece for part in parts for piece in _pieces(part, done))


def inside(parts: Parts, rect: Rect) -> Rect:
    """The rectangle around what lies inside another one; EMPTY when nothing does."""
    return union_of(part.intersection(rect) for part in parts)


def _pieces(part: Rect, done: Rect) -> Parts:
    """Up to four rectangles that make `part` without `done`."""
    hole = part.intersection(done)
    if hole.is_empty:
        return (part,)
    pieces = (
        Rect(part.x0, part.y0, part.x1, hole.y0),
        Rect(part.x0, hole.y0, hole.x0, hole.y1),
        Rect(hole.x1, hole.y0, part.x1, hole.y1),
        Rect(part.x0, hole.y1, part.x1, part.y1),
    )
    return tuple(piece for piece in pieces if not piece.is_empty)
