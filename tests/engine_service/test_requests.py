"""Requests that can never succeed are refused with a sentence naming the field."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from editor.document import layout, recipe, wishes
from editor.windows import new_document_dialog
from engine.errors import RequestError
from engine.requests import (
    MAX_VARIATIONS,
    GenerationMode,
    LayerPixels,
    LayerRequest,
    LayoutRequest,
    RegionBox,
    check_request,
    parts,
)

BOX = RegionBox("apple", 8, 8, 72, 72)
LAYER = LayerRequest("a red apple", 96, 96, 1, BOX)
START = LayerPixels((8, 8, 72, 72), np.zeros((64, 64, 4), np.uint8))
LAYOUT = LayoutRequest("a dog", 96, 96, 1, mode=GenerationMode.MULTILAYER)


def refusal(request: LayerRequest | LayoutRequest) -> str:
    with pytest.raises(RequestError) as caught:
        check_request(request)
    return caught.value.message


def test_the_editor_promises_what_the_engine_takes() -> None:
    assert layout.MAX_BOXES == parts.MAX_BOXES
    assert (wishes.MAX_STEPS, wishes.MAX_PROMPT_CHARACTERS) == (
        parts.MAX_STEPS,
        parts.MAX_PROMPT_CHARACTERS,
    )
    assert recipe.SEED_LIMIT == parts.SEED_LIMIT
    assert (new_document_dialog.MIN_SIDE_PX, new_document_dialog.MAX_SIDE_PX) == (
        parts.MIN_SIDE_PX,
        parts.MAX_SIDE_PX,
    )


def test_what_can_be_done_passes() -> None:
    check_request(LAYER)
    check_request(replace(LAYER, start=START, strength=0.5, count=MAX_VARIATIONS))
    check_request(
        replace(LAYOUT, boxes=(replace(BOX, prompt="a dog"), RegionBox("x", 0, 0, 9, 9, "cat")))
    )
    check_request(LAYOUT)


@pytest.mark.parametrize("corners", [(8, 8, 9, 9), (8, 8, 72, 10)])
def test_a_box_of_a_pixel_is_too_small_for_a_layer(corners: tuple[int, int, int, int]) -> None:
    said = refusal(replace(LAYER, box=RegionBox("apple", *corners)))
    assert f"The box is {corners[2] - 8} x {corners[3] - 8} px" in said
    assert "larger box" in said


def test_strength_has_a_range_and_needs_pixels() -> None:
    assert "between 0.05 and 1" in refusal(replace(LAYER, start=START, strength=0.0))
    assert "between 0.05 and 1" in refusal(replace(LAYER, start=START, strength=1.5))
    assert "no pixels to refine" in refusal(replace(LAYER, strength=0.5))
    several = replace(LAYER, start=START, strength=0.5, beside=(replace(BOX, layer_id="dog"),))
    assert "One layer is refined at a time" in refusal(several)


@pytest.mark.parametrize("count", [0, MAX_VARIATIONS + 1])
def test_the_number_of_variations_has_a_range(count: int) -> None:
    assert "number of variations" in refusal(replace(LAYER, count=count))


def test_a_sentence_per_box_means_every_box() -> None:
    request = replace(LAYOUT, boxes=(replace(BOX, prompt="a dog"), RegionBox("x", 0, 0, 9, 9)))
    assert "boxes[1] has no prompt" in refusal(request)
    check_request(replace(request, mode=GenerationMode.ART))


def test_a_negative_prompt_has_a_length() -> None:
    assert "negative prompt" in refusal(replace(LAYER, negative_prompt="x" * 3000))
