"""What the View menu switches to place things by: rulers, guides, layout boxes, snapping."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from editor.canvas.aids import ViewAids
from editor.canvas.rulers import CanvasFrame
from editor.canvas.view import CanvasView
from editor.commands.guide_commands import AddGuide, ClearGuides, MoveGuide
from editor.document.guides import Guide
from editor.edit_session import EditSession
from editor.settings import Settings
from editor.tools.snapping import SnapKind
from editor.windows.guide_dialog import GuideDialog

# Name, as in the action table and the settings: whether it is on at the first start.
SWITCHES = {
    "rulers": False,
    "guides": True,
    "guides_locked": False,
    "boxes": True,
    "snap": True,
    "snap_guides": True,
    "snap_layers": True,
    "snap_boxes": True,
    "snap_canvas": True,
    "pixel_grid": True,
}
_KINDS = {
    "snap_guides": SnapKind.GUIDES,
    "snap_layers": SnapKind.LAYERS,
    "snap_boxes": SnapKind.BOXES,
    "snap_canvas": SnapKind.CANVAS,
}


class AidsController(QObject):
    """Handlers of the actions whose name begins with "aids."."""

    def __init__(
        self, session: EditSession, frame: CanvasFrame, settings: Settings, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._window = parent
        self._frame = frame
        self._settings = settings
        self._canvas.edit_guide_wanted.connect(self.edit_guide)
        self._apply()

    @property
    def _canvas(self) -> CanvasView:
        return self._frame.canvas

    def is_on(self, name: str) -> bool:
        """Whether one of `SWITCHES` is on."""
        return self._settings.is_on(name, default=SWITCHES[name])

    def toggle(self, name: str) -> None:
        """Switch one of `SWITCHES` and remember it."""
        self._settings.switch(name, on=not self.is_on(name))
        self._apply()

    def new_guide(self) -> None:
        """Ask for the place of a new guide."""
        dialog = GuideDialog(self._session.document, None, self._window)
        dialog.chosen.connect(lambda guide: self._session.push(AddGuide(guide)))
        dialog.open()

    def edit_guide(self, index: int) -> None:
        """Ask for another position of a guide."""
        guides = self._session.document.guides
        dialog = GuideDialog(self._session.document, guides[index], self._window)
        dialog.chosen.connect(lambda guide: self._move(index, guide))
        dialog.open()

    def clear_guides(self) -> None:
        self._session.push(ClearGuides())

    def _move(self, index: int, guide: Guide) -> None:
        self._session.push(MoveGuide(index, guide.position))

    def _apply(self) -> None:
        snap = SnapKind.NONE
        for name, kind in _KINDS.items():
            if self.is_on("snap") and self.is_on(name):
                snap |= kind
        self._canvas.aids = ViewAids(
            guides=self.is_on("guides"),
            guides_locked=self.is_on("guides_locked"),
            boxes=self.is_on("boxes"),
            pixel_grid=self.is_on("pixel_grid"),
            snap=snap,
        )
        self._frame.show_rulers(shown=self.is_on("rulers"))
