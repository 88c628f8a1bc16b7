"""What one step of a brush costs on a large layer, beside the time that a frame has.

The brush tool is fed as the canvas feeds it, with one position for each step; measured is the
thread time until it has answered with the picture to show. The release lands the stroke.
"""

from __future__ import annotations

import time
from statistics import median

import numpy as np

from editor.commands.history import History
from editor.document.document import Document
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer
from editor.painting.brush import Brush
from editor.tools.brush_tool import BrushTool
from editor.tools.colors import PaintColors
from editor.tools.events import Pointer
from tests.benchmarks.report import Report

SIDE_PX = 4096
STEPS = 60
STEP_PX = (40, 20)
FRAME_MS = 1000 / 60
COLUMNS = ("brush", "a step [ms]", "slowest step [ms]", "release [ms]")


def run(side: int = SIDE_PX, steps: int = STEPS) -> Report:
    """Small, large and very large brushes, hard and soft."""
    noise = np.random.default_rng(1).integers(0, 255, (side, side, 4), np.uint8)
    layer = RasterLayer(name="noise", layer_id="noise", pixels=PixelBuffer.from_array(noise))
    rows: list[tuple[str | float, ...]] = []
    ratios: dict[str, float] = {}
    for size in (8, 64, 512):
        for hardness in (1.0, 0.3):
            times, release = _stroke(layer, side, steps, Brush(size=size, hardness=hardness))
            name = f"{size} px, {hardness:.0%} hard"
            rows.append((name, median(times), max(times), release))
            ratios[f"frame of 60 Hz / step, {name}"] = FRAME_MS / median(times)
    note = f"Steps of {round(np.hypot(*STEP_PX))} px on a noisy layer of {side} x {side} px."
    return Report("strokes", COLUMNS, rows, ratios, notes=(note,))


def _stroke(layer: RasterLayer, side: int, steps: int, brush: Brush) -> tuple[list[float], float]:
    """Milliseconds of each step, and of the release with its command."""
    history = History(Document(side, side, (layer,)))
    history.document.select([layer.layer_id])
    tool = BrushTool(PaintColors(), brush)
    start = side // 8
    tool.press(history.document, Pointer(start, start))
    times = []
    for step in range(1, steps + 1):
        pointer = Pointer(start + step * STEP_PX[0], start + step * STEP_PX[1])
        began = time.thread_time()
        tool.moves(history.document, (pointer,))
        times.append((time.thread_time() - began) * 1e3)
    began = time.thread_time()
    for command in tool.release(history.document, pointer).commands:
        history.push(command)
    return times, (time.thread_time() - began) * 1e3
