"""Layer masks of a PSD: a fifth channel with its own rectangle, value outside and switch."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from math import ceil
from typing import Any

import cv2
import numpy as np
from psd_tools.constants import ChannelID
from psd_tools.psd.layer_and_mask import (
    ChannelDataList,
    ChannelInfo,
    LayerRecord,
    MaskData,
    MaskFlags,
)

from editor.document.geometry import Rect
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import check_size
from editor.document.tiles import box_of
from editor.formats.psd_colors import to_coverage
from editor.formats.psd_planes import Plane, decode_plane

_CHANNEL = ChannelID.USER_LAYER_MASK
MAX_FEATHER_PX = 1000.0  # as far as other programs go


@dataclass(frozen=True)
class StoredMask:
    """A mask as files keep it: cropped to what differs from the value outside.

    Attributes:
        box: In document pixels; EMPTY when the mask is the same everywhere.
        coverage: h w of the box.
    """

    box: Rect
    coverage: Plane
    outside: int
    enabled: bool

    @property
    def fingerprint(self) -> str:
        """Equal for equal masks, in hex."""
        facts = (*self.box.as_tuple(), self.outside, self.enabled)
        digest = hashlib.blake2b(repr(facts).encode(), digest_size=16)
        digest.update(np.ascontiguousarray(self.coverage).tobytes())
        return digest.hexdigest()


def stored_mask(mask: Mask) -> StoredMask:
    """What of a mask is written; cropping what was cropped gives the same."""
    box = mask.shown_box if mask.outside == 0 else _box_below_full(mask)
    return StoredMask(box, mask.read(box), mask.outside, mask.enabled)


def describe_mask(record: LayerRecord, mask: StoredMask) -> None:
    """Say in a record that a mask stands behind its other channels."""
    box = mask.box
    record.mask_data = MaskData(
        top=box.y0,
        left=box.x0,
        bottom=box.y1,
        right=box.x1,
        background_color=mask.outside,
        flags=MaskFlags(mask_disabled=not mask.enabled),
    )
    record.channel_info.append(ChannelInfo(id=_CHANNEL))


def read_mask(
    record: LayerRecord, channels: ChannelDataList, version: int, canvas: Rect, depth: int = 8
) -> Mask | None:
    """The mask of a record as it acts, with its density and feather worked in; None without one.

    A mask that is the same everywhere comes back as large as the canvas, so that it can be
    painted on.

    Raises:
        ValueError: The channel is damaged.
        DocumentError: The mask is too large.
    """
    data = record.mask_data
    place = _acting_channel(record)
    if data is None or place is None:
        return None
    box, background, flags = _acting_box(record, place)
    outside = 255 if background >= 128 else 0
    if box.is_empty:
        coverage, box = CoverageBuffer.filled(canvas.width, canvas.height, outside), canvas
    else:
        check_size(*box.size)
        stored = channels[place]
        plane = decode_plane(stored.data, stored.compression, *box.size, version, depth=depth)
        coverage = CoverageBuffer.from_array(to_coverage(plane))
    mask = Mask(
        coverage=coverage,
        offset=(box.x0, box.y0),
        outside=outside,
        enabled=not flags.mask_disabled,
    )
    return _softened(mask, data, canvas)


def _acting_channel(record: LayerRecord) -> int | None:
    """Place of the channel that is seen: pixel and vector mask together, or the pixel mask."""
    ids = [info.id for info in record.channel_info]
    data = record.mask_data
    if ChannelID.REAL_USER_LAYER_MASK in ids and data is not None and data.real_flags is not None:
        return ids.index(ChannelID.REAL_USER_LAYER_MASK)
    return ids.index(_CHANNEL) if _CHANNEL in ids else None


def _acting_box(record: LayerRecord, place: int) -> tuple[Rect, int, MaskFlags]:
    """(rectangle in document pixels, value outside, flags) of that channel."""
    data: Any = record.mask_data
    if record.channel_info[place].id == ChannelID.REAL_USER_LAYER_MASK:
        sides = (data.real_left, data.real_top, data.real_right, data.real_bottom)
        background, flags = data.real_background_color, data.real_flags
    else:
        sides = (data.left, data.top, data.right, data.bottom)
        background, flags = data.background_color, data.flags
    dx, dy = (record.left, record.top) if flags.pos_relative_to_layer else (0, 0)
    x0, y0, x1, y1 = sides
    return Rect(x0 + dx, y0 + dy, x1 + dx, y1 + dy), background, flags


def _softened(mask: Mask, data: MaskData, canvas: Rect) -> Mask:
    """The mask with its inversion, feather and density, which files describe beside it."""
    if not has_softened_parameters(data):
        return mask
    density, feather = _parameters(data)
    reach = ceil(3 * feather)
    box = mask.bounds.expanded(reach).intersection(canvas.expanded(reach))
    if density < 255 and mask.outside == 0:
        box = box.union(canvas)  # outside of it only 0 and 255 can be kept
    if box.is_empty:
        return mask
    check_size(*box.size)
    values = np.ascontiguousarray(mask.read(box))
    outside = mask.outside
    if data.flags.invert_mask:
        values, outside = 255 - values, 255 - outside
    if feather:
        blurred = cv2.GaussianBlur(values, (0, 0), feather, borderType=cv2.BORDER_REPLICATE)
        values = np.asarray(blurred, np.uint8)
    if density < 255:
        values = (255 - (255 - values.astype(np.uint16)) * density // 255).astype(np.uint8)
    coverage = CoverageBuffer.from_array(np.asarray(values, np.uint8), copy=False)
    return Mask(coverage=coverage, offset=(box.x0, box.y0), outside=outside, enabled=mask.enabled)


def _parameters(data: MaskData) -> tuple[int, float]:
    """(density 0..255, feather in pixels) of the pixel mask."""
    if not data.flags.parameters_applied or data.parameters is None:
        return 255, 0.0
    own = data.parameters
    # Of a vector mask alone, the stored values are its render, without what softens it.
    density = own.vector_mask_density if own.user_mask_density is None else own.user_mask_density
    feather = own.vector_mask_feather if own.user_mask_feather is None else own.user_mask_feather
    feather = 0.0 if feather is None else float(feather)
    usable = 0 < feather <= MAX_FEATHER_PX
    return 255 if density is None else int(density), feather if usable else 0.0


def has_softened_parameters(data: MaskData) -> bool:
    """Whether a density, a feather or an inversion changes the stored values."""
    return bool(data.flags.invert_mask) or _parameters(data) != (255, 0.0)


def has_softened_mask(record: LayerRecord) -> bool:
    """Whether the mask is more than its stored values: changing it changes what is kept."""
    return record.mask_data is not None and has_softened_parameters(record.mask_data)


def _box_below_full(mask: Mask) -> Rect:
    box = box_of(mask.coverage.array < 255)
    return box if box.is_empty else box.translated(*mask.offset)
