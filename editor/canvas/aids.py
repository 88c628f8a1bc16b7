"""What the user has switched on to place things by: guides, boxes, snapping, pixel grid."""

from __future__ import annotations

from dataclasses import dataclass

from editor.tools.snapping import SnapKind


@dataclass(frozen=True, slots=True)
class ViewAids:
    """Choices of the View menu that concern the canvas.

    Attributes:
        guides: Whether guides are drawn and can be moved.
        guides_locked: Whether they are drawn only.
        boxes: Whether layout boxes are in sight with other tools than their own.
        pixel_grid: Whether lines between pixels are drawn from 800 %.
        snap: What pulls; `SnapKind.NONE` while snapping is off.
    """

    guides: bool = True
    guides_locked: bool = False
    boxes: bool = True
    pixel_grid: bool = True
    snap: SnapKind = SnapKind.ALL
