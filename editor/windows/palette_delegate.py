"""Paints one line of the command palette: name with the found letters, menu, shortcut."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from editor.actions.command_search import Command, Found
from editor.theme import Theme

FOUND_ROLE = Qt.ItemDataRole.UserRole + 1
ROW_HEIGHT_PX = 34
SIDE_PX = 10
GAP_PX = 14
_ALIGNED = Qt.AlignmentFlag.AlignVCenter


class PaletteDelegate(QStyledItemDelegate):
    """Two columns: the command with its menu or the reason why not, and its keys."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(
        self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(0, ROW_HEIGHT_PX)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        found = index.data(FOUND_ROLE)
        if not isinstance(found, Found):
            return
        painter.save()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        area = QRect(option.rect)
        if chosen:
            self._paint_ground(painter, area)
        area.adjust(SIDE_PX, 0, -SIDE_PX, 0)
        tokens = self._theme.tokens
        quiet = tokens.on_accent if chosen else tokens.text_muted
        small = _smaller(option.font)
        keys = found.command.keys
        painter.setFont(small)
        painter.setPen(QColor(quiet))
        painter.drawText(area, _ALIGNED | Qt.AlignmentFlag.AlignRight, keys)
        if keys:
            area.setRight(area.right() - QFontMetrics(small).horizontalAdvance(keys) - GAP_PX)
        self._paint_title(painter, area, option.font, found, chosen=chosen)
        painter.setFont(small)
        painter.setPen(QColor(quiet))
        note = _note(found.command)
        metrics = QFontMetrics(small)
        shown = metrics.elidedText(note, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, _ALIGNED, shown)
        painter.restore()

    def _paint_ground(self, painter: QPainter, area: QRect) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.tokens.accent_fill))
        painter.drawRoundedRect(area, 6, 6)

    def _paint_title(
        self, painter: QPainter, area: QRect, font: QFont, found: Found, *, chosen: bool
    ) -> None:
        """The title in pieces, found letters bold; `area` loses what it took."""
        tokens = self._theme.tokens
        usual = tokens.text if found.command.enabled else tokens.text_muted
        painter.setPen(QColor(tokens.on_accent if chosen else usual))
        bold = QFont(font)
        bold.setWeight(QFont.Weight.Bold)
        for piece, is_found in pieces(found.command.title, found.places):
            used = bold if is_found else font
            painter.setFont(used)
            painter.drawText(area, _ALIGNED, piece)
            area.setLeft(area.left() + QFontMetrics(used).horizontalAdvance(piece))
        area.setLeft(area.left() + GAP_PX)


def pieces(title: str, places: tuple[int, ...]) -> list[tuple[str, bool]]:
    """A title cut where found letters begin or end: ("Me", False), ("rg", True) ..."""
    result: list[tuple[str, bool]] = []
    for place, character in enumerate(title):
        is_found = place in places
        if result and result[-1][1] == is_found:
            result[-1] = (result[-1][0] + character, is_found)
        else:
            result.append((character, is_found))
    return result


def _note(command: Command) -> str:
    """Why it cannot be used, or else where it is."""
    return command.place if command.enabled or not command.reason else command.reason


def _smaller(font: QFont) -> QFont:
    small = QFont(font)
    small.setPixelSize(max(11, round(QFontMetrics(font).height() * 0.74)))
    return small
