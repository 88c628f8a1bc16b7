"""Painting a whole area at once, tile by tile: what fills and gradients do."""

from __future__ import annotations

from collections.abc import Callable

from editor.document.geometry import EMPTY, Rect
from editor.document.masks import Coverage, Mask
from editor.document.tiles import Cell, Values
from editor.painting.ground import Buffer, Ground, limited
from editor.painting.ink import Ink

CoverageOf = Callable[[Rect], Coverage]  # of a rectangle of the document
InkOf = Callable[[Rect], Ink]


def painted_area(
    ground: Ground[Buffer],
    rect: Rect,
    coverage_of: CoverageOf,
    ink_of: InkOf,
    selection: Mask | None = None,
) -> tuple[Ground[Buffer], Rect]:
    """The ground with an ink laid over a rectangle of the document, and what was touched.

    Tiles that nothing covers stay the same objects.
    """
    if selection is not None and selection.outside == 0:
        rect = rect.intersection(selection.bounds)
    parts: dict[Cell, tuple[Rect, Values]] = {}
    touched = EMPTY
    for cell, part in ground.cells(rect):
        coverage = limited(coverage_of(part), part, selection)
        if coverage.any():
            parts[cell] = part, ink_of(part).applied(ground.read(part), coverage)
            touched = touched.union(part)
    return (ground.with_parts(parts) if parts else ground), touched
