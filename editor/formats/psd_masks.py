"""Layer masks of a PSD: a fifth channel with its own rectangle, value outside and switch."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

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
from editor.formats.psd_planes import Plane, decode_plane

_CHANNEL = ChannelID.USER_LAYER_MASK


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
    record: LayerRecord, channels: ChannelDataList, version: int, canvas: Rect
) -> Mask | None:
    """The mask of a record; None when it has none.

    A mask that is the same everywhere comes back as large as the canvas, so that it can be
    painted on.

    Raises:
        ValueError: The channel is damaged.
        DocumentError: The mask is too large.
    """
    data = record.mask_data
    places = [index for index, info in enumerate(record.channel_info) if info.id == _CHANNEL]
    if data is None or not places:
        return None
    if data.flags.pos_relative_to_layer:
        dx, dy = record.left, record.top
    else:
        dx, dy = 0, 0
    outside = 255 if data.background_color >= 128 else 0
    box = Rect(data.left + dx, data.top + dy, data.right + dx, data.bottom + dy)
    if box.is_empty:
        coverage, box = CoverageBuffer.filled(canvas.width, canvas.height, outside), canvas
    else:
        check_size(*box.size)
        stored = channels[places[0]]
        plane = decode_plane(stored.data, stored.compression, *box.size, version)
        coverage = CoverageBuffer.from_array(plane)
    return Mask(
        coverage=coverage,
        offset=(box.x0, box.y0),
        outside=outside,
        enabled=not data.flags.mask_disabled,
    )


def has_softened_mask(record: LayerRecord) -> bool:
    """Whether a mask is changed by a density, a feather or an inversion, which we do not keep."""
    data = record.mask_data
    if data is None:
        return False
    if data.flags.invert_mask:
        return True
    if not data.flags.parameters_applied or data.parameters is None:
        return False
    density, feather = data.parameters.user_mask_density, data.parameters.user_mask_feather
    return density not in (None, 255) or bool(feather)


def _box_below_full(mask: Mask) -> Rect:
    box = box_of(mask.coverage.array < 255)
    return box if box.is_empty else box.translated(*mask.offset)
