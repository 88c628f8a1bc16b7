"""Small valid files of every format, which the fuzzer damages."""

from __future__ import annotations

import io
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from psd_tools import PSDImage

from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import GroupLayer, RasterLayer
from editor.document.layout import LayoutBox
from editor.document.masks import CoverageBuffer, Mask
from editor.formats.native import write_native
from editor.formats.psd import write_psd
from tests.formats.sample_documents import generated_layer, noise
from tests.formats.test_psd_import import foreign, invert, soft_mask, solid_fill

_KRITA_STACK = """<?xml version='1.0' encoding='UTF-8'?>
<image w="40" h="30" version="0.0.3" xres="72" yres="72"><stack>
<stack name="group" opacity="0.5" composite-op="svg:multiply" isolation="isolate">
<layer name="inner" src="data/layer1.png" x="3" y="-2" opacity="1" visibility="hidden"/>
</stack>
<layer name="paint" src="data/layer0.png" x="0" y="0" composite-op="krita:subtract"
 edit-locked="true"/></stack></image>"""


@cache
def bases() -> dict[str, bytes]:
    """File name -> content, each a few kilobytes."""
    with tempfile.TemporaryDirectory() as folder:
        paths = _write(Path(folder))
        return {path.name: path.read_bytes() for path in paths}


def _write(folder: Path) -> list[Path]:
    paths = []
    for name in ("ours.psd", "ours.psb"):
        write_psd(_document(), folder / name)
        paths.append(folder / name)
    write_psd(_document(), folder / "compact.psd", compact=True)
    paths.append(folder / "compact.psd")
    for name, change in (("mask", soft_mask), ("fill", solid_fill), ("invert", invert)):
        paths.append(foreign(folder / f"{name}.psd", change))
    others: Any = (("deep", "RGBA", 16), ("light", "RGBA", 32), ("ink", "CMYK", 8))
    for name, mode, depth in others:
        psd = PSDImage.new(mode, (12, 9), depth=depth)
        if depth == 8:
            psd.create_pixel_layer(Image.fromarray(noise(9, 8, 3).array), name="ink")
        else:
            values = np.random.default_rng(4).random((9, 12, 4), np.float32)
            psd.create_pixel_layer_from_array(values, name="deep")
        psd.save(folder / f"{name}.psd")
        paths.append(folder / f"{name}.psd")
    flat = np.random.default_rng(5).integers(0, 256, (9, 12, 3), np.uint8)
    PSDImage.frompil(Image.fromarray(flat)).save(folder / "flat.psd")
    paths.append(folder / "flat.psd")
    write_native(_document(), folder / "ours.layerloom")
    (folder / "theirs.ora").write_bytes(_krita_file())
    return [*paths, folder / "ours.layerloom", folder / "theirs.ora"]


def _document() -> Document:
    mask = Mask(coverage=CoverageBuffer.filled(20, 10, 90), outside=255)
    inner = RasterLayer(name="inner", pixels=noise(12, 10, 1), offset=(-3, 25), clipped=True)
    group = GroupLayer(name="group", children=(inner,), mask=mask)
    apple = generated_layer("apple", (5, 6), "a red apple", 7)
    box = LayoutBox(Rect(2, 3, 30, 20), "apple", "a red apple")
    return Document(40, 30, [apple, group], [box], seed=3)


def _krita_file() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "image/openraster")
        archive.writestr("stack.xml", _KRITA_STACK, zipfile.ZIP_DEFLATED)
        for index in range(2):
            picture = io.BytesIO()
            Image.fromarray(noise(9, 8, index).array).save(picture, "PNG")
            archive.writestr(f"data/layer{index}.png", picture.getvalue(), zipfile.ZIP_DEFLATED)
    return stream.getvalue()
