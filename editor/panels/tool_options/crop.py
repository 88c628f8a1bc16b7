"""Options of the crop tool: proportions, what becomes of the rest, Apply and Cancel."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QWidget

from editor.panels.tool_options.context import OptionsContext
from editor.panels.tool_options.fields import (
    FIELD_GAP_PX,
    choice_option,
    close_together,
    options_row,
    switch_option,
)
from editor.tools.crop_tool import CropAspect
from editor.tools.tool import NOTHING
from editor.translations import tr


def crop_options(context: OptionsContext, parent: QWidget) -> QWidget:
    """The widget of the options bar."""
    tool = context.tools.crop
    names = {CropAspect.FREE: tr("Free"), CropAspect.ORIGINAL: tr("As the canvas")}
    choices = [(aspect, names.get(aspect, aspect.value)) for aspect in CropAspect]
    aspect = choice_option(tool.options, "aspect", tr("Proportions"), choices, parent=parent)
    delete = switch_option(
        tool.options,
        "delete_pixels",
        tr("Delete cropped pixels"),
        tr("Cut what lies outside off the layers instead of only hiding it"),
        parent=parent,
    )
    apply, cancel = QPushButton(tr("Crop"), parent), QPushButton(tr("Cancel"), parent)
    apply.clicked.connect(lambda: context.perform(tool.apply(context.session.document)))
    cancel.clicked.connect(lambda: context.perform(tool.cancel()))

    def take_aspect(_options: object) -> None:
        tool.choose_aspect(context.session.document)
        context.perform(NOTHING)  # the frame is drawn anew

    tool.options.changed.connect(take_aspect)
    return options_row(
        parent, aspect, delete, close_together(parent, apply, cancel, gap_px=FIELD_GAP_PX)
    )
