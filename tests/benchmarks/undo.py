"""Memory and time of undo: brush strokes on a large layer, beside raw tiles and whole layers.

The strokes go through the same command and history as in the window. "Raw tiles" are the tiles
before each stroke as they were; "whole layers" a copy of the layer before each stroke, made in the
same run to compare the time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np

from editor.commands.history import History
from editor.commands.paint_commands import PatchPixels
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer, RgbaArray
from tests.benchmarks.report import Report

SIDE_PX = 4096
STROKES = 100
LENGTH_PX = 400  # of a stroke, without the width of the brush
MB = 1e6

COLUMNS = (
    "case", "undo [MB]", "redo [MB]", "raw tiles [MB]", "whole layers [MB]", "undo [ms]",
    "redo [ms]", "slowest [ms]", "copy of a layer [ms]",
)  # fmt: skip


@dataclass(frozen=True)
class Result:
    """What one case took.

    Attributes:
        undo_mb, redo_mb: Held with all strokes done, and with all undone.
        raw_mb: The tiles before each stroke, as they are.
        undo_ms, redo_ms: Per stroke, thread time of the caller, median.
        slowest_ms: Of all undo and redo steps.
        copy_ms: One copy of the whole layer, median.
    """

    undo_mb: float
    redo_mb: float
    raw_mb: float
    undo_ms: float
    redo_ms: float
    slowest_ms: float
    copy_ms: float


def run(side: int = SIDE_PX, strokes: int = STROKES) -> Report:
    """Two brushes on a noisy layer and on an empty one."""
    rows: list[tuple[str | float, ...]] = []
    ratios: dict[str, float] = {}
    required: dict[str, float] = {}
    for layer_name, least in (("noisy", 2.5), ("empty", 15.0)):
        pixels = photo(side) if layer_name == "noisy" else PixelBuffer.transparent(side, side)
        for width in (64, 512):
            result = measure(pixels, width, strokes)
            whole_mb = strokes * side * side * 4 / MB
            case = f"{width} px, {layer_name}"
            rows.append(
                (case, result.undo_mb, result.redo_mb, result.raw_mb, whole_mb, result.undo_ms,
                 result.redo_ms, result.slowest_ms, result.copy_ms)
            )  # fmt: skip
            ratios[f"raw tiles / ours, {case}"] = result.raw_mb / result.undo_mb
            ratios[f"whole layers / ours, {case}"] = whole_mb / result.undo_mb
            ratios[f"copy of a layer / undo, {case}"] = result.copy_ms / result.undo_ms
            required[f"raw tiles / ours, {case}"] = least
    note = (
        f"{strokes} strokes on a layer of {side} x {side} px; undo-all gave the first document's "
        "hash, redo-all the last, in every case. Times are those of the calling thread."
    )
    return Report("undo", COLUMNS, rows, ratios, required=required, notes=(note,))


def measure(pixels: PixelBuffer, width: int, strokes: int) -> Result:
    """Paint, undo all, redo all; raises AssertionError when a document differs."""
    layer = RasterLayer(pixels=pixels, name="painted")
    document = Document(*pixels.size, (layer,))
    history = History(document, budget_bytes=1 << 40)
    rng = np.random.default_rng(width)
    first, raw_bytes = document.state_hash(), 0
    for _ in range(strokes):
        before = document.raster(layer.layer_id).pixels
        rect, stroke = painted(before, width, rng)
        history.push(PatchPixels(layer.layer_id, rect, stroke))
        changed = document.raster(layer.layer_id).pixels.changed_tiles(before)
        raw_bytes += sum(before.tiles.rect_of(cell).area * 4 for cell in changed)
    last = document.state_hash()
    history.finish_packing()
    undo_bytes = history.byte_size
    undo = timed(history.undo, strokes)
    assert document.state_hash() == first, "undo-all did not give the first document"
    history.finish_packing()
    redo_bytes = history.byte_size
    redo = timed(history.redo, strokes)
    assert document.state_hash() == last, "redo-all did not give the last document"
    history.finish_packing()
    dense = np.ones((pixels.height, pixels.width, 4), np.uint8)
    return Result(
        undo_bytes / MB,
        redo_bytes / MB,
        raw_bytes / MB,
        median(undo),
        median(redo),
        max(undo + redo),
        median(timed(dense.copy, 5)),
    )


def timed(call: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of this thread per call."""
    result = []
    for _ in range(times):
        start = time.thread_time()
        call()
        result.append((time.thread_time() - start) * 1000)
    return result


def painted(pixels: PixelBuffer, width: int, rng: np.random.Generator) -> tuple[Rect, RgbaArray]:
    """A soft stroke of a round brush at a random place: where, and the pixels afterwards."""
    start = rng.integers(0, pixels.width, 2)
    turns = rng.uniform(-1, 1, (4, 2)).cumsum(0)
    path = np.vstack([start, start + turns * LENGTH_PX / 2]).astype(int)
    margin = width // 2 + 2
    rect = Rect(
        int(path[:, 0].min()) - margin,
        int(path[:, 1].min()) - margin,
        int(path[:, 0].max()) + margin,
        int(path[:, 1].max()) + margin,
    ).intersection(pixels.bounds)
    coverage = np.zeros((rect.height, rect.width), np.uint8)
    points = (path - (rect.x0, rect.y0)).astype(np.int32)
    cv2.polylines(coverage, [points], False, 200, max(1, width * 3 // 4), cv2.LINE_AA)
    blur = width // 8 * 2 + 1
    alpha = cv2.GaussianBlur(coverage, (blur, blur), 0).astype(np.float32)[..., None] / 255
    under = pixels.read(rect).astype(np.float32)
    colour = np.append(rng.integers(0, 256, 3), 255).astype(np.float32)
    # Near enough to painting: straight colours are mixed as if both were opaque.
    mixed = np.where(under[..., 3:] > 0, under + (colour - under) * alpha, colour)
    mixed[..., 3:] = under[..., 3:] + (255 - under[..., 3:]) * alpha
    mixed[(alpha == 0)[..., 0]] = under[(alpha == 0)[..., 0]]
    return rect, np.rint(mixed).astype(np.uint8)


def photo(side: int) -> PixelBuffer:
    """An opaque layer with the structure and the noise of a photograph."""
    rng = np.random.default_rng(1)
    coarse = rng.uniform(0, 255, (side // 64 + 2, side // 64 + 2, 3)).astype(np.float32)
    colour = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    array = np.empty((side, side, 4), np.uint8)
    for y in range(0, side, 256):
        part = colour[y : y + 256]
        noisy = part + rng.normal(0, 6, part.shape).astype(np.float32)
        array[y : y + 256, :, :3] = np.clip(noisy, 0, 255)
    array[..., 3] = 255
    return PixelBuffer.from_array(array, copy=False)
