"""Options of brush, eraser, fill, gradient and colour picker."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QWidget

from editor.painting.brush import MAX_SIZE_PX, MIN_SIZE_PX
from editor.painting.gradients import GradientShape
from editor.painting.sampling import Sampling
from editor.panels.color_swatches import ColorSwatches
from editor.panels.tool_options.context import OptionsContext, OptionsFactory
from editor.panels.tool_options.fields import (
    FIELD_GAP_PX,
    NumberOption,
    choice_option,
    icon_switch_option,
    mode_option,
    options_row,
    percent_option,
    switch_option,
)
from editor.tools.gradient_tool import GradientColors
from editor.tools.options import Options
from editor.tools.picker_tool import SampleSize
from editor.tools.tool import ToolId
from editor.translations import tr


def brush_options(context: OptionsContext, parent: QWidget) -> QWidget:
    """Colours, size, hardness, opacity, flow, and what pressure does."""
    return options_row(parent, _swatches(context, parent), *_brush(context, ToolId.BRUSH, parent))


def eraser_options(context: OptionsContext, parent: QWidget) -> QWidget:
    """As for the brush, without colours."""
    return options_row(parent, *_brush(context, ToolId.ERASER, parent))


def fill_options(context: OptionsContext, parent: QWidget) -> QWidget:
    """Colours, how far an area reaches, opacity."""
    options = _options(context, ToolId.FILL)
    return options_row(
        parent,
        _swatches(context, parent),
        NumberOption(options, "tolerance", tr("Tolerance"), (0, 255), parent=parent),
        percent_option(options, "opacity", tr("Opacity"), 1, parent=parent),
        switch_option(
            options,
            "contiguous",
            tr("Contiguous"),
            tr("Fill only what hangs together with the clicked pixel"),
            parent=parent,
        ),
        switch_option(options, "antialias", tr("Antialias"), parent=parent),
        _sampling(options, parent),
    )


def gradient_options(context: OptionsContext, parent: QWidget) -> QWidget:
    """Colours, shape, where the colour runs to, opacity."""
    options = _options(context, ToolId.GRADIENT)
    shapes = (
        (GradientShape.LINEAR, "gradient-linear", tr("Linear gradient")),
        (GradientShape.RADIAL, "gradient-radial", tr("Radial gradient")),
    )
    ends = (
        (GradientColors.BACKGROUND, tr("Foreground to background")),
        (GradientColors.TRANSPARENT, tr("Foreground to transparent")),
    )
    return options_row(
        parent,
        _swatches(context, parent),
        mode_option(options, "shape", context.theme, shapes, parent=parent),
        choice_option(options, "colors", tr("Colors"), ends, parent=parent),
        switch_option(options, "reverse", tr("Reverse"), parent=parent),
        percent_option(options, "opacity", tr("Opacity"), 1, parent=parent),
    )


def picker_options(context: OptionsContext, parent: QWidget) -> QWidget:
    """Colours, what is looked at and how many pixels count."""
    options = _options(context, ToolId.PICKER)
    sizes = (
        (SampleSize.POINT, tr("One pixel")),
        (SampleSize.SMALL, tr("Average of {side} × {side}", side=3)),
        (SampleSize.LARGE, tr("Average of {side} × {side}", side=5)),
    )
    return options_row(
        parent,
        _swatches(context, parent),
        _sampling(options, parent),
        choice_option(options, "size", tr("Sample size"), sizes, parent=parent),
    )


PAINTING_OPTIONS: dict[ToolId, OptionsFactory] = {
    ToolId.BRUSH: brush_options,
    ToolId.ERASER: eraser_options,
    ToolId.FILL: fill_options,
    ToolId.GRADIENT: gradient_options,
    ToolId.PICKER: picker_options,
}


def _options(context: OptionsContext, tool_id: ToolId) -> Options[Any]:
    options = context.tools[tool_id].options
    if options is None:
        raise TypeError("painting tools have options")
    return options


def _swatches(context: OptionsContext, parent: QWidget) -> QWidget:
    return ColorSwatches(context.tools.colors, context.theme, context.actions, parent)


def _brush(context: OptionsContext, tool_id: ToolId, parent: QWidget) -> tuple[QWidget, ...]:
    options, theme = _options(context, tool_id), context.theme
    size = NumberOption(
        options,
        "size",
        tr("Size"),
        (MIN_SIZE_PX, MAX_SIZE_PX),
        suffix=" px",
        curved=True,
        parent=parent,
    )
    by_size = icon_switch_option(
        options, "pressure_size", theme, "pressure-size", tr("Pressure sets the size"),
        parent=parent,
    )  # fmt: skip
    by_opacity = icon_switch_option(
        options, "pressure_opacity", theme, "pressure-opacity", tr("Pressure sets the opacity"),
        parent=parent,
    )  # fmt: skip
    opacity = percent_option(options, "opacity", tr("Opacity"), 1, parent=parent)
    return (
        _beside(size, by_size, parent),
        percent_option(options, "hardness", tr("Hardness"), parent=parent),
        _beside(opacity, by_opacity, parent),
        percent_option(options, "flow", tr("Flow"), 1, parent=parent),
    )


def _sampling(options: Options[Any], parent: QWidget) -> QWidget:
    choices = ((Sampling.LAYER, tr("This layer")), (Sampling.MERGED, tr("All layers")))
    return choice_option(options, "sampling", tr("Sample"), choices, parent=parent)


def _beside(one: QWidget, other: QWidget, parent: QWidget) -> QWidget:
    """Two parts that belong together."""
    page = QWidget(parent)
    layout = QHBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(FIELD_GAP_PX)
    layout.addWidget(one)
    layout.addWidget(other)
    return page
