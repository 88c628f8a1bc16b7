"""The automatic layout as the plan of a scene wants it: nouns to boxes in document pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.pipelines.native_canvas import Corners, NativeCanvas
from engine.prompts.layout import Placement, automatic_layout
from engine.requests import LayoutRequest


@dataclass(frozen=True, slots=True)
class AutomaticBoxes:
    """Finds boxes for the objects that have none (`scene_plan.PlaceBoxes`)."""

    request: LayoutRequest

    def __call__(self, placements: Sequence[Placement]) -> list[Corners]:
        canvas = NativeCanvas.for_layout(self.request.width, self.request.height)
        native = automatic_layout(placements, canvas.width, canvas.height, self.request.seed)
        return [canvas.to_document(box) for box in native]
