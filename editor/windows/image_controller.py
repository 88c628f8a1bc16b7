"""What the Image menu does, and the actions that merge layers or change selected pixels."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QDialog, QWidget

from editor.commands.canvas_commands import (
    ChangeCanvasSize,
    ChangeImageSize,
    CropToSelection,
    TrimCanvas,
    TrimTo,
    TurnCanvas,
)
from editor.commands.command import Command
from editor.commands.history import History
from editor.commands.merge_commands import FlattenImage, MergeGroup, MergeVisible
from editor.commands.prepared import Prepared, prepare
from editor.commands.selection_commands import FillSelection, LayerFromSelection
from editor.document.document import Document
from editor.document.layers import GroupLayer
from editor.document.state import DocumentState
from editor.document.turning import Turn
from editor.edit_session import EditSession
from editor.panels.color_dialog import ColorDialog
from editor.theme import Theme
from editor.tools.colors import PaintColors
from editor.translations import tr
from editor.windows.background_work import BackgroundWork, Steps, WorkCancelled
from editor.windows.size_dialogs import CanvasSizeDialog, ImageSizeDialog

_AT_ONCE_PX = 1 << 20  # pixels of all layers that take no noticeable time


class ImageController(QObject):
    """Handlers of the actions whose name begins with "image.".

    Args:
        work: What computes large changes.
        finish_writing: Puts what is being written in the picture into the document.
        colors: Those of the painting tools, offered where a colour is asked for.
    """

    def __init__(
        self,
        session: EditSession,
        work: BackgroundWork,
        finish_writing: Callable[[], None],
        *,
        colors: PaintColors,
        theme: Theme,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._work = work
        self._finish_writing = finish_writing
        self._colors = colors
        self._theme = theme
        self._window = parent
        self._color = QColor(0, 0, 0)
        self.dialog: QDialog | None = None

    @property
    def _document(self) -> Document:
        return self._session.document

    def resize(self) -> None:
        """Ask for another image size."""
        dialog = ImageSizeDialog((self._document.width, self._document.height), self._window)
        dialog.chosen.connect(lambda *size: self._push_slowly(ChangeImageSize(*size)))
        self._show(dialog)

    def resize_canvas(self) -> None:
        """Ask for another canvas size."""
        dialog = CanvasSizeDialog((self._document.width, self._document.height), self._window)
        dialog.chosen.connect(lambda *values: self._session.push(ChangeCanvasSize(*values)))
        self._show(dialog)

    def crop(self) -> None:
        """Make the selection the canvas."""
        self._session.push(CropToSelection())

    def trim(self, to: str) -> None:
        """By the name of what is cut away, e.g. "transparent"."""
        self._push_slowly(TrimCanvas(TrimTo(to)))

    def turn(self, turn: str) -> None:
        """By the name of a turn, e.g. "clockwise"."""
        self._push_slowly(TurnCanvas(Turn(turn)))

    def merge_group(self) -> None:
        """Make the last selected group one layer."""
        document = self._document
        chosen = [i for i in document.selected_ids if isinstance(document.layer(i), GroupLayer)]
        if chosen:
            self._push_slowly(MergeGroup(chosen[-1]))

    def merge_visible(self) -> None:
        self._push_slowly(MergeVisible())

    def flatten(self) -> None:
        self._push_slowly(FlattenImage())

    def layer_via_cut(self) -> None:
        """Move the selected pixels to a layer of their own."""
        if self._document.active_id is not None:
            self._push_slowly(LayerFromSelection(self._document.active_id, cut=True))

    def fill(self) -> None:
        """Ask for a colour and lay it over the selection."""
        layer_id = self._document.active_id
        if layer_id is None:
            return
        dialog = ColorDialog(
            tr("Fill Selection"), self._color, self._colors, self._theme, self._window,
            with_opacity=True,
        )  # fmt: skip
        dialog.chosen.connect(lambda color: self._fill(layer_id, color))
        self._show(dialog)

    def _fill(self, layer_id: str, color: QColor) -> None:
        self._color = color
        rgba = color.red(), color.green(), color.blue(), color.alpha()
        self._push_slowly(FillSelection(layer_id, rgba))

    def _push_slowly(self, command: Command) -> None:
        """A command that may take seconds with a large document: then it is computed beside."""
        self._finish_writing()
        state = self._document.snapshot()
        if sum(layer.bounds.area for layer in state.raster_layers()) <= _AT_ONCE_PX:
            self._session.push(command)
            return
        self._prepare(command, self._session.history)

    def _prepare(self, command: Command, history: History) -> None:
        state = history.document.snapshot()
        self._work.submit(
            command.label,
            lambda steps: _prepared(command, state, steps),
            lambda prepared: self._land(prepared, history),
            failure=tr("The picture could not be changed; the log has the details."),
            lands=True,
        )

    def _land(self, prepared: Prepared, history: History) -> None:
        """Push what was computed, onto the state that it was computed from."""
        if self._session.history is not history:  # another document is open now
            return
        if history.document.snapshot() is prepared.before:
            self._session.push(prepared)
        else:
            self._prepare(prepared.command, history)

    def _show(self, dialog: QDialog) -> None:
        self.dialog = dialog
        dialog.open()


def _prepared(command: Command, state: DocumentState, steps: Steps) -> Prepared:
    prepared = prepare(command, state)
    if steps.cancelled():
        raise WorkCancelled
    return prepared
