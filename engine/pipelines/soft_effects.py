"""Takes the soft shadow or the glow of a decoded drawing out from under it and makes it smooth.

A network draws such a halo speckled and with blocky borders, though it is the softest thing there
is. What it drew says where the halo is and how strong: each place gets the mean of what was drawn
near it at the same falloff from the drawing. The drawing comes back without it, so its edges can
be cleaned as those of others are, and the halo is laid under it again in the end.

What the starter draws alone, or beside layers that are held still, it draws without any: small
and beside a halo it loses eyes. Such a drawing gets its halo here, made from its silhouette as in
the art that the model learned from.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.models.starter_codec import from_colour_form, steepen, to_colour_form
from engine.prompts.captions import EFFECTS
from engine.requests import RgbaArray

Plane = npt.NDArray[np.float32]  # h w
Mask = npt.NDArray[np.bool_]
Offset = tuple[int, int]  # right and down in pixels

SHADOW, GLOW = EFFECTS
ADDED = tuple(f"{effect} added" for effect in EFFECTS)  # to a drawing that was made without

_SOLID = 0.8  # alpha of what is drawn; halos stay below
_FULL = 0.97  # from which a pixel is the drawing alone
_FAINTEST = 0.03  # alpha from which a pixel counts as part of a halo
_BAND_PX = 3  # beside what is solid, where its own edge is
_OTHER_COLOUR = 0.4  # from the halo's in any channel: something else that is half transparent
_DARK, _LIGHT = 0.35, 0.65  # mean of the channels of a shadow at most, of a glow at least
_LEAST_PIXELS = 60
_TOLD_APART = 0.5  # distance of colours from which an edge can be told by them
_HAZE = 0.12  # of the drawing's alpha beside it: what is left of the halo there
# In shares of the longer side.
_REACH = 0.14  # beyond the frame
_FALLOFF = 0.03  # blur of the silhouette whose level lines the halo follows
_NEAR = 0.05  # blur along these
_LAST = 0.008  # blur of the result
_OFFSETS_X, _OFFSETS_Y = (-0.04, -0.02, 0.0, 0.02, 0.04), (-0.02, 0.0, 0.02, 0.04, 0.06)
_LEVELS = 12  # lines
_SMALLER = 0.5  # a halo has no detail that this would lose
_MOSTLY = 0.5  # of a pixel that is smaller
_UNKNOWN = 0.004  # weight of how a halo would go on where nothing of it is known
_MOST = 0.7  # alpha that it goes on to
# Of halos that are added: a shadow's place and blur, a glow's blur, in shares of the longer side;
# alpha of both, how much of a glow is at its full alpha, its colour.
_SHADOW_X, _SHADOW_Y, _SHADOW_BLUR, _SHADOW_ALPHA = 0.02, 0.045, 0.025, 0.4
_GLOW_BLUR, _GLOW_ALPHA, _GLOW_WIDTH, _GLOW_COLOUR = 0.035, 0.75, 1.3, (1.0, 0.98, 0.78)


@dataclass(frozen=True, slots=True, eq=False)
class SoftParts:
    """A drawing and its halo, in the same, larger frame.

    Attributes:
        drawing: Straight RGBA in [0, 1] without the halo, `4 H W`.
        halo: Alpha of the halo in [0, 1], everywhere under the drawing too, `H W`.
        colour: Of the halo, straight RGB in [0, 1].
        margin: By how many pixels the frame grew at each side.
    """

    drawing: Tensor
    halo: Tensor
    colour: tuple[float, float, float]
    margin: int


def soft_parts(decoded: Tensor, effect: str) -> SoftParts | None:
    """The drawing and its halo made smooth; None = there is no halo that can be told from it.

    Args:
        decoded: Straight RGBA in [0, 1], `4 H W`.
        effect: One of `EFFECTS` that was drawn, or of `ADDED`; anything else has no halo.
    """
    if effect in ADDED:
        return _with_added(decoded, EFFECTS[ADDED.index(effect)])
    if effect not in EFFECTS:
        return None
    side = max(decoded.shape[1:])
    margin = round(_REACH * side)
    planes = np.ascontiguousarray(decoded.permute(1, 2, 0).float().numpy())
    wide = np.pad(planes, ((margin, margin), (margin, margin), (0, 0)))
    rgb, alpha = wide[..., :3], np.ascontiguousarray(wide[..., 3])
    solid = alpha >= _SOLID
    free = ~_grown(solid, _BAND_PX)
    found = free & (alpha > _FAINTEST)
    if found.sum() < _LEAST_PIXELS or found.sum() > solid.sum():
        return None
    colour = np.median(rgb[found], axis=0)
    if not (colour.mean() <= _DARK if effect == SHADOW else colour.mean() >= _LIGHT):
        return None
    others = _others(rgb, alpha, found, colour)
    own = solid | others
    known = free & ~_grown(others, _BAND_PX)
    known &= _inside(known.shape, margin)
    halo = _smooth(alpha, own, known, side, effect)
    own_alpha = _own_alpha(rgb, alpha, halo, own, colour)
    drawing = _without(rgb, alpha, halo, own_alpha, colour)
    r, g, b = (float(channel) for channel in colour)
    return SoftParts(drawing, torch.from_numpy(halo), (r, g, b), margin)


def _with_added(decoded: Tensor, effect: str) -> SoftParts:
    """A drawing and a halo for it."""
    side = max(decoded.shape[1:])
    margin = round(_REACH * side)
    drawing = torch.nn.functional.pad(decoded, (margin,) * 4)
    silhouette = np.ascontiguousarray(drawing[3].float().numpy())
    if effect == SHADOW:
        moved = _moved(silhouette, (round(_SHADOW_X * side), round(_SHADOW_Y * side)))
        halo, colour = _blurred(moved, _SHADOW_BLUR * side) * _SHADOW_ALPHA, (0.0, 0.0, 0.0)
    else:
        wide = _blurred(silhouette, _GLOW_BLUR * side) * _GLOW_WIDTH
        halo, colour = np.clip(wide, 0, 1) * _GLOW_ALPHA, _GLOW_COLOUR
    return SoftParts(drawing, torch.from_numpy(halo.astype(np.float32)), colour, margin)


def _others(rgb: Plane, alpha: Plane, found: Mask, colour: Plane) -> Mask:
    """Where something half transparent has another colour than the halo."""
    weight = np.where(found, alpha, 0).astype(np.float32)
    total, weights = _blurred(rgb * weight[..., None], 1.5), _blurred(weight, 1.5)
    mean = total / np.maximum(weights, 1e-4)[..., None]
    away = np.abs(mean - colour).max(2)
    return np.asarray(found & (away > _OTHER_COLOUR) & (alpha > 4 * _FAINTEST))


def _inside(shape: tuple[int, ...], margin: int) -> Mask:
    """The frame as it was decoded; what is beyond is not known."""
    inside = np.zeros(shape, bool)
    inside[margin : shape[0] - margin, margin : shape[1] - margin] = True
    return inside


def _smooth(alpha: Plane, own: Mask, known: Mask, side: float, effect: str) -> Plane:
    """Alpha of the halo everywhere, falling outward.

    The blurred silhouette, put aside as far as the shadow lies, says which places have the same
    falloff. On each of its level lines the mean of what is known near by is taken; from line to
    line outward it may only become less, and beyond the last there is nothing.
    """
    small = _SMALLER * alpha.shape[1], _SMALLER * alpha.shape[0]
    size = (max(1, round(small[0])), max(1, round(small[1])))
    silhouette, weight, drawn = (
        np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)
        for plane in (own.astype(np.float32), known.astype(np.float32), known * alpha)
    )
    side *= _SMALLER
    falloff = _blurred(silhouette, _FALLOFF * side)
    if effect == SHADOW:
        falloff = _moved(falloff, _offset(falloff, drawn, weight > _MOSTLY, side))
    height = np.sqrt(np.clip(falloff, 0, 1)) * _LEVELS
    lines = _by_line(drawn, weight, height, _NEAR * side)
    rising = np.maximum.accumulate(lines, 0)
    least = np.minimum.accumulate(lines[::-1], 0)[::-1]
    even = (rising + least) / 2
    below = np.clip(height.astype(np.int32), 0, _LEVELS - 1)
    share = np.clip(height - below, 0, 1)
    low, high = (np.take_along_axis(even, (below + k)[None], 0)[0] for k in (0, 1))
    halo = _blurred(low + share * (high - low), _LAST * side)
    return np.asarray(
        cv2.resize(halo, alpha.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32
    )


def _by_line(drawn: Plane, weight: Plane, height: Plane, near_px: float) -> Plane:
    """The mean of what is known near each place on each level line, `_LEVELS + 1 h w`.

    Where nothing is known, beside what is solid and under it, it goes on as it rose until there.

    Args:
        drawn: Alpha times weight.
    """
    lines = np.zeros((_LEVELS + 1, *drawn.shape), np.float32)
    for level in range(1, _LEVELS + 1):
        on_it = np.clip(1 - np.abs(height - level), 0, 1).astype(np.float32)
        total, weights = (_blurred(on_it * plane, near_px) for plane in (drawn, weight))
        before, last = lines[max(0, level - 2)], lines[level - 1]
        ahead = np.minimum(2 * last - before, np.maximum(last, _MOST))
        lines[level] = (total + _UNKNOWN * ahead) / (weights + _UNKNOWN)
    return lines


def _offset(falloff: Plane, alpha: Plane, known: Mask, side: float) -> Offset:
    """How far the shadow lies right and down of the drawing, as it was drawn."""
    wanted = alpha[known] - alpha[known].mean()
    best, most = (0, 0), -1.0
    for y in _OFFSETS_Y:
        for x in _OFFSETS_X:
            offset = round(x * side), round(y * side)
            values = _moved(falloff, offset)[known]
            values = values - values.mean()
            likeness = float((values * wanted).sum() / max(np.sqrt((values**2).sum()), 1e-6))
            if likeness > most:
                best, most = offset, likeness
    return best


def _moved(plane: Plane, offset: Offset) -> Plane:
    move = np.array([[1, 0, offset[0]], [0, 1, offset[1]]], np.float32)
    return np.asarray(cv2.warpAffine(plane, move, (plane.shape[1], plane.shape[0])), np.float32)


def _own_alpha(rgb: Plane, alpha: Plane, halo: Plane, own: Mask, colour: Plane) -> Plane:
    """Of the drawing without its halo.

    At its edge that is what the halo does not explain, and no more than the colour says: a dark
    line of shadow along an orange edge belongs to the shadow.
    """
    near = _grown(own, _BAND_PX)
    rest = np.where(near, (alpha - halo) / np.maximum(1 - halo, 1e-3), 0)
    solid = (alpha >= _SOLID).astype(np.float32)
    weight = np.asarray(cv2.erode(solid, np.ones((3, 3), np.uint8)), np.float32)
    beside = _blurred(weight, _BAND_PX)
    total = _blurred(rgb * weight[..., None], _BAND_PX)
    step = total / np.maximum(beside, 1e-4)[..., None] - colour
    apart = (step**2).sum(2)
    told = ((rgb - colour) * step).sum(2) / np.maximum(apart, 1e-4) * alpha
    edge = (alpha < _FULL) & _grown(~near, _BAND_PX + 1) & (beside > 1e-3)
    rest = np.where(edge & (apart > _TOLD_APART**2), np.minimum(rest, told), rest)
    rest = np.clip((rest - _HAZE) / (1 - _HAZE), 0, 1)
    return np.where(alpha >= 1, 1, rest).astype(np.float32)


def _without(rgb: Plane, alpha: Plane, halo: Plane, own: Plane, colour: Plane) -> Tensor:
    """The drawing of this alpha that gives what was decoded when it is laid over the halo."""
    premultiplied = rgb * alpha[..., None] - colour * (halo * (1 - own))[..., None]
    straight = np.clip(premultiplied / np.maximum(own, 1e-3)[..., None], 0, 1)
    straight = np.where(own[..., None] >= 1, rgb, straight)
    rgba = np.concatenate([straight, own[..., None]], 2).astype(np.float32)
    drawing = torch.from_numpy(np.ascontiguousarray(rgba.transpose(2, 0, 1)))
    crisp = from_colour_form(steepen(to_colour_form(drawing[None])))[0]
    return torch.where(drawing[3] >= 1, drawing, crisp)


def laid_over(halo: Plane, colour: tuple[float, float, float], drawing: RgbaArray) -> RgbaArray:
    """The drawing over its halo; what is opaque in it keeps its bytes.

    Args:
        halo: Alpha in [0, 1], `h w`.
        colour: Straight RGB of the halo in [0, 1].
        drawing: Straight RGBA, `h w 4`.
    """
    own = drawing[..., 3:].astype(np.float32) / 255
    behind = halo[..., None] * (1 - own)
    alpha = own + behind
    mixed = drawing[..., :3] * own + np.array(colour, np.float32) * 255 * behind
    out = np.empty_like(drawing)
    out[..., :3] = np.rint(mixed / np.maximum(alpha, 1e-4))
    out[..., 3] = np.rint(alpha[..., 0] * 255)
    out[out[..., 3] == 0] = 0
    return np.where(drawing[..., 3:] == 255, drawing, out)


def _blurred(planes: Plane, px: float) -> Plane:
    return np.asarray(cv2.GaussianBlur(planes, (0, 0), px), np.float32)


def _grown(mask: Mask, reach: int) -> Mask:
    square = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return np.asarray(cv2.dilate(mask.astype(np.uint8), square) > 0)
