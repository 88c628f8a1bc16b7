"""The whole image of a document, made beside its finished layers, which are held still."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from torch import Tensor

from engine.pipelines.document_pixels import background_pixels
from engine.pipelines.harmony import Rgb
from engine.pipelines.layer_model import LayerModel
from engine.pipelines.layout_to_layers import sample_regions
from engine.pipelines.scene_run import ScenePart, SceneRun, plan_run
from engine.pipelines.whole_coupling import WholeCoupling, stacked_latents
from engine.requests import GeneratedLayer, LayerKind, LayerPixels, RecordEntry, SamplingOptions
from engine.sampling.noise import BACKGROUND_ID


def plan_whole(
    model: LayerModel,
    layers: Sequence[GeneratedLayer],
    size: tuple[int, int],
    *,
    seed: int,
    caption: str,
    options: SamplingOptions,
) -> SceneRun | None:
    """The run of a free whole image, which sees the layers beside it only; None = no place for it.

    Args:
        layers: The background, then the objects, bottom to top.
        size: (width, height) of the document.
    """
    parts = [_held(layer) for layer in layers]
    return plan_run(model, size, parts, seed=seed, caption=caption, options=options, whole=True)


def tied_whole(model: LayerModel, run: SceneRun, down_to: float) -> SceneRun:
    """The run with the whole image led to the stack down to a noise level: `WholeCoupling`."""
    coupling = WholeCoupling(model.checkpoint.codec, down_to)
    return replace(run, sampling=replace(run.sampling, coupling=coupling))


def _held(layer: GeneratedLayer) -> ScenePart:
    behind = layer.kind is LayerKind.BACKGROUND
    noise_id = BACKGROUND_ID if behind else layer.layer_id
    entry = RecordEntry(layer.layer_id, noise_id, layer.record.attempt, layer.box)
    return ScenePart(entry, held=LayerPixels(layer.box, layer.pixels))


def draw_whole(
    model: LayerModel, run: SceneRun, cancelled: Callable[[], bool] | None = None
) -> Rgb:
    """The whole image at the size of the document.

    Raises:
        JobCancelled: `cancelled` said so; it is asked before every step.
    """
    latents = sample_regions(model.checkpoint.transformer, run.sampling, None, cancelled)
    return _picture(model, run, latents)


def whole_through_codec(model: LayerModel, run: SceneRun) -> Rgb:
    """The stack of the held layers, encoded and decoded: no whole image agrees much better."""
    boxes = run.sampling.layout.boxes
    return _picture(model, run, [stacked_latents(model.checkpoint.codec, run.sampling.held, boxes)])


def _picture(model: LayerModel, run: SceneRun, latents: Sequence[Tensor | None]) -> Rgb:
    boxes = run.sampling.layout.boxes
    whole = model.checkpoint.codec.decode(latents, boxes[: len(latents)], {0})[0]
    return np.asarray(background_pixels(whole, run.canvas)[..., :3] / 255, np.float32)
