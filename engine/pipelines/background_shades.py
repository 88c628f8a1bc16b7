"""A background in the shades that were asked for, moved from the colours that the model knows."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.pipelines.document_pixels import covered_part
from engine.pipelines.native_canvas import NativeCanvas
from engine.pipelines.shade_maps import Colour as DrawnColour
from engine.pipelines.shade_maps import (
    Picture,
    between,
    ends,
    ground_colour,
    main_colour,
    moved,
    shifted,
)
from engine.prompts.english.shades import Colour, to_lab

_TO, _ON = " to ", " on "  # of a gradient, of a pattern and its ground
_EVEN = 0.03  # standard deviation of a background that is one colour
_NEAR = 20.0  # in CIE Lab: beige and cream are nearer, navy and blue are not


def in_shades(decoded: Tensor, canvas: NativeCanvas, shades: str) -> Tensor:
    """The background in other colours, its pattern, gradient and edges as they were.

    Args:
        decoded: `4 H W` in [0, 1] of the whole native canvas, at any scale of it.
        shades: One `str(Colour)`, two with " to " between them (a gradient, top to bottom) or with
            " on " (a pattern on its ground); empty, or another text = nothing is moved.

    Returns:
        What was given when nothing is to be moved, or when it cannot be done: there are no two
        colours to tell apart.
    """
    part = covered_part(decoded, canvas).permute(1, 2, 0).float().numpy()
    whole = decoded[:3].permute(1, 2, 0).float().numpy()
    made = _moved(whole, part, shades)
    if made is None:
        return decoded
    out = decoded.clone()
    out[:3] = torch.from_numpy(made).permute(2, 0, 1)
    return out


def has_shades(decoded: Tensor, canvas: NativeCanvas, shades: str) -> bool:
    """Whether a background has the colours that were asked for already, or nearly.

    Args:
        decoded: As for `in_shades`.
        shades: As for `in_shades`; an empty text is always there.
    """
    part = covered_part(decoded, canvas).permute(1, 2, 0).float().numpy()
    for joint in (_TO, _ON):
        first, joined, second = shades.partition(joint)
        if joined:
            sources = _two_colours(part, joint)
            orders = (sources, sources[::-1]) if joint == _ON else (sources,)  # white is palest
            asked = Colour.read(first), Colour.read(second)
            return any(all(map(_is_near, colours, asked)) for colours in orders)
    only = Colour.read(shades)
    return _is_near(_middle(part) if _is_even(part) else main_colour(part), only)


def _is_near(source: DrawnColour, asked: Colour) -> bool:
    """Whether a person would take a colour for the one that was asked for; a word alone is what
    the models make of it."""
    away = np.subtract(to_lab(source.tolist()), to_lab(asked.rgb))
    return not asked.number or float(np.linalg.norm(away)) < _NEAR


def _is_even(part: Picture) -> bool:
    return float(part.std((0, 1)).max()) < _EVEN


def _middle(part: Picture) -> DrawnColour:
    return np.asarray(np.median(part, (0, 1)), np.float32)


def _two_colours(part: Picture, joint: str) -> tuple[DrawnColour, DrawnColour]:
    return ends(part) if joint == _TO else (main_colour(part), ground_colour(part))


def _moved(whole: Picture, part: Picture, shades: str) -> Picture | None:
    """The whole picture by what its part in the document looks like."""
    for joint in (_TO, _ON):
        first, joined, second = shades.partition(joint)
        if joined:
            sources = _two_colours(part, joint)
            asked = Colour.read(first), Colour.read(second)
            targets = [
                colour.rgb if colour.number else drawn.tolist()
                for colour, drawn in zip(asked, sources, strict=True)
            ]
            return between(whole, sources, targets)
    only = Colour.read(shades)
    if not only.number:
        return None
    if _is_even(part):
        return shifted(whole, _middle(part), only.rgb)
    return moved(whole, main_colour(part), only.rgb)
