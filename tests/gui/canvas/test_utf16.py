"""Places in a text as Qt counts them and as Python does."""

from __future__ import annotations

import pytest

from editor.canvas.utf16 import characters, units


@pytest.mark.parametrize(
    ("text", "count", "long"),
    [("abc", 2, 2), ("a😀b", 2, 3), ("😀😀", 2, 4), ("ü", 1, 1), ("", 0, 0)],
)
def test_an_emoji_is_two_units_and_one_character(text: str, count: int, long: int) -> None:
    assert units(text, count) == long
    assert characters(text, long) == count


def test_half_an_emoji_is_no_character() -> None:
    assert characters("a😀", 2) == 1
