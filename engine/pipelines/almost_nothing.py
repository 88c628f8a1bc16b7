"""Layers in which a model drew next to nothing: refused, or said in a note."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.errors import EngineError
from engine.requests import GeneratedLayer, LayerKind, LayerRequest, LayerResult, LayoutResult
from engine.sentences import sentence

MIN_DRAWN_PX = 4  # as the smallest box that a layer can have


def is_almost_nothing(layer: GeneratedLayer) -> bool:
    """Whether all that can be seen of an object is less than 4 px in both directions."""
    if layer.kind is LayerKind.BACKGROUND:
        return False
    alpha = layer.pixels[..., 3]
    drawn = [np.flatnonzero(alpha.any(axis=axis)) for axis in (0, 1)]
    return all(not len(each) or each[-1] - each[0] + 1 < MIN_DRAWN_PX for each in drawn)


def note_empty(result: LayoutResult) -> LayoutResult:
    """The result with a note for each object that is almost empty."""
    notes = [_note(layer.name) for layer in result.layers if is_almost_nothing(layer)]
    return replace(result, notes=(*result.notes, *notes)) if notes else result


def refuse_empty(result: LayerResult, request: LayerRequest) -> LayerResult:
    """The result, with a note where one of several variations is almost empty.

    A repeated record is passed through: it is compared, whatever it shows.

    Raises:
        EngineError: No variation was asked for, so that the layer is better left as it is.
    """
    if request.repeat is not None:
        return result
    made = (result.layer, *result.variations, *result.beside)
    empty = [layer for layer in made if is_almost_nothing(layer)]
    if is_almost_nothing(result.layer) and not result.variations:
        raise EngineError(
            sentence(
                'The model drew almost nothing for the layer "{name}", which stays as it was; '
                "try another seed or prompt.",
                name=result.layer.name,
            )
        )
    notes = dict.fromkeys(_note(layer.name) for layer in empty)
    return replace(result, notes=(*result.notes, *notes)) if notes else result


def _note(name: str) -> str:
    return sentence(
        'The model drew almost nothing for the layer "{name}"; try another seed or prompt.',
        name=name,
    )
