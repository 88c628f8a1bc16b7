"""Single-channel coverage: layer masks and the selection are both a `Mask`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from editor.document.errors import DocumentError
from editor.document.geometry import EMPTY, Rect
from editor.document.pixels import check_size
from editor.translations import mark, tr

Coverage = npt.NDArray[np.uint8]  # h w, 0 = hidden, 255 = shown


class CoverageBuffer:
    """Coverage values that never change; safe to share between layers and threads.

    Local coordinates start at (0, 0). Width and height are at least 1. Equal and hashable by
    content.
    """

    def __init__(self, array: Coverage) -> None:
        self._array = array
        self._array.flags.writeable = False
        self._content_hash: str | None = None

    @classmethod
    def from_array(cls, array: Coverage, *, copy: bool = True) -> CoverageBuffer:
        """Take values of shape h w, dtype uint8.

        With `copy=False` the array is kept and made read-only: the caller hands it over.
        Raises DocumentError for another shape, type or an impossible size.
        """
        if array.dtype != np.uint8 or array.ndim != 2:
            raise DocumentError(
                tr("A mask must be one 8-bit channel."), f"{array.dtype} {array.shape}"
            )
        check_size(array.shape[1], array.shape[0], mark("A mask"))
        if copy or not array.flags.c_contiguous or array.base is not None:
            return cls(array.copy(order="C"))
        return cls(array)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return int(self._array.shape[1]), int(self._array.shape[0])

    @property
    def bounds(self) -> Rect:
        """(0, 0, width, height)."""
        return Rect(0, 0, *self.size)

    @property
    def byte_size(self) -> int:
        """Memory held by the values."""
        return int(self._array.nbytes)

    @property
    def array(self) -> Coverage:
        """All values, h w, read-only."""
        return self._array

    @property
    def content_hash(self) -> str:
        """blake2b-128 of width, height and the bytes, in hex; equal for equal coverage."""
        if self._content_hash is None:
            digest = hashlib.blake2b(digest_size=16)
            digest.update("{}x{}:".format(*self.size).encode())
            digest.update(self._array.data)
            self._content_hash = digest.hexdigest()
        return self._content_hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CoverageBuffer):
            return NotImplemented
        if self is other:
            return True
        return self.size == other.size and self.content_hash == other.content_hash

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def __repr__(self) -> str:
        return "CoverageBuffer({}x{})".format(*self.size)


@dataclass(frozen=True, kw_only=True)
class Mask:
    """Coverage at a place of the document, with one value everywhere else.

    Attributes:
        coverage: Values inside `bounds`.
        offset: (x, y) of the first value in document pixels; may be negative.
        outside: Coverage outside `bounds`, 0 or 255 (as PSD stores it).
        enabled: False = kept but not applied. A selection is always enabled.
    """

    coverage: CoverageBuffer
    offset: tuple[int, int] = (0, 0)
    outside: int = 0
    enabled: bool = True

    def __post_init__(self) -> None:
        if self.outside not in (0, 255):
            raise DocumentError(tr("Outside of its pixels a mask is either 0 or 255."))

    @property
    def bounds(self) -> Rect:
        """Rectangle of the stored values, in document pixels."""
        return self.coverage.bounds.translated(*self.offset)

    def read(self, rect: Rect) -> Coverage:
        """Coverage of a rectangle in document pixels, h w; may be a read-only view."""
        own = self.bounds
        inside = rect.intersection(own)
        view = self.coverage.array[
            inside.y0 - own.y0 : inside.y1 - own.y0, inside.x0 - own.x0 : inside.x1 - own.x0
        ]
        if inside == rect:
            return view
        out = np.full((rect.height, rect.width), self.outside, np.uint8)
        if not inside.is_empty:
            y, x = inside.y0 - rect.y0, inside.x0 - rect.x0
            out[y : y + inside.height, x : x + inside.width] = view
        return out

    @property
    def shown_box(self) -> Rect:
        """Rectangle around the stored values above 0, in document pixels; EMPTY for none."""
        columns = np.flatnonzero(self.coverage.array.max(0))
        if columns.size == 0:
            return EMPTY
        rows = np.flatnonzero(self.coverage.array.max(1))
        box = Rect(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
        return box.translated(*self.offset)
