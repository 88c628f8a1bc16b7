"""Options of the text tool: font, size, style, colour, alignment, distance of lines."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QFontComboBox, QToolButton, QWidget

from editor.document.text import MAX_FONT_SIZE_PX, TextAlignment
from editor.panels.color_dialog import ColorDialog
from editor.panels.tool_options.context import OptionsContext
from editor.panels.tool_options.fields import (
    NumberOption,
    close_together,
    icon_switch_option,
    mode_option,
    number_option,
    options_row,
)
from editor.tools.options import Options
from editor.tools.text_tool import TextOptions
from editor.translations import tr

_FAMILY_WIDTH_PX = 170
_SWATCH = QSize(18, 18)


def text_options(context: OptionsContext, parent: QWidget) -> QWidget:
    """The widget of the options bar."""
    options, theme = context.tools.text.options, context.theme
    size = number_option(
        options, "size", tr("Size"), (1, int(MAX_FONT_SIZE_PX)), suffix=" px", parent=parent
    )
    bold = icon_switch_option(options, "bold", theme, "bold", tr("Bold"), parent=parent)
    italic = icon_switch_option(options, "italic", theme, "italic", tr("Italic"), parent=parent)
    sides = (
        (TextAlignment.LEFT, "text-left", tr("Begin lines at the click")),
        (TextAlignment.CENTER, "text-center", tr("Center lines at the click")),
        (TextAlignment.RIGHT, "text-right", tr("End lines at the click")),
    )
    alignment = mode_option(options, "alignment", theme, sides, parent=parent)
    lines = NumberOption(
        options,
        "line_height",
        tr("Line height"),
        (50, 400),
        suffix=" %",
        unit=0.01,
        parent=parent,
    )
    return options_row(
        parent,
        FamilyOption(options, parent),
        size,
        close_together(parent, bold, italic),
        ColorOption(context, parent),
        alignment,
        lines,
    )


class FamilyOption(QFontComboBox):
    """A list of the fonts that are there; one that is missing keeps its name."""

    def __init__(self, options: Options[TextOptions], parent: QWidget) -> None:
        super().__init__(parent)
        self._options = options
        self.setAccessibleName(tr("Font"))
        self.setToolTip(tr("Font"))
        self.setFixedWidth(_FAMILY_WIDTH_PX)
        self.currentFontChanged.connect(self._chosen)
        options.changed.connect(self._show)
        self._show(options.value)

    def _chosen(self, font: QFont) -> None:
        self._options.change(family=font.family())

    def _show(self, value: TextOptions) -> None:
        with QSignalBlocker(self):
            self.setCurrentFont(QFont(value.family))
            self.setEditText(value.family)


class ColorOption(QToolButton):
    """Shows the colour; a press opens the dialog for another one."""

    def __init__(self, context: OptionsContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._options = options = context.tools.text.options
        self.setAccessibleName(tr("Text color"))
        self.setToolTip(tr("Text color"))
        self.setIconSize(_SWATCH)
        self.clicked.connect(self._ask)
        options.changed.connect(self._show)
        self._show(options.value)

    def _ask(self) -> None:
        before = QColor(self._options.value.color)
        colors, theme = self._context.tools.colors, self._context.theme
        dialog = ColorDialog(tr("Text color"), before, colors, theme, self)
        dialog.chosen.connect(lambda color: self._options.change(color=color.name()))
        dialog.open()

    def _show(self, value: TextOptions) -> None:
        ratio = self.devicePixelRatioF()
        swatch = QPixmap(_SWATCH * ratio)
        swatch.setDevicePixelRatio(ratio)
        swatch.fill(QColor(value.color))
        painter = QPainter(swatch)
        painter.setPen(QColor(128, 128, 128))  # shows on every theme, whatever the colour
        painter.drawRect(0, 0, _SWATCH.width() - 1, _SWATCH.height() - 1)
        painter.end()
        self.setIcon(QIcon(swatch))
