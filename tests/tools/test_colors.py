"""Foreground, background and recent colours."""

from __future__ import annotations

import pytest

from editor.tools.colors import BLACK, MAX_RECENT, WHITE, PaintColors, from_hex, to_hex


def test_swap_and_reset() -> None:
    colors = PaintColors()
    colors.foreground = (1, 2, 3)
    colors.swap()
    assert (colors.foreground, colors.background) == (WHITE, (1, 2, 3))
    colors.reset()
    assert (colors.foreground, colors.background) == (BLACK, WHITE)


def test_the_edited_colour_is_the_one_that_was_chosen() -> None:
    colors, heard = PaintColors(), list[PaintColors]()
    colors.changed.connect(heard.append)
    colors.edited = (9, 9, 9)
    colors.edits_background = True
    colors.edited = (8, 8, 8)
    assert (colors.foreground, colors.background) == ((9, 9, 9), (8, 8, 8))
    assert len(heard) == 3


def test_recent_colours_are_few_and_the_newest_first() -> None:
    colors = PaintColors()
    for value in range(30):
        colors.remember((value, 0, 0))
    colors.remember((20, 0, 0))
    assert colors.recent[:3] == ((20, 0, 0), (29, 0, 0), (28, 0, 0))
    assert len(colors.recent) == MAX_RECENT
    assert len(set(colors.recent)) == MAX_RECENT


def test_colours_come_back_from_text() -> None:
    colors, other = PaintColors(), PaintColors()
    colors.foreground = (1, 2, 3)
    colors.remember((7, 7, 7))
    other.restore(colors.to_json())
    assert (other.foreground, other.background, other.recent) == ((1, 2, 3), WHITE, ((7, 7, 7),))
    for text in ("", "[]", "7", '["#fff", [1, 2, 3], []]', "[[1, 2, 3], [1, 2, 300], []]"):
        other.restore(text)
        assert other.foreground == (1, 2, 3)


@pytest.mark.parametrize(
    ("text", "color"),
    [("#0a0B0c", (10, 11, 12)), (" fff ", (255, 255, 255)), ("#ff", None), ("#gg0000", None)],
)
def test_hex(text: str, color: tuple[int, int, int] | None) -> None:
    assert from_hex(text) == color
    if color is not None:
        assert from_hex(to_hex(color)) == color
