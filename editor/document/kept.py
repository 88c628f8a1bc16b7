"""What a document keeps of the PSD it was opened from: a save then changes only what was changed.

Nothing here is drawn. A layer points at its record in the file; the file itself is kept as it was.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum


class KeptFeature(StrEnum):
    """What a layer has beyond what this program edits."""

    TEXT = "text"
    SHAPE = "shape"
    SMART_OBJECT = "smart_object"
    FILL = "fill"
    ADJUSTMENT = "adjustment"
    EFFECTS = "effects"
    MASK = "mask"
    BLENDING = "blending"

    @property
    def is_drawn(self) -> bool:
        """Whether the layer's pixels show it; otherwise the picture lacks it."""
        return self not in (KeptFeature.ADJUSTMENT, KeptFeature.EFFECTS, KeptFeature.BLENDING)


@dataclass(frozen=True, slots=True)
class KeptLayer:
    """Where a layer stands in the kept file, and how it looked when it was opened.

    Attributes:
        file: `KeptFile.digest` of the file that is meant.
        record: Number of its record there, bottom to top, from 0; of a group the upper one.
        lower_record: Number of the record below a group's layers; None for other layers.
        offset: Of the pixels as opened.
        pixel_hash: Of the pixels as opened (`psd_planes.pixel_hash`); empty for a group.
        mask_hash: Of the mask as opened; empty for none.
        features: What the file has beyond pixels, in the order of `KeptFeature`.
    """

    file: str
    record: int
    lower_record: int | None = None
    offset: tuple[int, int] = (0, 0)
    pixel_hash: str = ""
    mask_hash: str = ""
    features: tuple[KeptFeature, ...] = ()


@dataclass(frozen=True)
class KeptFile:
    """A PSD or PSB as it was opened.

    Attributes:
        data: All bytes of it.
        digest: Hash of `data`, in hex.
    """

    data: bytes = field(repr=False)
    digest: str = ""

    def __post_init__(self) -> None:
        if not self.digest:
            digest = hashlib.blake2b(self.data, digest_size=16).hexdigest()
            object.__setattr__(self, "digest", digest)
