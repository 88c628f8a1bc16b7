"""Asks for the place of a guide in numbers."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from editor.document.document import Document
from editor.document.guides import Guide, Orientation
from editor.panels.widgets import field_label, mark_primary, row, wheel_needs_focus
from editor.translations import tr

_REACH_PX = 100_000
_BUTTON_WIDTH_PX = 96


class GuideDialog(QDialog):
    """For a new guide, or for another position of `guide`.

    Signals:
        chosen: The `Guide` when accepted.
    """

    chosen = Signal(object)

    def __init__(self, document: Document, guide: Guide | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("New Guide") if guide is None else tr("Move Guide"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._document = document
        self.vertical = self._choice(tr("Vertical"))
        self.horizontal = self._choice(tr("Horizontal"))
        self._choices = QButtonGroup(self)
        self._choices.addButton(self.vertical)
        self._choices.addButton(self.horizontal)
        lying = guide is not None and guide.orientation is Orientation.HORIZONTAL
        (self.horizontal if lying else self.vertical).setChecked(True)
        self.position = QDoubleSpinBox(self)
        self.position.setRange(-_REACH_PX, _REACH_PX)
        self.position.setDecimals(2)
        self.position.setSuffix(" px")
        self.position.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        wheel_needs_focus(self.position)
        self.position.setValue(guide.position if guide is not None else document.width / 2)
        for choice in (self.vertical, self.horizontal):
            choice.setEnabled(guide is None)
            choice.clicked.connect(self._offer_middle)
        self._lay_out()
        self.accepted.connect(lambda: self.chosen.emit(self.guide))
        self.position.setFocus()
        self.position.selectAll()

    @property
    def guide(self) -> Guide:
        """What the fields say."""
        lying = self.horizontal.isChecked()
        orientation = Orientation.HORIZONTAL if lying else Orientation.VERTICAL
        return Guide(orientation, self.position.value())

    def _choice(self, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setCheckable(True)
        button.setAutoDefault(False)
        button.setObjectName("preset")
        return button

    def _offer_middle(self) -> None:
        lying = self.horizontal.isChecked()
        self.position.setValue((self._document.height if lying else self._document.width) / 2)
        self.position.selectAll()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(12)
        layout.addLayout(row(self.vertical, self.horizontal))
        layout.addWidget(field_label(tr("Position from the left or the top"), self.position))
        layout.addWidget(self.position)
        buttons = QDialogButtonBox(self)
        apply = buttons.addButton(tr("Apply"), QDialogButtonBox.ButtonRole.AcceptRole)
        mark_primary(apply)
        apply.setMinimumWidth(_BUTTON_WIDTH_PX)  # the bold text of a default button needs more
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addSpacing(4)
        layout.addWidget(buttons)
