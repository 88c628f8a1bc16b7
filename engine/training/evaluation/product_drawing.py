"""Drawings as the program makes them: read, drawn, checked, tried again, recoloured and cleaned."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.errors import RequestError
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_model import LayerModel
from engine.pipelines.layer_regeneration import regenerate_layer
from engine.progress import PhaseRates
from engine.requests import LayerRequest, RegionBox

_SIDE_PX = 256


def draw_typed(model: LayerModel, typed: str, style: str, seed: int) -> Tensor:
    """The layer that the program makes of a prompt in a square box: straight RGBA, `4 256 256`.

    A prompt that names nothing to draw gives an empty one.
    """
    box = RegionBox("typed", 0, 0, _SIDE_PX, _SIDE_PX)
    request = LayerRequest(
        typed, _SIDE_PX, _SIDE_PX, seed, box, style=style, sampling=model.checkpoint.sampling
    )
    reporter = JobReporter(lambda _progress: None, lambda: False, PhaseRates())
    try:
        pixels = regenerate_layer(model, request, reporter).layer.pixels
    except RequestError:
        return torch.zeros(4, _SIDE_PX, _SIDE_PX)
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 255
