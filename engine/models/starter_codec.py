"""The starter's latent codec: a fixed linear RGBA encoder and a learned convolutional decoder.

The encoder is a PCA, so cached latents never change; all learning is in the decoder, which gives
two pixels per model pixel and side. Both see colour form: RGB in [-1, 1] times alpha, plus alpha.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from torch import Tensor, nn

from engine.models.geometry import Box
from engine.models.latent_codec import OPAQUE_ENTRIES

PATCH_PX = 8
LATENT_CHANNELS = 16
_BLUR_REACH = 3  # of a blur by 1 px
_STEEPENING = 2.0
_FAINT = 0.15  # of the range from -1 to 1 in a neighbourhood: 19 levels
_EDGE_REACH = 2  # pixels off a decoded edge where alpha is clear and full
_EDGE_STEP = (0.65, 0.9)  # of alpha within that: no edge of the drawing, one for certain
_SOLID = (0.6, 0.8)  # alpha: of no inside of a drawing, of one for certain


def to_colour_form(rgba: Tensor) -> Tensor:
    """Straight RGBA in [0, 1] -> RGB in [-1, 1] times alpha, and alpha in [-1, 1]: `b 4 h w`.

    Transparent pixels become mid-grey, so resizing, cropping and the linear code need no mask
    (art-plus 1.4).
    """
    alpha = rgba[:, 3:]
    return torch.cat([(rgba[:, :3] * 2 - 1) * alpha, alpha * 2 - 1], 1)


def from_colour_form(colour: Tensor) -> Tensor:
    """Inverse of `to_colour_form`, clamped to [0, 1]; colour where alpha is 0 is mid-grey."""
    alpha = ((colour[:, 3:] + 1) / 2).clamp(0, 1)
    rgb = colour[:, :3] / alpha.clamp(min=1 / 64)
    return torch.cat([((rgb + 1) / 2).clamp(0, 1), alpha], 1)


class LinearPatchCode(nn.Module):
    """PCA of 8 x 8 x 4 patches to 16 channels; both directions are one small matrix.

    Each component is divided by the square root of its standard deviation, then all by one factor
    to unit deviation: that keeps the coarse-to-fine order in the noise schedule (the large-scale
    components stay larger than the fine ones).
    """

    basis: Tensor
    mean: Tensor
    scale: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("basis", torch.zeros(LATENT_CHANNELS, 4 * PATCH_PX**2))
        self.register_buffer("mean", torch.zeros(4 * PATCH_PX**2))
        self.register_buffer("scale", torch.ones(LATENT_CHANNELS))

    def encode(self, colour: Tensor) -> Tensor:
        """Colour form `b 4 8h 8w` -> latents `b 16 h w`."""
        patches = F.pixel_unshuffle(colour, PATCH_PX)  # b 256 h w
        centred = patches - self.mean[:, None, None]
        return torch.einsum("ck,bkhw->bchw", self.basis, centred) / self.scale[:, None, None]

    def decode(self, latents: Tensor) -> Tensor:
        """Latents `b 16 h w` -> colour form `b 4 8h 8w` by the transposed basis."""
        scaled = latents * self.scale[:, None, None]
        patches = torch.einsum("ck,bchw->bkhw", self.basis, scaled) + self.mean[:, None, None]
        return F.pixel_shuffle(patches, PATCH_PX)

    @torch.no_grad()
    def fit(self, patches: Tensor) -> None:
        """Sets the basis from colour-form patches `n 256` (order of `pixel_unshuffle`)."""
        self.mean.copy_(patches.mean(0))
        centred = (patches - self.mean).double()
        values, vectors = torch.linalg.eigh(centred.T @ centred / len(patches))
        deviations = values[-LATENT_CHANNELS:].flip(0).sqrt()
        self.basis.copy_(vectors[:, -LATENT_CHANNELS:].flip(1).T)
        whitened = deviations / deviations.sqrt()
        overall = whitened.pow(2).mean().sqrt()
        self.scale.copy_(deviations.sqrt() * overall)


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions beside the identity; no norm, so a crop decodes like the whole."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.second.weight)

    def forward(self, features: Tensor) -> Tensor:
        """`b c h w` -> the same shape."""
        out: Tensor = features + self.second(F.silu(self.first(F.silu(features))))
        return out


class RefiningDecoder(nn.Module):
    """Residual to the enlarged linear inverse: latents `b 16 h w` -> colour form `b 4 16h 16w`."""

    def __init__(self, widths: tuple[int, int, int] = (128, 64, 32)) -> None:
        super().__init__()
        coarse, middle, fine = widths
        self.stem = nn.Conv2d(LATENT_CHANNELS, coarse, 3, padding=1)
        self.coarse = nn.Sequential(*(ResidualBlock(coarse) for _ in range(3)))
        self.to_middle = nn.Conv2d(coarse, middle * 4, 1)
        self.middle = nn.Sequential(*(ResidualBlock(middle) for _ in range(3)))
        self.to_fine = nn.Conv2d(middle, fine * 4, 1)
        self.fine = nn.Sequential(*(ResidualBlock(fine) for _ in range(2)))
        self.to_pixels = nn.Conv2d(fine, 12 * 16, 3, padding=1)
        self.last = nn.Conv2d(12, 4, 3, padding=1)
        nn.init.zeros_(self.last.weight)

    def forward(self, latents: Tensor, linear: Tensor) -> Tensor:
        """Refines `linear`, the linear inverse `b 4 8h 8w` of the same latents."""
        features = self.coarse(self.stem(latents))  # b c h w
        features = self.middle(F.pixel_shuffle(self.to_middle(features), 2))  # at 2h 2w
        features = self.fine(F.pixel_shuffle(self.to_fine(features), 2))  # at 4h 4w
        pixels = F.pixel_shuffle(self.to_pixels(F.silu(features)), 4)  # b 12 16h 16w
        enlarged = F.interpolate(linear, scale_factor=2.0, mode="bilinear", align_corners=False)
        out: Tensor = enlarged + self.last(F.silu(pixels))
        return out


class StarterCodec(nn.Module):
    """`LatentCodec` of the starter: see the module's first line.

    Attributes:
        alpha_curve: Whether decoded objects pass `clear_haze`; off for glows and smoke.
    """

    latent_channels = LATENT_CHANNELS
    stride_px = PATCH_PX
    output_scale = 2

    def __init__(self, alpha_curve: bool = True) -> None:
        super().__init__()
        self.code = LinearPatchCode()
        self.decoder = RefiningDecoder()
        self.alpha_curve = alpha_curve

    @classmethod
    def from_state_dict(cls, weights: Mapping[str, Tensor]) -> StarterCodec:
        """Codec from its shipped weights (any float dtype).

        Raises:
            RuntimeError: A weight is missing, unknown or of another shape.
        """
        codec = cls()
        codec.load_state_dict({key: value.float() for key, value in weights.items()})
        return codec.eval().requires_grad_(False)

    @torch.no_grad()
    def encode(self, rgba: Tensor) -> Tensor:
        """See `LatentCodec`."""
        return self.code.encode(to_colour_form(rgba))

    def decode_colour(self, latents: Tensor) -> Tensor:
        """Latents `b 16 h w` -> colour form `b 4 16h 16w`, unclamped, with crisp edges."""
        return steepen(self.decoder(latents, self.code.decode(latents)))

    @torch.no_grad()
    def decode(
        self,
        latents: Sequence[Tensor | None],
        boxes: Sequence[Box | None],
        wanted: Collection[int],
    ) -> dict[int, Tensor]:
        """See `LatentCodec`; each entry is decoded by itself, so only wanted ones cost anything."""
        pixels = {}
        for index in sorted(wanted):
            entry = latents[index] if index < len(latents) and boxes[index] else None
            if entry is None:
                continue
            colour = self.decode_colour(entry[None].float())
            pixels[index] = (
                opaque(colour)[0] if index in OPAQUE_ENTRIES else self._object(colour)[0]
            )
        return pixels

    def _object(self, colour: Tensor) -> Tensor:
        rgba = from_colour_form(colour)
        return clear_haze(rgba) if self.alpha_curve else rgba


def steepen(colour: Tensor, enlarged: float = 1.0) -> Tensor:
    """Steeper edges without ringing: what a blur took is added twice, and every pixel stays within
    its 3 x 3 neighbourhood (a shock filter, Osher and Rudin 1990).

    The decoder's mean answer to an uncertain edge is a soft one. On drawings never trained on this
    gives 1 to 1.5 dB of alpha and 0.3 to 0.6 dB of colour. Two things are left alone: faint steps,
    which would show the grid, and places where alpha neither is full nor steps to it from nothing.
    Those are shadows, glows and what is half transparent, and their roughness would be carved.

    Args:
        colour: Colour form `b 4 h w`.
        enlarged: How much wider than decoded ones the edges are.
    """
    taps = torch.exp(-(torch.arange(-_BLUR_REACH, _BLUR_REACH + 1, dtype=colour.dtype) ** 2) / 2)
    taps = (taps / taps.sum()).to(colour.device)
    blurred = F.pad(colour, (_BLUR_REACH,) * 4, mode="replicate")
    for shape in ((1, 1, -1, 1), (1, 1, 1, -1)):
        blurred = F.conv2d(blurred, taps.view(shape).repeat(4, 1, 1, 1), groups=4)
    least, most = _extremes(colour, 1)
    steep = (colour + _STEEPENING * (colour - blurred)).clamp(least, most)
    share = ((most - least - _FAINT) / _FAINT).clamp(0, 1)  # none at faint steps, all at edges
    return colour + share * _outlines(colour[:, 3:], enlarged) * (steep - colour)


def steepening_reach(enlarged: float = 1.0) -> int:
    """Pixels around one that `steepen` looks at."""
    return max(_BLUR_REACH, math.ceil(_EDGE_REACH * enlarged))


def _outlines(alpha: Tensor, enlarged: float) -> Tensor:
    """1 in and at the edge of what is solid, 0 in what is soft or translucent.

    Args:
        alpha: From -1 to 1, `b 1 h w`.
    """
    least, most = _extremes((alpha + 1) / 2, math.ceil(_EDGE_REACH * enlarged))
    return torch.maximum(_rising(most - least, *_EDGE_STEP), _rising(least, *_SOLID))


def _extremes(planes: Tensor, reach: int) -> tuple[Tensor, Tensor]:
    """Least and most of the square around each pixel."""
    around = F.pad(planes, (reach,) * 4, mode="replicate")
    side = 2 * reach + 1
    least, most = (
        F.max_pool2d(F.max_pool2d(each, (side, 1), 1), (1, side), 1) for each in (-around, around)
    )
    return -least, most


def _rising(values: Tensor, low: float, high: float) -> Tensor:
    return ((values - low) / (high - low)).clamp(0, 1)


def opaque(colour: Tensor) -> Tensor:
    """Colour form -> RGBA in [0, 1] with alpha 1, grey showing where alpha was not full."""
    rgb = ((colour[:, :3] + 1) / 2).clamp(0, 1)
    return torch.cat([rgb, torch.ones_like(rgb[:, :1])], 1)


def clear_haze(rgba: Tensor) -> Tensor:
    """Alpha a -> clip((a - 0.1) / 0.8): generated drawings carry a faint haze, real art none."""
    alpha = ((rgba[:, 3:] - 0.1) / 0.8).clamp(0, 1)
    return torch.cat([rgba[:, :3], alpha], 1)
