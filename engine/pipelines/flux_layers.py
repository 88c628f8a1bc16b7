"""ART+ at full size: a sentence and boxes become a background and a transparent layer per box.

All entries are denoised together, the whole image included (art-plus, section 4): the regions are
anonymous, so the one sentence decides what each shows. Content cannot leave its box.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine import __version__
from engine.checkpoints.bundle import Checkpoint
from engine.errors import RequestError
from engine.models.geometry import TOKEN_PX, Box, make_layout
from engine.models.latent_preview import PreviewMatrix
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_making import BACKGROUND_ENTRY, FIRST_OBJECT, TOGETHER
from engine.pipelines.layout_to_layers import RegionSampling, RegionStep, sample_regions
from engine.progress import LayerPreview, Phase
from engine.requests import (
    GeneratedLayer,
    LayerKind,
    LayerRecord,
    LayoutRequest,
    LayoutResult,
    RegionBox,
    RgbaArray,
    derive_layer_id,
)
from engine.sampling.noise import BACKGROUND_ID, WHOLE_IMAGE_ID, NoiseKey
from engine.sentences import sentence

_BACKGROUND = "background"
Corners = tuple[int, int, int, int]


def generate_full_size(
    checkpoint: Checkpoint,
    request: LayoutRequest,
    job: JobReporter,
    preview: PreviewMatrix | None = None,
) -> LayoutResult:
    """Does a layout job on an ART checkpoint.

    Args:
        preview: Makes rough pictures of the layers on the way; None = there are none.

    Raises:
        RequestError: There are no boxes, more than the checkpoint has places for, or the canvas is
            not on the grid of 16 px.
        JobCancelled: The job was cancelled; asked at every step.
    """
    sampling = _sampling(checkpoint, request)
    job.enter(Phase.DENOISE, float(sampling.layout.token_count))

    def on_step(step: RegionStep) -> None:
        shown = _previews(request, step, preview) if preview and job.preview_due() else ()
        job.step(step.index + 1, step.steps, shown)

    latents = sample_regions(checkpoint.transformer, sampling, on_step, job.cancelled)
    job.enter(Phase.DECODE)
    wanted = set(range(BACKGROUND_ENTRY, len(sampling.layout.boxes)))
    decoded = checkpoint.codec.decode(latents, sampling.layout.boxes, wanted)
    job.enter(Phase.FINISH)
    layers = _layers(checkpoint, request, sampling, decoded)
    job.leave()
    return LayoutResult(
        width=request.width, height=request.height, seed=request.seed, layers=layers, notes=(),
        seconds=job.seconds,
    )  # fmt: skip


def _previews(
    request: LayoutRequest, step: RegionStep, preview: PreviewMatrix
) -> tuple[LayerPreview, ...]:
    """The background and every box as they look from here."""
    latents = step.clean_estimate()
    ground = latents[BACKGROUND_ENTRY]
    shown = []
    if ground is not None:
        rgb = preview.colours(ground)
        pixels = _bytes(torch.cat([rgb, torch.ones_like(rgb[:1])]))
        whole = (0, 0, request.width, request.height)
        shown.append(LayerPreview(_ground_id(request), _BACKGROUND, whole, pixels))
    for box, entry in zip(request.boxes, latents[FIRST_OBJECT:], strict=True):
        if entry is not None:
            corners = (box.x0, box.y0, box.x1, box.y1)
            pixels = _bytes(preview.object_colours(entry))
            shown.append(LayerPreview(box.layer_id, box.name, corners, pixels))
    return tuple(shown)


def _ground_id(request: LayoutRequest) -> str:
    return derive_layer_id(request.seed, _BACKGROUND, 0)


def _sampling(checkpoint: Checkpoint, request: LayoutRequest) -> RegionSampling:
    if not request.boxes:
        raise RequestError(
            sentence("This model makes one layer for each box; draw at least one box.")
        )
    if request.width % TOKEN_PX or request.height % TOKEN_PX:
        raise RequestError(
            sentence(
                "This model works on canvases whose sides are multiples of {step} px; change the "
                "size.",
                step=TOKEN_PX,
            )
        )
    whole = Box(0, 0, request.width, request.height)
    boxes = [whole, whole, *(Box(b.x0, b.y0, b.x1, b.y1) for b in request.boxes)]
    keys = [
        NoiseKey(request.seed, WHOLE_IMAGE_ID),
        NoiseKey(request.seed, BACKGROUND_ID),
        *(NoiseKey(request.seed, box.layer_id, box.attempt) for box in request.boxes),
    ]
    options = request.sampling
    has_embedding = bool(checkpoint.transformer.config["guidance_embeds"])
    return RegionSampling(
        layout=make_layout(request.width, request.height, boxes, checkpoint.max_entries),
        noise_keys=tuple(keys),
        text=checkpoint.text.encode([request.prompt]),
        negative=checkpoint.text.encode([request.negative_prompt])
        if options.true_guidance != 1
        else None,
        steps=options.steps,
        true_guidance=options.true_guidance,
        distilled_guidance=options.distilled_guidance if has_embedding else None,
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """What all records of a job share."""

    checkpoint: Checkpoint
    request: LayoutRequest
    sampling: RegionSampling
    context: tuple[str, ...]

    def record(self, box: Corners, z_index: int, attempt: int) -> LayerRecord:
        request, options = self.request, self.request.sampling
        return LayerRecord(
            typed_prompt=request.prompt, effective_prompt=request.prompt, concept="",
            style=request.style, box=box, z_index=z_index,
            canvas_size=(request.width, request.height), seed=request.seed, attempt=attempt,
            steps=options.steps, true_guidance=options.true_guidance,
            distilled_guidance=self.sampling.distilled_guidance, route=TOGETHER,
            token_count=self.sampling.layout.token_count, checkpoint=self.checkpoint.name,
            weights_hash=self.checkpoint.weights_hash, engine_version=__version__,
            context_layers=self.context, mode=request.mode.value,
        )  # fmt: skip


def _layers(
    checkpoint: Checkpoint,
    request: LayoutRequest,
    sampling: RegionSampling,
    decoded: dict[int, Tensor],
) -> tuple[GeneratedLayer, ...]:
    ground_id = _ground_id(request)
    context = (ground_id, *(box.layer_id for box in request.boxes))
    made = _Made(checkpoint, request, sampling, context)
    whole = (0, 0, request.width, request.height)
    layers = [
        GeneratedLayer(
            ground_id, _BACKGROUND, LayerKind.BACKGROUND, whole,
            _bytes(decoded[BACKGROUND_ENTRY]), made.record(whole, 0, 0),
        )
    ]  # fmt: skip
    for index, box in enumerate(request.boxes):
        grid = sampling.layout.boxes[FIRST_OBJECT + index]
        if grid is None:
            continue
        corners = (box.x0, box.y0, box.x1, box.y1)
        layers.append(
            GeneratedLayer(
                box.layer_id, box.name or sentence("Layer {number}", number=index + 1),
                LayerKind.OBJECT, corners,
                _cut(_bytes(decoded[FIRST_OBJECT + index]), grid, box),
                made.record(corners, index + 1, box.attempt),
            )
        )  # fmt: skip
    return tuple(layers)


def _bytes(rgba: Tensor) -> RgbaArray:
    """`4 h w` in [0, 1] -> `h w 4`, rounded and not truncated."""
    pixels: RgbaArray = np.rint(rgba.float().cpu().permute(1, 2, 0).numpy() * 255).astype(np.uint8)
    return pixels


def _cut(pixels: RgbaArray, grid: Box, box: RegionBox) -> RgbaArray:
    """The part of a box on the grid that was asked for; the grid's box is at least as large."""
    top, left = box.y0 - grid.y0, box.x0 - grid.x0
    return np.ascontiguousarray(pixels[top : top + box.height, left : left + box.width])
