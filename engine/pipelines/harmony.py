"""Do the stacked layers look like one picture? Compared with a render of the whole at once.

The paper calls it self-consistency; it needs no true picture (art-plus, section 4, step 6).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from engine.requests import Corners, GeneratedLayer, Harmony, LayerPixels, RgbaArray

Rgb = npt.NDArray[np.float32]  # h w 3 in [0, 1]

_BINS = 8
_SSIM_SIGMA = 1.5
_C1, _C2 = 0.01**2, 0.03**2
_BEST_PSNR = 99.0


def stacked_on_white(
    layers: Sequence[GeneratedLayer | LayerPixels], width: int, height: int
) -> Rgb:
    """The layers over one another, over white where nothing is."""
    picture = np.ones((height, width, 3), np.float32)
    for layer in layers:
        _lay_over(picture, layer.pixels, layer.box)
    return picture


def _lay_over(picture: Rgb, pixels: RgbaArray, box: Corners) -> None:
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = max(0, box[0]), max(0, box[1]), min(width, box[2]), min(height, box[3])
    if x1 <= x0 or y1 <= y0:
        return
    part = pixels[y0 - box[1] : y1 - box[1], x0 - box[0] : x1 - box[0]].astype(np.float32) / 255
    below = picture[y0:y1, x0:x1]
    below += (part[..., :3] - below) * part[..., 3:]


def compare(stack: Rgb, whole: Rgb) -> Harmony:
    """Agreement of two pictures; the larger one is scaled to the smaller."""
    if stack.size > whole.size:
        stack = _as_large_as(stack, whole)
    elif whole.size > stack.size:
        whole = _as_large_as(whole, stack)
    error = float(np.square(stack - whole).mean())
    psnr = _BEST_PSNR if error == 0 else min(_BEST_PSNR, -10 * float(np.log10(error)))
    return Harmony(round(psnr, 2), round(_ssim(stack, whole), 4), round(_shared(stack, whole), 4))


def _as_large_as(picture: Rgb, other: Rgb) -> Rgb:
    size = other.shape[1], other.shape[0]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)


def _ssim(first: Rgb, second: Rgb) -> float:
    """Of the luminance, under a Gaussian window (Wang et al. 2004)."""
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    a, b = first @ weights, second @ weights

    def mean(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return np.asarray(cv2.GaussianBlur(values, (0, 0), _SSIM_SIGMA), np.float32)

    ma, mb = mean(a), mean(b)
    va, vb, both = mean(a * a) - ma * ma, mean(b * b) - mb * mb, mean(a * b) - ma * mb
    above = (2 * ma * mb + _C1) * (2 * both + _C2)
    below = (ma * ma + mb * mb + _C1) * (va + vb + _C2)
    return float((above / below).mean())


def _shared(first: Rgb, second: Rgb) -> float:
    """Intersection of the colour histograms."""

    def histogram(picture: Rgb) -> npt.NDArray[np.float64]:
        cells = np.clip((picture * _BINS).astype(int), 0, _BINS - 1).reshape(-1, 3)
        index = (cells[:, 0] * _BINS + cells[:, 1]) * _BINS + cells[:, 2]
        return np.bincount(index, minlength=_BINS**3) / len(index)

    return float(np.minimum(histogram(first), histogram(second)).sum())
