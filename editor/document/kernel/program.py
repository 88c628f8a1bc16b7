"""A list of compositing instructions for one rectangle, and running it."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
import numpy.typing as npt

from editor.document.geometry import Rect
from editor.document.kernel.layout import (
    A_FIELD,
    FIELDS,
    SCRATCH_PLANES,
    STACK_PLANES,
    WIDTH_PX,
    Op,
)
from editor.document.kernel.machine_code import machine
from editor.document.tiles import Span

Planes = npt.NDArray[np.float32]  # 4 h w
Array = npt.NDArray[Any]


class Program:
    """Instructions for one rectangle, done by `run`.

    It begins with `begin` or `begin_bytes`, for WIDTH_PX columns at most, or with `between`.
    Rectangles given to the methods are in the coordinates of `rect`'s picture and lie inside it.
    """

    def __init__(self, rect: Rect) -> None:
        self.rect = rect
        self._code = array("q")
        self._kept: list[object] = []  # keeps what the addresses point to alive
        self._depth = 0
        self._deepest = 0

    def begin(self, planes: Planes | None = None) -> None:
        """Start with transparency, or with planes (4 h w) of the size of `rect`."""
        self._check_width()
        if planes is None:
            self._add(Op.TRANSPARENT, self.rect)
        else:
            self._add(Op.RESUME, self.rect, planes[0], planes.strides[0])

    def lay(self, planes: Planes, rect: Rect) -> None:
        """Lay accumulated planes (4 h w, of the size of `rect`) over what there is."""
        self._add(Op.LAY, rect, planes[0], planes.strides[0])

    def begin_bytes(self, picture: npt.NDArray[np.uint8]) -> None:
        """Start with premultiplied BGRA8 (h w 4) of the size of `rect`."""
        self._check_width()
        self._add(Op.RESUME_BYTES, self.rect, picture)

    def lay_bytes(self, picture: npt.NDArray[np.uint8]) -> None:
        """Lay premultiplied BGRA8 (h w 4) of the size of `rect` over what there is."""
        self._add(Op.LAY_BYTES, self.rect, picture)

    def between(
        self,
        below: npt.NDArray[np.uint8],
        above: npt.NDArray[np.uint8],
        target: npt.NDArray[np.uint8],
    ) -> None:
        """What `nothing` and `span_between` read and write: premultiplied BGRA8 of any width.

        All three have the size of `rect`.
        """
        self._add(Op.GROUND, self.rect, below)
        self._add(Op.COVER, self.rect, above)
        self._add(Op.TARGET, self.rect, target)

    def nothing(self) -> None:
        """Lay the one picture of `between` over the other."""
        self._add(Op.NOTHING, self.rect)

    def span_between(self, span: Span, x: int, y: int, opacity: int) -> None:
        """Part of a tile (not of one colour) moved by (x, y), in mode Normal between the two."""
        self.span(span, x, y, opacity)
        self._code[-FIELDS] = Op.BETWEEN

    def new_source(self, area: Rect) -> None:
        """Begin a source that will lie in `area`."""
        self._add(Op.SOURCE, area)

    def pixels(self, pixels: npt.NDArray[np.uint8], area: Rect, opacity: int) -> None:
        """Straight RGBA8 (h w 4, of the size of `area`) as part of the source."""
        self._add(Op.PIXELS, area, pixels, opacity)

    def span(self, span: Span, x: int, y: int, opacity: int) -> None:
        """Part of a tile of straight RGBA8 as part of the source, moved by (x, y)."""
        tile, (x0, y0, x1, y1), (left, top) = span
        x, y = x - self.rect.x0, y - self.rect.y0
        box = x0 + x, y0 + y, x1 + x, y1 + y
        if tile.colour is not None:
            rgba = int.from_bytes(tile.colour.tobytes(), "little")
            self._code.extend((Op.COLOUR, 0, 0, *box, opacity, rgba, 0))
            return
        self._kept.append(tile)
        stride = 4 * tile.width
        address = tile.address + top * stride + 4 * left
        self._code.extend((Op.PIXELS, address, stride, *box, opacity, 0, 0))

    def colour(self, rgba: npt.NDArray[np.uint8], area: Rect, opacity: int) -> None:
        """One straight RGBA8 colour in all of `area` as part of the source."""
        self._add(Op.COLOUR, area, None, opacity, int.from_bytes(rgba.tobytes(), "little"))

    def everywhere(self, area: Rect, opacity: int) -> None:
        """A source without colour that is there in all of `area`; for `fade`."""
        self._add(Op.ONES, area, None, opacity)

    def mask(self, coverage: npt.NDArray[np.uint8], area: Rect, outside: int) -> None:
        """Multiply the source by coverage (h w, of the size of `area`), 0 or 255 elsewhere."""
        self._add(Op.MASK, area, coverage, outside)

    def blend(self, mode: int, seed: int) -> None:
        """Lay the source over what there is; `mode` is its place in LAYER_MODES."""
        self._add(Op.BLEND, self.rect, None, mode, seed)

    def store(self, planes: Planes) -> None:
        """Write planes 4 h w of the size of `rect`."""
        self._add(Op.STORE, self.rect, planes[0], planes.strides[0])

    def write(self, pixels: npt.NDArray[np.uint8], *, bgra: bool) -> None:
        """Write h w 4 pixels: straight RGBA8, or premultiplied BGRA8."""
        self._add(Op.BGRA if bgra else Op.RGBA, self.rect, pixels)

    def push(self, area: Rect, *, empty: bool) -> int:
        """Set what there is in `area` aside, and begin there with nothing or with a copy of it.

        Returns a number for the method that brings it back; rows outside `area` skip all between.
        """
        self._depth += 1
        self._deepest = max(self._deepest, self._depth)
        self._add(Op.PUSH_EMPTY if empty else Op.PUSH_COPY, area)
        return len(self._code) - FIELDS

    def clip_to(self, area: Rect) -> None:
        """Make what there is the ground that clipped layers are laid on."""
        self._add(Op.CLIP_TO, area)

    def pop(self, pushed: int, area: Rect, opacity: int, *, clipped: bool = False) -> None:
        """Bring back what was set aside; what was drawn since is the source."""
        self._add(Op.POP_CLIPPED if clipped else Op.POP, area, None, opacity)
        self._end(pushed)

    def fade(self, pushed: int, area: Rect) -> None:
        """Bring back what was set aside, except where the source is (`everywhere`, `mask`)."""
        self._add(Op.FADE, area)
        self._end(pushed)

    def run(self) -> None:
        """Do it all; other threads go on meanwhile."""
        scratch = np.zeros((SCRATCH_PLANES + self._deepest * STACK_PLANES) * WIDTH_PX, np.float32)
        address = scratch.__array_interface__["data"][0]
        machine()(
            self._code.buffer_info()[0],
            len(self._code) // FIELDS,
            address,
            address + SCRATCH_PLANES * WIDTH_PX * 4,
            self.rect.height,
            self.rect.x0,
            self.rect.y0,
        )

    def _check_width(self) -> None:
        if self.rect.width > WIDTH_PX:
            raise ValueError(f"{self.rect.width} columns are more than a row holds ({WIDTH_PX})")

    def _end(self, pushed: int) -> None:
        self._depth -= 1
        self._code[pushed + A_FIELD] = len(self._code) // FIELDS

    def _add(self, op: Op, area: Rect, memory: Array | None = None, a: int = 0, b: int = 0) -> None:
        address = stride = 0
        if memory is not None:
            self._kept.append(memory)
            address, stride = memory.__array_interface__["data"][0], memory.strides[0]
        x, y = self.rect.x0, self.rect.y0
        self._code.extend(
            (op, address, stride, area.x0 - x, area.y0 - y, area.x1 - x, area.y1 - y, a, b, 0)
        )
