"""The matting network that we train ourselves: a U-Net on features of half the size."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from torch import Tensor, nn

WIDTHS = (24, 32, 48, 64, 96)
STRIDE_PX = 2 ** len(WIDTHS)


class _Double(nn.Module):
    """Two 3 x 3 convolutions with normalised features."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
        )

    def forward(self, features: Tensor) -> Tensor:
        """`b c h w` -> `b c' h w`."""
        out: Tensor = self.layers(features)
        return out


class MattingNet(nn.Module):
    """RGB in [0, 1], `b 3 h w` -> alpha in [0, 1], `b 1 h w`; sides multiples of `STRIDE_PX`."""

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.stem = nn.Conv2d(12, widths[0], 3, padding=1)
        self.down = nn.ModuleList(
            _Double(inputs, outputs)
            for inputs, outputs in zip((widths[0], *widths[:-1]), widths, strict=True)
        )
        self.up = nn.ModuleList(
            _Double(inputs + outputs, outputs)
            for inputs, outputs in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        self.head = nn.Conv2d(widths[0], 4 * 8, 1)
        self.last = nn.Conv2d(8 + 3, 1, 3, padding=1)

    def forward(self, rgb: Tensor) -> Tensor:
        """See the class."""
        logits: Tensor = self.logits(rgb)
        return torch.sigmoid(logits)

    def logits(self, rgb: Tensor) -> Tensor:
        """Before the last squashing; for the loss."""
        features = self.stem(F.pixel_unshuffle(rgb * 2 - 1, 2))  # b c h/2 w/2
        kept: list[Tensor] = []
        for index, block in enumerate(self.down):
            features = block(F.max_pool2d(features, 2) if index else features)
            kept.append(features)
        for block, beside in zip(self.up, kept[-2::-1], strict=True):
            larger = F.interpolate(features, scale_factor=2.0, mode="nearest")
            features = block(torch.cat([larger, beside], 1))
        pixels = F.pixel_shuffle(self.head(features), 2)  # b 8 h w
        out: Tensor = self.last(torch.cat([F.relu(pixels), rgb * 2 - 1], 1))
        return out
