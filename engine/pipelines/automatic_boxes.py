"""The automatic layout as the plan of a scene wants it: nouns to boxes in document pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.composition.groups import Placement
from engine.composition.layout import automatic_layout
from engine.requests import Corners, LayoutRequest


@dataclass(frozen=True, slots=True)
class AutomaticBoxes:
    """Finds boxes for the objects that have none (`scene_plan.PlaceBoxes`)."""

    request: LayoutRequest

    def __call__(self, placements: Sequence[Placement]) -> list[Corners]:
        request = self.request
        return list(automatic_layout(placements, request.width, request.height, request.seed))
