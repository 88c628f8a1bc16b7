"""Layout boxes: which region of the canvas becomes which layer.

A layout file is JSON, boxes bottom to top, in pixels of the requested picture, half-open:

    {"boxes": [{"x0": 8, "y0": 8, "x1": 200, "y1": 180, "name": "apple", "prompt": "a red apple"}]}

- "boxes": list of at most 50 objects; required.
- "x0", "y0", "x1", "y1": whole numbers; 0 <= x0 < x1 <= width, 0 <= y0 < y1 <= height; required.
- "name": string, shown as the layer's name; optional. Without it the name comes from the prompt.
- "prompt": string, what this box shows; optional. Without it the sentence decides.

Any other key is refused, so that a misspelt one is not silently lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from editor.document.geometry import Rect
from editor.document.identity import new_id

MAX_BOXES = 50  # the layer models take 50 foregrounds


@dataclass(frozen=True, slots=True)
class LayoutBox:
    """One box of the layout.

    Attributes:
        rect: Document pixels; must have an area.
        name: Name of the layer to come; empty = from the prompt.
        prompt: What the box shows; empty = the sentence decides.
    """

    rect: Rect
    name: str = ""
    prompt: str = ""
    box_id: str = field(default_factory=new_id)


def parse_layout(text: str | bytes, width: int, height: int) -> tuple[LayoutBox, ...]:
    """Boxes of a layout file for a picture of width x height px; ids are derived from the index.

    Raises LayoutError naming the field, e.g. "boxes[2].x1 must be a whole number."
    """
    raise NotImplementedError


def load_layout(path: Path, width: int, height: int) -> tuple[LayoutBox, ...]:
    """`parse_layout` of a file; LayoutError also names the file."""
    raise NotImplementedError


def layout_to_json(boxes: Iterable[LayoutBox]) -> dict[str, Any]:
    """The object that `parse_layout` reads, without ids."""
    raise NotImplementedError


def check_boxes(boxes: tuple[LayoutBox, ...], width: int, height: int) -> None:
    """Raise LayoutError when there are too many boxes or one is empty or off the canvas."""
    raise NotImplementedError
