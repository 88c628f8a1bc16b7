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

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from editor.document.errors import LayoutError
from editor.document.geometry import Rect
from editor.document.identity import new_id
from editor.translations import tr

MAX_BOXES = 50  # the layer models take 50 foregrounds
MAX_TEXT_CHARACTERS = 2000
MAX_FILE_BYTES = 2**20

_CORNERS = ("x0", "y0", "x1", "y1")
_TEXTS = ("name", "prompt")


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
    """Boxes of a layout file for a picture of width x height px.

    The ids come from the name (or prompt) and how many boxes before have the same, so moving a box
    or adding one above leaves all ids, and so the layers' noise, alone.

    Raises LayoutError naming the field, e.g. "boxes[2].x1 must be a whole number."
    """
    data = _json_object(text)
    if "boxes" not in data:
        raise LayoutError(tr('The layout lacks the field "boxes".'))
    _refuse_unknown(data, ("boxes",), "")
    items = data["boxes"]
    if not isinstance(items, list):
        raise LayoutError(tr("boxes must be a list."))
    _check_count(len(items))
    boxes = _with_stable_ids(_parse_box(f"boxes[{i}]", item) for i, item in enumerate(items))
    check_boxes(boxes, width, height)
    return boxes


def load_layout(path: Path, width: int, height: int) -> tuple[LayoutBox, ...]:
    """`parse_layout` of a file; LayoutError also names the file."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise LayoutError(
                tr(
                    "The file is larger than {limit} MB.",
                    limit=MAX_FILE_BYTES // 2**20,
                )
            )
        return parse_layout(path.read_bytes(), width, height)
    except OSError as error:
        reason = error.strerror or tr("it cannot be read")
        raise LayoutError(
            tr("{path}: {reason}. Choose a layout file (JSON).", path=path, reason=reason),
            str(error),
        ) from error
    except LayoutError as error:
        raise LayoutError(f"{path}: {error.message}", error.detail) from error


def check_boxes(boxes: tuple[LayoutBox, ...], width: int, height: int) -> None:
    """Raise LayoutError when there are too many boxes or one is empty or off the canvas."""
    _check_count(len(boxes))
    if len({box.box_id for box in boxes}) != len(boxes):
        raise LayoutError(tr("Two boxes of the layout have the same id."))
    canvas = Rect(0, 0, width, height)
    for index, box in enumerate(boxes):
        corners = str(box.rect.as_tuple())
        if box.rect.is_empty:
            raise LayoutError(
                tr(
                    "boxes[{index}] {corners} is empty; x1 must exceed x0 and y1 must exceed y0.",
                    index=index,
                    corners=corners,
                )
            )
        if not canvas.contains(box.rect):
            raise LayoutError(
                tr(
                    "boxes[{index}] {corners} reaches outside the {width} x {height} px canvas; "
                    "move or shrink it.",
                    index=index,
                    corners=corners,
                    width=width,
                    height=height,
                )
            )


def _check_count(count: int) -> None:
    if count > MAX_BOXES:
        raise LayoutError(
            tr(
                "The layout has {count} boxes; at most {limit} are possible. Remove some boxes.",
                count=count,
                limit=MAX_BOXES,
            )
        )


def _json_object(text: str | bytes) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise LayoutError(
            tr(
                "The layout is not valid JSON at line {line}, column {column}: {problem}.",
                line=error.lineno,
                column=error.colno,
                problem=error.msg,
            )
        ) from error
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise LayoutError(tr("The layout is not a JSON text in UTF-8."), str(error)) from error
    if not isinstance(data, dict):
        raise LayoutError(tr('The layout must be a JSON object with the field "boxes".'))
    return data


def _parse_box(field_name: str, item: object) -> LayoutBox:
    if not isinstance(item, dict):
        raise LayoutError(tr("{field} must be an object with x0, y0, x1 and y1.", field=field_name))
    _refuse_unknown(item, (*_CORNERS, *_TEXTS), f"{field_name}.")
    for key in _CORNERS:
        if key not in item:
            raise LayoutError(tr("{field}.{key} is missing.", field=field_name, key=key))
        if not isinstance(item[key], int) or isinstance(item[key], bool):
            raise LayoutError(
                tr("{field}.{key} must be a whole number.", field=field_name, key=key)
            )
    name, prompt = (_parse_text(f"{field_name}.{key}", item.get(key, "")) for key in _TEXTS)
    return LayoutBox(Rect(*(item[key] for key in _CORNERS)), name, prompt)


def _parse_text(field_name: str, value: object) -> str:
    if not isinstance(value, str):
        raise LayoutError(tr("{field} must be text.", field=field_name))
    if len(value) > MAX_TEXT_CHARACTERS:
        raise LayoutError(
            tr(
                "{field} is longer than {limit} characters; shorten it.",
                field=field_name,
                limit=MAX_TEXT_CHARACTERS,
            )
        )
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise LayoutError(
            tr("{field} holds half of a character; write it again.", field=field_name)
        )
    return value.strip()


def _with_stable_ids(boxes: Iterable[LayoutBox]) -> tuple[LayoutBox, ...]:
    """Ids from the text and how often it came before: noise is drawn by id."""
    seen: Counter[str] = Counter()
    result = []
    for box in boxes:
        text = box.name or box.prompt
        digest = hashlib.blake2b(f"{text}/{seen[text]}".encode(), digest_size=8)
        seen[text] += 1
        result.append(replace(box, box_id=digest.hexdigest()))
    return tuple(result)


def _refuse_unknown(item: dict[str, Any], known: tuple[str, ...], prefix: str) -> None:
    for key in item:
        if key not in known:
            raise LayoutError(
                tr(
                    "{prefix}{key} is not a field of a layout; it takes {known}.",
                    prefix=prefix,
                    key=key,
                    known=", ".join(known),
                )
            )
