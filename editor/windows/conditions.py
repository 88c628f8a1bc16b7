"""What holds in the window now, which decides what actions are enabled."""

from __future__ import annotations

from editor.actions.table import Condition
from editor.commands.history import History
from editor.document.layers import GroupLayer, RasterLayer


def what_holds(history: History, *, busy: bool, copied_settings: bool) -> Condition:
    """All conditions that the document, its history and the engine meet.

    Args:
        busy: Whether the engine has a job.
        copied_settings: Whether generation settings were copied that could be pasted.
    """
    document = history.document
    selected = [document.layer(i) for i in document.selected_ids if document.has_layer(i)]
    one = selected[0] if len(selected) == 1 else None
    rasters = document.raster_layers()
    facts = {
        Condition.CAN_UNDO: history.can_undo,
        Condition.CAN_REDO: history.can_redo,
        Condition.LAYERS: bool(document.layers),
        Condition.SELECTION: bool(selected),
        Condition.SELECTION_OR_BOX: bool(selected or document.selected_box_ids),
        Condition.ONE_LAYER: one is not None,
        Condition.ONE_LAYER_OR_BOX: one is not None or len(document.selected_box_ids) == 1,
        Condition.GROUP: any(isinstance(layer, GroupLayer) for layer in selected),
        Condition.MASK: any(layer.mask is not None for layer in selected),
        Condition.NO_MASK: one is not None and one.mask is None,
        Condition.SEVERAL: len(selected) > 1,
        Condition.BOXES: bool(document.boxes),
        Condition.GUIDES: bool(document.guides),
        Condition.TEXT: any(
            isinstance(layer, RasterLayer) and layer.text is not None for layer in selected
        ),
        Condition.AREA: document.selection is not None,
        Condition.ONE_UNLOCKED_LAYER: isinstance(one, RasterLayer)
        and one.text is None
        and not document.is_locked(one.layer_id),
        Condition.OUT_OF_DATE: any(layer.is_out_of_date for layer in rasters),
        Condition.GENERATED: any(layer.record for layer in rasters),
        Condition.VARIATIONS: isinstance(one, RasterLayer) and len(one.variations) > 1,
        Condition.COPIED_SETTINGS: copied_settings,
        Condition.IDLE: not busy,
        Condition.BUSY: busy,
    }
    result = Condition.ALWAYS
    for condition, holds in facts.items():
        if holds:
            result |= condition
    return result
