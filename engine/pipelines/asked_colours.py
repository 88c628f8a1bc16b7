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

# From and to in degrees around the circle of hues.
_HUES = {
    "red": (340, 15), "orange": (10, 48), "yellow": (38, 70), "green": (65, 170),
    "blue": (170, 258), "purple": (250, 305), "pink": (295, 355), "brown": (5, 50),
}  # fmt: skip
# Chroma below, value from and to.
_NEUTRALS = {"black": (0.25, 0, 0.38), "white": (0.15, 0.78, 1), "grey": (0.15, 0.3, 0.95)}
_WANTED_SHARE = 0.6  # of what is coloured; windows are half of a car
_WANTED_NEUTRAL = 0.4  # of all that can be seen, lines and eyes included
_COLOURED = 0.25, 0.15  # saturation and value above which a pixel counts as coloured
_TURNS = 6  # around the circle of hues
_LEAVES = (65, 170)  # hues that are not meant where others have a good part
_GOOD_PART = 0.3

_Plane = npt.NDArray[np.float32]


def has_colour(rgba: Tensor, colour: str) -> bool:
    """Whether most of what is coloured has the hue of a word, or much is black, white or grey.

    Args:
        rgba: Straight, in [0, 1], `4 h w`.
        colour: One of `captions.COLOUR_WORDS`, or empty: every drawing has it.
    """
    hue, saturation, value = np.moveaxis(to_hsv(rgba), -1, 0)
    visible = rgba[3].numpy() > 0.5
    if colour in _NEUTRALS:
        chroma, darkest, lightest = _NEUTRALS[colour]
        plain = (saturation * value < chroma) & (value >= darkest) & (value <= lightest)
        return float((plain & visible).sum()) > _WANTED_NEUTRAL * float(visible.sum())
    if colour not in _HUES:
        return True
    coloured = (saturation > _COLOURED[0]) & (value > _COLOURED[1]) & visible
    weight = saturation * value * coloured
    if colour != "green" and has_leaves(hue, weight):
        weight = weight * ~is_leaf(hue)
    near = is_near_hue(hue, colour)
    return float((weight * near).sum()) > _WANTED_SHARE * float(weight.sum())


def is_near_hue(hue: _Plane, colour: str) -> npt.NDArray[np.bool_]:
    """Where a hue in degrees is one of those that a word of a hue stands for."""
    begin, end = _HUES[colour]
    return (hue - begin) % 360 <= (end - begin) % 360


def has_leaves(hue: _Plane, weight: _Plane) -> bool:
    """Whether what is green is not what a colour word is about: there is enough beside it.

    Args:
        hue: In degrees, `h w`.
        weight: How much each pixel counts, `h w`.
    """
    green = float((weight * is_leaf(hue)).sum())
    everything = float(weight.sum())
    return green > 0 and everything - green > _GOOD_PART * everything


def is_leaf(hue: _Plane) -> npt.NDArray[np.bool_]:
    """Where a drawing has the green of leaves."""
    return (hue > _LEAVES[0]) & (hue < _LEAVES[1])


def in_other_hues(rgba: Tensor) -> list[Tensor]:
    """The drawing with all hues turned around the circle, as it is first, and in greys."""
    hsv = to_hsv(rgba)
    drawings = [rgba]
    for turn in range(1, _TURNS):
        turned = hsv.copy()
        turned[..., 0] = (turned[..., 0] + turn * 360 / _TURNS) % 360
        drawings.append(from_hsv(turned, rgba))
    grey = hsv.copy()
    grey[..., 1] = 0
    return [*drawings, from_hsv(grey, rgba)]


def to_hsv(rgba: Tensor) -> npt.NDArray[np.float32]:
    """Hue in degrees, saturation and value in [0, 1]: `h w 3`."""
    rgb = np.ascontiguousarray(rgba[:3].clamp(0, 1).permute(1, 2, 0).float().numpy())
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV), np.float32)


def from_hsv(hsv: npt.NDArray[np.float32], rgba: Tensor) -> Tensor:
    """A drawing of these colours with the transparency of another."""
    rgb = torch.from_numpy(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)).permute(2, 0, 1)
    return torch.cat([rgb, rgba[3:]])
