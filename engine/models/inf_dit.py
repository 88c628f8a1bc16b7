"""Inf-DiT: a diffusion transformer that enlarges pictures block by block, in bounded memory.

It works on pixels in [-1, 1]. The picture is cut into square blocks of tokens; in every layer a
block attends to itself and to its left-top, left and top neighbours, so nothing ever flows left or
up. Whoever keeps the keys and values of the neighbours can therefore compute one block at a time,
with the numbers of the whole picture at once (inf-dit sheet, sections 1 and 4). How they are kept
is the caller's: see `Neighbours`. All sizes are read from the weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self, cast

import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from torch import Tensor, nn

from engine.errors import CheckpointError
from engine.models.inf_dit_weights import read_sizes, rename_weights
from engine.sentences import sentence

NORM_EPS = 1e-6
ROTARY_BASE = 10_000
TIME_BASE = 10_000
SLOTS = 4  # own block, left-top, left, top: the fixed order of the learned slot vectors

KeyValue = tuple[Tensor, Tensor]
"""Keys (normed and rotated, without slot vectors) and values of blocks, `g heads t c` each."""


@dataclass(frozen=True, slots=True)
class InfDitSizes:
    """Sizes of a checkpoint.

    Attributes:
        hidden, layers, heads, head_dim, mlp: Of the transformer.
        patch_px: Side of a token in pixels.
        block_tokens: Side of a block in tokens.
        lr_patch_px, lr_block_tokens: The same for the low-resolution picture.
        vector: Width of the global image condition.
        time: Width of the sinusoidal time embedding.
    """

    hidden: int
    layers: int
    heads: int
    head_dim: int
    mlp: int
    patch_px: int
    block_tokens: int
    lr_patch_px: int
    lr_block_tokens: int
    vector: int
    time: int
    in_channels: int = 6
    out_channels: int = 3

    @property
    def block_px(self) -> int:
        """Side of a block in pixels."""
        return self.block_tokens * self.patch_px

    @property
    def lr_block_px(self) -> int:
        """Side of a block in pixels of the low-resolution picture."""
        return self.lr_block_tokens * self.lr_patch_px

    @property
    def scale(self) -> int:
        """Pixels per low-resolution pixel."""
        return self.block_px // self.lr_block_px

    @property
    def tokens(self) -> int:
        """Tokens of a block."""
        return self.block_tokens**2


class Neighbours(Protocol):
    """Where a batch of blocks gets the keys and values of the blocks around them."""

    def exchange(self, layer: int, own: KeyValue) -> Sequence[KeyValue]:
        """Takes the batch's own keys and values, gives those of left-top, left and top blocks.

        A block outside the picture is replaced as if the grid were padded by repetition.
        """
        ...


@dataclass(frozen=True, slots=True)
class BlockBatch:
    """What the network needs of some blocks, `g` of them.

    Attributes:
        pixels: Noisy picture and enlarged low-resolution picture, both times c_in, `g 6 s s`.
        condition: From `InfDit.condition`, `g hidden`.
        windows: Low-resolution tokens around each block, `g w hidden` (`InfDit.window`).
        origins: Row and column of each block's first token in the picture, int64 `g 2`.
    """

    pixels: Tensor
    condition: Tensor
    windows: Tensor
    origins: Tensor


class InfDit(nn.Module):
    """The network F of the preconditioned denoiser; see `engine.sampling.edm`."""

    def __init__(self, sizes: InfDitSizes) -> None:
        super().__init__()
        self.sizes = sizes
        width = sizes.hidden
        self.time_mlp = nn.Sequential(nn.Linear(sizes.time, width), nn.SiLU(), _square(width))
        self.vector_mlp = nn.Sequential(nn.Linear(sizes.vector, width), nn.SiLU(), _square(width))
        self.patch_embed = nn.Conv2d(sizes.in_channels, width, sizes.patch_px, sizes.patch_px)
        self.project_lr = nn.Conv2d(3, width, sizes.lr_patch_px, sizes.lr_patch_px)
        self.slot_vectors = nn.Parameter(
            torch.zeros(sizes.layers, SLOTS, sizes.heads, sizes.head_dim)
        )
        self.layers = nn.ModuleList(_Layer(sizes) for _ in range(sizes.layers))
        self.cross_attention = _CrossAttention(sizes)
        self.first_mlp_norm = nn.LayerNorm(width, NORM_EPS)  # of layer 0 only, and affine
        self.head_modulation = nn.Linear(width, 2 * width)
        self.head = nn.Linear(width, sizes.out_channels * sizes.patch_px**2)

    @classmethod
    def from_state_dict(cls, weights: Mapping[str, Tensor], source: str) -> Self:
        """Builds the model of the published names; sizes come from the shapes.

        Args:
            weights: Become the parameters themselves. Known leftovers of the published file are
                ignored, whether they are there or not.
            source: File name for error messages.

        Raises:
            CheckpointError: A weight is missing, unknown or of a shape that does not fit.
        """
        own = rename_weights(weights, source)
        sizes = InfDitSizes(**read_sizes(own, source))
        with torch.device("meta"):
            model = cls(sizes)
        if unknown := own.keys() - model.state_dict().keys():
            raise CheckpointError(
                sentence(
                    "{source} has more layers than its tables have; get the file again.",
                    source=source,
                ),
                ", ".join(sorted(unknown)),
            )
        for key, expected in model.state_dict().items():
            if key not in own:
                raise CheckpointError(
                    sentence(
                        "{source} lacks weights of Inf-DiT; the file is incomplete, get it again.",
                        source=source,
                    ),
                    key,
                )
            if own[key].shape != expected.shape:
                raise CheckpointError(
                    sentence(
                        "{source} does not hold the weights of one Inf-DiT; get it again.",
                        source=source,
                    ),
                    f"{key}: {tuple(own[key].shape)} instead of {tuple(expected.shape)}",
                )
        model.load_state_dict(own, assign=True)
        return model.eval().requires_grad_(requires_grad=False)

    @property
    def dtype(self) -> torch.dtype:
        """Of the weights; the condition is computed in float32 all the same."""
        return self.slot_vectors.dtype

    @property
    def device(self) -> torch.device:
        """Of the weights; inputs from elsewhere are copied there."""
        return self.slot_vectors.device

    def condition(self, c_noise: Tensor, vector: Tensor) -> Tensor:
        """Time and image condition together, `g hidden`.

        Args:
            c_noise: ln(sigma) / 4, float32 `g`.
            vector: Global image condition, `g v`.
        """
        half = self.sizes.time // 2
        frequencies = TIME_BASE ** (-torch.arange(half, device=self.device) / half)
        angles = c_noise.to(self.device).float()[:, None] * frequencies
        time = torch.cat([angles.cos(), angles.sin()], 1).to(self.dtype)
        return F.silu(self.time_mlp(time) + self.vector_mlp(vector.to(self.device, self.dtype)))

    def window(self, lr: Tensor, row: int, column: int) -> Tensor:
        """Low-resolution tokens of the 3 x 3 blocks around block (row, column), `b w hidden`.

        Beyond the picture's edge stand zero vectors: the padding comes after the projection.

        Args:
            lr: The low-resolution picture in [-1, 1], `b 3 h w`, sides multiples of its block.
        """
        side, patch = self.sizes.lr_block_tokens, self.sizes.lr_patch_px
        rows, columns = lr.shape[2] // patch, lr.shape[3] // patch
        top, left = (row - 1) * side, (column - 1) * side
        y0, y1 = max(0, top), min(rows, top + 3 * side)
        x0, x1 = max(0, left), min(columns, left + 3 * side)
        crop = lr[:, :, y0 * patch : y1 * patch, x0 * patch : x1 * patch]
        tokens = self.project_lr(crop.to(self.device, self.dtype))
        margins = (x0 - left, left + 3 * side - x1, y0 - top, top + 3 * side - y1)
        return F.pad(tokens, margins).flatten(2).transpose(1, 2)

    def run_blocks(
        self,
        batch: BlockBatch,
        neighbours: Neighbours,
        on_layer: Callable[[int, Tensor], object] | None = None,
    ) -> Tensor:
        """F of some blocks at once, `g 3 s s`.

        Args:
            neighbours: Must have the blocks left, top and left-top of the batch, unless they are
                in the batch and it finds them there.
            on_layer: Gets the hidden states `g t hidden` after each layer.
        """
        pixels = batch.pixels.to(self.device, self.dtype)
        hidden = self.patch_embed(pixels).flatten(2).transpose(1, 2)
        rotary = self._rotary(batch.origins)
        for index, layer in enumerate(cast("list[_Layer]", self.layers)):
            shift, scale, mlp_shift, mlp_scale = layer.modulation(batch.condition)
            attended = _modulated(_plain_norm(hidden), shift, scale)
            query, own = layer.project(attended, rotary)
            known = [own, *neighbours.exchange(index, own)]
            hidden = hidden + layer.attend(query, known, self.slot_vectors[index])
            if index == 0:
                hidden = hidden + self.cross_attention(_plain_norm(hidden), batch.windows)
            normed = self.first_mlp_norm(hidden) if index == 0 else _plain_norm(hidden)
            hidden = hidden + layer.mlp(_modulated(normed, mlp_shift, mlp_scale))
            if on_layer is not None:
                on_layer(index, hidden)
        shift, scale = self.head_modulation(F.silu(batch.condition)).chunk(2, 1)
        tokens = self.head(_modulated(_plain_norm(_plain_norm(hidden)), shift, scale))
        return self._to_pixels(tokens)

    def forward(
        self,
        pixels: Tensor,
        c_noise: Tensor,
        vector: Tensor,
        lr: Tensor,
        *,
        origin: tuple[int, int] = (0, 0),
        on_layer: Callable[[int, Tensor], object] | None = None,
    ) -> Tensor:
        """F of whole pictures at once, `b 3 h w`; needs memory for every token.

        Args:
            pixels: `b 6 h w`, sides multiples of the block.
            c_noise, vector: `b` and `b v`.
            lr: `b 3 h/scale w/scale`.
            origin: Row and column of the first token.
            on_layer: As in `run_blocks`, blocks row by row.
        """
        side = self.sizes.block_px
        rows, columns = pixels.shape[2] // side, pixels.shape[3] // side
        places = [(row, column) for row in range(rows) for column in range(columns)]
        blocks = pixels.unflatten(3, (columns, side)).unflatten(2, (rows, side))
        blocks = blocks.permute(0, 2, 4, 1, 3, 5).flatten(0, 2)  # (b rows columns) 6 s s
        windows = torch.stack([self.window(lr, *place) for place in places], 1).flatten(0, 1)
        condition = self.condition(c_noise, vector).repeat_interleave(len(places), 0)
        origins = torch.tensor(places) * self.sizes.block_tokens + torch.tensor(origin)
        origins = origins.repeat(len(pixels), 1)
        out = self.run_blocks(
            BlockBatch(blocks, condition, windows, origins),
            WholeGrid(len(pixels), rows, columns),
            on_layer,
        )
        grid = out.reshape(len(pixels), rows, columns, -1, side, side).permute(0, 3, 1, 4, 2, 5)
        return grid.reshape(len(pixels), -1, rows * side, columns * side)

    def _rotary(self, origins: Tensor) -> KeyValue:
        """Cosines and sines of each token, `g 1 t head_dim`: half by its row, half by its column.

        Positions are not wrapped at 1024 tokens as the published tables are: neighbours across
        the wrap would look a thousand tokens apart (sheet, section 1.3).
        """
        axis, side = self.sizes.head_dim // 2, self.sizes.block_tokens
        steps = torch.arange(axis // 2, dtype=torch.float64)
        frequencies = ROTARY_BASE ** (-2 * steps / axis)
        places = origins.double().cpu()[:, :, None] + torch.arange(side)  # g 2 n
        angles = (places[..., None] * frequencies).repeat_interleave(2, -1)  # g 2 n axis
        rows = angles[:, 0, :, None].expand(-1, -1, side, -1)
        columns = angles[:, 1, None].expand(-1, side, -1, -1)
        whole = torch.cat([rows, columns], -1).flatten(1, 2)[:, None]
        return tuple(  # type: ignore[return-value]
            part.to(self.device, torch.float32) for part in (whole.cos(), whole.sin())
        )

    def _to_pixels(self, tokens: Tensor) -> Tensor:
        """`g t (row column channel)` -> `g 3 s s`."""
        side, patch = self.sizes.block_tokens, self.sizes.patch_px
        grid = tokens.reshape(len(tokens), side, side, patch, patch, -1).permute(0, 5, 1, 3, 2, 4)
        return grid.reshape(len(tokens), -1, side * patch, side * patch)


class _Layer(nn.Module):
    """One transformer layer: attention over four blocks, then an MLP, both modulated, no gates."""

    def __init__(self, sizes: InfDitSizes) -> None:
        super().__init__()
        width = sizes.hidden
        self.heads = sizes.heads
        self.modulate = nn.Linear(width, 4 * width)
        # The checkpoint's norm of the queries is used for the keys as well; it was trained so.
        self.query_norm = nn.LayerNorm(sizes.head_dim, NORM_EPS)
        self.query_key_value = nn.Linear(width, 3 * sizes.heads * sizes.head_dim)
        self.dense = nn.Linear(sizes.heads * sizes.head_dim, width)
        self.up = nn.Linear(width, sizes.mlp)
        self.down = nn.Linear(sizes.mlp, width)

    def modulation(self, condition: Tensor) -> tuple[Tensor, ...]:
        """Shift and scale of the attention, then of the MLP; the condition passes SiLU again."""
        modulated: Tensor = self.modulate(F.silu(condition))
        return modulated.chunk(4, 1)

    def project(self, hidden: Tensor, rotary: KeyValue) -> tuple[Tensor, KeyValue]:
        """Queries, and keys with values, of `g t hidden`."""
        parts = self.query_key_value(hidden).unflatten(2, (3, self.heads, -1))
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # g heads t c each
        query, key = (_rotate(self.query_norm(part), rotary) for part in (query, key))
        return query, (key, value)

    def attend(self, query: Tensor, known: Sequence[KeyValue], slots: Tensor) -> Tensor:
        """Attention to the four blocks; `slots` `4 heads c` tells the keys where they are."""
        keys = torch.cat(
            [key + slot[:, None] for (key, _), slot in zip(known, slots, strict=True)], 2
        )
        values = torch.cat([value for _, value in known], 2)
        attended = F.scaled_dot_product_attention(query, keys, values)
        out: Tensor = self.dense(attended.transpose(1, 2).flatten(2))
        return out

    def mlp(self, hidden: Tensor) -> Tensor:
        """`g t hidden` -> the same shape."""
        out: Tensor = self.down(F.gelu(self.up(hidden), approximate="tanh"))
        return out


class _CrossAttention(nn.Module):
    """Each block looks at the low-resolution picture around it; only in the first layer."""

    def __init__(self, sizes: InfDitSizes) -> None:
        super().__init__()
        width, heads, head_dim = sizes.hidden, sizes.heads, sizes.head_dim
        self.heads = heads
        self.query = nn.Linear(width, heads * head_dim)
        self.key_value = nn.Linear(width, 2 * heads * head_dim)
        self.dense = nn.Linear(heads * head_dim, width)
        self.query_norm = nn.LayerNorm(head_dim, NORM_EPS)
        self.key_norm = nn.LayerNorm(head_dim, NORM_EPS)
        window = (3 * sizes.lr_block_tokens) ** 2
        self.query_positions = nn.Parameter(torch.zeros(1, sizes.tokens, heads, head_dim))
        self.key_positions = nn.Parameter(torch.zeros(1, window, heads, head_dim))

    def forward(self, hidden: Tensor, windows: Tensor) -> Tensor:
        """`g t hidden` and `g w hidden` -> `g t hidden`. Padding is seen like anything else."""
        query = self.query_norm(self.query(hidden).unflatten(2, (self.heads, -1)))
        key, value = self.key_value(windows).unflatten(2, (2, self.heads, -1)).unbind(2)
        key = self.key_norm(key) + self.key_positions
        query = query + self.query_positions
        attended = F.scaled_dot_product_attention(
            query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2)
        )
        out: Tensor = self.dense(attended.transpose(1, 2).flatten(2))
        return out


@dataclass(frozen=True, slots=True)
class WholeGrid:
    """Neighbours inside the batch itself: all blocks of whole pictures, row by row."""

    pictures: int
    rows: int
    columns: int

    def exchange(self, layer: int, own: KeyValue) -> Sequence[KeyValue]:
        """Left-top, left and top of every block; indices stop at the edge."""
        del layer  # everything that is needed is here
        return [
            (own[0][index], own[1][index])
            for index in (self._moved(1, 1), self._moved(0, 1), self._moved(1, 0))
        ]

    def _moved(self, up: int, left: int) -> Tensor:
        grid = torch.arange(self.pictures * self.rows * self.columns)
        grid = grid.reshape(self.pictures, self.rows, self.columns)
        rows = (torch.arange(self.rows) - up).clamp(min=0)
        columns = (torch.arange(self.columns) - left).clamp(min=0)
        return grid[:, rows][:, :, columns].flatten()


def _square(width: int) -> nn.Linear:
    return nn.Linear(width, width)


def _plain_norm(hidden: Tensor) -> Tensor:
    """Layer norm without weights."""
    return F.layer_norm(hidden, hidden.shape[-1:], eps=NORM_EPS)


def _modulated(normed: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    return normed * (1 + scale[:, None]) + shift[:, None]


def _rotate(heads: Tensor, rotary: KeyValue) -> Tensor:
    """Turns adjacent pairs of channels: (x0, x1) -> (x0 cos - x1 sin, x1 cos + x0 sin)."""
    cosines, sines = (part.to(heads.dtype) for part in rotary)
    pairs = heads.unflatten(-1, (-1, 2))
    crossed = torch.stack([-pairs[..., 1], pairs[..., 0]], -1).flatten(-2)
    return heads * cosines + crossed * sines


def cache_bytes_per_block(sizes: InfDitSizes, dtype: torch.dtype) -> int:
    """Keys and values of all layers of one block (sheet, section 4.2)."""
    values = 2 * sizes.layers * sizes.tokens * sizes.heads * sizes.head_dim
    return values * dtype.itemsize
