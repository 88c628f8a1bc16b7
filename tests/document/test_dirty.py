"""The rectangle to draw again is as small as what changed, and never smaller."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from editor.commands.paint_commands import patched_layer
from editor.document.delta import describe, diff
from editor.document.geometry import EMPTY, Rect
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.masks import CoverageBuffer, Mask
from editor.document.state import DocumentState
from tests.document.scenes import noise, noise_layer


def dirty(old: Layer, new: Layer) -> Rect:
    before = DocumentState(width=900, height=900, layers=(old,))
    after = replace(before, layers=(new,))
    return describe(diff(before, after), before, after).dirty


@pytest.fixture
def layer() -> RasterLayer:
    return noise_layer(700, 600, 1, offset=(50, 60), opaque=True)


def painted(layer: RasterLayer, rect: Rect) -> RasterLayer:
    under = layer.pixels.read(rect.translated(-layer.offset[0], -layer.offset[1]))
    return patched_layer(layer, rect, 255 - under)


@pytest.mark.parametrize("rect", [Rect(60, 70, 61, 71), Rect(290, 300, 340, 350)])
def test_a_patch_dirties_its_rectangle(layer: RasterLayer, rect: Rect) -> None:
    assert dirty(layer, painted(layer, rect)) == rect
    assert dirty(painted(layer, rect), layer) == rect


@pytest.mark.parametrize("rect", [Rect(0, 10, 80, 90), Rect(700, 500, 890, 700)])
def test_growing_dirties_the_patch_alone(layer: RasterLayer, rect: Rect) -> None:
    grown = painted(layer, rect)
    assert grown.bounds == layer.bounds.union(rect)
    assert dirty(layer, grown) == rect
    assert dirty(grown, layer) == rect


def test_pixels_that_stay_equal_dirty_nothing(layer: RasterLayer) -> None:
    rect = Rect(100, 100, 400, 400)
    same = layer.pixels.read(rect.translated(-50, -60)).copy()
    assert dirty(layer, patched_layer(layer, rect, same)) == EMPTY


def test_moving_dirties_both_places(layer: RasterLayer) -> None:
    moved = replace(layer, offset=(51, 60))
    assert dirty(layer, moved) == Rect(50, 60, 751, 660)
    moved = replace(layer, offset=(50 + 256, 60))  # the grids lie over each other again
    assert dirty(layer, moved) == Rect(50, 60, 1006, 660)


def test_many_changed_tiles_are_not_looked_at_one_by_one() -> None:
    layer = noise_layer(2600, 600, 1, opaque=True)
    inverted = patched_layer(layer, Rect(10, 10, 2590, 590), 255 - noise(2580, 580, 9))
    assert dirty(layer, inverted).contains(Rect(10, 10, 2590, 590))


def test_a_hidden_layer_dirties_nothing(layer: RasterLayer) -> None:
    hidden = replace(layer, visible=False)
    assert dirty(hidden, painted(hidden, Rect(60, 70, 90, 80))) == EMPTY


@pytest.mark.parametrize("outside", [0, 255])
def test_a_painted_mask_dirties_what_it_touched(layer: RasterLayer, outside: int) -> None:
    mask = Mask(coverage=CoverageBuffer.filled(300, 300, 200), offset=(90, 90), outside=outside)
    old = replace(layer, mask=mask)
    rect = Rect(350, 350, 450, 460)
    new = replace(old, mask=mask.with_patch(rect, np.full((110, 100), 7, np.uint8)))
    assert dirty(old, new) == rect
    assert dirty(new, old) == rect
    assert dirty(layer, old) == layer.bounds
    assert dirty(old, replace(old, mask=replace(mask, enabled=False))) == layer.bounds


def test_a_group_mask_dirties_what_it_touched(layer: RasterLayer) -> None:
    mask = Mask(coverage=CoverageBuffer.filled(900, 900, 200))
    group = GroupLayer(children=(layer,), mask=mask)
    rect = Rect(0, 0, 100, 100)
    new = replace(group, mask=mask.with_patch(rect, np.full((100, 100), 7, np.uint8)))
    assert dirty(group, new) == Rect(50, 60, 100, 100)


def test_opacity_with_pixels_dirties_the_whole_layer(layer: RasterLayer) -> None:
    new = replace(painted(layer, Rect(60, 70, 61, 71)), opacity=0.5)
    assert dirty(layer, new) == layer.bounds
