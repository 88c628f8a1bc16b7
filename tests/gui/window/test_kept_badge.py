"""Layers that hold more than pixels wear a badge, and their tool tip says what it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from editor.document.kept import KeptFeature, KeptLayer
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer
from editor.edit_session import EditSession
from editor.formats.psd import read_psd
from editor.panels.kept_badge import kept_names, paint_badge
from editor.panels.layer_model import LayerModel
from editor.theme import Theme
from tests.formats.test_psd_import import foreign, invert


def test_the_tool_tip_says_what_is_kept(tmp_path: Path) -> None:
    session = EditSession(read_psd(foreign(tmp_path / "a.psd", invert)))
    model = LayerModel(session)
    tips = {
        model.index_of(layer.layer_id).data(Qt.ItemDataRole.DisplayRole): model.index_of(
            layer.layer_id
        ).data(Qt.ItemDataRole.ToolTipRole)
        for layer in session.document.all_layers()
    }
    assert tips["above"] == "above\nAdjustment: not shown here, but kept for PSD."
    assert tips["below"] == "below"
    layer = next(layer for layer in session.document.all_layers() if layer.name == "above")
    spoken = model.index_of(layer.layer_id).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "above, locked, Adjustment"


def _drawn(features: tuple[KeptFeature, ...], theme: Theme) -> QImage:
    layer = RasterLayer(
        pixels=PixelBuffer.transparent(1, 1), kept=KeptLayer("file", 0, features=features)
    )
    image = QImage(60, 60, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint_badge(painter, QRectF(4, 4, 40, 40), layer, theme)
    painter.end()
    return image


def test_the_badge_differs_for_what_is_not_shown(theme: Theme) -> None:
    shown = _drawn((KeptFeature.TEXT,), theme)
    missing = _drawn((KeptFeature.TEXT, KeptFeature.EFFECTS), theme)
    empty = _drawn((), theme)
    assert not np.frombuffer(empty.constBits(), np.uint8).any()
    assert shown != empty
    assert shown != missing


def test_every_feature_has_its_words() -> None:
    for feature in KeptFeature:
        layer = RasterLayer(
            pixels=PixelBuffer.transparent(1, 1), kept=KeptLayer("file", 0, features=(feature,))
        )
        assert kept_names(layer)
    assert kept_names(RasterLayer(pixels=PixelBuffer.transparent(1, 1))) == ""
