"""Layout files: what is taken, and the sentence for what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from editor.document.errors import LayoutError
from editor.document.geometry import Rect
from editor.document.layout import load_layout, parse_layout

BOX = {"x0": 1, "y0": 2, "x1": 30, "y1": 40}


def parse(*boxes: Any) -> Any:
    return parse_layout(json.dumps({"boxes": boxes}), 100, 80)


def test_a_full_layout() -> None:
    first, second = parse({**BOX, "name": "林檎", "prompt": "a red apple"}, BOX)
    assert first.rect == Rect(1, 2, 30, 40)
    assert (first.name, first.prompt) == ("林檎", "a red apple")
    assert (second.name, second.prompt) == ("", "")


def test_ids_do_not_depend_on_place_or_on_boxes_added_above() -> None:
    apple, anonymous = {**BOX, "name": "apple"}, BOX
    before = parse(apple, anonymous)
    after = parse({**apple, "x0": 5}, anonymous, apple, {**BOX, "x0": 3})
    assert [box.box_id for box in after][:2] == [box.box_id for box in before]
    assert len({box.box_id for box in after}) == 4


def test_no_boxes_and_fifty_boxes_are_fine() -> None:
    assert parse() == ()
    assert len(parse(*[BOX] * 50)) == 50


@pytest.mark.parametrize(
    ("box", "sentence"),
    [
        ({**BOX, "x1": 3.5}, "boxes[1].x1 must be a whole number."),
        ({**BOX, "x1": "3"}, "boxes[1].x1 must be a whole number."),
        ({**BOX, "y0": True}, "boxes[1].y0 must be a whole number."),
        ({**BOX, "y0": None}, "boxes[1].y0 must be a whole number."),
        ({"x0": 1, "y0": 2, "x1": 30}, "boxes[1].y1 is missing."),
        ({**BOX, "name": 4}, "boxes[1].name must be text."),
        ({**BOX, "prompt": "x" * 2001}, "boxes[1].prompt is longer than 2000 characters"),
        ({**BOX, "name": "a\ud800"}, "boxes[1].name holds half of a character"),
        ({**BOX, "prompt": "\udfffb"}, "boxes[1].prompt holds half of a character"),
        ({**BOX, "promt": "x"}, "boxes[1].promt is not a field of a layout"),
        ([1, 2, 3, 4], "boxes[1] must be an object"),
        ({**BOX, "x1": 1}, "boxes[1] (1, 2, 1, 40) is empty"),
        ({**BOX, "x1": 101}, "boxes[1] (1, 2, 101, 40) reaches outside the 100 x 80 px canvas"),
        ({**BOX, "x0": -1}, "boxes[1] (-1, 2, 30, 40) reaches outside"),
        ({**BOX, "x1": 10**30}, "reaches outside"),
    ],
)
def test_wrong_boxes_are_named(box: Any, sentence: str) -> None:
    with pytest.raises(LayoutError) as caught:
        parse(BOX, box)
    assert sentence in caught.value.message


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not valid JSON at line 1"),
        ('{"boxes": [}', "not valid JSON at line 1, column 12"),
        ("[]", "must be a JSON object"),
        ("{}", 'lacks the field "boxes"'),
        ('{"boxes": {}}', "boxes must be a list"),
        ('{"boxes": [], "width": 5}', "width is not a field"),
        (b"\xff\xfe\x00", "not a JSON text"),
        ("[" * 100_000, "not a JSON text"),
    ],
)
def test_wrong_files_are_explained(text: str | bytes, sentence: str) -> None:
    with pytest.raises(LayoutError) as caught:
        parse_layout(text, 100, 80)
    assert sentence in caught.value.message


def test_sixty_boxes_are_refused() -> None:
    with pytest.raises(LayoutError, match="60 boxes; at most 50"):
        parse(*[BOX] * 60)


def test_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match=r"none\.json: No such file"):
        load_layout(tmp_path / "none.json", 10, 10)
    with pytest.raises(LayoutError, match="directory"):
        load_layout(tmp_path, 10, 10)
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"boxes": 3}')
    with pytest.raises(LayoutError, match=r"wrong\.json: boxes must be a list"):
        load_layout(wrong, 10, 10)
    large = tmp_path / "large.json"
    large.write_bytes(b" " * (2**20 + 1))
    with pytest.raises(LayoutError, match=r"large\.json: The file is larger"):
        load_layout(large, 10, 10)
