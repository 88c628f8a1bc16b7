"""The canvas beside a QGraphicsView of pixmaps and beside plain tiles, frame by frame, in one run.

All three show the same document (4096 px square, 50 layers, each with a bounding rectangle of its
own) in a view of 1600 x 1000 device pixels on the offscreen platform. The time is the processor
time of the whole process for one step until the picture is right again, worker threads included;
`worst` is the longest step of the interface thread alone, which must stay free. In the second scene
ten layers above the active one have ten other blend modes; QGraphicsView keeps drawing them as
Normal, since it knows nothing else.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import cv2

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from tests.benchmarks.canvas_contestants import (
    Contestant,
    OnTiles,
    PixmapItems,
    PlainTiles,
    fit_scale,
)
from tests.benchmarks.canvas_scene import ACTIVE, SIDE_PX, make_document
from tests.benchmarks.report import Report

STEPS = 20
ALLOWED = 0.35  # of the processor time of QGraphicsView, for each interaction
SCENES = {"Normal": False, "10 blended above": True}

Step = Callable[[Contestant, int], None]


@dataclass(frozen=True)
class Cost:
    """Milliseconds of processor time per step."""

    whole: float
    interface: float
    worst_interface: float


def run() -> Report:
    """About five minutes on two busy cores."""
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
    synchronous = 0
    for scene, blended in SCENES.items():
        runs = [_measured(kind, blended=blended) for kind in (PixmapItems, PlainTiles, OnTiles)]
        synchronous += runs[2].synchronous
        for name in runs[2].costs:
            theirs, plain, ours = (run.costs[name] for run in runs)
            label = f"{name}, {scene}"
            ratios[f"ours / QGraphicsView, {label}"] = ours.whole / theirs.whole
            times = theirs.whole, plain.whole, ours.whole, ours.whole / theirs.whole
            worst = theirs.worst_interface, ours.worst_interface
            rows.append((label, *times, ours.interface, *worst))
    return Report(
        name="canvas",
        columns=(
            "step",
            "QGraphicsView [ms]",
            "plain tiles [ms]",
            "ours [ms]",
            "ours / QGraphicsView",
            "ours, interface [ms]",
            "worst QGraphicsView [ms]",
            "worst ours, interface [ms]",
        ),
        rows=rows,
        ratios={**ratios, "composites in the interface thread": synchronous},
        allowed={**dict.fromkeys(ratios, ALLOWED), "composites in the interface thread": 0},
        notes=("Median processor time per step; one thread in OpenCV.",),
    )


@dataclass(frozen=True)
class _Measured:
    """One contestant's costs by interaction; how often it composited in the interface thread."""

    costs: dict[str, Cost]
    synchronous: int


def _measured(kind: type[PixmapItems | OnTiles], *, blended: bool) -> _Measured:
    """All interactions of one contestant; its copies of the layers are gone afterwards."""
    contestant = kind(make_document(blended=blended), ACTIVE)
    costs = {
        f"{name}, {zoom}": _cost(contestant, scale, step)
        for zoom, scale in (("100 %", 1.0), ("fit", None))
        for name, step in _interactions(fit_scale(SIDE_PX) if scale is None else scale).items()
    }
    contestant.close()
    QApplication.processEvents()
    synchronous = contestant.synchronous
    del contestant
    gc.collect()
    return _Measured(costs, synchronous)


def _interactions(scale: float) -> dict[str, Step]:
    def there_and_back(index: int) -> int:
        return 1 if index % 20 < 10 else -1

    def path(index: int) -> tuple[int, int]:
        spread = 0.3 / scale  # dabs lie well inside the view
        return SIDE_PX // 2 + round(spread * 40 * (index - STEPS / 2)), SIDE_PX // 2 + 11 * index

    return {
        "pan": lambda c, i: c.pan(48 * there_and_back(i), 27 * there_and_back(i)),
        "zoom": lambda c, i: c.zoom_to(scale * 1.1 ** (i % 6)),
        "drag": lambda c, i: c.drag(7 * there_and_back(i), 3 * there_and_back(i)),
        "opacity": lambda c, i: c.fade(0.95 - 0.03 * (i % 20)),
        "brush 64": lambda c, i: c.paint(*path(i), 64),
        "brush 512": lambda c, i: c.paint(*path(i), 512),
    }


def _cost(contestant: Contestant, scale: float | None, step: Step) -> Cost:
    contestant.zoom_to(scale)
    step(contestant, 0)
    whole, interface = [], []
    for index in range(1, STEPS + 1):
        process, thread = time.process_time(), time.thread_time()
        step(contestant, index)
        whole.append((time.process_time() - process) * 1e3)
        interface.append((time.thread_time() - thread) * 1e3)
    return Cost(median(whole), median(interface), max(interface))
