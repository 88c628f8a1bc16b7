"""What a screen reader is told about the canvas: a painted widget says nothing by itself."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from editor.document.document import Document
from editor.document.layers import Layer
from editor.translations import mark, tr, tr_count

CANVAS_NAME = mark("Canvas")
MAX_NAMES = 3


def describe_document(document: Document) -> str:
    """One or two sentences: size, number of layers, what is selected and where."""
    count = len(document.raster_layers())
    layers = tr_count("{count} layer", "{count} layers", count) if count else tr("no layers")
    sentences = [
        tr(
            "Page of {width} by {height} pixels with {layers}.",
            width=document.width,
            height=document.height,
            layers=layers,
        )
    ]
    if document.boxes:
        boxes = len(document.boxes)
        sentences.append(tr_count("Layout of {count} box.", "Layout of {count} boxes.", boxes))
    sentences.append(describe_selection(document))
    return " ".join(sentence for sentence in sentences if sentence)


def describe_selection(document: Document) -> str:
    """A sentence on the selected layers or boxes; empty when nothing is selected."""
    if document.selected_ids:
        layers = [document.layer(layer_id) for layer_id in document.selected_ids]
        if len(layers) == 1:
            return tr("Selected: {names}.", names=_with_place(layers[0]))
        names = ", ".join(layer.name or tr("unnamed") for layer in layers[:MAX_NAMES])
        more = len(layers) - MAX_NAMES
        if more > 0:
            return tr("Selected: {names} and {count} more.", names=names, count=more)
        return tr("Selected: {names}.", names=names)
    if document.selected_box_ids:
        box = document.box(document.selected_box_ids[-1])
        number = [b.box_id for b in document.boxes].index(box.box_id) + 1
        text = tr("Selected: box {number} {prompt}", number=number, prompt=box.prompt or box.name)
        return text.strip() + "."
    return ""


def _with_place(layer: Layer) -> str:
    box = layer.bounds
    place = tr(
        "{name}, {width} by {height} pixels at {x}, {y}",
        name=layer.name or tr("unnamed"),
        width=box.width,
        height=box.height,
        x=box.x0,
        y=box.y0,
    )
    states = (tr("locked") if layer.locked else "", "" if layer.visible else tr("hidden"))
    return ", ".join(part for part in (place, *states) if part)


def announce(widget: QWidget, text: str) -> None:
    """Have a screen reader say a sentence; nothing happens when none is running."""
    if text and QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
