"""How a decoded drawing lies in the box that was drawn for it: what can be seen fills the box.

A model draws in boxes of its own shapes and leaves air around what it draws; a person who drew a
box means the object. So the drawing is enlarged until it touches the box, and where its shape is
far from the box's, stretched a little.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from torch import Tensor

from engine.errors import RequestError
from engine.pipelines.clean_drawing import clean_drawing
from engine.pipelines.document_pixels import object_pixels, object_plane, part_of
from engine.pipelines.soft_effects import ADDED, SoftParts, laid_over, soft_parts
from engine.prompts.captions import EFFECTS
from engine.requests import Corners, LayerPixels, LayerRequest, LayoutRequest, RgbaArray
from engine.sentences import sentence

SEEN = 64 / 255  # alpha from which a pixel belongs to the object, not to its shadow or glow
_SOFT = 2 / 255  # alpha that may not be cut off
MAX_ZOOM = 1.6  # beyond what the model drew; a smaller drawing is a failed one
MAX_STRETCH = 1.15  # of one side against the other
CLEAN_STYLES = ("flat", "outlined")  # whose art consists of flat colours
_FILLED = 0.75  # share of the box's area that is worth a stretch


class Fit(StrEnum):
    """Where a drawing goes in its box; the value stands in records."""

    CONTAINED = ""  # as it was decoded, its frame inside the box: records of older versions
    FILLED = "filled"  # what can be seen of it fills the box
    CLEANED = "cleaned"  # that, with even fills: records of older versions
    CURVED = "curved"  # that, with smooth curves for borders
    KEPT = "kept"  # where the pixels were that it was refined from


def fit_of(request: LayoutRequest | LayerRequest, style: str) -> Fit:
    """What a new drawing of this job gets: a refined one stays where and as it is.

    Args:
        style: That the drawing is made in.
    """
    if isinstance(request, LayerRequest) and request.start and request.strength is not None:
        return Fit.KEPT
    return Fit.CURVED if style in CLEAN_STYLES else Fit.FILLED


def fit_named(name: str) -> Fit:
    """The fit of a record.

    Raises:
        RequestError: This version does not know it.
    """
    try:
        return Fit(name)
    except ValueError as error:
        raise _unknown(f"fit {name!r}") from error


def softened_named(name: str) -> str:
    """The effect that was made smooth in the drawing of a record, or added; empty = none.

    Raises:
        RequestError: This version does not know it.
    """
    if name and name not in (*EFFECTS, *ADDED):
        raise _unknown(f"softened {name!r}")
    return name


def _unknown(detail: str) -> RequestError:
    return RequestError(sentence("The record does not say enough to make the layer again."), detail)


def softened_by(fit: Fit, effect: str, *, drawn: bool) -> str:
    """The effect that `placed_pixels` is to make smooth in a new drawing or to add; empty = none.

    Args:
        effect: That was asked for, one of `engine.prompts.captions.EFFECTS` or empty.
        drawn: Whether the drawing was made with it.
    """
    if not effect or fit not in (Fit.FILLED, Fit.CURVED):
        return ""
    return effect if drawn else ADDED[EFFECTS.index(effect)]


def placed_pixels(
    decoded: Tensor, asked: Corners, rect: Corners, fit: Fit, softened: str = ""
) -> RgbaArray:
    """A drawing in its place inside the asked box.

    Args:
        decoded: Straight RGBA in [0, 1], `4 H W`.
        asked: Box of the layer in document pixels.
        rect: What the drawing's frame covers in document pixels, before it is fitted.
        softened: Effect that is made smooth or added, as `softened_by` says; empty = none.

    Returns:
        Straight RGBA of the asked box; transparent pixels are (0, 0, 0, 0).
    """
    if fit is Fit.CONTAINED:
        return object_pixels(decoded, asked, rect)
    parts = soft_parts(decoded, softened)
    if parts is not None:
        return _with_halo(parts, asked, rect, fit)
    decoded = _cleaned(decoded, fit)
    filling = None if fit is Fit.KEPT else filling_of(decoded[3], asked, rect)
    if filling is None:
        return object_pixels(decoded, asked, rect, crisp=True)
    x0, y0, x1, y1 = filling.source
    return object_pixels(decoded[:, y0:y1, x0:x1], asked, filling.target, crisp=True)


def _cleaned(decoded: Tensor, fit: Fit) -> Tensor:
    if fit not in (Fit.CLEANED, Fit.CURVED):
        return decoded
    return clean_drawing(decoded, curves=fit is Fit.CURVED)


def _with_halo(parts: SoftParts, asked: Corners, rect: Corners, fit: Fit) -> RgbaArray:
    """A drawing over its halo, both in the place that they need together."""
    drawing = _cleaned(parts.drawing, fit)
    rect = _wider(rect, parts)
    alpha = drawing[3] + parts.halo * (1 - drawing[3])
    filling = filling_of(drawing[3], asked, rect, alpha)
    if filling is None:
        return object_pixels(drawing, asked, rect, crisp=True)
    x0, y0, x1, y1 = filling.source
    pixels = object_pixels(drawing[:, y0:y1, x0:x1], asked, filling.target, crisp=True)
    halo = object_plane(parts.halo[y0:y1, x0:x1], asked, filling.target)
    return laid_over(halo, parts.colour, pixels)


def _wider(rect: Corners, parts: SoftParts) -> Corners:
    """What the frame covers after it grew by the margin of the parts."""
    rows, columns = parts.halo.shape
    margins = (
        round(parts.margin * length / (drawn - 2 * parts.margin))
        for length, drawn in zip(_size(rect), (columns, rows), strict=True)
    )
    across, down = margins
    return rect[0] - across, rect[1] - down, rect[2] + across, rect[3] + down


@dataclass(frozen=True, slots=True)
class Filling:
    """Which part of a drawing goes where.

    Attributes:
        source: Corners in decoded pixels of everything that is not clear.
        target: Corners in document pixels, inside the asked box.
    """

    source: Corners
    target: Corners


def filling_of(
    alpha: Tensor, asked: Corners, rect: Corners, with_halo: Tensor | None = None
) -> Filling | None:
    """How a drawing fills the asked box; None = nothing of it can be seen.

    As large as its soft parts allow, which are not cut off, and with what can be seen in the
    middle, as far as they allow that.

    Args:
        alpha: In [0, 1], `H W`.
        rect: What the frame of the drawing covers, in document pixels.
        with_halo: Alpha of the drawing over its halo; None = it has none of its own.
    """
    seen, soft = _corners(alpha, SEEN), _corners(alpha if with_halo is None else with_halo, _SOFT)
    if seen is None or soft is None:
        return None
    frame = (alpha.shape[1], alpha.shape[0])
    # One scale for both sides: rounding of `rect` is not to distort the drawing.
    scale = min(length / drawn for length, drawn in zip(_size(rect), frame, strict=True))
    scales = _scales(_size(seen), _size(soft), _size(asked), scale)
    across = _place(seen[0::2], soft[0::2], asked[0::2], scales[0])
    down = _place(seen[1::2], soft[1::2], asked[1::2], scales[1])
    return Filling(soft, (across[0], down[0], across[1], down[1]))


def _scales(
    seen: tuple[int, int], soft: tuple[int, int], asked: tuple[int, int], scale: float
) -> tuple[float, float]:
    """Document pixels per decoded pixel across and down."""
    largest = [room / length for room, length in zip(asked, soft, strict=True)]
    both = min(*largest, scale * MAX_ZOOM)
    filled = seen[0] * seen[1] * both**2 / (asked[0] * asked[1])
    stretched = both * min(MAX_STRETCH, max(1.0, _FILLED / filled))
    if min(largest) > both:  # a speck, or lost in the box: stretching would not help it
        stretched = both
    return min(largest[0], stretched), min(largest[1], stretched)


def _place(
    seen: tuple[int, ...], soft: tuple[int, ...], asked: tuple[int, ...], scale: float
) -> tuple[int, int]:
    """From and to in document pixels along one side: the seen part centred, the soft one inside."""
    room = asked[1] - asked[0]
    length = max(1, min(room, round((soft[1] - soft[0]) * scale)))
    middle = ((seen[0] + seen[1]) / 2 - soft[0]) * scale
    start = min(max(0, round(room / 2 - middle)), room - length)
    return asked[0] + start, asked[0] + start + length


def is_small(alpha: Tensor) -> bool:
    """Whether a drawing would have to be enlarged by more than `MAX_ZOOM` to reach its frame.

    Args:
        alpha: In [0, 1], `H W`.
    """
    seen = _corners(alpha, SEEN)
    if seen is None:
        return True
    width, height = _size(seen)
    return max(width / alpha.shape[1], height / alpha.shape[0]) * MAX_ZOOM < 1


def frame_around(content: LayerPixels, asked: Corners, rect: Corners) -> Corners:
    """The frame that a layer's present pixels are taken from: `rect`, or more if they need it.

    A fitted drawing reaches beyond the frame it was made in. This has the shape of `rect`.

    Args:
        asked: Box of the layer; pixels outside of it are left out.
        rect: What a new drawing in this box would cover.
    """
    part = torch.from_numpy(np.ascontiguousarray(part_of(content, asked)[..., 3]))
    visible = _corners(part / 255, _SOFT)
    if visible is None:
        return rect
    x0, y0 = min(rect[0], asked[0] + visible[0]), min(rect[1], asked[1] + visible[1])
    x1, y1 = max(rect[2], asked[0] + visible[2]), max(rect[3], asked[1] + visible[3])
    if (x0, y0, x1, y1) == rect:
        return rect
    own_width, own_height = _size(rect)
    growth = max((x1 - x0) / own_width, (y1 - y0) / own_height)
    width, height = (
        max(x1 - x0, round(own_width * growth)),
        max(y1 - y0, round(own_height * growth)),
    )
    left, top = x0 - (width - (x1 - x0)) // 2, y0 - (height - (y1 - y0)) // 2
    return left, top, left + width, top + height


def _corners(alpha: Tensor, above: float) -> Corners | None:
    """Around all pixels with more alpha; None = there is none."""
    mask = alpha > above
    rows, columns = mask.any(1).nonzero(), mask.any(0).nonzero()
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _size(corners: Corners) -> tuple[int, int]:
    return corners[2] - corners[0], corners[3] - corners[1]
