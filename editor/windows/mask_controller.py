"""What Layer > Layer Mask and the clipping entries do, and clicks on a mask's thumbnail."""

from __future__ import annotations

from PySide6.QtCore import QObject

from editor.commands.mask_commands import (
    AddMask,
    ApplyMasks,
    IsolateGroups,
    MaskFill,
    RemoveMasks,
    SetClipped,
    SetMaskEnabled,
)
from editor.document.blending import BlendMode
from editor.document.layers import GroupLayer, Layer
from editor.edit_session import EditSession


class MaskController(QObject):
    """Handlers of the actions whose name begins with "masks."."""

    def __init__(self, session: EditSession, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session

    @property
    def _selected(self) -> tuple[Layer, ...]:
        document = self._session.document
        return tuple(document.layer(layer_id) for layer_id in document.selected_ids)

    @property
    def _selected_masked(self) -> tuple[str, ...]:
        return tuple(layer.layer_id for layer in self._selected if layer.mask is not None)

    def add(self, fill: str) -> None:
        """Give the active layer a mask and paint on it from now on; `fill` is a MaskFill."""
        document = self._session.document
        if document.active_id is not None and self._session.push(
            AddMask(document.active_id, MaskFill(fill))
        ):
            document.edit_mask(True)

    def delete(self) -> None:
        self._session.push(RemoveMasks(self._selected_masked))

    def apply(self) -> None:
        self._session.push(ApplyMasks(self._selected_masked))

    def toggle_enabled(self) -> None:
        """Switch the masks of the selected layers off, or on when all are off."""
        masks = [layer.mask for layer in self._selected if layer.mask is not None]
        enabled = not any(mask.enabled for mask in masks)
        self._session.push(SetMaskEnabled(self._selected_masked, enabled))

    def toggle_editing(self) -> None:
        """Paint on the mask of the active layer, or on its pixels again."""
        document = self._session.document
        document.edit_mask(not document.editing_mask)

    def toggle_clipped(self) -> None:
        """Clip the selected layers to the one below, or release them when all are clipped."""
        clipped = not all(layer.clipped for layer in self._selected)
        self._session.push(SetClipped(self._session.document.selected_ids, clipped))

    def toggle_isolated(self) -> None:
        """Isolate the selected groups, or let them pass through when none does."""
        groups = [layer for layer in self._selected if isinstance(layer, GroupLayer)]
        isolated = any(group.blend_mode is BlendMode.PASS_THROUGH for group in groups)
        self._session.push(IsolateGroups(tuple(group.layer_id for group in groups), isolated))
