"""The compositor beside two plain ways to lay Normal layers over each other, and its exactness.

Whole: the same float32 formula in numpy on whole pictures, what the tiles replace. Pillow: its
8-bit `alpha_composite` on layers padded to the canvas, opacity worked in beforehand and not timed.
The errors are the largest differences to float64 in 8-bit levels; rounding alone costs 0.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from editor.document.blending import BlendMode
from editor.document.compositor import flatten
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer
from tests.benchmarks.report import Report, median_ratio, processor_seconds
from tests.document.oracle import levels, oracle_composite

ROUNDS = 9


@dataclass(frozen=True)
class _Scene:
    name: str
    document: Document


def run() -> Report:
    """About half a minute on two busy cores."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        return _run([_scene(512, 6), _scene(1024, 10)])
    finally:
        cv2.setNumThreads(threads)


def _run(scenes: list[_Scene]) -> Report:
    rows: list[tuple[str | float, ...]] = []
    ratios = {}
    for scene in scenes:
        padded = [_padded(layer, scene.document.canvas) for layer in _layers(scene)]
        pictures = [Image.fromarray(pixels) for pixels in padded]
        times = processor_seconds(
            {
                "tiles": lambda d=scene.document: flatten(d),  # type: ignore[misc]
                "whole": lambda p=padded: _whole(p),  # type: ignore[misc]
                "Pillow": lambda p=pictures: _pillow(p),  # type: ignore[misc]
            },
            ROUNDS,
        )
        milliseconds = (median(times[name]) * 1e3 for name in ("tiles", "whole", "Pillow"))
        errors = (_error(scene, ours) for ours in (flatten(scene.document), _pillow(pictures)))
        rows.append((scene.name, *milliseconds, *errors))
        ratios[f"whole / tiles, {scene.name}"] = median_ratio(times["whole"], times["tiles"])
        ratios[f"Pillow / tiles, {scene.name}"] = median_ratio(times["Pillow"], times["tiles"])
    return Report(
        name="compositor",
        columns=("scene", "tiles [ms]", "whole [ms]", "Pillow [ms]", "error", "Pillow error"),
        rows=rows,
        ratios=ratios,
        notes=_mode_notes(),
    )


def _scene(side: int, count: int) -> _Scene:
    """An opaque background and objects with soft edges that cover a fifth of the canvas each."""
    rng = np.random.default_rng(side)
    background = _object(rng, side, side)
    background[..., 3] = 255
    layers = [RasterLayer(pixels=PixelBuffer.from_array(background))]
    size = round(side * 0.5)
    for index in range(count - 1):
        x, y = (int(value) for value in rng.integers(0, side - size, 2))
        pixels = PixelBuffer.from_array(_object(rng, size, size))
        layers.append(RasterLayer(pixels=pixels, offset=(x, y), opacity=1.0 if index % 2 else 0.8))
    return _Scene(f"{side} px, {count} layers", Document(side, side, layers))


def _object(rng: np.random.Generator, width: int, height: int) -> npt.NDArray[np.uint8]:
    pixels = rng.integers(0, 256, (height, width, 4), dtype=np.uint8)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    pixels[..., 3] = np.clip((1 - np.hypot(x, y)) * 2000, 0, 255)
    return pixels


def _layers(scene: _Scene) -> tuple[RasterLayer, ...]:
    return scene.document.raster_layers()


def _padded(layer: RasterLayer, canvas: Rect) -> npt.NDArray[np.uint8]:
    pixels = layer.pixels.read(canvas.translated(-layer.offset[0], -layer.offset[1])).copy()
    pixels[..., 3] = np.rint(pixels[..., 3] * layer.opacity)
    return pixels


def _whole(layers: list[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint8]:
    result = np.zeros(layers[0].shape, np.float32)
    for pixels in layers:
        source = pixels.astype(np.float32)
        alpha = source[..., 3:] / np.float32(255)
        source[..., :3] *= alpha
        result = source + result * (1 - alpha)
    alpha = result[..., 3:]
    result[..., :3] /= np.maximum(alpha, 1) / np.float32(255)
    return np.rint(result).astype(np.uint8)


def _pillow(pictures: list[Image.Image]) -> Image.Image:
    result = pictures[0]
    for picture in pictures[1:]:
        result = Image.alpha_composite(result, picture)
    return result


def _error(scene: _Scene, result: npt.NDArray[np.uint8] | Image.Image) -> float:
    colour, alpha = levels(oracle_composite(scene.document.layers, scene.document.canvas))
    exact = np.concatenate((colour, alpha), axis=2)
    return float(np.abs(np.asarray(result) - exact).max())


def _mode_notes() -> list[str]:
    """How much longer one layer takes in other blend modes."""
    base = _layers(_scene(512, 2))
    documents = {
        mode: Document(512, 512, (base[0], _with_mode(base[0], mode)))
        for mode in (
            BlendMode.NORMAL,
            BlendMode.MULTIPLY,
            BlendMode.SOFT_LIGHT,
            BlendMode.LUMINOSITY,
        )
    }
    times = processor_seconds(
        {mode.label: lambda d=document: flatten(d) for mode, document in documents.items()},  # type: ignore[misc]
        ROUNDS,
    )
    normal = times[BlendMode.NORMAL.label]
    texts = [f"{name} {median_ratio(times[name], normal):.2g}" for name in times]
    return [f"Time of two full 512 px layers by the upper one's mode: {', '.join(texts)}."]


def _with_mode(layer: RasterLayer, mode: BlendMode) -> RasterLayer:
    return RasterLayer(pixels=layer.pixels, opacity=0.8, blend_mode=mode)
