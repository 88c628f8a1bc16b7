"""The thread that fills tiles: from a snapshot to arrays that the screen takes as they are.

NumPy and OpenCV only. Both let go of the interpreter lock while they work, so filling tiles does
not hold up the interface; converting pictures with Qt or Pillow here would.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from editor.canvas.drafts import Draft, DraftOrder, coarse_rect, make_draft
from editor.canvas.frame_budget import FrameBudget
from editor.canvas.tiles import Tile, TileKey, TileSource, TileStore
from editor.document.compositor import CompositingCancelled
from editor.document.geometry import Rect

_log = logging.getLogger("layerloom.canvas")

BATCH_S = 0.06  # a change arrives on the screen in one piece unless that takes longer than this


@dataclass(frozen=True, slots=True)
class TileRequest:
    """A wanted tile.

    Attributes:
        refresh: It is on the screen with older contents.
        looked_at: Part of such a tile (level pixels) that must be newer; None = all of it.
    """

    key: TileKey
    refresh: bool = False
    looked_at: Rect | None = None


@dataclass(slots=True)
class _Orders:
    """What the interface thread left for the worker; guarded by the condition."""

    source: TileSource | None = None
    generation: int = 0
    dirty: list[Rect | None] = field(default_factory=list)  # since the worker last looked
    requests: tuple[TileRequest, ...] = ()
    draft: DraftOrder | None = None  # done first: it is what the hand sees
    prepare: tuple[TileKey, ...] = ()  # done when there is nothing else to do
    prepare_draft: DraftOrder | None = None  # as well
    stop: bool = False
    version: int = 0  # counts the lists of requests


class TileWorker:
    """Fills the tiles asked for last, nearest first, until it is stopped.

    Args:
        deliver: Called in the worker thread with what is finished. Tiles of one change come
            together, a draft by itself.
        failed: Called in the worker thread with the tiles that could not be made and the
            generation they were to have. The log has the reason, the other tiles are made.
        budget_bytes: Memory for finished tiles kept to be patched.
        budget: Is told what pixels cost.
    """

    def __init__(
        self,
        deliver: Callable[[Sequence[Tile | Draft]], None],
        failed: Callable[[Sequence[TileKey], int], None],
        budget_bytes: int,
        budget: FrameBudget | None = None,
    ) -> None:
        self._deliver = deliver
        self._failed = failed
        self._condition = threading.Condition()
        self._orders = _Orders()
        self._thread: threading.Thread | None = None
        self._store: TileStore | None = None
        self._last_problem = ""  # a broken layer meets every tile: its traceback is logged once
        self._budget_bytes = budget_bytes
        self._budget = budget or FrameBudget()
        self._making: tuple[int, DraftOrder] | None = None  # the draft in hand

    def set_source(self, source: TileSource | None, generation: int, dirty: Rect | None) -> None:
        """Use another snapshot from now on; it differs inside `dirty` (None = anywhere)."""
        with self._condition:
            self._orders.source = source
            self._orders.generation = generation
            self._orders.dirty.append(dirty)

    def want(self, requests: Sequence[TileRequest], draft: DraftOrder | None = None) -> None:
        """Replace the list of wanted tiles, most urgent first. Starts the thread if needed.

        A draft comes before all tiles, those that are being made again included.
        """
        with self._condition:
            self._orders.requests = tuple(requests)
            making = self._making == (self._orders.generation, draft)
            self._orders.draft = None if making else draft
            self._orders.prepare = ()
            self._orders.prepare_draft = None
            self._orders.version += 1
            self._orders.stop = False
            if self._thread is None and (requests or draft):
                self._thread = threading.Thread(target=self._run, name="tiles", daemon=True)
                self._thread.start()
            self._condition.notify()

    def prepare(self, keys: Sequence[TileKey], draft: DraftOrder | None = None) -> None:
        """Make later changes of these tiles, and drafts of a view, quick once the rest is done.

        The next call, or a list of wanted tiles, replaces those that are left. The levels of the
        draft do not matter: the budget will say which are likely.
        """
        with self._condition:
            self._orders.prepare = tuple(keys)
            self._orders.prepare_draft = draft
            self._condition.notify()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the thread after the tile in hand, and wait at most so long for it.

        `want` starts another, or keeps the old one on if it has not come to its end by then: there
        are never two.
        """
        with self._condition:
            thread = self._thread
            self._orders.stop = True
            self._orders.requests, self._orders.draft = (), None
            self._condition.notify()
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout_s)

    @property
    def running(self) -> bool:
        """Whether the thread is alive."""
        return self._thread is not None and self._thread.is_alive()

    def _run(self) -> None:
        while (taken := self._take()) is not None:
            requests, draft, generation, version = taken
            try:
                if draft is not None:
                    try:
                        self._make_draft(draft, generation)
                    finally:
                        self._making = None  # the same may be wanted again
                if requests:
                    self._fill(requests, generation, version)
                elif draft is None:
                    self._prepare_next()
            except Exception as error:  # a broken layer must not end the canvas
                if not self._orders.stop:  # else the window is gone: nobody listens any more
                    self._note(error)

    def _take(self) -> tuple[tuple[TileRequest, ...], DraftOrder | None, int, int] | None:
        """Wait for work and bring the store to the newest snapshot; None = stop."""
        with self._condition:
            orders = self._orders
            self._condition.wait_for(
                lambda: (
                    orders.stop
                    or orders.draft
                    or orders.requests
                    or orders.prepare_draft
                    or orders.prepare
                )
            )
            if orders.stop:
                self._thread = None  # under the lock: whoever wants tiles now starts another
                self._store = None  # its tiles are of no use while nothing is shown
                return None
            requests, orders.requests = orders.requests, ()
            draft, orders.draft = orders.draft, None
            self._making = (orders.generation, draft) if draft is not None else None
            dirty, orders.dirty = orders.dirty, []
            source, generation, version = orders.source, orders.generation, orders.version
            if source is None:
                orders.prepare, orders.prepare_draft = (), None
        self._follow(source, dirty)
        if source is None:
            return (), None, generation, version
        return requests, draft, generation, version

    def _make_draft(self, order: DraftOrder, generation: int) -> None:
        assert self._store is not None  # noqa: S101 - _take hands out no draft without a source
        source = self._store.source.drafts
        if source is None:
            return
        try:
            draft = make_draft(source, order, generation)
        except Exception as error:  # the exact tiles may still come
            self._note(error)
            return
        self._budget.note_draft(draft.made_area, draft.seconds)
        self._deliver([draft])

    def _prepare_next(self) -> None:
        """One thing only, so that what is wanted need not wait long."""
        with self._condition:
            order, self._orders.prepare_draft = self._orders.prepare_draft, None
        source = self._store.source.drafts if self._store is not None else None
        if order is not None:
            if source is not None:
                layers = source.layers_per_frame(order.level, order.view)
                self._budget.expect(source.edited, layers)
                drop = self._budget.drop(order.view.area)
                source.prepare(order.level + drop, coarse_rect(order.view, drop))
            return
        with self._condition:
            if not self._orders.prepare:
                return
            key, *rest = self._orders.prepare
            self._orders.prepare = tuple(rest)
        if self._store is not None:
            self._store.prepare(key)

    def _follow(self, source: TileSource | None, dirty: Sequence[Rect | None]) -> None:
        if source is None:
            self._store = None
        elif self._store is None:
            self._store = TileStore(source, self._budget_bytes)
        elif dirty:
            self._store.replace_source(source, dirty)

    def _fill(self, requests: Sequence[TileRequest], generation: int, version: int) -> None:
        assert self._store is not None  # noqa: S101 - _take hands out no requests without a source
        self._store.begin()
        batch: list[Tile] = []
        failed: list[TileKey] = []
        started = time.monotonic()
        for request in requests:
            drop = partial(self._superseded, version, request)
            begun = time.thread_time()
            try:
                tile = self._store.tile(request.key, generation, drop, request.looked_at)
            except CompositingCancelled:
                break  # the newer list of requests names whatever is still missing
            except Exception as error:  # the other tiles can still be made
                self._note(error)
                failed.append(request.key)
                continue
            if tile is not None:
                batch.append(tile)
                if request.refresh and tile.generation == generation:
                    self._budget.note_exact(tile.changed.area, time.thread_time() - begun)
            if batch and (not request.refresh or time.monotonic() - started > BATCH_S):
                self._deliver(batch)
                batch = []
        if failed and not self._orders.stop:
            self._failed(failed, generation)  # before a delivery has them asked for again
        if batch:
            self._deliver(batch)

    def _note(self, error: Exception) -> None:
        problem = f"{type(error).__name__}: {error}"
        if problem != self._last_problem:
            _log.exception("A tile could not be made", exc_info=error)
        self._last_problem = problem

    def _superseded(self, version: int, request: TileRequest) -> bool:
        """Whether to drop the rest: other things are wanted now.

        A change is finished first, unless a draft is wanted, which shows it as well.
        """
        orders = self._orders  # reading such values needs no lock
        newer = orders.version != version
        return orders.stop or (newer and (orders.draft is not None or not request.refresh))
