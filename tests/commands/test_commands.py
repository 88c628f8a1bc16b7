"""What each command does, what it refuses, and that undo takes it back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from editor.commands.command import Command
from editor.commands.generation_commands import InsertGeneratedLayers
from editor.commands.group_commands import GroupLayers, UngroupLayers
from editor.commands.history import History
from editor.commands.layer_commands import (
    AddLayer,
    DuplicateLayers,
    MergeCommands,
    RemoveLayers,
    ReorderLayers,
)
from editor.commands.layout_commands import (
    AddBox,
    MoveBox,
    RemoveBoxes,
    RenameBox,
    ResizeCanvas,
    SetLayoutBoxes,
    SetSeed,
)
from editor.commands.pixel_commands import MergeDown, ReplaceLayerContent
from editor.commands.property_commands import (
    RenameLayer,
    SetBlendMode,
    SetColorTag,
    SetExpanded,
    SetLocked,
    SetOpacity,
    SetVisible,
)
from editor.commands.transform_commands import MoveLayers, ScaleLayer
from editor.document.blending import BlendMode
from editor.document.color_tags import ColorTag
from editor.document.compositor import flatten
from editor.document.document import Document
from editor.document.errors import DocumentError, LayoutError
from editor.document.geometry import Rect
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.layout import LayoutBox
from editor.document.pixels import PixelBuffer
from editor.document.recipe import GenerationRecord
from tests.document.scenes import flat_layer, noise_layer


@pytest.fixture
def document() -> Document:
    """Bottom to top: back, group(low, high), top."""
    group = GroupLayer(
        layer_id="group",
        name="group",
        children=(
            noise_layer(8, 8, 2, layer_id="low", name="low", offset=(2, 2)),
            noise_layer(9, 4, 3, layer_id="high", name="high", offset=(10, 3)),
        ),
    )
    back = noise_layer(20, 20, 1, layer_id="back", name="back", opaque=True)
    top = noise_layer(6, 6, 4, layer_id="top", name="top", offset=(-3, 15))
    return Document(20, 20, (back, group, top), (LayoutBox(Rect(0, 0, 5, 5), box_id="box"),))


@pytest.fixture
def history(document: Document) -> History:
    return History(document)


def stack(document: Document) -> str:
    """The tree as text, bottom to top, e.g. "back group(low high) top"."""

    def text(layers: tuple[Layer, ...]) -> str:
        return " ".join(
            f"{layer.name}({text(layer.children)})" if isinstance(layer, GroupLayer) else layer.name
            for layer in layers
        )

    return text(document.layers)


def done_and_undone(history: History, command: Command) -> None:
    """Push, then check that undo and redo lead to exactly the two states; ends done."""
    document = history.document
    first = document.state_hash()
    history.push(command)
    second = document.state_hash()
    assert first != second
    assert history.undo_label == command.label
    history.undo()
    assert document.state_hash() == first
    history.redo()
    assert document.state_hash() == second


def test_add_puts_layers_where_asked(document: Document, history: History) -> None:
    done_and_undone(history, AddLayer(flat_layer((0, 0, 0, 1), name="a")))
    done_and_undone(history, AddLayer(flat_layer((0, 0, 0, 1), name="b"), index=0))
    done_and_undone(history, AddLayer(flat_layer((0, 0, 0, 1), name="c"), "group", 1))
    assert stack(document) == "b back group(low c high) top a"
    assert document.active_layer is not None
    assert document.active_layer.name == "c"
    with pytest.raises(DocumentError, match="already"):
        history.push(AddLayer(document.layer("top")))
    with pytest.raises(DocumentError, match="not a group"):
        history.push(AddLayer(flat_layer((0, 0, 0, 1)), "top"))


def test_remove_takes_groups_with_their_content(document: Document, history: History) -> None:
    done_and_undone(history, RemoveLayers(("group", "low")))
    assert stack(document) == "back top"
    done_and_undone(history, RemoveLayers(("back", "top")))
    assert stack(document) == ""
    with pytest.raises(DocumentError, match="No layer is selected"):
        history.push(RemoveLayers(()))


def test_undoing_a_removal_selects_the_layers_again(document: Document, history: History) -> None:
    document.select(["top", "low"])
    history.push(RemoveLayers(("top", "low")))
    assert list(document.selected_ids) == []
    history.undo()
    assert list(document.selected_ids) == ["top", "low"]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (ReorderLayers(("top",), None, 0), "top back group(low high)"),
        (ReorderLayers(("back",), None, None), "group(low high) top back"),
        (ReorderLayers(("back",), None, 2), "group(low high) back top"),
        (ReorderLayers(("top",), "group", 1), "back group(low top high)"),
        (ReorderLayers(("low",), None, 3), "back group(high) top low"),
        (ReorderLayers(("low",), "group", 2), "back group(high low) top"),
        (ReorderLayers(("top", "back"), "group", 0), "group(back top low high)"),
        (ReorderLayers(("group", "low"), None, 0), "group(low high) back top"),
    ],
)
def test_reorder(document: Document, history: History, command: Command, expected: str) -> None:
    done_and_undone(history, command)
    assert stack(document) == expected


def test_a_group_cannot_go_into_itself(document: Document, history: History) -> None:
    inner = GroupLayer(layer_id="inner", name="inner")
    history.push(AddLayer(inner, "group"))
    for parent in ("group", "inner"):
        with pytest.raises(DocumentError, match="into itself"):
            history.push(ReorderLayers(("group",), parent, 0))


def test_reordering_to_the_same_place_leaves_no_step(history: History) -> None:
    history.push(ReorderLayers(("back",), None, 1))
    assert not history.can_undo


@pytest.mark.parametrize(
    ("copied", "expected"),
    [
        ("a", "a >b >c a copy"),
        ("b", "a >b >b copy >c"),
        ("abc", "a >b >c a copy >b copy >c copy"),
        ("ac", "a >b >c a copy >c copy"),
        ("bc", "a >b >b copy >c >c copy"),
    ],
)
def test_duplicates_keep_what_is_clipped_to_what(copied: str, expected: str) -> None:
    layers = tuple(
        flat_layer((1, 2, 3, 255), 4, 4, layer_id=name, name=name, clipped=name != "a")
        for name in "abc"
    )
    history = History(Document(8, 8, layers))
    history.push(DuplicateLayers(tuple(copied)))
    names = [(">" if x.clipped else "") + x.name for x in history.document.layers]
    assert " ".join(names) == expected


def test_duplicates_lie_above_and_share_pixels(document: Document, history: History) -> None:
    command = DuplicateLayers(("low", "group", "top"))
    done_and_undone(history, command)
    assert stack(document) == "back group(low high) group copy(low high) top top copy"
    copy = document.raster(command.copy_id("top"))
    assert copy.pixels is document.raster("top").pixels
    assert document.selected_ids == (
        command.copy_id("low"),
        command.copy_id("group"),
        command.copy_id("top"),
    )


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (("top",), "back group(low high) Group(top)"),
        (("back", "top"), "group(low high) Group(back top)"),
        (("back", "low"), "group(Group(back low) high) top"),
        (("low", "high"), "back group(Group(low high)) top"),
        (("group", "low", "back"), "Group(back group(low high)) top"),
    ],
)
def test_group(
    document: Document, history: History, members: tuple[str, ...], expected: str
) -> None:
    done_and_undone(history, GroupLayers(members))
    assert stack(document) == expected


def test_grouping_neighbours_and_ungrouping_leaves_the_picture(
    document: Document, history: History
) -> None:
    before = flatten(document)
    command = GroupLayers(("group", "top"))
    history.push(command)
    assert np.array_equal(flatten(document), before)
    done_and_undone(history, UngroupLayers((command.group_id, "group")))
    assert stack(document) == "back low high top"
    assert np.array_equal(flatten(document), before)
    with pytest.raises(DocumentError, match="not a group"):
        history.push(UngroupLayers(("top",)))


def test_properties(document: Document, history: History) -> None:
    done_and_undone(history, SetOpacity(("low", "group"), 0.5))
    assert document.layer("group").opacity_level == 128
    done_and_undone(history, SetBlendMode(("low",), BlendMode.SOFT_LIGHT))
    done_and_undone(history, SetVisible(("group", "back"), False))
    done_and_undone(history, RenameLayer("top", "天辺 🧶"))
    done_and_undone(history, SetLocked(("top",), True))
    done_and_undone(history, SetColorTag(("top", "group"), ColorTag.GREEN))  # a locked one as well
    assert document.layer("group").color_tag is ColorTag.GREEN
    assert document.layer("low").color_tag is ColorTag.NONE
    assert document.layer("top").name == "天辺 🧶"
    with pytest.raises(DocumentError, match="Only groups"):
        history.push(SetBlendMode(("low",), BlendMode.PASS_THROUGH))
    with pytest.raises(DocumentError, match="from 0 to 1"):
        history.push(SetOpacity(("low",), 1.5))


def test_opening_a_group_is_not_a_step(document: Document, history: History) -> None:
    history.push(RenameLayer("top", "x"))
    history.undo()
    history.push(SetExpanded("group", False))
    group = document.layer("group")
    assert isinstance(group, GroupLayer)
    assert not group.expanded
    assert not history.can_undo
    assert history.can_redo
    assert not document.modified


def test_move_takes_what_is_in_groups_once(document: Document, history: History) -> None:
    done_and_undone(history, MoveLayers(("group", "low"), -50, 7))
    assert document.raster("low").offset == (-48, 9)
    assert document.raster("high").offset == (-40, 10)
    assert document.raster("back").offset == (0, 0)


def test_scaling_repeatedly_loses_nothing(document: Document, history: History) -> None:
    original = document.raster("low").pixels
    for side in (1, 3, 40, 2):
        history.push(ScaleLayer("low", Rect(5, 5, 5 + side, 5 + side)))
        assert document.raster("low").bounds == Rect(5, 5, 5 + side, 5 + side)
        assert document.raster("low").source is original
    history.push(ScaleLayer("low", Rect(0, 0, 8, 8)))
    assert document.raster("low").pixels is original
    assert document.raster("low").source is None


def test_scaling_a_group_scales_what_is_in_it(document: Document, history: History) -> None:
    assert document.layer("group").bounds == Rect(2, 2, 19, 10)
    done_and_undone(history, ScaleLayer("group", Rect(0, 0, 34, 16)))
    assert document.raster("low").bounds == Rect(0, 0, 16, 16)
    assert document.raster("high").bounds == Rect(16, 2, 34, 10)
    with pytest.raises(DocumentError, match="not possible"):
        history.push(ScaleLayer("group", Rect(3, 3, 3, 9)))
    with pytest.raises(DocumentError, match="not possible"):
        history.push(ScaleLayer("low", Rect(0, 0, 40_000, 9)))
    with pytest.raises(DocumentError, match="too large; at most 134 million"):
        history.push(ScaleLayer("low", Rect(0, 0, 20_000, 20_000)))


def test_scaling_an_empty_group_changes_nothing(history: History) -> None:
    history.push(AddLayer(GroupLayer(layer_id="empty")))
    history.push(ScaleLayer("empty", Rect(0, 0, 9, 9)))
    assert history.position == 1


def test_merging_normal_layers_keeps_the_picture(document: Document, history: History) -> None:
    history.push(SetOpacity(("low",), 0.6))
    history.push(SetOpacity(("high",), 0.7))
    before = flatten(document).astype(int)
    done_and_undone(history, MergeDown("high"))
    assert stack(document) == "back group(low) top"
    merged = document.raster("low")
    assert merged.opacity == 1
    assert merged.bounds == Rect(2, 2, 19, 10)
    assert np.abs(flatten(document).astype(int) - before).max() <= 1


def test_merging_a_group_down_flattens_it(document: Document, history: History) -> None:
    before = flatten(document)
    done_and_undone(history, MergeDown("group"))
    assert stack(document) == "back top"
    assert np.array_equal(flatten(document), before)


def test_what_cannot_be_merged(history: History) -> None:
    with pytest.raises(DocumentError, match="no layer below"):
        history.push(MergeDown("back"))
    with pytest.raises(DocumentError, match="is a group"):
        history.push(MergeDown("top"))
    history.push(MoveLayers(("high",), 500_000, 500_000))
    with pytest.raises(DocumentError, match="not possible"):
        history.push(MergeDown("high"))
    history.push(SetVisible(("high",), False))
    with pytest.raises(DocumentError, match='"high" is hidden'):
        history.push(MergeDown("high"))


def test_replacing_content_changes_only_that_layer(document: Document, history: History) -> None:
    hashes = {layer.layer_id: layer.pixels.content_hash for layer in document.raster_layers()}
    record = GenerationRecord(typed_prompt="x", seed=5, box=(0, 0, 4, 4), canvas_size=(20, 20))
    history.push(ScaleLayer("high", Rect(0, 0, 30, 30)))
    history.push(SetOpacity(("high",), 0.25))
    pixels = PixelBuffer.filled(3, 5, (1, 2, 3, 4))
    done_and_undone(history, ReplaceLayerContent("high", pixels, (7, 8), record))
    layer = document.raster("high")
    assert (layer.name, layer.opacity_level, layer.offset) == ("high", 64, (7, 8))
    assert layer.record is record
    assert layer.source is None
    for other in document.raster_layers():
        same = other.pixels.content_hash == hashes[other.layer_id]
        assert same == (other.layer_id != "high")
    with pytest.raises(DocumentError, match="is a group"):
        history.push(ReplaceLayerContent("group", pixels, (0, 0)))


def test_a_generation_is_one_step_and_sizes_an_empty_document() -> None:
    document = Document(100, 100)
    history = History(document)
    layers = (noise_layer(64, 48, 1, opaque=True), noise_layer(10, 10, 2, offset=(5, 5)))
    boxes = (LayoutBox(Rect(5, 5, 15, 15)),)
    done_and_undone(history, InsertGeneratedLayers(layers, (64, 48), seed=7, boxes=boxes))
    assert (document.width, document.height, document.seed) == (64, 48, 7)
    assert document.boxes == boxes
    assert history.position == 1
    assert document.selected_ids == (layers[-1].layer_id,)
    history.undo()
    assert document.layers == ()
    assert (document.width, document.height) == (100, 100)


def test_a_generation_leaves_the_size_of_a_document_with_layers(
    document: Document, history: History
) -> None:
    new = noise_layer(64, 48, 1, name="new")
    done_and_undone(history, InsertGeneratedLayers((new,), (64, 48), replaced_ids=("top",)))
    assert stack(document) == "back group(low high) new"
    assert (document.width, document.height) == (20, 20)
    with pytest.raises(DocumentError, match="already"):
        history.push(InsertGeneratedLayers((new,)))


def test_a_replacing_generation_goes_where_the_lowest_replaced_layer_was() -> None:
    document = Document(
        20,
        20,
        [
            noise_layer(20, 20, 1, layer_id="below", name="below"),
            noise_layer(20, 20, 2, layer_id="back", name="back", opaque=True),
            flat_layer((9, 9, 9, 255), layer_id="own", name="own"),
            GroupLayer(
                layer_id="emptied", name="emptied", children=(noise_layer(5, 5, 3, layer_id="cat"),)
            ),
            GroupLayer(layer_id="empty", name="empty"),
            noise_layer(5, 5, 4, layer_id="dog", name="dog"),
        ],
    )
    history = History(document)
    new = (noise_layer(20, 20, 5, name="new back", opaque=True), noise_layer(4, 4, 6, name="new"))
    done_and_undone(history, InsertGeneratedLayers(new, replaced_ids=("back", "cat", "dog")))
    assert stack(document) == "below new back new own empty()"
    assert tuple(flatten(document)[1, 1]) == (9, 9, 9, 255)  # what was kept can be seen


def test_replacing_inside_a_kept_group_goes_below_that_group() -> None:
    group = GroupLayer(
        layer_id="group",
        name="group",
        children=(
            noise_layer(9, 9, 1, layer_id="mine", name="mine"),
            noise_layer(9, 9, 2, layer_id="old", name="old"),
        ),
    )
    document = Document(9, 9, [noise_layer(9, 9, 3, layer_id="low", name="low"), group])
    new = noise_layer(9, 9, 4, name="new")
    History(document).push(InsertGeneratedLayers((new,), replaced_ids=("old",)))
    assert stack(document) == "low new group(mine)"


def test_layout_boxes(document: Document, history: History) -> None:
    done_and_undone(history, AddBox(LayoutBox(Rect(1, 1, 9, 9), "apple", box_id="b")))
    done_and_undone(history, MoveBox("b", Rect(2, 2, 20, 20)))
    done_and_undone(history, RenameBox("b", prompt="a red apple"))
    assert document.box("b") == LayoutBox(Rect(2, 2, 20, 20), "apple", "a red apple", "b")
    done_and_undone(history, RemoveBoxes(("box",)))
    assert [box.box_id for box in document.boxes] == ["b"]
    done_and_undone(history, SetLayoutBoxes(()))
    for command in (
        AddBox(LayoutBox(Rect(1, 1, 21, 9))),
        AddBox(LayoutBox(Rect(1, 1, 1, 9))),
        SetLayoutBoxes(tuple(LayoutBox(Rect(0, 0, 1, 1)) for _ in range(51))),
    ):
        with pytest.raises(LayoutError):
            history.push(command)
    with pytest.raises(DocumentError, match="no longer"):
        history.push(MoveBox("gone", Rect(0, 0, 1, 1)))


def test_canvas_size_cuts_boxes(document: Document, history: History) -> None:
    history.push(AddBox(LayoutBox(Rect(10, 10, 20, 20), box_id="far")))
    done_and_undone(history, ResizeCanvas(3, 30))
    assert [box.rect for box in document.boxes] == [Rect(0, 0, 3, 5)]
    assert document.raster("back").pixels.size == (20, 20)
    with pytest.raises(DocumentError, match="canvas"):
        history.push(ResizeCanvas(0, 5))


def test_seed(history: History) -> None:
    done_and_undone(history, SetSeed(2**63 - 1))
    with pytest.raises(DocumentError, match="seed"):
        history.push(SetSeed(2**63))


def test_several_commands_as_one_step(document: Document, history: History) -> None:
    command = MergeCommands((RenameLayer("top", "a"), SetOpacity(("top",), 0.1)), "Tidy")
    done_and_undone(history, command)
    assert history.labels == ("Tidy",)
    before = document.state_hash()
    broken = MergeCommands((RenameLayer("top", "b"), RemoveLayers(("gone",))), "Broken")
    with pytest.raises(DocumentError):
        history.push(broken)
    assert document.state_hash() == before


LOCKED: list[Callable[[], Command]] = [
    lambda: RemoveLayers(("low",)),
    lambda: RemoveLayers(("group",)),
    lambda: MoveLayers(("top", "low"), 1, 1),
    lambda: MoveLayers(("group",), 1, 1),
    lambda: ScaleLayer("low", Rect(0, 0, 3, 3)),
    lambda: ScaleLayer("group", Rect(0, 0, 3, 3)),
    lambda: SetOpacity(("low",), 0.2),
    lambda: SetBlendMode(("low",), BlendMode.SCREEN),
    lambda: ReplaceLayerContent("low", PixelBuffer.transparent(1, 1), (0, 0)),
    lambda: MergeDown("high"),
    lambda: MergeDown("group"),
    lambda: UngroupLayers(("group",)),
    lambda: InsertGeneratedLayers((), replaced_ids=("low",)),
]


@pytest.mark.parametrize("make", LOCKED)
def test_locked_layers_refuse_edits(
    document: Document, history: History, make: Callable[[], Command]
) -> None:
    history.push(SetLocked(("low",), True))
    before = document.state_hash()
    with pytest.raises(DocumentError) as caught:
        history.push(make())
    assert caught.value.message == 'The layer "low" is locked; unlock it first.'
    assert document.state_hash() == before
    assert history.position == 1


def test_a_locked_group_locks_what_is_in_it(document: Document, history: History) -> None:
    history.push(SetLocked(("group",), True))
    with pytest.raises(DocumentError, match='"group" is locked'):
        history.push(MoveLayers(("low",), 1, 1))


def test_locked_layers_can_be_hidden_renamed_copied_and_unlocked(
    document: Document, history: History
) -> None:
    history.push(SetLocked(("low",), True))
    history.push(SetVisible(("low",), False))
    history.push(RenameLayer("low", "x"))
    command = DuplicateLayers(("low",))
    history.push(command)
    assert not document.layer(command.copy_id("low")).locked
    history.push(SetLocked(("low",), False))
    history.push(MoveLayers(("low",), 1, 1))
    assert isinstance(document.layer("low"), RasterLayer)
