"""Drafts: what is shown while changes follow one another faster than exact tiles could."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from editor.canvas import frame_budget, tile_renderer, tile_sources
from editor.canvas.display_colors import ManagedSource
from editor.canvas.draft_grounds import DraftGrounds
from editor.canvas.draft_show import DraftShow
from editor.canvas.drafts import Draft, DraftOrder, make_draft
from editor.canvas.frame_budget import DRAFT_S, EXACT_S, MAX_DROP, FrameBudget
from editor.canvas.layer_split import split_layers
from editor.canvas.prefix_cache import PrefixCache
from editor.canvas.tile_sources import EditingSource
from editor.canvas.tiles import Tile, TileKey
from editor.canvas.view import CanvasView
from editor.commands.property_commands import SetOpacity
from editor.commands.transform_commands import MoveLayers
from editor.document.blending import BlendMode
from editor.document.compositor import composite
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer
from editor.tools.overlay import Frame
from editor.tools.picking import frame_of
from tests.gui.canvas.conftest import MakeView
from tests.gui.canvas.sample import sample_document
from tests.gui.canvas.screen import Left, at, move, page_shot, press, release
from tests.gui.canvas.test_display_colors import P3, profile_of
from tests.gui.canvas.test_prefix_cache import Maker

LONG_MS = 600_000
PAGE = Rect(0, 0, 600, 400)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be exact in a frame, anything can be a fine draft."""
    monkeypatch.setattr(frame_budget, "EXACT_S", 0.0)
    monkeypatch.setattr(frame_budget, "DRAFT_S", 60.0)


def at_100_percent(qtbot: QtBot, make_view: MakeView, document: Document) -> CanvasView:
    view = make_view(document)
    view.zoom_to(1.0)
    qtbot.waitUntil(lambda: view.tiles_ready)
    return view


def smooth_document() -> Document:
    """Slopes of colour under a soft disc "disc", under one slope that multiplies."""
    y, x = np.mgrid[0:400, 0:600].astype(np.float64)
    ground = np.stack([x / 600, y / 400, 1 - x / 600, np.ones_like(x)], -1)
    disc = np.zeros((200, 200, 4))
    disc[...] = (0.9, 0.7, 0.1, 1)
    distance = np.hypot(*(np.mgrid[0:200, 0:200] - 99.5))
    disc[..., 3] = np.clip((90 - distance) / 40, 0, 1)
    shade = np.stack([1 - y / 800, 1 - y / 800, 1 - x / 1200, np.ones_like(x)], -1)
    return Document(
        600,
        400,
        [
            raster("ground", ground),
            raster("disc", disc, offset=(150, 90)),
            raster("shade", shade, blend_mode=BlendMode.MULTIPLY),
        ],
    )


def raster(
    name: str,
    values: npt.NDArray[np.float64],
    offset: tuple[int, int] = (0, 0),
    blend_mode: BlendMode = BlendMode.NORMAL,
) -> RasterLayer:
    pixels = PixelBuffer.from_array(np.rint(values * 255).astype(np.uint8))
    return RasterLayer(
        name=name, layer_id=name, pixels=pixels, offset=offset, blend_mode=blend_mode
    )


def assert_exact(view: CanvasView) -> None:
    """Every tile held is known as stale or has the composite's bytes, and no draft is left."""
    assert view.draft_drop is None
    shown = view._renderer._shown
    assert shown
    for key, held in shown.items():
        view._renderer._catch_up(held)
        expected = composite(view.document, held.tile.rect, level=key.level, bgra=True)
        assert held.stale or np.array_equal(held.tile.pixels, expected), key


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("background", [True, False])
def test_a_draft_follows_at_once_and_gives_way_to_the_exact_bytes(
    qtbot: QtBot, make_view: MakeView, background: bool
) -> None:
    view = at_100_percent(qtbot, make_view, sample_document(background=background))
    view.document.select(("red",))
    qtbot.waitUntil(lambda: view.tiles_ready)
    view.history.push(MoveLayers(("red",), 20, 10))
    view.history.push(MoveLayers(("red",), 20, 10))
    assert not view.follows
    qtbot.waitUntil(lambda: view.follows)
    assert view.draft_drop == 0
    assert not view.tiles_ready, "a draft is no tile"
    draft = page_shot(view)
    qtbot.waitUntil(lambda: view.tiles_ready)
    assert_exact(view)
    assert np.abs(draft - page_shot(view)).max() <= 2


