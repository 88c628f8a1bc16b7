"""An independent compositor in float64: W3C's formula with psd-tools' blend functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from psd_tools.composite.blend import BLEND_FUNC
from psd_tools.constants import BlendMode as PsdBlendMode

from editor.document.blending import BlendMode
from editor.document.geometry import Rect
from editor.document.layers import GroupLayer, Layer, RasterLayer

Array = npt.NDArray[np.float64]
# Straight colour h w 3 and alpha h w 1, both 0..1.
Picture = tuple[Array, Array]


def oracle_blend(mode: BlendMode, backdrop: npt.NDArray[Any], source: npt.NDArray[Any]) -> Any:
    """psd-tools' B(b, s) for arrays h w 3 in 0..1."""
    with np.errstate(all="ignore"):
        return BLEND_FUNC[PsdBlendMode(mode.psd_key)](backdrop.copy(), source.copy())


def oracle_composite(layers: tuple[Layer, ...], rect: Rect) -> Picture:
    """Straight colour and alpha of layers over transparency."""
    return _drawn(_empty(rect), layers, rect)


def levels(picture: Picture) -> tuple[Array, Array]:
    """Colour and alpha in 0..255, not rounded."""
    return picture[0] * 255, picture[1] * 255


def _empty(rect: Rect) -> Picture:
    return np.zeros((rect.height, rect.width, 3)), np.zeros((rect.height, rect.width, 1))


def _drawn(backdrop: Picture, layers: tuple[Layer, ...], rect: Rect) -> Picture:
    index = 0
    while index < len(layers):
        end = index + 1
        while end < len(layers) and layers[end].clipped:
            end += 1
        base = layers[index]
        clipped = tuple(layer for layer in layers[index + 1 : end] if layer.visible)
        index = end
        if base.visible and clipped:
            backdrop = over(backdrop, _clip_group(base, clipped, rect), base)
        elif base.visible:
            backdrop = _with_layer(backdrop, base, rect)
    return backdrop


def _with_layer(backdrop: Picture, layer: Layer, rect: Rect) -> Picture:
    if isinstance(layer, GroupLayer) and layer.blend_mode is BlendMode.PASS_THROUGH:
        share = layer.opacity * _coverage(layer, rect)
        return _mixed(backdrop, _drawn(backdrop, layer.children, rect), share)
    return over(backdrop, _content(layer, rect), layer)


def _content(layer: Layer, rect: Rect) -> Picture:
    """A layer or an isolated group with its mask, without opacity and blend mode."""
    if isinstance(layer, GroupLayer):
        colour, alpha = _drawn(_empty(rect), layer.children, rect)
    else:
        assert isinstance(layer, RasterLayer)
        pixels = layer.pixels.read(rect.translated(-layer.offset[0], -layer.offset[1])) / 255
        colour, alpha = pixels[..., :3], pixels[..., 3:]
    return colour, alpha * _coverage(layer, rect)


def _clip_group(base: Layer, clipped: tuple[Layer, ...], rect: Rect) -> Picture:
    """The clipped layers on the base as if it were opaque; its alpha stays."""
    colour, alpha = _content(base, rect)
    ground = np.where(alpha > 0, colour, 0), np.ones_like(alpha)
    for layer in clipped:
        ground = _with_layer(ground, layer, rect)
    return ground[0], alpha


def _coverage(layer: Layer, rect: Rect) -> Array:
    """Mask of a layer, h w 1 in 0..1."""
    if layer.mask is None or not layer.mask.enabled:
        return np.ones((rect.height, rect.width, 1))
    return np.asarray(layer.mask.read(rect)[..., None] / 255)


def over(backdrop: Picture, source: Picture, layer: Layer) -> Picture:
    (b, ab), (s, alpha) = backdrop, source
    a = alpha * layer.opacity
    through = layer.blend_mode is BlendMode.PASS_THROUGH  # a group that layers are clipped to
    blended = oracle_blend(BlendMode.NORMAL if through else layer.blend_mode, b, s)
    premultiplied = a * (1 - ab) * s + a * ab * blended + (1 - a) * ab * b
    return _straight(premultiplied, a + ab * (1 - a))


def _mixed(before: Picture, after: Picture, share: Array) -> Picture:
    (cb, ab), (ca, aa) = before, after
    return _straight(cb * ab * (1 - share) + ca * aa * share, ab * (1 - share) + aa * share)


def _straight(premultiplied: Array, alpha: Array) -> Picture:
    visible = alpha > 0
    return np.where(visible, premultiplied / np.where(visible, alpha, 1), 0), alpha
