"""LayerFLUX on tiny random FLUX folders in the layout of diffusers: loaded, sampled, cut out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.checkpoints.shelf import Shelf
from engine.errors import JobCancelled, RequestError
from engine.memory.strategies import Strategy
from engine.models.attention import AttentionChoice
from engine.models.drawing_size import drawing_size
from engine.pipelines import layer_flux, picture_runs
from engine.pipelines.box_fitting import fitted, object_on_grey
from engine.pipelines.flux_picture import PictureOptions
from engine.pipelines.flux_refining import schedule_from
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_flux import DecoderRoute, FluxLayerModel, generate_flux_layer
from engine.pipelines.loaded_models import Wanted, flux_layer_model
from engine.progress import PhaseRates, Progress
from engine.requests import (
    AlphaRoute,
    LayerKind,
    LayerPixels,
    LayerRequest,
    LayerResult,
    RegionBox,
    SamplingOptions,
)
from engine.requests.run_options import Attention, RunOptions, RunOutcome, RunRecord
from tests.engine import tiny_checkpoints as tiny

BOX = RegionBox("apple", 10, 20, 90, 84)
REQUEST = LayerRequest(
    "a red apple", 128, 96, 5, BOX, sampling=SamplingOptions(steps=2, true_guidance=1, tries=1)
)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    place = tmp_path_factory.mktemp("flux")
    made = Shelf(place / "shelf")
    made.add(tiny.flux1_folder(place / "tiny-flux"))
    made.add(tiny.flux2_folder(place / "klein"))
    return made


@pytest.fixture(autouse=True)
def small_drawings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_flux, "DRAWING_AREAS", (64**2, 64**2))


@pytest.fixture(scope="module")
def model(shelf: Shelf) -> FluxLayerModel:
    return flux_layer_model(shelf, Wanted("tiny-flux", Strategy.ALL), CPU)


@pytest.fixture(scope="module")
def klein(shelf: Shelf) -> FluxLayerModel:
    return flux_layer_model(shelf, Wanted("klein", Strategy.ALL), CPU)


def run(
    model: FluxLayerModel, request: LayerRequest, cancelled: Callable[[], bool] = lambda: False
) -> LayerResult:
    reports: list[Progress] = []
    return generate_flux_layer(model, request, JobReporter(reports.append, cancelled, PhaseRates()))


@pytest.mark.parametrize("route", [AlphaRoute.MATTING, AlphaRoute.COLOUR, None])
def test_a_layer_from_a_folder(model: FluxLayerModel, route: AlphaRoute | None) -> None:
    layer = run(model, replace(REQUEST, alpha_route=route)).layer
    assert layer.pixels.shape == (64, 80, 4)
    record = layer.record
    assert record.route == "cutout"
    assert record.alpha_route in ("matting", "colour")
    assert record.effective_prompt == (
        "a red apple, flat style, isolated on a solid gray background, no shadow"
    )
    assert (record.checkpoint, record.token_count) == ("tiny-flux", 16)
    assert record.weights_hash == model.weights_hash != ""
    again = run(model, replace(REQUEST, alpha_route=route)).layer
    assert np.array_equal(again.pixels, layer.pixels)
    moved = replace(BOX, x0=0, y0=0, x1=80, y1=64)  # as a check asks: the box alone, other options
    asked = LayerRequest("not read", 128, 96, 5, moved, repeat=record)
    repeated = run(model, asked).layer
    assert np.array_equal(repeated.pixels, layer.pixels)
    assert repeated.record == record
    elsewhere = replace(record, run=RunRecord("flash"))  # a kernel that is not on this machine
    assert np.array_equal(run(model, replace(asked, repeat=elsewhere)).layer.pixels, layer.pixels)


def test_the_kernel_is_chosen_for_where_the_network_computes(
    model: FluxLayerModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[torch.device] = []

    def chosen(_wanted: Attention, device: torch.device, *_words: object) -> AttentionChoice:
        seen.append(device)
        return AttentionChoice(Attention.SDPA, "")

    monkeypatch.setattr(picture_runs, "choose_attention", chosen)
    picture: Any = model.picture
    card = torch.device("cuda")  # the weights wait in main memory
    with picture_runs.run_with(picture.pipeline.transformer, RunOptions(), RunOutcome(), card):
        assert seen == [card]


def test_the_transparent_decoder_of_an_art_folder_cuts_flux_pictures_out(
    shelf: Shelf, tmp_path: Path
) -> None:
    both = Shelf(tmp_path / "shelf")
    both.add(shelf.get("tiny-flux").path, name="tiny-flux")
    both.add(shelf.get("klein").path, name="klein")
    asked = replace(REQUEST, alpha_route=AlphaRoute.DECODER)
    plain = flux_layer_model(both, Wanted("tiny-flux", Strategy.ALL), CPU)
    with pytest.raises(RequestError, match="no transparent decoder"):
        run(plain, asked)
    both.add(tiny.art_fused(tmp_path / "fused"))
    found: list[DecoderRoute] = []

    def find() -> DecoderRoute:
        found.append(plain.find_decoder())
        return found[-1]

    layer = run(replace(plain, find_decoder=find), replace(asked, count=2)).layer
    assert len(found) == 1  # from the disk once in a job
    route, _, digest = layer.record.alpha_route.partition(":")
    assert (route, len(digest)) == ("decoder", 8)
    repeated = run(plain, replace(asked, repeat=layer.record)).layer
    assert np.array_equal(repeated.pixels, layer.pixels)
    assert repeated.record == layer.record
    theirs = replace(layer.record, alpha_route="decoder:0badcafe")
    with pytest.raises(RequestError, match="cut out with is not the one at hand"):
        run(plain, replace(asked, repeat=theirs))
    other = flux_layer_model(both, Wanted("klein", Strategy.ALL), CPU)
    with pytest.raises(RequestError, match=r"latents of FLUX\.1 only"):
        run(other, asked)


def test_klein_and_backgrounds(klein: FluxLayerModel) -> None:
    box = RegionBox("behind", 0, 0, 128, 96)
    request = replace(REQUEST, box=box, kind=LayerKind.BACKGROUND, negative_prompt="a dog")
    result = run(klein, request)
    assert result.layer.pixels.shape == (96, 128, 4)
    assert result.layer.pixels[..., 3].min() == 255
    assert "no negative prompt" in result.notes[0]
    assert result.layer.record.negative_prompt == ""


def test_negative_prompts_count_with_guidance(model: FluxLayerModel) -> None:
    asked = replace(REQUEST, alpha_route=AlphaRoute.COLOUR, negative_prompt="a brown dog")
    without = run(model, asked)
    assert "guidance above 1" in without.notes[0]
    guided = run(model, replace(asked, sampling=replace(asked.sampling, true_guidance=3.0)))
    assert "guidance" not in "".join(guided.notes)
    record = guided.layer.record
    assert (record.negative_prompt, record.true_guidance) == ("a brown dog", 3.0)
    assert not np.array_equal(guided.layer.pixels, without.layer.pixels)


@pytest.mark.parametrize("kind", [LayerKind.OBJECT, LayerKind.BACKGROUND])
@pytest.mark.parametrize("name", ["model", "klein"])
def test_refining_starts_from_the_present_pixels(
    request: pytest.FixtureRequest, name: str, kind: LayerKind
) -> None:
    flux: FluxLayerModel = request.getfixturevalue(name)
    rgba = np.zeros((64, 80, 4), np.uint8)
    rgba[8:56, 8:72] = (250, 40, 40, 255)
    start = LayerPixels((10, 20, 90, 84), rgba, "then")
    options = replace(REQUEST.sampling, steps=8)
    base = replace(REQUEST, kind=kind, sampling=options, alpha_route=AlphaRoute.COLOUR)
    little, much = (
        run(flux, replace(base, start=start, strength=strength)).layer for strength in (0.1, 0.9)
    )
    anew = run(flux, base).layer
    assert (little.record.strength, little.record.source_hash) == (0.1, "then")
    assert (anew.record.strength, anew.record.source_hash) == (None, "")
    assert not np.array_equal(little.pixels, much.pixels)
    asked = LayerRequest("x", 128, 96, 5, BOX, kind, start=start, repeat=little.record)
    assert np.array_equal(run(flux, asked).layer.pixels, little.pixels)
    with pytest.raises(RequestError, match="are not kept"):
        run(flux, replace(asked, start=None))


def test_a_little_refining_keeps_the_picture(model: FluxLayerModel) -> None:
    """Weights are random, but a step from a small noise level cannot lead far."""
    picture: Any = model.picture
    start = np.full((64, 64, 3), 128, np.uint8)
    vae = picture.pipeline.vae
    given = torch.zeros(1, 3, 64, 64, dtype=vae.dtype)
    with torch.no_grad():
        latents = vae.encode(given, return_dict=False)[0].mode()
        seen = vae.decode(latents, return_dict=False)[0].float()[0].permute(1, 2, 0).numpy()
    coded = (np.clip(seen, -1, 1) / 2 + 0.5) * 255

    def distance(strength: float) -> float:
        options = PictureOptions(start=start, strength=strength)
        made = picture.picture("a dog", 64, 64, seed=1, steps=20, options=options)
        return float(np.abs(made.astype(float) - coded).mean())

    assert distance(0.05) < distance(0.5) < distance(1.0)


def test_the_schedule_begins_at_the_strength() -> None:
    def shifted(sigma: float) -> float:
        return 3 * sigma / (1 + 2 * sigma)

    full = schedule_from(shifted, 1.0, 4)
    assert full == [1.0, 0.75, 0.5, 0.25]
    given = schedule_from(shifted, 0.6, 4)
    assert shifted(given[0]) == pytest.approx(0.6)
    assert given[1:] == [0.25]  # 0.25 becomes 0.5; 0.5 would become 0.75


def test_bad_tries_are_drawn_again_with_reasons(
    model: FluxLayerModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = iter([("it runs over the edge",), ()])
    monkeypatch.setattr(layer_flux, "reasons_to_reject", lambda *_: next(faults))
    result = run(model, replace(REQUEST, sampling=replace(REQUEST.sampling, tries=3)))
    assert result.notes == ("a red apple: try 1 has faults: it runs over the edge.",)
    assert (result.layer.record.attempt, result.layer.record.next_attempt) == (1, 2)


def test_the_next_variation_begins_after_what_was_tried(
    model: FluxLayerModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = iter([("it is empty",), ("it is empty", "it is in pieces"), ()])
    monkeypatch.setattr(layer_flux, "reasons_to_reject", lambda *_: next(found))
    asked = replace(REQUEST, count=2, sampling=replace(REQUEST.sampling, tries=2))
    result = run(model, asked)
    made = (result.layer, *result.variations)
    assert [layer.record.attempt for layer in made] == [0, 2]
    assert [layer.record.next_attempt for layer in made] == [2, 3]


def test_variations_and_layers_beside_differ(model: FluxLayerModel) -> None:
    beside = RegionBox("dog", 0, 0, 64, 64, prompt="a brown dog")
    asked = replace(REQUEST, count=2, alpha_route=AlphaRoute.COLOUR, beside=(beside,))
    result = run(model, asked)
    (other,), (dog,) = result.variations, result.beside
    assert other.record.attempt == 1
    assert not np.array_equal(other.pixels, result.layer.pixels)
    assert (dog.layer_id, dog.pixels.shape) == ("dog", (64, 64, 4))
    assert dog.record.effective_prompt.startswith("a brown dog, flat style")


def test_cancel_stops_at_a_step(model: FluxLayerModel) -> None:
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 4

    with pytest.raises(JobCancelled):
        run(model, replace(REQUEST, sampling=replace(REQUEST.sampling, steps=50)), cancelled)
    assert len(asked) == 5


def test_the_drawing_is_contained_and_centred() -> None:
    assert drawing_size(100, 100, (512**2, 1024**2)) == (512, 512)
    assert drawing_size(4000, 2000, (512**2, 1024**2)) == (1456, 720)
    rgba = np.zeros((40, 60, 4), np.float32)
    rgba[10:20, 5:45] = (1, 0, 0, 1)
    made = fitted(rgba, 80, 80)
    rows, columns = np.nonzero(made[..., 3])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (30, 49, 0, 79)
    assert tuple(made[40, 40]) == (255, 0, 0, 255)


def test_what_is_refined_stands_on_grey_with_a_margin() -> None:
    content = LayerPixels((10, 10, 30, 30), np.full((20, 20, 4), (255, 0, 0, 255), np.uint8))
    picture = object_on_grey(content, (10, 10, 30, 30), (64, 64))
    assert picture[0, 0].tolist() == [128, 128, 128]
    assert picture[32, 32].tolist() == [255, 0, 0]
    red = np.nonzero(picture[..., 1] < 64)
    assert (red[0].min(), red[0].max()) == (8, 55)
