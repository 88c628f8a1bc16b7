"""The edge of the selection, drawn over the picture as a line of moving black and white dashes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLine, QObject, QPoint, QPointF, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QImage, QPainter, QPen, QPolygonF, QRegion

from editor.canvas.overlay_style import OverlayStyle
from editor.canvas.viewport import Viewport
from editor.document.geometry import EMPTY, Rect
from editor.document.masks import Mask
from editor.tools.overlay import Outline

STEP_MS = 120
DASH_PX = 4  # logical pixels
_CELL_PX = 64  # device pixels; only cells with a piece of the edge are painted again
_BLACK, _WHITE = 0xFF000000, 0xFFFFFFFF

Flags = npt.NDArray[np.bool_]
Runs = npt.NDArray[np.int64]  # n 3: place of the line, first and last place along it


@dataclass(frozen=True, slots=True)
class Edges:
    """The edge of a selection between the pixels of a level.

    Attributes:
        across: (y, x0, x1) of horizontal runs, in pixels of the level.
        down: (x, y0, y1) of vertical ones.
        side: Document pixels of one pixel of the level.
    """

    across: Runs
    down: Runs
    side: int


def edges_of(selection: Mask, part: Rect, level: int = 0) -> Edges:
    """The edge inside a part of the document: between what is selected by half and what is not."""
    side = 1 << level
    area = Rect(
        part.x0 // side - 1, part.y0 // side - 1, -(-part.x1 // side) + 1, -(-part.y1 // side) + 1
    )
    inside = selection.reduced(level).read(area) >= 128
    down = _runs(inside[:, 1:] != inside[:, :-1], transposed=True)
    across = _runs(inside[1:] != inside[:-1], transposed=False)
    across += np.array([area.y0 + 1, area.x0, area.x0])
    down += np.array([area.x0 + 1, area.y0, area.y0])
    return Edges(across, down, side)


def _runs(flags: Flags, *, transposed: bool) -> Runs:
    """Rows (or columns) of set flags as (row, start, end)."""
    flags = flags.T if transposed else flags
    padded = np.zeros((flags.shape[0], flags.shape[1] + 2), np.int8)
    padded[:, 1:-1] = flags
    steps = np.diff(padded, axis=1)
    rows, starts = np.nonzero(steps == 1)
    ends = np.nonzero(steps == -1)[1]
    return np.stack((rows, starts, ends), axis=1)


class MarchingAnts(QObject):
    """Knows the edge on the screen and keeps it moving while somebody can see it.

    Signals:
        moved: (QRegion, device pixels) The dashes are elsewhere.
    """

    moved = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._selection: Mask | None = None
        self._lines: list[QLine] = []
        self._region = QRegion()
        self._known: Viewport | None = None  # what `_lines` were made for
        self._phase = 0
        self._shown = False
        self._reduced_motion = False
        self._timer = QTimer(self)
        self._timer.setInterval(STEP_MS)
        self._timer.timeout.connect(self._advance)

    @property
    def running(self) -> bool:
        """Whether the dashes move."""
        return self._timer.isActive()

    def set_selection(self, selection: Mask | None) -> None:
        """Another selection; `region` afterwards says where it lies on the screen."""
        self._selection, self._known = selection, None
        self._keep_moving()

    def set_shown(self, shown: bool) -> None:
        """Whether the widget can be seen."""
        self._shown = shown
        self._keep_moving()

    def set_reduced_motion(self, reduced: bool) -> None:
        """Keep the dashes still."""
        self._reduced_motion = reduced
        self._keep_moving()

    def stop(self) -> None:
        """Stop moving and forget the selection."""
        self.set_selection(None)

    def region(self, viewport: Viewport) -> QRegion:
        """What the line touches, in device pixels."""
        self._prepare(viewport)
        return self._region

    def paint(self, painter: QPainter, viewport: Viewport, style: OverlayStyle) -> None:
        """Draw the edge; the painter's unit is the device pixel."""
        self._prepare(viewport)
        if self._lines:
            _set_pen(painter, style, self._phase)
            painter.drawLines(self._lines)

    def _prepare(self, viewport: Viewport) -> None:
        selection = self._selection
        if self._known == viewport:
            return
        self._known = viewport
        self._lines, self._region = [], QRegion()
        part = EMPTY if selection is None else _visible(selection, viewport)
        if selection is None or part.is_empty:
            return
        edges = edges_of(selection, part, viewport.mip_level)
        across, down = _on_screen(edges, viewport)
        self._lines = [QLine(x0, y, x1, y) for y, x0, x1 in across.tolist()]
        self._lines += [QLine(x, y0, x, y1) for x, y0, y1 in down.tolist()]
        self._region = _cells(across, down, viewport)

    def _keep_moving(self) -> None:
        moving = self._selection is not None and self._shown and not self._reduced_motion
        if moving and not self._timer.isActive():
            self._timer.start()
        elif not moving:
            self._timer.stop()

    def _advance(self) -> None:
        self._phase = (self._phase + 1) % (2 * DASH_PX)
        if not self._region.isEmpty():
            self.moved.emit(self._region)


