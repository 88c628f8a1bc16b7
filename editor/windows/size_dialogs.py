"""Asks for another image size, or another canvas size with the place of the picture in it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from editor.document.pixels import MAX_PIXELS, MAX_SIDE_PX
from editor.panels.widgets import field_label, mark_primary, muted_label, number_field
from editor.translations import mark, tr

_WIDTH_PX = 340
_ANCHOR_PX = 34
_ARROWS = ("↖", "↑", "↗", "←", "•", "→", "↙", "↓", "↘")
_PLACES = (
    mark("top left"),
    mark("top"),
    mark("top right"),
    mark("left"),
    mark("middle"),
    mark("right"),
    mark("bottom left"),
    mark("bottom"),
    mark("bottom right"),
)


class _SizeDialog(QDialog):
    """Width and height with a sentence about them, and buttons."""

    def __init__(self, title: str, size: tuple[int, int], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._size = size
        self.width_px = self._side(tr("Width"), size[0])
        self.height_px = self._side(tr("Height"), size[1])
        self.note = muted_label(self)
        self._buttons = QDialogButtonBox(self)
        self._apply = self._buttons.addButton(tr("Apply"), QDialogButtonBox.ButtonRole.AcceptRole)
        mark_primary(self._apply)
        self._buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self.setMinimumWidth(_WIDTH_PX)

    @property
    def size_px(self) -> tuple[int, int]:
        """What the fields say."""
        return self.width_px.value(), self.height_px.value()

    def _lay_out(self, *middle: QWidget) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(12)
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        for column, (text, field) in enumerate(
            ((tr("Width"), self.width_px), (tr("Height"), self.height_px))
        ):
            grid.addWidget(field_label(text, field), 0, column)
            grid.addWidget(field, 1, column)
            grid.setColumnStretch(column, 1)
        layout.addLayout(grid)
        for widget in middle:
            layout.addWidget(widget)
        layout.addWidget(self.note)
        layout.addSpacing(4)
        layout.addWidget(self._buttons)
        self.width_px.setFocus()
        self.width_px.selectAll()
        self._refresh()

    def _side(self, name: str, value: int) -> QSpinBox:
        field = number_field(name, 1, MAX_SIDE_PX, self)
        field.setSuffix(" px")
        field.setValue(value)
        return field

    def _refresh(self) -> None:
        width, height = self.size_px
        possible = width * height <= MAX_PIXELS
        self._apply.setEnabled(possible)
        self.note.setText(self._sentence() if possible else tr("That is too large."))

    def _sentence(self) -> str:
        return tr("Now {width} × {height} px", width=self._size[0], height=self._size[1])


class ImageSizeDialog(_SizeDialog):
    """Resamples the whole document.

    Signals:
        chosen(int, int): Width and height in pixels when accepted.
    """

    chosen = Signal(int, int)

    def __init__(self, size: tuple[int, int], parent: QWidget) -> None:
        super().__init__(tr("Image Size"), size, parent)
        self.proportional = QCheckBox(tr("Keep proportions"), self)
        self.proportional.setChecked(True)
        self.width_px.valueChanged.connect(self._follow_width)
        self.height_px.valueChanged.connect(self._follow_height)
        self.proportional.toggled.connect(self._follow_width)
        self._lay_out(self.proportional)
        self.accepted.connect(lambda: self.chosen.emit(*self.size_px))

    def _follow_width(self) -> None:
        self._follow(self.height_px, self.width_px.value() * self._size[1] / self._size[0])

    def _follow_height(self) -> None:
        self._follow(self.width_px, self.height_px.value() * self._size[0] / self._size[1])

    def _follow(self, other: QSpinBox, value: float) -> None:
        if self.proportional.isChecked():
            other.blockSignals(True)  # else it would answer with a rounded value
            other.setValue(max(1, round(value)))
            other.blockSignals(False)
        self._refresh()

    def _sentence(self) -> str:
        percent = round(100 * self.width_px.value() / self._size[0])
        return f"{super()._sentence()} · {percent} %"


class CanvasSizeDialog(_SizeDialog):
    """More or less room around the picture, which is not scaled.

    Signals:
        chosen(int, int, tuple): Width, height and anchor (x, y), each 0, 0.5 or 1, when accepted.
    """

    chosen = Signal(int, int, tuple)

    def __init__(self, size: tuple[int, int], parent: QWidget) -> None:
        super().__init__(tr("Canvas Size"), size, parent)
        self.anchors = QButtonGroup(self)
        self.width_px.valueChanged.connect(self._refresh)
        self.height_px.valueChanged.connect(self._refresh)
        field = QWidget(self)
        layout = QVBoxLayout(field)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        label = QLabel(tr("The picture stays at"), field)
        label.setObjectName("fieldLabel")
        layout.addWidget(label)
        layout.addLayout(self._make_anchors(field))
        self._lay_out(field)
        self.accepted.connect(lambda: self.chosen.emit(*self.size_px, self.anchor))

    @property
    def anchor(self) -> tuple[float, float]:
        """(x, y), 0 = left or top."""
        place = self.anchors.checkedId()
        return place % 3 / 2, place // 3 / 2

    def _make_anchors(self, parent: QWidget) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(4)
        for place, (arrow, name) in enumerate(zip(_ARROWS, _PLACES, strict=True)):
            button = QToolButton(parent)
            button.setText(arrow)
            button.setCheckable(True)
            button.setObjectName("anchor")
            button.setFixedSize(_ANCHOR_PX, _ANCHOR_PX)
            button.setToolTip(tr(name))
            button.setAccessibleName(tr("The picture stays at: {place}", place=tr(name)))
            self.anchors.addButton(button, place)
            grid.addWidget(button, place // 3, place % 3)
        grid.setColumnStretch(3, 1)
        self.anchors.button(4).setChecked(True)
        return grid
