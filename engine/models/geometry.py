"""Boxes, token grid and latent grid: which part of which canvas every token stands for.

An entry is one canvas of a layout: 0 the whole image, 1 the background, 2.. the objects from bottom
to top. Every entry has its own canvas, but only the tokens inside its box exist (art-plus,
section 1). Inside a batch all samples share one layout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.errors import RequestError
from engine.sentences import sentence

LATENT_PX = 8  # model pixels per latent pixel
TOKEN_PX = 16  # model pixels per token: 2 x 2 latent pixels are packed into one
MAX_ENTRIES = 52  # whole image + background + 50 objects


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in model pixels, half-open: x1 and y1 are exclusive."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        return self.y1 - self.y0

    def grid(self, cell_px: int) -> tuple[slice, slice]:
        """(rows, columns) of this box on a grid of `cell_px`; the box must lie on that grid."""
        return (
            slice(self.y0 // cell_px, self.y1 // cell_px),
            slice(self.x0 // cell_px, self.x1 // cell_px),
        )

    def cells(self, cell_px: int) -> tuple[int, int]:
        """(height, width) in cells of `cell_px`."""
        return self.height // cell_px, self.width // cell_px


def round_outwards(box: Box, width: int, height: int, cell_px: int = TOKEN_PX) -> Box:
    """The smallest box on the grid of `cell_px` that holds `box`, cut at the canvas.

    Args:
        width, height: Canvas in model pixels, multiples of `cell_px`.

    Raises:
        RequestError: The box is empty or has no pixel on the canvas.
    """
    rounded = Box(
        max(0, box.x0 // cell_px * cell_px),
        max(0, box.y0 // cell_px * cell_px),
        min(width, -(-box.x1 // cell_px) * cell_px),
        min(height, -(-box.y1 // cell_px) * cell_px),
    )
    inside = box.x0 < min(box.x1, width) and box.y0 < min(box.y1, height)
    if not inside or rounded.width <= 0 or rounded.height <= 0:
        corners = f"({box.x0}, {box.y0}, {box.x1}, {box.y1})"
        raise RequestError(
            sentence(
                "The box {corners} is empty on the {width} x {height} px canvas; move or "
                "enlarge it.",
                corners=corners,
                width=width,
                height=height,
            )
        )
    return rounded


@dataclass(frozen=True, slots=True)
class RegionLayout:
    """The canvas and the box of every entry, on the token grid. Hashable, so it can key a cache.

    Attributes:
        width, height: Canvas in model pixels, multiples of 16.
        boxes: One per entry; None = the entry has no tokens but keeps its index (layer embedding
            and rotary axis 0 go by the index, not by the rank among the others).
    """

    width: int
    height: int
    boxes: tuple[Box | None, ...]

    @property
    def token_counts(self) -> tuple[int, ...]:
        """Tokens of every entry; 0 where the box is None."""
        counts = []
        for box in self.boxes:
            rows, columns = box.cells(TOKEN_PX) if box else (0, 0)
            counts.append(rows * columns)
        return tuple(counts)

    @property
    def token_count(self) -> int:
        """Image tokens of all entries together; the sigma schedule depends on it."""
        return sum(self.token_counts)


def make_layout(
    width: int,
    height: int,
    boxes: Sequence[Box | None],
    max_entries: int = MAX_ENTRIES,
) -> RegionLayout:
    """Rounds every box outwards to the token grid.

    Raises:
        RequestError: More than `max_entries` entries, a canvas that is no multiple of 16, a box
            with no pixel on the canvas, or no box at all.
    """
    if len(boxes) > max_entries:
        raise RequestError(
            sentence(
                "The layout has {count} entries; this model holds at most {limit}: the "
                "whole image, the background and {objects} objects. Remove some objects.",
                count=len(boxes),
                limit=max_entries,
                objects=max_entries - 2,
            )
        )
    if width <= 0 or height <= 0 or width % TOKEN_PX or height % TOKEN_PX:
        raise RequestError(
            sentence(
                "The canvas is {width} x {height} px; both sides must be multiples of {side}.",
                width=width,
                height=height,
                side=TOKEN_PX,
            )
        )
    rounded = tuple(round_outwards(box, width, height) if box else None for box in boxes)
    if not any(rounded):
        raise RequestError(sentence("The layout has no box; give at least one."))
    return RegionLayout(width, height, rounded)


def token_entries(layout: RegionLayout, device: torch.device | None = None) -> Tensor:
    """Entry index of every token, int64 `n`."""
    counts = torch.tensor(layout.token_counts)
    entries = torch.arange(len(layout.boxes))
    return entries.repeat_interleave(counts, output_size=layout.token_count).to(device)


def position_ids(boxes: Sequence[Box | None], cell_px: int = TOKEN_PX) -> Tensor:
    """(entry, row, column) of every cell of every box, float32 `n 3`, absolute on the canvas.

    Cells are tokens (16 px) for the transformer and latent pixels (8 px) for the transparent
    decoder; entries in order, row-major inside a box.
    """
    parts = []
    for index, box in enumerate(boxes):
        if box is None:
            continue
        rows, columns = box.grid(cell_px)
        grid = torch.cartesian_prod(
            torch.tensor([float(index)]),
            torch.arange(rows.start, rows.stop, dtype=torch.float32),
            torch.arange(columns.start, columns.stop, dtype=torch.float32),
        )
        parts.append(grid)
    return torch.cat(parts)


def pack_latents(latents: Tensor) -> Tensor:
    """Latent pixels to tokens: `b c h w` -> `b h/2*w/2 c*4`, channel order (c, dy, dx)."""
    batch, channels, height, width = latents.shape
    cells = latents.reshape(batch, channels, height // 2, 2, width // 2, 2)
    return cells.permute(0, 2, 4, 1, 3, 5).reshape(batch, -1, channels * 4)


def unpack_latents(tokens: Tensor, rows: int, columns: int) -> Tensor:
    """Inverse of `pack_latents`: `b rows*columns c*4` -> `b c rows*2 columns*2`."""
    batch, _, features = tokens.shape
    cells = tokens.reshape(batch, rows, columns, features // 4, 2, 2)
    return cells.permute(0, 3, 1, 4, 2, 5).reshape(batch, features // 4, rows * 2, columns * 2)


def pack_regions(latents: Sequence[Tensor | None]) -> Tensor:
    """Cropped latents of the entries (`b c h w`, None for null entries) -> `b n c*4`."""
    return torch.cat([pack_latents(entry) for entry in latents if entry is not None], dim=1)


def unpack_regions(tokens: Tensor, layout: RegionLayout) -> list[Tensor | None]:
    """`b n c*4` -> per entry `b c h w` cropped to its box; None for null entries."""
    parts = tokens.split(layout.token_counts, dim=1)
    return [
        unpack_latents(part, *box.cells(TOKEN_PX)) if box else None
        for part, box in zip(parts, layout.boxes, strict=True)
    ]


def crop_latents(canvases: Tensor, layout: RegionLayout) -> list[Tensor | None]:
    """Full latent canvases `b l c H/8 W/8` -> per entry `b c h w` inside its box."""
    crops: list[Tensor | None] = []
    for index, box in enumerate(layout.boxes):
        if box is None:
            crops.append(None)
            continue
        rows, columns = box.grid(LATENT_PX)
        crops.append(canvases[:, index, :, rows, columns])
    return crops


def paste_latents(crops: Sequence[Tensor | None], layout: RegionLayout, fill: Tensor) -> Tensor:
    """Crops `16 h w` back on full canvases.

    Args:
        fill: What lies outside the boxes, `16 H/8 W/8`.

    Returns:
        `l 16 H/8 W/8`; a null entry is all `fill`.
    """
    canvases = fill.expand(len(layout.boxes), *fill.shape).clone()
    for canvas, crop, box in zip(canvases, crops, layout.boxes, strict=True):
        if crop is not None and box is not None:
            rows, columns = box.grid(LATENT_PX)
            canvas[:, rows, columns] = crop
    return canvases
