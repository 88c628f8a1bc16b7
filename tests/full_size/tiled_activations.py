"""Lets tiles of the meta device wait outside, so that only what is on the card is counted."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import _disable_current_modes

from engine.models import tiled_decoder


def tiles_wait_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tensor that was put away counts again when it is brought back."""

    def is_outside(walk: Any, values: Tensor) -> bool:
        return values.nbytes * len(walk.tiles) > tiled_decoder.KEPT_ON_CARD

    def put_away(walk: Any, values: Tensor) -> Tensor:
        if not is_outside(walk, values):
            return values
        with _disable_current_modes():
            return torch.empty_like(values)

    def brought(walk: Any, values: Tensor) -> Tensor:
        return torch.empty_like(values) if is_outside(walk, values) else values

    trim = tiled_decoder._Walk.trim

    def trimmed(walk: Any, margin: int) -> None:
        if not any(is_outside(walk, tile.values) for tile in walk.tiles):
            trim(walk, margin)
            return
        with _disable_current_modes():
            trim(walk, margin)

    monkeypatch.setattr(tiled_decoder._Walk, "put_away", put_away)
    monkeypatch.setattr(tiled_decoder._Walk, "brought", brought)
    monkeypatch.setattr(tiled_decoder._Walk, "trim", trimmed)
    # The statistics are numbers, which the meta device has not.
    monkeypatch.setattr(
        tiled_decoder, "_host", lambda values: torch.ones_like(values, device="cpu")
    )
