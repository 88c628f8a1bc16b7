"""Hands the picture of the document, or of what a gesture makes of it, to the renderer."""

from __future__ import annotations

from collections.abc import Callable

from editor.canvas.prefix_cache import PrefixCache
from editor.canvas.tile_renderer import TileRenderer
from editor.canvas.tiles import TileSource
from editor.canvas.viewport import Viewport
from editor.document.document import Document
from editor.document.events import Change, ChangeKind
from editor.document.geometry import EMPTY, Rect
from editor.document.state import DocumentState
from editor.tools.tool import Live

SourceMaker = Callable[[DocumentState, tuple[str, ...]], TileSource]


class DocumentPicture:
    """Follows a document with snapshots; rectangles are document pixels.

    Args:
        document: The one that is shown now.
        viewport: What is looked at.
        make_source: What tiles of a snapshot are made with; the ids are of the layers likely to
            change.

    Attributes:
        live: A gesture shows another picture than the document.
        prefixes: Pictures of what lies below and above edited layers; they keep layers alive.
    """

    def __init__(
        self,
        renderer: TileRenderer,
        *,
        document: Callable[[], Document],
        viewport: Callable[[], Viewport],
        make_source: SourceMaker,
    ) -> None:
        self._renderer = renderer
        self._document = document
        self._viewport = viewport
        self._make_source = make_source
        self._profile: bytes | None = None
        self.live = False
        self.prefixes = PrefixCache()

    def show_all(self) -> None:
        """Everything looks different: another document, size or colour profile."""
        self._profile = self._document().snapshot().color_profile
        self._renderer.set_source(self._source(), None)

    def forget(self) -> None:
        """The document is not shown any more."""
        self.prefixes = PrefixCache()

    def changes_all(self, change: Change) -> bool:
        """Whether no tile of the old picture is of use after a change."""
        profile = self._document().snapshot().color_profile
        return bool(change.kinds & ChangeKind.CANVAS_SIZE) or profile is not self._profile

    def show_changed(self, dirty: Rect, *, gesture: bool) -> None:
        """The document changed inside a rectangle; with `gesture` more changes are to come."""
        part = dirty.intersection(self._document().canvas)
        if not part.is_empty:
            self._renderer.set_source(self._source(), part, gesture=gesture)
            self._renderer.request(self._viewport())

    def show_live(self, live: Live, *, gesture: bool) -> None:
        """Show what a gesture makes of the picture while the document stays as it is."""
        self.live = live.state is not None
        if live.state is None:
            self.show_changed(live.dirty, gesture=gesture)
            return
        part = live.dirty.intersection(self._document().canvas)
        if not part.is_empty:
            source = self._make_source(live.state, live.edited)
            self._renderer.set_source(source, part, gesture=True)
            self._renderer.request(self._viewport())

    def follow_selection(self) -> None:
        """Get ready for edits of other layers; the picture is the same."""
        self._renderer.set_source(self._source(), EMPTY)
        self._renderer.request(self._viewport())
        self._renderer.prepare()

    def _source(self) -> TileSource:
        document = self._document()
        return self._make_source(document.snapshot(), document.selected_ids)
