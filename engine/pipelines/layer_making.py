"""Single layers of a job: an object alone in its box, the background; and their records."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from torch import Tensor

from engine import __version__
from engine.models.starter_codec import StarterCodec, from_colour_form
from engine.pipelines.document_pixels import preview_pixels
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_model import LayerModel
from engine.pipelines.layout_to_layers import OnStep, RegionSampling, sample_regions
from engine.pipelines.native_canvas import (
    Corners,
    NativeCanvas,
    place_alone,
)
from engine.progress import LayerPreview
from engine.prompts.captions import object_caption
from engine.prompts.scene_plan import PlannedObject
from engine.requests import LayerRecord, LayerRequest, LayoutRequest
from engine.sampling.noise import BACKGROUND_ID, NoiseKey

TOGETHER, ALONE = "together", "alone"
BACKGROUND_ENTRY = 1  # entry 0 is the whole image
FIRST_OBJECT = 2
_PREVIEW_POOLING = 2


@dataclass(frozen=True, slots=True, eq=False)
class AloneSample:
    """A layer sampled by itself.

    Attributes:
        latents: Per entry; only `entry` is not None.
        rect: Part of the document that it covers.
    """

    latents: list[Tensor | None]
    entry: int
    rect: Corners
    sampling: RegionSampling

    def decode(self, model: LayerModel) -> Tensor:
        """Straight RGBA in [0, 1], `4 H W`."""
        boxes = self.sampling.layout.boxes
        return model.checkpoint.codec.decode(self.latents, boxes, {self.entry})[self.entry]


def sample_alone(
    model: LayerModel,
    request: LayoutRequest | LayerRequest,
    item: PlannedObject,
    *,
    style: str,
    job: JobReporter,
    on_step: OnStep,
) -> AloneSample:
    """Draws one object by itself: entries [None, None, box] on a canvas of the box's size."""
    place = place_alone(item.box)
    key = NoiseKey(request.seed, item.layer_id, item.attempt)
    sampling = model.sampling(
        place.native,
        [None, None, place.native],
        [None, None, key],
        object_caption(item.caption, style),
        request.sampling,
    )
    latents = sample_regions(model.checkpoint.transformer, sampling, on_step, job.cancelled)
    return AloneSample(latents, FIRST_OBJECT, place.rect, sampling)


def sample_background(
    model: LayerModel,
    request: LayoutRequest | LayerRequest,
    canvas: NativeCanvas,
    *,
    caption: str,
    attempt: int,
    job: JobReporter,
    on_step: OnStep,
) -> AloneSample:
    """Draws the background of the whole canvas by itself: entries [None, canvas]."""
    key = NoiseKey(request.seed, BACKGROUND_ID, attempt)
    sampling = model.sampling(
        canvas.box, [None, canvas.box], [None, key], caption, request.sampling
    )
    latents = sample_regions(model.checkpoint.transformer, sampling, on_step, job.cancelled)
    whole = (0, 0, request.width, request.height)
    return AloneSample(latents, BACKGROUND_ENTRY, whole, sampling)


def make_record(
    model: LayerModel,
    request: LayoutRequest | LayerRequest,
    sampling: RegionSampling,
    *,
    effective_prompt: str,
    concept: str,
    style: str,
    box: Corners,
    z_index: int,
    attempt: int,
    route: str,
    context_layers: tuple[str, ...] = (),
) -> LayerRecord:
    """The record of a layer; everything that request, checkpoint and sampling know is filled in."""
    return LayerRecord(
        typed_prompt=request.prompt,
        effective_prompt=effective_prompt,
        concept=concept,
        style=style,
        box=box,
        z_index=z_index,
        canvas_size=(request.width, request.height),
        seed=request.seed,
        attempt=attempt,
        steps=request.sampling.steps,
        true_guidance=request.sampling.true_guidance,
        distilled_guidance=sampling.distilled_guidance,
        route=route,
        token_count=sampling.layout.token_count,
        checkpoint=model.checkpoint.name,
        weights_hash=model.checkpoint.weights_hash,
        engine_version=__version__,
        context_layers=context_layers,
    )


def make_preview(
    model: LayerModel, latents: Tensor, *, layer_id: str, name: str, box: Corners, opaque: bool
) -> LayerPreview | None:
    """A rough picture of clean latents `16 h w` by the codec's linear half; None without one."""
    codec = model.checkpoint.codec
    if not isinstance(codec, StarterCodec):
        return None
    colour = codec.code.decode(latents[None].float())
    rgba = from_colour_form(F.avg_pool2d(colour, _PREVIEW_POOLING))[0]
    if opaque:
        rgba[3] = 1
    return LayerPreview(layer_id, name, box, preview_pixels(rgba))
