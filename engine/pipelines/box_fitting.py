"""Between a layer's box and the picture that FLUX draws for it: there and back."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from engine.matting.cleanup import tight_box
from engine.pipelines.document_pixels import part_of
from engine.requests import Corners, LayerPixels, RgbaArray

Rgba = npt.NDArray[np.float32]  # h w 4 in [0, 1], straight alpha
RgbArray = npt.NDArray[np.uint8]  # h w 3

_GREY = 0.5
_MARGIN = 1 / 8  # of a side, around an object that is refined: one that touches edges is rejected


def fitted(rgba: Rgba, width: int, height: int) -> RgbaArray:
    """The visible part in a box of this size: contained, centred, resampled premultiplied."""
    out = np.zeros((height, width, 4), np.uint8)
    box = tight_box(rgba[..., 3])
    if box is None:
        return out
    part = rgba[box[1] : box[3], box[0] : box[2]]
    scale = min(width / part.shape[1], height / part.shape[0])
    columns = max(1, min(width, round(part.shape[1] * scale)))
    rows = max(1, min(height, round(part.shape[0] * scale)))
    x, y = (width - columns) // 2, (height - rows) // 2
    out[y : y + rows, x : x + columns] = resized(part, columns, rows)
    return out


def resized(rgba: Rgba, width: int, height: int) -> RgbaArray:
    """Straight RGBA in another size as bytes; what cannot be seen becomes (0, 0, 0, 0)."""
    planes = _scaled(rgba, width, height)
    alpha = np.rint(planes[..., 3:] * 255)
    colour = np.clip(planes[..., :3] / np.maximum(planes[..., 3:], 1e-6), 0, 1) * 255
    colour = np.where(alpha > 0, np.rint(colour), 0)
    return np.asarray(np.concatenate([colour, alpha], -1), np.uint8)


def object_on_grey(content: LayerPixels, box: Corners, size: tuple[int, int]) -> RgbArray:
    """What a layer shows in its box, on grey with a margin, in the size of a drawing."""
    columns, rows = (max(1, round(side * (1 - 2 * _MARGIN))) for side in size)
    planes = _scaled(_unit(part_of(content, box)), columns, rows)
    picture = np.full((size[1], size[0], 3), _GREY, np.float32)
    x, y = (size[0] - columns) // 2, (size[1] - rows) // 2
    place = picture[y : y + rows, x : x + columns]
    place *= 1 - planes[..., 3:]
    place += planes[..., :3]
    return _bytes(picture)


def background_picture(content: LayerPixels, box: Corners, size: tuple[int, int]) -> RgbArray:
    """What a background shows, on grey where it shows nothing, in the size of a drawing."""
    planes = _scaled(_unit(part_of(content, box)), *size)
    return _bytes(planes[..., :3] + (1 - planes[..., 3:]) * _GREY)


def _scaled(rgba: Rgba, width: int, height: int) -> Rgba:
    """Premultiplied, in another size."""
    planes = np.dstack([rgba[..., :3] * rgba[..., 3:], rgba[..., 3:]]).astype(np.float32)
    shrinks = width * height < planes.shape[0] * planes.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4
    sized = cv2.resize(planes, (width, height), interpolation=how)
    return np.asarray(np.clip(sized, 0, 1), np.float32)


def _unit(pixels: RgbaArray) -> Rgba:
    return np.asarray(pixels.astype(np.float32) / 255, np.float32)


def _bytes(picture: npt.NDArray[np.float32]) -> RgbArray:
    return np.asarray(np.rint(np.clip(picture, 0, 1) * 255), np.uint8)
