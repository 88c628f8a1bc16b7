"""Asks what to export: layers as PSD or the picture as PNG, with or without the prompts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from editor.panels.widgets import mark_primary, muted_label, panel_title, row
from editor.translations import tr


class ExportFormat(StrEnum):
    """The value is the ending of the file name."""

    PSD = "psd"
    PNG = "png"


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What the dialog asks for."""

    format: ExportFormat
    include_prompts: bool


class ExportDialog(QDialog):
    """Signals: chosen(ExportChoice) when accepted."""

    chosen = Signal(object)

    def __init__(self, *, include_prompts: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Export"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(400)
        self._formats = QButtonGroup(self)
        self.psd = self._format(tr("Photoshop (PSD)\nAll layers"), 0)
        self.png = self._format(tr("Picture (PNG)\nFlattened"), 1)
        self.psd.setChecked(True)
        self.include_prompts = QCheckBox(tr("Include prompts and seeds"), self)
        self.include_prompts.setChecked(include_prompts)
        self._hint = muted_label(self)
        self._formats.idToggled.connect(self._show_hint)
        self.include_prompts.toggled.connect(self._show_hint)
        self._lay_out()
        self._show_hint()
        self.accepted.connect(self._announce)

    @property
    def format(self) -> ExportFormat:
        return ExportFormat.PSD if self.psd.isChecked() else ExportFormat.PNG

    def _format(self, text: str, place: int) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName("preset")
        button.setCheckable(True)
        button.setAutoDefault(False)
        button.setAccessibleName(text.replace("\n", ", "))
        self._formats.addButton(button, place)
        return button

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(14)
        layout.addWidget(panel_title(tr("Format"), self))
        layout.addLayout(row(self.psd, self.png))
        layout.addWidget(self.include_prompts)
        layout.addWidget(self._hint)
        buttons = QDialogButtonBox(self)
        mark_primary(buttons.addButton(tr("Choose File…"), QDialogButtonBox.ButtonRole.AcceptRole))
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addStretch(1)
        layout.addWidget(buttons)

    def _show_hint(self) -> None:
        is_psd = self.format is ExportFormat.PSD
        self.include_prompts.setEnabled(is_psd)
        if not is_psd:
            text = tr("The visible layers as one picture with transparency, without prompts.")
        elif self.include_prompts.isChecked():
            text = tr("Layers can be generated again after opening the file here.")
        else:
            text = tr("Nothing in the file tells how its layers were made.")
        self._hint.setText(text)

    def _announce(self) -> None:
        self.chosen.emit(ExportChoice(self.format, self.include_prompts.isChecked()))
