"""Prints what PhotoshopAPI reads in a PSD as JSON behind a line break and @; run by itself."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import photoshopapi


def main() -> None:
    file = photoshopapi.LayeredFile.read(Path(sys.argv[1]))
    layers: list[dict[str, Any]] = []
    add(file.layers, 0, layers)
    content = {
        "size": [file.width, file.height],
        "resolution": file.dpi,
        "profile_bytes": int(np.asarray(file.icc).size),
        "layers": layers,
    }
    sys.stdout.write("\n@" + json.dumps(content))


def add(layers: Iterable[Any], depth: int, found: list[dict[str, Any]]) -> None:
    """Its lists are top to bottom."""
    for layer in reversed(list(layers)):
        is_group = hasattr(layer, "layers")
        if is_group:
            add(layer.layers, depth + 1, found)
        x0, y0 = round(layer.center_x - layer.width / 2), round(layer.center_y - layer.height / 2)
        box = None if is_group else [x0, y0, x0 + int(layer.width), y0 + int(layer.height)]
        found.append(
            {
                "name": layer.name.rstrip("\0"),
                "is_group": is_group,
                "depth": depth,
                "box": box,
                "mode": layer.blend_mode.name,
                "opacity": round(layer.opacity * 255),
                "visible": layer.is_visible,
                "locked": layer.is_locked,
                "clipped": layer.clipping_mask,
                "masked": layer.has_mask(),
                "expanded": not layer.is_collapsed if hasattr(layer, "is_collapsed") else None,
                "pixels": None if is_group else pixels(layer),
            }
        )


def pixels(layer: Any) -> str:
    channels = layer.get_image_data()
    planes = [np.asarray(channels[index], np.uint8) for index in (0, 1, 2, -1)]
    return np.dstack(planes).tobytes().hex()


if __name__ == "__main__":
    main()
