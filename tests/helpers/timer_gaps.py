"""How evenly the interface thread turns: gaps between ticks of a precise 16 ms timer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QWidget

INTERVAL_MS = 16
LONG_GAP_MS = 50.0


@dataclass(frozen=True)
class GapFigures:
    """Figures of one run, gaps in milliseconds.

    Attributes:
        count: Number of gaps.
        long_share: Share of gaps above 50 ms, 0 to 1.
    """

    count: int
    p50: float
    p99: float
    longest: float
    long_share: float

    def __str__(self) -> str:
        return (
            f"p50 {self.p50:.1f} ms, p99 {self.p99:.1f} ms, max {self.longest:.1f} ms, "
            f"{self.long_share:.1%} above 50 ms ({self.count} ticks)"
        )


class TimerGaps(QObject):
    """Ticks from `start` to `stop`; each tick repaints a widget, as an animation would.

    Args:
        widget: Repainted at every tick; None = nothing is painted.
        each_tick: Called at every tick, e.g. to go on with a stroke.
    """

    def __init__(
        self, widget: QWidget | None = None, each_tick: Callable[[], None] | None = None
    ) -> None:
        super().__init__()
        self._widget = widget
        self._each_tick = each_tick
        self._times: list[float] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Forget the last run and begin."""
        self._times = [time.perf_counter()]
        self._timer.start()

    def stop(self) -> GapFigures:
        """End the run."""
        self._timer.stop()
        gaps = 1000 * np.diff(self._times)
        if not gaps.size:
            return GapFigures(0, 0.0, 0.0, 0.0, 0.0)
        return GapFigures(
            count=int(gaps.size),
            p50=float(np.percentile(gaps, 50)),
            p99=float(np.percentile(gaps, 99)),
            longest=float(gaps.max()),
            long_share=float((gaps > LONG_GAP_MS).mean()),
        )

    def _tick(self) -> None:
        self._times.append(time.perf_counter())
        if self._widget is not None:
            self._widget.update()
        if self._each_tick is not None:
            self._each_tick()
