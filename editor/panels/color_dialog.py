"""Asks for one colour with the fields of the colour panel, beside the colour it was."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QDialog, QSizePolicy, QVBoxLayout, QWidget

from editor.panels.color_panel import ColorPanel
from editor.panels.widgets import GAP_PX, confirm_buttons, field_label, number_field, row
from editor.theme import Theme
from editor.tools.colors import PaintColors
from editor.translations import tr

WIDTH_PX = 320
SWATCH_HEIGHT_PX = 30


class ColorDialog(QDialog):
    """The colours that were painted with can be taken; the chosen one joins them.

    Args:
        color: What is shown at first.
        shared: The colours of the painting tools.
        with_opacity: Whether alpha can be chosen too; else it is 255.

    Signals:
        chosen(QColor): Accepted.
    """

    chosen = Signal(QColor)

    def __init__(
        self,
        title: str,
        color: QColor,
        shared: PaintColors,
        theme: Theme,
        parent: QWidget,
        *,
        with_opacity: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._shared = shared
        self._colors = PaintColors()  # its own: nothing changes outside before it is accepted
        self._colors.restore(shared.to_json())
        self.panel = ColorPanel(self._colors, theme, self, heading=False)
        self.opacity = number_field(tr("Opacity in percent"), 0, 100, self)
        self.opacity.setSuffix(" %")
        self._swatch = _BeforeAndAfter(color, self._colors, theme, self)
        self._lay_out(with_opacity=with_opacity)
        self.color = color if with_opacity else QColor(color.rgb())
        self.setFixedWidth(WIDTH_PX)
        self.accepted.connect(self._announce)

    @property
    def color(self) -> QColor:
        """The colour that the fields say."""
        return QColor(*self._colors.edited, round(255 * self.opacity.value() / 100))

    @color.setter
    def color(self, color: QColor) -> None:
        self._colors.edited = color.red(), color.green(), color.blue()
        self.opacity.setValue(round(100 * color.alphaF()))

    def _lay_out(self, *, with_opacity: bool) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(12)
        layout.addWidget(self.panel)
        label = field_label(tr("Opacity"), self.opacity)
        below = row(self._swatch, label, self.opacity, spacing=GAP_PX)
        below.setStretch(0, 1)
        layout.addLayout(below)
        for part in (label, self.opacity):
            part.setVisible(with_opacity)
        layout.addSpacing(4)
        layout.addWidget(confirm_buttons(self, tr("Apply")))

    def _announce(self) -> None:
        self._shared.remember(self._colors.edited)
        self.chosen.emit(self.color)


class _BeforeAndAfter(QWidget):
    """The colour as it was, and as it is now, side by side."""

    def __init__(self, before: QColor, colors: PaintColors, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._before, self._colors, self._theme = QColor(before.rgb()), colors, theme
        self.setToolTip(tr("Before and after"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(SWATCH_HEIGHT_PX)
        self._disconnect = colors.changed.connect(self._changed)

    def sizeHint(self) -> QSize:
        return QSize(80, SWATCH_HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        outline = QPainterPath()
        outline.addRoundedRect(frame, 6, 6)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipPath(outline)
        painter.fillRect(self.rect(), self._before)
        half = self.rect().adjusted(self.width() // 2, 0, 0, 0)
        painter.fillRect(half, QColor(*self._colors.edited))
        painter.setClipping(False)
        painter.setPen(QPen(QColor(self._theme.tokens.border_strong), 1))
        painter.drawPath(outline)
        painter.end()

    def _changed(self, _colors: PaintColors) -> None:
        if shiboken6.isValid(self):
            self.update()
        else:
            self._disconnect()
