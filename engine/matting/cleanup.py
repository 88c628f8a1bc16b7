"""The drawing's own colour at soft edges: what the ground mixed in is taken out again.

Without it a layer cut from grey carries a grey fringe onto every light page (art-plus 7.3, step 4).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.matting.guided_filter import filled_from_around

Plane = npt.NDArray[np.float32]  # h w
Rgb = npt.NDArray[np.float32]  # h w 3 in [0, 1]

VISIBLE = 0.02  # alpha above which a pixel counts
_NEAR_PX = 3.0
_TRUSTED = 0.35  # alpha from which the colour is solved for by itself
_CLEAR, _FULL = 0.008, 0.992  # what rounds to nothing and to all


def decontaminated(image: Rgb, alpha: Plane, below: Rgb) -> Rgb:
    """F = (I - (1 - a) B) / a, clipped; where alpha is small, that of the neighbours weighs more.

    Dividing by a small alpha blows up the error of alpha and of the ground, so there the mean of
    the surrounding solved colours, weighted by their alpha, takes over.

    Returns:
        Straight colours, `h w 3`; where alpha is below `VISIBLE` the nearest colour.
    """
    safe = np.maximum(alpha, VISIBLE)[..., None]
    solved = np.clip((image - (1 - alpha[..., None]) * below) / safe, 0, 1).astype(np.float32)
    weight = np.where(alpha > VISIBLE, alpha**2, 0).astype(np.float32)
    around, known = filled_from_around(solved, weight, _NEAR_PX)
    around = np.where(known[..., None] > 0, around, 0.5)
    trust = np.clip((alpha - VISIBLE) / (_TRUSTED - VISIBLE), 0, 1)[..., None]
    return np.asarray(solved * trust + around * (1 - trust), np.float32)


def settled(alpha: Plane) -> Plane:
    """Nearly nothing becomes nothing, nearly all becomes all."""
    stretched = (alpha - _CLEAR) / (_FULL - _CLEAR)
    return np.asarray(np.clip(stretched, 0, 1), np.float32)


def tight_box(alpha: Plane) -> tuple[int, int, int, int] | None:
    """(x0, y0, x1, y1) around what is visible; None when nothing is."""
    rows, columns = np.nonzero(alpha > VISIBLE)
    if len(rows) == 0:
        return None
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1
