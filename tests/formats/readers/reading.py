"""What a program reads in a PSD, in one form for all programs, and what it should read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from editor.document.compositor import flatten
from editor.document.document import Document
from editor.document.geometry import Corners
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.formats.inspect import stored_bounds
from editor.formats.psd_names import unicode_name
from editor.formats.psd_resources import srgb_profile

Rgba = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Seen:
    """One layer; None = the program does not tell.

    Attributes:
        depth: Number of groups around it.
        opacity: 0..255.
        mode: `BlendMode.id` without its underlines.
        pixels: h w 4 of `box`.
    """

    name: str
    is_group: bool
    depth: int | None = None
    box: Corners | None = None
    mode: str | None = None
    opacity: int | None = None
    visible: bool | None = None
    locked: bool | None = None
    clipped: bool | None = None
    masked: bool | None = None
    expanded: bool | None = None
    number: int | None = None
    pixels: Rgba | None = None


@dataclass(frozen=True)
class Reading:
    """A whole file; layers bottom to top, a group after what is in it."""

    size: tuple[int, int]
    layers: tuple[Seen, ...] = ()
    merged: Rgba | None = None
    profile_bytes: int | None = None
    resolution: float | None = None
    document_id: str | None = None
    notes: tuple[str, ...] = field(default=())


def expected(document: Document) -> Reading:
    """What a perfect reader would say about our file."""
    layers: list[Seen] = []
    _add(document.layers, 0, layers)
    return Reading(
        size=(document.width, document.height),
        layers=tuple(layers),
        merged=flatten(document),
        profile_bytes=len(document.snapshot().color_profile or srgb_profile()),
        resolution=document.snapshot().resolution_ppi,
        document_id=document.document_id,
    )


def plain_mode(name: str) -> str:
    """A mode's name as all programs can be compared."""
    return re.sub(r"[^a-z]", "", name.lower())


def _add(layers: Sequence[Layer], depth: int, found: list[Seen]) -> None:
    for layer in layers:
        if isinstance(layer, GroupLayer):
            _add(layer.children, depth + 1, found)
        found.append(_seen(layer, depth, len(found) + 1))


def _seen(layer: Layer, depth: int, number: int) -> Seen:
    is_group = isinstance(layer, GroupLayer)
    box = stored_bounds(layer)
    pixels = None
    if isinstance(layer, RasterLayer):
        pixels = layer.pixels.read(box.translated(-layer.offset[0], -layer.offset[1]))
    return Seen(
        name=unicode_name(layer.name),
        is_group=is_group,
        depth=depth,
        box=None if is_group else box.as_tuple(),
        mode=plain_mode(layer.blend_mode.id),
        opacity=layer.opacity_level,
        visible=layer.visible,
        locked=layer.locked,
        clipped=layer.clipped,
        masked=layer.mask is not None,
        expanded=layer.expanded if isinstance(layer, GroupLayer) else None,
        number=number,
        pixels=pixels,
    )
