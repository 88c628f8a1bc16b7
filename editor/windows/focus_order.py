"""The order in which Tab goes through the window: as it is read, region by region."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLayout,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

# Their inner parts are theirs: Tab meets them as one.
_WHOLE = (QAbstractItemView, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit)


def in_reading_order(root: QWidget) -> Iterator[QWidget]:
    """What takes Tab inside a widget, itself first, in the order of the layouts.

    Qt goes by the order of creation, which follows the code and not what one sees. Hidden widgets
    have their place too, for the time when they are shown.
    """
    if root.focusPolicy() & Qt.FocusPolicy.TabFocus:
        yield root
    if not isinstance(root, _WHOLE):
        for child in _parts(root):
            yield from in_reading_order(child)


def set_focus_order(regions: Iterable[QWidget]) -> None:
    """Make Tab go through the regions one after the other."""
    chain = [widget for region in regions for widget in in_reading_order(region)]
    for first, second in pairwise(chain):
        QWidget.setTabOrder(first, second)


def _parts(root: QWidget) -> Iterator[QWidget]:
    """The widgets right inside one: those of its layout, then those that it places by itself."""
    laid_out = list(_in_layout(root.layout()))
    yield from laid_out
    for child in root.children():
        if isinstance(child, QWidget) and not child.isWindow() and child not in laid_out:
            yield child


def _in_layout(layout: QLayout | None) -> Iterator[QWidget]:
    for place in range(layout.count() if layout is not None else 0):
        item = layout.itemAt(place) if layout is not None else None
        if item is None:
            continue
        widget = item.widget()
        if widget is not None:
            yield widget
        else:
            yield from _in_layout(item.layout())
