"""What a command is: a frozen description that turns one document state into another.

Commands do not store how to undo themselves. The history compares the states before and after and
keeps only the values that differ, so undo is right for every command by construction.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable

from editor.document.state import DocumentState


class Command(ABC):
    """One change with a label; immutable, without side effects."""

    @property
    @abstractmethod
    def label(self) -> str:
        """What undo shows, e.g. "Move Layer"."""

    @property
    def icon(self) -> str:
        """Name of its picture in the history panel; empty = the usual one."""
        return ""

    @property
    def merge_key(self) -> Hashable | None:
        """Commands of one gesture with equal keys become one step; None = never."""
        return None

    @property
    def undoable(self) -> bool:
        """False for what only concerns the panel, like opening a group: it leaves no step."""
        return True

    @property
    def selects(self) -> tuple[str, ...] | None:
        """Layers to select afterwards (those that exist); None = keep the selection."""
        return None

    @abstractmethod
    def apply(self, state: DocumentState) -> DocumentState:
        """The state after the change. Raises DocumentError when it is refused."""
