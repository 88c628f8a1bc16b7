"""What the Edit and Layer menus do: each method is one command on the selection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject

from editor.commands.group_commands import GroupLayers, UngroupLayers
from editor.commands.layer_commands import (
    AddLayer,
    DuplicateLayers,
    RemoveLayers,
    ReorderLayers,
    empty_layer,
)
from editor.commands.layout_commands import RemoveBoxes, ReorderBox
from editor.commands.pixel_commands import MergeDown
from editor.commands.property_commands import SetColorTag, SetLocked, SetVisible
from editor.commands.selection_commands import DeleteSelectedPixels, LayerFromSelection
from editor.document.clipping import place_above
from editor.document.color_tags import ColorTag
from editor.document.document import Document
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.edit_session import EditSession
from editor.translations import tr


class LayerController(QObject):
    """Handlers of the actions whose name begins with "layers."."""

    def __init__(
        self, session: EditSession, rename_active: Callable[[], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._rename_active = rename_active

    @property
    def _document(self) -> Document:
        return self._session.document

    @property
    def _selected(self) -> tuple[Layer, ...]:
        return tuple(self._document.layer(i) for i in self._document.selected_ids)

    def undo(self) -> None:
        self._session.undo()

    def redo(self) -> None:
        self._session.redo()

    def delete(self) -> None:
        """Delete the selected boxes, the selected pixels of one layer, or the selected layers."""
        document = self._document
        if document.selected_box_ids:
            self._session.push(RemoveBoxes(document.selected_box_ids))
        elif (layer_id := self._layer_under_selection()) is not None:
            self._session.push(DeleteSelectedPixels(layer_id))
        elif document.selected_ids:
            self._session.push(RemoveLayers(document.selected_ids))

    def select_all(self) -> None:
        self._document.select(layer.layer_id for layer in self._document.layers)

    def deselect(self) -> None:
        self._document.select(())

    def add(self) -> None:
        """An empty layer of the canvas's size above the active one."""
        parent_id, index, clipped = self._place_above_active()
        layer = empty_layer(self._document.snapshot())
        self._session.push(AddLayer(replace(layer, clipped=clipped), parent_id, index))

    def duplicate(self) -> None:
        """Copy the selected layers; of one layer the selected pixels alone, when there are any."""
        layer_id = self._layer_under_selection()
        if layer_id is not None:
            self._session.push(LayerFromSelection(layer_id))
        else:
            self._session.push(DuplicateLayers(self._document.selected_ids))

    def rename(self) -> None:
        self._rename_active()

    def group(self) -> None:
        self._session.push(GroupLayers(self._document.selected_ids, tr("Group")))

    def ungroup(self) -> None:
        groups = [layer for layer in self._selected if isinstance(layer, GroupLayer)]
        freed = [child.layer_id for group in groups for child in group.children]
        ids = tuple(group.layer_id for group in groups)
        self._session.push(UngroupLayers(ids, tuple(freed)))

    def merge_down(self) -> None:
        if self._document.active_id is not None:
            self._session.push(MergeDown(self._document.active_id))

    def bring_forward(self) -> None:
        self._shift(2)

    def send_backward(self) -> None:
        self._shift(-1)

    def toggle_visible(self) -> None:
        """Hide all selected layers, or show them when all are hidden."""
        shown = any(layer.visible for layer in self._selected)
        self._session.push(SetVisible(self._document.selected_ids, not shown))

    def toggle_locked(self) -> None:
        """Lock all selected layers, or unlock them when all are locked."""
        locked = all(layer.locked for layer in self._selected)
        self._session.push(SetLocked(self._document.selected_ids, not locked))

    def tag(self, color: str) -> None:
        """Mark the selected layers with a colour, given by the value of its `ColorTag`."""
        self._session.push(SetColorTag(self._document.selected_ids, ColorTag(color)))

    def clear_boxes(self) -> None:
        """Empty the layout."""
        boxes = tuple(box.box_id for box in self._document.boxes)
        if boxes:
            self._session.push(RemoveBoxes(boxes))

    def _layer_under_selection(self) -> str | None:
        """The one selected layer with pixels, when a part of the canvas is selected."""
        document = self._document
        if document.selection is None or len(document.selected_ids) != 1:
            return None
        layer_id = document.selected_ids[0]
        return layer_id if isinstance(document.layer(layer_id), RasterLayer) else None

    def _shift(self, by: int) -> None:
        """Layers count their place before they are taken out, so one up is 2."""
        document = self._document
        if len(document.selected_box_ids) == 1:
            box_id = document.selected_box_ids[0]
            place = [box.box_id for box in document.boxes].index(box_id)
            self._session.push(ReorderBox(box_id, place + (1 if by > 0 else -1)))
            return
        layer_id = self._document.active_id
        if layer_id is None:
            return
        siblings = document.snapshot().siblings(layer_id)
        index = [layer.layer_id for layer in siblings].index(layer_id) + by
        if 0 <= index <= len(siblings):
            self._session.push(ReorderLayers((layer_id,), document.parent_id(layer_id), index))

    def _place_above_active(self) -> tuple[str | None, int | None, bool]:
        document, layer_id = self._document, self._document.active_id
        if layer_id is None:
            return None, None, False
        siblings = document.snapshot().siblings(layer_id)
        return document.parent_id(layer_id), *place_above(siblings, layer_id)
