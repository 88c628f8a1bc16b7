"""The canvas beside a QGraphicsView with one pixmap item per layer, frame by frame.

Both show the same document in a view of 1600 x 1000 device pixels on the offscreen platform. Whole
is the processor time of the process for one step until the picture is right again, the worker's
share included; interface is the share of the thread that must stay free, with the worst step.
QGraphicsView keeps 8-bit premultiplied pixmaps and knows Normal only, all in the interface thread.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Protocol

import cv2
import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtWidgets import QApplication, QGraphicsPixmapItem, QGraphicsScene, QGraphicsView

from editor.canvas.view import CanvasView
from editor.canvas.zoomable import FIT_MARGIN_PX
from editor.commands.history import History
from editor.commands.transform_commands import MoveLayers
from editor.document.document import Document
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer
from tests.benchmarks.report import Report

VIEW = (1600, 1000)
STEPS = 30
SCENES = ((1024, 6), (2048, 12))  # side of the page, objects over its background


class Contestant(Protocol):
    """A view of the document that can be moved step by step."""

    def zoom_to(self, scale: float | None) -> None:
        """Device pixels per document pixel; None = the whole page."""

    def pan(self, dx: int, dy: int) -> None: ...

    def drag(self, dx: int, dy: int) -> None:
        """Move the object on top by document pixels."""


class Ours:
    """The canvas of the editor."""

    def __init__(self, document: Document) -> None:
        self.view = CanvasView(History(document))
        self.view.resize(*VIEW)
        self.view.show()
        self._top = document.layers[-1].layer_id
        self._settle()

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
        self.view.history.push(MoveLayers((self._top,), dx, dy))
        self._settle()

    def _settle(self) -> None:
        while not self.view.tiles_ready:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        _process_events()


class Baseline:
    """QGraphicsView as most programs would use it."""

    def __init__(self, document: Document) -> None:
        margin = max(VIEW)  # room to scroll, as the canvas has
        width, height = document.width + 2 * margin, document.height + 2 * margin
        self.scene = QGraphicsScene(-margin, -margin, width, height)
        self._side = document.height
        self.scene.setBackgroundBrush(QColor("#333"))
        items = [self._add(layer) for layer in document.raster_layers()]
        self._top = items[-1]
        self.view = QGraphicsView(self.scene)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.resize(*VIEW)
        self.view.show()
        QApplication.processEvents()

    def _add(self, layer: RasterLayer) -> QGraphicsPixmapItem:
        item = self.scene.addPixmap(_pixmap(layer))
        item.setOffset(*layer.offset)
        item.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        return item

    def zoom_to(self, scale: float | None) -> None:
        self.view.resetTransform()
        if scale is None:
            scale = min(2.0, (min(VIEW) - 2 * FIT_MARGIN_PX) / self._side)
        self.view.scale(scale, scale)
        self.view.centerOn(self._side / 2, self._side / 2)
        self._settle()

    def pan(self, dx: int, dy: int) -> None:
        self.view.horizontalScrollBar().setValue(self.view.horizontalScrollBar().value() - dx)
        self.view.verticalScrollBar().setValue(self.view.verticalScrollBar().value() - dy)
        self._settle()

    def drag(self, dx: int, dy: int) -> None:
        self._top.moveBy(dx, dy)
        self._settle()

    def _settle(self) -> None:
        _process_events()


def _process_events() -> None:
    """Changes of a scene reach the screen over several turns of the event loop."""
    for _ in range(4):
        QApplication.processEvents()


@dataclass(frozen=True)
class Cost:
    """Milliseconds of processor time per step."""

    whole: float
    interface: float
    worst_interface: float


def run() -> Report:
    """About a minute on two busy cores."""
    QApplication.instance() or QApplication([])
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        return _run()
    finally:
        cv2.setNumThreads(threads)


def _run() -> Report:
    rows: list[tuple[str | float, ...]] = []
    ratios: dict[str, float] = {}
    for side, count in SCENES:
        ours, baseline = Ours(_document(side, count)), Baseline(_document(side, count))
        for name, prepare, step in _interactions():
            cost = _measure(ours, prepare, step)
            theirs = _measure(baseline, prepare, step)
            label = f"{name}, {side} px, {count + 1} layers"
            rows.append((label, theirs.whole, cost.whole, cost.interface, cost.worst_interface))
            ratios[f"ours / QGraphicsView, {label}"] = cost.whole / theirs.whole
        ours.view.shutdown()
        ours.view.close()
        baseline.view.close()
    return Report(
        name="canvas",
        columns=(
            "step",
            "QGraphicsView [ms]",
            "ours, whole [ms]",
            "interface [ms]",
            "worst interface [ms]",
        ),
        rows=rows,
        ratios=ratios,
        notes=("Median processor time per step; one thread in OpenCV.",),
    )


Step = Callable[[Contestant, int], None]


def _interactions() -> list[tuple[str, Callable[[Contestant], None], Step]]:
    def there_and_back(index: int) -> int:
        return 5 if index % 10 < 5 else -5

    return [
        ("pan at 100 %", _full_size, lambda c, i: c.pan(there_and_back(i), 3)),
        ("drag at 100 %", _full_size, lambda c, i: c.drag(there_and_back(i), 0)),
        ("pan, fitted", _fitted, lambda c, i: c.pan(there_and_back(i), 3)),
        ("drag, fitted", _fitted, lambda c, i: c.drag(there_and_back(i), 0)),
        ("zoom by 10 %", _full_size, lambda c, i: c.zoom_to(1.0 + 0.1 * (i % 8 + 1))),
    ]


def _full_size(contestant: Contestant) -> None:
    contestant.zoom_to(1.0)


def _fitted(contestant: Contestant) -> None:
    contestant.zoom_to(None)


def _measure(contestant: Contestant, prepare: Callable[[Contestant], None], step: Step) -> Cost:
    prepare(contestant)
    step(contestant, 0)
    whole, interface = [], []
    for index in range(STEPS):
        process, thread = time.process_time(), time.thread_time()
        step(contestant, index)
        whole.append((time.process_time() - process) * 1e3)
        interface.append((time.thread_time() - thread) * 1e3)
    return Cost(median(whole), median(interface), max(interface))


def _document(side: int, count: int) -> Document:
    """An opaque background and noisy discs of a third of the page."""
    rng = np.random.default_rng(3)
    layers = [RasterLayer(pixels=PixelBuffer.filled(side, side, (90, 120, 200, 255)))]
    across = side // 3
    rows, columns = np.mgrid[0:across, 0:across] - across / 2
    outside = rows**2 + columns**2 > (across / 2) ** 2
    for _ in range(count):
        pixels = rng.integers(0, 256, (across, across, 4), dtype=np.uint8)
        pixels[outside] = 0
        offset = rng.integers(0, side - across, 2)
        buffer = PixelBuffer.from_array(pixels)
        layers.append(RasterLayer(pixels=buffer, offset=(int(offset[0]), int(offset[1]))))
    return Document(side, side, layers)


def _pixmap(layer: RasterLayer) -> QPixmap:
    width, height = layer.pixels.size
    data = np.ascontiguousarray(layer.pixels.array)
    image = QImage(data.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return QPixmap.fromImage(image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied))
