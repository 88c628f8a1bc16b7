"""Boxes, grids and packing."""

from __future__ import annotations

import pytest
import torch

from engine.errors import RequestError
from engine.models.geometry import (
    LATENT_PX,
    MAX_ENTRIES,
    Box,
    crop_latents,
    make_layout,
    pack_latents,
    pack_regions,
    paste_latents,
    position_ids,
    round_outwards,
    token_entries,
    unpack_regions,
)

CANVAS = Box(0, 0, 96, 64)


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (Box(16, 16, 32, 48), Box(16, 16, 32, 48)),  # aligned: unchanged
        (Box(17, 15, 33, 49), Box(16, 0, 48, 64)),
        (Box(-5, -40, 10, 10), Box(0, 0, 16, 16)),
        (Box(90, 60, 300, 300), Box(80, 48, 96, 64)),  # cut at this canvas, not at a constant
        (Box(95, 63, 96, 64), Box(80, 48, 96, 64)),  # touching both far edges does not exceed them
    ],
)
def test_boxes_grow_to_the_grid_and_stop_at_the_canvas(box: Box, expected: Box) -> None:
    assert round_outwards(box, 96, 64) == expected


@pytest.mark.parametrize("box", [Box(10, 10, 10, 20), Box(96, 0, 120, 16), Box(-20, 0, 0, 16)])
def test_boxes_without_a_pixel_on_the_canvas_are_refused(box: Box) -> None:
    with pytest.raises(RequestError, match=r"empty on the 96 x 64 px canvas"):
        round_outwards(box, 96, 64)


def test_the_latent_grid_is_finer() -> None:
    assert round_outwards(Box(9, 9, 15, 15), 96, 64, LATENT_PX) == Box(8, 8, 16, 16)


def test_more_entries_than_the_model_has_places_for_are_refused() -> None:
    boxes = [CANVAS, CANVAS, *[Box(0, 0, 16, 16)] * 50]
    assert len(make_layout(96, 64, boxes).boxes) == MAX_ENTRIES
    with pytest.raises(RequestError, match=r"53 entries; this model holds at most 52.*50 objects"):
        make_layout(96, 64, [*boxes, Box(0, 0, 16, 16)])


@pytest.mark.parametrize("size", [(0, 64), (96, 63), (-16, 16)])
def test_canvases_off_the_token_grid_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(RequestError, match="multiples of 16"):
        make_layout(*size, [Box(0, 0, 16, 16)])


def test_a_layout_without_boxes_is_refused() -> None:
    with pytest.raises(RequestError, match="no box"):
        make_layout(96, 64, [None, None])


def test_null_entries_keep_their_index() -> None:
    layout = make_layout(96, 64, [CANVAS, None, Box(32, 16, 64, 32)])
    assert layout.token_counts == (24, 0, 2)
    assert token_entries(layout).tolist() == [0] * 24 + [2] * 2
    assert position_ids(layout.boxes)[-2:].tolist() == [[2, 1, 2], [2, 1, 3]]


def test_latent_positions_are_absolute_on_the_8_px_grid() -> None:
    ids = position_ids([Box(8, 16, 24, 24)], LATENT_PX)
    assert ids.tolist() == [[0, 2, 1], [0, 2, 2]]


def test_packing_puts_channels_before_rows_before_columns() -> None:
    latents = torch.arange(2 * 2 * 4).reshape(1, 2, 2, 4)  # c=2, h=2, w=4
    assert pack_latents(latents)[0].tolist() == [
        [0, 1, 4, 5, 8, 9, 12, 13],
        [2, 3, 6, 7, 10, 11, 14, 15],
    ]


def test_cropping_packing_and_pasting_return_the_values_to_their_places() -> None:
    layout = make_layout(96, 64, [CANVAS, None, Box(16, 16, 64, 48)])
    canvases = torch.randn(2, 3, 16, 8, 12, generator=torch.Generator().manual_seed(1))
    crops = crop_latents(canvases, layout)
    tokens = pack_regions(crops)
    assert tokens.shape == (2, layout.token_count, 64)
    again = unpack_regions(tokens, layout)
    assert again[1] is None
    grey = torch.full((16, 8, 12), 7.0)
    pasted = paste_latents([e if e is None else e[1] for e in again], layout, grey)
    assert torch.equal(pasted[0], canvases[1, 0])
    assert torch.equal(pasted[1], grey)
    assert torch.equal(pasted[2, :, 2:6, 2:8], canvases[1, 2, :, 2:6, 2:8])
    assert torch.equal(pasted[2, :, :2], grey[:, :2])
