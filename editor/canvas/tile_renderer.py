"""Keeps the tiles on the screen: asks the worker for them, draws those there are.

Painting never composites. A missing tile is stood in for by a coarser or finer one, a tile that a
change has overtaken stays until its successor comes.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPixmap

from editor.canvas.colors import CanvasColors
from editor.canvas.stale_parts import Parts, inside, with_part
from editor.canvas.tile_worker import TileRequest, TileWorker
from editor.canvas.tiles import (
    APRON,
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
from editor.document.geometry import Rect

CHECKER_SIDE_PX = 8  # logical pixels, so the pattern looks the same on every screen
CALM_MS = 400  # without a change for so long, tiles that are not visible are renewed too
KEPT_CHANGES = 256  # tiles older than this many changes count as stale without looking


@dataclass(slots=True)
class _Shown:
    """A tile as Qt draws it. The image borrows the tile's array, so both live together.

    Attributes:
        stale: Parts that changes have overtaken, in level pixels.
    """

    tile: Tile
    image: QImage
    stale: Parts = ()

    def overtake(self, dirty: Rect) -> None:
        """A change touched these document pixels."""
        part = to_level(dirty, self.tile.key.level).intersection(self.tile.rect)
        self.stale = with_part(self.stale, part)


class TileRenderer(QObject):
    """The tiles of one document.

    Signals:
        tiles_arrived: Document rectangles (list of Rect) whose picture on the screen is newer.
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
        self._changes: deque[tuple[int, Rect]] = deque(maxlen=KEPT_CHANGES)
        self._inbox: deque[Tile] = deque()
        self._generation = 0
        self._all_changed_at = 0
        self._first_generation = 0  # older tiles show another document
        self._source: TileSource | None = None
        self._last_request: tuple[int, tuple[TileRequest, ...]] | None = None
        self._viewport: Viewport | None = None
        self._failed_keys: set[TileKey] = set()  # not asked for now
        self._tried_again: set[TileKey] = set()
        self._checker = QBrush()
        self._calm_timer = QTimer(self)
        self._calm_timer.setSingleShot(True)
        self._calm_timer.setInterval(CALM_MS)
        self._calm_timer.timeout.connect(self._request_again)
        self._worker = TileWorker(self._receive, self._not_made.emit, budget_bytes)
        self._delivered.connect(self._take_delivery, Qt.ConnectionType.QueuedConnection)
        self._not_made.connect(self._take_failure, Qt.ConnectionType.QueuedConnection)

    @property
    def idle(self) -> bool:
        """Whether every tile asked for has arrived, but for those that cannot be made."""
        return self._last_request is None or not self._last_request[1]

    @property
    def tile_count(self) -> int:
        """Number of tiles held."""
        return len(self._shown)

    def set_source(self, source: TileSource | None, dirty: Rect | None) -> None:
        """Show another snapshot; it differs from the last inside `dirty` (None = anywhere).

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
        if dirty is None or not same_size:
            self._mark_all(keep=same_size)
            dirty = None
        else:
            self._changes.append((self._generation, dirty))
            for shown in self._shown.values():
                shown.overtake(dirty)
        self._calm_timer.start()
        self._worker.set_source(source, self._generation, dirty)

    def prepare(self) -> None:
        """Have the worker make later changes of the visible tiles quick when it has time."""
        if self._viewport is not None and self._source is not None:
            level = self._viewport.mip_level
            part = to_level(Rect(*self._viewport.visible_rect()), level)
            self._worker.prepare(tuple(keys_over(part, level)))

    def shutdown(self) -> None:
        """Stop the thread and keep what is shown as it is; `set_source` begins anew."""
        self._source = None  # a delivery still on its way must not ask for more tiles
        self._calm_timer.stop()
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
        """Ask for the visible tiles that are missing or stale, the middle of the view first."""
        self._viewport = viewport
        if self._source is None:
            return
        wanted = tuple(self._missing(viewport, self._source))
        if self._last_request != (self._generation, wanted):
            self._last_request = (self._generation, wanted)
            self._worker.want(wanted)

    def paint(self, painter: QPainter, viewport: Viewport, exposed: QRect) -> None:
        """Draw the visible tiles; the painter's unit is the device pixel."""
        level = viewport.mip_level
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, viewport.smooth)
        painter.setBrushOrigin(viewport.origin_x, viewport.origin_y)
        part = viewport.part_under(exposed.x(), exposed.y(), exposed.width(), exposed.height())
        for key in keys_over(to_level(part, level), level):
            square = QRect(*_device_square(key, viewport)).intersected(exposed)
            if not square.isEmpty():
                self._paint_tile(painter, viewport, key, square)
        self._evict()

    def _paint_tile(
        self, painter: QPainter, viewport: Viewport, key: TileKey, square: QRect
    ) -> None:
        shown = self._shown.get(key)
        if shown is None or not shown.tile.opaque:
            painter.fillRect(square, self._checker)
        for stand_in in (key,) if shown is not None else self._stand_ins(key):
            self._shown.move_to_end(stand_in)
            part = QRect(*_device_square(stand_in, viewport)).intersected(square)
            if not part.isEmpty():
                _blit(painter, viewport, self._shown[stand_in], part)

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

    def _missing(self, viewport: Viewport, source: TileSource) -> list[TileRequest]:
        level = viewport.mip_level
        visible = to_level(Rect(*viewport.visible_rect()), level)
        middle_x = (visible.x0 + visible.x1) / 2 / TILE_SIDE - 0.5
        middle_y = (visible.y0 + visible.y1) / 2 / TILE_SIDE - 0.5
        looked_at = visible.expanded(APRON)
        stale, cold = [], []
        for key in keys_over(visible, level):
            shown = self._shown.get(key)
            if shown is None:
                cold.append(TileRequest(key))
            elif shown.stale and not inside(shown.stale, looked_at).is_empty:
                stale.append(TileRequest(key, refresh=True, looked_at=looked_at))
        if len(cold) > 1:
            cold.sort(
                key=lambda request: (
                    (request.key.column - middle_x) ** 2 + (request.key.row - middle_y) ** 2
                )
            )
        whole = whole_picture_key(source.width, source.height)
        if whole.level != level and self._wants_whole(whole):
            cold.append(TileRequest(whole))
        return [wanted for wanted in stale + cold if wanted.key not in self._failed_keys]

    def _wants_whole(self, key: TileKey) -> bool:
        """The stand-in of last resort is made at once, but renewed only when things are calm."""
        shown = self._shown.get(key)
        return shown is None or (bool(shown.stale) and not self._calm_timer.isActive())

    def _request_again(self) -> None:
        once_more = self._failed_keys - self._tried_again
        self._failed_keys -= once_more
        self._tried_again |= once_more
        if self._viewport is not None:
            self.request(self._viewport)
            self.prepare()

    def _mark_all(self, *, keep: bool) -> None:
        """Everything changed: tiles of the same document stay as stand-ins, others go."""
        self._all_changed_at = self._generation
        self._changes.clear()
        if keep:
            for shown in self._shown.values():
                shown.stale = (shown.tile.rect,)
        else:
            self._first_generation = self._generation
            self._shown.clear()
            self._bytes = 0

    def _receive(self, tiles: Sequence[Tile]) -> None:
        """In the worker thread: hand over by reference, tell the interface thread once."""
        self._inbox.extend(tiles)
        self._delivered.emit()

    def _take_delivery(self) -> None:
        rects = []
        while self._inbox:
            tile = self._inbox.popleft()
            old = self._shown.get(tile.key)
            if self._keep(tile):
                patched = old is not None and old.tile.generation == tile.based_on
                rects.append(from_level(tile.changed if patched else tile.rect, tile.key.level))
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
        self._shown[tile.key] = self._wrapped(tile)
        return True

    def _wrapped(self, tile: Tile) -> _Shown:
        """The tile with what changed after its snapshot marked as stale."""
        shown = _Shown(tile, _image(tile), tile.stale)
        forgotten = len(self._changes) == KEPT_CHANGES and tile.generation < self._changes[0][0] - 1
        if tile.generation < self._all_changed_at or forgotten:
            shown.stale = (tile.rect,)
        for generation, rect in reversed(self._changes):
            if generation <= tile.generation:
                break
            shown.overtake(rect)
        return shown

    def _evict(self) -> None:
        while self._bytes > self._budget and len(self._shown) > 1:
            _, oldest = self._shown.popitem(last=False)
            self._bytes -= oldest.tile.pixels.nbytes


