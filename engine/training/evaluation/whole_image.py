"""Do the layers of a document agree with its whole image? Part of the fixed evaluation.

Each row says how far the whole was free: made freely, led to the stack down to a noise level, or
begun with the stack under that much noise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from torch import Tensor

from engine.pipelines.harmony import Rgb, compare, stacked_on_white
from engine.pipelines.layer_model import LayerModel
from engine.pipelines.scene_run import SceneRun
from engine.pipelines.whole_image import (
    begun_whole,
    in_document,
    in_model_pixels,
    layers_stacked,
    noise_left_in,
    plan_whole,
    stack_in_model_pixels,
    stack_latents,
    tied_whole,
    whole_latents,
)
from engine.requests import LayoutResult, SamplingOptions
from engine.training.evaluation.objects import Scores

# Noise levels down to which a whole image is led to the stack; of 8 steps 2, 4 and 7 are tied then.
TIED_DOWN_TO = (0.9, 0.7, 0.3)
# Shares of noise under which the stack is laid for the network to clear away.
BEGUN_AT = (0.3, 0.2, 0.1)
WANTED_PSNR = 28
FREE = "free"
IN_MODEL_PIXELS = "model pixels"


def whole_agreements(
    model: LayerModel, made: LayoutResult, caption: str, options: SamplingOptions
) -> dict[str, float]:
    """PSNR in dB of the stack against wholes that were shown it, by how far they were free.

    First in the pixels of the entry itself, then, where a version before gave it, in those of the
    document, of which the entry has none. The free one of those is in `made` already.
    """
    size = made.width, made.height
    stack = stacked_on_white(made.layers, *size)
    run = plan_whole(model, made.layers, size, seed=made.seed, caption=caption, options=options)
    if run is None:
        return {}
    led, begun = _led(model, run), _begun(model, run, stack)
    small = stack_in_model_pixels(run, stack)
    found = {
        f"{kind}, {IN_MODEL_PIXELS}": compare(small, in_model_pixels(model, run, latents)).psnr
        for kind, latents in (led | begun).items()
    }
    large = {kind: latents for kind, latents in led.items() if kind != FREE}
    return found | {
        kind: compare(stack, in_document(model, run, latents)).psnr
        for kind, latents in large.items()
    }


def _led(model: LayerModel, run: SceneRun) -> dict[str, Tensor]:
    """Wholes sampled from noise alone, and the encoded stack of what the layers' latents show."""
    wholes = {FREE: whole_latents(model, run)}
    for level in TIED_DOWN_TO:
        tied = tied_whole(model, run, level)
        wholes[f"tied down to sigma {level:g}"] = whole_latents(model, tied)
    wholes["the codec alone"] = layers_stacked(model, run)
    return wholes


def _begun(model: LayerModel, run: SceneRun, stack: Rgb) -> dict[str, Tensor]:
    """Wholes begun with the finished stack, beside what they would be without the network."""
    encoded = stack_latents(model, run, stack)
    wholes: dict[str, Tensor] = {}
    for level in BEGUN_AT:
        begun = begun_whole(run, encoded, level)
        kind = f"begun with the stack at sigma {level:g}"
        wholes[kind] = whole_latents(model, begun)
        wholes[f"{kind}, no network"] = noise_left_in(begun)
    wholes["the codec alone, of the finished stack"] = encoded
    return wholes


def agreement_rows(agreements: Sequence[Mapping[str, float]]) -> Scores:
    """A row per kind of whole image, named by how far it was tied to the stack."""
    rows: Scores = {}
    for kind in agreements[0] if agreements else ():
        found = np.array([agreement[kind] for agreement in agreements])
        rows[f"documents, stack against whole image, {kind}"] = {
            "PSNR dB": round(float(found.mean()), 2),
            f"at {WANTED_PSNR} dB or better": round(float((found >= WANTED_PSNR).mean()), 3),
        }
    return rows
