"""Tiles without a screen: right pixels, patched where something changed, made in a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from editor.canvas.drafts import Draft, DraftSource
from editor.canvas.stale_parts import MAX_PARTS, inside, with_part, without
from editor.canvas.tile_sources import DocumentSource
from editor.canvas.tile_worker import TileRequest, TileWorker
from editor.canvas.tiles import (
    TILE_SIDE,
    Bgra,
    Tile,
    TileKey,
    TileStore,
    keys_over,
    premultiplied_bgra,
    to_level,
    whole_picture_key,
)
from editor.document.compositor import CompositingCancelled, composite
from editor.document.geometry import Rect
from tests.gui.canvas.sample import sample_document

BUDGET = 64 << 20


def never() -> bool:
    return False


@dataclass
class RecordingSource:
    """A picture of one colour that remembers what was asked of it."""

    width: int = 600
    height: int = 400
    value: int = 10
    asked: list[tuple[int, Rect]] = field(default_factory=list)

    prepared: list[TileKey] = field(default_factory=list)

    @property
    def drafts(self) -> DraftSource | None:
        return None

    def begin(self) -> None:
        pass

    def render(
        self, key: TileKey, rect: Rect, cancelled: Callable[[], bool], *, again: bool
    ) -> Bgra:
        if cancelled():
            raise CompositingCancelled
        self.asked.append((key.level, rect))
        return np.full((rect.height, rect.width, 4), self.value, np.uint8)

    def prepare(self, key: TileKey, rect: Rect) -> None:
        self.prepared.append(key)


def test_tiles_hold_the_composite_and_an_apron() -> None:
    document = sample_document()
    store = TileStore(DocumentSource(document.snapshot()), BUDGET)
    for key in keys_over(document.canvas, 0):
        tile = store.tile(key, 1, never)
        assert tile is not None
        assert tile.rect == key.rect.expanded(1).intersection(document.canvas)
        whole = composite(document, bgra=True)
        expected = whole[tile.rect.y0 : tile.rect.y1, tile.rect.x0 : tile.rect.x1]
        assert np.array_equal(tile.pixels, expected)
        assert tile.opaque == bool(expected[..., 3].min() == 255)


def test_premultiplied_pixels_are_rounded_to_nearest() -> None:
    rng = np.random.default_rng(5)
    straight = rng.integers(0, 256, (64, 64, 4), dtype=np.uint8)
    alpha = straight[..., 3:].astype(np.float64) / 255
    expected = np.rint(straight[..., 2::-1] * alpha)
    made = premultiplied_bgra(straight)
    assert np.abs(made[..., :3] - expected).max() <= 1
    assert np.array_equal(made[..., 3], straight[..., 3])


def test_a_change_composites_only_what_it_touched() -> None:
    source = RecordingSource()
    store = TileStore(source, BUDGET)
    first = store.tile(TileKey(0, 0, 0), 1, never)
    changed = RecordingSource(value=200)
    store.replace_source(changed, [Rect(100, 50, 140, 70)])
    store.replace_source(changed, [Rect(130, 60, 150, 90)])
    second = store.tile(TileKey(0, 0, 0), 2, never)
    assert first is not None
    assert second is not None
    assert changed.asked == [(0, Rect(100, 50, 150, 90))]
    assert (second.pixels[50:90, 100:150, 3] == 200).all()
    assert (second.pixels[:, :, 3] == 200).sum() == 40 * 50
    assert second.changed == Rect(100, 50, 150, 90), "the rest need not be painted again"
    assert second.based_on == first.generation == 1
    assert first.changed == first.rect
    assert (first.pixels[..., 3] == 10).all(), "the screen may still draw the old array"


def test_only_what_is_looked_at_is_composited_again() -> None:
    key = TileKey(0, 0, 0)
    store = TileStore(RecordingSource(), BUDGET)
    store.tile(key, 1, never)
    changed = RecordingSource(value=200)
    store.replace_source(changed, [Rect(0, 0, 200, 300)])
    seen = store.tile(key, 2, never, looked_at=Rect(0, 0, 600, 100))
    assert seen is not None
    assert changed.asked == [(0, Rect(0, 0, 200, 100))]
    assert seen.changed == Rect(0, 0, 200, 100)
    assert seen.stale == (Rect(0, 100, 200, 257),)
    assert (seen.pixels[:100, :200, 3] == 200).all()
    assert (seen.pixels[100:, :, 3] == 10).all()
    again = store.tile(key, 2, never, looked_at=Rect(0, 0, 600, 100))
    assert again is seen
    rest = store.tile(key, 2, never)
    assert rest is not None
    assert changed.asked[1:] == [(0, Rect(0, 100, 200, 257))]
    assert rest.stale == ()
    assert (rest.pixels[:, :200, 3] == 200).all()


def test_a_corner_that_is_looked_at_leaves_the_rest_stale() -> None:
    whole, corner = Rect(0, 0, 100, 100), Rect(60, 70, 300, 300)
    rest = without((whole,), corner)
    assert sum(part.area for part in rest) == 100 * 100 - 40 * 30
    assert inside(rest, corner).is_empty
    assert inside(rest, Rect(50, 0, 100, 75)) == Rect(50, 0, 100, 75)
    assert without(rest, whole) == ()
    assert with_part(rest, whole) == (whole,)
    assert with_part((whole,), Rect(5, 5, 9, 9)) == (whole,)
    scattered: tuple[Rect, ...] = ()
    for x in range(0, 200, 20):
        scattered = with_part(scattered, Rect(x, 0, x + 5, 5))
    assert len(scattered) <= MAX_PARTS


def test_an_untouched_tile_is_not_made_again() -> None:
    source = RecordingSource()
    store = TileStore(source, BUDGET)
    store.tile(TileKey(0, 0, 0), 1, never)
    store.replace_source(source, [Rect(400, 300, 420, 320)])
    store.tile(TileKey(0, 0, 0), 2, never)
    assert len(source.asked) == 1


def test_another_size_forgets_everything_and_tiles_outside_are_none() -> None:
    store = TileStore(RecordingSource(), BUDGET)
    assert store.tile(TileKey(0, 2, 0), 1, never) is not None
    small = RecordingSource(width=300, height=300)
    store.replace_source(small, [Rect(0, 0, 10, 10)])
    assert store.tile(TileKey(0, 2, 0), 2, never) is None
    tile = store.tile(TileKey(0, 1, 1), 2, never)
    assert tile is not None
    assert tile.rect == Rect(255, 255, 300, 300)


def test_the_store_keeps_to_its_budget() -> None:
    source = RecordingSource(width=10_000, height=256)
    store = TileStore(source, 4 * TILE_SIDE * TILE_SIDE * 4)
    for column in range(10):
        store.tile(TileKey(0, column, 0), 1, never)
    asked = len(source.asked)
    for column in range(6, 10):
        store.tile(TileKey(0, column, 0), 1, never)
    assert len(source.asked) == asked
    store.tile(TileKey(0, 0, 0), 1, never)
    assert len(source.asked) == asked + 1


@pytest.mark.parametrize(
    ("size", "level"), [((256, 256), 0), ((257, 10), 1), ((4096, 4096), 4), ((4097, 1), 5)]
)
def test_the_whole_picture_fits_in_one_tile(size: tuple[int, int], level: int) -> None:
    key = whole_picture_key(*size)
    assert key == TileKey(level, 0, 0)
    assert TileKey(level, 0, 0).rect.contains(to_level(Rect(0, 0, *size), level))


class Inbox:
    """Collects what a worker delivers."""

    def __init__(self) -> None:
        self.batches: list[list[Tile]] = []
        self.failures: list[tuple[list[TileKey], int]] = []
        self.arrived = threading.Condition()

    def deliver(self, tiles: Sequence[Tile | Draft]) -> None:
        with self.arrived:
            self.batches.append([tile for tile in tiles if isinstance(tile, Tile)])
            self.arrived.notify()

    def fail(self, keys: Sequence[TileKey], generation: int) -> None:
        with self.arrived:
            self.failures.append((list(keys), generation))
            self.arrived.notify()

    def wait(self, ready: Callable[[], bool]) -> None:
        with self.arrived:
            assert self.arrived.wait_for(ready, timeout=20)

    @property
    def keys(self) -> list[TileKey]:
        return [tile.key for batch in self.batches for tile in batch]


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def test_the_worker_fills_in_the_order_asked_and_stops(inbox: Inbox) -> None:
    worker = TileWorker(inbox.deliver, inbox.fail, BUDGET)
    worker.set_source(RecordingSource(), 3, None)
    keys = [TileKey(0, 1, 0), TileKey(0, 0, 0), TileKey(1, 0, 0)]
    worker.want([TileRequest(key) for key in keys])
    inbox.wait(lambda: len(inbox.keys) == 3)
    assert inbox.keys == keys
    assert {tile.generation for batch in inbox.batches for tile in batch} == {3}
    assert worker.running
    worker.stop()
    assert not worker.running
    assert not any(thread.name == "tiles" for thread in threading.enumerate())


def test_the_tiles_of_a_change_come_together(inbox: Inbox) -> None:
    worker = TileWorker(inbox.deliver, inbox.fail, BUDGET)
    worker.set_source(RecordingSource(), 1, None)
    keys = [TileKey(0, 0, 0), TileKey(0, 1, 0)]
    worker.want([TileRequest(key) for key in keys])
    inbox.wait(lambda: len(inbox.keys) == 2)
    worker.set_source(RecordingSource(value=99), 2, Rect(250, 0, 260, 5))
    worker.want([TileRequest(key, refresh=True) for key in keys])
    inbox.wait(lambda: len(inbox.keys) == 4)
    worker.stop()
    assert [len(batch) for batch in inbox.batches] == [1, 1, 2]


def test_tiles_are_prepared_when_nothing_else_is_wanted(inbox: Inbox) -> None:
    worker = TileWorker(inbox.deliver, inbox.fail, BUDGET)
    source = RecordingSource()
    worker.set_source(source, 1, None)
    worker.want([TileRequest(TileKey(0, 0, 0))])
    inbox.wait(lambda: len(inbox.keys) == 1)
    keys = [TileKey(0, 0, 0), TileKey(0, 1, 0), TileKey(0, 9, 9)]
    worker.prepare(keys)
    for _ in range(2000):
        if len(source.prepared) == 2:
            break
        time.sleep(0.005)
    worker.want([TileRequest(TileKey(0, 1, 1))])
    inbox.wait(lambda: len(inbox.keys) == 2)
    worker.stop()
    assert source.prepared == keys[:2], "what lies outside the picture needs nothing"


def test_a_newer_list_takes_over_from_cold_tiles(inbox: Inbox) -> None:
    started, go_on = threading.Event(), threading.Event()

    class SlowSource(RecordingSource):
        def render(
            self, key: TileKey, rect: Rect, cancelled: Callable[[], bool], *, again: bool
        ) -> Bgra:
            started.set()
            go_on.wait(20)
            return super().render(key, rect, cancelled, again=again)

    worker = TileWorker(inbox.deliver, inbox.fail, BUDGET)
    worker.set_source(SlowSource(), 1, None)
    worker.want([TileRequest(TileKey(0, column, 0)) for column in range(3)])
    started.wait(20)
    worker.want([TileRequest(TileKey(0, 0, 1))])
    go_on.set()
    inbox.wait(lambda: bool(inbox.keys))
    worker.stop()
    assert inbox.keys == [TileKey(0, 0, 1)]


class BrokenSource(RecordingSource):
    """Its second column of tiles cannot be made."""

    def render(
        self, key: TileKey, rect: Rect, cancelled: Callable[[], bool], *, again: bool
    ) -> Bgra:
        if key.column == 1:
            raise ValueError("broken pixels")
        return super().render(key, rect, cancelled, again=again)


@pytest.mark.parametrize("refresh", [False, True])
def test_tiles_that_cannot_be_made_do_not_keep_back_the_others(
    inbox: Inbox, caplog: pytest.LogCaptureFixture, refresh: bool
) -> None:
    worker = TileWorker(inbox.deliver, inbox.fail, BUDGET)
    worker.set_source(BrokenSource(), 1, None)
    row = [TileKey(0, column, 0) for column in range(3)]
    below = [TileKey(0, column, 1) for column in range(2)]
    worker.want([TileRequest(key, refresh=refresh) for key in (*row, *below)])
    inbox.wait(lambda: bool(inbox.failures) and len(inbox.keys) == 3)
    assert inbox.keys == [row[0], row[2], below[0]]
    assert inbox.failures == [([row[1], below[1]], 1)]
    worker.set_source(RecordingSource(), 2, None)
    worker.want([TileRequest(row[1])])
    inbox.wait(lambda: len(inbox.keys) == 4)
    worker.stop()
    (record,) = caplog.records
    assert record.exc_info is not None, "one traceback, however many tiles a broken layer meets"
    assert "broken pixels" in str(record.exc_info[1])


def test_a_stopped_worker_can_start_again(inbox: Inbox) -> None:
    worker = TileWorker(inbox.deliver, inbox.fail, BUDGET)
    worker.stop()
    worker.set_source(RecordingSource(), 1, None)
    worker.want([TileRequest(TileKey(0, 0, 0))])
    inbox.wait(lambda: len(inbox.keys) == 1)
    worker.stop()
    worker.want([TileRequest(TileKey(0, 1, 0))])
    inbox.wait(lambda: len(inbox.keys) == 2)
    worker.stop()


def test_a_stop_that_did_not_wait_long_enough_leaves_no_second_thread(inbox: Inbox) -> None:
    inside, go_on = threading.Event(), threading.Event()
    makers: list[threading.Thread] = []

    class SlowSource(RecordingSource):
        def render(
            self, key: TileKey, rect: Rect, cancelled: Callable[[], bool], *, again: bool
        ) -> Bgra:
            makers.append(threading.current_thread())
            inside.set()
            go_on.wait(20)
            return super().render(key, rect, cancelled, again=again)

    worker = TileWorker(inbox.deliver, inbox.fail, BUDGET)
    worker.set_source(SlowSource(), 1, None)
    worker.want([TileRequest(TileKey(0, 0, 0))])
    assert inside.wait(20)
    worker.stop(timeout_s=0)
    assert worker.running, "it is still in the tile"
    worker.want([TileRequest(TileKey(0, 1, 0))])
    assert len([thread for thread in threading.enumerate() if thread.name == "tiles"]) == 1
    go_on.set()
    inbox.wait(lambda: TileKey(0, 1, 0) in inbox.keys)
    worker.stop()
    assert not worker.running
    assert set(makers) == {makers[0]}


def test_a_thread_that_outlives_its_window_ends_silently() -> None:
    inside, go_on = threading.Event(), threading.Event()
    failures: list[Sequence[TileKey]] = []

    @dataclass
    class SlowSource(RecordingSource):
        def render(
            self, key: TileKey, rect: Rect, cancelled: Callable[[], bool], *, again: bool
        ) -> Bgra:
            inside.set()
            go_on.wait(10)
            raise RuntimeError("Signal source has been deleted")

    worker = TileWorker(lambda _tiles: None, lambda keys, _: failures.append(keys), BUDGET)
    worker.set_source(SlowSource(), 1, None)
    worker.want([TileRequest(whole_picture_key(600, 400))])
    assert inside.wait(10)
    threads = [thread for thread in threading.enumerate() if thread.name == "tiles"]
    worker.stop(timeout_s=0)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert failures == []
