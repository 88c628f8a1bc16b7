"""Options of the selection tools: how shapes meet, how soft they are, a size in numbers."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QWidget

from editor.document.pixels import MAX_SIDE_PX
from editor.document.selections import MAX_FEATHER_PX, SelectionMode
from editor.panels.tool_options.context import OptionsContext
from editor.panels.tool_options.fields import (
    NumberOption,
    enable_while,
    mode_option,
    number_option,
    options_row,
    switch_option,
)
from editor.panels.widgets import GAP_PX
from editor.tools.options import Options
from editor.tools.tool import ToolId
from editor.translations import tr


def box_selection_options(context: OptionsContext, parent: QWidget) -> QWidget:
    """For rectangle and ellipse."""
    options = _options(context)
    return options_row(parent, *_common(context, options, parent), _size(options, parent))


def lasso_options(context: OptionsContext, parent: QWidget) -> QWidget:
    """For the lasso."""
    return options_row(parent, *_common(context, _options(context), parent))


def _options(context: OptionsContext) -> Options[Any]:
    options = context.tools[ToolId.SELECT_RECTANGLE].options
    if options is None:
        raise TypeError("selection tools have options")
    return options


def _common(
    context: OptionsContext, options: Options[Any], parent: QWidget
) -> tuple[QWidget, QWidget, QWidget]:
    choices = (
        (SelectionMode.NEW, "select-new", tr("New selection")),
        (SelectionMode.ADD, "select-add", tr("Add to the selection (Shift)")),
        (SelectionMode.SUBTRACT, "select-subtract", tr("Subtract from the selection (Alt)")),
        (SelectionMode.INTERSECT, "select-intersect", tr("Keep what is common (Shift+Alt)")),
    )
    mode = mode_option(options, "mode", context.theme, choices, parent=parent)
    feather = NumberOption(
        options,
        "feather",
        tr("Feather"),
        (0, MAX_FEATHER_PX),
        suffix=" px",
        curved=True,
        parent=parent,
    )
    smooth = switch_option(options, "antialias", tr("Antialias"), parent=parent)
    return mode, feather, smooth


def _size(options: Options[Any], parent: QWidget) -> QWidget:
    """A box to check, and the two numbers that hold while it is."""
    page = QWidget(parent)
    layout = QHBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(GAP_PX)
    layout.addWidget(switch_option(options, "fixed", tr("Fixed size"), parent=page))
    for name, letter, text in (("width", tr("W"), tr("Width")), ("height", tr("H"), tr("Height"))):
        field = number_option(
            options, name, text, (1, MAX_SIDE_PX), suffix=" px", letter=letter, parent=page
        )
        enable_while(field, options, "fixed")
        layout.addWidget(field)
    return page
