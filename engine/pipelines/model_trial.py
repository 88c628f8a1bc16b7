"""A test run of a model: a small picture on the way of real jobs, to see whether it works."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from engine.checkpoints.catalogue import Feature, KnownModel, known_model
from engine.checkpoints.full_size import picture_components, unchanged
from engine.checkpoints.shelf import Shelf, ShelfModel
from engine.errors import EngineError, RequestError
from engine.memory.estimate import Work
from engine.memory.machine import Machine
from engine.memory.placement import explained_memory, free_memory, torch_device
from engine.memory.plan import Plan, make_plan
from engine.memory.strategies import Strategy
from engine.models.geometry import TOKEN_PX
from engine.pipelines.flux_picture import load_picture_model
from engine.pipelines.job_reporter import JobReporter
from engine.progress import Phase
from engine.requests import (
    LayoutRequest,
    LayoutResult,
    RegionBox,
    RgbaArray,
    SamplingOptions,
    TrialRequest,
    TrialResult,
)
from engine.sentences import sentence

TRIAL_SIDE_PX = 256
TRIAL_STEPS = 4
# Others need the transformer rounded before the pipeline is put together.
_WAYS = (Strategy.ALL, Strategy.GROUP_OFFLOAD, Strategy.SEQUENTIAL)


def trial_layout(request: TrialRequest) -> LayoutRequest:
    """The job of a model that makes layers: a background and one object."""
    box = RegionBox("trial", 64, 64, 192, 192, name="trial")
    return LayoutRequest(
        request.prompt, TRIAL_SIDE_PX, TRIAL_SIDE_PX, request.seed, boxes=(box,),
        sampling=SamplingOptions(steps=TRIAL_STEPS, true_guidance=1.0),
        checkpoint=request.checkpoint,
    )  # fmt: skip


def stacked(result: LayoutResult) -> RgbaArray:
    """The layers over each other, `h w 4`, opaque where the background is."""
    whole = np.zeros((result.height, result.width, 4), np.float32)
    for layer in result.layers:
        x0, y0, x1, y1 = layer.box
        over = layer.pixels.astype(np.float32) / 255
        alpha = over[..., 3:]
        part = whole[y0:y1, x0:x1]
        part[..., :3] = over[..., :3] * alpha + part[..., :3] * (1 - alpha)
        part[..., 3:] = alpha + part[..., 3:] * (1 - alpha)
    shown = whole[..., 3:]
    whole[..., :3] = np.divide(
        whole[..., :3], shown, out=np.zeros_like(whole[..., :3]), where=shown > 0
    )
    pixels: RgbaArray = np.rint(whole * 255).astype(np.uint8)
    return pixels


def try_pictures(
    shelf: Shelf, model: ShelfModel, request: TrialRequest, machine: Machine, job: JobReporter
) -> TrialResult:
    """The flat picture of a model of FLUX.

    Raises:
        RequestError: The model makes no pictures by itself.
        CheckpointError: Its files, or those of a part it needs, are missing or have changed.
        EngineError: The machine is too small, memory ran out, or there were no numbers.
        JobCancelled: The job was cancelled; asked at every step.
    """
    entry = known_model(model.model_id) if model.model_id else None
    if entry is None or Feature.LAYER_FLUX not in entry.unlocks:
        raise RequestError(
            sentence(
                "{title} makes no pictures by itself; nothing can be tried.", title=model.title
            )
        )
    plan = _plan(shelf, unchanged(model), entry, machine)
    strategy = plan.chosen
    if strategy is None:
        raise EngineError(
            sentence(
                "This computer is too small for {title}: {reason}",
                title=model.title,
                reason=plan.reason,
            )
        )
    begun = time.perf_counter()
    device = torch_device(machine.device)
    job.enter(Phase.LOAD, 1.0)
    with explained_memory(plan, strategy):
        made = load_picture_model(shelf, model.name, torch.bfloat16)
        _place(made.pipeline, strategy, device)
        job.enter(Phase.DENOISE, float((TRIAL_SIDE_PX // TOKEN_PX) ** 2))
        rgb = made.picture(
            request.prompt, TRIAL_SIDE_PX, TRIAL_SIDE_PX, seed=request.seed, steps=TRIAL_STEPS,
            on_step=job.step, cancelled=job.cancelled,
        )  # fmt: skip
    del made
    free_memory()
    job.leave()
    opaque = np.full((*rgb.shape[:2], 1), 255, np.uint8)
    return TrialResult(np.concatenate([rgb, opaque], axis=2), time.perf_counter() - begun)


def _plan(shelf: Shelf, model: ShelfModel, entry: KnownModel, machine: Machine) -> Plan:
    counted = replace(entry, components=picture_components(shelf, model))
    work = Work(Feature.LAYER_FLUX, TRIAL_SIDE_PX, TRIAL_SIDE_PX, steps=TRIAL_STEPS)
    return make_plan(
        counted,
        work,
        machine,
        unusable=lambda way: "" if way in _WAYS else sentence("not used for a test run"),
    )


def _place(pipeline: Any, strategy: Strategy, device: torch.device) -> None:
    """Puts a pipeline of diffusers where it computes."""
    if device.type == "cpu" or strategy is Strategy.ALL:
        pipeline.to(device)
        return
    kind = "block_level" if strategy is Strategy.GROUP_OFFLOAD else "leaf_level"
    options = {"num_blocks_per_group": 1} if kind == "block_level" else {}
    pipeline.enable_group_offload(onload_device=device, offload_type=kind, **options)
