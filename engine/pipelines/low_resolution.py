"""Pixels in and out of Inf-DiT, block by block: the low-resolution picture and its enlargement.

The network wants two pictures beside the noisy one: one at a quarter of the target (its tokens and
the CLIP vector) and the input enlarged to the target. Both are computed for a block from the pixels
around it. Pictures that do not fill their last blocks are continued to the right and the bottom by
their last pixels; nothing flows from there to what is kept but through these pixels.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from torch import Tensor

RgbArray = npt.NDArray[np.uint8]  # h w 3
_SUPPORT = 2  # source pixels on each side that a bicubic kernel sees
_KERNEL_A = -0.5  # of the antialiased kernel; the plain one has -0.75


def to_network(rgb: RgbArray) -> Tensor:
    """8-bit RGB `h w 3` -> float32 `1 3 h w` in [-1, 1]."""
    pixels = torch.from_numpy(np.ascontiguousarray(rgb)).permute(2, 0, 1)[None].float()
    return pixels / 255 * 2 - 1


def to_bytes(pixels: Tensor) -> RgbArray:
    """`3 h w` -> 8-bit RGB `h w 3`; the published code cuts off instead of rounding."""
    levels = ((pixels.double() + 1) * 127.5).clamp(0, 255).floor()
    return levels.permute(1, 2, 0).byte().contiguous().cpu().numpy()


def enlarge(lr: Tensor, scale: int) -> Tensor:
    """Antialiased bicubic enlargement of a whole picture `b 3 h w`, clipped to [-1, 1]."""
    size = (lr.shape[2] * scale, lr.shape[3] * scale)
    large = F.interpolate(lr.float(), size, mode="bicubic", antialias=True, align_corners=False)
    return large.clamp(-1, 1)


@dataclass(frozen=True, slots=True)
class AxisWeights:
    """A bicubic resampling along one axis, for some of the new pixels.

    Attributes:
        start: First source pixel that is needed.
        matrix: `new source` weights, float32; the source pixels follow each other from `start`.
    """

    start: int
    matrix: Tensor

    @classmethod
    def of(cls, first: float, count: int, *, step: float, end: int, begin: int = 0) -> AxisWeights:
        """Weights of `count` new pixels from `first` on, which counts from source pixel 0.

        Args:
            step: Source pixels per new pixel; below 1 the picture grows, at 1 it stays as it is.
            begin, end: Source pixels with the continuation, half-open. The kernel is cut off there
                and its weights are made to sum to 1 again.
        """
        corner = math.floor(first * step)
        # Edges out of the kernel's reach make no difference, so that most blocks share weights.
        far = math.ceil((count + 1) * step + _SUPPORT * max(step, 1.0)) + 1
        start, matrix = _weights(
            count, step, first * step - corner, max(begin - corner, -far), min(end - corner, far)
        )
        return cls(corner + start, matrix)


@functools.lru_cache(maxsize=32)
def _weights(
    count: int, step: float, phase: float, low_end: int, high_end: int
) -> tuple[int, Tensor]:
    """First source pixel and matrix of `count` new pixels; all places count from a source pixel.

    Args:
        phase: Where the first new pixel begins, 0 to 1.
        low_end, high_end: Source pixels there are, half-open.
    """
    widening = max(step, 1.0)
    reach = _SUPPORT * widening
    centres = (np.arange(count) + 0.5) * step + phase
    low = np.maximum(np.floor(centres - reach + 0.5).astype(int), low_end)
    high = np.minimum(np.floor(centres + reach + 0.5).astype(int), high_end)
    start, stop = int(low.min()), int(high.max())
    places = np.arange(start, stop)
    weights = _bicubic((places[None] - centres[:, None] + 0.5) / widening)
    weights *= (places[None] >= low[:, None]) & (places[None] < high[:, None])
    weights /= weights.sum(1, keepdims=True)
    return start, torch.from_numpy(weights.astype(np.float32))


def _bicubic(distance: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Keys' cubic convolution kernel."""
    x = np.abs(distance)
    near = ((_KERNEL_A + 2) * x - (_KERNEL_A + 3)) * x * x + 1
    far = (((x - 5) * x + 8) * x - 4) * _KERNEL_A
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class BlockPixels:
    """Both pictures that a block needs, cut out of an input of any size.

    Attributes:
        source: The input, `h w 3`, 8-bit; may be memory-mapped.
        width, height: Target size in pixels.
        block_px, lr_block_px: Side of a block in the target and in the low-resolution picture.
        lead: Target pixels above and left of the picture that its first blocks have room for; there
            its first pixels are continued. Layers at any place then share one grid of blocks.
    """

    source: RgbArray
    width: int
    height: int
    block_px: int
    lr_block_px: int
    lead: tuple[int, int] = (0, 0)

    @property
    def rows(self) -> int:
        """Block rows of the target."""
        return -(-(self.lead[0] + self.height) // self.block_px)

    @property
    def columns(self) -> int:
        """Block columns of the target."""
        return -(-(self.lead[1] + self.width) // self.block_px)

    def enlarged(self, row: int, column: int) -> Tensor:
        """The input enlarged to the target, of one block: `1 3 s s` in [-1, 1]."""
        side = self.block_px
        return self._resampled(row * side, column * side, side, side, 1)

    def around(self, row: int, column: int) -> tuple[Tensor, int, int]:
        """Low-resolution pixels of the blocks around one, as far as there are any.

        Returns:
            `1 3 h w` in [-1, 1], and row and column of the block inside of it, in blocks.
        """
        side, scale = self.lr_block_px, self.block_px // self.lr_block_px
        top, left = max(0, row - 1), max(0, column - 1)
        bottom, right = min(self.rows, row + 2), min(self.columns, column + 2)
        size = ((bottom - top) * side, (right - left) * side)
        crop = self._resampled(top * side, left * side, *size, scale)
        return crop, row - top, column - left

    def whole(self) -> tuple[Tensor, Tensor]:
        """Low-resolution picture and enlargement with full last blocks; for small pictures."""
        scale = self.block_px // self.lr_block_px
        size = (self.rows * self.lr_block_px, self.columns * self.lr_block_px)
        lr = self._resampled(0, 0, *size, scale)
        return lr, self._resampled(0, 0, size[0] * scale, size[1] * scale, 1)

    def _resampled(self, top: int, left: int, height: int, width: int, shrink: int) -> Tensor:
        """A part of the target at 1/shrink of its size."""
        down = self._weights(top, height, shrink, 0)
        across = self._weights(left, width, shrink, 1)
        crop = _continued(
            self.source, down.start, down.matrix.shape[1], across.start, across.matrix.shape[1]
        )
        return (down.matrix @ to_network(crop) @ across.matrix.T).clamp(-1, 1)

    def _weights(self, first: int, count: int, shrink: int, axis: int) -> AxisWeights:
        target = (self.height, self.width)[axis]
        filled = (self.rows, self.columns)[axis] * self.block_px
        ratio, lead = self.source.shape[axis] / target, self.lead[axis]
        end = math.ceil((filled - lead) * ratio - 1e-9)
        begin = math.floor(-lead * ratio + 1e-9)
        start = first - lead / shrink
        return AxisWeights.of(start, count, step=ratio * shrink, end=end, begin=begin)


def _continued(pixels: RgbArray, top: int, height: int, left: int, width: int) -> RgbArray:
    """A crop; around the picture its outermost pixels go on."""
    rows = np.clip(np.arange(top, top + height), 0, pixels.shape[0] - 1)
    columns = np.clip(np.arange(left, left + width), 0, pixels.shape[1] - 1)
    part = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.asarray(part[rows - rows[0]][:, columns - columns[0]])
