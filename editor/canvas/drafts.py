"""Drafts: one picture of what a change touched, made within a frame, until the exact tiles come."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from editor.document.geometry import Rect

Bgra = npt.NDArray[np.uint8]  # h w 4, premultiplied

_APRON = 1  # pixels around the part, so that smooth scaling sees its neighbours


class DraftSource(Protocol):
    """Makes drafts of one snapshot. Runs in the worker thread."""

    @property
    def edited(self) -> tuple[str, ...]:
        """Names what is drawn anew in each frame, as far as costs go."""

    def layers_per_frame(self, level: int, view: Rect) -> int:
        """How many layers must be drawn for each draft of a view in level pixels."""

    def prepare(self, level: int, view: Rect) -> None:
        """Do beforehand what makes drafts quick."""

    def draft(
        self, level: int, rect: Rect, view: Rect, *, coarse: bool = False
    ) -> tuple[Bgra, bool]:
        """The picture in a rectangle of a level's pixels, and whether it is surely opaque.

        Args:
            view: What is looked at of the level; later drafts will lie in it.
            coarse: What is edited may lie a quarter of the level's pixel aside.
        """


@dataclass(frozen=True, slots=True)
class DraftOrder:
    """A wanted draft.

    Attributes:
        level: Mip level of the screen.
        part: What to show, in pixels of that level.
        view: What is looked at, in pixels of that level; holds `part`.
        bounds: The whole page in pixels of that level.
        drop: How many levels coarser it is to be made.
    """

    level: int
    part: Rect
    view: Rect
    bounds: Rect
    drop: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A finished draft.

    Attributes:
        part: What it is to show, in level pixels.
        rect: What `pixels` cover in level pixels, at least `part`.
        pixels: (h, w, 4) premultiplied BGRA bytes; never written again.
        opaque: Whether every pixel has full alpha.
        generation: Number of the snapshot it was made from.
        drop: How many levels coarser than `level` it was made.
        seconds: Processor time that compositing it took, at its own level.
    """

    level: int
    part: Rect
    rect: Rect
    pixels: Bgra
    opaque: bool
    generation: int
    drop: int
    seconds: float = 0.0

    @property
    def made_area(self) -> int:
        """Pixels that were composited."""
        return self.rect.area >> 2 * self.drop


def make_draft(source: DraftSource, order: DraftOrder, generation: int) -> Draft:
    """Make what an order asks for, enlarged to the level of the screen.

    `seconds` of the result is the processor time of the picture itself.
    """
    scale = 1 << order.drop
    wanted = order.part.expanded(_APRON).intersection(order.bounds)
    rect = coarse_rect(wanted, order.drop)
    if order.drop:
        # Interpolation looks at the neighbours.
        rect = rect.expanded(1).intersection(coarse_rect(order.bounds, order.drop))
    level, view = order.level + order.drop, coarse_rect(order.view, order.drop)
    source.prepare(level, view)  # what is kept for later frames does not count for this one
    started = time.thread_time()
    pixels, opaque = source.draft(level, rect, view, coarse=order.drop > 0)
    seconds = time.thread_time() - started
    if order.drop:
        size = rect.width * scale, rect.height * scale
        enlarged = cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR)
        pixels = np.asarray(enlarged, np.uint8)
        rect = Rect(rect.x0 * scale, rect.y0 * scale, rect.x1 * scale, rect.y1 * scale)
    return Draft(order.level, order.part, rect, pixels, opaque, generation, order.drop, seconds)


def coarse_rect(rect: Rect, drop: int) -> Rect:
    """The pixels `drop` levels coarser that a rectangle of level pixels touches."""
    return Rect(rect.x0 >> drop, rect.y0 >> drop, -(-rect.x1 >> drop), -(-rect.y1 >> drop))
