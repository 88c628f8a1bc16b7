"""Guides are part of the document: every change is a command and can be undone."""

from __future__ import annotations

import pytest

from editor.commands.guide_commands import MAX_GUIDES, AddGuide, ClearGuides, MoveGuide, RemoveGuide
from editor.commands.history import History
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.events import Change, ChangeKind
from editor.document.guides import Guide, Orientation

X10 = Guide(Orientation.VERTICAL, 10)
Y20 = Guide(Orientation.HORIZONTAL, 20.5)


@pytest.fixture
def history() -> History:
    history = History(Document(100, 80))
    history.push(AddGuide(X10))
    history.push(AddGuide(Y20))
    return history


def test_guides_are_added_moved_and_removed_with_undo(history: History) -> None:
    moved = Guide(Orientation.VERTICAL, 33.25)
    seen = []
    for command in (MoveGuide(0, 33.26), RemoveGuide(0), ClearGuides()):
        history.push(command)
        seen.append(list(history.document.guides))
    assert seen == [[moved, Y20], [Y20], []], "rounded to 1/32 px"
    for expected in ([Y20], [moved, Y20], [X10, Y20], [X10], []):
        history.undo()
        assert list(history.document.guides) == expected


def test_changes_of_guides_draw_nothing_of_the_picture_again(history: History) -> None:
    changes: list[Change] = []
    history.document.changed.connect(changes.append)
    history.push(MoveGuide(0, 50))
    guides = [change for change in changes if change.kinds & ChangeKind.GUIDES]
    assert guides
    assert not any(change.kinds.is_visual for change in changes)


def test_a_guide_is_not_added_twice(history: History) -> None:
    history.push(AddGuide(X10))
    assert history.document.guides == (X10, Y20)


@pytest.mark.parametrize(
    "command",
    [
        MoveGuide(2, 0),
        RemoveGuide(-1),
        MoveGuide(0, float("nan")),
        AddGuide(Guide(Orientation.VERTICAL, 2e6)),
    ],
)
def test_impossible_guides_are_refused(
    history: History, command: MoveGuide | RemoveGuide | AddGuide
) -> None:
    with pytest.raises(DocumentError):
        history.push(command)
    assert history.document.guides == (X10, Y20)


def test_the_number_of_guides_is_bounded() -> None:
    history = History(Document(1000, 10))
    for x in range(MAX_GUIDES):
        history.push(AddGuide(Guide(Orientation.VERTICAL, x)))
    with pytest.raises(DocumentError, match="at most 500 guides"):
        history.push(AddGuide(Guide(Orientation.HORIZONTAL, 5)))
