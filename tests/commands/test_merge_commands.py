"""Merging what is visible, a group, the whole image: the picture stays."""

from __future__ import annotations

import numpy as np
import pytest

from editor.commands.history import History
from editor.commands.layer_commands import RemoveLayers
from editor.commands.merge_commands import FlattenImage, MergeGroup, MergeVisible
from editor.commands.property_commands import SetLocked
from editor.document.blending import BlendMode
from editor.document.compositor import flatten
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.layers import GroupLayer
from tests.document.scenes import noise_layer, noise_mask


@pytest.fixture
def document() -> Document:
    group = GroupLayer(
        name="group",
        layer_id="g",
        opacity=0.6,
        blend_mode=BlendMode.NORMAL,
        mask=noise_mask(40, 40, 3),
        children=(
            noise_layer(30, 20, 2, layer_id="b", offset=(5, 5)),
            noise_layer(20, 20, 3, layer_id="c", visible=False),
            noise_layer(25, 25, 4, layer_id="d", blend_mode=BlendMode.MULTIPLY, clipped=True),
        ),
    )
    return Document(
        48,
        48,
        (
            noise_layer(60, 48, 1, layer_id="a", opaque=True, offset=(-6, 0), name="low"),
            noise_layer(9, 9, 5, layer_id="h", visible=False),
            group,
            noise_layer(20, 20, 6, layer_id="e", offset=(20, 20), blend_mode=BlendMode.SCREEN),
        ),
    )


@pytest.fixture
def history(document: Document) -> History:
    return History(document)


def close(document: Document, before: object) -> bool:
    return bool(np.abs(flatten(document).astype(int) - before).max() <= 1)


def test_merge_visible(document: Document, history: History) -> None:
    before, first = flatten(document), document.state_hash()
    command = MergeVisible()
    history.push(command)
    assert close(document, before)
    names = [(layer.layer_id, layer.visible) for layer in document.all_layers()]
    assert names == [
        (command.new_id, True),
        ("h", False),
        ("g", True),
        ("c", False),
        ("d", True),  # clipped to the hidden one
    ]
    assert document.selected_ids == (command.new_id,)
    assert document.raster(command.new_id).bounds.width == 60  # beyond the canvas too
    history.undo()
    assert document.state_hash() == first


def test_what_is_clipped_to_a_hidden_layer_stays() -> None:
    layers = (
        noise_layer(48, 48, 1, layer_id="a"),
        noise_layer(20, 20, 2, layer_id="base", visible=False),
        noise_layer(20, 20, 3, layer_id="on it", clipped=True),
    )
    history = History(Document(48, 48, layers))
    command = MergeVisible()
    history.push(command)
    ids = [layer.layer_id for layer in history.document.all_layers()]
    assert ids == [command.new_id, "base", "on it"]
    history.undo()
    history.push(RemoveLayers(("a",)))
    with pytest.raises(DocumentError, match="No layer is visible"):
        history.push(MergeVisible())


def test_merge_group(document: Document, history: History) -> None:
    before, first = flatten(document), document.state_hash()
    document.select(("g",))
    history.push(MergeGroup("g"))
    assert close(document, before)
    merged = document.raster("g")
    assert (merged.name, merged.opacity_level) == ("group", 153)
    assert merged.mask is not None
    assert [layer.layer_id for layer in document.layers] == ["a", "h", "g", "e"]
    assert document.selected_ids == ("g",)
    history.undo()
    assert document.state_hash() == first
    history.redo()
    assert document.raster("g").pixels == merged.pixels


def test_a_group_in_a_group(history: History, document: Document) -> None:
    inner = GroupLayer(layer_id="i", children=(noise_layer(5, 5, 1),))
    nested = Document(9, 9, (GroupLayer(children=(inner,)),))
    before = flatten(nested)
    History(nested).push(MergeGroup("i"))
    assert nested.raster("i").blend_mode is BlendMode.NORMAL
    assert close(nested, before)


def test_flatten_image(document: Document, history: History) -> None:
    before = flatten(document)
    history.push(FlattenImage())
    assert len(document.layers) == 1
    layer = document.raster_layers()[0]
    assert layer.bounds == document.canvas
    assert np.array_equal(layer.pixels.array, before)


def test_refusals(document: Document, history: History) -> None:
    with pytest.raises(DocumentError, match="not a group"):
        history.push(MergeGroup("a"))
    hidden = GroupLayer(layer_id="g", children=(noise_layer(5, 5, 1, visible=False),))
    other = History(Document(9, 9, (hidden,)))
    for merge in (MergeGroup("g"), MergeVisible()):
        with pytest.raises(DocumentError, match="visible"):
            other.push(merge)
    with pytest.raises(DocumentError, match="no layers"):
        History(Document(9, 9)).push(FlattenImage())
    history.push(SetLocked(("b",), True))
    for command in (MergeGroup("g"), MergeVisible(), FlattenImage()):
        with pytest.raises(DocumentError, match="locked"):
            history.push(command)
