"""Training pictures of the upscaler: crops of vector art, and what a worse, smaller one looks like.

A sample is drawn in one of three ways (colours bled under the alpha, composite on a background, the
alpha itself as a grey picture) and made small in one of two: resampled with mild blur, noise and
JPEG, or passed through the starter's own latent code, which leaves edges soft and hazy.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from torch import Tensor

from engine.models.starter_codec import (
    StarterCodec,
    clear_haze,
    from_colour_form,
    to_colour_form,
)
from engine.training.upscaler.art import CROP_PX, CropPool, FloatImage, bleed
from engine.training.upscaler.model import RING

PICTURE_PX = 128
SCALE = 4
_MARGIN_PX = (CROP_PX - PICTURE_PX) // 2
# Enlargement and its share; below 4 the network sees a low-resolution picture at a quarter of the
# target all the same, and the enlargement of something larger (inf-dit sheet, section 3).
_SCALES = {4.0: 0.6, 3.0: 0.1, 2.0: 0.22, 1.5: 0.08}
_CODEC_SHARE = 0.15
_CODEC_SIDE_PX = 1000  # smaller drawings have parts that the code cannot hold at all
_CODEC_NOISE = 0.06


@dataclass(frozen=True, slots=True)
class UpscaleBatch:
    """Pictures in [-1, 1].

    Attributes:
        target: `b 3 128 128`.
        enlarged: The input, resampled to the target, of the same shape.
        lr: `b 3 32 32`.
        vectors: Feature vectors, `b d`.
    """

    target: Tensor
    enlarged: Tensor
    lr: Tensor
    vectors: Tensor


@dataclass(frozen=True, slots=True)
class Tokens:
    """Single tokens of a batch.

    Attributes:
        target, enlarged: `n 3 4 4`.
        ring: Low-resolution pixels around each, `n 8 3`, the last ones going on at the edges.
        picture: Which picture of the batch each is from, int64 `n`.
    """

    target: Tensor
    enlarged: Tensor
    ring: Tensor
    picture: Tensor


def tokens_of(batch: UpscaleBatch) -> Tokens:
    """All tokens, picture by picture and row by row."""
    count, side = len(batch.lr), batch.lr.shape[-1]
    target, enlarged = (
        picture.reshape(count, 3, side, SCALE, side, SCALE).permute(0, 2, 4, 1, 3, 5).flatten(0, 2)
        for picture in (batch.target, batch.enlarged)
    )
    padded = F.pad(batch.lr, (1, 1, 1, 1), mode="replicate")
    around = [padded[..., 1 + y : 1 + y + side, 1 + x : 1 + x + side] for y, x in RING]
    ring = torch.stack(around, -1).permute(0, 2, 3, 4, 1).flatten(0, 2)
    return Tokens(target, enlarged, ring, torch.arange(count).repeat_interleave(side**2))


class UpscaleData:
    """Draws batches.

    Args:
        codec: Of the starter; its latent code makes some of the inputs.
    """

    def __init__(self, pool: CropPool, codec: StarterCodec) -> None:
        self.pool, self.codec = pool, codec

    def draw(self, rng: np.random.Generator, count: int) -> UpscaleBatch:
        """A batch of random crops, each degraded in its own way."""
        samples = [self._sample(rng) for _ in range(count)]
        target, enlarged, lr = (
            torch.cat(parts) for parts in zip(*(s[:3] for s in samples), strict=True)
        )
        return UpscaleBatch(target, enlarged, lr, torch.stack([s[3] for s in samples]))

    def _sample(self, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        index = int(rng.integers(len(self.pool.pixels)))
        turned = _turned(np.asarray(self.pool.pixels[index]), rng)
        crop = np.asarray(turned / np.float32(255), np.float32)
        scale = float(rng.choice(list(_SCALES), p=list(_SCALES.values())))
        side = round(CROP_PX / scale)
        if self.pool.sides[index] >= _CODEC_SIDE_PX and rng.random() < _CODEC_SHARE:
            small = through_codec(self.codec, crop, side, _CODEC_NOISE * rng.random(), rng)
        else:
            small = resampled(crop, side, rng)
        large_rgb, small_rgb = _pictures(crop, small, rng)
        if rng.random() < 0.15:
            small_rgb = roughened(small_rgb, rng)
        target, enlarged, lr = network_inputs(large_rgb, small_rgb)
        return target, enlarged, lr, self._vector(index, rng)

    def _vector(self, index: int, rng: np.random.Generator) -> Tensor:
        """The picture's own, none, or another's: alpha and parts of pictures have no own one."""
        chance = rng.random()
        if chance < 0.25:
            return torch.zeros_like(self.pool.vectors[0])
        other = int(rng.integers(len(self.pool.vectors)))
        return self.pool.vectors[index if chance < 0.75 else other].float()


def network_inputs(large: FloatImage, small: FloatImage) -> tuple[Tensor, Tensor, Tensor]:
    """RGB in [0, 1], `192 192 3` and smaller -> target, enlarged and low-resolution picture.

    The margins are cut off after resampling, as pictures are not cut where blocks end.
    """
    target, source = _tensor(large), _tensor(small)
    enlarged = _resize(source, CROP_PX)
    lr = _resize(source, CROP_PX // SCALE)
    inner, lr_inner = (
        slice(_MARGIN_PX, -_MARGIN_PX),
        slice(_MARGIN_PX // SCALE, -_MARGIN_PX // SCALE),
    )
    return (
        target[..., inner, inner],
        enlarged[..., inner, inner],
        lr[..., lr_inner, lr_inner],
    )


def _tensor(rgb: FloatImage) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(rgb)).permute(2, 0, 1)[None] * 2 - 1


def _resize(pixels: Tensor, side: int) -> Tensor:
    if pixels.shape[-1] == side:
        return pixels
    resized = F.interpolate(
        pixels, (side, side), mode="bicubic", antialias=True, align_corners=False
    )
    return resized.clamp(-1, 1)


def _turned(crop: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """One of the eight orientations, with the colour channels in some order."""
    turned = np.rot90(crop, int(rng.integers(4)))
    turned = turned[:, ::-1] if rng.random() < 0.5 else turned
    return turned[..., [*rng.permutation(3), 3]]


def resampled(rgba: FloatImage, side: int, rng: np.random.Generator) -> FloatImage:
    """Bled RGBA made small, two fifths of them blurred first; colour and alpha alike."""
    if rng.random() < 0.4:
        widths = rng.uniform(0.2, 1.1, 2) * rgba.shape[0] / side
        rgba = cv2.GaussianBlur(rgba, (0, 0), widths[0], sigmaY=widths[1]).astype(np.float32)
    if rng.random() < 0.6:
        small = cv2.resize(rgba, (side, side), interpolation=cv2.INTER_AREA)
    else:
        mode = "bicubic" if rng.random() < 0.6 else "bilinear"
        planes = torch.from_numpy(rgba).permute(2, 0, 1)[None]
        shrunk = F.interpolate(planes, (side, side), mode=mode, antialias=True, align_corners=False)
        small = shrunk[0].permute(1, 2, 0).numpy()
    return np.clip(np.asarray(small, np.float32), 0, 1)


@torch.no_grad()
def through_codec(
    codec: StarterCodec, rgba: FloatImage, side: int, noise: float, rng: np.random.Generator
) -> FloatImage:
    """What the starter's code makes of a drawing: RGBA `side side 4`, colours bled.

    Args:
        side: A multiple of 16; the code has half as many pixels.
        noise: Deviation of the noise on the latents; generated ones are rougher than encoded ones.
    """
    half = side // 2
    premultiplied = rgba.copy()
    premultiplied[..., :3] *= rgba[..., 3:]
    shrunk = cv2.resize(premultiplied, (half, half), interpolation=cv2.INTER_AREA)
    small = np.asarray(shrunk, np.float32)
    small[..., :3] /= np.maximum(small[..., 3:], 1 / 64)
    colour = to_colour_form(torch.from_numpy(small).permute(2, 0, 1)[None].clamp(0, 1))
    latents = codec.code.encode(colour)
    rough = torch.from_numpy(rng.standard_normal(latents.shape, np.float32))
    decoded = codec.decode_colour(latents + noise * rough)
    out = clear_haze(from_colour_form(decoded))[0].permute(1, 2, 0).numpy()
    out = np.asarray(np.rint(out * 255) / 255, np.float32)
    return np.concatenate([bleed(out), out[..., 3:]], 2)


def _pictures(
    large: FloatImage, small: FloatImage, rng: np.random.Generator
) -> tuple[FloatImage, FloatImage]:
    """Target and input as RGB: bled colours, composites on one background, or both alphas."""
    way = rng.random()
    if way < 0.45:
        return large[..., :3], small[..., :3]
    has_edge = 0.02 < float(large[..., 3].mean()) < 0.98
    if way < 0.65 and has_edge:
        return np.repeat(large[..., 3:], 3, 2), np.repeat(small[..., 3:], 3, 2)
    ends = rng.random((2, 3), np.float32)
    if rng.random() < 0.6:
        ends[1] = ends[0]
    if rng.random() < 0.4:
        ends[:] = 1 if rng.random() < 0.75 else 0  # the usual grounds
    return tuple(  # type: ignore[return-value]
        picture[..., :3] * picture[..., 3:] + (1 - picture[..., 3:]) * _ramp(ends, len(picture))
        for picture in (large, small)
    )


def _ramp(ends: FloatImage, side: int) -> FloatImage:
    place = ((np.arange(side, dtype=np.float32) + 0.5) / side)[:, None, None]
    return np.asarray(ends[0] * (1 - place) + ends[1] * place, np.float32)


def roughened(rgb: FloatImage, rng: np.random.Generator) -> FloatImage:
    """Faint noise, or a JPEG file of good quality."""
    if rng.random() < 0.5:
        noisy = rgb + rng.normal(0, rng.uniform(0.5, 2.5) / 255, rgb.shape)
        return np.asarray(np.clip(noisy, 0, 1), np.float32)
    levels = np.rint(rgb * 255).astype(np.uint8)
    quality = int(rng.integers(85, 99))
    _, packed = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(decoded / np.float32(255), np.float32)
