"""What psd-tools' object model and PhotoshopAPI read in a PSD."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from psd_tools import PSDImage
from psd_tools.constants import Resource, Tag

from editor.document.blending import BlendMode
from tests.formats.readers import programs
from tests.formats.readers.reading import Reading, Rgba, Seen, plain_mode


def read_with_psd_tools(path: Path) -> Reading:
    """Its object model, not the low-level records that we write with."""
    psd = PSDImage.open(path)
    layers: list[Seen] = []
    _add(psd, 0, layers)
    resources: Any = psd.image_resources
    merged = psd.topil()
    assert merged is not None
    xmp = resources.get_data(Resource.XMP_METADATA)
    return Reading(
        size=psd.size,
        layers=tuple(layers),
        merged=np.asarray(merged.convert("RGBA")),
        profile_bytes=len(resources.get_data(Resource.ICC_PROFILE)),
        resolution=resources.get_data(Resource.RESOLUTION_INFO).horizontal / 65536,
        document_id=document_id_in(xmp.decode()),
    )


def document_id_in(xmp: str | None) -> str | None:
    """Our document's id in a packet."""
    found = re.search(r'"document_id": "([^"]+)"', (xmp or "").replace("&quot;", '"'))
    return found.group(1) if found else None


def _add(layers: Iterable[Any], depth: int, found: list[Seen]) -> None:
    for layer in layers:
        if layer.is_group():
            _add(layer, depth + 1, found)
        blocks = layer.tagged_blocks
        mode = BlendMode.from_psd_key(layer.blend_mode.value)
        found.append(
            Seen(
                name=layer.name,
                is_group=layer.is_group(),
                depth=depth,
                box=None if layer.is_group() else layer.bbox,
                mode=plain_mode(mode.id) if mode else None,
                opacity=layer.opacity,
                visible=layer.visible,
                locked=bool(blocks.get_data(Tag.PROTECTED_SETTING, 0)),
                clipped=layer.clipping,
                masked=layer.has_mask(),
                expanded=layer.open_folder if layer.is_group() else None,
                number=layer.layer_id,
                pixels=None if layer.is_group() else _pixels(layer),
            )
        )


def _pixels(layer: Any) -> Rgba:
    values = layer.numpy()
    return np.asarray(np.rint(values * 255), np.uint8)


def read_with_photoshop_api(path: Path) -> Reading:
    """In a process of its own, because it may abort."""
    script = Path(__file__).with_name("photoshop_api_script.py")
    surroundings = {**os.environ, "PYTHONPATH": str(programs.PHOTOSHOP_API)}
    done = subprocess.run(
        [sys.executable, str(script), str(path)],
        env=surroundings, capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    content = json.loads(done.stdout.rpartition(b"\n@")[2])
    layers = tuple(
        Seen(**{**layer, "mode": plain_mode(layer["mode"]), "box": _box(layer["box"])})
        for layer in _with_arrays(content["layers"])
    )
    return Reading(
        size=tuple(content["size"]),
        layers=layers,
        profile_bytes=content["profile_bytes"],
        resolution=content["resolution"],
    )


def _box(values: list[int] | None) -> Any:
    return None if values is None else tuple(values)


def _with_arrays(layers: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    for layer in layers:
        raw = layer["pixels"]
        if raw is not None:
            x0, y0, x1, y1 = layer["box"]
            raw = np.frombuffer(bytes.fromhex(raw), np.uint8).reshape(y1 - y0, x1 - x0, 4)
        yield {**layer, "pixels": raw}
