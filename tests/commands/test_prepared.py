"""A prepared command gives the computed state, and computes again for another one."""

from __future__ import annotations

import pytest

from editor.commands.canvas_commands import ChangeImageSize, TurnCanvas
from editor.commands.history import History
from editor.commands.merge_commands import MergeVisible
from editor.commands.prepared import prepare
from editor.commands.property_commands import RenameLayer
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.turning import Turn
from tests.document.scenes import noise_layer


@pytest.fixture
def history() -> History:
    return History(Document(40, 30, (noise_layer(40, 30, 1, layer_id="a"),)))


def test_the_computed_state_is_taken(history: History) -> None:
    merge = MergeVisible()
    prepared = prepare(merge, history.document.snapshot())
    history.push(prepared)
    assert history.document.snapshot() is prepared.after
    assert history.undo_label == merge.label
    assert history.steps()[0].icon == merge.icon
    assert history.document.selected_ids == (merge.new_id,)


def test_another_state_is_not_overwritten(history: History) -> None:
    prepared = prepare(TurnCanvas(Turn.CLOCKWISE), history.document.snapshot())
    history.push(RenameLayer("a", "new name"))
    history.push(prepared)
    assert history.document.layer("a").name == "new name"
    assert (history.document.width, history.document.height) == (30, 40)


def test_refusals_come_from_preparing(history: History) -> None:
    with pytest.raises(DocumentError):
        prepare(ChangeImageSize(0, 5), history.document.snapshot())
