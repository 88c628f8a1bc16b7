"""Single layers of a job: an object alone in its box, the background; and their records."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from torch import Tensor

from engine import __version__
from engine.models.starter_codec import StarterCodec, from_colour_form
from engine.pipelines.document_pixels import (
    native_background,
    native_object,
    preview_pixels,
)
from engine.pipelines.drawing_fit import Fit, frame_around
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_model import LayerModel
from engine.pipelines.layout_to_layers import OnStep, RegionSampling, sample_regions
from engine.pipelines.native_canvas import NativeCanvas, place_alone
from engine.progress import LayerPreview
from engine.requests import (
    AlphaRoute,
    Corners,
    LayerPixels,
    LayerRecord,
    LayerRequest,
    LayoutRequest,
    RecordEntry,
    SamplingOptions,
)
from engine.sampling.noise import NoiseKey

TOGETHER, ALONE, CONTEXT, CUTOUT = "together", "alone", "context", "cutout"
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


@dataclass(frozen=True, slots=True, eq=False)
class AloneJob:
    """What a layer made by itself depends on.

    Attributes:
        key: Of its noise.
        caption: What the text encoder gets.
        start: Its present pixels when `strength` says to refine them.
        fit: Where the drawing is to lie; decides what of `start` is seen.
    """

    key: NoiseKey
    caption: str
    options: SamplingOptions
    negative_prompt: str = ""
    start: LayerPixels | None = None
    strength: float | None = None
    fit: Fit = Fit.FILLED


def sample_alone(
    model: LayerModel, box: Corners, alone: AloneJob, job: JobReporter, on_step: OnStep
) -> AloneSample:
    """Draws one object by itself: entries [None, None, box] on a canvas of the box's size."""
    place = place_alone(box, trained_most=alone.fit is not Fit.CONTAINED)
    rect = place.rect
    sampling = model.sampling(
        place.native,
        [None, None, place.native],
        [None, None, alone.key],
        alone.caption,
        alone.options,
        negative_prompt=alone.negative_prompt,
    )
    if alone.start is not None and alone.strength is not None:
        if alone.fit is not Fit.CONTAINED:
            rect = frame_around(alone.start, box, rect)
        rgba = native_object(alone.start, rect, place.native.width, place.native.height)
        sampling = _refining(model, sampling, rgba, FIRST_OBJECT, alone.strength)
    latents = sample_regions(model.checkpoint.transformer, sampling, on_step, job.cancelled)
    return AloneSample(latents, FIRST_OBJECT, rect, sampling)


def sample_background(
    model: LayerModel, canvas: NativeCanvas, alone: AloneJob, job: JobReporter, on_step: OnStep
) -> AloneSample:
    """Draws the background of the whole canvas by itself: entries [None, canvas]."""
    sampling = model.sampling(
        canvas.box,
        [None, canvas.box],
        [None, alone.key],
        alone.caption,
        alone.options,
        negative_prompt=alone.negative_prompt,
    )
    if alone.start is not None and alone.strength is not None:
        rgba = native_background(alone.start, canvas)
        sampling = _refining(model, sampling, rgba, BACKGROUND_ENTRY, alone.strength)
    latents = sample_regions(model.checkpoint.transformer, sampling, on_step, job.cancelled)
    whole = (0, 0, canvas.document_width, canvas.document_height)
    return AloneSample(latents, BACKGROUND_ENTRY, whole, sampling)


def _refining(
    model: LayerModel, sampling: RegionSampling, rgba: Tensor, entry: int, strength: float
) -> RegionSampling:
    """The sampling, begun at `strength` from what the one entry looks like."""
    with torch.no_grad():
        latents = model.checkpoint.codec.encode(rgba[None])[0].float()
    starts = [None] * len(sampling.layout.boxes)
    return replace(
        sampling, starts=(*starts[:entry], latents, *starts[entry + 1 :]), strength=strength
    )


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
    noise_id: str,
    route: str,
    alpha_route: str = AlphaRoute.DECODER.value,
    context_layers: tuple[str, ...] = (),
    entries: tuple[RecordEntry, ...] = (),
    fit: Fit = Fit.CONTAINED,
    next_attempt: int = 0,
    recolour: str = "",
    softened: str = "",
) -> LayerRecord:
    """The record of a layer; everything that request, checkpoint and sampling know is filled in.

    Args:
        next_attempt: The first that was not drawn; 0 = the layer was not chosen from several.
    """
    start = request.start if isinstance(request, LayerRequest) else None
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
        negative_prompt=request.negative_prompt,
        mode=request.mode.value if isinstance(request, LayoutRequest) else "",
        alpha_route=alpha_route,
        strength=sampling.strength,
        source_hash=start.pixel_hash if start and sampling.strength is not None else "",
        noise_id=noise_id,
        entries=entries,
        fit=fit.value,
        next_attempt=next_attempt or attempt + 1,
        recolour=recolour,
        softened=softened,
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
