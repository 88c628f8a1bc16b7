"""Asks for the size of a new document, with the usual ones to choose from."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QGridLayout,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from editor.panels.widgets import (
    confirm_buttons,
    field_label,
    icon_button,
    number_field,
    panel_title,
    row,
)
from editor.theme import Theme
from editor.translations import mark, tr

MIN_SIDE_PX = 16
MAX_SIDE_PX = 8192  # the engine's limit, so that a new document can always be generated into

# Names are shown through the translator.
PRESETS: tuple[tuple[str, int, int], ...] = (
    (mark("Square"), 1024, 1024),
    (mark("Small square"), 512, 512),
    (mark("Portrait 3:4"), 960, 1280),
    (mark("Landscape 4:3"), 1280, 960),
    (mark("Wide 16:9"), 1920, 1080),
    (mark("Story 9:16"), 1080, 1920),
)


class NewDocumentDialog(QDialog):
    """Signals: chosen(width, height) in pixels when accepted."""

    chosen = Signal(int, int)

    def __init__(self, theme: Theme, size: tuple[int, int], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("New Document"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.width_px = self._side(tr("Width"), size[0])
        self.height_px = self._side(tr("Height"), size[1])
        self._presets = QButtonGroup(self)
        swap = icon_button(theme, "swap", tr("Swap width and height"), self)
        swap.clicked.connect(self._swap)
        self._lay_out(swap)
        self._mark_preset()
        self.accepted.connect(self._announce)

    def _lay_out(self, swap: QWidget) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(14)
        layout.addWidget(panel_title(tr("Size"), self))
        layout.addLayout(self._make_presets())
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        grid.addWidget(field_label(tr("Width"), self.width_px), 0, 0)
        grid.addWidget(field_label(tr("Height"), self.height_px), 0, 1)
        grid.addWidget(self.width_px, 1, 0)
        grid.addLayout(row(self.height_px, swap), 1, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        layout.addLayout(grid)
        layout.addSpacing(4)
        layout.addWidget(confirm_buttons(self, tr("Create")))

    def _make_presets(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(8)
        for place, (name, width, height) in enumerate(PRESETS):
            title = tr(name)
            button = QPushButton(f"{title}\n{width} × {height}", self)
            button.setObjectName("preset")
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setAccessibleName(f"{title}, {width} × {height}")
            button.clicked.connect(lambda _=False, w=width, h=height: self._use(w, h))
            self._presets.addButton(button, place)
            grid.addWidget(button, place // 3, place % 3)
        return grid

    def _side(self, name: str, value: int) -> QSpinBox:
        field = number_field(name, MIN_SIDE_PX, MAX_SIDE_PX, self)
        field.setSuffix(" px")
        field.setValue(value)
        field.valueChanged.connect(self._mark_preset)
        return field

    def _use(self, width: int, height: int) -> None:
        self.width_px.setValue(width)
        self.height_px.setValue(height)
        self._mark_preset()

    def _swap(self) -> None:
        self._use(self.height_px.value(), self.width_px.value())

    def _mark_preset(self) -> None:
        self._presets.setExclusive(False)
        size = (self.width_px.value(), self.height_px.value())
        for place, (_name, width, height) in enumerate(PRESETS):
            self._presets.button(place).setChecked((width, height) == size)
        self._presets.setExclusive(True)

    def _announce(self) -> None:
        self.chosen.emit(self.width_px.value(), self.height_px.value())
