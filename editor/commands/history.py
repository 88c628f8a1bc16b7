"""Undo and redo: runs commands, keeps what changed, within a budget of bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from editor.commands.command import Command
from editor.document.document import Document
from editor.document.events import Signal

DEFAULT_BUDGET_BYTES = 512 * 2**20


class History:
    """The undo stack of one document; the only way to change it. Interface thread only.

    Signals:
        changed: After push, undo, redo, merge, save point or clear (the event is the history).
    """

    def __init__(self, document: Document, budget_bytes: int = DEFAULT_BUDGET_BYTES) -> None:
        self.document = document
        self.changed: Signal[History] = Signal()

    def push(self, command: Command) -> None:
        """Run a command and remember how to undo it; what was undone before is forgotten.

        A command that changes nothing leaves no step. Raises DocumentError, with the document
        unchanged, when the command is refused.
        """
        raise NotImplementedError

    def undo(self) -> None:
        """Take the last step back; nothing happens when there is none."""

    def redo(self) -> None:
        """Do the last undone step again; nothing happens when there is none."""

    @contextmanager
    def gesture(self) -> Iterator[None]:
        """Between press and release: commands with equal merge keys become one step."""
        self.begin_gesture()
        try:
            yield
        finally:
            self.end_gesture()

    def begin_gesture(self) -> None:
        """Start of a drag; ends one that was not ended."""

    def end_gesture(self) -> None:
        """End of a drag; later commands start a new step."""

    def cancel_gesture(self) -> None:
        """Take back everything since begin_gesture and forget it, as Escape does in a drag."""

    @property
    def in_gesture(self) -> bool:
        return False

    @property
    def can_undo(self) -> bool:
        return False

    @property
    def can_redo(self) -> bool:
        return False

    @property
    def undo_label(self) -> str:
        """Label of the step that undo takes back; empty when there is none."""
        return ""

    @property
    def redo_label(self) -> str:
        """Label of the step that redo does; empty when there is none."""
        return ""

    @property
    def labels(self) -> tuple[str, ...]:
        """All steps, oldest first, those undone included."""
        return ()

    @property
    def position(self) -> int:
        """Number of steps done; `labels[position:]` are undone."""
        return 0

    @property
    def byte_size(self) -> int:
        """Bytes of pixels that only the undo stack keeps."""
        return 0

    @property
    def is_clean(self) -> bool:
        """True when the content is that of the last `mark_saved` (or the first one)."""
        return True

    def mark_saved(self) -> None:
        """The present content was saved."""

    def clear(self) -> None:
        """Forget all steps."""
