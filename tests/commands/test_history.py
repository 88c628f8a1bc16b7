"""Undo, redo, gestures, the save point and what is announced."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from editor.commands.history import History
from editor.commands.layer_commands import AddLayer, RemoveLayers
from editor.commands.layout_commands import AddBox, MoveBox, ResizeCanvas
from editor.commands.property_commands import RenameLayer, SetOpacity, SetVisible
from editor.commands.transform_commands import MoveLayers
from editor.document.compositor import flatten
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.events import Change, ChangeKind
from editor.document.geometry import EMPTY, Rect
from editor.document.layers import GroupLayer
from editor.document.layout import LayoutBox
from tests.document.scenes import flat_layer, noise_layer


@pytest.fixture
def changes(document: Document) -> list[Change]:
    seen: list[Change] = []
    document.changed.connect(seen.append)
    return seen


def test_the_document_refuses_changes_outside_commands(document: Document) -> None:
    with pytest.raises(DocumentError, match="outside a command"):
        document.replace_state(Document(5, 5).snapshot(), Change(ChangeKind.CANVAS_SIZE))
    assert document.width == 100


def test_a_snapshot_does_not_follow_the_document(document: Document, history: History) -> None:
    before = document.snapshot()
    digest = before.state_hash()
    history.push(RemoveLayers(("a",)))
    assert before.has_layer("a")
    assert before.state_hash() == digest
    assert not document.snapshot().has_layer("a")


def test_a_worker_composites_a_snapshot_while_editing_goes_on() -> None:
    layers = [noise_layer(300, 300, seed, opacity=0.5) for seed in range(4)]
    document = Document(300, 300, layers)
    history = History(document)
    expected = flatten(document)
    with ThreadPoolExecutor(2) as pool:
        for step in range(8):
            pending = [pool.submit(flatten, document.snapshot()) for _ in range(2)]
            history.push(MoveLayers((layers[1].layer_id,), 3, step))
            for future in pending:
                assert np.array_equal(future.result(), expected)
            expected = flatten(document)


def test_labels_and_position(history: History) -> None:
    history.push(RenameLayer("a", "x"))
    history.push(MoveLayers(("a",), 1, 1))
    history.undo()
    assert history.labels == ("Rename Layer", "Move Layer")
    assert history.position == 1
    assert (history.undo_label, history.redo_label) == ("Rename Layer", "Move Layer")
    history.undo()
    history.undo()
    assert (history.undo_label, history.can_undo) == ("", False)
    history.redo()
    history.push(SetVisible(("b",), False))
    assert history.labels == ("Rename Layer", "Hide Layer")
    assert not history.can_redo


def test_steps_can_be_gone_to(document: Document, history: History) -> None:
    hashes = [document.state_hash()]
    for name in ("x", "y", "z"):
        history.push(RenameLayer("a", name))
        hashes.append(document.state_hash())
    for index in (1, 3, 0, 2, 2):
        history.go_to(index)
        assert document.state_hash() == hashes[index]
        assert history.position == index
        assert [step.done for step in history.steps()] == [i < index for i in range(3)]
    assert {step.label for step in history.steps()} == {"Rename Layer"}
    for wrong in (-1, 4):
        with pytest.raises(DocumentError, match="no longer"):
            history.go_to(wrong)
    assert history.position == 2


def test_a_command_without_effect_keeps_what_can_be_redone(history: History) -> None:
    history.push(RenameLayer("a", "x"))
    history.undo()
    history.push(RenameLayer("a", "a"))
    assert history.can_redo
    assert not history.can_undo


def test_a_drag_is_one_step(document: Document, history: History) -> None:
    first = document.state_hash()
    with history.gesture():
        for _ in range(5):
            history.push(MoveLayers(("a",), 2, 1))
    assert document.raster("a").offset == (10, 5)
    assert history.labels == ("Move Layer",)
    with history.gesture():
        history.push(MoveLayers(("a",), 1, 1))
    assert history.position == 2
    history.undo()
    assert document.raster("a").offset == (10, 5)
    history.undo()
    assert document.state_hash() == first
    history.redo()
    assert document.raster("a").offset == (10, 5)


def test_commands_outside_a_gesture_are_steps_of_their_own(history: History) -> None:
    history.push(SetOpacity(("a",), 0.5))
    history.push(SetOpacity(("a",), 0.4))
    assert history.position == 2


def test_a_correction_is_part_of_the_step_it_corrects(history: History) -> None:
    history.push(SetOpacity(("a",), 0.5))
    history.push(SetOpacity(("a",), 0.4))
    history.push(SetOpacity(("a",), 0.2), joins_last=True)
    assert history.position == 2
    assert history.document.layer("a").opacity == 51 / 255
    history.undo()
    assert history.document.layer("a").opacity == 128 / 255
    history.redo()
    assert history.document.layer("a").opacity == 51 / 255


def test_only_the_step_just_made_is_corrected(history: History) -> None:
    history.push(SetOpacity(("a",), 0.4))
    history.push(SetOpacity(("b",), 0.2), joins_last=True)
    assert history.position == 2
    history.push(SetOpacity(("b",), 0.2))  # changes nothing
    history.push(SetOpacity(("b",), 0.3), joins_last=True)
    assert history.position == 3
    history.undo()
    history.push(SetOpacity(("b",), 0.6), joins_last=True)
    assert history.labels == ("Change Opacity",) * 3
    history.mark_saved()
    history.push(SetOpacity(("b",), 0.7), joins_last=True)
    assert history.position == 4
    history.undo()
    assert history.is_clean


def test_different_things_in_one_gesture_are_steps_of_their_own(history: History) -> None:
    with history.gesture():
        history.push(MoveLayers(("a",), 1, 0))
        history.push(MoveLayers(("b",), 1, 0))
        history.push(MoveLayers(("b",), 1, 0))
        history.push(SetOpacity(("b",), 0.3))
    assert history.labels == ("Move Layer", "Move Layer", "Change Opacity")


def test_a_drag_back_to_the_start_leaves_no_step(history: History) -> None:
    with history.gesture():
        history.push(MoveLayers(("a",), 5, 5))
        history.push(MoveLayers(("a",), -5, -5))
        assert not history.can_undo
        history.push(MoveLayers(("a",), 1, 1))
    assert history.position == 1
    history.undo()
    assert history.document.raster("a").offset == (0, 0)


def test_drawing_a_box_is_one_step(document: Document, history: History) -> None:
    with history.gesture():
        history.push(AddBox(LayoutBox(Rect(0, 0, 1, 1), box_id="x")))
        history.push(MoveBox("x", Rect(0, 0, 30, 30)))
    assert history.labels == ("Add Box",)
    history.undo()
    assert document.boxes == ()


def test_escape_takes_a_drag_back_and_keeps_redo(document: Document, history: History) -> None:
    history.push(RenameLayer("a", "x"))
    history.push(RenameLayer("a", "y"))
    history.undo()
    before = document.state_hash()
    history.begin_gesture()
    history.push(MoveLayers(("a",), 5, 5))
    history.push(SetOpacity(("a",), 0.5))
    history.cancel_gesture()
    assert document.state_hash() == before
    assert history.labels == ("Rename Layer", "Rename Layer")
    assert history.position == 1
    history.redo()
    assert document.layer("a").name == "y"


def test_an_error_in_a_gesture_takes_it_back(document: Document, history: History) -> None:
    before = document.state_hash()

    def drag() -> None:
        with history.gesture():
            history.push(MoveLayers(("a",), 5, 5))
            history.push(MoveLayers(("gone",), 5, 5))

    with pytest.raises(DocumentError):
        drag()
    assert document.state_hash() == before
    assert not history.in_gesture


def test_the_save_point(document: Document, history: History) -> None:
    assert history.is_clean
    history.push(RenameLayer("a", "x"))
    assert document.modified
    history.mark_saved()
    assert not document.modified
    history.undo()
    assert document.modified
    history.redo()
    assert not document.modified
    history.undo()
    history.push(RenameLayer("a", "z"))
    history.undo()
    assert document.modified  # the saved content cannot be reached any more


def test_changes_made_while_a_file_is_written(document: Document, history: History) -> None:
    first = history.save_point()
    history.push(RenameLayer("a", "x"))
    written = history.save_point()
    history.push(RenameLayer("a", "y"))
    history.mark_saved(written)
    assert document.modified
    history.undo()
    assert not document.modified
    history.undo()
    assert history.save_point() == first
    assert document.modified  # the file holds "x"


def test_a_file_written_during_a_drag_lets_it_go_on(document: Document, history: History) -> None:
    history.begin_gesture()
    history.push(MoveLayers(("a",), 1, 1))
    history.mark_saved(history.save_point())
    assert history.in_gesture
    history.push(MoveLayers(("a",), 1, 1))
    history.end_gesture()
    assert history.position == 1
    assert document.modified
    history.undo()
    assert document.modified


def test_a_cancelled_drag_selects_what_was_selected(document: Document, history: History) -> None:
    document.select(("a",))
    history.begin_gesture()
    history.push(AddLayer(noise_layer(4, 4, 9, layer_id="new")))
    assert document.selected_ids == ("new",)
    history.cancel_gesture()
    assert document.selected_ids == ("a",)


def test_recovered_content_is_modified_until_it_is_saved(
    document: Document, history: History
) -> None:
    history.mark_unsaved()
    assert document.modified
    history.push(RenameLayer("a", "new"))
    history.undo()
    assert document.modified
    history.mark_saved()
    assert not document.modified


def test_joining_a_saved_step_is_a_change(document: Document, history: History) -> None:
    with history.gesture():
        history.push(MoveLayers(("a",), 1, 1))
        history.mark_saved()
        history.push(MoveLayers(("a",), 1, 1))
    assert document.modified
    history.undo()
    assert not document.modified


@pytest.mark.parametrize(
    ("command", "kinds", "dirty"),
    [
        (MoveLayers(("a",), 5, 0), ChangeKind.LAYER_PLACE, Rect(0, 0, 15, 10)),
        (SetOpacity(("b",), 0.5), ChangeKind.LAYER_LOOK, Rect(50, 50, 60, 60)),
        (RenameLayer("a", "x"), ChangeKind.LAYER_INFO, EMPTY),
        (RemoveLayers(("a", "b")), ChangeKind.LAYERS_REMOVED, Rect(0, 0, 60, 60)),
        (
            AddLayer(flat_layer((0, 0, 0, 9), offset=(90, -1))),
            ChangeKind.LAYERS_ADDED,
            Rect(90, -1, 94, 3),
        ),
        (AddLayer(GroupLayer()), ChangeKind.LAYERS_ADDED, EMPTY),
        (ResizeCanvas(40, 120), ChangeKind.CANVAS_SIZE, Rect(0, 0, 100, 120)),
        (AddBox(LayoutBox(Rect(0, 0, 9, 9))), ChangeKind.LAYOUT, EMPTY),
    ],
)
def test_changes_say_what_and_where(
    history: History, changes: list[Change], command: object, kinds: ChangeKind, dirty: Rect
) -> None:
    history.push(command)  # type: ignore[arg-type]
    change = changes[0]
    assert change.kinds == kinds
    assert change.dirty == dirty
    changes.clear()
    history.undo()
    assert changes[0].dirty == dirty


def test_hidden_layers_make_nothing_dirty(history: History, changes: list[Change]) -> None:
    history.push(SetVisible(("a",), False))
    changes.clear()
    history.push(MoveLayers(("a",), 5, 5))
    assert changes[0].kinds == ChangeKind.LAYER_PLACE
    assert changes[0].dirty == EMPTY


def test_before_and_after(document: Document, history: History) -> None:
    seen = []
    document.changing.connect(lambda _: seen.append(document.layer("a").name))
    document.changed.connect(lambda _: seen.append(document.layer("a").name))
    history.push(RenameLayer("a", "x"))
    assert seen[:2] == ["a", "x"]


def test_a_failing_listener_does_not_lose_the_step(document: Document, history: History) -> None:
    def fail(_: Change) -> None:
        raise RuntimeError("no")

    disconnect = document.changed.connect(fail)
    with pytest.raises(RuntimeError):
        history.push(RenameLayer("a", "x"))
    disconnect()
    assert document.layer("a").name == "x"
    history.undo()
    assert document.layer("a").name == "a"


def test_a_listener_that_refuses_beforehand_stops_the_change(
    document: Document, history: History
) -> None:
    def refuse(change: Change) -> None:
        raise RuntimeError("no")

    document.changing.connect(refuse)
    with pytest.raises(RuntimeError):
        history.push(RenameLayer("a", "x"))
    assert document.layer("a").name == "a"
    assert not history.can_undo


def test_listeners_cannot_push(document: Document, history: History) -> None:
    errors = []

    def push(_: Change) -> None:
        try:
            history.push(RenameLayer("b", "y"))
        except DocumentError as error:
            errors.append(error.message)

    document.changed.connect(push)
    history.push(RenameLayer("a", "x"))
    assert errors[0].startswith("The document was changed while")
    assert history.position == 1


def test_selecting_is_free_and_announced(
    document: Document, history: History, changes: list[Change]
) -> None:
    document.select(["a", "b", "a"])
    assert list(document.selected_ids) == ["a", "b"]
    assert document.active_id == "b"
    document.select(["a", "b"])
    assert [change.kinds for change in changes] == [ChangeKind.SELECTION]
    assert not history.can_undo
    with pytest.raises(DocumentError):
        document.select(["gone"])
    history.push(RemoveLayers(("b",)))
    assert list(document.selected_ids) == ["a"]


def test_selecting_boxes_and_layers_excludes_each_other(
    document: Document, history: History
) -> None:
    history.push(AddBox(LayoutBox(Rect(0, 0, 9, 9), box_id="x")))
    document.select(["a"])
    document.select_boxes(["x"])
    assert list(document.selected_ids) == []
    assert list(document.selected_box_ids) == ["x"]
    history.undo()
    assert list(document.selected_box_ids) == []


def test_forgetting_all_steps_keeps_the_modified_mark(document: Document, history: History) -> None:
    history.push(RenameLayer("a", "x"))
    history.clear()
    assert not history.can_undo
    assert document.modified