def _image(tile: Tile) -> QImage:
    height, width = tile.pixels.shape[:2]
    layout = (
        QImage.Format.Format_RGB32 if tile.opaque else QImage.Format.Format_ARGB32_Premultiplied
    )
    return QImage(tile.pixels.data, width, height, 4 * width, layout)


def _device_square(key: TileKey, viewport: Viewport) -> tuple[int, int, int, int]:
    """Left, top, width and height in device pixels; neighbours share edges without a gap."""
    step = viewport.scale * (1 << key.level)
    _, _, right, bottom = viewport.document_rect()
    rect = key.rect
    x0, y0 = round(viewport.origin_x + rect.x0 * step), round(viewport.origin_y + rect.y0 * step)
    x1 = min(right, round(viewport.origin_x + rect.x1 * step))
    y1 = min(bottom, round(viewport.origin_y + rect.y1 * step))
    return x0, y0, max(0, x1 - x0), max(0, y1 - y0)


def _blit(painter: QPainter, viewport: Viewport, shown: _Shown, target: QRect) -> None:
    tile = shown.tile
    step = viewport.scale * (1 << tile.key.level)
    x = (target.x() - viewport.origin_x) / step - tile.rect.x0
    y = (target.y() - viewport.origin_y) / step - tile.rect.y0
    if step == 1.0:
        source = QRect(round(x), round(y), target.width(), target.height())
        painter.drawImage(target.topLeft(), shown.image, source)
        return
    source_f = QRectF(x, y, target.width() / step, target.height() / step)
    painter.drawImage(QRectF(target), shown.image, source_f)
