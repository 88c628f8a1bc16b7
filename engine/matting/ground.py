"""What a drawing lies on: the colour at the border, and the ground underneath."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.matting.guided_filter import filled_from_around

Plane = npt.NDArray[np.float32]  # h w
Rgb = npt.NDArray[np.float32]  # h w 3 in [0, 1]

RING_SHARE = 0.03  # of the shorter side: the border that is taken for ground
PLAIN_SPREAD = 0.05  # deviation of the border's colour, above which the ground is a picture
_SURE_GROUND = 0.02  # alpha below which a pixel shows nothing but ground


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The border of a picture.

    Attributes:
        colour: Median, 3 values in [0, 1].
        spread: Median distance of the border's pixels from it.
    """

    colour: npt.NDArray[np.float32]
    spread: float

    @property
    def is_plain(self) -> bool:
        """Whether one colour describes it."""
        return self.spread < PLAIN_SPREAD


def ring_of(plane: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The border pixels of `h w` or `h w c` as `n` or `n c`."""
    width = max(1, round(min(plane.shape[:2]) * RING_SHARE))
    inside = np.zeros(plane.shape[:2], bool)
    inside[width:-width, width:-width] = True
    return np.asarray(plane[~inside], np.float32)


def read_ground(image: Rgb) -> Ground:
    """The ground as the border shows it; a drawing may touch a part of it."""
    ring = ring_of(image)
    colour = np.median(ring, axis=0).astype(np.float32)
    spread = float(np.median(np.linalg.norm(ring - colour, axis=-1)))
    return Ground(colour, spread)


def ground_below(image: Rgb, alpha: Plane, ground: Ground) -> Rgb:
    """The ground at every pixel: carried in from where nothing covers it.

    A plain ground is its colour with what varies slowly; any other is filled from the sure pixels
    around, at first from near ones, then from farther away.
    """
    weight = (alpha < _SURE_GROUND).astype(np.float32)
    filled, known = filled_from_around(image, weight, max(2.0, min(image.shape[:2]) / 64))
    below = np.where(known[..., None] > 0, filled, ground.colour)
    return np.asarray(np.where(weight[..., None] > 0, image, below), np.float32)
