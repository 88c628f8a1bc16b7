"""How a job is going: progress with the time left, then notes about what was understood."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from editor.panels.widgets import FittedScrollArea, muted_label
from editor.theme import Theme
from editor.translations import tr

MAX_NOTES = 6
LEAST_NOTES_PX, MOST_NOTES_PX = 44, 220  # one note of two lines; what has no room scrolls


class JobStatus(QWidget):
    """Progress bar with two texts, and notes below; invisible when there is nothing to say."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.bar = QProgressBar(self)
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress"))
        self.phase = QLabel(self)
        self.phase.setObjectName("muted")
        self.time_left = QLabel(self)
        self.time_left.setObjectName("muted")
        self.time_left.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._page = page = QWidget(self)
        self._notes = QVBoxLayout(page)
        self._notes.setContentsMargins(0, 0, 0, 0)
        self._notes.setSpacing(6)
        self.notes_area = FittedScrollArea(page, self, LEAST_NOTES_PX)
        self.notes_area.setMaximumHeight(MOST_NOTES_PX)
        texts = QHBoxLayout()
        texts.addWidget(self.phase, 1)
        texts.addWidget(self.time_left)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.bar)
        layout.addLayout(texts)
        layout.addWidget(self.notes_area)
        self.clear()

    def clear(self) -> None:
        """Back to nothing."""
        self.set_notes(())
        self._show_progress(visible=False)

    def start(self, text: str) -> None:
        """A job was submitted; nothing is known about it yet."""
        self.set_notes(())
        self._show_progress(visible=True)
        self.bar.setRange(0, 0)  # moving, because the share is unknown
        self.phase.setText(text)
        self.time_left.clear()

    def show_progress(self, text: str, share: float, eta_seconds: float | None) -> None:
        """One report: text of the phase, finished share 0..1, seconds left if known."""
        self._show_progress(visible=True)
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * share))
        self.phase.setText(text)
        left = "" if eta_seconds is None else readable_seconds(eta_seconds)
        self.time_left.setText(tr("{time} left", time=left) if left else "")

    def show_ending(self, text: str) -> None:
        """The job was asked to stop and has not answered yet."""
        self.phase.setText(text)
        self.time_left.clear()

    def finish(self, text: str, notes: Sequence[str]) -> None:
        """The job ended; `text` says how long it took or that it was cancelled."""
        self._show_progress(visible=False)
        self.phase.setText(text)
        self.phase.setVisible(bool(text))
        self.set_notes(notes)

    def set_notes(self, notes: Sequence[str]) -> None:
        """Sentences about the last result."""
        while (item := self._notes.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        shown = list(notes[:MAX_NOTES])
        if len(notes) > MAX_NOTES:
            shown.append(tr("… and {count} more", count=len(notes) - MAX_NOTES))
        for text in shown:
            label = muted_label(self._page)
            label.setObjectName("note")
            label.setText(text)
            label.setToolTip(text)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._notes.addWidget(label)
        self.notes_area.setVisible(bool(shown))

    @property
    def notes(self) -> list[str]:
        """The notes shown now."""
        items = (self._notes.itemAt(i) for i in range(self._notes.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget.text() for widget in widgets if isinstance(widget, QLabel)]

    def _show_progress(self, *, visible: bool) -> None:
        for widget in (self.bar, self.phase, self.time_left):
            widget.setVisible(visible)


def readable_seconds(seconds: float) -> str:
    """A duration as people say it: "12 s", "3 min"."""
    if seconds < 90:
        return tr("{seconds} s", seconds=max(1, math.ceil(seconds)))
    return tr("{minutes} min", minutes=math.ceil(seconds / 60))
