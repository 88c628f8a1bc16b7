"""The enlarged picture and the low-resolution picture, block by block, against whole ones."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from torch import Tensor

from engine.pipelines.low_resolution import BlockPixels, enlarge, to_network

BLOCK, LR_BLOCK = 16, 4


def picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def cut(source: np.ndarray, width: int, height: int) -> BlockPixels:
    return BlockPixels(source, width, height, BLOCK, LR_BLOCK)


def enlarged(pixels: BlockPixels) -> Tensor:
    rows = [
        torch.cat([pixels.enlarged(r, c) for c in range(pixels.columns)], 3)
        for r in range(pixels.rows)
    ]
    return torch.cat(rows, 2)


@pytest.mark.parametrize("size", [(4, 4), (8, 20), (12, 4)])
def test_blocks_of_the_enlargement_fit_together(size: tuple[int, int]) -> None:
    source = picture(*size)
    pixels = cut(source, size[1] * 4, size[0] * 4)
    theirs = enlarge(to_network(source), 4)
    torch.testing.assert_close(enlarged(pixels), theirs, atol=1e-6, rtol=0)
    lr, large = pixels.whole()
    assert torch.equal(lr, to_network(source))
    torch.testing.assert_close(large, theirs, atol=1e-6, rtol=0)


@pytest.mark.parametrize("size", [(1, 1), (5, 7), (9, 4)])
def test_pictures_that_do_not_fill_their_blocks_go_on_by_their_last_pixels(
    size: tuple[int, int],
) -> None:
    source = picture(*size)
    pixels = cut(source, size[1] * 4, size[0] * 4)
    padding = ((0, -size[0] % LR_BLOCK), (0, -size[1] % LR_BLOCK), (0, 0))
    padded = to_network(np.pad(source, padding, mode="edge"))
    torch.testing.assert_close(enlarged(pixels), enlarge(padded, 4), atol=1e-6, rtol=0)
    assert torch.equal(pixels.whole()[0], padded)


@pytest.mark.parametrize("scale", [1, 1.5, 2, 3.125])
def test_other_scales(scale: float) -> None:
    source = picture(32, 32)
    target = round(32 * scale)
    pixels = cut(source, target, target)
    large = F.interpolate(
        to_network(source), (target, target), mode="bicubic", antialias=True, align_corners=False
    ).clamp(-1, 1)
    inner = target - 8  # beyond it they may differ: ours goes on into the last block
    ours = enlarged(pixels)
    torch.testing.assert_close(
        ours[..., :inner, :inner], large[..., :inner, :inner], atol=1e-5, rtol=0
    )
    if target % 4 == 0:
        small = F.interpolate(
            to_network(source), (target // 4, target // 4), mode="bicubic", antialias=True,
            align_corners=False,
        ).clamp(-1, 1)  # fmt: skip
        lr = pixels.whole()[0][..., : target // 4 - 4, : target // 4 - 4]
        torch.testing.assert_close(lr, small[..., : lr.shape[2], : lr.shape[3]], atol=1e-5, rtol=0)


def test_surroundings_are_the_low_resolution_blocks_around() -> None:
    source = picture(12, 16)
    pixels = cut(source, 64, 48)
    whole = to_network(source)
    for row in range(3):
        for column in range(4):
            crop, own_row, own_column = pixels.around(row, column)
            top, left = (row - own_row) * LR_BLOCK, (column - own_column) * LR_BLOCK
            height, width = crop.shape[2:]
            assert torch.equal(crop, whole[:, :, top : top + height, left : left + width])
            assert top + height == min(12, (row + 2) * LR_BLOCK)
            assert left + width == min(16, (column + 2) * LR_BLOCK)