def paint_outline(
    painter: QPainter, viewport: Viewport, outline: Outline, style: OverlayStyle
) -> None:
    """Draw what is being selected in such dashes too; they keep still."""
    points = QPolygonF([QPointF(*viewport.to_device(x, y)) for x, y in outline.points])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    dashes = QPen(Qt.GlobalColor.black, style.px(1), Qt.PenStyle.CustomDashLine)
    dashes.setDashPattern([DASH_PX, DASH_PX])
    dashes.setCapStyle(Qt.PenCapStyle.FlatCap)
    for pen in (QPen(Qt.GlobalColor.white, style.px(1)), dashes):
        painter.setPen(pen)
        if outline.closed:
            painter.drawPolygon(points)
        else:
            painter.drawPolyline(points)


def outline_bounds(outline: Outline, viewport: Viewport, style: OverlayStyle) -> QRect:
    """What an outline can touch, in device pixels."""
    margin = style.px(2)
    points = [viewport.to_device(x, y) for x, y in outline.points]
    xs, ys = [round(x) for x, _ in points], [round(y) for _, y in points]
    corner = QPoint(max(xs), max(ys))
    return QRect(QPoint(min(xs), min(ys)), corner).adjusted(-margin, -margin, margin, margin)


def _visible(selection: Mask, viewport: Viewport) -> Rect:
    """The part of the selection that can be seen, with the pixels around it."""
    view = viewport.part_under(0, 0, viewport.width, viewport.height)
    return selection.bounds.expanded(1).intersection(view.expanded(1))


def _on_screen(edges: Edges, viewport: Viewport) -> tuple[Runs, Runs]:
    """The runs in device pixels, their ends included."""

    def placed(runs: Runs, origin: int, along: int) -> Runs:
        scaled: Runs = np.rint(runs * (edges.side * viewport.scale)).astype(np.int64)
        scaled += np.array([origin, along, along])
        scaled[:, 2] = np.maximum(scaled[:, 1], scaled[:, 2] - 1)
        return scaled

    return (
        placed(edges.across, viewport.origin_y, viewport.origin_x),
        placed(edges.down, viewport.origin_x, viewport.origin_y),
    )


def _cells(across: Runs, down: Runs, viewport: Viewport) -> QRegion:
    """The cells of a coarse grid over the view that hold a piece of a line."""
    columns, rows = viewport.width // _CELL_PX + 1, viewport.height // _CELL_PX + 1
    touched = np.zeros((rows, columns), bool)
    _mark(touched, across)
    _mark(touched.T, down)
    region = QRegion()
    for row, start, end in _runs(touched, transposed=False).tolist():
        width = (end - start) * _CELL_PX
        region += QRect(start * _CELL_PX, row * _CELL_PX, width, _CELL_PX)
    return region


def _mark(touched: Flags, runs: Runs) -> None:
    """Set the cells (row, column) under runs (place, start, end), two pixels around included."""
    rows, columns = touched.shape
    for shift in (-2, 2):
        row = np.clip((runs[:, 0] + shift) // _CELL_PX, 0, rows - 1)
        first = np.clip((runs[:, 1] - 2) // _CELL_PX, 0, columns - 1)
        last = np.clip((runs[:, 2] + 2) // _CELL_PX, 0, columns - 1)
        touched[row, first] = touched[row, last] = True
        long = last > first + 1
        for place, start, end in zip(row[long], first[long], last[long], strict=True):
            touched[place, start:end] = True


def _set_pen(painter: QPainter, style: OverlayStyle, phase: int) -> None:
    """A pen of diagonal stripes: edges in every direction show dashes, whatever their order."""
    stripe = 2 * style.px(DASH_PX)
    step = round(phase * stripe / (2 * DASH_PX))
    rows, columns = np.indices((stripe, stripe))
    white = (rows + columns - step) % stripe < stripe // 2
    pixels = np.where(white, _WHITE, _BLACK).astype(np.uint32)
    layout = QImage.Format.Format_RGB32
    brush = QBrush(QImage(pixels.tobytes(), stripe, stripe, 4 * stripe, layout).copy())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(brush, style.px(1)))
