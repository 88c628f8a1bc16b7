"""Documents to requests and results to commands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from editor import generation
from editor.commands.generation_commands import InsertGeneratedLayers
from editor.commands.group_commands import GroupLayers
from editor.commands.history import History
from editor.commands.layer_commands import DuplicateLayers
from editor.commands.pixel_commands import ReplaceLayerContent
from editor.commands.property_commands import SetLocked
from editor.commands.transform_commands import MoveLayers, ScaleLayer, TransformLayers
from editor.document import affine
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.layout import LayoutBox
from editor.document.pixels import PixelBuffer
from editor.document.recipe import RecordKind
from editor.formats.inspect import describe
from editor.formats.psd import read_psd, write_psd
from editor.generation import LayerOptions, PictureOptions
from engine.errors import RequestError
from engine.requests import LayerKind, LayerRequest, LayerResult, LayoutResult, Request
from tests.helpers.fake_engine import FakeRuntime


def run(request: Request) -> LayoutResult | LayerResult:
    result = FakeRuntime().run(request, lambda _progress: None, lambda: False)
    assert isinstance(result, LayoutResult | LayerResult)
    return result


@pytest.fixture
def document() -> Document:
    """A document with a background and two generated objects, "cat" and "dog"."""
    boxes = (
        LayoutBox(Rect(4, 4, 36, 44), prompt="cat", box_id="one"),
        LayoutBox(Rect(40, 10, 90, 50), prompt="dog", box_id="two"),
    )
    made = Document(96, 64, boxes=boxes, seed=11)
    request = generation.layout_request(made, "a cat and a dog")
    History(made).push(generation.command_for(run(request), request, made))
    return made


def regenerate(document: Document, layer_id: str, prompt: str = "a cow") -> LayerRequest:
    request = generation.layer_request(document, layer_id, prompt)
    History(document).push(generation.command_for(run(request), request, document))
    return request


def attempt(document: Document, options: LayerOptions | None = None) -> int:
    """The one that the layer "one" would be made again with."""
    return generation.layer_request(document, "one", "x", options).box.attempt


def test_a_request_holds_size_seed_and_boxes(document: Document) -> None:
    options = PictureOptions("glossy", steps=3, guidance=2, layer_count=4)
    request = generation.layout_request(document, "a cat", options)
    assert (request.width, request.height, request.seed) == (96, 64, 11)
    assert [(box.layer_id, box.prompt) for box in request.boxes] == [("one", "cat"), ("two", "dog")]
    assert (request.sampling.steps, request.sampling.true_guidance) == (3, 2)
    assert (request.style, request.layer_count) == ("glossy", 4)
    seeded = PictureOptions(seed=5)
    assert generation.layout_request(document, "a cat", seeded).seed == 5


@pytest.mark.parametrize(
    ("prompts", "sentence"),
    [
        (["a cat"], "a cat"),
        (["a cat.", "two dogs"], "a cat and two dogs"),
        (["a cat", "a dog", "a cow"], "a cat, a dog and a cow"),
        (["x" * 1500, "y" * 1500], "x" * 1500),
        (["x" * 2000], "x" * 2000),
    ],
)
def test_boxes_with_prompts_make_the_sentence(prompts: list[str], sentence: str) -> None:
    boxes = [LayoutBox(Rect(0, 0, 20, 20), prompt=prompt) for prompt in prompts]
    document = Document(96, 64, boxes=boxes)
    assert generation.layout_request(document, " ").prompt == sentence
    assert generation.layout_request(document, "a hen").prompt == "a hen"
    silent = Document(96, 64, boxes=[*boxes, LayoutBox(Rect(0, 0, 20, 20), name="pet")])
    with pytest.raises(RequestError, match="prompt is empty"):
        generation.layout_request(silent, " ")


def test_impossible_requests_are_refused(document: Document) -> None:
    with pytest.raises(RequestError):
        generation.layout_request(Document(96, 64), " ")
    with pytest.raises(RequestError):
        generation.layer_request(document, "one", "")


def test_layers_land_with_complete_records(document: Document) -> None:
    background, cat, dog = document.raster_layers()
    assert [layer.name for layer in document.layers] == ["background", "cat", "dog"]
    assert (cat.layer_id, dog.layer_id) == ("one", "two")
    assert background.bounds == document.canvas
    assert cat.bounds == Rect(4, 4, 36, 44)
    record = cat.record
    assert record is not None
    assert record.kind is RecordKind.PROMPTED
    assert record.pixel_hash == cat.pixels.content_hash
    assert (record.typed_prompt, record.seed, record.z_index) == ("a cat and a dog", 11, 1)


def test_a_second_generation_gets_new_ids(document: Document) -> None:
    request = generation.layout_request(document, "a cat and a dog")
    command = generation.command_for(run(request), request, document)
    assert isinstance(command, InsertGeneratedLayers)
    History(document).push(command)
    ids = [layer.layer_id for layer in document.layers]
    assert len(set(ids)) == len(ids) == 6


def with_context(result: LayoutResult | LayerResult) -> LayoutResult:
    """The result as the real engine gives it: every record names all layers of the job."""
    assert isinstance(result, LayoutResult)
    ids = tuple(layer.layer_id for layer in result.layers)
    layers = tuple(
        replace(layer, record=replace(layer.record, context_layers=ids)) for layer in result.layers
    )
    return replace(result, layers=layers)


def test_layers_keep_their_ids_when_their_holders_are_replaced(document: Document) -> None:
    before = [layer.layer_id for layer in document.layers]
    hashes = [layer.pixels.content_hash for layer in document.raster_layers()]
    request = generation.layout_request(document, "a cat and a dog")
    result = with_context(run(request))
    history = History(document)
    first = document.state_hash()
    history.push(generation.command_for(result, request, document, replaces=True))
    assert [layer.layer_id for layer in document.layers] == before
    assert [layer.pixels.content_hash for layer in document.raster_layers()] == hashes
    assert {layer.record.context_layers for layer in document.raster_layers() if layer.record} == {
        tuple(before)
    }
    second = document.state_hash()
    history.undo()
    assert document.state_hash() == first
    history.redo()
    assert document.state_hash() == second


def test_new_ids_are_new_in_the_records_too(document: Document) -> None:
    History(document).push(SetLocked(("one",), True))
    request = generation.layout_request(document, "a cat and a dog")
    command = generation.command_for(with_context(run(request)), request, document, replaces=True)
    History(document).push(command)
    background, cat, dog, kept = document.raster_layers()
    assert (kept.layer_id, dog.layer_id) == ("one", "two")
    assert cat.layer_id != "one"
    for layer in (background, cat, dog):
        assert layer.record is not None
        assert layer.record.context_layers == (background.layer_id, cat.layer_id, "two")


def test_an_object_again_keeps_its_place_and_the_rest(document: Document) -> None:
    before = {layer.layer_id: layer for layer in document.raster_layers()}
    request = regenerate(document, "one")
    assert (request.kind, request.seed, request.box.attempt) == (LayerKind.OBJECT, 11, 1)
    layer = document.raster("one")
    assert layer.bounds == before["one"].bounds
    assert not np.array_equal(layer.pixels.array, before["one"].pixels.array)
    assert document.raster("two") is before["two"]
    assert layer.record is not None
    assert (layer.record.kind, layer.record.z_index) == (RecordKind.REGENERATED, 1)
    assert layer.record.typed_prompt == "a cow"
    assert attempt(document) == 2
    assert attempt(document, LayerOptions(seed=4)) == 0


def test_what_was_tried_and_not_chosen_is_not_shown_as_the_next_variation(
    document: Document,
) -> None:
    background, cat, dog = document.raster_layers()
    assert cat.record is not None
    chosen = replace(cat, record=replace(cat.record, attempt=1, next_attempt=3))
    document = Document(96, 64, [background, chosen, dog], seed=11)
    assert attempt(document) == 3
    request = regenerate(document, "one")
    assert request.box.attempt == 3
    assert attempt(document) == 4
    assert attempt(document, LayerOptions(same_noise=True)) == 3
    assert attempt(document, LayerOptions(seed=4)) == 0


def test_a_moved_layer_is_made_again_where_it_is(document: Document) -> None:
    History(document).push(MoveLayers(("two",), -60, 30))
    request = regenerate(document, "two")
    assert Rect(0, 0, 96, 64).contains(
        Rect(request.box.x0, request.box.y0, request.box.x1, request.box.y1)
    )
    layer = document.raster("two")
    assert layer.bounds == Rect(-20, 40, 30, 80)
    assert layer.record is not None
    assert layer.record.box == (-20, 40, 30, 80)


def test_a_layer_scaled_meanwhile_stays_scaled(document: Document) -> None:
    request = generation.layer_request(document, "one", "a cow")
    result = run(request)
    assert isinstance(result, LayerResult)
    history = History(document)
    small, large = Rect(10, 10, 26, 30), Rect(0, 0, 64, 80)
    for box in (small, large):
        history.push(ScaleLayer("one", box))
        history.push(generation.command_for(result, request, document))
        layer = document.raster("one")
        assert layer.bounds == box
        assert np.array_equal(layer.original.array, result.layer.pixels)  # so nothing is lost
        assert layer.record is not None
        assert layer.record.box == box.as_tuple()
        history.undo()


def test_a_turned_layer_is_made_again_as_upright_and_turned_as_it_was(document: Document) -> None:
    history = History(document)
    layer = document.raster("one")
    history.push(TransformLayers((layer,), affine.rotation(30, (20, 24))))
    turned = document.raster("one")
    request = generation.layer_request(document, "one", "a cow")
    assert (request.box.x0, request.box.y0, request.box.x1, request.box.y1) == (4, 4, 36, 44)
    result = run(request)
    assert isinstance(result, LayerResult)
    history.push(generation.command_for(result, request, document))
    again = document.raster("one")
    assert again.source is not None
    assert np.array_equal(again.source.array, result.layer.pixels)
    assert again.matrix == pytest.approx(turned.matrix)
    assert again.bounds == turned.bounds
    assert again.record is not None
    assert again.record.box == (4, 4, 36, 44)


def test_the_background_again(document: Document) -> None:
    background = document.raster_layers()[0]
    request = regenerate(document, background.layer_id, "blue stripes")
    assert request.kind is LayerKind.BACKGROUND
    assert document.raster(background.layer_id).bounds == document.canvas


@pytest.mark.parametrize("moved_before_saving", [True, False])
def test_a_reopened_layer_that_was_moved_a_little_is_made_again_where_it_is(
    tmp_path: Path, *, moved_before_saving: bool
) -> None:
    document = Document(96, 64, boxes=(LayoutBox(Rect(4, 4, 36, 44), box_id="one"),), seed=11)
    request = generation.layout_request(document, "a cat")
    result = run(request)
    for layer in result.layers[1:] if isinstance(result, LayoutResult) else ():
        inner = layer.pixels[5:-8, 7:-4, 3].copy()
        layer.pixels[..., 3] = 0
        layer.pixels[5:-8, 7:-4, 3] = inner
    History(document).push(generation.command_for(result, request, document))
    two_pixels = MoveLayers(("one",), 2, -1)
    drawn = document.raster("one").bounds
    if moved_before_saving:
        History(document).push(two_pixels)
    write_psd(document, tmp_path / "a.psd")
    again = read_psd(tmp_path / "a.psd")
    if not moved_before_saving:
        History(again).push(two_pixels)
    assert drawn.contains(again.raster("one").bounds)  # the file dropped the empty margins
    regenerate(again, "one")
    assert again.raster("one").bounds == drawn.translated(2, -1)


def test_a_scaled_layer_that_was_reopened_keeps_its_size(
    document: Document, tmp_path: Path
) -> None:
    small = Rect(10, 10, 26, 30)
    History(document).push(ScaleLayer("one", small))
    write_psd(document, tmp_path / "a.psd")
    again = read_psd(tmp_path / "a.psd")
    read, written = describe(again), describe(document)
    # A file has no unscaled pixels, so what was only scaled counts as edited from there on.
    assert read["layers"][1]["recipe"].pop("status") == "edited"
    assert written["layers"][1]["recipe"].pop("status") == "current"
    assert read == written
    History(again).push(MoveLayers(("one",), 1, 1))
    regenerate(again, "one")
    assert again.raster("one").bounds == small.translated(1, 1)


def test_a_cropped_layer_uses_its_recorded_box(document: Document) -> None:
    layer = document.raster("one")
    cropped = layer.pixels.crop(Rect(5, 5, 20, 20))
    History(document).push(ReplaceLayerContent("one", cropped, (9, 9), layer.record))
    request = generation.layer_request(document, "one", "a cow")
    assert (request.box.x0, request.box.y0, request.box.x1, request.box.y1) == (4, 4, 36, 44)


@pytest.mark.parametrize(
    ("size", "offset", "kind"),
    [
        ((96, 64), (0, 0), LayerKind.BACKGROUND),
        ((20, 20), (5, 5), LayerKind.OBJECT),
        ((300, 200), (-50, -100), LayerKind.BACKGROUND),
        ((300, 20), (-50, 10), LayerKind.OBJECT),
    ],
)
def test_layers_without_a_record(
    size: tuple[int, int], offset: tuple[int, int], kind: LayerKind
) -> None:
    pixels = PixelBuffer.filled(*size, (1, 2, 3, 255))
    made = Document(96, 64, [RasterLayer(pixels=pixels, offset=offset, layer_id="x")], seed=3)
    request = regenerate(made, "x")
    assert (request.kind, request.seed, request.box.attempt) == (kind, 3, 0)
    expected = made.canvas if kind is LayerKind.BACKGROUND else Rect.from_size(*offset, *size)
    assert made.raster("x").bounds == expected


def test_an_object_at_the_bottom_stays_an_object_in_every_regeneration() -> None:
    pixels = PixelBuffer.filled(20, 20, (1, 2, 3, 255))
    made = Document(96, 64, [RasterLayer(pixels=pixels, offset=(5, 5), layer_id="x")], seed=3)
    for attempt in range(2):
        request = regenerate(made, "x")
        assert (request.kind, request.box.attempt) == (LayerKind.OBJECT, attempt)
        assert made.raster("x").bounds == Rect(5, 5, 25, 25)
        record = made.raster("x").record
        assert record is not None
        assert record.z_index == 1


def test_the_background_stays_one_in_every_regeneration(document: Document) -> None:
    background = document.raster_layers()[0].layer_id
    kinds = [regenerate(document, background, "blue").kind for _ in range(2)]
    assert kinds == [LayerKind.BACKGROUND] * 2


def test_locked_and_missing_layers(document: Document) -> None:
    History(document).push(SetLocked(("one",), True))
    with pytest.raises(DocumentError, match="locked"):
        generation.layer_request(document, "one", "x")
    with pytest.raises(DocumentError):
        generation.layer_request(document, "nobody", "x")
    request = generation.layer_request(document, "two", "x")
    with pytest.raises(DocumentError):
        generation.command_for(run(request), request, Document(96, 64))


def test_a_layer_in_a_locked_group_is_refused_before_the_job(document: Document) -> None:
    history = History(document)
    history.push(GroupLayers(("one", "two"), "pets"))
    group_id = document.layers[-1].layer_id
    assert not document.is_locked("one")
    history.push(SetLocked((group_id,), True))
    assert document.is_locked("one")
    assert document.is_locked(group_id)
    assert not document.is_locked(document.layers[0].layer_id)
    with pytest.raises(DocumentError, match='group "pets" is locked'):
        generation.layer_request(document, "one", "x")


def test_prompts_of_layers(document: Document) -> None:
    assert generation.prompt_of(document.raster("one")) == "cat"
    regenerate(document, "one", "a white cow")
    assert generation.prompt_of(document.raster("one")) == "a white cow"
    assert generation.prompt_of(document.raster_layers()[0]).endswith("background")
    plain = RasterLayer(pixels=PixelBuffer.transparent(4, 4), name="sky")
    assert generation.prompt_of(plain) == "sky"


def test_new_documents_of_equal_jobs_are_equal() -> None:
    make = [generation.new_document("a cat", 64, 64, boxes=(), seed=1) for _ in range(2)]
    assert make[0].document_id == make[1].document_id
    other = generation.new_document("a cat", 64, 64, boxes=(), seed=2)
    assert other.document_id != make[0].document_id


def test_a_copy_has_the_prompt_of_its_original(document: Document) -> None:
    history = History(document)
    history.push(DuplicateLayers(("one",)))
    history.push(DuplicateLayers(document.selected_ids))
    twice = document.raster(document.selected_ids[0])
    assert twice.name == "cat copy copy"
    assert generation.prompt_of(twice) == "cat"
