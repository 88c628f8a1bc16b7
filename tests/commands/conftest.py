"""A small document and its undo steps."""

from __future__ import annotations

import pytest

from editor.commands.history import History
from editor.document.document import Document
from tests.document.scenes import flat_layer


@pytest.fixture
def document() -> Document:
    return Document(
        100,
        100,
        (
            flat_layer((1, 2, 3, 255), 10, 10, layer_id="a", name="a"),
            flat_layer((1, 2, 3, 255), 10, 10, layer_id="b", name="b", offset=(50, 50)),
        ),
    )


@pytest.fixture
def history(document: Document) -> History:
    return History(document)
