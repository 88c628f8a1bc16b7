"""Layers again on an ART model of the shelf: in context, alone, refined, several, and repeated."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from engine.checkpoints.bundle import Checkpoint
from engine.checkpoints.full_size import load_art
from engine.checkpoints.shelf import Shelf
from engine.errors import JobCancelled, RequestError
from engine.pipelines import art_regeneration
from engine.pipelines.art_regeneration import regenerate_on_art
from engine.pipelines.art_run import ArtPart, encoded, plan_art_run
from engine.pipelines.flux_layers import generate_full_size
from engine.pipelines.harmony import stacked_on_white
from engine.pipelines.layout_to_layers import sample_regions
from engine.pipelines.repetition import RunCache
from engine.requests import (
    AlphaRoute,
    ContextLayer,
    GeneratedLayer,
    LayerKind,
    LayerPixels,
    LayerRequest,
    LayerResult,
    LayoutResult,
    RecordEntry,
    RegionBox,
    SamplingOptions,
)
from tests.engine import tiny_checkpoints as tiny
from tests.engine.test_full_size_runs import FLOAT, job, request

OPTIONS = SamplingOptions(steps=2, true_guidance=1.0, tries=1)
SIZE = {"width": 90, "height": 60}  # no multiples of 16


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    place = tmp_path_factory.mktemp("art")
    shelf = Shelf(place / "shelf")
    shelf.add(tiny.flux1_parts(place / "parts"))
    shelf.add(tiny.art_fused(place / "fused"))
    return load_art(shelf, "fused", FLOAT)


@pytest.fixture(scope="module")
def document(art: Checkpoint) -> LayoutResult:
    boxes = (RegionBox("a", 16, 16, 48, 48, name="apple"), RegionBox("b", 40, 3, 90, 29))
    return generate_full_size(art, request(**SIZE, boxes=boxes, sampling=OPTIONS), job())


def context_of(layers: tuple[GeneratedLayer, ...], without: str) -> tuple[ContextLayer, ...]:
    return tuple(
        ContextLayer(
            each.layer_id, each.name, each.kind, each.box,
            LayerPixels(each.box, each.pixels, f"hash of {each.layer_id}"),
        )
        for each in layers
        if each.layer_id != without
    )  # fmt: skip


def asked(document: LayoutResult, **changes: Any) -> LayerRequest:
    fields: dict[str, Any] = {
        "prompt": "a brown dog", **SIZE, "seed": 9, "sampling": OPTIONS, "checkpoint": "fused",
        "box": RegionBox("a", 16, 16, 48, 48, below=0),
        "context": context_of(document.layers, "a"),
    }  # fmt: skip
    return LayerRequest(**fields | changes)


def again(art: Checkpoint, made: GeneratedLayer, asked: LayerRequest) -> LayerResult:
    """What the record makes, asked for as a check does: with other options and no prompt."""
    width, height = made.box[2] - made.box[0], made.box[3] - made.box[1]
    box = RegionBox(made.layer_id, 0, 0, width, height)
    plain = LayerRequest(
        "not read", max(90, width), max(60, height), 0, box, made.kind, context=asked.context,
        start=asked.start, repeat=made.record,
    )  # fmt: skip
    return regenerate_on_art(art, plain, job())


def test_a_layer_beside_the_others(art: Checkpoint, document: LayoutResult) -> None:
    wish = asked(document)
    layer = regenerate_on_art(art, wish, job()).layer
    assert layer.pixels.shape == (32, 32, 4)
    record = layer.record
    assert (record.route, record.z_index, record.checkpoint) == ("context", 1, "fused")
    assert record.effective_prompt == "a brown dog, Layer 2 on background"
    assert [entry.layer_id for entry in record.entries] == [document.layers[0].layer_id, "a", "b"]
    assert [bool(entry.pixel_hash) for entry in record.entries] == [True, False, True]
    other = regenerate_on_art(art, replace(wish, context=()), job()).layer
    assert not np.array_equal(layer.pixels, other.pixels)
    assert (other.record.route, other.record.context_layers) == ("alone", ())
    for made, at in ((layer, wish), (other, wish)):
        repeated = again(art, made, at).layer
        assert np.array_equal(repeated.pixels, made.pixels)
        assert repeated.record == made.record


def test_the_others_come_back_bit_for_bit(art: Checkpoint, document: LayoutResult) -> None:
    ground, _, other = document.layers
    parts = [
        ArtPart(
            RecordEntry(layer.layer_id, layer.layer_id, 0, layer.box),
            LayerPixels(layer.box, layer.pixels),
        )
        for layer in (ground, other)
    ]
    new = ArtPart(RecordEntry("new", "new", 0, (0, 0, 32, 32)))
    run = plan_art_run(art, (90, 60), [*parts, new], seed=3, caption="a dog", options=OPTIONS)
    latents = sample_regions(art.transformer, run.sampling)
    for place in (1, 2):
        kept, held = latents[place], run.sampling.held[place]
        assert kept is not None
        assert held is not None
        assert torch.equal(kept, held)
    assert run.sampling.held[3] is None


def part_of_layer(layer: GeneratedLayer, *, refined: bool = False) -> ArtPart:
    pixels = LayerPixels(layer.box, layer.pixels, "then")
    entry = RecordEntry(layer.layer_id, layer.layer_id, 0, layer.box)
    return ArtPart(entry, start=pixels) if refined else ArtPart(entry, held=pixels)


def test_no_entry_of_a_refining_run_begins_with_noise_alone(
    art: Checkpoint, document: LayoutResult
) -> None:
    ground, apple, other = document.layers
    unknown = ArtPart(RecordEntry("", "background", 0, (0, 0, 90, 60)))
    layers = [part_of_layer(apple, refined=True), part_of_layer(other)]
    for behind in (part_of_layer(ground), unknown):
        run = plan_art_run(
            art, (90, 60), [behind, *layers], seed=3, caption="a dog", options=OPTIONS, strength=0.3
        )
        sampling = run.sampling
        for held, start in zip(sampling.held, sampling.starts, strict=True):
            assert (held is None) == (start is not None)
        stack = stacked_on_white(document.layers[behind is unknown :], 90, 60)
        opaque = np.dstack([np.rint(stack * 255), np.full((60, 90), 255)]).astype(np.uint8)
        whole = LayerPixels((0, 0, 90, 60), opaque)
        expected = encoded(art, whole, sampling.layout, sampling.layout.boxes[0])
        assert sampling.starts[0] is not None
        assert torch.equal(sampling.starts[0], expected)


def test_whole_layouts_are_repeated_with_one_run_for_all(
    art: Checkpoint, document: LayoutResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[int] = []

    def counted(*words: Any) -> Any:
        runs.append(1)
        return sample_regions(*words)

    monkeypatch.setattr(art_regeneration, "sample_regions", counted)
    cache = RunCache()
    for layer in document.layers:
        box = RegionBox(layer.layer_id, 0, 0, layer.pixels.shape[1], layer.pixels.shape[0])
        plain = LayerRequest("x", 90, 60, 0, box, layer.kind, repeat=layer.record)
        repeated = regenerate_on_art(art, plain, job(), cache=cache).layer
        assert np.array_equal(repeated.pixels, layer.pixels)
    assert len(runs) == 1
    assert document.layers[0].pixels.shape == (60, 90, 4)


def test_refining_variations_and_several_at_once(art: Checkpoint, document: LayoutResult) -> None:
    apple = document.layers[1]
    start = LayerPixels(apple.box, apple.pixels, "then")
    wish = asked(document, start=start, strength=0.3, count=2)
    result = regenerate_on_art(art, wish, job())
    (variation,) = result.variations
    assert (result.layer.record.attempt, variation.record.attempt) == (0, 1)
    assert (result.layer.record.strength, result.layer.record.source_hash) == (0.3, "then")
    assert not np.array_equal(result.layer.pixels, variation.pixels)
    for made in (result.layer, variation):
        assert np.array_equal(again(art, made, wish).layer.pixels, made.pixels)
    with pytest.raises(RequestError, match="are not kept"):
        again(art, result.layer, replace(wish, start=None))
    both = regenerate_on_art(
        art,
        asked(document, context=context_of(document.layers, "a")[:1], beside=(
            RegionBox("b", 40, 3, 90, 29, prompt="a red apple", below=0),
        )),
        job(),
    )  # fmt: skip
    (other,) = both.beside
    assert other.layer_id == "b"
    assert both.layer.record.effective_prompt == "a brown dog, a red apple on background"
    for made in (both.layer, other):
        assert np.array_equal(again(art, made, asked(document)).layer.pixels, made.pixels)


def test_the_background_behind_the_others(art: Checkpoint, document: LayoutResult) -> None:
    ground = document.layers[0]
    whole = RegionBox(ground.layer_id, 0, 0, 90, 60)
    wish = asked(
        document, prompt="a sunset", box=whole, kind=LayerKind.BACKGROUND,
        context=context_of(document.layers, ground.layer_id),
    )  # fmt: skip
    layer = regenerate_on_art(art, wish, job()).layer
    assert layer.pixels.shape == (60, 90, 4)
    assert layer.pixels[..., 3].min() == 255
    assert layer.record.effective_prompt == "apple, Layer 2 on a sunset"
    assert np.array_equal(again(art, layer, wish).layer.pixels, layer.pixels)


@pytest.mark.parametrize("route", [AlphaRoute.COLOUR, AlphaRoute.MATTING, AlphaRoute.AUTO])
def test_other_alpha_routes(art: Checkpoint, document: LayoutResult, route: AlphaRoute) -> None:
    wish = asked(document, alpha_route=route)
    layer = regenerate_on_art(art, wish, job()).layer
    assert layer.record.alpha_route in ("decoder", "matting", "colour")
    assert np.array_equal(again(art, layer, wish).layer.pixels, layer.pixels)
    boxes = (RegionBox("a", 16, 16, 48, 48),)
    whole = request(**SIZE, boxes=boxes, sampling=OPTIONS, alpha_route=AlphaRoute.COLOUR)
    made = generate_full_size(art, whole, job()).layers[1]
    assert made.record.alpha_route == "colour"
    assert np.array_equal(again(art, made, wish).layer.pixels, made.pixels)


def test_another_matting_network_than_recorded_is_refused(
    art: Checkpoint, document: LayoutResult
) -> None:
    wish = asked(document, alpha_route=AlphaRoute.MATTING)
    layer = regenerate_on_art(art, wish, job()).layer
    assert layer.record.alpha_route == "matting"
    theirs = replace(layer, record=replace(layer.record, alpha_route="matting:0badcafe"))
    with pytest.raises(RequestError, match="cut out with is not the one at hand"):
        again(art, theirs, wish)
    later = replace(layer, record=replace(layer.record, alpha_route="dreaming"))
    with pytest.raises(RequestError, match='does not know the way "dreaming"'):
        again(art, later, wish)


def test_what_cannot_be_repeated_or_made(art: Checkpoint, document: LayoutResult) -> None:
    layer = regenerate_on_art(art, asked(document), job()).layer
    with pytest.raises(RequestError, match="not in the document any more"):
        again(art, layer, asked(document, context=()))
    with pytest.raises(RequestError, match="does not say enough"):
        again(art, replace(layer, record=replace(layer.record, entries=())), asked(document))
    off = replace(asked(document).context[1], box=(200, 0, 220, 20))
    beside = regenerate_on_art(art, asked(document, context=(off,)), job()).layer
    assert beside.record.context_layers == ()  # it is nowhere on the canvas
    many = tuple(replace(asked(document).context[1], layer_id=str(n)) for n in range(7))
    with pytest.raises(RequestError, match="Remove some objects"):
        regenerate_on_art(art, asked(document, context=many), job())
    with pytest.raises(JobCancelled):
        regenerate_on_art(art, asked(document), job(cancel_after=2))
