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

from engine.prompts.english.shades import Colour, to_lab

# From and to in degrees around the circle of hues.
_HUES = {
    "red": (346, 15), "orange": (10, 48), "yellow": (38, 70), "green": (65, 170),
    "blue": (170, 258), "purple": (250, 305), "pink": (295, 355), "brown": (5, 50),
}  # fmt: skip
# Of records that do not say "throughout"; theirs must stay as they are.
_OLDER_HUES = {**_HUES, "red": (340, 15)}
# Chroma below, value from and to.
_NEUTRALS = {"black": (0.25, 0, 0.38), "white": (0.15, 0.78, 1), "grey": (0.15, 0.3, 0.95)}
_WANTED_SHARE = 0.6  # of what is coloured; windows are half of a car
_WANTED_NEUTRAL = 0.4  # of all that can be seen, lines and eyes included
COLOURED = 0.25, 0.15  # saturation and value above which a pixel counts as coloured
ENOUGH, PARTLY = 0.5, 0.3  # of `colour_share`
_AS_DRAWN = 0.4  # of it for a hue, from which a drawing stays: a red bus has blue windows
_OUTLINE_DEPTH = 0.12  # of the root of what can be seen
# Of CIE Lab: how far a shade may be, where lightness counts half, and how far in light and shadow.
_NEAR, _OF_LIGHTNESS = 22.0, 0.5
_SAME_HUE, _SAME_LIGHT = 35.0, 28.0
_GREY_CHROMA = 15.0
_LARGE = 128  # pixels on a side
_TURNS = 6  # around the circle of hues
_OF_BROWN = np.array((0.75, 0.55), np.float32)  # saturation and value, of those of other colours
_LEAVES = (65, 170)  # hues that are not meant where others have a good part
_GOOD_PART = 0.3

_Plane = npt.NDArray[np.float32]


def has_colour(rgba: Tensor, colour: str) -> bool:
    """Whether most of what is coloured has the hue of a word, or much is black, white or grey.

    As it was asked for older records; `colour_share` is for all else.

    Args:
        rgba: Straight, in [0, 1], `4 h w`.
        colour: One of `captions.COLOUR_WORDS`, or empty: every drawing has it.
    """
    if colour not in _HUES and colour not in _NEUTRALS:
        return True
    fits, counts = _in_word(rgba, colour, older=True)
    counts = counts * (rgba[3].numpy() > 0.5)
    wanted = _WANTED_NEUTRAL if colour in _NEUTRALS else _WANTED_SHARE
    return float((counts * fits).sum()) > wanted * float(counts.sum())


def colour_share(rgba: Tensor, asked: Colour) -> float:
    """How much of a drawing has a colour that was asked for, 0 to 1; from ENOUGH on it has it.

    The smaller share of two, of the whole and along its outline: a yellow bus with large purple
    windows is no purple bus. Of black, white and grey the whole alone counts, lines and eyes too.

    Args:
        rgba: Straight, in [0, 1], `4 h w`.
        asked: With a number what looks like it counts, else what has the hue of the word, or is
            black, white or grey.
    """
    if min(rgba.shape[1:]) >= _LARGE:
        rgba = rgba[:, ::2, ::2]  # every fourth pixel says as much
    visible = rgba[3].numpy() > 0.5
    fits, counts = _in_shade(rgba, asked) if asked.number else _in_word(rgba, asked.word)
    outline = _along_outline(visible)
    shares = [
        float((fits * counts * where).sum()) / max(float((counts * where).sum()), 1e-6)
        for where in (visible, outline)
    ]
    if asked.word in _NEUTRALS and not asked.number:  # lines and eyes are counted as well
        return min(1.0, shares[0] * ENOUGH / _WANTED_NEUTRAL)
    return min(shares)


def has_enough(share: float, asked: Colour) -> bool:
    """Whether a drawing with this `colour_share` is left as it is."""
    is_hue = asked.word in _HUES and not asked.number
    return share >= (_AS_DRAWN if is_hue else ENOUGH)


