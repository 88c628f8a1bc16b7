"""How models are sampled when nobody says otherwise, and which one made a layer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from editor.document.layers import RasterLayer
from editor.document.wishes import LayerWish
from engine.errors import RequestError
from engine.requests import STARTER_NAME, SamplingOptions

STARTER = STARTER_NAME
# What ART's authors sample with; the starter needs less.
FULL_SIZE = SamplingOptions(steps=28, true_guidance=3.5)
_FLUX_GUIDANCE = 3.5  # the distilled one of FLUX.1 dev; the true one counts with a negative prompt


def usual_sampling(model: str, models: Path | None) -> SamplingOptions:
    """How a model is sampled.

    Args:
        model: The starter, or the name of one that the user has brought.
        models: Folder of the list of brought models; None = nothing is known of them.
    """
    if model == STARTER:
        return SamplingOptions()
    if models is None:
        return FULL_SIZE
    from engine.checkpoints.catalogue import known_model
    from engine.checkpoints.shelf import Shelf

    try:
        model_id = Shelf(models).get(model).model_id
    except RequestError:  # the engine will say that it is not there
        return FULL_SIZE
    entry = known_model(model_id) if model_id else None
    if entry is None or entry.makes_layers:
        return FULL_SIZE
    return SamplingOptions(entry.steps, _FLUX_GUIDANCE, _FLUX_GUIDANCE)


def model_of(layer: RasterLayer) -> str:
    """The model that made a layer; the starter for one that no engine made."""
    record = layer.record
    return record.checkpoint or STARTER if record is not None and record.steps else STARTER


def layer_sampling(
    layer: RasterLayer, model: str, models: Path | None, *, steps: int | None
) -> SamplingOptions:
    """How a layer is made again: as wished, as it was made if by the same model, or as usual.

    Args:
        steps: Those that were asked for; None = see above.
    """
    record, wish = layer.record, layer.wish or LayerWish()
    usual = usual_sampling(model, models)
    if record is None or not record.steps or model_of(layer) != model:
        made = usual
    else:
        guidance = record.true_guidance
        unguided = model != STARTER and guidance == 1  # perhaps only for want of a negative prompt
        distilled = record.distilled_guidance
        made = replace(
            usual,
            steps=record.steps,
            true_guidance=usual.true_guidance if unguided else guidance,
            distilled_guidance=usual.distilled_guidance if distilled is None else distilled,
        )
    return replace(
        made,
        steps=steps or wish.steps or made.steps,
        true_guidance=made.true_guidance if wish.guidance is None else wish.guidance,
    )
