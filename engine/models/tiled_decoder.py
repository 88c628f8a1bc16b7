"""Decodes large pictures tile by tile in bounded memory, with the numbers of decoding them whole.

Only two things in an autoencoder's decoder look at the whole picture: the attention in its middle,
which works on the small latent grid and is done there for some rows at a time, and the statistics
of its group norms. So all tiles walk through the network side by side, from one norm to the next:
each adds its own part to the statistics, and all go on with those of the whole picture. What the
convolutions need of the neighbours is a margin that shrinks on the way. Nothing is blended.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

TILE_LATENTS = 64  # side of a tile without its margin: 512 px
WHOLE_LATENTS = 128 * 128  # up to 1024 x 1024 px a picture is one piece
KEPT_ON_CARD = 512 * 2**20  # bytes of one tensor of the whole picture; larger ones wait outside
_SCORES = 64 * 2**20  # attention scores at once
_CHANNELS_AT_ONCE = 32  # in float32 beside a picture in half of it


@dataclass(slots=True)
class _Tile:
    """A part of the picture on its way through the network.

    Attributes:
        core: (top, bottom, left, right) in latents; the cores of all tiles are the whole picture.
        margin: Latents beyond the core on each side, in the order of `core`.
        values: `b c h w` of core and margin.
    """

    core: tuple[int, int, int, int]
    margin: tuple[int, int, int, int]
    values: Tensor

    def inside(self, values: Tensor, scale: int) -> Tensor:
        """The part of `b c h w` that is the core."""
        top, bottom, left, right = self.core
        above, _, before, _ = self.margin
        rows = slice(above * scale, (above + bottom - top) * scale)
        columns = slice(before * scale, (before + right - left) * scale)
        return values[..., rows, columns]

    def trim(self, margin: int, scale: int) -> None:
        """Cuts the margins down."""
        above, below, before, after = (max(side - margin, 0) * scale for side in self.margin)
        height, width = self.values.shape[-2:]
        # A copy: a view would keep what was cut off.
        self.values = self.values[..., above : height - below, before : width - after].clone()
        top, bottom, left, right = (min(side, margin) for side in self.margin)
        self.margin = (top, bottom, left, right)


class _Statistics:
    """Mean and spread of a group norm's groups over all tiles, collected tile by tile."""

    def __init__(self, norm: nn.GroupNorm) -> None:
        self._norm = norm
        self._count = 0.0
        self._mean: Tensor | None = None  # b g 1, float64 like the next
        self._squares: Tensor | None = None  # summed distances to the mean

    def add(self, core: Tensor) -> None:
        """The values of one tile's core, `b c h w`."""
        groups = core.unflatten(1, (self._norm.num_groups, -1)).flatten(2)
        parts = [torch.var_mean(part.float(), 2, correction=0) for part in groups.split(4, 1)]
        spread, mean = (_host(torch.cat(each, 1)[..., None]) for each in zip(*parts, strict=True))
        count = float(groups.shape[2])
        squares, mean = spread.double() * count, mean.double()
        if self._mean is None or self._squares is None:
            self._count, self._mean, self._squares = count, mean, squares
            return
        whole = self._count + count
        apart = mean - self._mean
        self._squares = self._squares + squares + apart**2 * (self._count * count / whole)
        self._mean = self._mean + apart * (count / whole)
        self._count = whole

    def applied(self, values: Tensor) -> Tensor:
        """The norm with the statistics of the whole picture."""
        if self._mean is None or self._squares is None:
            raise ValueError("no tile was counted")
        deviation = (self._squares / self._count + self._norm.eps).sqrt()
        width = self._norm.num_channels // self._norm.num_groups
        weight, bias = (_host(p).double() for p in self._norm.parameters())
        scale = weight / deviation[..., 0].repeat_interleave(width, dim=1)  # b c
        shift = bias - self._mean[..., 0].repeat_interleave(width, dim=1) * scale
        normed = torch.empty_like(values)
        for part in torch.arange(values.shape[1]).split(_CHANNELS_AT_ONCE):
            own = slice(int(part[0]), int(part[-1]) + 1)
            factor, offset = (
                each[:, own, None, None].to(values.device, torch.float32) for each in (scale, shift)
            )
            normed[:, own] = torch.addcmul(offset, values[:, own].float(), factor)
        return normed


def _host(values: Tensor) -> Tensor:
    """Few numbers, in main memory: not every card computes in float64."""
    return values.cpu()


class TiledDecoder(nn.Module):
    """Takes the place of an autoencoder's `decoder`; small pictures go through that as before.

    Args:
        decoder: diffusers' `Decoder`, that of FLUX.1 or FLUX.2.
    """

    def __init__(
        self, decoder: nn.Module, tile: int = TILE_LATENTS, whole: int = WHOLE_LATENTS
    ) -> None:
        super().__init__()
        self.decoder: Any = decoder
        self._tile, self._whole = tile, whole

    def forward(self, sample: Tensor, latent_embeds: Tensor | None = None) -> Tensor:
        """Latents `b c h w` -> `b 3 8h 8w`."""
        if sample.shape[-2] * sample.shape[-1] <= self._whole or latent_embeds is not None:
            whole: Tensor = self.decoder(sample, latent_embeds)
            return whole
        return self._by_tiles(sample)

    def _by_tiles(self, sample: Tensor) -> Tensor:
        network = self.decoder
        margins = _margins(network.up_blocks)
        walk = _Walk(_cut(self._middle(sample), self._tile, margins[0]), sample.device)
        norms = [resnet.norm1 for block in network.up_blocks for resnet in block.resnets]
        statistics = walk.counted(norms[0])
        following = iter([*norms[1:], network.conv_norm_out])
        for block, margin in zip(network.up_blocks, margins[1:], strict=True):
            for resnet in block.resnets:
                last = resnet is block.resnets[-1]
                grow = block.upsamplers[0] if last and block.upsamplers else None
                after = _Statistics(next(following))
                walk.through(resnet, grow, statistics, after)
                statistics = after
            walk.trim(margin)
        height, width = (side * walk.scale for side in sample.shape[-2:])
        picture = sample.new_empty(len(sample), network.conv_out.out_channels, height, width)
        for tile in walk.tiles:
            normed = statistics.applied(walk.brought(tile.values))
            made = tile.inside(network.conv_out(network.conv_act(normed)), walk.scale)
            top, bottom, left, right = (walk.scale * side for side in tile.core)
            picture[..., top:bottom, left:right] = made
        return picture

    def _middle(self, sample: Tensor) -> Tensor:
        """What comes before the picture grows, whole: it works on the latent grid."""
        middle = self.decoder.mid_block
        hidden: Tensor = middle.resnets[0](self.decoder.conv_in(sample), None)
        for attention, resnet in zip(middle.attentions, middle.resnets[1:], strict=True):
            if attention is not None:
                hidden = _attended(attention, hidden)
            hidden = resnet(hidden, None)
        return hidden