@pytest.mark.parametrize("zoom", [1.0, 0.6])
def test_a_coarser_draft_looks_like_the_picture(
    qtbot: QtBot, make_view: MakeView, monkeypatch: pytest.MonkeyPatch, zoom: float
) -> None:
    monkeypatch.setattr(frame_budget, "EXACT_S", 0.0)
    monkeypatch.setattr(frame_budget.FrameBudget, "drop", lambda *args: 2)
    view = make_view(smooth_document())
    view.zoom_to(zoom)
    view.document.select(("disc",))
    qtbot.waitUntil(lambda: view.tiles_ready)
    before = page_shot(view)
    view.history.push(MoveLayers(("disc",), 13, 7))
    view.history.push(MoveLayers(("disc",), 13, 7))
    qtbot.waitUntil(lambda: view.follows)
    assert view.draft_drop == 2
    draft = page_shot(view)
    qtbot.waitUntil(lambda: view.tiles_ready)
    assert_exact(view)
    exact = page_shot(view)
    assert np.abs(exact - before).max() > 100, "the disc has moved"
    assert np.abs(draft - exact).mean() < 0.7
    assert np.abs(draft - exact).max() <= 8


def test_what_fits_into_a_frame_is_never_a_draft(qtbot: QtBot, make_view: MakeView) -> None:
    view = at_100_percent(qtbot, make_view, sample_document())
    view._renderer._frame_budget.exact_ns = 1.0
    for _ in range(6):
        view.history.push(MoveLayers(("red",), 5, 0))
        assert view._renderer._last_request is not None
        assert view._renderer._last_request[1].draft is None
        qtbot.waitUntil(lambda: view.follows)
    assert view.tiles_ready
    assert_exact(view)


@pytest.mark.usefixtures("always")
def test_a_single_edit_is_exact(qtbot: QtBot, make_view: MakeView) -> None:
    view = at_100_percent(qtbot, make_view, sample_document())
    qtbot.wait(300)  # whatever was done before is over
    view.history.push(SetOpacity(("red",), 0.5))
    qtbot.waitUntil(lambda: view.follows)
    assert view.tiles_ready
    assert_exact(view)


@pytest.mark.usefixtures("always")
def test_the_first_move_of_a_drag_is_a_draft_and_the_release_makes_it_exact(
    qtbot: QtBot, make_view: MakeView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tile_renderer, "REST_MS", LONG_MS)
    view = at_100_percent(qtbot, make_view, sample_document())
    view._renderer._rest_timer.setInterval(LONG_MS)
    start = at(view, 100, 100)
    press(view, start)
    move(view, start + (at(view, 150, 130) - start), Left)
    qtbot.waitUntil(lambda: view.draft_drop == 0)
    move(view, at(view, 180, 140), Left)
    qtbot.waitUntil(lambda: view.follows)
    assert not view.tiles_ready
    release(view, at(view, 180, 140))
    qtbot.waitUntil(lambda: view.tiles_ready)
    assert_exact(view)


@pytest.mark.usefixtures("always")
def test_the_frame_goes_with_the_picture_and_not_ahead(qtbot: QtBot, make_view: MakeView) -> None:
    view = at_100_percent(qtbot, make_view, smooth_document())
    view._late._timer.setInterval(LONG_MS)
    disc = view.document.raster_layers()[1]

    def frame_is_on_the_layer() -> bool:
        (frame,) = [item for item in view._overlay if isinstance(item, Frame)]
        return frame.rect == frame_of(view.document.layer(disc.layer_id))

    view.document.select([disc.layer_id])
    here = at(view, 250, 190)
    press(view, here)
    for step in range(1, 4):
        move(view, here + QPoint(20 * step, 0))
        assert not view.follows
        assert not frame_is_on_the_layer()
    qtbot.waitUntil(lambda: view.follows)
    assert frame_is_on_the_layer()
    move(view, here + QPoint(90, 0))
    view._late._timer.timeout.emit()  # whoever is that late is not waited for
    assert frame_is_on_the_layer()
    move(view, here + QPoint(110, 0))
    release(view, here + QPoint(110, 0))
    assert frame_is_on_the_layer()


