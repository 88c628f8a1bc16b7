"""Reads a folder of PNG pictures back: its manifest, and only files in the folder itself."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from editor.document.blending import BlendMode
from editor.document.color_tags import ColorTag
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.guides import Guide, Orientation
from editor.document.layers import MAX_OFFSET_PX, GroupLayer, Layer, RasterLayer
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer, check_size
from editor.document.state import DocumentState
from editor.formats.errors import FormatError
from editor.formats.files import MANIFEST, OpenedFile, manifest_of
from editor.formats.memory_limit import max_pixel_bytes
from editor.formats.plain_values import MAX_DEPTH
from editor.formats.png_folder import FORMAT, VERSION
from editor.formats.png_planes import PngError, decode_coverage, decode_rgba, read_header
from editor.formats.provenance import restore_record
from editor.formats.psd_planes import pixel_hash
from editor.formats.waiting import Progress, ignore
from editor.translations import mark, tr

_MAX_MANIFEST_BYTES = 64 * 2**20
_MAX_PICTURE_BYTES = 2**30
_MAX_LAYERS = 10_000
_PIXEL_BYTES = 4

Json = dict[str, Any]
Decode = Callable[[bytes], npt.NDArray[np.uint8]]


def read_png_folder(
    path: str | os.PathLike[str], *, progress: Progress | None = None
) -> OpenedFile:
    """Open a folder that `write_png_folder` wrote, by its name or its manifest's.

    Raises FormatError with a sentence that names the folder or the file in it.
    """
    manifest = manifest_of(path)
    if manifest is None or not manifest.is_file():
        raise FormatError(
            tr("{path} holds no {manifest}; choose an exported folder.", path=path,
               manifest=MANIFEST)
        )  # fmt: skip
    try:
        state = _Folder(manifest.parent, progress or ignore).document(_content(manifest))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise FormatError(
            tr("{path} is damaged; export the folder again.", path=manifest), repr(error)
        ) from error
    except DocumentError as error:
        raise FormatError(f"{manifest}: {error.message}", error.detail) from error
    except OSError as error:
        raise FormatError(
            tr(
                "{source} could not be read ({reason}); check the file.",
                source=error.filename or manifest,
                reason=error.strerror or error,
            ),
            repr(error),
        ) from error
    return OpenedFile(Document.from_state(state), manifest, is_ours=False)


def _content(manifest: Path) -> Json:
    if manifest.stat().st_size > _MAX_MANIFEST_BYTES:
        raise ValueError("the manifest is too long")
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise FormatError(
            tr("{path} is no manifest of an exported folder; choose another.", path=manifest)
        )
    if content["version"] > VERSION:
        raise FormatError(
            tr("{path} comes from a newer version; update Layerloom to open it.", path=manifest)
        )
    return content


@dataclass(slots=True)
class _Folder:
    """One reading.

    Attributes:
        left_bytes: How much more the pictures may unpack to.
    """

    path: Path
    progress: Progress
    left_bytes: int = field(default_factory=max_pixel_bytes)

    def document(self, content: Json) -> DocumentState:
        width, height = (_whole(content[key]) for key in ("width", "height"))
        check_size(width, height, mark("A canvas"))
        entries = content["layers"]
        if len(entries) > _MAX_LAYERS:
            raise ValueError(f"{len(entries)} layers")
        made: dict[str, Layer] = {}
        children: dict[str | None, list[str]] = {None: []}
        depths: dict[str | None, int] = {None: 0}
        for number, entry in enumerate(entries, 1):
            layer, group = self._layer(entry, (width, height)), entry["group"]
            if layer.layer_id in made or group not in children or depths[group] >= MAX_DEPTH:
                raise ValueError(f"layer {number} repeats an id or lies in no group")
            made[layer.layer_id] = layer
            children[group].append(layer.layer_id)
            if isinstance(layer, GroupLayer):
                children[layer.layer_id], depths[layer.layer_id] = [], depths[group] + 1
            self.progress(number / len(entries))
        for layer_id in reversed(list(made)):  # what is in a group comes after it
            layer = made[layer_id]
            if isinstance(layer, GroupLayer):
                inner = tuple(made[child] for child in children[layer_id])
                made[layer_id] = replace(layer, children=inner)
        return DocumentState(
            width=width,
            height=height,
            layers=tuple(made[layer_id] for layer_id in children[None]),
            guides=tuple(Guide(Orientation(where), _number(at)) for where, at in content["guides"]),
            resolution_ppi=_number(content["resolution_ppi"]),
        )

    def _layer(self, entry: Json, canvas: tuple[int, int]) -> Layer:
        common: Json = {
            "layer_id": _text(entry["id"]),
            "name": _text(entry["name"], may_be_empty=True),
            "opacity": _number(entry["opacity"]),
            "blend_mode": BlendMode.from_id(entry["blend_mode"]),
            "visible": entry["visible"] is True,
            "locked": entry["locked"] is True,
            "clipped": entry["clipped"] is True,
            "color_tag": ColorTag(entry.get("color_tag", ColorTag.NONE.value)),
            "mask": None if entry["mask"] is None else self._mask(entry["mask"], canvas),
        }
        if entry["kind"] == "group":
            return GroupLayer(**common)
        if entry["kind"] != "raster" or common["blend_mode"] is BlendMode.PASS_THROUGH:
            raise ValueError("a layer of an unknown kind")
        box = _box(entry["box"])
        pixels = PixelBuffer.from_array(self._picture(entry["file"], box, decode_rgba), copy=False)
        layer = RasterLayer(pixels=pixels, offset=(box.x0, box.y0), **common)
        recipe = entry["recipe"]
        return restore_record(recipe, layer, pixel_hash(pixels)) if recipe else layer

    def _mask(self, entry: Json, canvas: tuple[int, int]) -> Mask:
        box, outside = _box(entry["box"]), _whole(entry["outside"])
        if outside not in (0, 255):
            raise ValueError("outside of its pixels a mask is 0 or 255")
        if box.is_empty:  # the same everywhere; as large as the canvas, as from a PSD
            box = Rect(0, 0, *canvas)
            values = np.full((box.height, box.width), outside, np.uint8)
        else:
            values = self._picture(entry["file"], box, decode_coverage)
        coverage = CoverageBuffer.from_array(values, copy=False)
        return Mask(
            coverage=coverage,
            offset=(box.x0, box.y0),
            outside=outside,
            enabled=entry["enabled"] is True,
        )

    def _picture(self, name: str, box: Rect, decode: Decode) -> npt.NDArray[np.uint8]:
        """A picture of the folder that must be as large as its box."""
        path = self._inside(_text(name))
        if path.stat().st_size > _MAX_PICTURE_BYTES:
            raise FormatError(tr("{name} is too large to open as a picture.", name=path))
        data = path.read_bytes()
        try:
            header = read_header(data)
            self.left_bytes -= header.width * header.height * _PIXEL_BYTES
            if self.left_bytes < 0:
                raise FormatError(
                    tr(
                        "{source} needs more memory than there is; close other programs.",
                        source=self.path,
                    )
                )
            if (header.width, header.height) != box.size:
                raise FormatError(
                    tr(
                        "{name} does not have the size that the manifest gives; export again.",
                        name=path,
                    )
                )
            return decode(data)
        except PngError as error:
            raise FormatError(f"{path} {error}.") from error

    def _inside(self, name: str) -> Path:
        """The file itself; a name that leads elsewhere is refused, and so is a link."""
        path = self.path / name
        if re.search(r"[/\\:\x00]", name) or name in (".", "..") or path.is_symlink():
            raise FormatError(
                tr(
                    "{path} names the file {name} outside its folder; do not trust it.",
                    path=self.path / MANIFEST,
                    name=repr(name),
                )
            )
        if not path.is_file():
            raise FormatError(tr("{name} is missing; copy the whole folder again.", name=path))
        return path


def _box(values: Any) -> Rect:
    x0, y0, x1, y1 = (_whole(value) for value in values)
    if max(abs(x0), abs(y0)) > MAX_OFFSET_PX or x1 < x0 or y1 < y0:
        raise ValueError(f"box {values}")
    return Rect(x0, y0, x1, y1)


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _number(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise TypeError(f"{value!r} is no number")
    return float(value)


def _text(value: Any, *, may_be_empty: bool = False) -> str:
    if not isinstance(value, str) or not (value or may_be_empty):
        raise TypeError(f"{value!r} is no text")
    return value
