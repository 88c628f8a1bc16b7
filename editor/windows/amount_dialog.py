"""Asks for one number of pixels."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from editor.panels.widgets import confirm_buttons, field_label, number_field
from editor.translations import tr

_WIDTH_PX = 280


class AmountDialog(QDialog):
    """One number with a label.

    Signals:
        chosen(int): The number when accepted.
    """

    chosen = Signal(int)

    def __init__(
        self, title: str, label: str, value: int, limits: tuple[int, int], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.number = number_field(label, *limits, self)
        self.number.setSuffix(" px")
        self.number.setValue(value)
        self.number.selectAll()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(12)
        layout.addWidget(field_label(label, self.number))
        layout.addWidget(self.number)
        layout.addSpacing(4)
        layout.addWidget(confirm_buttons(self, tr("Apply")))
        self.setMinimumWidth(_WIDTH_PX)
        self.accepted.connect(lambda: self.chosen.emit(self.number.value()))
