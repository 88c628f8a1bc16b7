"""The user's own shortcuts: one key belongs to one action, whatever is stored."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.actions.shortcuts import (
    Changes,
    assigned,
    from_json,
    holders,
    is_reserved,
    keys_of,
    portable,
    reset,
    to_json,
)
from editor.actions.table import ACTIONS, find


def held(changes: Changes) -> list[str]:
    """All keys of all actions."""
    return [portable(key) for spec in ACTIONS for key in keys_of(spec, changes)]


def test_without_changes_the_table_holds() -> None:
    assert keys_of(find("edit.redo"), {}) == ("Ctrl+Shift+Z", "Ctrl+Y")
    assert holders(["Ctrl+Y"], {}, "edit.undo") == [find("edit.redo")]
    assert holders(["Ctrl+Y"], {}, "edit.redo") == []


def test_a_key_is_taken_from_whoever_has_it() -> None:
    changes = assigned({}, "layer.rename", ["ctrl+y"])
    assert changes == {"layer.rename": ("Ctrl+Y",), "edit.redo": ("Ctrl+Shift+Z",)}


def test_resetting_takes_the_keys_back() -> None:
    changes = assigned({}, "layer.rename", ["Ctrl+Y"])
    assert reset(changes, "edit.redo") == {"layer.rename": ()}
    assert reset(reset(changes, "edit.redo"), "layer.rename") == {}


def test_the_keys_of_the_table_are_no_change() -> None:
    assert assigned({}, "edit.redo", ["Ctrl+Shift+Z", "Ctrl+Y"]) == {}


def test_no_key_at_all_is_a_change() -> None:
    changes = assigned({}, "file.quit", [])
    assert changes == {"file.quit": ()}
    assert from_json(to_json(changes)) == changes


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[1]",
        '{"no.such": ["Ctrl+L"]}',
        '{"edit.undo": "Ctrl+L"}',
        '{"edit.undo": [3]}',
        '{"edit.undo": ["Left"]}',
        '{"edit.undo": ["no key"]}',
    ],
)
def test_what_does_not_fit_is_left_out(text: str) -> None:
    assert from_json(text) == {}


def test_stored_keys_that_collide_with_the_table_win() -> None:
    changes = from_json('{"layer.rename": ["Ctrl+S"]}')
    assert keys_of(find("layer.rename"), changes) == ("Ctrl+S",)
    assert keys_of(find("file.save"), changes) == ()


@pytest.mark.parametrize(
    ("key", "reserved"),
    [("Left", True), ("Shift+Left", True), ("Ctrl+Left", False), ("Tab", True), ("Shift+Tab", True),
     ("Space", True), ("Return", True), ("A", False), ("F5", False), ("Esc", True), ("PgUp", True)],
)  # fmt: skip
def test_keys_that_move_around_are_reserved(key: str, reserved: bool) -> None:
    assert is_reserved(key) is reserved


ids = st.sampled_from([spec.action_id for spec in ACTIONS])
some_keys = st.lists(
    st.sampled_from(["Ctrl+S", "Ctrl+E", "V", "F9", "Ctrl+Y", "Alt+1"]), max_size=2
)


@settings(deadline=None)
@given(st.lists(st.tuples(ids, some_keys), max_size=8))
def test_no_key_has_two_actions_after_any_changes(steps: list[tuple[str, list[str]]]) -> None:
    changes: Changes = {}
    for action_id, wanted in steps:
        changes = assigned(changes, action_id, wanted)
        assert keys_of(find(action_id), changes) == tuple(dict.fromkeys(wanted))
    present = held(changes)
    assert len(present) == len(set(present))
    assert from_json(to_json(changes)) == changes
    for action_id, _ in itertools.islice(steps, 3):
        assert len(held(reset(changes, action_id))) == len(set(held(reset(changes, action_id))))
