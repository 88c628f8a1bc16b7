"""Pixels in and out of Inf-DiT: 8 bits to [-1, 1], the enlarged picture, and back."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from torch import Tensor

RgbArray = npt.NDArray[np.uint8]  # h w 3
MARGIN_PX = 3  # low-resolution pixels around a crop that its enlargement depends on


def to_network(rgb: RgbArray) -> Tensor:
    """8-bit RGB `h w 3` -> float32 `1 3 h w` in [-1, 1]."""
    pixels = torch.from_numpy(np.ascontiguousarray(rgb)).permute(2, 0, 1)[None].float()
    return pixels / 255 * 2 - 1


def to_bytes(pixels: Tensor) -> RgbArray:
    """`3 h w` -> 8-bit RGB `h w 3`; the published code cuts off instead of rounding."""
    levels = ((pixels.double() + 1) * 127.5).clamp(0, 255).floor()
    return levels.permute(1, 2, 0).byte().numpy()


def enlarge(lr: Tensor, scale: int) -> Tensor:
    """Antialiased bicubic enlargement `b 3 h w`, clipped to [-1, 1].

    The antialiasing kernel (a = -0.5) differs from the plain one also when enlarging, and at the
    picture's edge it renormalises by itself.
    """
    size = (lr.shape[2] * scale, lr.shape[3] * scale)
    large = F.interpolate(lr.float(), size, mode="bicubic", antialias=True, align_corners=False)
    return large.clamp(-1, 1)