def _in_word(
    rgba: Tensor, word: str, *, older: bool = False
) -> tuple[npt.NDArray[np.bool_], _Plane]:
    """Where a drawing has a colour word, and how much each pixel counts."""
    hue, saturation, value = np.moveaxis(to_hsv(rgba), -1, 0)
    if word in _NEUTRALS:
        chroma, darkest, lightest = _NEUTRALS[word]
        plain = (saturation * value < chroma) & (value >= darkest) & (value <= lightest)
        return plain, np.ones_like(value)
    coloured = (saturation > COLOURED[0]) & (value > COLOURED[1]) & (rgba[3].numpy() > 0.5)
    weight = saturation * value * coloured
    if word != "green" and has_leaves(hue, weight):
        weight = weight * ~is_leaf(hue)
    return is_near_hue(hue, word, older=older), weight


def _in_shade(rgba: Tensor, asked: Colour) -> tuple[npt.NDArray[np.bool_], _Plane]:
    """Where a drawing looks like a shade, lighter and darker parts of it included, and what of it
    counts: greys, white and lines only where they look like it."""
    rgb = np.ascontiguousarray(rgba[:3].clamp(0, 1).permute(1, 2, 0).float().numpy())
    lab = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB), np.float32)
    away = lab - np.asarray(to_lab(asked.rgb), np.float32)
    chroma, aim = np.hypot(lab[..., 1], lab[..., 2]), to_lab(asked.rgb)
    own = float(np.hypot(aim[1], aim[2]))
    near = np.hypot(away[..., 0] * _OF_LIGHTNESS, np.hypot(away[..., 1], away[..., 2])) < _NEAR
    turn = np.degrees(np.arctan2(lab[..., 2], lab[..., 1]) - np.arctan2(aim[2], aim[1]))
    same_hue = np.abs((turn + 180) % 360 - 180) < _SAME_HUE
    as_full = (chroma > 0.3 * own) & (chroma < 1.8 * own) & (own > _GREY_CHROMA)
    fits = near | (same_hue & as_full & (np.abs(away[..., 0]) < _SAME_LIGHT))
    return fits, np.asarray(fits | (chroma > _GREY_CHROMA), np.float32)


def _along_outline(visible: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The outer part of a drawing, ink included."""
    inside = cv2.distanceTransform(np.pad(visible, 1).astype(np.uint8), cv2.DIST_L2, 3)
    deep = max(1.5, _OUTLINE_DEPTH * float(visible.sum()) ** 0.5)
    return np.asarray(visible & (inside[1:-1, 1:-1] < deep))


def is_near_hue(hue: _Plane, colour: str, *, older: bool = False) -> npt.NDArray[np.bool_]:
    """Where a hue in degrees is one of those that a word of a hue stands for, or stood for."""
    begin, end = (_OLDER_HUES if older else _HUES)[colour]
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


def in_other_hues(rgba: Tensor, colour: str = "") -> list[Tensor]:
    """The drawing with all hues turned around the circle, as it is first, and in greys; one that
    was asked for in brown also as light as other things are: a brown dog is dark all over."""
    hsv = to_hsv(rgba)
    drawings = [rgba, *_turned(hsv, rgba)[1:]]
    if colour == "brown":
        light = hsv.copy()
        light[..., 1:] = np.minimum(light[..., 1:] / _OF_BROWN, 1)
        drawings += _turned(light, rgba)
    grey = hsv.copy()
    grey[..., 1] = 0
    return [*drawings, from_hsv(grey, rgba)]


def _turned(hsv: npt.NDArray[np.float32], rgba: Tensor) -> list[Tensor]:
    drawings = []
    for turn in range(_TURNS):
        turned = hsv.copy()
        turned[..., 0] = (turned[..., 0] + turn * 360 / _TURNS) % 360
        drawings.append(from_hsv(turned, rgba))
    return drawings


def to_hsv(rgba: Tensor) -> npt.NDArray[np.float32]:
    """Hue in degrees, saturation and value in [0, 1]: `h w 3`."""
    rgb = np.ascontiguousarray(rgba[:3].clamp(0, 1).permute(1, 2, 0).float().numpy())
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV), np.float32)


def from_hsv(hsv: npt.NDArray[np.float32], rgba: Tensor) -> Tensor:
    """A drawing of these colours with the transparency of another."""
    rgb = torch.from_numpy(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)).permute(2, 0, 1)
    return torch.cat([rgb, rgba[3:]])
