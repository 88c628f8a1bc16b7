"""One row of the benchmark `psd`: saves a document in this process and prints what that cost."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer
from editor.formats.psd import write_psd

DAB_PX = 512


def main() -> None:
    """Arguments: name of the way, number of layers, side in pixels, perhaps a file to leave."""
    way, count, side = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[4]) if len(sys.argv) > 4 else Path(folder) / "a.psd"
        WAYS[way](scene(2, 64), Path(folder) / "warm.psd")
        layers = scene(count, side)
        costs = [_cost(WAYS[way], layers, path)]
        if way == "ours":
            layers[count // 2] = _painted(layers[count // 2])
            costs.append(_cost(WAYS[way], layers, path))
    print(json.dumps(costs))


def scene(count: int, side: int) -> list[RasterLayer]:
    """A background, and objects that cover a tenth to a half of the canvas, on layers as large.

    Soft shading within sharp shapes, as drawn or generated objects have it.
    """
    layers = []
    for index in range(count):
        coarse = np.random.default_rng(index).integers(0, 256, (24, 24, 4), dtype=np.uint8)
        pixels = np.asarray(
            cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8
        )
        pixels[..., 3] = 255 if index == 0 else _shape(side, index)
        pixels[pixels[..., 3] == 0] = 0
        layer = RasterLayer(name=f"layer {index}", pixels=PixelBuffer.from_array(pixels))
        assert layer.pixels.alpha_box  # measured before, as in a window that shows the layers
        layers.append(layer)
    return layers


def _shape(side: int, index: int) -> np.ndarray:
    alpha = np.zeros((side, side), np.uint8)
    share = 0.1 + 0.4 * (index * 5 % 9) / 8
    radius = side * np.sqrt(share / np.pi)
    axes = round(radius * 1.15), round(radius / 1.15)
    cv2.ellipse(alpha, (side // 2, side // 2), axes, 30 * index, 0, 360, 255, -1, cv2.LINE_AA)
    return alpha


def _painted(layer: RasterLayer) -> RasterLayer:
    """The layer after one dab of a brush of 512 px."""
    width, height = layer.pixels.size
    side = min(DAB_PX, width, height)
    dab = Rect.from_size((width - side) // 2, (height - side) // 2, side, side)
    values = layer.pixels.read(dab).copy()
    cv2.circle(values, (side // 2, side // 2), side // 2, (200, 40, 90, 255), -1)
    return replace(layer, pixels=layer.pixels.with_patch(dab, values))


def _cost(
    save: Callable[[list[RasterLayer], Path], None], layers: list[RasterLayer], path: Path
) -> dict[str, float]:
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before, cpu, wall = _status_mb("VmRSS"), time.process_time(), time.perf_counter()
    save(layers, path)
    return {
        "cpu_s": time.process_time() - cpu,
        "wall_s": time.perf_counter() - wall,
        "memory_mb": _status_mb("VmHWM") - before,
        "file_mb": path.stat().st_size / 2**20,
    }


def _status_mb(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def _ours(layers: list[RasterLayer], path: Path) -> None:
    document = Document(*layers[0].pixels.size, layers)
    write_psd(document, path)


def _ours_compact(layers: list[RasterLayer], path: Path) -> None:
    document = Document(*layers[0].pixels.size, layers)
    write_psd(document, path, compact=True)


def _psd_tools(layers: list[RasterLayer], path: Path) -> None:
    """Its object model, its preview."""
    from PIL import Image
    from psd_tools import PSDImage

    psd = PSDImage.new("RGBA", layers[0].pixels.size)
    for layer in layers:
        psd.create_pixel_layer(Image.fromarray(layer.pixels.array), name=layer.name)
    psd.save(path)


WAYS: dict[str, Callable[[list[RasterLayer], Path], None]] = {
    "ours": _ours,
    "ours_compact": _ours_compact,
    "psd_tools": _psd_tools,
}

if __name__ == "__main__":
    main()