class _Walk:
    """All tiles of a picture on their way through the network, side by side.

    Attributes:
        scale: Pixels per latent and side where they are now.
    """

    def __init__(self, tiles: Iterable[_Tile], device: torch.device) -> None:
        self.tiles = list(tiles)
        self.scale = 1
        self._device = device

    def counted(self, norm: nn.GroupNorm) -> _Statistics:
        """The statistics of a norm before the first block."""
        made = _Statistics(norm)
        for tile in self.tiles:
            made.add(tile.inside(tile.values, self.scale))
        return made

    def through(self, resnet: Any, grow: Any, before: _Statistics, after: _Statistics) -> None:
        """One residual block for all tiles, and the enlarging after it.

        Args:
            grow: None = the picture keeps its size.
            before: Of the block's first norm.
            after: Of the norm that comes next; is counted.
        """
        inner = _Statistics(resnet.norm2)
        halves: deque[Tensor] = deque()
        for tile in self.tiles:
            own = self.brought(tile.values)
            half = resnet.conv1(resnet.nonlinearity(before.applied(own)))
            inner.add(tile.inside(half, self.scale))
            halves.append(self.put_away(half))
        grown = self.scale if grow is None else 2 * self.scale
        for tile in self.tiles:
            half = self.brought(halves.popleft())
            half = resnet.conv2(resnet.nonlinearity(inner.applied(half)))
            own = self.brought(tile.values)
            if resnet.conv_shortcut is not None:
                own = resnet.conv_shortcut(own)
            made = (own + half) / resnet.output_scale_factor
            if grow is not None:
                made = grow(made)
            after.add(tile.inside(made, grown))
            tile.values = self.put_away(made)
        self.scale = grown

    def trim(self, margin: int) -> None:
        """Cuts off what no later convolution looks at."""
        for tile in self.tiles:
            tile.trim(margin, self.scale)

    def put_away(self, values: Tensor) -> Tensor:
        """One tile's values; if those of all together are large, they wait in main memory."""
        large = values.nbytes * len(self.tiles) > KEPT_ON_CARD
        return values.to("cpu") if large else values

    def brought(self, values: Tensor) -> Tensor:
        """Values that were put away, where they are computed with."""
        return values.to(self._device)


def with_tiles(vae: Any) -> Any:
    """The autoencoder, from now on with a decoder that works in bounded memory; returns it."""
    if not isinstance(vae.decoder, TiledDecoder):
        vae.decoder = TiledDecoder(vae.decoder)
    return vae


def _margins(blocks: Sequence[Any]) -> list[int]:
    """Latents beyond the core that are needed before each block, and after the last one."""
    last = 2 ** sum(bool(block.upsamplers) for block in blocks)
    need = [1 / last]  # the last convolution
    scale = last
    for block in reversed(blocks):
        reach = 0.0
        if block.upsamplers:
            reach, scale = 1 / scale, scale // 2
        need.append(need[-1] + reach + 2 * len(block.resnets) / scale)
    return [math.ceil(reach) for reach in reversed(need)]


def _cut(values: Tensor, side: int, margin: int) -> Iterator[_Tile]:
    height, width = values.shape[-2:]
    for top in range(0, height, side):
        for left in range(0, width, side):
            bottom, right = min(top + side, height), min(left + side, width)
            around = (
                min(margin, top), min(margin, height - bottom),
                min(margin, left), min(margin, width - right),
            )  # fmt: skip
            rows = slice(top - around[0], bottom + around[1])
            columns = slice(left - around[2], right + around[3])
            yield _Tile((top, bottom, left, right), around, values[..., rows, columns])


def _attended(attention: Any, hidden: Tensor) -> Tensor:
    """The middle's attention over all latents, some rows of the scores at a time."""
    batch, channels, height, width = hidden.shape
    tokens = attention.group_norm(hidden).flatten(2).transpose(1, 2)  # b n c
    query, key, value = (
        part(tokens).unflatten(-1, (attention.heads, -1)).transpose(1, 2)
        for part in (attention.to_q, attention.to_k, attention.to_v)
    )  # b heads n c
    rows = max(1, _SCORES // (height * width))
    answers = [
        nn.functional.scaled_dot_product_attention(part, key, value)
        for part in query.split(rows, dim=2)
    ]
    answer = attention.to_out[0](torch.cat(answers, dim=2).transpose(1, 2).flatten(2))
    picture = answer.transpose(1, 2).reshape(batch, channels, height, width)
    made: Tensor = (picture + hidden) / attention.rescale_output_factor
    return made
