"""The canvas beside a QGraphicsView of pixmaps and beside plain tiles, gesture by gesture.

All three show the same document (4096 px square, 50 layers, each with a bounding rectangle of its
own) in a view of 1600 x 1000 device pixels on the offscreen platform, and take turns, so that what
else the machine does hits all alike. A gesture is 20 steps after a moment of rest; its cost is the
mean processor time of the whole process for a step until the picture follows the hand, worker
threads included, and a row has the median of several gestures. The mean, because a gesture's total
is what the user pays: half of a pan's steps may do nothing but move pixels.

QGraphicsView's scene is the page, so a fitted page has no scroll bars: what the view shows of the
scene is moved, which paints everything again. A row of its own gives it a scene that was made wide
enough to scroll; it then only shifts its picture. That row is told, not held to a limit.

Our canvas may follow with a draft. `coarser by` says by how many mip levels it was coarser than the
screen (0 = as fine, made from pictures in bytes; - = no drafts, each step was exact), and `exact
after` what making the picture exact costs after the gesture, once. The plain tiles know no drafts.
`worst` is the longest step of the interface thread alone, which must stay free. In the second scene
ten layers above the active one have ten other blend modes; QGraphicsView keeps drawing them as
Normal, since it knows nothing else.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import mean, median

import cv2

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from editor.document.document import Document
from tests.benchmarks.canvas_contestants import (
    Contestant,
    OnTiles,
    PixmapItems,
    PixmapItemsWithRoom,
    PlainTiles,
    fit_scale,
)
from tests.benchmarks.canvas_scene import ACTIVE, SIDE_PX, make_document
from tests.benchmarks.report import Report

STEPS = 20  # of a gesture
GESTURES = 3
ALLOWED = 0.35  # of the processor time of QGraphicsView, for each interaction
SCENES = {"Normal": False, "10 blended above": True}

Step = Callable[[Contestant, int], None]


@dataclass(frozen=True)
class Cost:
    """What a gesture cost, or the median of several: milliseconds of processor time.

    Attributes:
        whole: Mean of its steps, until the picture follows.
        interface: The same in the interface thread alone.
        worst_interface: Longest step there.
        after: From the last step until the picture is exact.
        coarser: Most mip levels that a draft was coarser than the screen; None = no drafts.
    """

    whole: float
    interface: float
    worst_interface: float
    after: float
    coarser: int | None


def run() -> Report:
    """About three minutes on two idle cores."""
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
    beside: dict[str, float] = {}  # told, but not held to ALLOWED
    synchronous = 0
    for scene, blended in SCENES.items():
        contestants = _contestants(blended=blended)
        for name, scale, step in _gestures():
            costs = _costs(contestants, scale, step)
            label = f"{name}, {scene}"
            rows.append(_row(label, *costs))
            ratios[f"ours / QGraphicsView, {label}"] = costs[-1].whole / costs[0].whole
        label = f"pan, fit, QGraphicsView with room to scroll, {scene}"
        theirs, ours = _pan_with_room(contestants[-1], blended=blended)
        rows.append(_row(label, theirs, None, ours))
        beside[f"ours / {label}"] = ours.whole / theirs.whole
        synchronous += sum(contestant.synchronous for contestant in contestants)
        _close(contestants)
        del contestants
        gc.collect()
    return Report(
        name="canvas",
        columns=(
            "step",
            "QGraphicsView [ms]",
            "plain tiles [ms]",
            "ours [ms]",
            "ours / QGraphicsView",
            "coarser by [levels]",
            "exact after [ms]",
            "ours, interface [ms]",
            "worst QGraphicsView [ms]",
            "worst ours, interface [ms]",
        ),
        rows=rows,
        ratios={**ratios, **beside, "composites in the interface thread": synchronous},
        allowed={**dict.fromkeys(ratios, ALLOWED), "composites in the interface thread": 0},
        notes=(
            f"Mean processor time of a step, median of {GESTURES} gestures of {STEPS} steps.",
            "One thread in OpenCV.",
        ),
    )


def _row(label: str, theirs: Cost, plain: Cost | None, ours: Cost) -> tuple[str | float, ...]:
    times = (
        theirs.whole,
        "-" if plain is None else plain.whole,
        ours.whole,
        ours.whole / theirs.whole,
    )
    draft = "-" if ours.coarser is None else str(ours.coarser)
    worst = theirs.worst_interface, ours.worst_interface
    return (label, *times, draft, ours.after, ours.interface, *worst)


def _pan_with_room(ours: Contestant, *, blended: bool) -> list[Cost]:
    """Costs of panning the fitted page for QGraphicsView in a wide scene, and for the canvas."""
    theirs = PixmapItemsWithRoom(make_document(blended=blended), ACTIVE)
    costs = _costs((theirs, ours), None, _interactions(fit_scale(SIDE_PX))["pan"])
    _close((theirs,))
    return costs


def _close(contestants: Sequence[Contestant]) -> None:
    for contestant in contestants:
        contestant.close()
    QApplication.processEvents()


def _contestants(*, blended: bool) -> tuple[Contestant, ...]:
    """Each with a document of its own; they share the pixels."""
    document = make_document(blended=blended)
    pixmaps, plain, ours = (
        Document(document.width, document.height, document.layers) for _ in range(3)
    )
    return PixmapItems(pixmaps, ACTIVE), PlainTiles(plain, ACTIVE), OnTiles(ours, ACTIVE)


def _gestures() -> Iterator[tuple[str, float | None, Step]]:
    """Name, scale (None = the whole page) and steps."""
    for zoom, scale in (("100 %", 1.0), ("fit", None)):
        for name, step in _interactions(fit_scale(SIDE_PX) if scale is None else scale).items():
            yield f"{name}, {zoom}", scale, step


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


def _costs(contestants: Sequence[Contestant], scale: float | None, step: Step) -> list[Cost]:
    """What the gesture costs each; they take turns, beginning with another one each time."""
    found: list[list[Cost]] = [[] for _ in contestants]
    for turn in range(GESTURES):
        for index in range(len(contestants)):
            number = (index + turn) % len(contestants)
            found[number].append(_gesture(contestants[number], scale, step))
    return [_typical(costs) for costs in found]


def _gesture(contestant: Contestant, scale: float | None, step: Step) -> Cost:
    contestant.zoom_to(scale)
    step(contestant, 0)
    contestant.rest()
    whole, interface = [], []
    coarser: int | None = None
    for index in range(1, STEPS + 1):
        process, thread = time.process_time(), time.thread_time()
        step(contestant, index)
        whole.append((time.process_time() - process) * 1e3)
        interface.append((time.thread_time() - thread) * 1e3)
        drop = contestant.draft_drop
        coarser = drop if coarser is None else max(coarser, drop or 0)
    process = time.process_time()
    contestant.finish()
    after = (time.process_time() - process) * 1e3
    return Cost(mean(whole), mean(interface), max(interface), after, coarser)


def _typical(costs: Sequence[Cost]) -> Cost:
    coarser = [cost.coarser for cost in costs if cost.coarser is not None]
    return Cost(
        median(cost.whole for cost in costs),
        median(cost.interface for cost in costs),
        max(cost.worst_interface for cost in costs),
        median(cost.after for cost in costs),
        max(coarser, default=None),
    )