@pytest.mark.usefixtures("always")
def test_a_drag_leaves_no_slivers_of_drafts_behind(
    qtbot: QtBot, make_view: MakeView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tile_renderer, "REST_MS", LONG_MS)
    view = at_100_percent(qtbot, make_view, sample_document())
    view._renderer._rest_timer.setInterval(LONG_MS)
    view.document.select(("red",))
    for dx, dy in ((3, 1), (3, 1), (2, -2), (-4, 2), (1, 1)):
        view.history.push(MoveLayers(("red",), dx, dy))
        view.history.push(MoveLayers(("red",), dx, dy))
        qtbot.waitUntil(lambda: view.follows)
    assert [len(shown.parts) for shown in view._renderer._drafts] == [1]


@pytest.mark.usefixtures("always")
def test_a_view_that_moves_during_a_draft_is_right_in_the_end(
    qtbot: QtBot, make_view: MakeView
) -> None:
    view = at_100_percent(qtbot, make_view, sample_document(1500, 1100))
    view.document.select(("noise",))
    for index in range(4):
        view.history.push(MoveLayers(("noise",), 9, 5))
        view.history.push(SetOpacity(("noise",), 0.9 - 0.1 * index))
        view.pan(-120 + 90 * index, 40)
        qtbot.waitUntil(lambda: view.follows)
    view.zoom_to(0.4)
    qtbot.waitUntil(lambda: view.tiles_ready)
    assert_exact(view)
    view.zoom_to(1.0)
    qtbot.waitUntil(lambda: view.tiles_ready)
    assert_exact(view)


