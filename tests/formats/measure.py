"""Time, memory and size of a PSD export: `python -m tests.formats.measure --layers 10 --side 2048`.

Prints our export beside psd-tools' own default path (its layers, its preview) for the same
pixels. Each runs in a process of its own, so that the peak memory is its own.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from editor.document.document import Document
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer
from editor.formats.psd import read_psd, write_psd

MIB = 1 << 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=10)
    parser.add_argument("--side", type=int, default=2048)
    parser.add_argument("--only", choices=WAYS, help="run one way in this process")
    arguments = parser.parse_args()
    if arguments.only is not None:
        _measure(arguments.only, _document(arguments.layers, arguments.side))
        return 0
    print(f"{arguments.layers} layers of {arguments.side} px square")
    print(f"{'way':12} {'CPU s':>7} {'extra MiB':>10} {'file MiB':>9}")
    for way in WAYS:
        command = [sys.executable, "-m", "tests.formats.measure", "--only", way]
        options = ["--layers", str(arguments.layers), "--side", str(arguments.side)]
        subprocess.run([*command, *options], check=True)
    return 0


def _document(count: int, side: int) -> Document:
    layers = [
        RasterLayer(name=f"layer {index}", pixels=_shaded_ellipse(side, index))
        for index in range(count)
    ]
    return Document(side, side, layers)


def _shaded_ellipse(side: int, seed: int) -> PixelBuffer:
    """Soft shading within a shape that covers half of the layer."""
    coarse = np.random.default_rng(seed).integers(0, 256, (24, 24, 4), dtype=np.uint8)
    pixels = np.asarray(cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)
    alpha = np.zeros((side, side), np.uint8)
    axes = (round(side * 0.45), round(side * 0.35))
    cv2.ellipse(alpha, (side // 2, side // 2), axes, 30 * seed, 0, 360, 255, -1, cv2.LINE_AA)
    pixels[..., 3] = alpha
    pixels[alpha == 0] = 0
    return PixelBuffer.from_array(pixels, copy=False)


def _measure(way: str, document: Document) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.psd"
        memory, cpu = _peak_bytes(), time.process_time()
        WAYS[way](document, path)
        cpu = time.process_time() - cpu
        extra, size = (_peak_bytes() - memory) / MIB, path.stat().st_size / MIB
        print(f"{way:12} {cpu:7.2f} {extra:10.0f} {size:9.1f}", flush=True)
        if way == "ours":
            cpu = time.process_time()
            read_psd(path)
            print(f"{'read again':12} {time.process_time() - cpu:7.2f}", flush=True)


def _ours(document: Document, path: Path) -> None:
    write_psd(document, path)


def _psd_tools(document: Document, path: Path) -> None:
    from PIL import Image
    from psd_tools import PSDImage

    psd = PSDImage.new("RGBA", (document.width, document.height))
    for layer in document.raster_layers():
        psd.create_pixel_layer(Image.fromarray(layer.pixels.array), name=layer.name)
    psd.save(path)


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


WAYS: dict[str, Callable[[Document, Path], None]] = {
    "ours": _ours,
    "psd-tools": _psd_tools,
}

if __name__ == "__main__":
    sys.exit(main())
