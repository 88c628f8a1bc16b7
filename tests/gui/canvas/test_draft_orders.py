"""Which drafts the canvas orders: of what no draft shows yet, each once, none of an old picture."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from editor.canvas import frame_budget, tile_renderer
from editor.canvas.drafts import Bgra, Draft, DraftOrder, DraftSource
from editor.canvas.prefix_cache import PrefixCache
from editor.canvas.tile_renderer import TileRenderer
from editor.canvas.tile_sources import EditingSource
from editor.canvas.tile_worker import TileRequest, TileWorker
from editor.canvas.tiles import Tile, TileKey, TileSource, keys_over, whole_picture_key
from editor.canvas.viewport import Viewport
from editor.document.geometry import Rect
from tests.gui.canvas.sample import sample_document
from tests.gui.canvas.test_tiles import RecordingSource

LONG_MS = 600_000
PAGE = Rect(0, 0, 600, 400)
WHOLE_VIEW = Viewport(600, 400, 600, 400)


@dataclass
class Orders:
    """In place of the worker: remembers what it was asked for."""

    wanted: list[tuple[tuple[TileRequest, ...], DraftOrder | None]] = field(default_factory=list)

    def set_source(self, source: TileSource | None, generation: int, dirty: Rect | None) -> None:
        pass

    def want(self, requests: Sequence[TileRequest], draft: DraftOrder | None = None) -> None:
        self.wanted.append((tuple(requests), draft))

    @property
    def part(self) -> Rect | None:
        """What the last draft asked for is to show."""
        draft = self.wanted[-1][1]
        return None if draft is None else draft.part


class Screen:
    """A renderer whose tiles are all exact, and whose exact tiles never fit into a frame."""

    def __init__(self) -> None:
        self.source = EditingSource(sample_document(600, 400).snapshot(), ("red",), PrefixCache())
        self.renderer = TileRenderer()
        self.orders = Orders()
        self.renderer._worker = self.orders  # type: ignore[assignment]
        self.renderer.set_source(self.source, None)
        keys = [*keys_over(PAGE, 0), whole_picture_key(600, 400)]
        self._deliver([_tile(key, self.renderer._generation) for key in keys])

    def look(self, viewport: Viewport = WHOLE_VIEW) -> Rect | None:
        """What is asked for as a draft when that is looked at."""
        self.renderer.request(viewport)
        return self.orders.part

    def change(self, rect: Rect) -> int:
        """A change during a gesture; returns its generation."""
        self.renderer.set_source(self.source, rect, gesture=True)
        return self.renderer._generation

    def draft(self, part: Rect, generation: int) -> None:
        """A draft arrives."""
        pixels = np.zeros((part.height, part.width, 4), np.uint8)
        self._deliver([Draft(0, part, part, pixels, False, generation, 0)])

    def _deliver(self, things: Sequence[Tile | Draft]) -> None:
        self.renderer._receive(things)
        self.renderer._take_delivery()


def _tile(key: TileKey, generation: int) -> Tile:
    rect = key.covered(600, 400)
    pixels = np.zeros((rect.height, rect.width, 4), np.uint8)
    return Tile(key, rect, pixels, False, generation, rect)


@pytest.fixture
def screen(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Screen:
    del qapp
    monkeypatch.setattr(frame_budget, "EXACT_S", 0.0)
    monkeypatch.setattr(tile_renderer, "REST_MS", LONG_MS)
    screen = Screen()
    assert screen.look() is None
    assert screen.renderer.idle
    return screen


def test_what_a_draft_shows_is_not_ordered_again(screen: Screen) -> None:
    first = Rect(10, 10, 60, 60)
    generation = screen.change(first)
    assert screen.look() == first
    assert screen.orders.wanted[-1][0] == (), "the stale tiles wait"
    screen.draft(first, generation)
    assert screen.look() is None
    assert screen.renderer.follows
    assert not screen.renderer.idle
    far = Rect(400, 300, 450, 350)
    screen.change(far)
    assert screen.look() == far


def test_changes_since_the_draft_that_came_are_ordered(screen: Screen) -> None:
    one, two = Rect(400, 300, 450, 350), Rect(420, 310, 460, 360)
    old = screen.change(one)
    screen.look()
    screen.change(two)
    assert screen.look() == Rect(400, 300, 460, 360), "no draft shows the first change either"
    screen.draft(one, old)
    assert screen.look() == two
    assert not screen.renderer.follows


def test_a_change_beside_a_draft_takes_its_place_as_a_whole(screen: Screen) -> None:
    generation = screen.change(Rect(100, 100, 200, 200))
    screen.look()
    screen.draft(Rect(100, 100, 200, 200), generation)
    screen.change(Rect(104, 100, 204, 200))
    assert screen.look() == Rect(100, 100, 204, 200)


def test_what_comes_into_view_is_ordered_as_well(screen: Screen) -> None:
    window = replace(WHOLE_VIEW, width=300, height=200)
    generation = screen.change(PAGE)
    assert screen.look(window) == Rect(0, 0, 300, 200)
    screen.draft(Rect(0, 0, 300, 200), generation)
    assert screen.look(window) is None
    moved = replace(window, origin_x=-200)
    assert screen.look(moved) == Rect(200, 0, 500, 200)
    screen.draft(Rect(200, 0, 500, 200), generation)
    assert screen.look(moved) is None


def test_a_draft_of_an_old_picture_is_not_shown(screen: Screen) -> None:
    generation = screen.change(PAGE)
    screen.look()
    screen.renderer.set_source(screen.source, None)
    screen.draft(PAGE, generation)
    assert screen.renderer.draft_drop is None


def test_the_end_of_a_gesture_asks_for_exact_tiles(screen: Screen) -> None:
    generation = screen.change(Rect(10, 10, 60, 60))
    screen.look()
    screen.draft(Rect(10, 10, 60, 60), generation)
    screen.renderer.settle()
    requests, draft = screen.orders.wanted[-1]
    assert [request.key for request in requests] == [TileKey(0, 0, 0)]
    assert draft is None


class SlowDrafts:
    """Drafts that take until `go_on`."""

    edited = ("red",)

    def __init__(self) -> None:
        self.inside, self.go_on = threading.Event(), threading.Event()
        self.made: list[Rect] = []

    def layers_per_frame(self, level: int, view: Rect) -> int:
        del level, view
        return 1

    def prepare(self, level: int, view: Rect) -> None:
        pass

    def draft(
        self, level: int, rect: Rect, view: Rect, *, coarse: bool = False
    ) -> tuple[Bgra, bool]:
        del level, view, coarse
        self.inside.set()
        self.go_on.wait(20)
        self.made.append(rect)
        return np.zeros((rect.height, rect.width, 4), np.uint8), True


def test_a_draft_in_hand_is_not_made_twice() -> None:
    drafts = SlowDrafts()
    arrived = threading.Semaphore(0)

    class Source(RecordingSource):
        @property
        def drafts(self) -> DraftSource:
            return drafts

    def deliver(_things: Sequence[Tile | Draft]) -> None:
        arrived.release()

    worker = TileWorker(deliver, lambda _keys, _generation: None, 64 << 20)
    worker.set_source(Source(), 1, None)
    order = DraftOrder(0, Rect(5, 5, 20, 20), PAGE, PAGE, 0)
    worker.want((), order)
    assert drafts.inside.wait(20)
    worker.want((), order)
    worker.want((), order)
    drafts.go_on.set()
    assert arrived.acquire(timeout=20)
    worker.want((), replace(order, part=Rect(40, 40, 60, 60)))
    assert arrived.acquire(timeout=20)
    worker.stop()
    assert [rect.x0 for rect in drafts.made] == [4, 39]
