"""Three ways to show the same document: a QGraphicsView, plain tiles, and the editor's canvas."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from PySide6.QtCore import QEventLoop, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QGraphicsPixmapItem, QGraphicsScene, QGraphicsView

from editor.canvas.drafts import DraftSource
from editor.canvas.tile_sources import DocumentSource
from editor.canvas.tiles import Bgra, TileKey, TileSource
from editor.canvas.view import CanvasView
from editor.canvas.zoomable import FIT_MARGIN_PX
from editor.commands.history import History
from editor.commands.pixel_commands import ReplaceLayerContent
from editor.commands.property_commands import SetOpacity
from editor.commands.transform_commands import MoveLayers
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.state import DocumentState

REST_S = 0.6  # longer than the canvas waits before it prepares for changes
VIEW = (1600, 1000)  # device pixels
PAINT = (250, 240, 40, 255)
_PAINT_WORD = np.array(PAINT, np.uint8).view(np.uint32)[0]


class Contestant(Protocol):
    """A view of the document that can be moved and edited step by step.

    Every method returns when the picture on the screen follows, exactly or as a draft.

    Attributes:
        synchronous: How often tiles were composited in the interface thread.
        draft_drop: How many levels coarser than the screen a draft is that is shown now.
    """

    synchronous: int

    @property
    def draft_drop(self) -> int | None: ...

    def rest(self) -> None:
        """The hand lies still for a while, as before any gesture."""

    def finish(self) -> None:
        """Wait until the picture on the screen is exact."""

    def zoom_to(self, scale: float | None) -> None:
        """Device pixels per document pixel; None = the whole page."""

    def pan(self, dx: int, dy: int) -> None: ...

    def drag(self, dx: int, dy: int) -> None:
        """Move the active layer by document pixels."""

    def fade(self, opacity: float) -> None:
        """Give the active layer an opacity of 0 to 1."""

    def paint(self, x: int, y: int, side: int) -> None:
        """Stamp a round dab on the active layer, around a position of the document."""

    def close(self) -> None: ...


class OnTiles:
    """The canvas of the editor."""

    def __init__(self, document: Document, active: int) -> None:
        self.synchronous = 0
        self.view = self._make_view(History(document))
        self.view.resize(*VIEW)
        self._active = document.layers[active].layer_id
        document.select((self._active,))
        self.view.show()
        self._settle()

    def _make_view(self, history: History) -> CanvasView:
        return _WatchedView(history, self._count)

    def _count(self) -> None:
        self.synchronous += 1

    def zoom_to(self, scale: float | None) -> None:
        if scale is None:
            self.view.zoom_to_fit()
        else:
            self.view.zoom_to(scale)
        self._settle()

    def pan(self, dx: int, dy: int) -> None:
        self.view.pan(dx, dy)
        self._settle()

    def drag(self, dx: int, dy: int) -> None:
        self.view.history.push(MoveLayers((self._active,), dx, dy))
        self._settle()

    def fade(self, opacity: float) -> None:
        self.view.history.push(SetOpacity((self._active,), opacity))
        self._settle()

    def paint(self, x: int, y: int, side: int) -> None:
        layer = self.view.document.raster(self._active)
        corner_x, corner_y = x - side // 2 - layer.offset[0], y - side // 2 - layer.offset[1]
        where = Rect.from_size(corner_x, corner_y, side, side).intersection(layer.pixels.bounds)
        patch = np.ascontiguousarray(layer.pixels.read(where)).copy()
        rows = slice(where.y0 - corner_y, where.y1 - corner_y)
        dab = _round(side)[rows, where.x0 - corner_x : where.x1 - corner_x]
        np.copyto(patch.view(np.uint32)[..., 0], _PAINT_WORD, where=dab)
        pixels = layer.pixels.with_patch(where, patch)
        command = ReplaceLayerContent(self._active, pixels, layer.offset, text="Brush")
        self.view.history.push(command)
        self._settle()

    @property
    def draft_drop(self) -> int | None:
        return self.view.draft_drop

    def rest(self) -> None:
        until = time.monotonic() + REST_S
        while time.monotonic() < until:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            time.sleep(0.01)

    def finish(self) -> None:
        while not self.view.tiles_ready:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        process_events()

    def close(self) -> None:
        self.view.shutdown()
        self.view.close()
        self.view.deleteLater()

    def _settle(self) -> None:
        while not self.view.follows:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        process_events()


class PlainTiles(OnTiles):
    """The same tiles without a cache below and above the active layer: all layers, every time."""

    def _make_view(self, history: History) -> CanvasView:
        return _PlainView(history, self._count)


class _WatchedView(CanvasView):
    """Tells when the interface thread composites."""

    def __init__(self, history: History, composited: Callable[[], None]) -> None:
        self._composited = composited
        super().__init__(history)

    def make_source(self, state: DocumentState, edited: tuple[str, ...]) -> TileSource:
        return _Watched(super().make_source(state, edited), self._composited)


class _PlainView(_WatchedView):
    def make_source(self, state: DocumentState, edited: tuple[str, ...]) -> TileSource:
        del edited
        return _Watched(DocumentSource(state), self._composited)


@dataclass(frozen=True)
class _Watched:
    source: TileSource
    composited: Callable[[], None]

    @property
    def width(self) -> int:
        return self.source.width

    @property
    def height(self) -> int:
        return self.source.height

    @property
    def drafts(self) -> DraftSource | None:
        return self.source.drafts

    def begin(self) -> None:
        self.source.begin()

    def render(
        self, key: TileKey, rect: Rect, cancelled: Callable[[], bool], *, again: bool
    ) -> Bgra:
        if threading.current_thread() is threading.main_thread():
            self.composited()
        return self.source.render(key, rect, cancelled, again=again)

    def prepare(self, key: TileKey, rect: Rect) -> None:
        self.source.prepare(key, rect)


class PixmapItems:
    """A QGraphicsView with one pixmap item for each layer, as most programs would use it.

    Its scene is the page. A page that is fitted leaves the scroll bars nothing to scroll; what the
    view shows of the scene is moved instead.
    """

    synchronous = 0  # it has no tiles
    draft_drop: int | None = None  # nor drafts
    margin = 0  # of the scene around the page

    def __init__(self, document: Document, active: int) -> None:
        width, height = document.width + 2 * self.margin, document.height + 2 * self.margin
        self.scene = QGraphicsScene(-self.margin, -self.margin, width, height)
        self._side = document.height
        self.scene.setBackgroundBrush(QColor("#333"))
        items = [self._add(layer) for layer in document.raster_layers()]
        self._active = items[active]
        self.view = QGraphicsView(self.scene)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.resize(*VIEW)
        self.view.show()
        process_events()

    def _add(self, layer: RasterLayer) -> QGraphicsPixmapItem:
        item = self.scene.addPixmap(_pixmap(layer))
        item.setPos(*layer.offset)
        item.setOpacity(layer.opacity)
        item.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        return item

    def zoom_to(self, scale: float | None) -> None:
        self.view.resetTransform()
        self.view.setSceneRect(self.scene.sceneRect())
        if scale is None:
            scale = fit_scale(self._side)
        self.view.scale(scale, scale)
        self.view.centerOn(self._side / 2, self._side / 2)
        process_events()

    def pan(self, dx: int, dy: int) -> None:
        bars = self.view.horizontalScrollBar(), self.view.verticalScrollBar()
        if all(bar.maximum() > bar.minimum() for bar in bars):
            for bar, by in zip(bars, (dx, dy), strict=True):
                bar.setValue(bar.value() - by)
        else:
            scale = self.view.transform().m11()
            shown = self.view.sceneRect().translated(-dx / scale, -dy / scale)
            self.view.setSceneRect(shown)
        process_events()

    def drag(self, dx: int, dy: int) -> None:
        self._active.moveBy(dx, dy)
        process_events()

    def fade(self, opacity: float) -> None:
        self._active.setOpacity(opacity)
        process_events()

    def paint(self, x: int, y: int, side: int) -> None:
        pixmap = self._active.pixmap()
        middle = QPointF(x, y) - self._active.pos()
        painter = QPainter(pixmap)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(*PAINT))
        painter.drawEllipse(middle, side / 2, side / 2)
        painter.end()
        self._active.setPixmap(pixmap)
        process_events()

    def rest(self) -> None:
        process_events()

    def finish(self) -> None:
        process_events()

    def close(self) -> None:
        self.view.close()
        self.view.deleteLater()
        self.scene.deleteLater()


class PixmapItemsWithRoom(PixmapItems):
    """The same in a scene that was made wider than the page, so that a fitted page scrolls too."""

    margin = max(VIEW)


def fit_scale(side: int) -> float:
    """Scale at which a square page is fitted to the view."""
    return min(2.0, (min(VIEW) - 2 * FIT_MARGIN_PX) / side)


def process_events() -> None:
    """Changes of a scene reach the screen over several turns of the event loop."""
    for _ in range(4):
        QApplication.processEvents()


@lru_cache
def _round(side: int) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    y, x = np.mgrid[0:side, 0:side] - (side - 1) / 2
    return np.asarray(x * x + y * y <= side * side / 4)


def _pixmap(layer: RasterLayer) -> QPixmap:
    width, height = layer.pixels.size
    data = np.ascontiguousarray(layer.pixels.array)
    image = QImage(data.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    premultiplied = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    return QPixmap.fromImage(premultiplied.copy(QRect(0, 0, width, height)))
