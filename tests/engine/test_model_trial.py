"""A test run makes a small picture on every kind of model that makes pictures."""

from __future__ import annotations

import numpy as np
import pytest

from engine.checkpoints.shelf import Shelf
from engine.errors import EngineError, JobCancelled
from engine.memory.machine import GIB, Device, Machine
from engine.pipelines.full_size_job import FullSizeModels
from engine.pipelines.model_trial import stacked_transparently
from engine.progress import Phase, Progress
from engine.requests import (
    GeneratedLayer,
    LayerKind,
    LayoutResult,
    TrialRequest,
    TrialResult,
)
from engine.runtime import StarterRuntime
from tests.engine.test_full_size_job import no_words
from tests.engine.test_full_size_runs import job, shelf

__all__ = ["shelf"]  # the fixture
CPU = Machine.of(Device.CPU, 0, 32 * GIB)


@pytest.mark.parametrize("name", ["fused", "split", "cld", "dev", "schnell", "klein", "file"])
def test_every_kind_makes_a_picture(shelf: Shelf, name: str) -> None:
    seen: list[Progress] = []
    result = FullSizeModels(shelf, no_words, CPU).try_out(TrialRequest(name), job(seen))
    assert result.pixels.shape == (256, 256, 4)
    assert result.pixels.dtype == np.uint8
    assert len(np.unique(result.pixels[..., :3])) > 1
    assert result.seconds > 0
    steps = [progress.step for progress in seen if progress.phase is Phase.DENOISE]
    assert steps[-1] == 4


def test_the_runtime_tries_models(shelf: Shelf) -> None:
    runtime = StarterRuntime(models=shelf.folder)
    result = runtime.run(TrialRequest("fused"), lambda _progress: None, lambda: False)
    assert isinstance(result, TrialResult)


def test_what_a_test_run_refuses(shelf: Shelf) -> None:
    with pytest.raises(EngineError, match="This computer is too small for"):
        FullSizeModels(shelf, no_words, Machine.of(Device.CPU, 0, GIB)).try_out(
            TrialRequest("dev"), job()
        )
    with pytest.raises(JobCancelled):
        FullSizeModels(shelf, no_words, CPU).try_out(TrialRequest("schnell"), job(cancel_after=3))


def test_layers_lie_over_each_other() -> None:
    def layer(box: tuple[int, int, int, int], rgba: tuple[int, int, int, int]) -> GeneratedLayer:
        pixels = np.full((box[3] - box[1], box[2] - box[0], 4), rgba, np.uint8)
        kind = LayerKind.OBJECT
        return GeneratedLayer("a", "a", kind, box, pixels, record=None)  # type: ignore[arg-type]

    ground, thing = layer((0, 0, 4, 4), (200, 0, 0, 255)), layer((1, 1, 3, 3), (0, 100, 0, 51))
    shown = stacked_transparently(LayoutResult(4, 4, 1, (ground, thing), (), {}))
    assert shown[0, 0].tolist() == [200, 0, 0, 255]
    assert shown[2, 2].tolist() == [160, 20, 0, 255]
