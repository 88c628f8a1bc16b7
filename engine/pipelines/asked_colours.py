"""Drawings of things in a colour that was asked for: do they have it, and how they look in others.

The judge's concepts have the colours of their usual drawings, so a good blue hamster is less like
"hamster" for it than a bad brown one.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

# From and to in degrees around the circle of hues; black, white and grey have none.
_HUES = {
    "red": (340, 15), "orange": (10, 48), "yellow": (38, 70), "green": (65, 170),
    "blue": (170, 258), "purple": (250, 305), "pink": (295, 355), "brown": (5, 50),
}  # fmt: skip
_WANTED_SHARE = 0.5  # of what is coloured
_COLOURED = 0.25, 0.15  # saturation and value above which a pixel counts as coloured
_TURNS = 6  # around the circle of hues


def has_colour(rgba: Tensor, colour: str) -> bool:
    """Whether most of what is coloured in a drawing has a hue of the colour word.

    Args:
        rgba: Straight, in [0, 1], `4 h w`.
        colour: One of `captions.COLOUR_WORDS`; those without a hue are taken for granted.
    """
    if colour not in _HUES:
        return True
    hue, saturation, value = np.moveaxis(_hsv(rgba), -1, 0)
    coloured = (saturation > _COLOURED[0]) & (value > _COLOURED[1]) & (rgba[3].numpy() > 0.5)
    weight = saturation * value * coloured
    begin, end = _HUES[colour]
    near = (hue - begin) % 360 <= (end - begin) % 360
    return float((weight * near).sum()) > _WANTED_SHARE * float(weight.sum())


def in_other_hues(rgba: Tensor) -> list[Tensor]:
    """The drawing with all hues turned around the circle, as it is first, and in greys."""
    hsv = _hsv(rgba)
    drawings = [rgba]
    for turn in range(1, _TURNS):
        turned = hsv.copy()
        turned[..., 0] = (turned[..., 0] + turn * 360 / _TURNS) % 360
        drawings.append(_from_hsv(turned, rgba))
    grey = hsv.copy()
    grey[..., 1] = 0
    return [*drawings, _from_hsv(grey, rgba)]


def _hsv(rgba: Tensor) -> npt.NDArray[np.float32]:
    """Hue in degrees, saturation and value in [0, 1]: `h w 3`."""
    rgb = np.ascontiguousarray(rgba[:3].clamp(0, 1).permute(1, 2, 0).float().numpy())
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV), np.float32)


def _from_hsv(hsv: npt.NDArray[np.float32], rgba: Tensor) -> Tensor:
    """A drawing of these colours with the transparency of another."""
    rgb = torch.from_numpy(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)).permute(2, 0, 1)
    return torch.cat([rgb, rgba[3:]])