@pytest.mark.usefixtures("always")
def test_without_a_draft_the_exact_tiles_come_all_the_same(
    qtbot: QtBot, make_view: MakeView, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("broken pixels")

    view = at_100_percent(qtbot, make_view, sample_document())
    monkeypatch.setattr(tile_sources, "draft_between", broken)
    view.document.select(("red",))
    view.history.push(MoveLayers(("red",), 20, 10))
    view.history.push(MoveLayers(("red",), 20, 10))
    qtbot.waitUntil(lambda: view.tiles_ready)
    assert_exact(view)


@pytest.mark.parametrize("seed", range(8))
def test_drafts_differ_from_the_composite_by_rounding(seed: int) -> None:
    """Any stack: groups, masks, clipping, modes; and with the edited layer alone."""
    maker, cache = Maker(seed, plain=0.9), PrefixCache()
    state = maker.state()
    for step in range(6):
        edited = (maker.picked(state).layer_id,)
        level = step % 3
        bounds = Rect(0, 0, state.width >> level, state.height >> level)
        part = Rect(3, 2, bounds.x1, bounds.y1 - 5)
        order = DraftOrder(level, part, bounds, bounds, 0)
        draft = make_draft(EditingSource(state, edited, cache).drafts, order, step)
        expected = composite(state, draft.rect, level=level, bgra=True).astype(int)
        difference = np.abs(draft.pixels - expected)
        assert (difference > 2).mean() < 0.002, "but for modes that jump, at their thresholds"
        assert draft.opaque == bool(expected[..., 3].min() == 255)
        state = maker.edited(state)


def test_colours_of_drafts_are_converted_for_the_screen() -> None:
    profile = profile_of(P3)
    state = replace(smooth_document().snapshot(), color_profile=profile)
    source = ManagedSource(EditingSource(state, ("disc",), PrefixCache()), profile)
    drafts = source.drafts
    assert drafts is not None
    pixels, opaque = drafts.draft(0, PAGE, PAGE)
    exact = source.render(TileKey(0, 0, 0), PAGE, lambda: False, again=True)
    plain = composite(state, PAGE, bgra=True)
    assert opaque
    assert np.abs(pixels.astype(int) - exact).max() <= 3
    assert np.abs(pixels.astype(int) - plain).max() > 10
    assert drafts.layers_per_frame(0, PAGE) == 2


def test_grounds_are_kept_for_a_view_and_pushed_out_by_level() -> None:
    state = smooth_document().snapshot()
    split = split_layers(state, ("disc",))
    assert split is not None
    grounds = DraftGrounds(budget_bytes=2 * 4 * 616 * 416 + 100)
    around = grounds.around(split, 0, Rect(10, 10, 50, 50), PAGE)
    assert around.opaque
    assert grounds.around(split, 0, PAGE, PAGE) is around
    other = split_layers(state, ("disc",))
    assert other is not None
    assert grounds.around(other, 0, PAGE, PAGE) is not around, "other layers lie below"
    grounds.around(split, 1, Rect(0, 0, 300, 200), Rect(0, 0, 300, 200))
    assert grounds.byte_size == 2 * 4 * 316 * 216
    grounds.clear()
    assert grounds.byte_size == 0


def test_the_budget_chooses_the_finest_draft_that_fits() -> None:
    budget = FrameBudget()
    budget.expect("plain", 1)
    assert budget.affords_exact(round(EXACT_S * 1e9 / budget.exact_ns))
    assert not budget.affords_exact(1_600_000)
    assert budget.drop(1_600_000) == 0
    budget.expect("blended", 11)
    assert budget.drop(1_600_000) == 2
    assert budget.drop(100_000) == 0
    assert budget.drop(10**9) == MAX_DROP


def test_the_budget_learns_and_does_not_alternate() -> None:
    budget = FrameBudget()
    budget.expect("plain", 1)
    for _ in range(40):
        budget.note_draft(1_000_000, 0.03)
        budget.note_exact(1_000_000, 0.05)
        budget.note_draft(10, 1.0)  # tells nothing
    assert 25 < budget.draft_ns < 31
    assert 45 < budget.exact_ns < 51
    budget.draft_ns = 0.9 * DRAFT_S * 1e9 / 1_000_000
    assert budget.drop(1_000_000) == 0
    assert budget.drop(1_000_000, last=1) == 1, "not finer without room to spare"
    budget.draft_ns /= 2
    assert budget.drop(1_000_000, last=1) == 0
    measured = budget.draft_ns
    budget.expect("plain", 1)
    assert budget.draft_ns == measured, "the same layers are edited as before"


def draft_of(part: Rect, generation: int) -> Draft:
    pixels = np.zeros((part.height, part.width, 4), np.uint8)
    return Draft(0, part, part, pixels, False, generation, 0)


def tile_of(generation: int, stale: tuple[Rect, ...] = ()) -> Tile:
    key = TileKey(0, 0, 0)
    pixels = np.zeros((256, 256, 4), np.uint8)
    return Tile(key, key.rect, pixels, False, generation, key.rect, stale=stale)


def test_no_pixel_is_shown_by_two_drafts_and_tiles_replace_what_they_know() -> None:
    show = DraftShow()
    page = Rect(0, 0, 600, 400)
    show.add(draft_of(Rect(0, 0, 300, 100), 5), page)
    show.add(draft_of(Rect(200, 0, 400, 100), 6), page)
    assert [shown.parts for shown in show] == [
        (Rect(0, 0, 200, 100),),
        (Rect(200, 0, 400, 100),),
    ]
    assert show.replace_by(tile_of(4)) == (), "an older tile knows less"
    assert show.replace_by(tile_of(5, stale=(Rect(0, 0, 256, 50),))) == (Rect(0, 50, 200, 100),)
    gone = show.replace_by(tile_of(6))
    assert sorted((part.x0, part.y0, part.x1, part.y1) for part in gone) == [
        (0, 0, 200, 50),
        (200, 0, 256, 100),
    ]
    assert [shown.parts for shown in show] == [(Rect(256, 0, 400, 100),)]
    assert show.clear() == (Rect(256, 0, 400, 100),)
    assert not show
