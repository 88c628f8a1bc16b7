"""Where the document lies in the widget: scale and origin in device pixels, as plain maths."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from editor.document.geometry import Corners, Rect

MIN_SCALE = 1 / 64
MAX_SCALE = 64.0
SMOOTH_LIMIT = 2.0  # above 200 % single pixels are the subject: nearest neighbour
GRID_LIMIT = 8.0  # from 800 % lines between pixels help more than they hide
MAX_FIT_SCALE = 2.0  # fitting a thumbnail-sized document must not show it as mush
KEEP_VISIBLE_PX = 48  # device pixels of the document that panning never pushes out
ZOOM_STEPS = (
    *(1 / 64, 1 / 48, 1 / 32, 1 / 24, 1 / 16, 1 / 12, 1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 2 / 3),
    *(1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0),
)


@dataclass(frozen=True, slots=True)
class Viewport:
    """The mapping between document pixels and device pixels.

    Attributes:
        width, height: Size of the widget in device pixels.
        document_width, document_height: Size of the document in its own pixels.
        scale: Device pixels per document pixel; 1.0 is 100 %.
        origin_x, origin_y: Device position of the document's top left corner. Whole numbers, so
            that at 100 % each document pixel is exactly one device pixel.
    """

    width: int
    height: int
    document_width: int
    document_height: int
    scale: float = 1.0
    origin_x: int = 0
    origin_y: int = 0

    def to_device(self, x: float, y: float) -> tuple[float, float]:
        """Device position of a document position."""
        return self.origin_x + x * self.scale, self.origin_y + y * self.scale

    def to_document(self, x: float, y: float) -> tuple[float, float]:
        """Document position under a device position; may lie outside the document."""
        return (x - self.origin_x) / self.scale, (y - self.origin_y) / self.scale

    @property
    def mip_level(self) -> int:
        """Level whose pixels are drawn at a scale in (1/2, 1]; 0 when enlarging."""
        return 0 if self.scale > 0.5 else math.floor(-math.log2(self.scale) + 1e-9)

    @property
    def smooth(self) -> bool:
        """Whether tiles are drawn with interpolation."""
        return self.scale <= SMOOTH_LIMIT and self.scale * 2**self.mip_level != 1.0

    @property
    def shows_grid(self) -> bool:
        """Whether the pixel grid is drawn."""
        return self.scale >= GRID_LIMIT

    def document_rect(self) -> Corners:
        """Device rectangle (x0, y0, x1, y1) that the document covers, half-open."""
        x1, y1 = self.to_device(self.document_width, self.document_height)
        return self.origin_x, self.origin_y, round(x1), round(y1)

    def visible_rect(self) -> Corners:
        """Part of the document inside the widget, document pixels, half-open; may be empty."""
        x0, y0 = self.to_document(0, 0)
        x1, y1 = self.to_document(self.width, self.height)
        left, top = max(0, math.floor(x0)), max(0, math.floor(y0))
        right = min(self.document_width, math.ceil(x1))
        bottom = min(self.document_height, math.ceil(y1))
        return left, top, max(left, right), max(top, bottom)

    def part_under(self, x: int, y: int, width: int, height: int) -> Rect:
        """Part of the document of which a device rectangle shows anything."""
        x0, y0 = self.to_document(x, y)
        x1, y1 = self.to_document(x + width, y + height)
        # One more on each side: the edges of tiles are rounded to device pixels.
        around = Rect(math.floor(x0) - 1, math.floor(y0) - 1, math.ceil(x1) + 1, math.ceil(y1) + 1)
        return around.intersection(Rect(0, 0, self.document_width, self.document_height))

    def panned(self, dx: float, dy: float) -> Viewport:
        """Moved by device pixels, but never so far that the document is lost."""
        return _kept_visible(self, self.origin_x + dx, self.origin_y + dy)

    def zoomed(self, scale: float, x: float, y: float) -> Viewport:
        """At another scale, with the document position under device (x, y) kept in place."""
        scale = min(MAX_SCALE, max(MIN_SCALE, scale))
        document_x, document_y = self.to_document(x, y)
        moved = replace(self, scale=scale)
        return _kept_visible(moved, x - document_x * scale, y - document_y * scale)

    def resized(self, width: int, height: int) -> Viewport:
        """For a widget of another size; the document position in the middle stays there."""
        dx, dy = (width - self.width) / 2, (height - self.height) / 2
        moved = replace(self, width=width, height=height)
        return _kept_visible(moved, self.origin_x + dx, self.origin_y + dy)

    def of_size(self, document_width: int, document_height: int) -> Viewport:
        """For a document of another size at the same place."""
        moved = replace(self, document_width=document_width, document_height=document_height)
        return _kept_visible(moved, self.origin_x, self.origin_y)

    def fitted(self, margin: int) -> Viewport:
        """The whole document centred with `margin` device pixels of air around it."""
        across = (self.width - 2 * margin) / self.document_width
        down = (self.height - 2 * margin) / self.document_height
        scale = min(MAX_FIT_SCALE, max(MIN_SCALE, min(across, down)))
        return replace(self, scale=scale).centred()

    def centred(self) -> Viewport:
        """At the same scale with the middle of the document in the middle of the widget."""
        x = (self.width - self.document_width * self.scale) / 2
        y = (self.height - self.document_height * self.scale) / 2
        return replace(self, origin_x=round(x), origin_y=round(y))


def next_step(scale: float, *, larger: bool) -> float:
    """The neighbouring entry of the zoom table; the last one stays the last one."""
    if larger:
        return next((step for step in ZOOM_STEPS if step > scale * 1.001), MAX_SCALE)
    return next((step for step in reversed(ZOOM_STEPS) if step < scale * 0.999), MIN_SCALE)


def _kept_visible(viewport: Viewport, x: float, y: float) -> Viewport:
    across = viewport.document_width * viewport.scale
    down = viewport.document_height * viewport.scale
    keep_x, keep_y = min(KEEP_VISIBLE_PX, across), min(KEEP_VISIBLE_PX, down)
    x = min(viewport.width - keep_x, max(keep_x - across, x))
    y = min(viewport.height - keep_y, max(keep_y - down, y))
    return replace(viewport, origin_x=round(x), origin_y=round(y))
