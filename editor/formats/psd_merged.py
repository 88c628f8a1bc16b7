"""The merged image of a PSD: our compositor's picture, matted, packed and reduced band by band."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from editor.document.compositor import CompositingCancelled, composite
from editor.document.geometry import Rect
from editor.document.state import DocumentState
from editor.formats.errors import SaveCancelled
from editor.formats.measured import layers_seen_in
from editor.formats.psd_packing import (
    BAND_ROWS,
    Find,
    Packed,
    Rows,
    RunLengths,
    bands_of,
    pack_rows,
    together,
    uniform_rows,
)
from editor.formats.psd_planes import Rgba, matte_on_white
from editor.formats.psd_steps import Steps, in_order, thread_count

_MOST_LOOKS = 1024
_PREVIEW_PX = 320  # the longer side of the preview is at least this where the canvas is larger


@dataclass(frozen=True, slots=True)
class Merged:
    """What a PSD shows to programs that do not read layers.

    Attributes:
        opaque: No pixel is transparent; then there are three planes instead of four.
        packed: The planes R, G, B and alpha as one stream of run lengths.
        preview: On white and smaller (h w 3), for the thumbnail.
    """

    opaque: bool
    packed: Packed
    preview: Rgba

    @property
    def channels(self) -> int:
        return 3 if self.opaque else 4


@dataclass(frozen=True, slots=True)
class _Band:
    opaque: bool
    planes: tuple[Rows, ...]  # R G B A
    preview: Rgba


@dataclass(frozen=True, slots=True)
class _Look:
    """What is kept in memory of a band besides its rows, which lie in the last file."""

    opaque: bool
    preview: Rgba


class _Looks:
    """Bands of the last exports by what is seen in them; the oldest are forgotten. Any thread."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, _Look] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Hashable) -> _Look | None:
        with self._lock:
            return self._known.get(key)

    def keep(self, key: Hashable, look: _Look) -> None:
        with self._lock:
            self._known[key] = look
            self._known.move_to_end(key)
            if len(self._known) > _MOST_LOOKS:
                self._known.popitem(last=False)


_looks = _Looks()


def merged_image(
    state: DocumentState, version: int, pool: ThreadPoolExecutor, steps: Steps, find: Find
) -> Merged:
    """Composite the canvas; bands in which nothing changed come from `find`.

    Raises SaveCancelled.
    """
    factor = _preview_factor(state)
    rects = bands_of(state.canvas)
    jobs = (partial(_band, state, rect, factor, steps, find) for rect in rects)
    bands = list(in_order(jobs, pool, thread_count()))
    opaque = all(band.opaque for band in bands)
    rows = (band.planes[plane] for plane in range(3 if opaque else 4) for band in bands)
    packed = together([RunLengths(version, rows)])
    return Merged(opaque, packed, np.concatenate([band.preview for band in bands]))


def _band(state: DocumentState, rect: Rect, factor: int, steps: Steps, find: Find) -> _Band:
    steps.check()
    key = rect, factor, layers_seen_in(state.layers, rect)
    keys = [("merged", plane, key) for plane in range(4)]
    look = _looks.find(key)
    if look is not None:
        found = [find(row_key) for row_key in keys[: 3 if look.opaque else 4]]
        if look.opaque:  # an opaque document has no fourth plane that it could be found in
            found.append(uniform_rows(255, *rect.size))
        planes = tuple(rows for rows in found if rows is not None)
        if len(planes) == len(keys):
            return _Band(look.opaque, planes, look.preview)
    band = _fresh_band(state, rect, factor, steps, keys)
    _looks.keep(key, _Look(band.opaque, band.preview))
    return band


def _fresh_band(
    state: DocumentState, rect: Rect, factor: int, steps: Steps, keys: Sequence[Hashable]
) -> _Band:
    try:
        picture = composite(state, rect, cancelled=steps.stopped)
    except CompositingCancelled as error:
        raise SaveCancelled from error
    opaque = bool(cv2.extractChannel(picture, 3).min() == 255)
    on_white = picture if opaque else matte_on_white(picture)
    planes = tuple(
        pack_rows(np.asarray(values, np.uint8), key)
        for values, key in zip(cv2.split(on_white), keys, strict=True)
    )
    return _Band(opaque, planes, _reduced(on_white, factor))


def _preview_factor(state: DocumentState) -> int:
    """A power of two that divides the rows of a band."""
    factor = 1
    while max(state.width, state.height) >= 2 * factor * _PREVIEW_PX and factor < BAND_ROWS:
        factor *= 2
    return factor


def _reduced(on_white: Rgba, factor: int) -> Rgba:
    height, width = on_white.shape[:2]
    size = -(-width // factor), -(-height // factor)
    return np.asarray(cv2.resize(on_white, size, interpolation=cv2.INTER_AREA)[..., :3], np.uint8)
