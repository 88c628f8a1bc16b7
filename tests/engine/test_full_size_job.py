"""A job on a model of the shelf: planned, loaded once, run, measured; in the engine's runtime."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.checkpoints import adapters
from engine.checkpoints.pickles import convert_pickle
from engine.checkpoints.shelf import Shelf
from engine.errors import CheckpointError, EngineError, RequestError
from engine.memory import layout_plan
from engine.memory.machine import GIB, Device, Machine
from engine.memory.measured import MEASURED_FILE, load_measured
from engine.memory.placement import Usage
from engine.memory.plan import Plan, make_plan
from engine.memory.strategies import Strategy
from engine.pipelines import full_size_job
from engine.pipelines.full_size_job import FullSizeModels
from engine.progress import Progress
from engine.prompts.vocabulary.vocabulary import Vocabulary
from engine.requests import (
    AdapterChoice,
    GenerationMode,
    LayerRequest,
    LayerResult,
    LayoutResult,
    RegionBox,
    check_request,
)
from engine.requests.run_options import Attention, RunOptions, RunRecord
from engine.runtime import StarterRuntime
from tests.engine import tiny_checkpoints as tiny
from tests.engine.test_full_size_runs import job, request, shelf

__all__ = ["shelf"]  # the fixture
ASKED = replace(request(), checkpoint="fused")
CPU = Machine.of(Device.CPU, 0, 32 * GIB)


def no_words() -> Vocabulary:
    raise AssertionError("boxes that are drawn need no vocabulary")


def layout(result: LayoutResult | LayerResult) -> LayoutResult:
    assert isinstance(result, LayoutResult)
    return result


def test_the_runtime_runs_a_model_of_the_shelf(shelf: Shelf) -> None:
    runtime = StarterRuntime(models=shelf.folder)
    seen: list[Progress] = []
    result = runtime.run(ASKED, seen.append, lambda: False)
    shown = [progress.previews for progress in seen if progress.previews]
    assert [preview.layer_id for preview in shown[0]][1:] == ["a", "b"]
    assert shown[0][1].pixels.shape == (4, 4, 4)
    assert isinstance(result, LayoutResult)
    assert [layer.name for layer in result.layers] == ["background", "apple", "Layer 2"]
    assert "load" in result.seconds
    again = runtime.run(ASKED, lambda _progress: None, lambda: False)
    assert isinstance(again, LayoutResult)
    assert "load" not in again.seconds  # it is kept
    peaks = load_measured(shelf.folder / MEASURED_FILE).peaks
    assert len(peaks) == 1
    assert next(iter(peaks.values())).measured_seconds > 0
    assert list((shelf.folder / "prompts").iterdir())  # encoded prompts stay, the encoders leave


def test_what_the_runtime_refuses(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match='"fused" is not installed'):
        StarterRuntime().run(ASKED, lambda _p: None, lambda: False)
    models = FullSizeModels(shelf, no_words, CPU)
    with pytest.raises(RequestError, match="There is no model"):
        models.run(replace(ASKED, checkpoint="nothing"), job())
    with pytest.raises(RequestError, match="instead of a sentence per box"):
        models.run(replace(ASKED, mode=GenerationMode.MULTILAYER), job())
    decoder = tiny.decoder_pickle(tmp_path / "decoder.pt")
    convert_pickle(decoder, tmp_path / "decoder.safetensors")
    other = Shelf(tmp_path / "shelf")
    other.add(tmp_path / "decoder.safetensors", name="part")
    layer = LayerRequest("an apple", 96, 64, 1, RegionBox("a", 0, 0, 32, 32), checkpoint="part")
    for asked in (layer, replace(ASKED, checkpoint="part")):
        with pytest.raises(RequestError, match="makes no pictures by itself"):
            FullSizeModels(other, no_words, CPU).run(asked, job())


def test_adapters_count_by_their_weight(shelf: Shelf, tmp_path: Path) -> None:
    mine = str(tiny.lora(tmp_path / "mine.safetensors", seed=3))
    models = FullSizeModels(shelf, no_words, CPU)

    def made(*adapters: AdapterChoice) -> LayoutResult:
        return layout(models.run(replace(ASKED, adapters=adapters), job()))

    plain, none, one = made(), made(AdapterChoice(mine, 0.0)), made(AdapterChoice(mine, 1.0))
    assert np.array_equal(plain.layers[0].pixels, none.layers[0].pixels)
    assert not np.array_equal(plain.layers[0].pixels, one.layers[0].pixels)
    hashes = {result.layers[0].record.weights_hash for result in (plain, none, one)}
    assert len(hashes) == 3
    with pytest.raises(CheckpointError, match=r"gone\.safetensors is missing or damaged"):
        made(AdapterChoice(str(tmp_path / "gone.safetensors")))
    for asked in (
        replace(ASKED, adapters=(AdapterChoice(mine, float("nan")),)),
        replace(ASKED, adapters=(AdapterChoice(mine, 5.0),)),
        replace(ASKED, adapters=(AdapterChoice(mine),), checkpoint="starter"),
    ):
        with pytest.raises(RequestError):
            check_request(asked)


def test_an_adapter_that_was_trained_anew_is_read_once_more(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    original = hashlib.file_digest

    def counted(content: Any, name: str) -> Any:
        read.append(Path(content.name).name)
        return original(content, name)

    monkeypatch.setattr(hashlib, "file_digest", counted)
    models = FullSizeModels(shelf, no_words, CPU)

    def made(seed: int) -> LayoutResult:
        mine = tiny.lora(tmp_path / "mine.safetensors", seed=seed)
        os.utime(mine, ns=(seed, seed))  # some file systems count in whole seconds
        asked = replace(ASKED, adapters=(AdapterChoice(str(mine)),))
        return layout(models.run(asked, job()))

    one, other = made(3), made(4)
    assert not np.array_equal(one.layers[0].pixels, other.layers[0].pixels)
    assert read.count("mine.safetensors") == 2


def test_records_say_how_the_model_was_run(shelf: Shelf, tmp_path: Path) -> None:
    mine = tiny.lora(tmp_path / "ink.safetensors", seed=3)
    run = RunOptions(Attention.SDPA_MATH, first_block_cache=1.0, measure_cache=True)
    asked = replace(ASKED, run=run, adapters=(AdapterChoice(str(mine), 0.5),))
    models = FullSizeModels(shelf, no_words, CPU)
    result = layout(models.run(asked, job()))
    made = result.layers[1].record.run
    assert made is not None
    assert (made.attention, made.first_block_cache, made.evaluations) == ("sdpa-math", 1.0, 4)
    assert made.reused == 2
    assert made.cache_error is not None
    assert [(use.name, use.weight) for use in made.adapters] == [("ink.safetensors", 0.5)]
    assert made.adapters[0].sha256 == hashlib.sha256(mine.read_bytes()).hexdigest()
    assert result.notes[0].startswith("First-block caching: 2 of 4 evaluations")
    usual = layout(models.run(ASKED, job()))
    assert usual.notes == ()
    assert usual.layers[0].record.run == RunRecord("sdpa")


def test_a_recorded_run_is_done_again_as_it_was(shelf: Shelf, tmp_path: Path) -> None:
    mine = tiny.lora(tmp_path / "ink.safetensors", seed=3)
    models = FullSizeModels(shelf, no_words, CPU)
    exact = layout(models.run(ASKED, job()))
    asked = replace(
        ASKED,
        run=RunOptions(Attention.SDPA_MATH, first_block_cache=1.0),
        adapters=(AdapterChoice(str(mine), 0.5),),
    )
    made = layout(models.run(asked, job())).layers[1]
    assert not np.array_equal(made.pixels, exact.layers[1].pixels)
    again = LayerRequest(
        "an apple", 96, 64, ASKED.seed, RegionBox(made.layer_id, *made.box),
        checkpoint="fused", repeat=made.record,
    )  # fmt: skip
    result = models.run(again, job())
    assert isinstance(result, LayerResult)
    assert np.array_equal(result.layer.pixels, made.pixels)
    assert result.layer.record.run == made.record.run
    mine.rename(tmp_path / "moved.safetensors")
    with pytest.raises(CheckpointError, match=r"ink\.safetensors that the layer was made with"):
        models.run(again, job())


def test_later_plans_learn_from_whole_runs_only(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not from two in a row, one that was in memory still, or one with caching."""
    seconds = 8.0
    monkeypatch.setattr(
        full_size_job, "measured", lambda work, _device: (work(), Usage(0, seconds))
    )
    models = FullSizeModels(shelf, no_words, CPU)

    def learned() -> set[float]:
        peaks = load_measured(shelf.folder / MEASURED_FILE).peaks
        return {peak.measured_seconds for peak in peaks.values()}

    box = RegionBox("a", 0, 0, 32, 32)
    asked = LayerRequest(
        "an apple", 96, 64, 1, box, sampling=ASKED.sampling, checkpoint="fused", count=2
    )
    made = models.run(asked, job())
    assert isinstance(made, LayerResult)
    assert 4.0 in learned()
    seconds = 99.0
    models.run(replace(asked, count=1, repeat=made.layer.record), job())
    models.run(replace(asked, count=1, run=RunOptions(first_block_cache=0.5)), job())
    assert 99.0 not in learned()


