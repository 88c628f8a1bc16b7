"""The numbers and buttons of the transform tool."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import shiboken6
from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QPushButton, QWidget

from editor.document.pixels import MAX_SIDE_PX
from editor.panels.tool_options.context import OptionsContext
from editor.panels.tool_options.fields import FIELD_GAP_PX, GROUP_GAP_PX
from editor.panels.widgets import action_button, field_label, icon_button, wheel_needs_focus
from editor.tools.tool import Effects
from editor.tools.transform_tool import TransformTool, TransformValues
from editor.translations import tr

_REACH_PX = 100_000
_BUTTONS = ("layer.flip_horizontal", "layer.flip_vertical", "layer.turn_left", "layer.turn_right")


class TransformOptions(QWidget):
    """x, y, width, height and angle of the frame, mirroring, turning, Apply and Cancel."""

    def __init__(self, context: OptionsContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._tool = context.tools.transform
        self.x_px = self._number(tr("Left edge"), "x", (-_REACH_PX, _REACH_PX), " px")
        self.y_px = self._number(tr("Top edge"), "y", (-_REACH_PX, _REACH_PX), " px")
        self.width_px = self._number(tr("Width"), "width", (1, MAX_SIDE_PX), " px")
        self.height_px = self._number(tr("Height"), "height", (1, MAX_SIDE_PX), " px")
        self.angle = self._number(tr("Angle"), "angle", (-180, 180), "°")
        self.angle.setWrapping(True)
        self.aspect = icon_button(context.theme, "link", tr("Keep the proportions"), self)
        self.aspect.setCheckable(True)
        self.aspect.setChecked(True)
        self.apply = self._button(tr("Apply"), self._tool.apply)
        self.cancel = self._button(tr("Cancel"), self._tool.cancel)
        self._lay_out()
        self._disconnect = self._tool.changed.connect(self._follow)
        context.session.changed.connect(self._refresh)
        context.session.replaced.connect(self._refresh)
        self._refresh()

    def _number(
        self, name: str, value: str, limits: tuple[int, int], suffix: str
    ) -> QDoubleSpinBox:
        field = QDoubleSpinBox(self)
        field.setRange(*limits)
        field.setDecimals(1)
        field.setSuffix(suffix)
        field.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        field.setAccessibleName(name)
        field.setToolTip(name)
        field.setKeyboardTracking(False)
        field.lineEdit().setTextMargins(7, 0, 7, 0)
        wheel_needs_focus(field)
        field.valueChanged.connect(lambda number: self._typed(value, number))
        return field

    def _button(self, text: str, answer: Callable[[], Effects]) -> QPushButton:
        button = QPushButton(text, self)
        button.clicked.connect(lambda: self._context.perform(answer()))
        return button

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(FIELD_GAP_PX)
        parts = (
            (tr("X"), self.x_px),
            (tr("Y"), self.y_px),
            (tr("W"), self.width_px),
            (tr("H"), self.height_px),
        )
        for letter, field in parts:
            layout.addWidget(field_label(letter, field))
            layout.addWidget(field)
        layout.addWidget(self.aspect)
        layout.addSpacing(GROUP_GAP_PX - FIELD_GAP_PX)
        layout.addWidget(field_label(tr("Angle"), self.angle))
        layout.addWidget(self.angle)
        layout.addSpacing(GROUP_GAP_PX - FIELD_GAP_PX)
        for action_id in _BUTTONS:
            layout.addWidget(action_button(self._context.actions[action_id], self))
        layout.addSpacing(GROUP_GAP_PX - FIELD_GAP_PX)
        layout.addWidget(self.apply)
        layout.addWidget(self.cancel)
        layout.addStretch(1)

    def _typed(self, name: str, number: float) -> None:
        document = self._context.session.document
        old = self._tool.values(document)
        if old is None:
            return
        new = replace(old, **{name: number})
        if self.aspect.isChecked() and name == "width":
            new = replace(new, height=old.height * number / old.width)
        elif self.aspect.isChecked() and name == "height":
            new = replace(new, width=old.width * number / old.height)
        self._context.perform(self._tool.set_values(document, new))

    def _follow(self, _tool: TransformTool) -> None:
        if shiboken6.isValid(self):
            self._refresh()
        else:
            self._disconnect()

    def _refresh(self, _change: object = None) -> None:
        values = self._tool.values(self._context.session.document)
        shown = values or TransformValues(0, 0, 1, 1, 0)
        for field, number in (
            (self.x_px, shown.x),
            (self.y_px, shown.y),
            (self.width_px, shown.width),
            (self.height_px, shown.height),
            (self.angle, shown.angle),
        ):
            with QSignalBlocker(field):
                field.setEnabled(values is not None)
                field.setValue(number)
                if values is None:
                    field.clear()
        self.aspect.setEnabled(values is not None)
        self.apply.setEnabled(self._tool.busy)
        self.cancel.setEnabled(self._tool.busy)
