"""A line for each layout box: what it shows. For pictures with a sentence per box."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from editor.commands.layout_commands import RenameBox
from editor.document.events import Change, ChangeKind
from editor.edit_session import EditSession
from editor.panels.widgets import muted_label, show_beginning
from editor.translations import tr

NUMBER_WIDTH_PX = 18


class BoxPrompts(QWidget):
    """Follows the boxes, topmost first as in the layers panel; a line that is left is kept."""

    def __init__(self, session: EditSession, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._rows: list[_BoxRow] = []
        self._hint = muted_label(self)
        self._hint.setText(tr("Draw boxes on the canvas; each gets a sentence of its own."))
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self._layout.addWidget(self._hint)
        session.changed.connect(self._on_change)
        session.replaced.connect(self.refresh)
        self.refresh()

    @property
    def lines(self) -> list[QLineEdit]:
        """The fields, topmost box first."""
        return [row.line for row in self._rows if not row.isHidden()]

    def focus_box(self, box_id: str) -> None:
        """Go to the line of a box."""
        for row in self._rows:
            if row.box_id == box_id and not row.isHidden():
                row.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        """Show the boxes as they are."""
        document = self._session.document
        boxes = document.boxes
        while len(self._rows) < len(boxes):
            row = _BoxRow(self)
            self._rows.append(row)
            self._layout.addWidget(row)
        self._hint.setVisible(not boxes)
        for place, row in enumerate(self._rows):
            row.setVisible(place < len(boxes))
            if place < len(boxes):
                number = len(boxes) - place
                box = boxes[number - 1]
                row.show_box(box.box_id, number, box.prompt)

    def keep(self, box_id: str, prompt: str) -> None:
        """Note what was written in the document."""
        document = self._session.document
        there = any(box.box_id == box_id for box in document.boxes)
        if there and document.box(box_id).prompt != prompt:
            self._session.push(RenameBox(box_id, prompt=prompt))

    def _on_change(self, change: Change) -> None:
        if change.kinds & (ChangeKind.LAYOUT):
            self.refresh()


class _BoxRow(QWidget):
    """Number and line of a box."""

    def __init__(self, owner: BoxPrompts) -> None:
        super().__init__(owner)
        self._owner = owner
        self.box_id = ""
        self.number = QLabel(self)
        self.number.setObjectName("muted")
        self.number.setMinimumWidth(NUMBER_WIDTH_PX)
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.line = QLineEdit(self)
        self.line.setMaxLength(500)
        self.line.setPlaceholderText(tr("What is in this box?"))
        self.line.editingFinished.connect(self._keep)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.number)
        layout.addWidget(self.line, 1)

    def show_box(self, box_id: str, number: int, prompt: str) -> None:
        """Follow a box; a text being written stays."""
        other = box_id != self.box_id
        self.box_id = box_id
        self.number.setText(str(number))
        self.line.setAccessibleName(tr("Prompt of box {number}", number=number))
        if other or not self.line.hasFocus():
            show_beginning(self.line, prompt)

    def _keep(self) -> None:
        self._owner.keep(self.box_id, self.line.text().strip())
