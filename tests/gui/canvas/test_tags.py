"""Words that are drawn on the canvas: name tags with little room, the hint on the empty page."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QApplication

from editor.canvas.overlays import shown_tag
from editor.canvas.page import balanced_width

TAG = "2  a brown dog"
HINT = "Beschreiben Sie ein Bild oder zeichnen Sie einen Rahmen"


@pytest.fixture
def metrics(qapp: QApplication) -> QFontMetrics:
    del qapp
    return QFontMetrics(QFont())


def test_a_tag_has_its_number_alone_where_only_dots_would_follow(metrics: QFontMetrics) -> None:
    whole = metrics.horizontalAdvance(TAG)
    assert shown_tag(metrics, TAG, "2", whole) == TAG
    seen = {
        shown_tag(metrics, TAG, "2", room) for room in range(metrics.horizontalAdvance("2"), whole)
    }
    assert "2" in seen
    for text in seen - {"2"}:
        assert len(text.removeprefix("2").strip()) > 3, text
    assert shown_tag(metrics, "a brown dog", "", whole // 2).endswith("…")  # a tag without number


def test_lines_of_a_hint_are_about_as_long(metrics: QFontMetrics) -> None:
    most = round(metrics.horizontalAdvance(HINT) * 0.8)  # leaves one or two words for a line

    def lines(width: int) -> int:
        room = QRect(0, 0, width, 1000)
        used = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, HINT).height()
        return round(used / metrics.lineSpacing())

    width = balanced_width(metrics, HINT, most)
    assert lines(most) == lines(width) == 2
    assert width < 0.7 * metrics.horizontalAdvance(HINT)
    assert balanced_width(metrics, "Hello", most) == metrics.horizontalAdvance("Hello")
