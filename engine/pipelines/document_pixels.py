"""Decoded layers as pixels of the document and back: scaled without fringes, straight alpha."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.models.starter_codec import steepen, steepening_reach
from engine.pipelines.native_canvas import NativeCanvas
from engine.requests import Corners, LayerPixels, RgbaArray

_ROWS_AT_ONCE = 256
_MAX_STEEPENED = 4.0  # enlarged more than that, edges are wider than steepening reaches
_FULL = 65535.0  # premultiplied values are kept in 16 bits: half the memory of float32


def object_pixels(
    decoded: Tensor, asked: Corners, rect: Corners, *, crisp: bool = False
) -> RgbaArray:
    """A drawing in its place inside the asked box.

    Args:
        decoded: Straight RGBA in [0, 1], `4 H W`.
        asked: Box of the layer in document pixels.
        rect: What the drawing covers, in document pixels; what lies outside of the box is cut off.
        crisp: Make edges steep again that enlarging has made soft.

    Returns:
        Straight RGBA of the asked box; outside `rect` (0, 0, 0, 0).
    """
    premultiplied = decoded * decoded[3:]
    premultiplied[3] = decoded[3]
    planes = np.ascontiguousarray(premultiplied.permute(1, 2, 0).numpy())
    small = np.rint(np.clip(planes, 0, 1) * _FULL).astype(np.uint16)
    width, height = rect[2] - rect[0], rect[3] - rect[1]
    scaled = _resize(small, width, height)
    enlarged = max(width / small.shape[1], height / small.shape[0])
    if crisp and 1 < enlarged <= _MAX_STEEPENED:
        scaled = _steepened(scaled, enlarged)
    out = np.zeros((asked[3] - asked[1], asked[2] - asked[0], 4), np.uint8)
    x, y = rect[0] - asked[0], rect[1] - asked[1]
    left, top = max(0, x), max(0, y)
    inside = scaled[top - y : out.shape[0] - y, left - x : out.shape[1] - x]
    _straighten(inside, out[top : top + inside.shape[0], left : left + inside.shape[1]])
    return out


def object_plane(plane: Tensor, asked: Corners, rect: Corners) -> npt.NDArray[np.float32]:
    """One plane of a drawing, `H W` in [0, 1], in its place: `h w` of the asked box, 0 elsewhere.

    Args:
        rect: What the plane covers, inside of `asked`.
    """
    small = np.ascontiguousarray(plane.float().numpy())
    scaled = np.clip(_resize(small, rect[2] - rect[0], rect[3] - rect[1]), 0, 1)
    out = np.zeros((asked[3] - asked[1], asked[2] - asked[0]), np.float32)
    x, y = rect[0] - asked[0], rect[1] - asked[1]
    out[y : y + scaled.shape[0], x : x + scaled.shape[1]] = scaled
    return out


def background_pixels(decoded: Tensor, canvas: NativeCanvas) -> RgbaArray:
    """A background on the whole document, opaque.

    Args:
        decoded: `4 H W` in [0, 1] of the whole native canvas, at any scale of it.
    """
    part = covered_part(decoded, canvas).permute(1, 2, 0).numpy()
    small = np.rint(np.clip(part, 0, 1) * 255).astype(np.uint8)
    scaled = _resize(small, canvas.document_width, canvas.document_height)
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2RGBA), np.uint8)


def covered_part(decoded: Tensor, canvas: NativeCanvas) -> Tensor:
    """The colours of what a decoded background shows in the document, `3 h w`."""
    scale = decoded.shape[2] / canvas.width * canvas.scale  # decoded pixels per document pixel
    rows = max(1, min(decoded.shape[1], round(canvas.document_height * scale)))
    columns = max(1, min(decoded.shape[2], round(canvas.document_width * scale)))
    return decoded[:3, :rows, :columns]


def native_object(content: LayerPixels, rect: Corners, width: int, height: int) -> Tensor:
    """What a layer shows inside `rect`: the way back of `object_pixels`.

    Returns:
        Straight RGBA in [0, 1], `4 height width` in model pixels.
    """
    return _scaled(part_of(content, rect), width, height)


def native_background(content: LayerPixels, canvas: NativeCanvas) -> Tensor:
    """The way back of `background_pixels`: RGBA in [0, 1], `4 H W` of the whole native canvas."""
    part = part_of(content, (0, 0, canvas.document_width, canvas.document_height))
    columns, rows = canvas.covered
    scaled = _scaled(part, columns, rows)[None]
    missing = (0, canvas.width - columns, 0, canvas.height - rows)
    return torch.nn.functional.pad(scaled, missing, mode="replicate")[0]


def part_of(content: LayerPixels, rect: Corners) -> RgbaArray:
    """The layer's pixels in a rectangle of the document; transparent where it has none."""
    out = np.zeros((rect[3] - rect[1], rect[2] - rect[0], 4), np.uint8)
    x0, y0 = max(rect[0], content.box[0]), max(rect[1], content.box[1])
    x1, y1 = min(rect[2], content.box[2]), min(rect[3], content.box[3])
    if x1 > x0 and y1 > y0:
        left, top = content.box[:2]
        source = content.pixels[y0 - top : y1 - top, x0 - left : x1 - left]
        out[y0 - rect[1] : y1 - rect[1], x0 - rect[0] : x1 - rect[0]] = source
    return out


