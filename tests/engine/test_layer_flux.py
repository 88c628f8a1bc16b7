"""LayerFLUX on tiny random FLUX folders in the layout of diffusers: loaded, sampled, cut out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import CheckpointError, JobCancelled, RequestError
from engine.pipelines import layer_flux
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_flux import (
    FluxLayerModel,
    drawing_size,
    fitted,
    generate_flux_layer,
    load_flux_layer_model,
)
from engine.progress import PhaseRates, Progress
from engine.requests import (
    AlphaRoute,
    LayerKind,
    LayerRequest,
    LayerResult,
    RegionBox,
    SamplingOptions,
)
from tests.engine.tiny_checkpoints import flux1_folder, flux2_folder

BOX = RegionBox("apple", 10, 20, 90, 84)
REQUEST = LayerRequest(
    "a red apple", 128, 96, 5, BOX, sampling=SamplingOptions(steps=2, true_guidance=1, tries=1)
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> FluxLayerModel:
    folder = flux1_folder(tmp_path_factory.mktemp("flux") / "tiny-flux")
    return replace(load_flux_layer_model(folder), areas=(64**2, 64**2))


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
    again = run(model, replace(REQUEST, alpha_route=route)).layer
    assert np.array_equal(again.pixels, layer.pixels)
    repeated = run(model, replace(REQUEST, prompt="not read", repeat=record)).layer
    assert np.array_equal(repeated.pixels, layer.pixels)


def test_klein_and_backgrounds(tmp_path: Path) -> None:
    model = replace(load_flux_layer_model(flux2_folder(tmp_path / "klein")), areas=(64**2, 64**2))
    box = RegionBox("behind", 0, 0, 128, 96)
    request = replace(REQUEST, box=box, kind=LayerKind.BACKGROUND, negative_prompt="a dog")
    result = run(model, request)
    assert result.layer.pixels.shape == (96, 128, 4)
    assert result.layer.pixels[..., 3].min() == 255
    assert "no negative prompt" in result.notes[0]


def test_bad_tries_are_drawn_again_with_reasons(
    model: FluxLayerModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = iter([("it runs over the edge",), ()])
    monkeypatch.setattr(layer_flux, "reasons_to_reject", lambda *_: next(faults))
    result = run(model, replace(REQUEST, sampling=replace(REQUEST.sampling, tries=3)))
    assert result.notes == ("Try 1 has faults: it runs over the edge.",)
    assert result.layer.record.attempt == 1


def test_variations_differ(model: FluxLayerModel) -> None:
    result = run(model, replace(REQUEST, count=2, alpha_route=AlphaRoute.COLOUR))
    (other,) = result.variations
    assert other.record.attempt == 1
    assert not np.array_equal(other.pixels, result.layer.pixels)


def test_cancel_stops_at_a_step(model: FluxLayerModel) -> None:
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(JobCancelled):
        run(model, replace(REQUEST, sampling=replace(REQUEST.sampling, steps=50)), cancelled)
    assert len(asked) == 3


def test_no_decoder_and_no_pipeline(model: FluxLayerModel, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no transparent decoder"):
        run(model, replace(REQUEST, alpha_route=AlphaRoute.DECODER))
    (tmp_path / "model_index.json").write_text("{}")
    with pytest.raises(CheckpointError):
        load_flux_layer_model(tmp_path)


def test_the_drawing_is_contained_and_centred() -> None:
    assert drawing_size(100, 100, (512**2, 1024**2)) == (512, 512)
    assert drawing_size(4000, 2000, (512**2, 1024**2)) == (1456, 720)
    rgba = np.zeros((40, 60, 4), np.float32)
    rgba[10:20, 5:45] = (1, 0, 0, 1)
    made = fitted(rgba, 80, 80)
    rows, columns = np.nonzero(made[..., 3])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (30, 49, 0, 79)
    assert tuple(made[40, 40]) == (255, 0, 0, 255)
