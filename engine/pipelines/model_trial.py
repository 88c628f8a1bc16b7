"""A test run of a model: a small picture on the way of real jobs, to see whether it works."""

from __future__ import annotations

import numpy as np

from engine.models.geometry import TOKEN_PX
from engine.pipelines.flux_picture import PictureModel, PictureOptions
from engine.pipelines.job_reporter import JobReporter
from engine.progress import Phase
from engine.requests import (
    LayoutRequest,
    LayoutResult,
    RegionBox,
    RgbaArray,
    SamplingOptions,
    TrialRequest,
)
from engine.requests.run_options import RunOutcome, RunRecord

TRIAL_SIDE_PX = 256
TRIAL_STEPS = 4


def trial_layout(request: TrialRequest) -> LayoutRequest:
    """The job of a model that makes layers: a background and one object."""
    box = RegionBox("trial", 64, 64, 192, 192, name="trial")
    return LayoutRequest(
        request.prompt, TRIAL_SIDE_PX, TRIAL_SIDE_PX, request.seed, boxes=(box,),
        sampling=SamplingOptions(steps=TRIAL_STEPS, true_guidance=1.0),
        checkpoint=request.checkpoint, adapters=request.adapters, run=request.run,
    )  # fmt: skip


def stacked_transparently(result: LayoutResult) -> RgbaArray:
    """The layers over each other, `h w 4`, clear where none is."""
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


def try_out(
    model: PictureModel, request: TrialRequest, job: JobReporter
) -> tuple[RgbaArray, RunRecord]:
    """(a flat picture of a plain FLUX model, opaque; how it was run).

    Raises:
        EngineError: There were no numbers.
        JobCancelled: The job was cancelled; asked at every step.
    """
    job.enter(Phase.DENOISE, float((TRIAL_SIDE_PX // TOKEN_PX) ** 2 * TRIAL_STEPS))
    outcome = RunOutcome()
    rgb = model.picture(
        request.prompt, TRIAL_SIDE_PX, TRIAL_SIDE_PX, seed=request.seed, steps=TRIAL_STEPS,
        on_step=job.step, cancelled=job.cancelled,
        options=PictureOptions(run=request.run, outcome=outcome),
    )  # fmt: skip
    job.leave()
    opaque = np.full((*rgb.shape[:2], 1), 255, np.uint8)
    return np.concatenate([rgb, opaque], axis=2), outcome.record(request.run)
