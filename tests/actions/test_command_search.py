"""The palette finds commands by a few letters and puts the likely ones first."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.actions.command_search import Command, distinct, search
from editor.actions.fuzzy import fuzzy_match
from editor.actions.reasons import reason
from editor.actions.table import ACTIONS, Condition

COMMANDS = (
    Command("open", "Open", "File", "Ctrl+O"),
    Command("merge", "Merge Down", "Layer", "Ctrl+E"),
    Command("rename", "Rename", "Layer", "F2"),
    Command("mode", "Reduce Motion", "View"),
    Command("delete", "Löschen", "Bearbeiten", also="Delete"),
)


def found(query: str, recent: tuple[str, ...] = ()) -> list[str]:
    return [item.command.action_id for item in search(query, COMMANDS, recent)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("md", "merge"),
        ("merge", "merge"),
        ("MERGE DO", "merge"),
        ("ren", "rename"),
        ("loschen", "delete"),
        ("delete", "delete"),
        ("rm", "mode"),
    ],
)
def test_the_meant_command_comes_first(query: str, first: str) -> None:
    assert found(query)[0] == first


def test_letters_that_are_not_there_find_nothing() -> None:
    assert found("xyz") == []


def test_the_menu_finds_its_commands_after_those_of_that_name() -> None:
    assert set(found("layer")) == {"merge", "rename"}
    assert found("file") == ["open"]


def test_without_a_query_recent_commands_come_first() -> None:
    assert found("", ("rename", "gone", "open"))[:3] == ["rename", "open", "merge"]
    assert len(found("", ("rename", "open"))) == len(COMMANDS)


def test_recent_and_enabled_commands_win_ties() -> None:
    same = [Command("a", "Fit"), Command("b", "Fit", enabled=False), Command("c", "Fit")]
    assert [item.command.action_id for item in search("fit", same, ["c"])] == ["c", "a", "b"]


def test_found_letters_are_told() -> None:
    match = fuzzy_match("md", "Merge Down")
    assert match is not None
    assert match.places == (0, 6)
    assert fuzzy_match("", "anything") is not None


@settings(deadline=None)
@given(st.text(max_size=12), st.text(max_size=30))
def test_places_rise_and_hold_the_letters(query: str, text: str) -> None:
    match = fuzzy_match(query, text)
    if match is not None:
        assert list(match.places) == sorted(set(match.places))
        assert len(match.places) in {0, len(query.replace(" ", ""))}
        assert all(0 <= place < len(text) for place in match.places)


@settings(deadline=None)
@given(st.text(min_size=1, max_size=20))
def test_every_text_finds_itself(text: str) -> None:
    assert fuzzy_match(text, text) is not None


def test_every_need_has_a_reason() -> None:
    for spec in ACTIONS:
        for need in Condition:
            if need in spec.needs:
                assert reason(spec, ~need).endswith("."), need
        assert reason(spec, spec.needs) == ""


def test_equal_titles_have_their_menu_before_them() -> None:
    titles = ("Horizontal Centers", "Horizontal Centers", "Left Edges")
    places = ("Image › Align", "Image › Distribute", "Image › Align")
    commands = [
        Command(str(number), title, place)
        for number, (title, place) in enumerate(zip(titles, places, strict=True))
    ]
    shown = [command.title for command in distinct(commands)]
    assert shown == ["Align: Horizontal Centers", "Distribute: Horizontal Centers", "Left Edges"]
