"""What enlarging needs to know about transparent pixels: colour for them, and where alpha is flat.

A network that makes RGB must never see the colours under alpha 0: they are garbage, and would bleed
into the edges as dark or light halos. They are replaced by what lies next to them.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from engine.requests.upscale import PixelArray

Plane = npt.NDArray[np.bool_]
_SEEN = 32  # alpha of a pixel whose colour can be relied upon
_BANDS = 256  # rows that are worked on at once: whole-picture temporaries would cost memory


def bled(pixels: PixelArray) -> npt.NDArray[np.uint8]:
    """RGB `h w 3` of straight RGBA, with the nearest seen colour under alpha 0; the rest as it is.

    Pixels that can hardly be seen do not count as near: their colours are rounded beyond use.
    """
    alpha = pixels[..., 3]
    rgb = np.ascontiguousarray(pixels[..., :3])
    if alpha.all() or not alpha.any():
        return rgb
    seen = alpha >= min(_SEEN, int(alpha.max()))
    _, labels = cv2.distanceTransformWithLabels(
        (~seen).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    place_of = np.zeros(int(labels.max()) + 1, np.intp)
    place_of[labels[seen]] = np.flatnonzero(seen)
    empty = alpha == 0
    rgb[empty] = pixels.reshape(-1, 4)[place_of[labels[empty]], :3]
    return rgb


def plateau(alpha: PixelArray, value: int) -> Plane:
    """Pixels `h w` whose 3 x 3 neighbourhood all has one value, 0 or 255; edges are continued."""
    same = (alpha == value).astype(np.uint8)
    kernel = np.ones((3, 3), np.uint8)
    return cv2.erode(same, kernel, borderType=cv2.BORDER_REPLICATE).astype(bool)


def keep_plateaus(low: PixelArray, large: PixelArray) -> None:
    """Makes enlarged alpha exactly 0 or 255 where the low-resolution neighbourhood is.

    Args:
        low: `h w`.
        large: `H W`, changed in place.
    """
    rows = _nearest(low.shape[0], large.shape[0])
    columns = _nearest(low.shape[1], large.shape[1])
    for value in (0, 255):
        flat = plateau(low, value)
        if not flat.any():
            continue
        for start in range(0, len(rows), _BANDS):
            band = flat[rows[start : start + _BANDS]][:, columns]
            large[start : start + _BANDS][band] = value


def keep_range(low: PixelArray, large: PixelArray) -> None:
    """Takes the ringing of a filter off enlarged colours: each stays within those around it.

    Args:
        low: `h w 3`.
        large: `H W 3`, changed in place.
    """
    kernel = np.ones((3, 3), np.uint8)
    least = cv2.erode(low, kernel, borderType=cv2.BORDER_REPLICATE)
    most = cv2.dilate(low, kernel, borderType=cv2.BORDER_REPLICATE)
    rows = _nearest(low.shape[0], large.shape[0])
    columns = _nearest(low.shape[1], large.shape[1])
    for start in range(0, len(rows), _BANDS):
        band = rows[start : start + _BANDS]
        part = large[start : start + _BANDS]
        np.clip(part, least[band][:, columns], most[band][:, columns], out=part)


def _nearest(low: int, large: int) -> npt.NDArray[np.intp]:
    """The low-resolution pixel in which the middle of each enlarged one lies."""
    places = ((np.arange(large) + 0.5) * low / large).astype(np.intp)
    return np.minimum(places, low - 1)
