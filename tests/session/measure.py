"""What autosave and saving cost: `python -m tests.session.measure`.

Ten layers of 2048 px square, photo-like, half covered. The table of `editor/session/README.md`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from editor.commands.history import History
from editor.commands.paint_commands import PatchPixels
from editor.document.compositor import composite
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer
from editor.formats.native import write_native
from editor.formats.png_planes import encode_rgba
from editor.session.autosave_store import AutosaveEntry, AutosaveStore
from editor.session.tile_codec import pack

SIDE_PX = 2048
LAYERS = 10
ROUNDS = 3


def photo(seed: int) -> PixelBuffer:
    """Smooth colours with a little noise; the right half transparent."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:SIDE_PX, :SIDE_PX] / SIDE_PX
    waves = [np.sin(6 * x + seed) + np.cos(5 * y * (1 + c)) for c in range(3)]
    colours = np.stack([127 + 55 * wave for wave in waves], axis=-1)
    noisy = colours + random.integers(-3, 4, colours.shape)
    alpha = np.full((SIDE_PX, SIDE_PX, 1), 255.0)
    alpha[:, SIDE_PX // 2 :] = 0
    return PixelBuffer.from_array(
        np.concatenate([noisy, alpha], axis=-1).clip(0, 255).astype(np.uint8)
    )


def cpu_ms(work: Callable[[], object]) -> float:
    """Processor time of this process, in milliseconds."""
    before = time.process_time()
    work()
    return 1000 * (time.process_time() - before)


def main() -> None:
    """Prints the table."""
    cv2.setNumThreads(1)
    layers = [RasterLayer(pixels=photo(seed), name=f"{seed}") for seed in range(LAYERS)]
    document = Document(SIDE_PX, SIDE_PX, layers)
    history = History(document)
    composite(document, Rect(0, 0, 8, 8))  # compiles the compositor, if it never was
    dab = np.full((64, 64, 4), 200, np.uint8)
    entry = AutosaveEntry(document.document_id, "measured", None)
    rows: list[tuple[str, float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        path, store_path = Path(folder) / "a.layerloom", Path(folder) / "a.sqlite"
        rows.append(("first save", cpu_ms(lambda: write_native(document, path)), size(path)))
        again = replace(document.snapshot(), layers=document.layers)
        rows.append(("save, nothing changed", cpu_ms(lambda: write_native(again, path)), 0))
        history.push(PatchPixels(layers[3].layer_id, Rect(90, 90, 154, 154), dab))
        rows.append(("save, one layer changed", cpu_ms(lambda: write_native(document, path)), 0))
        store = AutosaveStore(store_path)
        first = cpu_ms(lambda: store.keep(document.snapshot(), None))
        rows.append(("autosave made ready", first, size(store_path)))
        strokes = []
        for number in range(20):
            place = Rect.from_size(40 + 37 * number, 60 + 29 * number, 64, 64)
            history.push(PatchPixels(layers[3].layer_id, place, dab))
            strokes.append(cpu_ms(lambda: store.keep(document.snapshot(), entry)))
        store.close()
        rows.append(("autosave after a stroke", float(np.median(strokes)), 0))
    print(f"{LAYERS} layers of {SIDE_PX} px, processor time")
    for name, cost, written in rows:
        print(f"{name:26} {cost:8.1f} ms {f'{written:.1f} MiB' if written else ''}")
    compare_codecs(layers[0].pixels)


def compare_codecs(pixels: PixelBuffer) -> None:
    """A tile as autosave packs it beside the quickest PNG."""
    tiles = [tile for tile in pixels.tiles.stored().values() if tile.pixels is not None]
    arrays = [tile.values for tile in tiles]
    ours = min(cpu_ms(lambda: [pack(tile) for tile in tiles]) for _ in range(ROUNDS))
    png = min(cpu_ms(lambda: [encode_rgba(array) for array in arrays]) for _ in range(ROUNDS))
    packed = sum(len(pack(tile)) for tile in tiles)
    encoded = sum(len(encode_rgba(array)) for array in arrays)
    print(
        f"tiles packed / as PNG: {ours / png:.2f} of the time, {packed / encoded:.2f} of the size"
    )


def size(path: Path) -> float:
    """MiB on the disk, with what SQLite keeps beside its file."""
    return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*")) / 2**20


if __name__ == "__main__":
    main()
