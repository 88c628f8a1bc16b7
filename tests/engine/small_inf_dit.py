"""Tiny random Inf-DiTs: every bias, norm and position term is set, so that slips show."""

from __future__ import annotations

import torch

from engine.models.inf_dit import InfDit, InfDitSizes

SIZES = InfDitSizes(
    hidden=24, layers=2, heads=2, head_dim=12, mlp=48, patch_px=4, block_tokens=2, lr_patch_px=2,
    lr_block_tokens=1, vector=5, time=16,
)  # fmt: skip


def tiny_model(sizes: InfDitSizes = SIZES, seed: int = 0) -> InfDit:
    """Random weights of moderate size; equal for equal arguments."""
    generator = torch.Generator().manual_seed(seed)
    model = InfDit(sizes)
    for name, parameter in model.named_parameters():
        scale = 0.5 if parameter.ndim < 2 else parameter.shape[-1] ** -0.5
        values = torch.randn(parameter.shape, generator=generator) * scale
        is_norm = "norm" in name and name.endswith("weight")
        if name.startswith("head."):  # a sampler multiplies rounding errors by what F answers
            values *= 0.3
        parameter.data = 1 + values * 0.3 if is_norm else values
    return model.eval().requires_grad_(requires_grad=False)


def random_picture(sizes: InfDitSizes, rows: int, columns: int, seed: int = 1) -> torch.Tensor:
    """A low-resolution picture in [-1, 1] of rows x columns blocks, `1 3 h w`."""
    generator = torch.Generator().manual_seed(seed)
    shape = (1, 3, rows * sizes.lr_block_px, columns * sizes.lr_block_px)
    return torch.rand(shape, generator=generator) * 2 - 1
