"""Gives an enlarged picture the tones of the one it was made from, without touching its edges.

A small network errs by some levels over areas. Reduced again, its result shall look like the input:
the smoothed difference is laid over it (back-projection, Irani and Peleg 1991, with a kernel wide
enough that the input's softness does not come back).
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from engine.pipelines.low_resolution import RgbArray

Bytes = npt.NDArray[np.uint8]

SIGMA_PX = 1.0  # of the input's pixels; less lets soft edges back in, more corrects less
_ROWS = 64  # of the result at once


def keep_tones(source: RgbArray, enlarged: Bytes) -> None:
    """Corrects the enlarged picture in place.

    Memory: one float32 picture of the source's size, and some rows of the result.

    Args:
        source: `h w 3`.
        enlarged: `H W 3`, or `H W` when the source is grey.
    """
    height, width = enlarged.shape[:2]
    size = source.shape[1], source.shape[0]
    low = source if enlarged.ndim == 3 else source[..., 0]
    reduced = cv2.resize(enlarged, size, interpolation=cv2.INTER_AREA)
    error = cv2.GaussianBlur(low.astype(np.float32) - reduced, (0, 0), SIGMA_PX)
    columns = _centres(np.arange(width), width, size[0])
    for y in range(0, height, _ROWS):
        rows = _centres(np.arange(y, min(y + _ROWS, height)), height, size[1])
        x_map, y_map = np.meshgrid(columns, rows)
        correction = cv2.remap(
            error, x_map, y_map, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        part = enlarged[y : y + len(rows)]
        part[:] = np.clip(np.rint(part + correction), 0, 255)


def _centres(places: npt.NDArray[np.int_], count: int, reduced: int) -> npt.NDArray[np.float32]:
    """Where the middles of pixels lie in a picture with fewer of them."""
    return np.asarray((places + 0.5) * reduced / count - 0.5, np.float32)
