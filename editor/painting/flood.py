"""Which pixels a click with the bucket fills: those like the one that was clicked."""

from __future__ import annotations

import cv2
import numpy as np

from editor.document.masks import Coverage
from editor.document.tiles import Values

_NEIGHBOURS = np.ones((3, 3), np.uint8)


def flooded(
    picture: Values, x: int, y: int, *, tolerance: int, contiguous: bool, antialias: bool
) -> Coverage:
    """Coverage h w of what the bucket fills, 0..255; (x, y) must lie inside the picture.

    Args:
        picture: h w 4 straight RGBA8, or h w 8-bit coverage.
        tolerance: Greatest difference of any channel, 0 to 255. Colours count by their alpha: what
            is transparent is alike.
        contiguous: Only what hangs together with the clicked pixel, by its sides.
        antialias: Pixels along the edge that mix what is filled with what is not get their share.
    """
    distance = _distance(picture, x, y)
    like = np.asarray(distance <= tolerance, np.uint8)
    if contiguous:
        like = _connected(like, x, y)
    coverage = like * np.uint8(255)
    return _with_soft_edge(coverage, distance) if antialias else coverage


def _distance(picture: Values, x: int, y: int) -> Coverage:
    """Greatest difference of a channel to the pixel at (x, y), premultiplied; h w."""
    if picture.ndim == 2:
        return np.asarray(cv2.absdiff(picture, np.full_like(picture, picture[y, x])), np.uint8)
    alpha = picture[..., 3]
    wanted, opaque = int(alpha[y, x]), bool(alpha.min() == 255)
    greatest = np.asarray(cv2.absdiff(alpha, np.full_like(alpha, wanted)), np.uint8)
    for channel in range(3):
        plane = picture[..., channel]
        if not opaque:
            plane = np.asarray(cv2.multiply(plane, alpha, scale=1 / 255), np.uint8)
        target = int(plane[y, x])
        difference = cv2.absdiff(plane, np.full_like(plane, target))
        greatest = np.asarray(cv2.max(greatest, difference), np.uint8)
    return greatest


def _connected(like: Coverage, x: int, y: int) -> Coverage:
    mask = np.zeros((like.shape[0] + 2, like.shape[1] + 2), np.uint8)
    cv2.floodFill(like, mask, (x, y), 0, flags=4 | cv2.FLOODFILL_MASK_ONLY)
    return np.asarray(mask[1:-1, 1:-1], np.uint8)


def _with_soft_edge(coverage: Coverage, distance: Coverage) -> Coverage:
    """Give pixels beside the area the share of it that they contain.

    A pixel that mixes the area with its other side differs from the area by the other side's share
    of the difference between the two, which the most different neighbour shows.
    """
    edge = (cv2.dilate(coverage, _NEIGHBOURS) > 0) & (coverage == 0)
    whole = cv2.dilate(distance, _NEIGHBOURS)[edge].astype(np.float32)
    share = 1 - distance[edge].astype(np.float32) / np.maximum(whole, 1)
    soft = coverage.copy()
    soft[edge] = np.rint(share * 255)
    return soft