def test_what_was_made_is_not_lost_when_its_time_cannot_be_kept(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_words: object) -> None:
        raise CheckpointError("The folder cannot be written.")

    monkeypatch.setattr(full_size_job, "save_measured", refused)
    monkeypatch.setattr(adapters, "write_json", refused)
    mine = AdapterChoice(str(tiny.lora(tmp_path / "mine.safetensors", seed=3)))
    models = FullSizeModels(shelf, no_words, CPU)
    assert layout(models.run(replace(ASKED, adapters=(mine,)), job())).layers


def test_a_machine_that_is_too_small_is_told_so(shelf: Shelf) -> None:
    models = FullSizeModels(shelf, no_words, Machine.of(Device.CPU, 0, GIB))
    with pytest.raises(EngineError, match="This computer is too small for ART"):
        models.run(ASKED, job())


def test_running_out_of_memory_is_a_sentence(
    shelf: Shelf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def exhausted(*_words: object) -> None:
        raise torch.OutOfMemoryError("Tried to allocate 2 GiB")

    monkeypatch.setattr(full_size_job, "generate_full_size", exhausted)
    with pytest.raises(EngineError, match="Memory ran out"):
        FullSizeModels(shelf, no_words, CPU).run(ASKED, job())


def test_a_plan_for_the_users_own_sizes(shelf: Shelf) -> None:
    from engine.checkpoints.full_size import components_of

    counted = {part.part: part.parameters for part in components_of(shelf, shelf.get("fused"))}
    transformer = tiny.transformer_weights(Path(shelf.get("dev").path))
    embedding = 8 * 32
    assert counted["transformer"] == sum(v.numel() for v in transformer.values()) + embedding
    split = {part.part for part in components_of(shelf, shelf.get("split"))}
    assert split == set(counted)


@pytest.mark.parametrize("strategy", [Strategy.GROUP_OFFLOAD, Strategy.MODEL_OFFLOAD])
def test_every_exact_way_gives_the_same_layers(
    shelf: Shelf,
    monkeypatch: pytest.MonkeyPatch,
    strategy: Strategy,
) -> None:
    whole = layout(FullSizeModels(shelf, no_words, CPU).run(ASKED, job()))

    def planned(*words: Any, **named: Any) -> Plan:
        return replace(make_plan(*words, **named), chosen=strategy)

    monkeypatch.setattr(layout_plan, "make_plan", planned)
    for prompt in (shelf.folder / "prompts").iterdir():  # the text encoders are placed as well
        prompt.unlink()
    moved = layout(FullSizeModels(shelf, no_words, CPU).run(ASKED, job()))
    for one, other in zip(whole.layers, moved.layers, strict=True):
        assert np.array_equal(one.pixels, other.pixels)
