"""The whole image of a document, made beside its finished layers, which are held still."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from engine.pipelines.document_pixels import background_pixels, native_background
from engine.pipelines.harmony import Rgb
from engine.pipelines.layer_model import LayerModel
from engine.pipelines.layout_to_layers import draw_noise, sample_regions
from engine.pipelines.native_canvas import NativeCanvas
from engine.pipelines.scene_run import ScenePart, SceneRun, encoded, plan_run
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


def begun_whole(run: SceneRun, stack: Tensor, level: float) -> SceneRun:
    """The run begun with the stack under noise; the network answers once, and that is the end.

    Tied down to just above the level and free from there is the same, but asks the network at
    every step above it as well, where its answer is not used. Without guidance: it drives away
    from what is there, which is right already.

    Args:
        stack: Its latents (`stack_latents`).
        level: Share of noise, above 0 to 1. Near 0 nothing is left to the network.
    """
    starts = (stack, *[None] * (len(run.sampling.layout.boxes) - 1))
    sampling = replace(
        run.sampling, starts=starts, strength=level, steps=1, true_guidance=1.0, negative=None
    )
    return replace(run, sampling=sampling)


def noise_left_in(run: SceneRun) -> Tensor:
    """What a begun run would end with if the network did nothing: the stack and its noise.

    Raises:
        ValueError: The run has no beginning, or nothing but noise in it.
    """
    sampling = run.sampling
    stack, level = (sampling.starts or (None,))[0], sampling.strength
    noise = draw_noise(sampling.layout, sampling.noise_keys)[0]
    if stack is None or noise is None or level is None or level >= 1:
        raise ValueError("only a whole image that was begun with the stack has its noise left in")
    return stack + level / (1 - level) * noise


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


def layers_stacked(model: LayerModel, run: SceneRun) -> Tensor:
    """What a tied whole is led to: latents `16 h w` made of those of the held layers."""
    boxes = run.sampling.layout.boxes
    return stacked_latents(model.checkpoint.codec, run.sampling.held, boxes)


def stack_latents(model: LayerModel, run: SceneRun, stack: Rgb) -> Tensor:
    """The finished stack itself, encoded: `16 h w`.

    `layers_stacked` has the layers' latents only, which is all there is while they are still
    noisy; of finished layers it agrees 1.6 dB less.
    """
    return encoded(model, native_background(_as_layer(stack), run.canvas))


def in_document(model: LayerModel, run: SceneRun, latents: Tensor) -> Rgb:
    """Latents of a whole image as a picture at the size of the document."""
    pixels = background_pixels(_decoded(model, run, latents), run.canvas)
    return np.asarray(pixels[..., :3] / 255, np.float32)


def in_model_pixels(model: LayerModel, run: SceneRun, latents: Tensor) -> Rgb:
    """Latents of a whole image as a picture of the pixels that the entry has, and no more.

    What a decoder gives beyond them is averaged.
    """
    decoded = _decoded(model, run, latents)[None, :3]
    box = run.canvas.box
    small = torch.nn.functional.interpolate(decoded, (box.height, box.width), mode="area")
    return _within_document(small[0], run.canvas)


def stack_in_model_pixels(run: SceneRun, stack: Rgb) -> Rgb:
    """A picture of the document averaged to the pixels of the whole image."""
    return _within_document(native_background(_as_layer(stack), run.canvas)[:3], run.canvas)


def _held(layer: GeneratedLayer) -> ScenePart:
    behind = layer.kind is LayerKind.BACKGROUND
    noise_id = BACKGROUND_ID if behind else layer.layer_id
    entry = RecordEntry(layer.layer_id, noise_id, layer.record.attempt, layer.box)
    return ScenePart(entry, held=LayerPixels(layer.box, layer.pixels))


def _decoded(model: LayerModel, run: SceneRun, latents: Tensor) -> Tensor:
    return model.checkpoint.codec.decode([latents], [run.canvas.box], {0})[0]


def _as_layer(picture: Rgb) -> LayerPixels:
    height, width = picture.shape[:2]
    rgb = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    opaque = np.full((height, width, 1), 255, np.uint8)
    return LayerPixels((0, 0, width, height), np.concatenate([rgb, opaque], 2))


def _within_document(picture: Tensor, canvas: NativeCanvas) -> Rgb:
    """`3 h w` of the canvas -> `h w 3` of what the document covers of it."""
    columns, rows = canvas.covered
    part = picture[:, :rows, :columns].permute(1, 2, 0)
    return np.ascontiguousarray(part.float().cpu().numpy(), np.float32)
