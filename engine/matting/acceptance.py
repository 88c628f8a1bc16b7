"""When a cut-out is thrown away and drawn again (art-plus 7.3, step 6), said in sentences."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from engine.sentences import sentence

Plane = npt.NDArray[np.float32]  # h w

MIN_AREA, MAX_AREA = 0.02, 0.95  # share of the frame that alpha covers
MAX_TOUCHED_EDGES = 1
MAX_COMPONENTS = 5
MAX_SOFT_SHARE = 0.6
_TOUCH_SHARE = 0.02  # of an edge's length
_LARGE_COMPONENT = 0.01  # of the visible area
_SOFT_WORDS = frozenset((
    "glass", "smoke", "steam", "fog", "mist", "cloud", "glow", "light", "ghost", "bubble", "flame",
    "fire", "shadow", "translucent", "transparent", "see-through", "semi-transparent",
))  # fmt: skip


def may_be_soft(prompt: str) -> bool:
    """Whether something half transparent was asked for."""
    return bool(_SOFT_WORDS & set(prompt.lower().replace(",", " ").split()))


def reasons_to_reject(alpha: Plane, prompt: str) -> tuple[str, ...]:
    """Sentences on what is wrong with a cut-out; empty = it may stay."""
    reasons: list[str] = []
    area = float(alpha.mean())
    if area < MIN_AREA:
        reasons.append(sentence("almost nothing was drawn"))
    elif area > MAX_AREA:
        reasons.append(sentence("it fills the whole picture"))
    if touched_edges(alpha) > MAX_TOUCHED_EDGES:
        reasons.append(sentence("it runs over the edge"))
    if large_components(alpha) > MAX_COMPONENTS:
        reasons.append(sentence("it falls into many pieces"))
    if soft_share(alpha) > MAX_SOFT_SHARE and not may_be_soft(prompt):
        reasons.append(sentence("it is half transparent"))
    return tuple(reasons)


def touched_edges(alpha: Plane) -> int:
    """How many edges of the frame the drawing touches."""
    edges: Sequence[Plane] = (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1])
    return sum(float((edge > 0.5).mean()) > _TOUCH_SHARE for edge in edges)


def large_components(alpha: Plane) -> int:
    """Pieces of the drawing that are not mere specks."""
    solid = (alpha > 0.5).astype(np.uint8)
    total = int(solid.sum())
    if not total:
        return 0
    _, _, statistics, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    areas = statistics[1:, cv2.CC_STAT_AREA]
    return int((areas > _LARGE_COMPONENT * total).sum())


def soft_share(alpha: Plane) -> float:
    """Share of the visible pixels that are half transparent."""
    visible = alpha > 0.05
    if not visible.any():
        return 0.0
    return float((alpha[visible] < 0.9).mean())
