"""Ink along the edges of a flat drawing: the drawings of the style "outlined".

Flat art is areas of one colour, so its edges are known: a dark line goes along the silhouette and a
thinner one between colours that differ. What is drawn that way is still ours to train on, under the
licence of the flat drawings.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

INK_VERSION = "ink-1"  # part of the names of cached renders

Bytes = npt.NDArray[np.uint8]  # h w c
Plane = npt.NDArray[np.float32]  # h w
Mask = npt.NDArray[np.bool_]  # h w

_LINE = 0.022  # width of a line as a share of the drawing's long side
_OUTSIDE, _INSIDE = 1.25, 0.75  # lines of the silhouette and between colours, shares of that width
_CONTRAST = 38.0  # of 8-bit Lab, in any channel: what counts as another colour
_SHORTEST = 2.5  # a line inside that is shorter than this many widths is a speck and left out
_UNDER = (10.0, 8.0, 18.0)  # ink where the drawing is black, RGB of 255
_TINT = 0.22  # of the colours around, so that ink is never plain black


def inked(rgba: Bytes) -> Bytes:
    """The drawing with its lines; larger by the lines' width on each side.

    Args:
        rgba: Straight, `h w 4`, areas of even colour with smooth edges.
    """
    width = max(2.0, max(rgba.shape[:2]) * _LINE)
    pad = int(np.ceil(width)) + 1
    image = np.pad(rgba, ((pad, pad), (pad, pad), (0, 0))).astype(np.float32)
    alpha = image[..., 3] / 255
    solid = alpha > 0.5
    colours = np.asarray(cv2.medianBlur(image[..., :3].astype(np.uint8), 5), np.uint8)
    lines = np.maximum(
        _line(_silhouette(solid), width * _OUTSIDE),
        _line(_inner_edges(colours, solid, width), width * _INSIDE),
    )[..., None]
    ink = _ink_colour(colours, solid, width)
    covered = np.maximum(alpha[..., None], lines)
    below = alpha[..., None] * (1 - lines)
    colour = (image[..., :3] * below + ink * lines) / np.maximum(below + lines, 1e-3)
    return np.asarray(np.rint(np.clip(np.dstack([colour, covered * 255]), 0, 255)), np.uint8)


def _silhouette(solid: Mask) -> Mask:
    kernel = np.ones((3, 3), np.uint8)
    return np.asarray(cv2.morphologyEx(solid.astype(np.uint8), cv2.MORPH_GRADIENT, kernel) > 0)


def _inner_edges(colours: Bytes, solid: Mask, width: float) -> Mask:
    """Where colours meet inside the drawing, without specks."""
    kernel = np.ones((3, 3), np.uint8)
    lab = cv2.cvtColor(colours, cv2.COLOR_RGB2LAB)
    spread = (cv2.dilate(lab, kernel).astype(int) - cv2.erode(lab, kernel)).max(2)
    edges = (spread > _CONTRAST) & (cv2.erode(solid.astype(np.uint8), kernel) > 0)
    count, parts, boxes, _ = cv2.connectedComponentsWithStats(edges.astype(np.uint8))
    large = boxes[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(1) >= _SHORTEST * width
    large[0] = False  # what is no edge
    return np.asarray(large[parts]) if count > 1 else edges


def _line(edges: Mask, width: float) -> Plane:
    """Coverage of a line of this width along the edges, smooth at its rim."""
    if not edges.any():
        return np.zeros(edges.shape, np.float32)
    away = cv2.distanceTransform((~edges).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(np.clip(width / 2 - away + 0.5, 0, 1), np.float32)


def _ink_colour(colours: Bytes, solid: Mask, width: float) -> npt.NDArray[np.float32]:
    """Dark, with a tint of the drawing's colours around, `h w 3`."""
    size = (int(6 * width) | 1,) * 2
    weight = cv2.blur(solid.astype(np.float32), size)[..., None]
    mean = cv2.blur(np.where(solid[..., None], colours, 0).astype(np.float32), size)
    return np.asarray(mean / np.maximum(weight, 1e-3) * _TINT + np.array(_UNDER), np.float32)
