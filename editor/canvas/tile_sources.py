"""Where tiles come from: the composite of a snapshot, with or without what is kept for edits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from editor.canvas.drafts import DraftSource
from editor.canvas.prefix_cache import PrefixCache
from editor.canvas.tiles import Bgra, TileKey, from_level, is_opaque
from editor.document.compositor import CompositingCancelled, composite, draft_between
from editor.document.geometry import Rect
from editor.document.layers import rasters
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

    @property
    def drafts(self) -> DraftSource | None:
        return None

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

    @property
    def drafts(self) -> DraftSource:
        return _Drafts(self.state, self.edited, self.cache)

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


@dataclass(frozen=True, slots=True)
class _Drafts:
    """Drafts from pictures in bytes of what lies around the edited layers."""

    state: DocumentState
    edited: tuple[str, ...]
    cache: PrefixCache

    def layers_per_frame(self, level: int, view: Rect) -> int:
        self.cache.follow(self.state, self.edited)
        split, part = self.cache.split, from_level(view, level)
        layers = self.state.layers if split is None else split.live
        return sum(layer.visible and layer.bounds.intersects(part) for layer in rasters(layers))

    def prepare(self, level: int, view: Rect) -> None:
        self.cache.follow(self.state, self.edited)
        if self.cache.split is not None:
            self.cache.grounds.around(self.cache.split, level, view, view)

    def draft(
        self, level: int, rect: Rect, view: Rect, *, coarse: bool = False
    ) -> tuple[Bgra, bool]:
        self.cache.follow(self.state, self.edited)
        split = self.cache.split
        if split is None:
            pixels = composite(self.state, rect, level=level, bgra=True)
            return pixels, is_opaque(pixels)
        around = self.cache.grounds.around(split, level, rect, view)
        pixels = draft_between(
            split.live,
            rect,
            level=level,
            below=around.below,
            above=around.above,
            moving=self.edited if coarse else (),
        )
        return pixels, around.opaque or is_opaque(pixels)
