"""The Qt binding itself: a release that loses references would end the program after minutes."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

CALLS = 500


@pytest.mark.usefixtures("qapp")
def test_calls_that_return_nothing_keep_the_references_of_none() -> None:
    """PySide6 6.12.0 took one reference of None per call on Python 3.11; at zero Python aborts."""
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    rect, color = QRect(0, 0, 4, 4), QColor("red")
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        painter.fillRect(rect, color)
    lost = before - sys.getrefcount(None)
    painter.end()
    assert lost < CALLS / 2
