"""Alpha without a network: how far a pixel's colour is from a plain ground, on the way to its own.

Where the drawing is sure to be opaque its colour is known; a pixel of an edge, a glow or a shadow
mixes the nearest such colour with the ground, and its place between the two is its alpha. A guided
filter then takes the noise out of it. Parts of the drawing that have the ground's very colour
become holes: no colour tells them apart.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from engine.matting.ground import Ground
from engine.matting.guided_filter import guided_filter

Plane = npt.NDArray[np.float32]  # h w
Rgb = npt.NDArray[np.float32]  # h w 3 in [0, 1]

_SURE = 0.16  # colour distance of what can only be the drawing
_NOISE = 0.012  # colour distance that is nothing, at least
_PEAK_PX = 5  # neighbourhood in which the farthest colour is the drawing's own
_FILTER_RADIUS = 1
_FILTER_SOFTNESS = 1e-4


def colour_alpha(image: Rgb, ground: Ground) -> Plane:
    """Alpha in [0, 1], `h w`; rough where the ground is not plain."""
    offset = image - ground.colour
    distance = np.linalg.norm(offset, axis=-1).astype(np.float32)
    floor = max(_NOISE, 2 * ground.spread)
    own = _own_colour(image, distance, floor) - ground.colour  # h w 3
    length = np.maximum((own * own).sum(-1), 1e-6)
    alpha = np.clip((offset * own).sum(-1) / length, 0, 1)
    alpha *= np.clip((distance - floor / 2) / floor, 0, 1)
    smooth = guided_filter(image, alpha.astype(np.float32), _FILTER_RADIUS, _FILTER_SOFTNESS)
    smooth = np.where(distance < floor / 2, 0, smooth)
    return np.asarray(np.clip(smooth, 0, 1), np.float32)


def _own_colour(image: Rgb, distance: Plane, floor: float) -> Rgb:
    """The drawing's colour at every pixel: that of the nearest one that is surely all drawing.

    Sure is what is far from the ground, and no nearer to it than its neighbours are: the middle of
    a thin line, or the inside of a shape.
    """
    around = np.ones((_PEAK_PX, _PEAK_PX), np.uint8)
    peak = cv2.dilate(distance, around)
    sure = (distance > max(_SURE, 3 * floor)) & (distance > 0.85 * peak)
    if not sure.any():
        sure = distance >= distance.max()
    _, labels = cv2.distanceTransformWithLabels(
        (~sure).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    colours = np.zeros((int(labels.max()) + 1, 3), np.float32)
    colours[labels[sure]] = image[sure]
    nearest = colours[labels]
    return np.asarray(np.where(sure[..., None], image, nearest), np.float32)
