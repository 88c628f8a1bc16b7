"""The colour panel: square and hue bar, hex and RGB fields, colours used before."""

from __future__ import annotations

import colorsys

import shiboken6
from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from editor.painting.ink import Rgb
from editor.panels.color_fields import HueBar, SaturationValueSquare
from editor.panels.color_swatches import ColorPair
from editor.panels.widgets import (
    GAP_PX,
    MARGIN_PX,
    field_label,
    number_field,
    panel_title,
    row,
)
from editor.theme import Theme
from editor.tools.colors import MAX_RECENT, PaintColors, from_hex, to_hex
from editor.translations import tr

Hsv = tuple[float, float, float]


class ColorPanel(QWidget):
    """Changes the foreground or the background, whichever was clicked last.

    Args:
        heading: With its title and the two colours, as a panel; without, as a part of a dialog.
    """

    def __init__(
        self,
        colors: PaintColors,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        heading: bool = True,
    ) -> None:
        super().__init__(parent)
        self._colors = colors
        self._hsv: Hsv = (0.0, 0.0, 0.0)  # kept: grey and black have no hue of their own
        self.pair = ColorPair(colors, theme, self)
        self.square = SaturationValueSquare(theme, self)
        self.hue = HueBar(theme, self)
        self.hex = QLineEdit(self)
        self.hex.setMaxLength(7)
        self.channels = tuple(
            number_field(name, 0, 255, self) for name in (tr("Red"), tr("Green"), tr("Blue"))
        )
        self.recent = RecentColors(colors, theme, self)
        self._lay_out(heading=heading)
        self.square.moved.connect(self._shade_moved)
        self.hue.moved.connect(self._hue_moved)
        self.hex.editingFinished.connect(self._hex_written)
        for channel in self.channels:
            channel.valueChanged.connect(self._channel_written)
        self._disconnect = colors.changed.connect(self._changed)
        self._refresh()

    def _lay_out(self, *, heading: bool) -> None:
        fields = QGridLayout()
        fields.setHorizontalSpacing(6)
        fields.setVerticalSpacing(3)
        letters = (tr("R"), tr("G"), tr("B"))
        fields.addWidget(field_label(tr("Hex"), self.hex), 0, 0)
        fields.addWidget(self.hex, 1, 0)
        for place, (letter, channel) in enumerate(zip(letters, self.channels, strict=True), 1):
            fields.addWidget(field_label(letter, channel), 0, place)
            fields.addWidget(channel, 1, place)
        for place, stretch in enumerate((11, 6, 6, 6)):
            fields.setColumnStretch(place, stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*((MARGIN_PX, 12, MARGIN_PX, 12) if heading else (0, 0, 0, 0)))
        layout.setSpacing(GAP_PX)
        if heading:
            head = row(panel_title(tr("Color"), self), self.pair)
            head.setStretch(0, 1)
            layout.addLayout(head)
        else:
            self.pair.hide()
        layout.addWidget(self.square)
        layout.addWidget(self.hue)
        layout.addLayout(fields)
        layout.addWidget(self.recent)
        layout.addStretch(1)

    # What the user does

    def _shade_moved(self, saturation: float, from_top: float) -> None:
        self._set_hsv((self._hsv[0], saturation, 1 - from_top))

    def _hue_moved(self, hue: float, _y: float) -> None:
        self._set_hsv((hue, self._hsv[1], self._hsv[2]))

    def _set_hsv(self, hsv: Hsv) -> None:
        self._hsv = hsv
        self._colors.edited = rgb_of(hsv)
        self._refresh()

    def _hex_written(self) -> None:
        color = from_hex(self.hex.text())
        if color is not None:
            self._colors.edited = color
        self._refresh()

    def _channel_written(self) -> None:
        red, green, blue = (channel.value() for channel in self.channels)
        self._colors.edited = (red, green, blue)

    # What it shows

    def _changed(self, _colors: PaintColors) -> None:
        if shiboken6.isValid(self):
            self._refresh()
        else:
            self._disconnect()

    def _refresh(self) -> None:
        color = self._colors.edited
        if rgb_of(self._hsv) != color:
            self._hsv = hsv_of(color, self._hsv)
        hue, saturation, value = self._hsv
        self.square.show_hue(hue)
        self.square.show_place(saturation, 1 - value)
        self.hue.show_place(hue, 0.5)
        if not self.hex.hasFocus() or from_hex(self.hex.text()) != color:
            self.hex.setText(to_hex(color))
        for channel, part in zip(self.channels, color, strict=True):
            with QSignalBlocker(channel):
                channel.setValue(part)


class RecentColors(QWidget):
    """Small squares of the colours that were painted with; a click takes one again.

    By keyboard: Left and Right go along them, Space or Enter takes the marked one.

    Signals:
        chosen: A colour was taken.
    """

    chosen = Signal(object)

    def __init__(self, colors: PaintColors, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._colors, self._theme = colors, theme
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(20)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._marked = 0  # by the keyboard
        self.setAccessibleName(tr("Recent colors"))
        self.setToolTip(tr("Recent colors"))
        self._disconnect = colors.changed.connect(self._changed)

    def sizeHint(self) -> QSize:
        return QSize(220, 20)

    def rect_of(self, place: int) -> QRectF:
        """Where a colour lies, 0 being the newest."""
        step = self.width() / MAX_RECENT
        side = min(step - 2, self.height() - 2)
        return QRectF(place * step + (step - side) / 2, (self.height() - side) / 2, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        recent = self._colors.recent
        tokens = self._theme.tokens
        for place in range(MAX_RECENT):
            known = place < len(recent)
            painter.setPen(QPen(QColor(tokens.border_strong if known else tokens.border), 1))
            painter.setBrush(QColor(*recent[place]) if known else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect_of(place).adjusted(0.5, 0.5, -0.5, -0.5), 2.5, 2.5)
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect_of(self._marked).adjusted(-1, -1, 1, 1), 3, 3)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        recent = self._colors.recent
        if event.key() in steps and recent:
            place = self._marked + steps[Qt.Key(event.key())]
            self._marked = min(max(place, 0), len(recent) - 1)
            self.setAccessibleDescription(to_hex(recent[self._marked]))
            self.update()
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter) and recent:
            self._take(recent[min(self._marked, len(recent) - 1)])
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for place, color in enumerate(self._colors.recent):
            if self.rect_of(place).contains(event.position()):
                self._take(color)
                return

    def _take(self, color: Rgb) -> None:
        self._colors.edited = color
        self.chosen.emit(color)

    def _changed(self, _colors: PaintColors) -> None:
        if shiboken6.isValid(self):
            self.update()
        else:
            self._disconnect()


def rgb_of(hsv: Hsv) -> Rgb:
    """Nearest 8-bit colour of hue, saturation and value, each 0..1."""
    red, green, blue = colorsys.hsv_to_rgb(*hsv)
    return round(red * 255), round(green * 255), round(blue * 255)


def hsv_of(color: Rgb, before: Hsv) -> Hsv:
    """Hue, saturation and value; what a colour leaves open stays as it was before."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(part / 255 for part in color))
    if value == 0:
        return before[0], before[1], 0.0
    if saturation == 0:
        return before[0], 0.0, value
    return hue, saturation, value
