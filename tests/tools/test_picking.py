"""What a click on the canvas finds, beside masks and clipping."""

from __future__ import annotations

from dataclasses import replace

import pytest

from editor.document.document import Document
from editor.document.layers import GroupLayer, Layer
from editor.document.masks import CoverageBuffer, Mask
from editor.tools.picking import topmost_at
from tests.document.scenes import flat_layer

BACK = flat_layer((9, 9, 9, 255), 40, 40, layer_id="back")
TOP = flat_layer((200, 9, 9, 255), 40, 40, layer_id="top")
LEFT = Mask(coverage=CoverageBuffer.filled(20, 40, 255))


def found(layers: tuple[Layer, ...], x: float) -> str:
    hit = topmost_at(Document(40, 40, layers), x, 20, 1.0)
    return hit.layer_id if hit is not None else ""


@pytest.mark.parametrize(
    "masked",
    [
        replace(TOP, mask=LEFT),
        GroupLayer(layer_id="group", children=(TOP,), mask=LEFT),
    ],
    ids=["layer", "group"],
)
def test_what_a_mask_hides_is_not_hit(masked: Layer) -> None:
    assert found((BACK, masked), 5) == "top"
    assert found((BACK, masked), 35) == "back"
    assert masked.mask is not None
    off = replace(masked, mask=replace(masked.mask, enabled=False))
    assert found((BACK, off), 35) == "top"


def test_a_clipped_layer_is_hit_on_its_base_only() -> None:
    base = flat_layer((9, 200, 9, 255), 20, 40, layer_id="base")
    layers = (BACK, base, replace(TOP, clipped=True))
    assert found(layers, 5) == "top"
    assert found(layers, 35) == "back"
    hidden = (BACK, replace(base, visible=False), replace(TOP, clipped=True))
    assert found(hidden, 5) == "back"


def test_a_faint_base_lets_nothing_be_hit() -> None:
    base = flat_layer((9, 200, 9, 255), 40, 40, layer_id="base", opacity=0.03)
    assert found((BACK, base, replace(TOP, clipped=True)), 5) == "back"
