"""What a screen reader is told about the canvas: a painted widget says nothing by itself."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from editor.document.document import Document
from editor.document.layers import Layer

CANVAS_NAME = "Canvas"
MAX_NAMES = 3


def describe_document(document: Document) -> str:
    """One or two sentences: size, number of layers, what is selected and where."""
    count = len(document.raster_layers())
    layers = "no layers" if not count else "1 layer" if count == 1 else f"{count} layers"
    text = f"Page of {document.width} by {document.height} pixels with {layers}."
    if document.boxes:
        boxes = len(document.boxes)
        text += f" Layout of {boxes} {'box' if boxes == 1 else 'boxes'}."
    selected = describe_selection(document)
    return f"{text} {selected}" if selected else text


def describe_selection(document: Document) -> str:
    """A sentence on the selected layers or boxes; empty when nothing is selected."""
    if document.selected_ids:
        layers = [document.layer(layer_id) for layer_id in document.selected_ids]
        if len(layers) == 1:
            return f"Selected: {_with_place(layers[0])}."
        names = ", ".join(layer.name or "unnamed" for layer in layers[:MAX_NAMES])
        more = f" and {len(layers) - MAX_NAMES} more" if len(layers) > MAX_NAMES else ""
        return f"Selected: {names}{more}."
    if document.selected_box_ids:
        box = document.box(document.selected_box_ids[-1])
        number = [b.box_id for b in document.boxes].index(box.box_id) + 1
        return f"Selected: box {number} {box.prompt or box.name}".strip() + "."
    return ""


def _with_place(layer: Layer) -> str:
    box = layer.bounds
    state = (", locked" if layer.locked else "") + ("" if layer.visible else ", hidden")
    return (
        f"{layer.name or 'unnamed'}, {box.width} by {box.height} pixels "
        f"at {box.x0}, {box.y0}{state}"
    )


def announce(widget: QWidget, text: str) -> None:
    """Have a screen reader say a sentence; nothing happens when none is running."""
    if text and QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
