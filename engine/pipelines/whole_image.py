"""The whole image of a document, sampled from noise beside its finished layers.

The layers are held and clean from the first step on, as in the entry's training: what the whole
must show is known from them, and the network has to find it there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from torch import Tensor

from engine.pipelines.document_pixels import background_pixels, native_background
from engine.pipelines.harmony import Rgb
from engine.pipelines.layer_model import LayerModel
from engine.pipelines.layout_to_layers import sample_regions
from engine.pipelines.scene_run import ScenePart, SceneRun, encoded, plan_run
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
) -> SceneRun:
    """The run of a whole image, which sees the layers beside it only.

    Without guidance: it drives away from what the layers show.

    Args:
        layers: The background, then the objects, bottom to top.
        size: (width, height) of the document.
    """
    parts = [_held(layer) for layer in layers]
    unguided = replace(options, true_guidance=1.0)
    run = plan_run(model, size, parts, seed=seed, caption=caption, options=unguided, whole=True)
    if run is None:
        raise ValueError("a whole image covers the canvas, so it always has a place")
    return replace(run, sampling=replace(run.sampling, held_clean=True))


def whole_latents(
    model: LayerModel, run: SceneRun, cancelled: Callable[[], bool] | None = None
) -> Tensor:
    """The whole image as latents `16 h w`.

    Raises:
        JobCancelled: `cancelled` said so; it is asked before every step.
    """
    made = sample_regions(model.checkpoint.transformer, run.sampling, None, cancelled)[0]
    if made is None:
        raise ValueError("the run has no whole image")
    return made


def draw_whole(
    model: LayerModel, run: SceneRun, cancelled: Callable[[], bool] | None = None
) -> Rgb:
    """The whole image at the size of the document.

    Raises:
        JobCancelled: `cancelled` said so; it is asked before every step.
    """
    return in_document(model, run, whole_latents(model, run, cancelled))


def stack_latents(model: LayerModel, run: SceneRun, stack: Rgb) -> Tensor:
    """The finished stack itself, encoded: `16 h w`. No whole image can agree much better."""
    return encoded(model, native_background(_as_layer(stack), run.canvas))


def in_document(model: LayerModel, run: SceneRun, latents: Tensor) -> Rgb:
    """Latents of a whole image as a picture at the size of the document."""
    decoded = model.checkpoint.codec.decode([latents], [run.canvas.box], {0})[0]
    pixels = background_pixels(decoded, run.canvas)
    return np.asarray(pixels[..., :3] / 255, np.float32)


def _held(layer: GeneratedLayer) -> ScenePart:
    behind = layer.kind is LayerKind.BACKGROUND
    noise_id = BACKGROUND_ID if behind else layer.layer_id
    entry = RecordEntry(layer.layer_id, noise_id, layer.record.attempt, layer.box)
    return ScenePart(entry, held=LayerPixels(layer.box, layer.pixels))


def _as_layer(picture: Rgb) -> LayerPixels:
    height, width = picture.shape[:2]
    rgb = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    opaque = np.full((height, width, 1), 255, np.uint8)
    return LayerPixels((0, 0, width, height), np.concatenate([rgb, opaque], 2))