def _scaled(rgba: RgbaArray, width: int, height: int) -> Tensor:
    """Straight RGBA in [0, 1], `4 height width`, averaged weighted by alpha."""
    planes = rgba.astype(np.float32) / 255
    planes[..., :3] *= planes[..., 3:]
    small = np.clip(_resize(planes, width, height), 0, 1)
    small[..., :3] = np.clip(small[..., :3] / np.maximum(small[..., 3:], 1e-3), 0, 1)
    return torch.from_numpy(np.ascontiguousarray(small.transpose(2, 0, 1)))


def preview_pixels(decoded: Tensor) -> RgbaArray:
    """Straight RGBA in [0, 1], `4 h w`, as bytes `h w 4`."""
    values = decoded.permute(1, 2, 0).numpy()
    return np.asarray(np.rint(np.clip(values, 0, 1) * 255), np.uint8)


def _resize(pixels: npt.NDArray[Any], width: int, height: int) -> npt.NDArray[Any]:
    """Area averaging where a side shrinks, bicubic where it grows."""
    small = min(width, pixels.shape[1]), min(height, pixels.shape[0])
    if small != (pixels.shape[1], pixels.shape[0]):
        pixels = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA)
    if small != (width, height):
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_CUBIC)
    return pixels


def _steepened(premultiplied: npt.NDArray[np.uint16], enlarged: float) -> npt.NDArray[np.uint16]:
    """16-bit premultiplied with steep edges; in strips, as float32 takes twice the memory."""
    out = np.empty_like(premultiplied)
    rows, reach = len(premultiplied), steepening_reach(enlarged)
    for top in range(0, rows, _ROWS_AT_ONCE):
        bottom = min(rows, top + _ROWS_AT_ONCE)
        above, below = max(0, top - reach), min(rows, bottom + reach)
        part = premultiplied[above:below].astype(np.float32) * (2 / _FULL)
        part[..., :3] -= part[..., 3:] / 2  # the codec's colour form
        part[..., 3] -= 1
        planes = torch.from_numpy(part.transpose(2, 0, 1)[None])
        colour = steepen(planes, enlarged)[0].permute(1, 2, 0)
        crisp = colour[top - above : bottom - above].contiguous().numpy()
        crisp[..., 3] += 1
        crisp[..., :3] += crisp[..., 3:] / 2
        out[top:bottom] = np.rint(np.clip(crisp, 0, 2) * (_FULL / 2))
    return out


def _straighten(premultiplied: npt.NDArray[Any], out: RgbaArray) -> None:
    """16-bit premultiplied -> 8-bit straight; transparent pixels become (0, 0, 0, 0)."""
    for top in range(0, out.shape[0], _ROWS_AT_ONCE):
        part = premultiplied[top : top + _ROWS_AT_ONCE].astype(np.float32)
        alpha = np.rint(part[..., 3:] * (255 / _FULL))
        colour = part[..., :3] * 255 / np.maximum(part[..., 3:], 1)
        colour[alpha[..., 0] == 0] = 0
        out[top : top + _ROWS_AT_ONCE, :, :3] = np.rint(np.clip(colour, 0, 255))
        out[top : top + _ROWS_AT_ONCE, :, 3:] = alpha
