"""The variations of the selected layer side by side: a click shows another one."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QLabel,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from editor.document.layers import RasterLayer
from editor.document.variations import Variation
from editor.panels.layer_delegate import paint_picture
from editor.panels.thumbnails import Thumbnails
from editor.panels.widgets import field_label, icon_button, row
from editor.theme import Theme
from editor.translations import tr

CELL_PX = 64
PICTURE_PX = 54
STRIP_HEIGHT_PX = CELL_PX + 4
Index = QModelIndex | QPersistentModelIndex


_DELETING = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class StripRole(IntEnum):
    """Roles beyond Qt's own."""

    VARIATION = Qt.ItemDataRole.UserRole + 1
    SHOWN = Qt.ItemDataRole.UserRole + 2


class VariationModel(QAbstractListModel):
    """The variations of one layer, oldest first."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._variations: tuple[Variation, ...] = ()
        self._shown = ""

    def show_layer(self, layer: RasterLayer | None) -> None:
        """Follow a layer; a reset only when its variations are others."""
        variations = layer.variations if layer is not None else ()
        shown = layer.shown_variation if layer is not None else ""
        if variations is not self._variations and variations != self._variations:
            self.beginResetModel()
            self._variations, self._shown = variations, shown
            self.endResetModel()
        elif shown != self._shown:
            self._shown = shown
            self.dataChanged.emit(self.index(0), self.index(len(variations) - 1))

    def variation_of(self, index: Index) -> Variation | None:
        """The variation of an index."""
        inside = index.isValid() and index.row() < len(self._variations)
        return self._variations[index.row()] if inside else None

    @property
    def shown_place(self) -> int:
        """Row of the shown one; -1 = none."""
        ids = [variation.variation_id for variation in self._variations]
        return ids.index(self._shown) if self._shown in ids else -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._variations)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        variation = self.variation_of(index)
        if variation is None:
            return None
        if role == StripRole.VARIATION:
            return variation
        if role == StripRole.SHOWN:
            return variation.variation_id == self._shown
        if role == Qt.ItemDataRole.AccessibleTextRole:
            name = tr("Variation {number}", number=index.row() + 1)
            return f"{name}, {tr('shown')}" if index.row() == self.shown_place else name
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{tr('Variation {number}', number=index.row() + 1)}\n{about(variation)}"
        return None


class VariationStrip(QWidget):
    """Hidden while the layer has no second picture.

    Args:
        on_switch, on_pick, on_remove: Called with the id of a variation.
    """

    def __init__(
        self,
        theme: Theme,
        thumbnails: Thumbnails,
        *,
        on_switch: Callable[[str], None],
        on_pick: Callable[[str], None],
        on_remove: Callable[[str], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._on_switch, self._on_pick, self._on_remove = on_switch, on_pick, on_remove
        self.model = VariationModel(self)
        self.list = _StripList(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_StripDelegate(theme, thumbnails, self.list))
        self.list.setAccessibleName(tr("Variations"))
        self.list.clicked.connect(self.switch_to)
        self.title = field_label(tr("Variations"), self.list)
        self.count = QLabel(self)
        self.count.setObjectName("muted")
        self.pick = icon_button(theme, "duplicate", tr("Pick as New Layer"), self)
        self.pick.clicked.connect(lambda: self._with_current(self._on_pick))
        self.remove = icon_button(theme, "delete", tr("Delete Variation"), self)
        self.remove.clicked.connect(lambda: self._with_current(self._on_remove))
        thumbnails.ready.connect(self.list.viewport().update)
        theme.changed.connect(self.list.viewport().update)
        head = row(self.title, self.count, self.pick, self.remove, spacing=4)
        head.setStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self.list)

    def show_layer(self, layer: RasterLayer | None) -> None:
        """Follow the selected layer."""
        self.model.show_layer(layer)
        total, place = self.model.rowCount(), self.model.shown_place
        self.setVisible(total > 1)
        self.count.setText(tr("{number} of {total}", number=place + 1, total=total))
        if place >= 0:
            self.list.setCurrentIndex(self.model.index(place))
            self.list.scrollTo(self.model.index(place))

    def switch_to(self, index: Index) -> None:
        """Show the variation of a row."""
        variation = self.model.variation_of(index)
        if variation is not None and not index.data(StripRole.SHOWN):
            self._on_switch(variation.variation_id)

    def step(self, by: int) -> None:
        """Show the next variation, or the one before; from the last to the first."""
        total = self.model.rowCount()
        if total > 1:
            self.switch_to(self.model.index((self.model.shown_place + by) % total))

    def make_context_menu(self, index: Index) -> QMenu:
        """What can be done with the variation of a row."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        variation = self.model.variation_of(index)
        if variation is not None:
            chosen = variation.variation_id
            menu.addAction(tr("Show This Variation"), lambda: self._on_switch(chosen))
            menu.addAction(tr("Pick as New Layer"), lambda: self._on_pick(chosen))
            menu.addSeparator()
            menu.addAction(tr("Delete Variation"), lambda: self._on_remove(chosen))
        return menu

    def _with_current(self, then: Callable[[str], None]) -> None:
        variation = self.model.variation_of(self.list.currentIndex())
        if variation is not None:
            then(variation.variation_id)


class _StripList(QListView):
    """One row of pictures; arrows go through them, Enter shows the current one."""

    def __init__(self, strip: VariationStrip) -> None:
        super().__init__(strip)
        self._strip = strip
        self.setObjectName("strip")
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFixedHeight(STRIP_HEIGHT_PX)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in _DELETING
        ):
            event.accept()  # means what is chosen here, not the selected layers
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if event.key() in keys:
            self._strip.switch_to(self.currentIndex())
        elif event.key() in _DELETING:
            self._strip.remove.click()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.indexAt(event.pos())
        if index.isValid():
            self._strip.make_context_menu(index).popup(event.globalPos() + QPoint(2, 2))


class _StripDelegate(QStyledItemDelegate):
    """A picture on a checkerboard; the shown one has a frame in the accent colour."""

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self._thumbnails = thumbnails

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(CELL_PX, CELL_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        variation = index.data(StripRole.VARIATION)
        if not isinstance(variation, Variation):
            return
        tokens = self._theme.tokens
        frame = QRectF(0, 0, PICTURE_PX, PICTURE_PX)
        frame.moveCenter(QRectF(option.rect).center())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_picture(painter, frame, self._thumbnails.image(variation.pixels), tokens)
        shown = bool(index.data(StripRole.SHOWN))
        current = option.state & QStyle.StateFlag.State_HasFocus
        hovered = option.state & QStyle.StateFlag.State_MouseOver
        color = (
            tokens.accent if shown else tokens.text if current or hovered else tokens.border_strong
        )
        painter.setPen(QPen(QColor(color), 2.5 if shown else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        out = 2.0 if shown else 0.5
        painter.drawRoundedRect(frame.adjusted(-out, -out, out, out), 6, 6)
        painter.restore()


def about(variation: Variation) -> str:
    """How a variation came about, in one line."""
    record = variation.record
    if record is None:
        return tr("Not generated")
    parts = [tr("seed {seed}", seed=record.seed), tr("try {attempt}", attempt=record.attempt + 1)]
    if variation.edited:
        parts.append(tr("edited since"))
    return f"{record.typed_prompt}\n{' · '.join(parts)}"
