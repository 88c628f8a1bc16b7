"""The automatic layout as the plan of a scene wants it: nouns to boxes in document pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.pipelines.native_canvas import NativeCanvas
from engine.prompts.layout import TOKEN_PX, Placement, automatic_layout
from engine.requests import Corners, LayoutRequest


@dataclass(frozen=True, slots=True)
class AutomaticBoxes:
    """Finds boxes for the objects that have none (`scene_plan.PlaceBoxes`)."""

    request: LayoutRequest

    def __call__(self, placements: Sequence[Placement]) -> list[Corners]:
        canvas = NativeCanvas.for_layout(self.request.width, self.request.height)
        # Not the canvas's own sides: what it has beyond the document is cut off again.
        width, height = (
            max(TOKEN_PX, math.floor(side * canvas.scale))
            for side in (self.request.width, self.request.height)
        )
        native = automatic_layout(placements, width, height, self.request.seed)
        return [canvas.to_document(box) for box in native]
