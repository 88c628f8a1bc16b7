"""Drawings of flat colours become even and smooth, and lose nothing that is more than that."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from engine.pipelines.clean_drawing import clean_drawing
from engine.pipelines.colour_regions import find_regions
from engine.pipelines.drawing_fit import Fit, fit_of, placed_pixels
from engine.requests import LayerPixels, LayerRequest, LayoutRequest, RegionBox
from engine.training.evaluation.edge_metrics import bend, unrest

SIDE = 128


def art(*, thin: bool = False) -> Tensor:
    """A red disc with a blue one in it; with `thin`, a yellow line and a white dot on them."""
    fine = np.zeros((SIDE * 4, SIDE * 4, 4), np.float32)
    cv2.circle(fine, (256, 256), 220, (0.9, 0.1, 0.1, 1), -1)
    cv2.circle(fine, (256, 280), 110, (0.1, 0.2, 0.9, 1), -1)
    if thin:
        cv2.line(fine, (120, 130), (390, 130), (1, 0.9, 0.1, 1), 8)
        cv2.circle(fine, (230, 240), 12, (1, 1, 1, 1), -1)
    small = np.asarray(cv2.resize(fine, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float32)
    small[..., :3] /= np.maximum(small[..., 3:], 1e-3)
    return torch.from_numpy(np.ascontiguousarray(small.transpose(2, 0, 1))).clamp(0, 1)


def uneven(drawing: Tensor, levels: float = 5) -> Tensor:
    """With blotches in the colours and a wobble in the borders."""
    rng = np.random.default_rng(1)
    blotches = cv2.GaussianBlur(rng.normal(size=(SIDE, SIDE, 3)).astype(np.float32), (0, 0), 1.5)
    blotches = blotches * (levels / 255 / blotches.std())
    ways = [
        cv2.GaussianBlur(rng.normal(size=(SIDE, SIDE)).astype(np.float32), (0, 0), 2.0)
        for _ in range(2)
    ]
    rows, columns = np.indices((SIDE, SIDE), np.float32)
    across, down = (way * (0.5 / way.std()) for way in ways)
    source = np.ascontiguousarray(drawing.permute(1, 2, 0).numpy())
    source[..., :3] *= source[..., 3:]
    moved = cv2.remap(source, columns + across, rows + down, cv2.INTER_LINEAR)
    moved[..., :3] = moved[..., :3] / np.maximum(moved[..., 3:], 1e-3) + blotches
    return torch.from_numpy(np.ascontiguousarray(moved.transpose(2, 0, 1))).clamp(0, 1)


def levels_of(drawing: Tensor) -> np.ndarray:
    return np.asarray(np.rint(drawing.permute(1, 2, 0).numpy() * 255), np.uint8)


def error(drawing: Tensor, truth: Tensor) -> float:
    both = [torch.cat([rgba[:3] * rgba[3:], rgba[3:]]) for rgba in (drawing, truth)]
    return float((both[0] - both[1]).square().mean())


def test_fills_are_even_and_borders_smooth() -> None:
    before = uneven(art())
    after = clean_drawing(before)
    assert unrest(levels_of(after)) < 0.5 * unrest(levels_of(before))
    assert bend(levels_of(after)[..., 3]) < bend(levels_of(before)[..., 3])
    assert error(after, art()) < error(before, art())
    assert torch.equal(clean_drawing(before), after)


def test_wobbly_outlines_become_curves() -> None:
    wobbly = uneven(art())
    blurred, curved = (clean_drawing(wobbly, curves=curves) for curves in (False, True))
    assert bend(levels_of(curved)[..., 3]) < 0.9 * bend(levels_of(blurred)[..., 3])
    assert error(curved, art()) < error(blurred, art())


def test_clean_art_hardly_changes() -> None:
    assert error(clean_drawing(art(), curves=False), art()) < 2e-4
    assert error(clean_drawing(art()), art()) < 4e-4


def test_thin_lines_and_small_lights_stay() -> None:
    drawing = clean_drawing(uneven(art(thin=True), 3))
    line, dot = drawing[:3, 31:34, 64].amax(1), drawing[:3, 58:62, 56:60].amin(0).max()
    assert line[1] > 0.6
    assert dot > 0.8


def test_what_is_half_transparent_stays_as_it_is() -> None:
    drawing = art()
    drawing[:3, :, :40] = torch.rand(3, SIDE, 40, generator=torch.manual_seed(0))
    drawing[3, :, :40] = torch.linspace(0.2, 0.55, 40)
    assert torch.equal(clean_drawing(drawing)[:, :, 4:30], drawing[:, :, 4:30])


@pytest.mark.parametrize("size", [(8, 8), (16, 40)])
def test_nothing_and_next_to_nothing_is_cleaned_without_a_fault(size: tuple[int, int]) -> None:
    assert not clean_drawing(torch.zeros(4, *size)).any()
    noise = torch.rand(4, *size, generator=torch.manual_seed(0))
    assert clean_drawing(noise).shape == (4, *size)


def test_a_drawing_that_is_flat_at_its_frame_only_is_cleaned_without_a_fault() -> None:
    steep = torch.ones(4, 16, 16)  # a slope everywhere but in the first and the last row
    steep[0] = torch.linspace(0, 1, 16)[:, None]
    assert clean_drawing(steep).shape == (4, 16, 16)


def test_new_drawings_of_flat_colours_are_cleaned() -> None:
    box = (0, 0, SIDE, SIDE)
    filled, curved = (
        placed_pixels(uneven(art()), box, box, fit) for fit in (Fit.FILLED, Fit.CURVED)
    )
    assert unrest(curved) < 0.5 * unrest(filled)
    assert bend(curved[..., 3]) < bend(filled[..., 3])


def test_drawings_of_older_records_have_no_curves() -> None:
    box = (0, 0, SIDE, SIDE)
    older = clean_drawing(uneven(art()), curves=False)
    as_it_was = placed_pixels(uneven(art()), box, box, Fit.CLEANED)
    assert np.array_equal(as_it_was, placed_pixels(older, box, box, Fit.FILLED))


def test_gradients_and_refined_layers_are_not_cleaned() -> None:
    scene = LayoutRequest("an apple", 128, 128, 1)
    assert fit_of(scene, "flat") is fit_of(scene, "outlined") is Fit.CURVED
    assert fit_of(scene, "glossy") is Fit.FILLED
    start = LayerPixels((0, 0, 128, 128), np.zeros((128, 128, 4), np.uint8))
    layer = LayerRequest(
        "an apple", 128, 128, 1, RegionBox("a", 0, 0, 128, 128), start=start, strength=0.5
    )
    assert fit_of(layer, "flat") is Fit.KEPT


def test_a_line_on_the_frame_alone_is_no_region() -> None:
    levels = np.full((32, 32, 4), (230, 0, 0, 255), np.float32)
    levels[-1, :, :3] = (20, 0, 230)
    found = find_regions(levels)
    assert not found.labels.any()
    assert len(found.colours) == 1
