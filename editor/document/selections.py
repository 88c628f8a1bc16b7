"""Selections: masks cut to the canvas, made from shapes, joined, grown, softened and turned round.

A selection is a `Mask` with 0 outside of its stored box, or None where there is none, which means
everything.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from editor.document.geometry import Rect
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.masks import Coverage, CoverageBuffer, Mask, product
from editor.document.shapes import Point, bounds_of, polygon_coverage
from editor.document.tiles import box_of

MAX_FEATHER_PX = 250
MAX_GROWTH_PX = 500
_REACH = 3.0  # a Gaussian is nothing beyond three times its deviation

Distances = npt.NDArray[np.float32]


class SelectionMode(StrEnum):
    """How a new shape meets what is selected."""

    NEW = "new"
    ADD = "add"
    SUBTRACT = "subtract"
    INTERSECT = "intersect"


def selection_mode(
    *, shift: bool, alt: bool, otherwise: SelectionMode = SelectionMode.NEW
) -> SelectionMode:
    """The mode that held keys choose."""
    if shift and alt:
        return SelectionMode.INTERSECT
    if shift:
        return SelectionMode.ADD
    return SelectionMode.SUBTRACT if alt else otherwise


def whole_canvas(canvas: Rect) -> Mask:
    """Everything selected."""
    return Mask(coverage=CoverageBuffer.filled(canvas.width, canvas.height, 255))


def polygon_selection(
    points: Sequence[Point], canvas: Rect, *, feather: float = 0.0, antialias: bool = True
) -> Mask | None:
    """What a closed polygon in document pixels selects; None = no pixel.

    Args:
        feather: Width in pixels over which the edge fades on each side, 0 to 250.
    """
    margin = _feather_reach(feather)
    inside = bounds_of(points).expanded(margin).intersection(canvas.expanded(margin))
    if inside.is_empty:
        return None
    coverage = polygon_coverage(points, inside, antialias=antialias)
    if feather > 0:
        coverage = _blurred(coverage, feather)
    return _stored(coverage, inside, canvas)


def combined(old: Mask | None, new: Mask | None, mode: SelectionMode) -> Mask | None:
    """A selection joined with a new one; None as `old` counts as nothing selected.

    Returns None when no pixel is left.
    """
    if mode is SelectionMode.NEW or (mode is SelectionMode.ADD and old is None):
        return new
    if new is None:
        return None if mode is SelectionMode.INTERSECT else old
    if old is None:
        return None
    if mode is SelectionMode.INTERSECT:
        area = old.shown_box.intersection(new.shown_box)
    else:
        area = old.bounds.union(new.bounds) if mode is SelectionMode.ADD else old.bounds
    if area.is_empty:
        return None
    return _stored(_joined(old.read(area), new.read(area), mode), area, area)


def _joined(old: Coverage, new: Coverage, mode: SelectionMode) -> Coverage:
    if mode is SelectionMode.ADD:
        return np.maximum(old, new)
    if mode is SelectionMode.SUBTRACT:
        return np.minimum(old, 255 - new)
    return np.minimum(old, new)


def inverted(selection: Mask | None, canvas: Rect) -> Mask | None:
    """What was not selected; None when everything was."""
    if selection is None:
        return None
    return _stored(255 - selection.read(canvas), canvas, canvas)


def feathered(selection: Mask, canvas: Rect, width: float) -> Mask | None:
    """The edge faded over `width` pixels on each side; what touches the canvas edge stays there."""
    return _changed(selection, canvas, _feather_reach(width), lambda c: _blurred(c, width))


def grown(selection: Mask, canvas: Rect, by: float) -> Mask | None:
    """The edge (where half is selected) moved out by pixels; a soft edge becomes a hard one."""
    return _changed(selection, canvas, math.ceil(by) + 1, lambda c: _grown(c, by))


def shrunk(selection: Mask, canvas: Rect, by: float) -> Mask | None:
    """The edge moved in by pixels, except where the canvas ends; None when nothing is left."""
    return _changed(selection, canvas, 1, lambda c: _shrunk(c, by))


def bordered(selection: Mask, canvas: Rect, width: float) -> Mask | None:
    """A band of a width around the edge, half of it inside."""

    def band(coverage: Coverage) -> Coverage:
        half = width / 2
        return np.minimum(_grown(coverage, half), 255 - _shrunk(coverage, half))

    return _changed(selection, canvas, math.ceil(width / 2) + 1, band)


def moved(selection: Mask, canvas: Rect, dx: int, dy: int) -> Mask | None:
    """The outline moved by pixels and cut to the canvas; None when it left it."""
    shifted = selection.translated(dx, dy)
    area = shifted.bounds.intersection(canvas)
    return None if area.is_empty else _stored(shifted.read(area), area, canvas)


def alpha_selection(layers: Sequence[Layer], canvas: Rect) -> Mask | None:
    """The alpha of layers (masks applied, opacity not) as a selection; None for nothing."""
    total: Mask | None = None
    for layer in layers:
        total = combined(total, _alpha(layer, canvas), SelectionMode.ADD)
    return total


def _alpha(layer: Layer, canvas: Rect) -> Mask | None:
    if isinstance(layer, GroupLayer):
        found = alpha_selection(layer.children, canvas)
    elif isinstance(layer, RasterLayer) and not (box := layer.opaque_box).is_empty:
        area = box.intersection(canvas)
        if area.is_empty:
            return None
        local = area.translated(-layer.offset[0], -layer.offset[1])
        found = _stored(layer.pixels.read(local)[..., 3], area, canvas)
    else:
        return None
    if found is None or layer.mask is None or not layer.mask.enabled:
        return found
    area = found.bounds
    return _stored(product(found.read(area), layer.mask.read(area)), area, canvas)


def _changed(
    selection: Mask, canvas: Rect, reach: int, change: Callable[[Coverage], Coverage]
) -> Mask | None:
    """Work on the selected box with so much room around as the change may reach."""
    area = selection.shown_box.expanded(reach).intersection(canvas)
    return None if area.is_empty else _stored(change(selection.read(area)), area, canvas)


def _stored(coverage: Coverage, area: Rect, canvas: Rect) -> Mask | None:
    """Values that lie at `area`, cut to the canvas and to the box that holds any; None for none."""
    shown = box_of(coverage)
    if shown.is_empty:
        return None
    kept = shown.translated(area.x0, area.y0).intersection(canvas)
    if kept.is_empty:
        return None
    local = kept.translated(-area.x0, -area.y0)
    part = np.ascontiguousarray(coverage[local.y0 : local.y1, local.x0 : local.x1])
    if not part.any():
        return None
    return Mask(coverage=CoverageBuffer.from_array(part, copy=False), offset=(kept.x0, kept.y0))


def _feather_reach(width: float) -> int:
    return math.ceil(width / 2 * _REACH) if width > 0 else 0


def _blurred(coverage: Coverage, width: float) -> Coverage:
    # The middle nine tenths of the fade then lie within `width` on each side of the edge.
    return cast(
        "Coverage",
        cv2.GaussianBlur(coverage, (0, 0), width / 2, borderType=cv2.BORDER_REPLICATE),
    )


def _grown(coverage: Coverage, by: float) -> Coverage:
    # A pixel beside the edge lies half a pixel from it and is half a pixel deep.
    inside = coverage >= 128
    return _ramp(by - _distance(~inside) + 1) if inside.any() else np.zeros_like(coverage)


def _shrunk(coverage: Coverage, by: float) -> Coverage:
    outside = coverage < 128
    if not outside.any():  # the canvas ends here on all sides
        return coverage
    return _ramp(_distance(~outside) - by)


def _distance(where: npt.NDArray[np.bool_]) -> Distances:
    """Distance in pixels from each place in `where` to the nearest one that is not; else 0."""
    found = cv2.distanceTransform(where.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return cast("Distances", found)


def _ramp(share: Distances) -> Coverage:
    return np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)
