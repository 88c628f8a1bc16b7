"""Asks what to export: layers or a picture, in which format, and with or without the prompts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from editor.panels.widgets import mark_primary, muted_label, panel_title
from editor.translations import mark, tr, tr_count

_COLUMNS = 2
_SHOWN_CHANGES = 3


class ExportFormat(StrEnum):
    """The value is the ending of the file name; a folder has none."""

    PSD = "psd"
    OPENRASTER = "ora"
    FOLDER = "folder"
    PNG = "png"
    WEBP = "webp"
    JPEG = "jpg"
    TIFF = "tiff"

    @property
    def keeps_layers(self) -> bool:
        return self in (ExportFormat.PSD, ExportFormat.OPENRASTER, ExportFormat.FOLDER)

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Endings of names that mean this format."""
        return _MORE_SUFFIXES.get(self, (f".{self.value}",))


_MORE_SUFFIXES = {
    ExportFormat.PSD: (".psd", ".psb"),
    ExportFormat.JPEG: (".jpg", ".jpeg"),
    ExportFormat.TIFF: (".tif", ".tiff"),
    ExportFormat.FOLDER: (),
}
_TEXTS = {
    ExportFormat.PSD: mark("Photoshop (PSD)\nAll layers"),
    ExportFormat.OPENRASTER: mark("OpenRaster (ORA)\nAll layers"),
    ExportFormat.FOLDER: mark("Folder of PNGs\nOne for each layer"),
    ExportFormat.PNG: mark("Picture (PNG)\nFlattened"),
    ExportFormat.WEBP: mark("Picture (WebP)\nFlattened"),
    ExportFormat.JPEG: mark("Picture (JPEG)\nOn white"),
    ExportFormat.TIFF: mark("Picture (TIFF)\nFlattened"),
}


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What the dialog asks for."""

    format: ExportFormat
    include_prompts: bool
    compact: bool = False


class ExportDialog(QDialog):
    """Signals: chosen(ExportChoice) when accepted.

    Args:
        changes: Sentences about what a format, with prompts or without, will not hold.
    """

    chosen = Signal(object)

    def __init__(
        self,
        *,
        include_prompts: bool,
        parent: QWidget,
        changes: Callable[[ExportFormat, bool], list[str]] = lambda _format, _prompts: [],
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Export"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(440)
        self._changes = changes
        self._formats = QButtonGroup(self)
        self.buttons = {
            kind: self._button(tr(_TEXTS[kind]), place) for place, kind in enumerate(ExportFormat)
        }
        self.psd, self.png = self.buttons[ExportFormat.PSD], self.buttons[ExportFormat.PNG]
        self.psd.setChecked(True)
        self.include_prompts = QCheckBox(tr("Include prompts and seeds"), self)
        self.include_prompts.setChecked(include_prompts)
        self.compact = QCheckBox(tr("Smaller file, which a few programs cannot read"), self)
        self._hint = muted_label(self)
        self._hint.setWordWrap(True)
        self._formats.idToggled.connect(self._show_hint)
        self.include_prompts.toggled.connect(self._show_hint)
        self._lay_out()
        self._show_hint()
        self.accepted.connect(self._announce)

    @property
    def format(self) -> ExportFormat:
        return list(ExportFormat)[self._formats.checkedId()]

    def _button(self, text: str, place: int) -> QPushButton:
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
        for title, layered in ((tr("Layers"), True), (tr("Picture"), False)):
            kinds = [kind for kind in ExportFormat if kind.keeps_layers is layered]
            grid = QGridLayout()
            grid.setSpacing(8)
            for index, kind in enumerate(kinds):
                grid.addWidget(self.buttons[kind], index // _COLUMNS, index % _COLUMNS)
            layout.addWidget(panel_title(title, self))
            layout.addLayout(grid)
        layout.addWidget(self.include_prompts)
        layout.addWidget(self.compact)
        layout.addWidget(self._hint)
        buttons = QDialogButtonBox(self)
        self.choose = buttons.addButton("", QDialogButtonBox.ButtonRole.AcceptRole)
        mark_primary(self.choose)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addStretch(1)
        layout.addWidget(buttons)

    def _show_hint(self) -> None:
        kind = self.format
        self.include_prompts.setEnabled(kind.keeps_layers)
        self.compact.setEnabled(kind is ExportFormat.PSD)
        is_folder = kind is ExportFormat.FOLDER
        self.choose.setText(tr("Choose Folder…") if is_folder else tr("Choose File…"))
        if not kind.keeps_layers:
            text = tr("The visible layers as one picture, without prompts.")
        elif self.include_prompts.isChecked():
            text = (
                tr("Layers can be generated again after opening the folder here.")
                if is_folder
                else tr("Layers can be generated again after opening the file here.")
            )
        else:
            text = (
                tr("Nothing in the folder tells how its layers were made.")
                if is_folder
                else tr("Nothing in the file tells how its layers were made.")
            )
        self._hint.setText("\n".join([text, *self._shown_changes()]))

    def _shown_changes(self) -> list[str]:
        found = self._changes(self.format, self.include_prompts.isChecked())
        left = len(found) - _SHOWN_CHANGES
        if left <= 0:
            return found
        more = tr_count("And {count} more change.", "And {count} more changes.", left)
        return [*found[:_SHOWN_CHANGES], more]

    def _announce(self) -> None:
        compact = self.compact.isChecked() and self.format is ExportFormat.PSD
        self.chosen.emit(ExportChoice(self.format, self.include_prompts.isChecked(), compact))
