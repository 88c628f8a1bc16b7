"""Keeps the tiles on the screen: asks the worker for them, draws those there are.

Painting never composites. A missing tile is stood in for by a coarser or finer one, a tile that a
change has overtaken stays until its successor comes. While changes follow one another faster than
exact tiles could, drafts lie over the tiles; they go as soon as things have been calm for a moment.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QColor, QPainter, QPixmap, QRegion

from editor.canvas.bgra_images import PlacedImage, blit, device_part, placed_image
from editor.canvas.colors import CanvasColors
from editor.canvas.draft_show import DraftShow
from editor.canvas.drafts import Draft, DraftOrder
from editor.canvas.frame_budget import FrameBudget
from editor.canvas.stale_parts import Parts, inside, with_part
from editor.canvas.tile_worker import TileRequest, TileWorker
from editor.canvas.tiles import (
    APRON,
    KEPT_CHANGES,
    TILE_SIDE,
    Tile,
    TileKey,
    TileSource,
    from_level,
    keys_over,
    level_bounds,
    to_level,
    whole_picture_key,
)
from editor.canvas.viewport import Viewport
from editor.canvas.zoomable import rects_of
from editor.document.geometry import EMPTY, Rect, union_of

CHECKER_SIDE_PX = 8  # logical pixels, so the pattern looks the same on every screen
CALM_MS = 400  # without a change for so long, tiles that are not visible are renewed too
_LOOSE = 1.2  # how much larger a draft may be to take the place of older ones
QUICK_S = 0.25  # changes that follow one another faster belong together
REST_MS = 120  # without a change for so long, a draft gives way to exact tiles


@dataclass(frozen=True, slots=True)
class _Change:
    """A change of the picture.

    Attributes:
        rect: What it touched, in document pixels.
        at: When, in seconds of the monotonic clock.
    """

    generation: int
    rect: Rect
    at: float


@dataclass(slots=True)
class _Shown:
    """A tile as Qt draws it. The image borrows the tile's array, so both live together.

    Attributes:
        seen: Generation up to which `stale` knows the changes.
        stale: Parts that changes have overtaken, in level pixels.
        touched_at: When the last change touched it.
    """

    tile: Tile
    image: PlacedImage
    seen: int
    stale: Parts = ()
    touched_at: float = 0.0

    def overtake(self, change: _Change) -> None:
        """A change that came after the tile."""
        part = to_level(change.rect, self.tile.key.level).intersection(self.tile.rect)
        if not part.is_empty:
            self.stale = with_part(self.stale, part)
            self.touched_at = max(self.touched_at, change.at)


_Stale = tuple[TileRequest, Rect]  # a tile, and what is looked at of its stale parts


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What to ask the worker for.

    Attributes:
        withheld: Whether stale tiles are not asked for yet, as drafts stand in for them.
    """

    tiles: tuple[TileRequest, ...] = ()
    draft: DraftOrder | None = None
    withheld: bool = False


