"""Announcements of a document: what changed, where it must be drawn again, before and after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Flag, auto
from typing import Generic, TypeVar

from editor.document.geometry import EMPTY, Rect

Event = TypeVar("Event")


class Signal(Generic[Event]):
    """A list of listeners called in the order they connected, in the thread that emits."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Event], None]] = []

    def connect(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Add a listener; returns a function that removes it again."""
        self._listeners.append(listener)
        return lambda: self.disconnect(listener)

    def disconnect(self, listener: Callable[[Event], None]) -> None:
        """Remove a listener; one that is not connected is ignored."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def emit(self, event: Event) -> None:
        """Call every listener; the first error is raised after all have been called."""
        first_error: Exception | None = None
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception as error:  # the others must still hear of the change
                first_error = first_error or error
        if first_error is not None:
            raise first_error


class ChangeKind(Flag):
    """What a change touched; one change may touch several."""

    NONE = 0
    LAYERS_ADDED = auto()
    LAYERS_REMOVED = auto()
    LAYER_ORDER = auto()  # stacking or grouping
    LAYER_PIXELS = auto()
    LAYER_PLACE = auto()  # offset
    LAYER_LOOK = auto()  # opacity, blend mode, visibility, mask, clipping
    LAYER_INFO = auto()  # name, lock, colour tag, record, live text, group open or closed
    LAYOUT = auto()  # layout boxes
    CANVAS_SIZE = auto()
    SETTINGS = auto()  # document seed, colour profile, resolution
    GUIDES = auto()
    PIXEL_SELECTION = auto()  # the part of the canvas that painting acts on; part of undo
    SELECTION = auto()  # selected layers or boxes, active layer; not part of undo
    SAVED = auto()  # the modified mark was set or cleared

    @property
    def is_visual(self) -> bool:
        """True when the picture may look different."""
        return bool(self & _VISUAL)


_VISUAL = (
    ChangeKind.LAYERS_ADDED
    | ChangeKind.LAYERS_REMOVED
    | ChangeKind.LAYER_ORDER
    | ChangeKind.LAYER_PIXELS
    | ChangeKind.LAYER_PLACE
    | ChangeKind.LAYER_LOOK
    | ChangeKind.CANVAS_SIZE
)


@dataclass(frozen=True, slots=True)
class Change:
    """One announcement.

    Attributes:
        kinds: What was touched.
        layer_ids: Layers touched, added or removed; empty for changes of the canvas or the boxes.
        box_ids: Layout boxes touched, added or removed.
        dirty: Part of the canvas to composite again, in document pixels; EMPTY when the picture
            looks the same. It may reach outside the canvas.
    """

    kinds: ChangeKind
    layer_ids: frozenset[str] = frozenset()
    box_ids: frozenset[str] = frozenset()
    dirty: Rect = EMPTY
