"""A job on a full-size model: planned for this machine, loaded so, run, measured."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import torch

from engine.checkpoints.adapters import find_adapters, remember_adapters
from engine.checkpoints.catalogue import KnownModel, known_model
from engine.checkpoints.flux_files import LoraChoice, adapter_uses
from engine.checkpoints.full_size import hash_of
from engine.checkpoints.shelf import Shelf, ShelfModel
from engine.errors import CheckpointError, EngineError, RequestError
from engine.memory.estimate import estimate
from engine.memory.layout_plan import plan_layout
from engine.memory.machine import Machine, this_machine
from engine.memory.measured import MEASURED_FILE, load_measured, save_measured
from engine.memory.picture_plan import plan_pictures
from engine.memory.placement import explained_memory, measured, on_device, torch_device
from engine.memory.plan import Plan
from engine.memory.strategies import Strategy
from engine.pipelines.art_regeneration import regenerate_on_art
from engine.pipelines.automatic_boxes import AutomaticBoxes
from engine.pipelines.flux_layers import generate_full_size
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_flux import FluxLayerModel, generate_flux_layer
from engine.pipelines.loaded_models import (
    ArtModel,
    ModelSlot,
    Wanted,
    art_model,
    flux_layer_model,
)
from engine.pipelines.model_trial import (
    TRIAL_SIDE_PX,
    TRIAL_STEPS,
    stacked_transparently,
    trial_layout,
    try_out,
)
from engine.pipelines.multi_layer_flux import generate_flux_layout, largest_drawing
from engine.pipelines.repetition import RunCache
from engine.prompts.planning.scene_plan import plan_scene
from engine.prompts.vocabulary.vocabulary import Vocabulary
from engine.requests import (
    AdapterChoice,
    GenerationMode,
    GenerationRequest,
    LayerRequest,
    LayerResult,
    LayoutRequest,
    LayoutResult,
    RegionBox,
    TrialRequest,
    TrialResult,
)
from engine.requests.run_options import cache_notes
from engine.sentences import sentence

Loaded = TypeVar("Loaded")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class _Planned:
    """How a job will run.

    Attributes:
        strategy: The one that was chosen; there is one.
    """

    plan: Plan
    strategy: Strategy

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return torch_device(self.plan.machine.device)


class FullSizeModels:
    """Runs jobs on the models of a shelf; keeps the last one loaded.

    Args:
        words: The starter's vocabulary, by which sentences are read and get their boxes; called
            when a job needs it.
        machine: None = this one.
    """

    def __init__(
        self, shelf: Shelf, words: Callable[[], Vocabulary], machine: Machine | None = None
    ) -> None:
        self._shelf = shelf
        self._words = words
        self._machine = machine
        self._slot = ModelSlot()
        self._last_run = RunCache()

    def run(self, request: GenerationRequest, job: JobReporter) -> LayoutResult | LayerResult:
        """Does a job for a whole layout or for one layer.

        Raises:
            RequestError: The model is not on the shelf, makes no pictures, or cannot do what is
                asked.
            CheckpointError: A part of it is missing or has changed.
            EngineError: The machine is too small, or memory ran out; the sentence says what to do.
            JobCancelled: The job was cancelled.
        """
        model = self._shelf.get(request.checkpoint)
        entry = _entry(model)
        if entry is not None and entry.makes_layers:
            return self._on_art(model, request, job)
        if entry is not None and entry.makes_pictures:
            return self._on_flux(model, request, job)
        raise RequestError(
            sentence(
                "{title} makes no pictures by itself; choose another model.", title=model.title
            )
        )

    def try_out(self, request: TrialRequest, job: JobReporter) -> TrialResult:
        """A small picture on any model of the shelf that makes some. Raises as `run` does."""
        model = self._shelf.get(request.checkpoint)
        begun = time.perf_counter()
        entry = _entry(model)
        if entry is not None and entry.makes_layers:
            result = self.run(trial_layout(request), job)
            if not isinstance(result, LayoutResult):
                raise TypeError("a layout result answers a layout request")
            return TrialResult(
                stacked_transparently(result), time.perf_counter() - begun, result.notes
            )
        planned = self._picture_plan(model, (TRIAL_SIDE_PX, TRIAL_SIDE_PX), TRIAL_STEPS)
        with explained_memory(planned.plan, planned.strategy):
            made = self._flux_model(self._wanted(model, planned, request), planned, job)
            pixels, run = try_out(made.picture, request, job)
        return TrialResult(pixels, time.perf_counter() - begun, cache_notes(run))

    # ART: all layers in one run

    def _on_art(
        self, model: ShelfModel, request: GenerationRequest, job: JobReporter
    ) -> LayoutResult | LayerResult:
        notes: tuple[str, ...] = ()
        if isinstance(request, LayoutRequest):
            if request.mode is not GenerationMode.ART:
                raise RequestError(
                    sentence(
                        "{title} draws all layers together from one sentence; choose that instead "
                        "of a sentence per box.",
                        title=model.title,
                    )
                )
            request, notes = self._with_boxes(request)
        planned = self._chosen(self._layout_plan(model, request), model)
        wanted = self._wanted(model, planned, request)

        def load() -> ArtModel:
            return self._slot.get(
                wanted, lambda: art_model(self._shelf, wanted, planned.device), job
            )

        def made(loaded: ArtModel) -> LayoutResult | LayerResult:
            checkpoint: Any = loaded.checkpoint
            with on_device(checkpoint.transformer, planned.strategy, planned.device):
                if isinstance(request, LayoutRequest):
                    return generate_full_size(checkpoint, request, job, loaded.preview)
                return regenerate_on_art(
                    checkpoint, request, job, preview=loaded.preview, cache=self._last_run
                )

        runs = 1 if isinstance(request, LayoutRequest) else request.count
        result = self._measured(
            planned,
            load,
            made,
            lambda _loaded, seconds: seconds / runs if _is_typical(request) else None,
        )
        return replace(result, notes=(*notes, *result.notes))

    def _with_boxes(self, request: LayoutRequest) -> tuple[LayoutRequest, tuple[str, ...]]:
        """With boxes for what the sentence names, if nobody drew any, and what to say of it."""
        if request.boxes:
            return request, ()
        plan = plan_scene(request, self._words(), AutomaticBoxes(request), any_word=True)
        boxes = tuple(RegionBox(each.layer_id, *each.box, name=each.name) for each in plan.objects)
        return replace(request, boxes=boxes), plan.notes

    def _layout_plan(self, model: ShelfModel, request: GenerationRequest) -> Plan:
        if isinstance(request, LayoutRequest):
            boxes = [(box.width, box.height) for box in request.boxes]
        else:
            corners = [layer.box for layer in request.context]
            boxes = [(box.width, box.height) for box in (request.box, *request.beside)]
            boxes += [(x1 - x0, y1 - y0) for x0, y0, x1, y1 in corners]
        return plan_layout(
            self._shelf, model, request.width, request.height, boxes=len(boxes),
            covered=sum(width * height for width, height in boxes), steps=request.sampling.steps,
            machine=self._this_machine(),
        )  # fmt: skip

    # Plain FLUX: one picture after the other

    def _on_flux(
        self, model: ShelfModel, request: GenerationRequest, job: JobReporter
    ) -> LayoutResult | LayerResult:
        planned = self._picture_plan(model, largest_drawing(request), request.sampling.steps)
        wanted = self._wanted(model, planned, request)

        def made(loaded: FluxLayerModel) -> LayoutResult | LayerResult:
            loaded.seconds.clear()
            if isinstance(request, LayoutRequest):
                return generate_flux_layout(loaded, request, self._words(), job)
            return generate_flux_layer(loaded, request, job)

        return self._measured(
            planned,
            lambda: self._flux_model(wanted, planned, job),
            made,
            lambda loaded, _seconds: max(loaded.seconds) if _is_typical(request) else None,
        )

    def _picture_plan(self, model: ShelfModel, size: tuple[int, int], steps: int) -> _Planned:
        plan = plan_pictures(
            self._shelf, model, *size, steps=steps, machine=self._this_machine()
        )  # fmt: skip
        return self._chosen(plan, model)

    def _flux_model(self, wanted: Wanted, planned: _Planned, job: JobReporter) -> FluxLayerModel:
        return self._slot.get(
            wanted, lambda: flux_layer_model(self._shelf, wanted, planned.device), job
        )

    # Both

    def _wanted(
        self, model: ShelfModel, planned: _Planned, request: GenerationRequest | TrialRequest
    ) -> Wanted:
        wanted = Wanted(model.name, planned.strategy, self._adapters(request))
        return replace(wanted, weights_hash=hash_of(model, wanted.loras))

    def _adapters(self, request: GenerationRequest | TrialRequest) -> tuple[AdapterChoice, ...]:
        """Those that were asked for; to do a record again, those that it names."""
        if isinstance(request, LayerRequest) and request.repeat is not None:
            run = request.repeat.run
            return find_adapters(self._shelf, run.adapters) if run else ()
        loras = [LoraChoice(Path(each.path), each.weight) for each in request.adapters]
        remember_adapters(self._shelf, loras, adapter_uses(loras))
        return request.adapters

    def _this_machine(self) -> Machine:
        self._machine = self._machine or this_machine()
        return self._machine

    def _chosen(self, plan: Plan, model: ShelfModel) -> _Planned:
        if plan.chosen is None:
            raise EngineError(
                sentence(
                    "This computer is too small for {title}: {reason}",
                    title=model.title,
                    reason=plan.reason,
                )
            )
        return _Planned(plan, plan.chosen)

    def _measured(
        self,
        planned: _Planned,
        load: Callable[[], Loaded],
        work: Callable[[Loaded], Made],
        unit: Callable[[Loaded, float], float | None],
    ) -> Made:
        """Does the work, and remembers what it took for later plans.

        Args:
            unit: Seconds of what the plan is for, one run or the largest picture, of the seconds
                that all took; None = the work says nothing of it.
        """
        with explained_memory(planned.plan, planned.strategy):
            loaded = load()
            result, usage = measured(lambda: work(loaded), planned.plan.machine.device)
        seconds = unit(loaded, usage.seconds)
        if seconds is not None:
            self._remember(planned, usage.vram, seconds)
        made: Made = result
        return made

    def _remember(self, planned: _Planned, vram: int, seconds: float) -> None:
        path, plan = self._shelf.folder / MEASURED_FILE, planned.plan
        uncorrected = estimate(plan.model, plan.work, planned.strategy, plan.machine)
        kept = load_measured(path).with_run(
            plan.model.model_id, plan.machine.device, uncorrected, vram, seconds
        )
        with contextlib.suppress(CheckpointError):  # what was made is worth more than its time
            save_measured(kept, path)


def _is_typical(request: GenerationRequest) -> bool:
    """Whether a job takes what a plan is for: not one that is repeated, perhaps from a run that is
    still in memory, nor one with caching or twice for its error."""
    repeated = isinstance(request, LayerRequest) and request.repeat is not None
    return not repeated and request.run.is_usual


def _entry(model: ShelfModel) -> KnownModel | None:
    return known_model(model.model_id) if model.model_id else None