class TileRenderer(QObject):
    """The tiles of one document.

    Signals:
        tiles_arrived: Document rectangles (list of Rect) whose picture on the screen is newer,
            from tiles or drafts.
        failed: Some tiles could not be made and stay as they were; they are tried once more when
            things are calm, then at the next change.
    """

    tiles_arrived = Signal(list)
    failed = Signal()
    _delivered = Signal()
    _not_made = Signal(object, int)

    def __init__(self, parent: QObject | None = None, budget_bytes: int = 192 << 20) -> None:
        super().__init__(parent)
        self._budget = budget_bytes
        self._bytes = 0
        self._shown: OrderedDict[TileKey, _Shown] = OrderedDict()  # oldest use first
        self._changes: deque[_Change] = deque(maxlen=KEPT_CHANGES)
        self._inbox: deque[Tile | Draft] = deque()
        self._drafts = DraftShow()
        self._drafting = False  # changes follow one another
        self._arrived = 0  # newest generation of a tile or a draft that is shown
        self._drafted = 0  # generation up to which tiles or drafts show everything in view
        self._complete: tuple[object, ...] | None = None  # a `_place` whose tiles are all exact
        self._partly_stale = False  # whether tiles in view are stale where nobody looks
        self._caught_up_at = 0.0  # when the newest draft or changed tile came
        self._undrafted = EMPTY  # document pixels that came into view since
        self._frame_budget = FrameBudget()
        self._generation = 0
        self._all_changed_at = 0
        self._first_generation = 0  # older tiles show another document
        self._source: TileSource | None = None
        self._last_request: tuple[int, _Wanted] | None = None
        self._viewport: Viewport | None = None
        self._failed_keys: set[TileKey] = set()  # not asked for now
        self._tried_again: set[TileKey] = set()
        self._checker = QBrush()
        self._calm_timer = QTimer(self)
        self._calm_timer.setSingleShot(True)
        self._calm_timer.setInterval(CALM_MS)
        self._calm_timer.timeout.connect(self._request_again)
        self._rest_timer = QTimer(self)
        self._rest_timer.setSingleShot(True)
        self._rest_timer.setInterval(REST_MS)
        self._rest_timer.timeout.connect(self._ask_again)
        self._prepares_tiles = False  # as soon as things are calm
        self._worker = TileWorker(
            self._receive, self._not_made.emit, budget_bytes, self._frame_budget
        )
        self._delivered.connect(self._take_delivery, Qt.ConnectionType.QueuedConnection)
        self._not_made.connect(self._take_failure, Qt.ConnectionType.QueuedConnection)

    @property
    def idle(self) -> bool:
        """Whether every visible tile is exact and there, but for those that cannot be made."""
        return self._last_request is None or self._last_request[1] == _Wanted()

    @property
    def follows(self) -> bool:
        """Whether what is visible shows the newest change, in exact tiles or in drafts."""
        if self._last_request is None:
            return True
        wanted = self._last_request[1]
        return not wanted.tiles and wanted.draft is None

    @property
    def generation(self) -> int:
        """Number of the newest snapshot."""
        return self._generation

    @property
    def shown_generation(self) -> int:
        """Number of the newest snapshot that is shown, if only in parts or as a draft."""
        return self._generation if self.follows else self._arrived

    @property
    def draft_drop(self) -> int | None:
        """How many levels coarser than the screen the newest draft shown is; None without one."""
        return self._drafts.drop if self._drafts else None

    def set_source(
        self, source: TileSource | None, dirty: Rect | None, *, gesture: bool = False
    ) -> None:
        """Show another snapshot; it differs from the last inside `dirty` (None = anywhere).

        With `gesture`, or soon after another change, more are likely to follow: drafts may be
        shown. `settle` ends that at once, else it ends when things are calm.

        For another document call it with None first, so that no tile of the old one stays.
        """
        same_size = (
            source is not None
            and self._source is not None
            and (source.width, source.height) == (self._source.width, self._source.height)
        )
        self._source = source
        self._generation += 1
        self._failed_keys.clear()
        self._tried_again.clear()
        if source is None or dirty is None or not same_size:
            self._mark_all(keep=same_size)
            dirty = None
        elif not dirty.is_empty:
            now = time.monotonic()
            last = max(self._caught_up_at, self._changes[-1].at if self._changes else 0.0)
            quick = now - last < QUICK_S or not self.follows
            self._drafting = (gesture or quick) and source.drafts is not None
            self._changes.append(_Change(self._generation, dirty, now))
        self._prepares_tiles = True
        self._calm_timer.start()
        self._worker.set_source(source, self._generation, dirty)

    def settle(self) -> None:
        """A gesture is over: make what drafts stand in for exact without waiting."""
        self._drafting = False
        self._rest_timer.stop()
        self._ask_again()

    def prepare(self) -> None:
        """Have the worker make later changes of what is visible quick when it has time."""
        if self._viewport is not None and self._source is not None:
            view = _visible_part(self._viewport)
            level = self._viewport.mip_level
            keys = tuple(keys_over(view, level)) if self._prepares_tiles else ()
            self._prepares_tiles = False
            self._worker.prepare(keys, self._draft_order(self._viewport, self._source, view))

    def shutdown(self) -> None:
        """Stop the thread and keep what is shown as it is; `set_source` begins anew."""
        self._source = None  # a delivery still on its way must not ask for more tiles
        self._calm_timer.stop()
        self._rest_timer.stop()
        self._drafts.clear()
        self._complete = None
        self._worker.set_source(None, self._generation, None)
        self._worker.stop()
        self._last_request = None

    def set_colors(self, colors: CanvasColors, device_pixel_ratio: float) -> None:
        """Paint the checkerboard in these colours."""
        side = max(1, round(CHECKER_SIDE_PX * device_pixel_ratio))
        pattern = QPixmap(2 * side, 2 * side)
        pattern.fill(QColor(colors.checker_light))
        painter = QPainter(pattern)
        painter.fillRect(0, 0, side, side, QColor(colors.checker_dark))
        painter.fillRect(side, side, side, side, QColor(colors.checker_dark))
        painter.end()
        self._checker = QBrush(pattern)

    def request(self, viewport: Viewport) -> None:
        """Ask for the visible tiles that are missing or stale, the middle of the view first.

        While changes follow one another a draft is asked for in place of those that they touch,
        if exact ones would take too long.
        """
        moved = viewport != self._viewport
        self._viewport = viewport
        if self._source is None:
            return
        if moved and not self._calm_timer.isActive():
            self._calm_timer.start()  # to prepare for changes of what is visible now
        if self._complete is not None and self._complete == self._place(viewport):
            return
        wanted = self._wanted(viewport, self._source, moved=moved)
        nothing = wanted == _Wanted() and not self._partly_stale and not self._failed_keys
        self._complete = self._place(viewport) if nothing else None
        if self._last_request != (self._generation, wanted):
            self._last_request = (self._generation, wanted)
            self._worker.want(wanted.tiles, wanted.draft)
        if wanted.withheld:
            self._rest_timer.start()

    def _place(self, viewport: Viewport) -> tuple[object, ...]:
        """Names the tiles in view and what they are to show."""
        level, side = viewport.mip_level, TILE_SIDE
        part = to_level(Rect(*viewport.visible_rect()), level)
        columns = part.x0 // side, (part.x1 - 1) // side
        return self._generation, level, *columns, part.y0 // side, (part.y1 - 1) // side

    def paint(self, painter: QPainter, viewport: Viewport, exposed: QRect) -> None:
        """Draw the visible tiles; the painter's unit is the device pixel."""
        level = viewport.mip_level
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, viewport.smooth)
        painter.setBrushOrigin(viewport.origin_x, viewport.origin_y)
        rest = [exposed]
        if self._drafts:
            rest = rects_of(
                QRegion(exposed).subtracted(self._paint_drafts(painter, viewport, exposed))
            )
        for piece in rest:
            part = viewport.part_under(piece.x(), piece.y(), piece.width(), piece.height())
            for key in keys_over(to_level(part, level), level):
                square = device_part(key.rect, level, viewport).intersected(piece)
                if not square.isEmpty():
                    self._paint_tile(painter, viewport, key, square)
        self._evict()

    def _paint_drafts(self, painter: QPainter, viewport: Viewport, exposed: QRect) -> QRegion:
        """Draw the drafts; returns where."""
        painted = QRegion()
        for shown in self._drafts:
            draft = shown.draft
            for part in shown.parts:
                target = device_part(part, 0, viewport).intersected(exposed)
                if target.isEmpty():
                    continue
                if not draft.opaque:
                    painter.fillRect(target, self._checker)
                blit(painter, viewport, shown.image, target)
                painted = painted.united(target)
        return painted

    def _paint_tile(
        self, painter: QPainter, viewport: Viewport, key: TileKey, square: QRect
    ) -> None:
        shown = self._shown.get(key)
        if shown is None or not shown.tile.opaque:
            painter.fillRect(square, self._checker)
        for stand_in in (key,) if shown is not None else self._stand_ins(key):
            self._shown.move_to_end(stand_in)
            part = device_part(stand_in.rect, stand_in.level, viewport).intersected(square)
            if not part.isEmpty():
                held = self._shown[stand_in]
                blit(painter, viewport, held.image, part)

    def _stand_ins(self, key: TileKey) -> Sequence[TileKey]:
        """Held tiles that cover the same place: finer ones if all are there, else a coarser."""
        finer = [
            TileKey(key.level - 1, 2 * key.column + right, 2 * key.row + down)
            for down in (0, 1)
            for right in (0, 1)
        ]
        held = [candidate for candidate in finer if candidate in self._shown]
        for distance in range(1, 12):
            coarser = TileKey(key.level + distance, key.column >> distance, key.row >> distance)
            if coarser in self._shown:
                return (coarser, *held)
        return held

    def _wanted(self, viewport: Viewport, source: TileSource, *, moved: bool) -> _Wanted:
        visible = _visible_part(viewport)
        stale, cold = self._missing(viewport, source)
        young = self._young(stale) if self._drafting else []
        area = sum(part.area for _, part in young)
        if young and (self._drafts or not self._frame_budget.affords_exact(area)):
            if moved:
                parts = (from_level(part, viewport.mip_level) for _, part in young)
                self._undrafted = union_of((self._undrafted, *parts))
            order = self._draft_order(viewport, source, visible)
            waiting = {request.key for request, _ in young}
            wanted = [request for request, _ in stale if request.key not in waiting]
            draft = None if order.part.is_empty else order
            return _Wanted((*wanted, *cold), draft, withheld=True)
        if not stale:
            self._drafted, self._undrafted = self._generation, EMPTY
            if self._drafts and not any(
                not request.refresh and request.key.level == viewport.mip_level for request in cold
            ):
                self.tiles_arrived.emit(list(self._drafts.clear()))
        return _Wanted((*(request for request, _ in stale), *cold))

    def _young(self, stale: Sequence[_Stale]) -> list[_Stale]:
        """Those that a change touched a moment ago."""
        rested = time.monotonic() - REST_MS / 1000
        return [each for each in stale if self._shown[each[0].key].touched_at > rested]

    def _draft_order(self, viewport: Viewport, source: TileSource, view: Rect) -> DraftOrder:
        """A draft of what no draft shows yet."""
        level = viewport.mip_level
        new = (change.rect for change in self._changes if change.generation > self._drafted)
        part = to_level(union_of((self._undrafted, *new)), level).intersection(view)
        if not part.is_empty:
            older = (to_level(rect, level) for shown in self._drafts for rect in shown.parts)
            around = union_of((part, *older)).intersection(view)
            if around.area <= _LOOSE * part.area:
                part = around  # or a drag would leave slivers of each draft behind
        drop = self._frame_budget.drop(part.area, self._drafts.drop)
        return DraftOrder(level, part, view, level_bounds(source.width, source.height, level), drop)

    def _missing(
        self, viewport: Viewport, source: TileSource
    ) -> tuple[list[_Stale], list[TileRequest]]:
        """The tiles to be made again, with what is looked at of them, and those to be made."""
        level = viewport.mip_level
        visible = _visible_part(viewport)
        middle_x = (visible.x0 + visible.x1) / 2 / TILE_SIDE - 0.5
        middle_y = (visible.y0 + visible.y1) / 2 / TILE_SIDE - 0.5
        looked_at = visible.expanded(APRON)
        self._partly_stale = False
        stale: list[_Stale] = []
        cold: list[TileRequest] = []
        for key in keys_over(visible, level):
            shown = self._shown.get(key)
            if key in self._failed_keys:
                continue
            if shown is None:
                cold.append(TileRequest(key))
                continue
            self._catch_up(shown)
            if not shown.stale:
                continue
            self._partly_stale = True
            part = inside(shown.stale, looked_at)
            if not part.is_empty:
                stale.append((TileRequest(key, refresh=True, looked_at=looked_at), part))
        if len(cold) > 1:
            cold.sort(
                key=lambda request: (
                    (request.key.column - middle_x) ** 2 + (request.key.row - middle_y) ** 2
                )
            )
        whole = whole_picture_key(source.width, source.height)
        wants_whole = whole.level != level and whole not in self._failed_keys
        if wants_whole and self._wants_whole(whole):
            cold.append(TileRequest(whole))
        return stale, cold

    def _wants_whole(self, key: TileKey) -> bool:
        """The stand-in of last resort is made at once, but renewed only when things are calm."""
        shown = self._shown.get(key)
        if shown is None:
            return True
        self._catch_up(shown)
        return bool(shown.stale) and not self._calm_timer.isActive()

    def _catch_up(self, shown: _Shown) -> None:
        """Mark what changes have touched since the tile was last looked at."""
        if shown.seen == self._generation:
            return
        changes = self._changes
        forgotten = len(changes) == KEPT_CHANGES and shown.seen < changes[0].generation - 1
        if shown.seen < self._all_changed_at or forgotten:
            shown.stale = (shown.tile.rect,)
        for change in reversed(changes):
            if change.generation <= shown.seen:
                break
            shown.overtake(change)
        shown.seen = self._generation

    def _ask_again(self) -> None:
        if self._viewport is not None:
            self.request(self._viewport)

    def _request_again(self) -> None:
        once_more = self._failed_keys - self._tried_again
        self._failed_keys -= once_more
        self._tried_again |= once_more
        self._complete = None
        if self._viewport is not None:
            self.request(self._viewport)
            self.prepare()

    def _mark_all(self, *, keep: bool) -> None:
        """Everything changed: tiles of the same document stay as stand-ins, others go."""
        self._drafts.clear()
        self._drafting = False
        self._drafted, self._undrafted = self._generation, EMPTY
        self._all_changed_at = self._generation
        self._changes.clear()
        if not keep:
            self._first_generation = self._generation
            self._shown.clear()
            self._bytes = 0

    def _receive(self, tiles: Sequence[Tile | Draft]) -> None:
        """In the worker thread: hand over by reference, tell the interface thread once."""
        self._inbox.extend(tiles)
        self._delivered.emit()

    def _take_delivery(self) -> None:
        rects: list[Rect] = []
        while self._inbox:
            tile = self._inbox.popleft()
            self._arrived = max(self._arrived, tile.generation)
            if isinstance(tile, Draft):
                rects.append(self._keep_draft(tile))
                continue
            old = self._shown.get(tile.key)
            if self._keep(tile):
                patched = old is not None and old.tile.generation == tile.based_on
                rects.append(from_level(tile.changed if patched else tile.rect, tile.key.level))
                rects.extend(self._drafts.replace_by(tile))
                if patched:
                    self._caught_up_at = time.monotonic()
        if rects:
            self.tiles_arrived.emit(rects)

    def _take_failure(self, keys: Sequence[TileKey], generation: int) -> None:
        if self._source is None or generation != self._generation:
            return  # asked for anew already
        new = set(keys) - self._failed_keys
        self._failed_keys |= new
        first = not new <= self._tried_again
        if first:
            self._calm_timer.start()
        if self._viewport is not None:
            self.request(self._viewport)
        if first:
            self.failed.emit()

    def _keep(self, tile: Tile) -> bool:
        if self._source is None:
            return False
        bounds = level_bounds(self._source.width, self._source.height, tile.key.level)
        if tile.generation < self._first_generation or not bounds.contains(tile.rect):
            return False  # of another document, or of another size
        old = self._shown.pop(tile.key, None)
        self._bytes += tile.pixels.nbytes - (old.tile.pixels.nbytes if old else 0)
        image = placed_image(tile.pixels, tile.key.level, tile.rect, opaque=tile.opaque)
        self._shown[tile.key] = _Shown(tile, image, tile.generation, tile.stale)
        return True

    def _keep_draft(self, draft: Draft) -> Rect:
        """Show a draft; returns where, in document pixels."""
        if self._source is None or draft.generation < self._all_changed_at:
            return EMPTY
        self._drafted, self._undrafted = max(self._drafted, draft.generation), EMPTY
        now = self._caught_up_at = time.monotonic()
        for key in keys_over(draft.part, draft.level):
            shown = self._shown.get(key)
            if shown is not None and shown.stale:
                shown.touched_at = now  # it is looked at from now on
        return self._drafts.add(draft, Rect(0, 0, self._source.width, self._source.height))

    def _evict(self) -> None:
        while self._bytes > self._budget and len(self._shown) > 1:
            _, oldest = self._shown.popitem(last=False)
            self._complete = None
            self._bytes -= oldest.tile.pixels.nbytes


def _visible_part(viewport: Viewport) -> Rect:
    """What is looked at, in pixels of the viewport's level."""
    return to_level(Rect(*viewport.visible_rect()), viewport.mip_level)
