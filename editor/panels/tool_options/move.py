"""Options of the move tool: buttons that align and distribute the selected layers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QToolButton, QWidget

from editor.panels.tool_options.context import OptionsContext
from editor.panels.tool_options.fields import options_row
from editor.panels.widgets import action_button, row
from editor.translations import tr

_ALIGN = ("left", "center", "right", "top", "middle", "bottom")
_DISTRIBUTE = ("horizontal_centers", "horizontal_gaps", "vertical_centers", "vertical_gaps")
_BUTTON_GAP_PX = 2


def move_options(context: OptionsContext, parent: QWidget) -> QWidget:
    """The widget of the options bar."""
    align = _Buttons(context, [f"layer.align_{name}" for name in _ALIGN], tr("Align"), parent)
    spread_ids = [f"layer.distribute_{name}" for name in _DISTRIBUTE]
    spread = _Buttons(context, spread_ids, tr("Distribute"), parent)
    to_canvas = _Buttons(context, ["layer.align_to_canvas"], "", parent)
    return options_row(parent, align, spread, to_canvas)


class _Buttons(QWidget):
    """Buttons beside each other that follow their actions."""

    def __init__(
        self, context: OptionsContext, action_ids: Sequence[str], what: str, parent: QWidget
    ) -> None:
        super().__init__(parent)
        buttons = [self._button(context, action_id, what) for action_id in action_ids]
        self.setLayout(row(*buttons, spacing=_BUTTON_GAP_PX))

    def _button(self, context: OptionsContext, action_id: str, what: str) -> QToolButton:
        action = context.actions[action_id]
        button = action_button(action, self)
        title = action.text().replace("&", "")
        if what:  # "Left Edges" alone would say too little
            title = f"{what}: {title}"
        button.setToolTip(title)
        button.setAccessibleName(title)
        return button
