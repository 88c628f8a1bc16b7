"""The badge of layers that hold more than pixels in the PSD they came from: look and words."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from editor.document.kept import KeptFeature
from editor.document.layers import Layer
from editor.theme import Theme
from editor.translations import mark, tr

_SIZE_PX = 15
_FONT_PX = 8
_TEXT = "PSD"

_NAMES = {
    KeptFeature.TEXT: mark("Text"),
    KeptFeature.SHAPE: mark("Vector shape"),
    KeptFeature.SMART_OBJECT: mark("Smart object"),
    KeptFeature.FILL: mark("Fill layer"),
    KeptFeature.ADJUSTMENT: mark("Adjustment"),
    KeptFeature.EFFECTS: mark("Layer effects"),
    KeptFeature.MASK: mark("Vector or soft mask"),
    KeptFeature.BLENDING: mark("Advanced blending"),
}
_EXPLAINED = {
    KeptFeature.TEXT: mark("Text: shown as pixels; editable text again in a PSD until painted on."),
    KeptFeature.SHAPE: mark("Vector shape: shown as pixels; a shape in a PSD until painted on."),
    KeptFeature.SMART_OBJECT: mark(
        "Smart object: shown as pixels; a smart object in a PSD until painted on."
    ),
    KeptFeature.FILL: mark("Fill layer: shown as pixels; a fill in a PSD until painted on."),
    KeptFeature.ADJUSTMENT: mark("Adjustment: not shown here, but kept for PSD."),
    KeptFeature.EFFECTS: mark("Layer effects: not shown here, but kept for PSD."),
    KeptFeature.MASK: mark("Vector or soft mask: shown as a pixel mask; kept until it is changed."),
    KeptFeature.BLENDING: mark("Advanced blending: not shown here, but kept for PSD."),
}


def kept_features(layer: Layer) -> tuple[KeptFeature, ...]:
    """What a layer has beyond pixels; empty = no badge."""
    return () if layer.kept is None else layer.kept.features


def kept_names(layer: Layer) -> str:
    """The same in a few words, for the row; empty for none."""
    return ", ".join(tr(_NAMES[feature]) for feature in kept_features(layer))


def kept_explained(layer: Layer) -> str:
    """A sentence for each, for the tool tip; empty for none."""
    return "\n".join(tr(_EXPLAINED[feature]) for feature in kept_features(layer))


def paint_badge(painter: QPainter, thumbnail: QRectF, layer: Layer, theme: Theme) -> None:
    """Over the lower right corner of a thumbnail; filled when the picture lacks something."""
    features = kept_features(layer)
    if not features:
        return
    tokens = theme.tokens
    complete = all(feature.is_drawn for feature in features)
    area = QRectF(0, 0, _SIZE_PX * 1.6, _SIZE_PX * 0.8)
    area.moveBottomRight(thumbnail.bottomRight())
    area.translate(3, 3)
    painter.save()
    painter.setPen(QColor(tokens.border_strong))
    painter.setBrush(QColor(tokens.panel if complete else tokens.accent_fill))
    painter.drawRoundedRect(area, 3, 3)
    font = painter.font()
    font.setPixelSize(_FONT_PX)
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(QColor(tokens.text if complete else tokens.on_accent))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, _TEXT)
    painter.restore()
