"""A drawing in the colour that was asked for, where the model drew the thing in its usual one.

Only the colour of the part that has most of it changes; light, lines and transparency stay.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.pipelines.asked_colours import (
    COLOURED,
    from_hsv,
    has_colour,
    has_leaves,
    is_leaf,
    is_near_hue,
    to_hsv,
)
from engine.pipelines.shade_maps import moved
from engine.prompts.english.shades import Colour

# Hue in degrees, saturation and value factors of a drawing in this colour.
HUE_TARGETS: dict[str, tuple[float, float, float]] = {
    "red": (358, 1.0, 1.0),
    "orange": (28, 1.0, 1.0),
    "yellow": (48, 1.0, 1.05),
    "green": (130, 0.9, 0.85),
    "blue": (212, 1.0, 0.95),
    "purple": (275, 0.85, 0.85),
    "pink": (330, 0.6, 1.1),
    "brown": (22, 0.75, 0.55),
}
# Share of the saturation that is left, value of what was darkest and of what was lightest.
_NEUTRALS = {"black": (0.15, 0.04, 0.34), "white": (0.08, 0.72, 1.0), "grey": (0.06, 0.25, 0.8)}
_HUE_WINDOW, _SOFT = 38.0, 10.0  # degrees around a hue that change along, and in which that ends
COLOURED_DRAWING = 0.3  # of what can be seen; with less it is a grey drawing

_Plane = npt.NDArray[np.float32]


def recoloured(rgba: Tensor, colour: str) -> Tensor:
    """The drawing with its main part, or if that is not enough all of it, in a colour.

    Args:
        rgba: Straight, in [0, 1], `4 h w`.
        colour: One of `captions.COLOUR_WORDS`, or one with the number of its shade, as
            `str(shades.Colour)` writes it; with another text nothing changes.

    Returns:
        The drawing as it is when no way gives it that colour.
    """
    asked = Colour.read(colour)
    if not asked.number:
        return _turned(rgba, colour)
    known = rgba if has_colour(rgba, asked.word) else _turned(rgba, asked.word)
    return _in_shade(known, asked) if has_colour(known, asked.word) else rgba


def _in_shade(rgba: Tensor, asked: Colour) -> Tensor:
    """A drawing that has the colour word: most of that part gets the shade, and its light and dark
    stay lighter and darker than that."""
    hsv = to_hsv(rgba)
    weight = part_of(hsv, rgba[3].numpy() > 0.5, asked.word, older=True)
    if not weight.any():
        return rgba
    rgb = np.ascontiguousarray(rgba[:3].permute(1, 2, 0).float().numpy())
    source = np.asarray(np.median(rgb[weight > 0.8 * weight.max()], 0), np.float32)
    made = moved(rgb, source, asked.rgb)
    out = rgba.clone()
    out[:3] = torch.from_numpy(rgb + (made - rgb) * weight[..., None]).permute(2, 0, 1)
    return out


def part_of(
    hsv: _Plane, visible: npt.NDArray[np.bool_], word: str, *, older: bool = False
) -> _Plane:
    """How much each pixel belongs to what has a colour word, `h w` in [0, 1]."""
    hue, saturation, value = np.moveaxis(hsv, -1, 0)
    if word in _NEUTRALS:
        plain = np.clip((0.35 - saturation * value) / 0.15, 0, 1)
        kept = 1 - value if word == "black" else value
        return np.asarray(plain * np.clip((kept - 0.25) / 0.2, 0, 1) * visible, np.float32)
    full = visible & (saturation > COLOURED[0]) & (value > COLOURED[1])
    named = is_near_hue(hue, word, older=older)
    dominant = main_hue(hue, saturation * full * named)
    near = nearness(hue, dominant) * np.clip(saturation / 0.2, 0, 1)
    return np.asarray(near * np.clip((value - 0.1) / 0.15, 0, 1) * visible, np.float32)


def _turned(rgba: Tensor, colour: str) -> Tensor:
    """With a colour word, the way that records of it repeat."""
    if colour not in HUE_TARGETS and colour not in _NEUTRALS:
        return rgba
    hsv = to_hsv(rgba)
    target = _in_colour(hsv, colour)
    for weight in _parts(hsv, rgba[3].numpy() > 0.5, colour):
        turned = _mixed(hsv, target, weight, rgba)
        if has_colour(turned, colour):
            return turned
    return rgba


def _in_colour(hsv: _Plane, colour: str) -> _Plane:
    """All of a drawing in a colour, with its own light and dark."""
    saturation, value = hsv[..., 1], hsv[..., 2]
    if colour in _NEUTRALS:
        kept, dark, light = _NEUTRALS[colour]
        brightness = value * (1 - 0.4 * saturation)  # full colours look darker than white
        return as_hsv(hsv[..., 0], kept * saturation, dark + (light - dark) * brightness)
    hue, of_saturation, of_value = HUE_TARGETS[colour]
    full = np.where(saturation < COLOURED[0], 0.75, np.maximum(saturation, 0.5))
    return as_hsv(np.full_like(value, hue), full * of_saturation, value * of_value)


def as_hsv(*planes: npt.NDArray[np.floating[Any]]) -> _Plane:
    """Hue, saturation and value as one picture, `h w 3`, within their ranges."""
    return np.clip(np.stack(planes, -1), 0, (360, 1, 1)).astype(np.float32)


def _parts(hsv: _Plane, visible: npt.NDArray[np.bool_], colour: str) -> list[_Plane]:
    """How much each pixel changes, `h w` in [0, 1]: the main part first, then more of it."""
    hue, saturation, value = np.moveaxis(hsv, -1, 0)
    light = np.clip((value - 0.2) / 0.2, 0, 1)  # lines and eyes stay dark
    full = visible & (saturation > COLOURED[0]) & (value > COLOURED[1])
    if full.sum() < COLOURED_DRAWING * max(visible.sum(), 1):
        plain = light * (saturation < 0.4)
        return [plain, np.ones_like(light)] if colour == "black" else [plain]
    leaves = has_leaves(hue, saturation * full)
    meant = ~is_leaf(hue) if leaves else np.ones_like(full)
    coloured = np.clip(saturation / 0.2, 0, 1) * light
    main = nearness(hue, main_hue(hue, weight=saturation * full * meant)) * coloured
    if colour == "black":
        return [main, np.ones_like(light) * meant]
    return [main, (light if colour in _NEUTRALS else coloured) * meant]


def nearness(hue: _Plane, other: float) -> _Plane:
    """How much each hue in degrees belongs to another one, `h w` in [0, 1]."""
    distance = np.abs((hue - other + 180) % 360 - 180)
    return np.asarray(np.clip((_HUE_WINDOW - distance) / _SOFT, 0, 1), np.float32)


def main_hue(hue: _Plane, weight: _Plane) -> float:
    """The hue in degrees that most of a drawing has; pixels count by their weight."""
    histogram, _ = np.histogram(hue, 36, (0, 360), weights=weight)
    smooth = histogram + np.roll(histogram, 1) + np.roll(histogram, -1)
    return float(np.argmax(smooth) * 10 + 5)


def _mixed(hsv: _Plane, target: _Plane, weight: _Plane, rgba: Tensor) -> Tensor:
    share = weight[None].astype(np.float32)
    before, after = from_hsv(hsv, rgba).numpy(), from_hsv(target, rgba).numpy()
    made = rgba.clone()
    made[:3] = torch.from_numpy(before[:3] + (after[:3] - before[:3]) * share)
    return made
