"""Where tiles come from: the composite of a snapshot, with or without what is kept for edits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from editor.canvas.prefix_cache import PrefixCache
from editor.canvas.tiles import Bgra, TileKey
from editor.document.compositor import CompositingCancelled, composite
from editor.document.geometry import Rect
from editor.document.state import DocumentState


@dataclass(frozen=True, slots=True)
class DocumentSource:
    """The composite of a document's snapshot: all layers, every time."""

    state: DocumentState

    @property
    def width(self) -> int:
        return self.state.width

    @property
    def height(self) -> int:
        return self.state.height

    def begin(self) -> None:
        """Nothing is kept."""

    def render(
        self, key: TileKey, rect: Rect, cancelled: Callable[[], bool], *, again: bool
    ) -> Bgra:
        del again
        return composite(self.state, rect, level=key.level, cancelled=cancelled, bgra=True)

    def prepare(self, key: TileKey, rect: Rect) -> None:
        """Nothing is kept."""


@dataclass(frozen=True, slots=True)
class EditingSource:
    """The same picture, with what lies below and above the edited layers kept for each tile.

    Attributes:
        edited: Ids of the layers that the next changes will probably concern.
        cache: Shared by all sources of a view; used in the worker thread only.
    """

    state: DocumentState
    edited: tuple[str, ...]
    cache: PrefixCache

    @property
    def width(self) -> int:
        return self.state.width

    @property
    def height(self) -> int:
        return self.state.height

    def begin(self) -> None:
        self.cache.begin()

    def render(
        self, key: TileKey, rect: Rect, cancelled: Callable[[], bool], *, again: bool
    ) -> Bgra:
        if cancelled():
            raise CompositingCancelled
        gains = self.cache.follow(self.state, self.edited)
        # A new tile alone would cost more with its pictures than without them.
        if gains and (again or self.cache.knows(key)):
            whole = key.covered(self.width, self.height)
            if self.cache.prepare(key, whole):
                return self.cache.render(key, rect)
        return composite(self.state, rect, level=key.level, cancelled=cancelled, bgra=True)

    def prepare(self, key: TileKey, rect: Rect) -> None:
        if self.cache.follow(self.state, self.edited):
            self.cache.prepare(key, rect)
