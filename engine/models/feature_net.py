"""A small network that tells drawings of different nouns apart, across drawing styles.

The evaluation uses it as the judge, the product to check whether a box shows its noun.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from torch import Tensor, nn

from engine.models.starter_codec import to_colour_form

INPUT_PX = 96
_WIDTHS = (64, 128, 192, 256)


class FeatureNet(nn.Module):
    """Strided stages of depth-wise and full convolutions, then a unit vector."""

    def __init__(self, features: int = 128) -> None:
        super().__init__()
        stages: list[nn.Module] = [nn.Conv2d(4, _WIDTHS[0], 7, 4, 3), _Residual(_WIDTHS[0])]
        before = _WIDTHS[0]
        for width in _WIDTHS[1:]:
            stages += [nn.GroupNorm(8, before), nn.SiLU(), nn.Conv2d(before, width, 3, 2, 1)]
            stages += [_Residual(width)]
            before = width
        self.stages = nn.Sequential(*stages)
        self.head = nn.Linear(2 * before, features)

    def forward(self, colour: Tensor) -> Tensor:
        """Colour form `b 4 96 96` -> unit vectors `b d`."""
        maps = self.stages(colour)  # b c 3 3
        pooled = torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], 1)
        out: Tensor = F.normalize(self.head(pooled), dim=1)
        return out

    @torch.no_grad()
    def embed(self, rgba: Tensor) -> Tensor:
        """Straight RGBA in [0, 1], `b 4 96 96` (`centre_drawing`) -> unit vectors `b d`."""
        out: Tensor = self(to_colour_form(rgba))
        return out

    @classmethod
    def from_state_dict(cls, weights: Mapping[str, Tensor]) -> FeatureNet:
        """From shipped weights of any float dtype; keys of `prototypes` are not part of the net.

        Raises:
            RuntimeError: A weight is missing, unknown or of another shape.
        """
        net = cls()
        kept = {k: v.float() for k, v in weights.items() if not k.startswith("prototypes")}
        net.load_state_dict(kept)
        return net.eval().requires_grad_(requires_grad=False)


class _Residual(nn.Module):
    """Depth-wise 3 x 3 and a two-layer mix of channels beside the identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.spatial = nn.Conv2d(width, width, 3, padding=1, groups=width)
        self.norm = nn.GroupNorm(8, width)
        self.mix = nn.Conv2d(width, 2 * width, 1)
        self.out = nn.Conv2d(2 * width, width, 1)

    def forward(self, maps: Tensor) -> Tensor:
        """`b c h w` -> the same shape."""
        mixed = F.silu(self.mix(self.norm(self.spatial(maps))))
        out: Tensor = maps + self.out(mixed)
        return out


def centre_drawing(rgba: Tensor, side: int = INPUT_PX) -> Tensor:
    """A drawing `4 h w` cropped to its alpha, centred in a square: `4 side side`, for `embed`.

    Everything that `embed` compares goes through this, so position and size in a box don't count.
    """
    colour = to_colour_form(rgba[None])
    visible = (rgba[3] > 0.25).nonzero()
    if len(visible):
        y0, x0 = (int(v) for v in visible.amin(0))
        y1, x1 = (int(v) + 1 for v in visible.amax(0))
        colour = colour[:, :, y0:y1, x0:x1]
    height, width = colour.shape[2:]
    scale = (side - 8) / max(height, width)
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    small = F.interpolate(colour, size, mode="bilinear", antialias=True, align_corners=False)
    canvas = torch.zeros(4, side, side)
    canvas[3] = -1
    top, left = (side - size[0]) // 2, (side - size[1]) // 2
    canvas[:, top : top + size[0], left : left + size[1]] = small[0]
    alpha = ((canvas[3:] + 1) / 2).clamp(0, 1)
    rgb = (canvas[:3] / alpha.clamp(min=1 / 64) + 1) / 2
    return torch.cat([rgb.clamp(0, 1), alpha])
