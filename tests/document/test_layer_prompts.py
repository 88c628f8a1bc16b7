"""Which prompt gives a layer again."""

from __future__ import annotations

import pytest

from editor.document.layer_prompts import has_automatic_name, prompt_of
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer
from editor.document.recipe import GenerationRecord


def layer(name: str, prompt: str, concept: str) -> RasterLayer:
    record = GenerationRecord(
        typed_prompt=prompt,
        seed=7,
        box=(0, 0, 8, 8),
        canvas_size=(64, 64),
        concept=concept,
        z_index=1,
    )
    return RasterLayer(name=name, pixels=PixelBuffer.transparent(8, 8), record=record)


@pytest.mark.parametrize(
    ("name", "prompt", "concept"),
    [
        ("brown dog", "a red apple and a brown dog", "dog"),
        ("gold welly", "a moggy and wellies in navy and gold", "boot"),
        ("welly 2", "two wellies", "boot"),
        ("三毛猫", "三毛猫と犬", "cat"),
    ],
)
def test_a_name_that_the_prompt_gave_is_the_layer_s_prompt(
    name: str, prompt: str, concept: str
) -> None:
    made = layer(name, prompt, concept)
    assert prompt_of(made) == name.removesuffix(" 2")
    assert has_automatic_name(made)


@pytest.mark.parametrize("name", ["hero", "left one", "wall"])
def test_a_renamed_layer_has_the_prompt_of_its_concept(name: str) -> None:
    made = layer(name, "a moggy and wellies in navy and gold", "boot")
    assert prompt_of(made) == "boot"
    assert not has_automatic_name(made)
