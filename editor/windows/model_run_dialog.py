"""Run settings of a brought model: LoRA files with weights, attention, first-block caching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent, QStandardItemModel
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from editor.model_runs import AUTO_ATTENTION, MAX_LORAS, MAX_WEIGHT, Lora, ModelRun
from editor.panels.widgets import (
    arrows_open_list,
    confirm_buttons,
    field_label,
    muted_label,
    panel_title,
    row,
    wheel_needs_focus,
)
from editor.translations import mark, tr

_WIDTH_PX = 480
_FIELD_PX = 92
_NAME_PX = 230
_KERNELS = {
    AUTO_ATTENTION: mark("Automatic"),
    "sdpa": mark("torch, its own choice"),
    "sdpa-flash": mark("torch, flash"),
    "sdpa-efficient": mark("torch, memory-efficient"),
    "sdpa-cudnn": mark("torch, cuDNN"),
    "sdpa-math": mark("torch, plain"),
    "flash": mark("flash-attn"),
    "xformers": mark("xformers"),
    "sage": mark("SageAttention (rounds to 8 bits)"),
}


class ModelRunDialog(QDialog):
    """Fields for the wishes of one model.

    Signals:
        chosen(ModelRun): When they were accepted.
    """

    chosen = Signal(object)

    def __init__(self, title: str, run: ModelRun, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Run Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(_WIDTH_PX)
        self._loras: list[tuple[Lora, QDoubleSpinBox]] = []
        self.none = muted_label(self)
        self.none.setText(tr("No LoRA files: the model draws as it came."))
        self.rows = QGridLayout()
        self.rows.setColumnStretch(0, 1)
        self.rows.setHorizontalSpacing(8)
        self.rows.setVerticalSpacing(6)
        self.add = QPushButton(tr("Add LoRA…"), self)
        self.add.setAutoDefault(False)
        self.add.clicked.connect(self._choose)
        self.kernels = QComboBox(self)
        self.kernels.setAccessibleName(tr("Attention"))
        arrows_open_list(self.kernels)
        for name, text in _KERNELS.items():
            self.kernels.addItem(tr(text), name)
        self.kernels.setCurrentIndex(max(0, self.kernels.findData(run.attention)))
        self.reason = muted_label(self)
        self.cache = _number(tr("First-block cache"), 0.0, 1.0, 0.05, self)
        self.cache.setSpecialValueText(tr("Off"))
        self.cache.setValue(run.first_block_cache)
        self.measure = QCheckBox(tr("Measure its error: each job is done twice"), self)
        self.measure.setChecked(run.measure_cache)
        self.cache.valueChanged.connect(lambda value: self.measure.setEnabled(value > 0))
        self.measure.setEnabled(run.first_block_cache > 0)
        self._lay_out(title)
        for lora in run.loras:
            self.add_lora(lora)

    @property
    def run_settings(self) -> ModelRun:
        """What the fields say now."""
        cache = round(self.cache.value(), 2)
        return ModelRun(
            tuple(Lora(lora.path, round(field.value(), 2)) for lora, field in self._loras),
            str(self.kernels.currentData()),
            cache,
            self.measure.isChecked() and cache > 0,
        )

    def show_kernels(self, reasons: Mapping[str, str], chosen: str) -> None:
        """Which kernels work here.

        Args:
            reasons: Name -> why it cannot be used; empty = it can.
            chosen: What "automatic" takes, and why.
        """
        items = self.kernels.model()
        for index in range(self.kernels.count()):
            reason = reasons.get(str(self.kernels.itemData(index)), "")
            if reason and isinstance(items, QStandardItemModel):
                items.item(index).setEnabled(False)
                self.kernels.setItemData(index, reason, Qt.ItemDataRole.ToolTipRole)
        self.reason.setText(chosen)
        self.reason.setVisible(bool(chosen))
        self._grow()

    def add_lora(self, lora: Lora) -> None:
        """One more row; a file that is in the list already is not listed twice."""
        known = any(lora.path == other.path for other, _ in self._loras)
        if known or len(self._loras) >= MAX_LORAS:
            return
        weight = _number(
            tr("Weight of {name}", name=lora.name), -MAX_WEIGHT, MAX_WEIGHT, 0.05, self
        )
        weight.setValue(lora.weight)
        self._loras.append((lora, weight))
        self._show_rows()

    def _remove(self, lora: Lora) -> None:
        for other, field in self._loras:
            if other is lora:
                field.deleteLater()
        self._loras = [pair for pair in self._loras if pair[0] is not lora]
        self._show_rows()

    def _show_rows(self) -> None:
        while (item := self.rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None and not isinstance(widget, QDoubleSpinBox):
                widget.hide()
                widget.deleteLater()
        for place, (lora, weight) in enumerate(self._loras):
            name = QLabel(self)
            name.setTextFormat(Qt.TextFormat.PlainText)
            name.setToolTip(lora.path)
            shortened = Qt.TextElideMode.ElideMiddle
            name.setText(name.fontMetrics().elidedText(lora.name, shortened, _NAME_PX))
            remove = QPushButton(tr("Remove"), self)
            remove.setAccessibleName(tr("Remove {name}", name=lora.name))
            remove.setAutoDefault(False)
            remove.clicked.connect(lambda _checked=False, gone=lora: self._remove(gone))
            for column, widget in enumerate((name, weight, remove)):
                self.rows.addWidget(widget, place, column)
                widget.show()
        self.none.setVisible(not self._loras)
        self.add.setEnabled(len(self._loras) < MAX_LORAS)
        self._grow()

    def _grow(self) -> None:
        """Higher where the rows need it: Qt forgets the lines of wrapped texts."""
        layout = self.layout()
        if layout is None or not self.isVisible():
            return
        layout.activate()
        self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._grow()

    def _choose(self) -> None:
        from PySide6.QtWidgets import QFileDialog

        dialog = QFileDialog(self, tr("Add LoRA"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilter(tr("LoRA files ({endings})", endings="*.safetensors"))
        dialog.filesSelected.connect(self._add_files)
        dialog.open()

    def _add_files(self, paths: Sequence[str]) -> None:
        for path in paths:
            self.add_lora(Lora(str(Path(path))))

    def _lay_out(self, title: str) -> None:
        intro = muted_label(self)
        intro.setText(
            tr("They count for every job on this model and stand in the records of its layers.")
        )
        caching = muted_label(self)
        caching.setText(
            tr(
                "Leaves out most of a step when its beginning changed less than this share: 0.05 "
                "is careful, 0.2 is fast and visibly different."
            )
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(10)
        layout.addWidget(panel_title(title, self))
        layout.addWidget(intro)
        layout.addSpacing(4)
        heading = QLabel(tr("LoRA files, merged from top to bottom"), self)
        heading.setObjectName("fieldLabel")
        layout.addWidget(heading)
        layout.addWidget(self.none)
        layout.addLayout(self.rows)
        layout.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addSpacing(4)
        layout.addWidget(field_label(tr("Attention"), self.kernels))
        layout.addWidget(self.kernels)
        layout.addWidget(self.reason)
        self.reason.hide()
        layout.addSpacing(4)
        layout.addWidget(field_label(tr("First-block cache"), self.cache))
        line = row(self.cache, self.measure)
        line.addStretch(1)
        layout.addLayout(line)
        layout.addWidget(caching)
        layout.addStretch(1)
        layout.addWidget(confirm_buttons(self, tr("Apply")))
        self.accepted.connect(lambda: self.chosen.emit(self.run_settings))


def _number(name: str, low: float, high: float, step: float, parent: QWidget) -> QDoubleSpinBox:
    field = QDoubleSpinBox(parent)
    field.setRange(low, high)
    field.setDecimals(2)
    field.setSingleStep(step)
    field.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
    field.setFixedWidth(_FIELD_PX)
    field.setAccessibleName(name)
    field.setToolTip(name)
    field.lineEdit().setTextMargins(7, 0, 7, 0)
    wheel_needs_focus(field)
    return field


def run_summary(run: ModelRun) -> str:
    """The wishes in a line; empty = none."""
    parts = [tr("{name} × {weight:g}", name=lora.name, weight=lora.weight) for lora in run.loras]
    if run.attention != AUTO_ATTENTION:
        parts.append(tr("attention by {name}", name=run.attention))
    if run.first_block_cache:
        parts.append(tr("first-block cache {limit:g}", limit=run.first_block_cache))
    return ", ".join(parts)
