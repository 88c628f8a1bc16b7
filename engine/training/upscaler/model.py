"""The small Inf-DiT that is trained here: its sizes, its first weights and its noise levels.

Its sampler starts at almost no noise: the state is the enlarged input plus the path's first level,
and the network gives the way from there to the sharp picture. One evaluation is therefore a plain
regression; the second one sees half of the way gone and corrects it.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from torch import Tensor, nn

from engine.models.inf_dit import NORM_EPS, InfDit, InfDitSizes
from engine.sampling.edm import EdmSchedule, Preconditioning

# Low-resolution tokens of one pixel: a query then finds the same neighbours wherever it stands.
SIZES = InfDitSizes(
    hidden=128, layers=4, heads=8, head_dim=16, mlp=384, patch_px=4, block_tokens=8, lr_patch_px=1,
    lr_block_tokens=8, vector=128, time=32,
)  # fmt: skip
SIGMA_MAX, SIGMA_MIN = 0.004, 0.002
# While training, the head's answer is multiplied by this; an exported head has it inside. It makes
# an answer of 1 at the first level a quarter of the value range.
HEAD_GAIN = 0.25 / SIGMA_MAX
# Where the heads of the cross-attention look: the low-resolution pixels around the own one.
RING = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))
_CROSS_FREQUENCIES = (1.5, 0.75, 0.3, 0.1)
_CROSS_STRENGTH = 5.5


def schedule(steps: int) -> EdmSchedule:
    """Noise levels of one or two evaluations."""
    return EdmSchedule(steps, SIGMA_MIN, SIGMA_MAX)


def estimate(
    model: InfDit,
    noisy: Tensor,
    enlarged: Tensor,
    lr: Tensor,
    vector: Tensor,
    *,
    sigma: float,
    origin: tuple[int, int],
) -> Tensor:
    """D at one noise level, for a model whose head is not exported yet."""
    factors = Preconditioning.at(sigma)
    network: Tensor = model(
        torch.cat([noisy, enlarged], 1) * factors.c_in,
        torch.full((len(noisy),), factors.c_noise), vector, lr, origin=origin,
    )  # fmt: skip
    return factors.c_skip * noisy + factors.c_out * HEAD_GAIN * network


def local_estimate(
    model: InfDit,
    noisy: Tensor,
    enlarged: Tensor,
    ring: Tensor,
    condition: Tensor,
) -> Tensor:
    """D of single tokens at the first level, as if every head found exactly what it looks for.

    The self-attention is left out, which is what the network gives while its output layers are
    zero. Many times as fast as the whole network, and tokens can be picked where the edges are.

    Args:
        noisy, enlarged: `n 3 4 4`.
        ring: Low-resolution pixels around each, `n 8 3` in the order of `RING`.
        condition: From `InfDit.condition`, `n hidden`.
    """
    factors = Preconditioning.at(SIGMA_MAX)
    hidden = model.patch_embed(torch.cat([noisy, enlarged], 1) * factors.c_in).flatten(1)
    seen = _gathered(model, ring)
    for index, layer in enumerate(model.layers):
        _, _, shift, scale = layer.modulation(condition)  # type: ignore[operator]
        if index == 0:
            hidden = hidden + model.cross_attention.dense(seen)
        norm = model.first_mlp_norm if index == 0 else _plain_norm
        hidden = hidden + layer.mlp(norm(hidden) * (1 + scale) + shift)  # type: ignore[operator]
    shift, scale = model.head_modulation(F.silu(condition)).chunk(2, 1)
    values = model.head(_plain_norm(hidden) * (1 + scale) + shift)
    network: Tensor = values.reshape(-1, 4, 4, 3).permute(0, 3, 1, 2)
    return factors.c_skip * noisy + factors.c_out * HEAD_GAIN * network


def _gathered(model: InfDit, ring: Tensor) -> Tensor:
    """What the heads of the cross-attention bring, `n heads*c`: head h the value of pixel h."""
    tokens = F.linear(ring, model.project_lr.weight.flatten(1), model.project_lr.bias)
    sizes = model.sizes
    value = model.cross_attention.key_value
    width = sizes.heads * sizes.head_dim
    weight = value.weight[width:].reshape(sizes.heads, sizes.head_dim, -1)
    bias = value.bias[width:].reshape(sizes.heads, sizes.head_dim)
    return (torch.einsum("nhd,hcd->nhc", tokens, weight) + bias).flatten(1)


def _plain_norm(hidden: Tensor) -> Tensor:
    return F.layer_norm(hidden, hidden.shape[-1:], eps=NORM_EPS)


def new_upscaler(seed: int, sizes: InfDitSizes = SIZES) -> InfDit:
    """Random weights that begin as bicubic enlargement; see `local_estimate`."""
    generator = torch.Generator().manual_seed(seed)
    model = InfDit(sizes)
    for name, parameter in model.named_parameters():
        if parameter.ndim < 2:
            parameter.data.fill_(1.0 if name.endswith("norm.weight") else 0.0)
        elif name == "slot_vectors" or "modulat" in name or name.startswith("head."):
            parameter.data.zero_()
        else:
            fan_in = parameter[0].numel()
            parameter.data.normal_(0, fan_in**-0.5, generator=generator)
    for name, parameter in model.named_parameters():
        if name.startswith("layers.") and name.endswith(".dense.weight"):
            parameter.data.zero_()
        elif name.endswith(".down.weight"):
            parameter.data.mul_(0.5)
    model.patch_embed.weight.data[:, :3] = 0
    _look_around(model, sizes)
    return model


def whiten(model: InfDit, enlarged: Tensor, generator: torch.Generator) -> None:
    """Sets the embedding of patches so that faint differences count as much as plain colours.

    Args:
        enlarged: Example pictures, `b 3 h w`.
    """
    side = model.sizes.patch_px
    patches = F.unfold(2 * enlarged, side, stride=side).permute(0, 2, 1).flatten(0, 1)
    mean = patches.mean(0)
    centred = (patches - mean).double()
    values, vectors = torch.linalg.eigh(centred.T @ centred / len(centred))
    gain = (1 / (values.clamp(min=0) + 1e-4 * values.max()).sqrt()).float()
    width, inputs = model.sizes.hidden, patches.shape[1]
    mixing = torch.randn(width, inputs, generator=generator) / inputs**0.5
    weight = mixing @ (gain[:, None] * vectors.T.float())
    model.patch_embed.weight.data[:, 3:] = weight.reshape(width, 3, side, side)
    model.patch_embed.bias = nn.Parameter(-(weight @ mean))


def _look_around(model: InfDit, sizes: InfDitSizes) -> None:
    """Places of queries and keys as waves, so that each head finds one pixel of the ring."""
    cross = model.cross_attention
    cross.query_norm.weight.data.fill_(0.15)
    cross.key_norm.weight.data.fill_(0.15)
    side, window = sizes.block_tokens, 3 * sizes.lr_block_tokens
    ratio = sizes.lr_block_tokens / side
    inside = sizes.lr_block_tokens + (torch.arange(side) + 0.5) * ratio - 0.5
    everywhere = torch.arange(window) + 0.0
    for head in range(sizes.heads):
        down, right = RING[head % len(RING)]
        queries = _waves(inside + down, inside + right, sizes.head_dim)
        cross.query_positions.data[0, :, head] = queries
        cross.key_positions.data[0, :, head] = _waves(everywhere, everywhere, sizes.head_dim)


def _waves(rows: Tensor, columns: Tensor, width: int) -> Tensor:
    """`rows columns` places as cosines and sines, `t width`; the rest of the width is zero."""
    frequencies = torch.tensor(_CROSS_FREQUENCIES)[: width // 4]
    parts = []
    for places, shape in ((rows, (-1, 1)), (columns, (1, -1))):
        angles = places.reshape(*shape, 1) * frequencies
        full = angles.expand(len(rows), len(columns), -1)
        parts += [full.cos(), full.sin()]
    waves = _CROSS_STRENGTH * torch.cat(parts, -1).flatten(0, 1)
    return F.pad(waves, (0, width - waves.shape[1]))
