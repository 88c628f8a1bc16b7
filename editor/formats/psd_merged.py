"""The merged image of a PSD: our compositor's picture, matted, packed and reduced band by band."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from editor.document.compositor import CompositingCancelled, composite
from editor.document.geometry import Rect
from editor.document.state import DocumentState
from editor.formats.errors import SaveCancelled
from editor.formats.psd_packing import BAND_ROWS, Packed, RunLengths, bands_of, together
from editor.formats.psd_planes import Rgba, matte_on_white
from editor.formats.psd_steps import Steps, in_order, thread_count

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


def merged_image(
    state: DocumentState, version: int, pool: ThreadPoolExecutor, steps: Steps
) -> Merged:
    """Composite the canvas; raises SaveCancelled."""
    factor = _preview_factor(state)
    rects = bands_of(state.canvas)
    jobs = (partial(_band, state, rect, version, factor, steps.stopped) for rect in rects)
    bands = list(in_order(jobs, pool, thread_count()))
    opaque = all(band.opaque for band in bands)
    rows = (
        row
        for plane in range(3 if opaque else 4)
        for band in bands
        for row in band.planes[plane].rows
    )
    packed = together([RunLengths(version, rows)])
    return Merged(opaque, packed, np.concatenate([band.preview for band in bands]))


@dataclass(frozen=True, slots=True)
class _Band:
    opaque: bool
    planes: tuple[RunLengths, ...]  # R G B A
    preview: Rgba


def _band(
    state: DocumentState, rect: Rect, version: int, factor: int, stopped: Callable[[], bool]
) -> _Band:
    try:
        picture = composite(state, rect, cancelled=stopped)
    except CompositingCancelled as error:
        raise SaveCancelled from error
    opaque = bool(cv2.extractChannel(picture, 3).min() == 255)
    on_white = picture if opaque else matte_on_white(picture)
    planes = []
    for values in cv2.split(on_white):
        packer = RunLengths(version)
        packer.add(np.asarray(values, np.uint8))
        planes.append(packer)
    return _Band(opaque, tuple(planes), _reduced(on_white, factor))


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
