"""Which parts of the canvas are painted: pieces of a region, what moves, what changed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect
from PySide6.QtGui import QRegion

from editor.canvas import page
from editor.canvas.overlay_style import OverlayStyle
from editor.canvas.overlays import overlay_box, overlay_region
from editor.canvas.viewport import Viewport
from editor.canvas.zoomable import rects_of
from editor.tools.overlay import OverlayItem

_LOOSE = 1.3  # how much more may be painted to paint it in one piece

Overlay = Sequence[OverlayItem]


def pieces_of(region: QRegion) -> list[QRect]:
    """The rectangles to paint for a region: the one around all where little is added by it."""
    rects = rects_of(region)
    around = region.boundingRect()
    inside = sum(rect.width() * rect.height() for rect in rects)
    if len(rects) > 1 and around.width() * around.height() <= _LOOSE * inside:
        return [around]
    return rects


def region_of(parts: Sequence[QRect]) -> QRegion:
    """All parts as one region."""
    region = QRegion()
    for part in parts:
        region = region.united(part)
    return region


def moving_box(overlay: Overlay, viewport: Viewport, style: OverlayStyle) -> QRect | None:
    """Device pixels in which anything lies that moves with the page; None = perhaps everywhere."""
    box = overlay_box(overlay, viewport, style)
    return None if box is None else box.united(page.page_reach(viewport, style))


def moved_part(moving: QRect, dx: int, dy: int, viewport: Viewport) -> QRect:
    """What must be shifted on the screen: where the moving things are, and where they were."""
    view = QRect(0, 0, viewport.width, viewport.height)
    return moving.united(moving.translated(-dx, -dy)).intersected(view)


def touches(moving: QRect | None, parts: Sequence[QRect]) -> bool:
    """Whether anything but the surface around the page lies in these device pixels."""
    return moving is None or any(moving.intersects(part) for part in parts)


def changed_region(
    before: Overlay, after: Overlay, viewport: Viewport, style: OverlayStyle
) -> QRegion:
    """Device pixels of the overlay items that only one of two overlays has."""
    changed = [item for item in (*before, *after) if item not in before or item not in after]
    return overlay_region(changed, viewport, style)
