"""Frames of a drag that wait for the picture they belong to, so that neither runs ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from editor.canvas.tile_renderer import TileRenderer
from editor.tools.overlay import Frame, OverlayItem, TurnedFrame

PATIENCE_MS = 120  # then the hand is followed without the picture

Items = tuple[OverlayItem, ...]


class LateFrames(QObject):
    """Shows the overlay, frames around pixels not before these are shown.

    What is at the pointer, such as the edge of a brush, follows the hand alone.

    Args:
        wanted: The overlay as it is to be now.
        show: Puts one on the screen.
    """

    def __init__(
        self,
        renderer: TileRenderer,
        wanted: Callable[[], Items],
        show: Callable[[Items], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._renderer = renderer
        self._wanted = wanted
        self._show = show
        self._held: deque[tuple[int, Items]] = deque()  # by the number of the picture
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PATIENCE_MS)
        self._timer.timeout.connect(lambda: self.refresh(dragging=False))

    def refresh(self, *, dragging: bool) -> None:
        """The overlay or the picture has changed; during a drag they come together."""
        items = self._wanted()
        frames = any(isinstance(item, Frame | TurnedFrame) for item in items)
        if dragging and frames and not self._renderer.follows:
            self._held.append((self._renderer.generation, items))
            if not self._timer.isActive():
                self._timer.start()
        else:
            self._held.clear()
            self._timer.stop()
            self._show(items)

    def show_arrived(self) -> None:
        """The overlay of the newest picture that has come."""
        items = None
        while self._held and self._held[0][0] <= self._renderer.shown_generation:
            items = self._held.popleft()[1]
        if items is None:
            return
        self._timer.stop()
        if self._held:
            self._timer.start()
        self._show(items)
