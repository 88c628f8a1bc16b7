"""Buttons that align and distribute the selected layers."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from editor.actions.action_set import ActionSet
from editor.panels.widgets import GAP_PX, MARGIN_PX, action_button, panel_title, row
from editor.translations import tr

_ALIGN = ("left", "center", "right", "top", "middle", "bottom")
_DISTRIBUTE = ("horizontal_centers", "horizontal_gaps", "vertical_centers", "vertical_gaps")


class AlignSection(QWidget):
    """Two rows of buttons that follow their actions.

    Attributes:
        buttons: All of them, row by row.
    """

    def __init__(self, actions: ActionSet, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: list[QToolButton] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, 12)
        layout.setSpacing(GAP_PX)
        layout.addWidget(panel_title(tr("Align"), self))
        align = [actions[f"layer.align_{name}"] for name in _ALIGN]
        spread = [actions[f"layer.distribute_{name}"] for name in _DISTRIBUTE]
        layout.addLayout(self._row(align, tr("Align")))
        last = [*spread, actions["layer.align_to_canvas"]]
        layout.addLayout(self._row(last, tr("Distribute")))

    def _row(self, actions: list[QAction], what: str) -> QHBoxLayout:
        buttons = [action_button(action, self) for action in actions]
        for button, action in zip(buttons, actions, strict=True):
            title = action.text().replace("&", "")
            if not action.isCheckable():  # "Left Edges" alone would say too little
                title = f"{what}: {title}"
            button.setToolTip(title)
            button.setAccessibleName(title)
        self.buttons += buttons
        line = row(*buttons, spacing=4)
        line.addStretch(1)
        return line
