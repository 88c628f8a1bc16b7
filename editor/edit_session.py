"""The open document as Qt sees it: signals instead of callbacks, and refusals as sentences."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from editor.commands.command import Command
from editor.commands.history import DEFAULT_BUDGET_BYTES, History
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.events import Change


class EditSession(QObject):
    """Holds the history of the open document and replaces it when another file is opened.

    Signals:
        replaced: Another document is open now.
        changed(Change): The document changed; also for selections.
        history_changed: Undo or redo became possible or impossible, or the save point moved.
        refused(str): A command was refused; the sentence is for the user.
    """

    replaced = Signal()
    changed = Signal(object)
    history_changed = Signal()
    refused = Signal(str)

    def __init__(
        self,
        document: Document,
        parent: QObject | None = None,
        *,
        undo_bytes: int = DEFAULT_BUDGET_BYTES,
    ) -> None:
        super().__init__(parent)
        self._undo_bytes = undo_bytes
        self._disconnect: list[Callable[[], None]] = []
        self.path: Path | None = None
        self._connect(document)

    @property
    def history(self) -> History:
        return self._history

    @property
    def document(self) -> Document:
        return self._history.document

    def open(self, document: Document, path: Path | None, *, saved: bool = True) -> None:
        """Show another document; the undo steps of the last one are forgotten.

        Args:
            saved: False = its file, if there is one, does not hold this content.
        """
        for disconnect in self._disconnect:
            disconnect()
        self.path = path
        self._connect(document)
        if not saved:
            self._history.mark_unsaved()
        self.replaced.emit()

    def push(self, command: Command) -> bool:
        """Run a command; False when the document refused it and `refused` was emitted."""
        try:
            self._history.push(command)
        except DocumentError as error:
            self.refused.emit(error.message)
            return False
        return True

    def undo(self) -> None:
        """Take the last step back, outside of gestures only."""
        if not self._history.in_gesture:
            self._history.undo()

    def redo(self) -> None:
        """Do the last undone step again, outside of gestures only."""
        if not self._history.in_gesture:
            self._history.redo()

    def go_to(self, position: int) -> bool:
        """Undo or redo until so many steps are done; False during a gesture."""
        if self._history.in_gesture:
            return False
        self._history.go_to(position)
        return True

    def mark_saved(self, path: Path, save_point: int | None = None) -> None:
        """The file holds the content of a save point of the history; None = the present one."""
        self.path = path
        self._history.mark_saved(save_point)
        self.history_changed.emit()

    def _connect(self, document: Document) -> None:
        self._history = History(document, self._undo_bytes)
        self._disconnect = [
            document.changed.connect(self._document_changed),
            self._history.changed.connect(self._steps_changed),
        ]

    def _document_changed(self, change: Change) -> None:
        self.changed.emit(change)

    def _steps_changed(self, _history: History) -> None:
        self.history_changed.emit()
