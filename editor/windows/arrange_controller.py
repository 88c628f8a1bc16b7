"""What the Align and Distribute menus do to the selected layers."""

from __future__ import annotations

from PySide6.QtCore import QObject

from editor.commands.align_commands import (
    AlignEdge,
    AlignLayers,
    AlignTo,
    DistributeLayers,
    Spread,
)
from editor.edit_session import EditSession
from editor.settings import Settings


class ArrangeController(QObject):
    """Handlers of the actions whose name begins with "arrange."."""

    def __init__(self, session: EditSession, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._settings = settings

    @property
    def to_canvas(self) -> bool:
        """Whether layers are aligned to the canvas instead of to each other."""
        return self._settings.is_on("align_to_canvas", default=False)

    def toggle_canvas(self) -> None:
        """Align to the canvas, or to each other again."""
        self._settings.switch("align_to_canvas", on=not self.to_canvas)

    def align(self, edge: str) -> None:
        """By the name of an edge in small letters, e.g. "left"."""
        selected = self._session.document.selected_ids
        self._session.push(AlignLayers(selected, AlignEdge[edge.upper()], self._to))

    def distribute(self, spread: str) -> None:
        """By the name of a way to spread in small letters, e.g. "vertical_gaps"."""
        selected = self._session.document.selected_ids
        self._session.push(DistributeLayers(selected, Spread[spread.upper()], self._to))

    @property
    def _to(self) -> AlignTo:
        return AlignTo.CANVAS if self.to_canvas else AlignTo.SELECTION
