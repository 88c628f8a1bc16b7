"""From layers to one picture: the same code makes the canvas, exports and thumbnails."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

import numpy as np

from editor.document.geometry import Rect
from editor.document.layers import Layer
from editor.document.pixels import RgbaArray
from editor.document.state import DocumentState


class HasState(Protocol):
    """A document; its current state is composited."""

    def snapshot(self) -> DocumentState: ...


def composite(
    document: DocumentState | HasState,
    rect: Rect | None = None,
    *,
    level: int = 0,
    skip: Collection[str] = (),
    cancelled: Callable[[], bool] | None = None,
) -> RgbaArray:
    """Composite part of a document -> h w 4 straight RGBA uint8.

    Args:
        document: A document or (in another thread: always) its snapshot.
        rect: What to composite, in pixels *of the level*; default the whole canvas. Parts outside
            the canvas come out transparent.
        level: 0 = full size; n = each pixel averages 2^n x 2^n document pixels.
        skip: Ids of layers or groups to leave out, as if they were hidden.
        cancelled: Asked between tiles; True raises CompositingCancelled.

    Colour under alpha 0 is 0.
    """
    raise NotImplementedError


def flatten(document: DocumentState | HasState) -> RgbaArray:
    """The whole canvas at full size, height width 4 straight RGBA uint8."""
    return composite(document)


class CompositingCancelled(Exception):
    """Raised by `composite` when its `cancelled` function said so."""


_ = np


def composite_layers(layers: tuple[Layer, ...], rect: Rect) -> RgbaArray:
    """Composite some layers by themselves on transparency, rect in document pixels."""
    raise NotImplementedError
