"""What the Select menu does to the selected part of the canvas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from editor.commands.paint_commands import SetSelection
from editor.document import selections
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.masks import Mask
from editor.document.selections import MAX_FEATHER_PX, MAX_GROWTH_PX
from editor.edit_session import EditSession
from editor.translations import mark, tr
from editor.windows.amount_dialog import AmountDialog


@dataclass(frozen=True)
class _Change:
    """A change of the selection by a number of pixels."""

    title: str
    label: str
    limit: int
    usual: int
    change: Callable[[Mask, Rect, int], Mask | None]


_GROW = _Change(mark("Grow Selection"), mark("Grow by"), MAX_GROWTH_PX, 4, selections.grown)
_SHRINK = _Change(mark("Shrink Selection"), mark("Shrink by"), MAX_GROWTH_PX, 4, selections.shrunk)
_BORDER = _Change(
    mark("Border of Selection"), mark("Width"), 2 * MAX_GROWTH_PX, 8, selections.bordered
)
_FEATHER = _Change(
    mark("Feather Selection"), mark("Fade over"), MAX_FEATHER_PX, 8, selections.feathered
)


class SelectionController(QObject):
    """Handlers of the actions whose name begins with "selecting."."""

    def __init__(self, session: EditSession, say: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._say = say
        self._window = parent
        self._last: Mask | None = None
        self._amounts: dict[str, int] = {}
        session.changed.connect(self._remember)
        session.replaced.connect(self._forget)
        self.dialog: AmountDialog | None = None

    @property
    def _document(self) -> Document:
        return self._session.document

    def all(self) -> None:
        """Select the whole canvas."""
        self._set(selections.whole_canvas(self._document.canvas), mark("Select All"))

    def none(self) -> None:
        """Select nothing, so that everything can be painted on."""
        self._session.push(SetSelection(None, mark("Deselect")))

    def again(self) -> None:
        """Bring the last selection back."""
        if self._last is None:
            self._say(tr("There is no earlier selection."))
            return
        kept = selections.moved(self._last, self._document.canvas, 0, 0)
        self._set(kept, mark("Reselect"))

    def inverse(self) -> None:
        """Select what is not selected."""
        document = self._document
        if document.selection is None:
            self.all()
            return
        turned = selections.inverted(document.selection, document.canvas)
        self._set(turned, mark("Invert Selection"))

    def alpha(self) -> None:
        """Select what can be seen of the selected layers."""
        document = self._document
        layers = tuple(document.layer(layer_id) for layer_id in document.selected_ids)
        found = selections.alpha_selection(layers, document.canvas)
        if found is None:
            self._say(tr("There is nothing to see in the selected layers."))
        else:
            self._set(found, mark("Select Visible Part"))

    def grow(self) -> None:
        self._ask(_GROW)

    def shrink(self) -> None:
        self._ask(_SHRINK)

    def border(self) -> None:
        self._ask(_BORDER)

    def feather(self) -> None:
        self._ask(_FEATHER)

    def _ask(self, change: _Change) -> None:
        usual = self._amounts.get(change.title, change.usual)
        dialog = AmountDialog(
            tr(change.title), tr(change.label), usual, (1, change.limit), self._window
        )
        dialog.chosen.connect(lambda amount: self._apply(change, amount))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        self.dialog = dialog

    def _apply(self, change: _Change, amount: int) -> None:
        selection = self._document.selection
        self._amounts[change.title] = amount
        if selection is not None:
            self._set(change.change(selection, self._document.canvas, amount), change.title)

    def _set(self, selection: Mask | None, text: str) -> None:
        self._session.push(SetSelection(selection, text))
        if selection is None:
            self._say(tr("Nothing is selected."))

    def _remember(self, _change: object) -> None:
        if self._document.selection is not None:
            self._last = self._document.selection

    def _forget(self) -> None:
        self._last = self._document.selection
