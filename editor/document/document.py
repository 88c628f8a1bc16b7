"""A document as windows, tools and terminal see it: current state, selection, announcements.

Only commands change the content (`editor.commands.history.History.push`); selecting layers or
boxes is free, because it is neither saved nor undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from editor.document.errors import DocumentError
from editor.document.events import Change, ChangeKind, Signal
from editor.document.geometry import Rect
from editor.document.guides import Guide
from editor.document.layers import Layer, RasterLayer
from editor.document.layout import LayoutBox
from editor.document.masks import Mask
from editor.document.state import DocumentState
from editor.translations import tr


class Document:
    """A mutable place for a frozen `DocumentState`.

    Signals (called in the interface thread):
        changing: A `Change` about to happen; the document still has the old content.
        changed: The same `Change` after it happened.
    """

    def __init__(
        self,
        width: int,
        height: int,
        layers: Iterable[Layer] = (),
        boxes: Iterable[LayoutBox] = (),
        *,
        seed: int = 0,
        state: DocumentState | None = None,
    ) -> None:
        self.changing: Signal[Change] = Signal()
        self.changed: Signal[Change] = Signal()
        self._state = state or DocumentState(
            width=width, height=height, layers=tuple(layers), boxes=tuple(boxes), seed=seed
        )
        self._state.all_layers()  # refuses layers with the same id
        self._modified = False
        self._command_running = False
        self._selected: tuple[str, ...] = ()
        self._selected_boxes: tuple[str, ...] = ()
        self._editing_mask = False

    @classmethod
    def from_state(cls, state: DocumentState) -> Document:
        """A document that begins with this content, unmodified."""
        return cls(state.width, state.height, state=state)

    # Content (read only)

    def snapshot(self) -> DocumentState:
        """The whole content, frozen: costs nothing and may go to another thread."""
        return self._state

    @property
    def width(self) -> int:
        return self._state.width

    @property
    def height(self) -> int:
        return self._state.height

    @property
    def canvas(self) -> Rect:
        """(0, 0, width, height)."""
        return self._state.canvas

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Root layers, bottom to top."""
        return self._state.layers

    @property
    def boxes(self) -> tuple[LayoutBox, ...]:
        """Layout boxes, bottom to top."""
        return self._state.boxes

    @property
    def guides(self) -> tuple[Guide, ...]:
        """Guides in the order they were made."""
        return self._state.guides

    @property
    def selection(self) -> Mask | None:
        """The part of the canvas that painting, filling and deleting act on; None = all of it."""
        return self._state.selection

    @property
    def seed(self) -> int:
        return self._state.seed

    @property
    def document_id(self) -> str:
        return self._state.document_id

    def has_layer(self, layer_id: str) -> bool:
        return self._state.has_layer(layer_id)

    def layer(self, layer_id: str) -> Layer:
        """The layer with this id; raises DocumentError when there is none."""
        return self._state.layer(layer_id)

    def raster(self, layer_id: str) -> RasterLayer:
        """As `layer`, for a raster layer; raises DocumentError for a group."""
        return self._state.raster(layer_id)

    def parent_id(self, layer_id: str) -> str | None:
        """Id of the group around a layer; None = at the root."""
        return self._state.parent_id(layer_id)

    def is_locked(self, layer_id: str) -> bool:
        """Whether it, something in it or a group around it is locked, so commands refuse it."""
        return self._state.is_locked(layer_id)

    def all_layers(self) -> tuple[Layer, ...]:
        """Every layer, bottom to top, a group before what is in it."""
        return self._state.all_layers()

    def raster_layers(self) -> tuple[RasterLayer, ...]:
        """Every raster layer, bottom to top."""
        return self._state.raster_layers()

    def box(self, box_id: str) -> LayoutBox:
        """The layout box with this id; raises DocumentError when there is none."""
        return self._state.box(box_id)

    def state_hash(self) -> str:
        """Hash over all content; equal for equal documents, whatever is selected."""
        return self._state.state_hash()

    @property
    def modified(self) -> bool:
        """True when the content differs from the last save (kept by the history)."""
        return self._modified

    # Selection (free to change, not undone)

    @property
    def selected_ids(self) -> tuple[str, ...]:
        """Selected layers in the order they were selected."""
        return self._selected

    @property
    def active_id(self) -> str | None:
        """The layer that single-layer actions apply to: the last one selected."""
        return self._selected[-1] if self._selected else None

    @property
    def active_layer(self) -> Layer | None:
        return self._state.layer(self._selected[-1]) if self._selected else None

    @property
    def selected_box_ids(self) -> tuple[str, ...]:
        """Selected layout boxes in the order they were selected."""
        return self._selected_boxes

    @property
    def editing_mask(self) -> bool:
        """Whether painting goes to the active layer's mask; never True without one."""
        return self._editing_mask

    def edit_mask(self, editing: bool) -> None:
        """Paint on the active layer's mask, or again on its pixels; announced as a selection.

        Selecting another layer goes back to pixels. Without a mask nothing changes.
        """
        active = self.active_layer
        editing = editing and active is not None and active.mask is not None
        if editing == self._editing_mask:
            return
        change = Change(ChangeKind.SELECTION, frozenset(self._selected[-1:]))
        self.changing.emit(change)
        self._editing_mask = editing
        self.changed.emit(change)

    def select(self, layer_ids: Iterable[str]) -> None:
        """Select these layers and no boxes; the last one is active. Unknown ids raise."""
        self._select(tuple(dict.fromkeys(layer_ids)), ())

    def select_boxes(self, box_ids: Iterable[str]) -> None:
        """Select these layout boxes and no layers. Unknown ids raise DocumentError."""
        self._select((), tuple(dict.fromkeys(box_ids)))

    def _select(self, layers: tuple[str, ...], boxes: tuple[str, ...]) -> None:
        for layer_id in layers:
            self._state.layer(layer_id)
        for box_id in boxes:
            self._state.box(box_id)
        if (layers, boxes) == (self._selected, self._selected_boxes):
            return
        touched = frozenset(layers) ^ frozenset(self._selected)
        boxes_touched = frozenset(boxes) ^ frozenset(self._selected_boxes)
        change = Change(ChangeKind.SELECTION, touched, boxes_touched)
        self.changing.emit(change)
        if layers[-1:] != self._selected[-1:]:
            self._editing_mask = False
        self._selected, self._selected_boxes = layers, boxes
        self.changed.emit(change)

    # For the history alone

    @contextmanager
    def command_running(self) -> Iterator[None]:
        """Opened by the history around a change; outside of it `replace_state` refuses."""
        self._command_running = True
        try:
            yield
        finally:
            self._command_running = False

    def replace_state(self, state: DocumentState, change: Change) -> None:
        """Swap the content and announce it; only while a command runs."""
        if not self._command_running:
            raise DocumentError(
                tr("The document was changed outside a command."), "use History.push(command)"
            )
        self.changing.emit(change)
        self._state = state
        self._selected = tuple(i for i in self._selected if state.has_layer(i))
        active = self.active_layer
        self._editing_mask = self._editing_mask and active is not None and active.mask is not None
        kept = {box.box_id for box in state.boxes}
        self._selected_boxes = tuple(i for i in self._selected_boxes if i in kept)
        self.changed.emit(change)

    def set_modified(self, modified: bool) -> None:
        """Set or clear the modified mark; the history calls this."""
        if modified == self._modified:
            return
        change = Change(ChangeKind.SAVED)
        self.changing.emit(change)
        self._modified = modified
        self.changed.emit(change)
