"""A document of six layers through its life: single layers again in every manner, saved, opened,
written as a PSD, opened; no other layer changes by a bit, and every record still makes its layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from editor import generation
from editor.commands.history import History
from editor.commands.layer_commands import RemoveLayers
from editor.commands.paint_commands import PaintLayer
from editor.document.document import Document
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer
from editor.document.recipe import GenerationRecord
from editor.formats.files import read_document, write_any
from editor.formats.psd_planes import pixel_hash
from editor.generation import Agreement, LayerCheck
from engine.errors import EngineError
from engine.pipelines import drawings
from engine.pipelines.binding import Verdict
from engine.pipelines.drawing_fit import Fit
from engine.requests import (
    GeneratedLayer,
    LayerKind,
    LayerRequest,
    LayerResult,
    LayoutResult,
    Request,
)
from engine.runtime import StarterRuntime
from tests.cli.conftest import needs_starter

pytestmark = needs_starter
PROMPT = "a red apple, a dog, a tree, a car and a bird on a sunset gradient"
PASSES = Verdict(0.5, 0.9)
STEPS = 2  # what is looked at here is not the picture


@pytest.fixture(scope="module")
def starter() -> Iterator[StarterRuntime]:
    """With a judge that lets every drawing pass, so that what is made in company stays."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    made = StarterRuntime()
    made.load()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawings, "judge_drawings", lambda _made, asked, *_: [PASSES for _ in asked])
        yield made
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def first(starter: StarterRuntime) -> Document:
    """Six layers of a sentence; tests change copies."""
    document = generation.new_document(PROMPT, 192, 160, boxes=(), seed=7)
    request = generation.layout_request(
        document, PROMPT, generation.PictureOptions(steps=STEPS, guidance=1)
    )
    return land(starter, document, request)


def land(starter: StarterRuntime, document: Document, request: Request) -> Document:
    """The job done and its result in the document."""
    result = starter.run(request, lambda _progress: None, lambda: False)
    assert isinstance(result, LayoutResult | LayerResult)
    History(document).push(generation.command_for(result, request, document))
    return document


def again(
    starter: StarterRuntime,
    document: Document,
    name: str,
    *,
    in_context: bool = False,
    strength: float | None = None,
) -> list[str]:
    """Another try at a layer; the names of the layers whose visible pixels changed."""
    before = hashes(document)
    layer = layer_of(document, name)
    options = generation.LayerOptions(steps=STEPS, in_context=in_context, strength=strength)
    request = generation.layer_request(document, layer.layer_id, name, options)
    land(starter, document, request)
    after = hashes(document)
    return [key for key in after if after[key] != before[key]]


def hashes(document: Document) -> dict[str, str]:
    return {layer.name: pixel_hash(layer.pixels) for layer in document.raster_layers()}


def layer_of(document: Document, name: str) -> RasterLayer:
    (found,) = [layer for layer in document.raster_layers() if layer.name == name]
    return found


def verify(starter: StarterRuntime, document: Document) -> dict[str, LayerCheck]:
    """The verdicts by the names of the layers."""

    def run(request: LayerRequest) -> LayerResult | EngineError:
        try:
            result = starter.run(request, lambda _progress: None, lambda: False)
        except EngineError as error:
            return error
        assert isinstance(result, LayerResult)
        return result

    return {check.name: check for check in generation.verify_layers(document, run)}


def copy_of(document: Document) -> Document:
    return Document.from_state(document.snapshot())


def through(document: Document, path: Path) -> Document:
    """Written and opened again."""
    write_any(document.snapshot(), path)
    return read_document(path).document


def test_six_layers_are_what_their_records_make_after_every_way_of_saving(
    starter: StarterRuntime, first: Document, tmp_path: Path
) -> None:
    document = copy_of(first)
    names = ["background", "red apple", "dog", "tree", "car", "bird"]
    assert list(hashes(document)) == names
    assert again(starter, document, "dog") == ["dog"]
    assert again(starter, document, "tree", strength=0.8) == ["tree"]
    assert again(starter, document, "tree", strength=0.6) == ["tree"]  # of what was refined
    assert again(starter, document, "background", strength=0.7) == ["background"]
    assert again(starter, document, "car", in_context=True) == ["car"]
    wanted = hashes(document)
    saved = through(document, tmp_path / "a.layerloom")
    opened = through(saved, tmp_path / "a.psd")
    resaved = through(opened, tmp_path / "b.layerloom")
    for state in (document, saved, opened, resaved):
        assert hashes(state) == wanted
        checks = verify(starter, state)
        assert {name: check.agreement for name, check in checks.items()} == dict.fromkeys(
            names, Agreement.EXACT
        )


