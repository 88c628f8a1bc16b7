"""Asks what is to be upscaled to which size, says what it will take, and shows a piece of it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from editor.commands.upscale_commands import UpscaleScope
from editor.document.geometry import Rect
from editor.document.pixels import MAX_PIXELS, MAX_SIDE_PX, RgbaArray
from editor.generation.upscaling import PREVIEW_PX, UpscaleMethod
from editor.jobs.progress import LONG_S
from editor.panels.job_status import JobStatus, readable_seconds
from editor.panels.widgets import (
    arrows_open_list,
    field_label,
    mark_primary,
    muted_label,
    number_field,
    readable_bytes,
)
from editor.theme import Theme
from editor.translations import decimal, mark, tr, tr_count
from editor.windows.split_picture import SplitPicture

_FIELDS_PX = 280
_WAIT_MS = 250  # after the last change, before the plan is asked for
_STEPS = 1000
_SCOPES = {
    UpscaleScope.DOCUMENT: mark("Whole document"),
    UpscaleScope.LAYER: mark("Selected layer"),
    UpscaleScope.SELECTION: mark("Selected region, as a new canvas"),
}
_METHODS = {
    UpscaleMethod.NETWORK: mark("Network: draws sharp edges anew"),
    UpscaleMethod.FILTER: mark("Filter: at once, softer"),
}
_FACTORS = (2, 4, 8)


class UpscaleDialog(QDialog):
    """Fields, plan, preview and progress of upscaling.

    Args:
        boxes: What can be upscaled, with its present place in document pixels; not empty.

    Signals:
        plan_wanted: What upscaling would take is to be shown.
        preview_wanted: A piece is to be shown.
        start_wanted: Upscaling is to begin.
        cancel_wanted: What runs is to stop.
    """

    plan_wanted = Signal()
    preview_wanted = Signal()
    start_wanted = Signal()
    cancel_wanted = Signal()

    def __init__(self, boxes: Mapping[UpscaleScope, Rect], theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Upscale"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._boxes = dict(boxes)
        self._busy = False
        self.scope_box = self._choice(tr("What"), {s: tr(_SCOPES[s]) for s in self._boxes})
        self.method_box = self._choice(tr("How"), {m: tr(text) for m, text in _METHODS.items()})
        self.width_px, self.height_px = self._side(tr("Width")), self._side(tr("Height"))
        self.factors = [self._factor(factor) for factor in _FACTORS]
        self.note = muted_label(self)
        self.plan = muted_label(self)
        self.picture = SplitPicture(PREVIEW_PX, theme, self)
        self.split = self._slider()
        self.preview = QPushButton(tr("Show Preview"), self)
        self.preview.setAutoDefault(False)
        self.preview.clicked.connect(self.preview_wanted)
        self.status = JobStatus(theme, self)
        self._buttons = QDialogButtonBox(self)
        self.start = self._buttons.addButton(tr("Upscale"), QDialogButtonBox.ButtonRole.AcceptRole)
        mark_primary(self.start)
        self.background = self._buttons.addButton(
            tr("Run in Background"), QDialogButtonBox.ButtonRole.ActionRole
        )
        self.background.setToolTip(tr("Closes this window; the queue shows how far it is"))
        self.background.clicked.connect(self.leave)
        self._buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self.plan_wanted)
        self._lay_out()
        self.scope_box.currentIndexChanged.connect(self._on_scope)
        self.method_box.currentIndexChanged.connect(self._changed)
        self.width_px.valueChanged.connect(lambda value: self._follow(self.height_px, value, 0))
        self.height_px.valueChanged.connect(lambda value: self._follow(self.width_px, value, 1))
        self._on_scope()
        self._drop_preview()

    @property
    def scope(self) -> UpscaleScope:
        scope: UpscaleScope = self.scope_box.currentData()
        return scope

    @property
    def method(self) -> UpscaleMethod:
        return UpscaleMethod(self.method_box.currentData())  # Qt keeps the text of it

    @property
    def size_px(self) -> tuple[int, int]:
        return self.width_px.value(), self.height_px.value()

    def show_plan(self, blocks: int, seconds: float, memory: int, disk: int) -> None:
        """What upscaling will take; memory and disk in bytes, 0 blocks = without the network."""
        if not blocks:
            text = tr("Takes a moment · {memory} of memory", memory=readable_bytes(memory))
        else:
            text = tr_count(
                "{count} block · about {time} · {memory} of memory, {disk} on the disk",
                "{count} blocks · about {time} · {memory} of memory, {disk} on the disk",
                blocks,
                time=readable_seconds(seconds),
                memory=readable_bytes(memory),
                disk=readable_bytes(disk),
            )
        if seconds >= LONG_S:
            hint = tr('That is long; "Filter" under "How" is done at once, with softer edges.')
            text = f"{text}\n{hint}"
        self.plan.setText(text)

    def show_preview(self, bicubic: RgbaArray, upscaled: RgbaArray) -> None:
        """A piece of the picture in two ways."""
        self.picture.show_pictures(bicubic, upscaled)
        self.preview.setText(tr("Show Preview"))
        self._enable()

    def wait_for_preview(self) -> bool:
        """A preview was asked for; returns whether the plan was about to be asked for.

        It is not now: of two questions the later one counts, and the preview would never come.
        """
        was_due = self._timer.isActive()
        self._timer.stop()
        self.picture.show_text(tr("Upscaling a piece of the picture …"))
        self._enable()
        return was_due

    def show_failure(self, sentence: str) -> None:
        """Something could not be done; the dialog stays."""
        self.plan.setText(sentence)
        self.status.clear()
        self._drop_preview()
        self.set_busy(busy=False)

    def show_cancelled(self) -> None:
        self.status.finish(tr("Cancelled; the document is as it was."), ())
        self.set_busy(busy=False)

    def set_busy(self, *, busy: bool) -> None:
        """Whether upscaling goes on: only Cancel can be used then."""
        self._busy = busy
        self._enable()
        if busy:
            self.status.start(tr("Waiting for the model"))
            self.setFocus()

    def accept(self) -> None:
        if not self._busy and self.start.isEnabled():
            self.start_wanted.emit()

    def leave(self) -> None:
        """Close while upscaling goes on."""
        super().reject()

    def reject(self) -> None:
        was_busy = self._busy  # then the dialog stays: other settings may be wanted
        self.cancel_wanted.emit()
        if not was_busy:
            super().reject()

    def _choice(self, name: str, texts: Mapping[object, str]) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName(name)
        for value, text in texts.items():
            box.addItem(text, value)
        arrows_open_list(box)
        return box

    def _side(self, name: str) -> QSpinBox:
        field = number_field(name, 1, MAX_SIDE_PX, self)
        field.setSuffix(" px")
        return field

    def _factor(self, factor: int) -> QPushButton:
        button = QPushButton(tr("{factor}×", factor=factor), self)
        button.setAutoDefault(False)
        button.setAccessibleName(tr("{factor} times as large", factor=factor))
        button.clicked.connect(lambda: self.width_px.setValue(factor * self._box.width))
        return button

    def _slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal, self)
        slider.setRange(0, _STEPS)
        slider.setValue(_STEPS // 2)
        slider.setPageStep(_STEPS // 10)
        slider.setAccessibleName(tr("Where bicubic ends and upscaled begins"))
        slider.valueChanged.connect(lambda value: self.picture.set_share(value / _STEPS))
        self.picture.share_changed.connect(lambda share: slider.setValue(round(share * _STEPS)))
        return slider

    def _lay_out(self) -> None:
        both = QHBoxLayout()
        both.setSpacing(22)
        both.addLayout(self._laid_out_fields(), 1)
        both.addLayout(self._laid_out_preview())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(16)
        layout.addLayout(both)
        layout.addWidget(self._buttons)

    def _laid_out_fields(self) -> QVBoxLayout:
        fields = QVBoxLayout()
        fields.setSpacing(4)
        for text, box in ((tr("What"), self.scope_box), (tr("How"), self.method_box)):
            fields.addWidget(field_label(text, box))
            fields.addWidget(box)
            fields.addSpacing(8)
        sides = QGridLayout()
        sides.setHorizontalSpacing(10)
        sides.setVerticalSpacing(4)
        for column, (text, side) in enumerate(
            ((tr("Width"), self.width_px), (tr("Height"), self.height_px))
        ):
            sides.addWidget(field_label(text, side), 0, column)
            sides.addWidget(side, 1, column)
            sides.setColumnStretch(column, 1)
        fields.addLayout(sides)
        factors = QHBoxLayout()
        factors.setSpacing(6)
        for button in self.factors:
            factors.addWidget(button, 1)
        fields.addSpacing(4)
        fields.addLayout(factors)
        fields.addSpacing(8)
        for label in (self.note, self.plan):
            label.setWordWrap(True)
            label.setMinimumWidth(_FIELDS_PX)
            fields.addWidget(label)
        fields.addStretch(1)
        fields.addWidget(self.status)
        return fields

    def _laid_out_preview(self) -> QVBoxLayout:
        shown = QVBoxLayout()
        shown.setSpacing(6)
        shown.addWidget(self.picture)
        names = QHBoxLayout()
        for text, side_of in (
            (tr("Bicubic"), Qt.AlignmentFlag.AlignLeft),
            (tr("Upscaled"), Qt.AlignmentFlag.AlignRight),
        ):
            name = QLabel(text, self)
            name.setObjectName("muted")
            name.setAlignment(side_of)
            names.addWidget(name, 1)
        shown.addLayout(names)
        shown.addWidget(self.split)
        shown.addWidget(self.preview)
        return shown

    @property
    def _box(self) -> Rect:
        return self._boxes[self.scope]

    def _on_scope(self) -> None:
        for field, low in zip((self.width_px, self.height_px), self._box.size, strict=True):
            field.blockSignals(True)
            field.setRange(low, max(low, MAX_SIDE_PX))
            field.setValue(min(4 * low, MAX_SIDE_PX))
            field.blockSignals(False)
        self._follow(self.height_px, self.width_px.value(), 0)

    def _follow(self, other: QSpinBox, value: int, axis: int) -> None:
        other.blockSignals(True)  # else it would answer with a rounded value
        other.setValue(round(value * self._box.size[1 - axis] / self._box.size[axis]))
        other.blockSignals(False)
        self._changed()

    def _changed(self) -> None:
        (width, height), (old_width, old_height) = self.size_px, self._box.size
        scale = decimal(width / old_width, 2)
        self.note.setText(
            tr(
                "Now {width} × {height} px · {scale} times as large",
                width=old_width, height=old_height, scale=scale,
            )
            if width * height <= MAX_PIXELS
            else tr("That is too large.")
        )  # fmt: skip
        self.plan.clear()
        self._drop_preview()
        self._enable()
        if self.start.isEnabled():
            self._timer.start()

    def _drop_preview(self) -> None:
        self.picture.show_text(
            tr("The preview shows the middle of what is seen, beside bicubic scaling.")
        )
        self._enable()

    def _enable(self) -> None:
        width, height = self.size_px
        possible = width * height <= MAX_PIXELS and self.size_px != self._box.size
        fields = [self.scope_box, self.method_box, self.width_px, self.height_px, *self.factors]
        for field in fields:
            field.setEnabled(not self._busy)
        self.preview.setEnabled(not self._busy and possible)
        self.start.setEnabled(not self._busy and possible)
        self.split.setEnabled(self.picture.has_pictures)
        self.background.setVisible(self._busy)
