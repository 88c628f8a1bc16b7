"""Drawing, moving and naming the boxes of the layout; canvas size and document seed.

`SetLayoutBoxes`, `ResizeCanvas` and `SetSeed` have no action in the window; they are for scripts.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

from editor.commands.command import Command
from editor.commands.variation_commands import wishing
from editor.document import tree
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.layout import LayoutBox, check_boxes
from editor.document.state import DocumentState
from editor.document.wishes import LayerWish
from editor.translations import tr


@dataclass(frozen=True)
class SetLayoutBoxes(Command):
    """Replace the whole layout, boxes bottom to top."""

    boxes: tuple[LayoutBox, ...]

    @property
    def label(self) -> str:
        return tr("Change Layout")

    @property
    def icon(self) -> str:
        return "layout-box"

    def apply(self, state: DocumentState) -> DocumentState:
        return _with_boxes(state, self.boxes)


@dataclass(frozen=True)
class AddBox(Command):
    """Add a box on top of the layout."""

    box: LayoutBox

    @property
    def label(self) -> str:
        return tr("Add Box")

    @property
    def icon(self) -> str:
        return "layout-box"

    @property
    def merge_key(self) -> Hashable:
        return (MoveBox, self.box.box_id)  # drawing a box and pulling its corner is one step

    def apply(self, state: DocumentState) -> DocumentState:
        return _with_boxes(state, (*state.boxes, self.box))


@dataclass(frozen=True)
class MoveBox(Command):
    """Give a box another rectangle, in document pixels; merges within a gesture."""

    box_id: str
    rect: Rect

    @property
    def label(self) -> str:
        return tr("Move Box")

    @property
    def icon(self) -> str:
        return "layout-box"

    @property
    def merge_key(self) -> Hashable:
        return (MoveBox, self.box_id)

    def apply(self, state: DocumentState) -> DocumentState:
        changed = _changed(state, replace(state.box(self.box_id), rect=self.rect))
        return _wished(changed, self.box_id, LayerWish(box=self.rect.as_tuple()))


@dataclass(frozen=True)
class RenameBox(Command):
    """Give a box another name and prompt; None = keep."""

    box_id: str
    name: str | None = None
    prompt: str | None = None

    @property
    def label(self) -> str:
        return tr("Rename Box") if self.prompt is None else tr("Change Prompt of Box")

    @property
    def icon(self) -> str:
        return "layout-box"

    @property
    def merge_key(self) -> Hashable:
        return (RenameBox, self.box_id)

    def apply(self, state: DocumentState) -> DocumentState:
        box = state.box(self.box_id)
        name = box.name if self.name is None else self.name
        prompt = box.prompt if self.prompt is None else self.prompt
        changed = _changed(state, replace(box, name=name, prompt=prompt))
        if prompt == box.prompt:
            return changed
        return _wished(changed, self.box_id, LayerWish(prompt=prompt))


@dataclass(frozen=True)
class ReorderBox(Command):
    """Put a box at another height: 0 = lowest."""

    box_id: str
    index: int

    @property
    def label(self) -> str:
        return tr("Reorder Box")

    @property
    def icon(self) -> str:
        return "layout-box"

    def apply(self, state: DocumentState) -> DocumentState:
        box = state.box(self.box_id)
        others = [other for other in state.boxes if other.box_id != self.box_id]
        others.insert(min(max(0, self.index), len(others)), box)
        return _with_boxes(state, tuple(others))


@dataclass(frozen=True)
class RemoveBoxes(Command):
    """Take boxes out of the layout."""

    box_ids: tuple[str, ...]

    @property
    def label(self) -> str:
        return tr("Delete Box") if len(self.box_ids) == 1 else tr("Delete Boxes")

    @property
    def icon(self) -> str:
        return "layout-box"

    def apply(self, state: DocumentState) -> DocumentState:
        for box_id in self.box_ids:
            state.box(box_id)
        kept = tuple(box for box in state.boxes if box.box_id not in self.box_ids)
        return _with_boxes(state, kept)


@dataclass(frozen=True)
class ResizeCanvas(Command):
    """Another canvas size in pixels; layers stay where they are, boxes are cut to fit."""

    width: int
    height: int

    @property
    def label(self) -> str:
        return tr("Canvas Size")

    def apply(self, state: DocumentState) -> DocumentState:
        canvas = Rect(0, 0, self.width, self.height)
        cut = (replace(box, rect=box.rect.intersection(canvas)) for box in state.boxes)
        boxes = tuple(box for box in cut if not box.rect.is_empty)
        return replace(state, width=self.width, height=self.height, boxes=boxes)


@dataclass(frozen=True)
class SetSeed(Command):
    """Another document seed, 0 to 2^63 - 1; merges within a gesture."""

    seed: int

    @property
    def label(self) -> str:
        return tr("Change Seed")

    @property
    def icon(self) -> str:
        return "dice"

    @property
    def merge_key(self) -> Hashable:
        return SetSeed

    def apply(self, state: DocumentState) -> DocumentState:
        if not 0 <= self.seed < 2**63:
            raise DocumentError(tr("The seed must be a whole number from 0 to 2^63 - 1."))
        return replace(state, seed=self.seed)


def _wished(state: DocumentState, box_id: str, wish: LayerWish) -> DocumentState:
    """The layer that was made in a box is out of date when the box says something else.

    A layer keeps the id of its box. Locked layers stay as they are, and so do their wishes.
    """
    layer = state.layer(box_id) if state.has_layer(box_id) else None
    if not isinstance(layer, RasterLayer) or layer.record is None or state.is_locked(box_id):
        return state
    return replace(state, layers=tree.replace_layers(state.layers, {box_id: wishing(layer, wish)}))


def _changed(state: DocumentState, box: LayoutBox) -> DocumentState:
    boxes = tuple(box if old.box_id == box.box_id else old for old in state.boxes)
    return _with_boxes(state, boxes)


def _with_boxes(state: DocumentState, boxes: tuple[LayoutBox, ...]) -> DocumentState:
    check_boxes(boxes, state.width, state.height)
    return replace(state, boxes=boxes)