def test_what_a_layer_was_made_beside_may_be_a_variation(
    starter: StarterRuntime, first: Document, tmp_path: Path
) -> None:
    document = copy_of(first)
    again(starter, document, "dog", in_context=True)
    again(starter, document, "car")
    assert verify(starter, document)["dog"].agreement is Agreement.EXACT
    check = verify(starter, through(document, tmp_path / "a.psd"))["dog"]
    assert check.agreement is Agreement.UNCHECKED
    assert check.reasons == ('"car", which it was made beside, has changed since.',)


def recorded(document: Document, name: str) -> GenerationRecord:
    record = layer_of(document, name).record
    assert record is not None
    return record


def test_pixels_that_were_painted_on_cannot_be_made_again(
    starter: StarterRuntime, first: Document, tmp_path: Path
) -> None:
    document = copy_of(first)
    layer = layer_of(document, "dog")
    array = layer.pixels.array.copy()
    array[5:30, 5:30] = (0, 0, 255, 255)
    painted = PixelBuffer.from_array(array)
    History(document).push(PaintLayer(layer.layer_id, painted, layer.offset, "Paint"))
    again(starter, document, "dog", strength=0.5)
    assert recorded(document, "dog").source_record is None
    assert verify(starter, document)["dog"].agreement is Agreement.EXACT  # a variation has them
    check = verify(starter, through(document, tmp_path / "a.psd"))["dog"]
    assert check.agreement is Agreement.UNCHECKED
    assert check.reasons == ("The pixels that the layer was refined from are not kept.",)


@pytest.mark.parametrize(
    ("fit", "edited", "rows", "agreement"),
    [
        (Fit.CURVED, False, 1, Agreement.CLOSE),
        (Fit.CLEANED, False, 1, Agreement.CLOSE),
        (Fit.CURVED, False, 9, Agreement.DIFFERENT),
        (Fit.CURVED, True, 1, Agreement.DIFFERENT),
        (Fit.FILLED, False, 1, Agreement.DIFFERENT),
    ],
)
def test_a_region_of_a_cleaned_drawing_may_join_another_on_another_machine(
    fit: Fit, edited: bool, rows: int, agreement: Agreement
) -> None:
    here = np.full((100, 100, 4), 255, np.uint8)
    there = here.copy()
    there[:rows, :50, :3] = 245
    pixels = PixelBuffer.from_array(here)
    record = GenerationRecord(
        typed_prompt="a dog", seed=1, box=(0, 0, 100, 100), canvas_size=(100, 100), steps=8,
        route="alone", fit=fit.value, pixel_hash="other" if edited else pixels.content_hash,
    )  # fmt: skip
    document = Document(100, 100)
    layer = RasterLayer(layer_id="dog", name="dog", pixels=pixels, record=record)
    state = replace(document.snapshot(), layers=(layer,))

    def run(request: LayerRequest) -> LayerResult:
        assert request.repeat is not None
        box = request.repeat.box
        made = GeneratedLayer("dog", "dog", LayerKind.OBJECT, box, there, request.repeat)
        return LayerResult(made, (), {})

    (check,) = generation.verify_layers(state, run)
    assert check.agreement is agreement
    assert check.largest == 10


def test_a_source_that_comes_out_otherwise_is_no_source(
    starter: StarterRuntime, first: Document, tmp_path: Path
) -> None:
    document = copy_of(first)
    again(starter, document, "dog", strength=0.5)
    state = through(document, tmp_path / "a.psd").snapshot()
    layer = layer_of(Document.from_state(state), "dog")
    record = recorded(document, "dog")
    assert record.source_record is not None
    other = replace(record.source_record, seed=record.seed + 1)
    changed = replace(layer, record=replace(record, source_record=other))
    layers = tuple(changed if one.layer_id == layer.layer_id else one for one in state.layers)
    check = verify(starter, Document.from_state(replace(state, layers=layers)))["dog"]
    assert check.agreement is Agreement.UNCHECKED
    assert check.reasons == ("The pixels that it was refined from cannot be made again.",)


def test_a_layer_that_was_held_and_is_gone_is_named(
    starter: StarterRuntime, first: Document
) -> None:
    document = copy_of(first)
    again(starter, document, "dog", in_context=True)
    History(document).push(RemoveLayers((layer_of(document, "car").layer_id,)))
    check = verify(starter, document)["dog"]
    assert check.agreement is Agreement.UNCHECKED
    assert "not in the document any more" in check.reasons[0]
