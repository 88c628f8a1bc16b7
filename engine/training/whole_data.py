"""Batches for the whole-image entry: the layers are given clean, only the whole is noise.

What it must show is known from them, token by token, so it is learned on small windows that are
cut out of the scenes: they cost a fraction of a full canvas and hold as many edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.models.geometry import (
    LATENT_PX,
    TOKEN_PX,
    Box,
    RegionLayout,
    make_layout,
    pack_regions,
)
from engine.training.layer_batches import Batch, CaptionTable, token_box

_WHOLE = 0
_SIDES = (5, 6, 8, 8, 12)  # of a window, in tokens
_FULL_SHARE = 0.1  # full canvases: their text is of what is there, and positions are the product's


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a canvas, in tokens."""

    row: int
    column: int
    rows: int
    columns: int

    @property
    def box(self) -> Box:
        """In model pixels of the canvas."""
        return token_box(self.row, self.column, self.rows, self.columns)


class WholeBatches:
    """Windows of the scenes of a pool (`layered_data.build_scene_pool`)."""

    def __init__(self, pool: dict[str, Any], captions: CaptionTable) -> None:
        self.entries: list[dict[str, Any]] = pool["entries"]
        self.captions = captions

    def draw(self, rng: np.random.Generator, size: int) -> Batch:
        """As many windows of one layout as cost about `size` drawings of 64 tokens, at least 4."""
        entry = self.entries[int(rng.integers(len(self.entries)))]
        window = draw_window(entry["canvas"], entry["boxes"], rng)
        canvas = token_box(0, 0, *entry["canvas"])
        boxes = [canvas, canvas, *entry["boxes"]]
        layout = window_layout(boxes, window)
        count = int(np.clip(round(size * 64 / layout.token_count), 4, len(entry["captions"])))
        picked = rng.choice(len(entry["captions"]), count, replace=False)
        latents = [
            cut(entry["latents"][index][picked].float(), box, window)
            for index, box in enumerate(boxes)
        ]
        made = torch.zeros(layout.token_count)
        made[: layout.token_counts[_WHOLE]] = 1
        text = self.captions.lookup([entry["captions"][i] for i in picked])
        return Batch(pack_regions(latents), text, layout, made / made.mean(), made > 0)


def draw_window(canvas: tuple[int, int], boxes: Sequence[Box], rng: np.random.Generator) -> Window:
    """A window of a canvas of (rows, columns) tokens around a place in one of the boxes.

    Backgrounds are learned at once, so windows with nothing else would be wasted. Now and then it
    is all of the canvas.
    """
    if rng.random() < _FULL_SHARE:
        return Window(0, 0, *canvas)
    box = boxes[int(rng.integers(len(boxes)))]
    sides = [min(int(rng.choice(_SIDES)), side) for side in canvas]
    corners = [
        int(np.clip(rng.integers(part.start, part.stop) - side // 2, 0, whole - side))
        for part, side, whole in zip(box.grid(TOKEN_PX), sides, canvas, strict=True)
    ]
    return Window(*corners, *sides)


def window_layout(boxes: list[Box], window: Window) -> RegionLayout:
    """The layout that is left of boxes in the window, which becomes the canvas."""
    place = window.box
    left = [_shared(box, place) for box in boxes]
    return make_layout(
        place.width, place.height, [part and _moved(part, place.x0, place.y0) for part in left]
    )


def cut(latents: Tensor, box: Box, window: Window) -> Tensor | None:
    """What a window shows of an entry's latents `s 16 h w`, which cover `box`; None = nothing."""
    part = _shared(box, window.box)
    if part is None:
        return None
    rows, columns = _moved(part, box.x0, box.y0).grid(LATENT_PX)
    return latents[:, :, rows, columns]


def _shared(a: Box, b: Box) -> Box | None:
    x0, y0, x1, y1 = max(a.x0, b.x0), max(a.y0, b.y0), min(a.x1, b.x1), min(a.y1, b.y1)
    return Box(x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _moved(box: Box, x0: int, y0: int) -> Box:
    """The box as seen from another corner."""
    return Box(box.x0 - x0, box.y0 - y0, box.x1 - x0, box.y1 - y0)
