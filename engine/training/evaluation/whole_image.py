"""Do the layers of a document agree with its whole image? Part of the fixed evaluation.

The whole is sampled from noise alone beside the finished layers, as in the product's harmony check.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.pipelines.harmony import compare, stacked_on_white
from engine.pipelines.layer_model import LayerModel
from engine.pipelines.whole_image import draw_whole, in_document, plan_whole, stack_latents
from engine.requests import LayoutResult, SamplingOptions
from engine.training.evaluation.objects import Scores

WANTED_PSNR = 28
WHOLE, CODEC = "stack against whole image", "stack through the codec alone"


def whole_agreements(
    model: LayerModel, made: LayoutResult, caption: str, options: SamplingOptions
) -> dict[str, float]:
    """PSNR in dB, in document pixels, of the stack against the whole image; and what limits it."""
    size = made.width, made.height
    stack = stacked_on_white(made.layers, *size)
    run = plan_whole(model, made.layers, size, seed=made.seed, caption=caption, options=options)
    encoded = in_document(model, run, stack_latents(model, run, stack))
    return {
        WHOLE: compare(stack, draw_whole(model, run)).psnr,
        CODEC: compare(stack, encoded).psnr,
    }


def agreement_rows(agreements: Sequence[Mapping[str, float]]) -> Scores:
    """A row per kind of comparison."""
    rows: Scores = {}
    for kind in agreements[0] if agreements else ():
        found = np.array([agreement[kind] for agreement in agreements])
        rows[f"documents, {kind}"] = {
            "PSNR dB": round(float(found.mean()), 2),
            f"at {WANTED_PSNR} dB or better": round(float((found >= WANTED_PSNR).mean()), 3),
        }
    return rows
