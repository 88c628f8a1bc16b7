"""A job on a full-size model: planned for this machine, loaded so, run, measured."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from engine.checkpoints.bundle import Checkpoint
from engine.checkpoints.catalogue import known_model
from engine.checkpoints.flux_files import LoraChoice
from engine.checkpoints.full_size import load_art
from engine.checkpoints.shelf import Shelf, ShelfModel
from engine.errors import EngineError, RequestError
from engine.memory.estimate import estimate
from engine.memory.layout_plan import plan_layout
from engine.memory.machine import Machine, this_machine
from engine.memory.measured import MEASURED_FILE, load_measured, save_measured
from engine.memory.placement import (
    explained_memory,
    free_memory,
    measured,
    on_device,
    place,
    torch_device,
)
from engine.memory.plan import Plan
from engine.memory.strategies import Strategy
from engine.models.latent_preview import PreviewMatrix, fit_preview
from engine.pipelines.flux_layers import generate_full_size
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.model_trial import stacked, trial_layout, try_pictures
from engine.progress import Phase
from engine.requests import (
    AdapterChoice,
    GenerationMode,
    LayerRequest,
    LayoutRequest,
    LayoutResult,
    TrialRequest,
    TrialResult,
)
from engine.sentences import sentence

DTYPE = torch.bfloat16


@dataclass(frozen=True, slots=True, eq=False)
class _Loaded:
    """A model as it is in memory now."""

    name: str
    strategy: Strategy
    adapters: tuple[AdapterChoice, ...]
    checkpoint: Checkpoint
    preview: PreviewMatrix


class FullSizeModels:
    """Runs jobs on the models of a shelf; keeps the last one loaded.

    Args:
        machine: None = this one.
    """

    def __init__(self, shelf: Shelf, machine: Machine | None = None) -> None:
        self._shelf = shelf
        self._machine = machine
        self._loaded: _Loaded | None = None

    def run(self, request: LayoutRequest | LayerRequest, job: JobReporter) -> LayoutResult:
        """Does a layout job.

        Raises:
            RequestError: The model is not on the shelf, makes no layers, or cannot do the request.
            CheckpointError: A part of it is missing or has changed.
            EngineError: The machine is too small, or memory ran out; the sentence says what to do.
            JobCancelled: The job was cancelled.
        """
        model = self._shelf.get(request.checkpoint)
        if isinstance(request, LayerRequest):
            raise RequestError(
                sentence(
                    '{title} makes whole layouts; choose "{starter}" to make one layer again.',
                    title=model.title,
                    starter="starter",
                )
            )
        if request.mode is not GenerationMode.ART:
            raise RequestError(
                sentence(
                    "{title} draws all layers together from one sentence; choose that instead of a "
                    "sentence per box.",
                    title=model.title,
                )
            )
        plan = self._plan(model, request)
        strategy = plan.chosen
        if strategy is None:
            raise EngineError(
                sentence(
                    "This computer is too small for {title}: {reason}",
                    title=model.title,
                    reason=plan.reason,
                )
            )
        device = torch_device(plan.machine.device)
        with explained_memory(plan, strategy):
            loaded = self._load(model, strategy, request.adapters, device, job)
            network: Any = loaded.checkpoint.transformer

            def work() -> LayoutResult:
                with on_device(network, strategy, device):
                    return generate_full_size(loaded.checkpoint, request, job, loaded.preview)

            result, usage = measured(work, plan.machine.device)
        self._remember(plan, strategy, usage.vram, usage.seconds)
        done: LayoutResult = result
        return done

    def try_out(self, request: TrialRequest, job: JobReporter) -> TrialResult:
        """A small picture on any model of the shelf that makes some. Raises as `run` does."""
        model = self._shelf.get(request.checkpoint)
        begun = time.perf_counter()
        if model.model_id and known_model(model.model_id).makes_layers:
            result = self.run(trial_layout(request), job)
            return TrialResult(stacked(result), time.perf_counter() - begun)
        self._loaded = None  # both would not fit
        free_memory()
        self._machine = self._machine or this_machine()
        return try_pictures(self._shelf, model, request, self._machine, job)

    def _plan(self, model: ShelfModel, request: LayoutRequest) -> Plan:
        """For this machine."""
        self._machine = self._machine or this_machine()
        covered = sum(box.width * box.height for box in request.boxes)
        return plan_layout(
            self._shelf, model, request.width, request.height, boxes=len(request.boxes),
            covered=covered, steps=request.sampling.steps, machine=self._machine,
        )  # fmt: skip

    def _load(
        self,
        model: ShelfModel,
        strategy: Strategy,
        adapters: tuple[AdapterChoice, ...],
        device: torch.device,
        job: JobReporter,
    ) -> _Loaded:
        loaded = self._loaded
        wanted = (model.name, strategy, adapters)
        if loaded and (loaded.name, loaded.strategy, loaded.adapters) == wanted:
            return loaded
        job.enter(Phase.LOAD, 1.0)
        self._loaded = None
        del loaded
        free_memory()
        whole = strategy in (Strategy.ALL, Strategy.MODEL_OFFLOAD)  # T5 fits where the rest does
        text_way = Strategy.ALL if whole else Strategy.SEQUENTIAL
        checkpoint = load_art(
            self._shelf,
            model.name,
            DTYPE,
            [LoraChoice(Path(each.path), each.weight) for each in adapters],
            device=device,
            place_text=lambda network: place(network, text_way, device),
        )
        place(checkpoint.transformer, strategy, device)
        preview = fit_preview(checkpoint.codec, device)
        self._loaded = _Loaded(*wanted, checkpoint, preview)
        return self._loaded

    def _remember(self, plan: Plan, strategy: Strategy, vram: int, seconds: float) -> None:
        path = self._shelf.folder / MEASURED_FILE
        uncorrected = estimate(plan.model, plan.work, strategy, plan.machine)
        kept = load_measured(path).with_run(
            plan.model.model_id, plan.machine.device, uncorrected, vram, seconds
        )
        save_measured(kept, path)
