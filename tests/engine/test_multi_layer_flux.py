"""Whole documents and single layers on plain FLUX models of the shelf, as the runtime asks."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.checkpoints.shelf import Shelf
from engine.errors import CheckpointError, EngineError
from engine.memory.machine import GIB, Device, Machine
from engine.memory.measured import MEASURED_FILE, load_measured
from engine.pipelines import full_size_job, layer_flux
from engine.pipelines.full_size_job import FullSizeModels
from engine.progress import Progress
from engine.prompts.vocabulary.backgrounds import BackgroundTable
from engine.prompts.vocabulary.concepts import Concept, ConceptTable
from engine.prompts.vocabulary.vocabulary import Vocabulary
from engine.requests import (
    AdapterChoice,
    AlphaRoute,
    GenerationMode,
    LayerKind,
    LayerRequest,
    LayerResult,
    LayoutRequest,
    LayoutResult,
    RegionBox,
    SamplingOptions,
)
from engine.requests.run_options import RunOptions
from tests.engine import tiny_checkpoints as tiny
from tests.engine.test_full_size_runs import job

OPTIONS = SamplingOptions(steps=2, true_guidance=1.0, tries=1)
CPU = Machine.of(Device.CPU, 0, 32 * GIB)
SENTENCE = LayoutRequest(
    "a red apple and a gryphon on a marble terrace", 96, 64, 7, sampling=OPTIONS, checkpoint="dev"
)
BOXES = (
    RegionBox("a", 8, 8, 40, 40, "first", "a cat in a hat, asleep"),
    RegionBox("b", 40, 8, 80, 56),
)


def letters(phrases: Sequence[str]) -> Tensor:
    """Stands in for sentence vectors."""
    return torch.nn.functional.one_hot(torch.tensor([len(p) % 8 for p in phrases]), 8).float()


KNOWN = [Concept("apple", "0", (), 1.0, "red"), Concept("dog", "0", (), 1.0, "brown")]
WORDS = Vocabulary(ConceptTable(KNOWN, letters), BackgroundTable(letters))


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    place = tmp_path_factory.mktemp("flux")
    made = Shelf(place / "shelf")
    for path in tiny.plain_flux(place):
        made.add(path, name=path.stem)
    return made


@pytest.fixture(autouse=True)
def small_drawings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_flux, "DRAWING_AREAS", (32**2, 64**2))


@pytest.fixture(scope="module")
def models(shelf: Shelf) -> FullSizeModels:
    return FullSizeModels(shelf, lambda: WORDS, CPU)


def layout(models: FullSizeModels, request: LayoutRequest) -> LayoutResult:
    result = models.run(request, job())
    assert isinstance(result, LayoutResult)
    return result


def test_a_sentence_becomes_layers_of_whatever_it_names(models: FullSizeModels) -> None:
    reports: list[Progress] = []
    result = models.run(replace(SENTENCE, harmony=True), job(reports))
    assert isinstance(result, LayoutResult)
    assert [layer.name for layer in result.layers] == ["background", "red apple", "gryphon"]
    prompts = [layer.record.effective_prompt for layer in result.layers]
    assert prompts[0] == "marble terrace background, flat style"
    assert prompts[2] == ("a gryphon, flat style, isolated on a solid gray background, no shadow")
    assert any("drawn by itself, in a box found for it" in note for note in result.notes)
    assert not any("Not known" in note for note in result.notes)
    for z_index, layer in enumerate(result.layers):
        x0, y0, x1, y1 = layer.box
        assert layer.pixels.shape == (y1 - y0, x1 - x0, 4)
        record = layer.record
        assert (record.z_index, record.mode, record.checkpoint) == (z_index, "art", "dev")
        assert record.typed_prompt == SENTENCE.prompt
    assert result.harmony is not None
    shown = [preview.name for report in reports for preview in report.previews]
    assert shown == ["background", "red apple", "gryphon"]
    steps = [(report.step, report.steps) for report in reports if report.phase.value == "denoise"]
    assert max(done / of for done, of in steps) == 1
    again = layout(models, SENTENCE)
    pairs = zip(again.layers, result.layers, strict=True)
    assert all(np.array_equal(one.pixels, other.pixels) for one, other in pairs)


@pytest.mark.parametrize(
    "name",
    [
        "dev",
        "klein",
        pytest.param("packed", marks=pytest.mark.slow),
        pytest.param("schnell", marks=pytest.mark.slow),
        pytest.param("file", marks=pytest.mark.slow),
    ],
)
def test_a_sentence_per_box(models: FullSizeModels, name: str) -> None:
    boxes = (BOXES[0], replace(BOXES[1], prompt="a brown dog"))
    asked = replace(
        SENTENCE, boxes=boxes, checkpoint=name, mode=GenerationMode.MULTILAYER,
        background_prompt="a night sky", alpha_route=AlphaRoute.COLOUR,
    )  # fmt: skip
    result = layout(models, asked)
    assert [layer.name for layer in result.layers] == ["background", "first", "brown dog"]
    prompts = [layer.record.effective_prompt.split(", flat")[0] for layer in result.layers]
    assert prompts == ["a night sky", "a cat in a hat, asleep", "a brown dog"]
    typed = [layer.record.typed_prompt for layer in result.layers]
    assert typed == ["a night sky", "a cat in a hat, asleep", "a brown dog"]
    assert {layer.record.mode for layer in result.layers} == {"multilayer"}
    for layer in result.layers:  # each exactly again, as a check asks
        width, height = layer.box[2] - layer.box[0], layer.box[3] - layer.box[1]
        box = RegionBox(layer.layer_id, 0, 0, width, height)
        repeat = LayerRequest("x", 96, 64, 1, box, layer.kind, checkpoint=name, repeat=layer.record)
        repeated = models.run(repeat, job())
        assert isinstance(repeated, LayerResult)
        assert np.array_equal(repeated.layer.pixels, layer.pixels)


def test_one_layer_again_with_an_adapter(models: FullSizeModels, tmp_path: Path) -> None:
    mine = str(tiny.lora(tmp_path / "mine.safetensors", seed=3))
    plain = LayerRequest(
        "a red apple", 96, 64, 5, BOXES[0], LayerKind.BACKGROUND, sampling=OPTIONS,
        checkpoint="dev",
    )  # fmt: skip
    one, other = (
        models.run(replace(plain, adapters=adapters), job())
        for adapters in ((), (AdapterChoice(mine, 1.0),))
    )
    assert isinstance(one, LayerResult)
    assert isinstance(other, LayerResult)
    assert one.layer.record.weights_hash != other.layer.record.weights_hash
    assert not np.array_equal(one.layer.pixels, other.layer.pixels)
    assert "load" in other.seconds
    packed = replace(plain, checkpoint="packed", adapters=(AdapterChoice(mine, 1.0),))
    with pytest.raises(CheckpointError, match="already rounded"):
        models.run(packed, job())


def test_the_time_of_the_largest_picture_is_remembered(
    models: FullSizeModels, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = iter([0.0, 5.0, 10.0, 11.0, 20.0, 21.0])  # the background, two objects
    monkeypatch.setattr(layer_flux, "time", SimpleNamespace(perf_counter=lambda: next(marks)))
    layout(models, SENTENCE)
    peaks = load_measured(shelf.folder / MEASURED_FILE).peaks
    (peak,) = [peak for key, peak in peaks.items() if "flux1-dev" in key and "all_on" in key]
    assert peak.measured_seconds == 5


def test_records_count_their_own_picture_and_the_note_all(models: FullSizeModels) -> None:
    run = RunOptions(first_block_cache=1.0, measure_cache=True)
    result = layout(models, replace(SENTENCE, run=run, alpha_route=AlphaRoute.COLOUR))
    runs = [made for layer in result.layers if (made := layer.record.run) is not None]
    assert [made.evaluations for made in runs] == [OPTIONS.steps] * 3
    largest = max(made.cache_error or 0.0 for made in runs)
    (note,) = [note for note in result.notes if "First-block caching" in note]
    assert f"of {3 * OPTIONS.steps} evaluations" in note
    assert f"{100 * largest:.1f} % off" in note


def test_what_is_refused_in_a_sentence(
    models: FullSizeModels, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = FullSizeModels(shelf, lambda: WORDS, Machine.of(Device.CPU, 0, GIB))
    with pytest.raises(EngineError, match="This computer is too small for FLUX"):
        small.run(SENTENCE, job())

    def exhausted(*_words: object) -> None:
        raise torch.OutOfMemoryError("Tried to allocate 2 GiB")

    with monkeypatch.context() as patched:
        patched.setattr(full_size_job, "generate_flux_layout", exhausted)
        with pytest.raises(EngineError, match="Memory ran out"):
            models.run(SENTENCE, job())
    gone = Shelf(tmp_path / "shelf")
    shutil.copytree(shelf.get("schnell").path, tmp_path / "moved")
    gone.add(tmp_path / "moved", name="dev")
    shutil.rmtree(tmp_path / "moved")
    with pytest.raises(CheckpointError, match="is incomplete"):
        FullSizeModels(gone, lambda: WORDS, CPU).run(SENTENCE, job())
