"""Fields of the options bar, each bound to one field of a tool's options in both directions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

import shiboken6
from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)

from editor.panels.widgets import (
    ICON_SIZE,
    arrows_open_list,
    field_label,
    icon_button,
    number_field,
)
from editor.theme import Theme
from editor.tools.options import Options

SLIDER_WIDTH_PX = 84
SLIDER_STEPS = 200
FIELD_GAP_PX = 6
GROUP_GAP_PX = 16
MODE_GAP_PX = 2


def options_row(parent: QWidget, *parts: QWidget) -> QWidget:
    """The parts of a tool's options beside each other, at the left."""
    page = QWidget(parent)
    layout = QHBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(GROUP_GAP_PX)
    for part in parts:
        layout.addWidget(part)
    layout.addStretch(1)
    return page


def close_together(parent: QWidget, *parts: QWidget, gap_px: int = MODE_GAP_PX) -> QWidget:
    """Parts that belong to each other, as one part of a row."""
    page = QWidget(parent)
    layout = QHBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(gap_px)
    for part in parts:
        layout.addWidget(part)
    return page


class NumberOption(QWidget):
    """A label, a slider and a number for one field.

    Args:
        limits: Least and greatest number, in the unit shown.
        unit: Size of one shown unit in the field, e.g. 0.01 for a share shown in percent.
        curved: Whether the slider gives small numbers more room, as sizes need it.
    """

    def __init__(
        self,
        options: Options[Any],
        name: str,
        text: str,
        limits: tuple[int, int],
        *,
        suffix: str = "",
        unit: float = 1,
        curved: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._options, self._name, self._unit = options, name, unit
        self._limits, self._power = limits, 3.0 if curved else 1.0
        self.number: QSpinBox = number_field(text, *limits, self)
        self.number.setSuffix(suffix)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, SLIDER_STEPS)
        self.slider.setFixedWidth(SLIDER_WIDTH_PX)
        self.slider.setAccessibleName(text)
        self.slider.setToolTip(text)
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(FIELD_GAP_PX)
        layout.addWidget(field_label(text, self.number))
        layout.addWidget(self.slider)
        layout.addWidget(self.number)
        self.number.valueChanged.connect(self._typed)
        self.slider.valueChanged.connect(self._slid)
        _follow(self, options, self._show)

    def _typed(self, value: int) -> None:
        self._change(value)

    def _slid(self, step: int) -> None:
        low, high = self._limits
        self._change(round(low + (high - low) * (step / SLIDER_STEPS) ** self._power))

    def _change(self, shown: int) -> None:
        value = shown * self._unit
        self._options.change(**{self._name: value if isinstance(self._unit, float) else shown})

    def _show(self) -> None:
        low, high = self._limits
        shown = round(getattr(self._options.value, self._name) / self._unit)
        share = (min(max(shown, low), high) - low) / (high - low)
        with QSignalBlocker(self.number), QSignalBlocker(self.slider):
            self.number.setValue(shown)
            if not self.slider.isSliderDown():  # the hand holds it where it is
                self.slider.setValue(round(SLIDER_STEPS * share ** (1 / self._power)))


def number_option(
    options: Options[Any],
    name: str,
    text: str,
    limits: tuple[int, int],
    *,
    suffix: str = "",
    letter: str = "",
    parent: QWidget | None = None,
) -> QWidget:
    """A label (`letter` where given) and a number for a field of whole numbers, without slider."""
    page = QWidget(parent)
    number = number_field(text, *limits, page)
    number.setSuffix(suffix)
    layout = QHBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(FIELD_GAP_PX)
    layout.addWidget(field_label(letter or text, number))
    layout.addWidget(number)
    number.valueChanged.connect(lambda value: options.change(**{name: value}))

    def show() -> None:
        with QSignalBlocker(number):
            number.setValue(getattr(options.value, name))

    _follow(page, options, show)
    return page


def enable_while(field: QWidget, options: Options[Any], name: str) -> None:
    """Let a field be used only while another field of the options is true."""
    _follow(field, options, lambda: field.setEnabled(getattr(options.value, name)))


def percent_option(
    options: Options[Any], name: str, text: str, low: int = 0, *, parent: QWidget | None = None
) -> NumberOption:
    """A share from 0 to 1, shown in percent."""
    return NumberOption(options, name, text, (low, 100), suffix=" %", unit=0.01, parent=parent)


def switch_option(
    options: Options[Any], name: str, text: str, tip: str = "", *, parent: QWidget | None = None
) -> QCheckBox:
    """A box to check for a field that is true or false."""
    box = QCheckBox(text, parent)
    box.setToolTip(tip)
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    box.toggled.connect(lambda on: options.change(**{name: on}))
    _follow(box, options, lambda: _set_checked(box, getattr(options.value, name)))
    return box


def icon_switch_option(
    options: Options[Any],
    name: str,
    theme: Theme,
    icon: str,
    text: str,
    *,
    parent: QWidget,
) -> QToolButton:
    """A button that stays down while the field is true."""
    button = icon_button(theme, icon, text, parent)
    button.setCheckable(True)
    button.toggled.connect(lambda on: options.change(**{name: on}))
    _follow(button, options, lambda: _set_checked(button, getattr(options.value, name)))
    return button


def choice_option(
    options: Options[Any],
    name: str,
    text: str,
    choices: Sequence[tuple[Enum, str]],
    *,
    parent: QWidget | None = None,
) -> QWidget:
    """A label and a list of texts, one for each value of an enum field."""
    page = QWidget(parent)
    box = QComboBox(page)
    for _value, shown in choices:
        box.addItem(shown)
    box.setToolTip(text)
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    arrows_open_list(box)
    values = [value for value, _shown in choices]
    layout = QHBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(FIELD_GAP_PX)
    layout.addWidget(field_label(text, box))
    layout.addWidget(box)
    box.currentIndexChanged.connect(lambda index: options.change(**{name: values[index]}))

    def show() -> None:
        with QSignalBlocker(box):
            box.setCurrentIndex(values.index(getattr(options.value, name)))

    _follow(page, options, show)
    return page


def mode_option(
    options: Options[Any],
    name: str,
    theme: Theme,
    choices: Sequence[tuple[Enum, str, str]],
    *,
    parent: QWidget,
) -> QWidget:
    """Buttons with icons of which one is down: (value, icon, tool tip) for each."""
    page = QWidget(parent)
    layout = QHBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(MODE_GAP_PX)
    buttons: list[tuple[Enum, QToolButton]] = []
    for value, icon, text in choices:
        button = icon_button(theme, icon, text, page)
        button.setIconSize(QSize(ICON_SIZE))
        button.setCheckable(True)
        button.setAutoExclusive(True)
        button.clicked.connect(lambda _checked=False, v=value: options.change(**{name: v}))
        layout.addWidget(button)
        buttons.append((value, button))

    def show() -> None:
        present = getattr(options.value, name)
        for value, button in buttons:
            button.setChecked(value == present)

    _follow(page, options, show)
    return page


def _set_checked(button: QCheckBox | QToolButton, on: bool) -> None:
    with QSignalBlocker(button):
        button.setChecked(on)


def _follow(widget: QWidget, options: Options[Any], show: Callable[[], None]) -> None:
    """Show the options now and after every change, as long as the widget is there."""

    def changed(_value: Any) -> None:
        if shiboken6.isValid(widget):
            show()
        else:
            disconnect()

    disconnect = options.changed.connect(changed)
    show()
