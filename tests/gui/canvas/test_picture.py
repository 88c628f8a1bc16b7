"""What the canvas paints: the document's pixels, in the right place at every zoom."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPaintEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from editor.canvas.colors import DARK, LIGHT
from editor.canvas.tile_sources import EditingSource
from editor.canvas.tiles import Bgra, TileKey
from editor.canvas.view import CanvasView
from editor.canvas.zoomable import rects_of
from editor.commands.guide_commands import AddGuide
from editor.commands.history import History
from editor.commands.layer_commands import AddLayer, RemoveLayers
from editor.commands.layout_commands import AddBox, ResizeCanvas
from editor.commands.transform_commands import MoveLayers
from editor.document.compositor import composite
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.guides import Guide, Orientation
from editor.document.layout import LayoutBox
from editor.tools.tool import ToolId
from tests.gui.canvas.conftest import MakeView
from tests.gui.canvas.sample import sample_document
from tests.gui.canvas.screen import at, page_shot, shot


def over_checker(view_rgba: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Straight RGBA over the dark checkerboard of 8 px that starts at the page's corner."""
    height, width = view_rgba.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width] // 8
    dark = (rows + columns) % 2 == 0
    tones = [
        [int(color[3:][i : i + 2], 16) for i in (0, 2, 4)]
        for color in (DARK.checker_light, DARK.checker_dark)
    ]
    under = np.where(dark[..., None], tones[1], tones[0])
    alpha = view_rgba[..., 3:] / 255
    return np.asarray(view_rgba[..., :3] * alpha + under * (1 - alpha))


def test_at_100_percent_each_pixel_is_the_document_s(qtbot: QtBot, make_view: MakeView) -> None:
    document = sample_document()
    view = make_view(document)
    view.zoom_to(1.0)
    qtbot.waitUntil(lambda: view.tiles_ready)
    difference = np.abs(page_shot(view) - over_checker(composite(document)))
    assert difference.max() <= 2  # two roundings to bytes


@pytest.mark.parametrize("zoom", [3.0, 5.5, 7.0])
def test_above_200_percent_pixels_are_squares(
    qtbot: QtBot, make_view: MakeView, zoom: float
) -> None:
    document = sample_document()
    view = make_view(document)
    view.zoom_to(zoom)
    qtbot.waitUntil(lambda: view.tiles_ready)
    page = shot(view)
    x0, y0, x1, _ = view.viewport.visible_rect()
    across, down = (x0 + x1) // 2, (y0 + 200) // 2  # the upper 200 rows are opaque
    for x, y in ((across, down), (across + 1, down), (x0 + 3, y0 + 3), (x1 - 3, down - 5)):
        left, top = view.viewport.to_device(x, y)
        right, bottom = view.viewport.to_device(x + 1, y + 1)
        cell = page[round(top + 1) : round(bottom - 1), round(left + 1) : round(right - 1)]
        expected = composite(document, Rect(x, y, x + 1, y + 1))[0, 0, :3]
        assert cell.size
        assert np.abs(cell - expected).max() <= 1


@pytest.mark.parametrize("zoom", [0.3, 0.7, 1.4])
def test_smooth_zoom_has_no_seams(qtbot: QtBot, make_view: MakeView, zoom: float) -> None:
    """Tiles drawn one by one look like the whole picture drawn at once."""
    document = sample_document(1000, 700)
    view = make_view(document)
    view.resize(1500, 1100)
    view.zoom_to(zoom)
    qtbot.waitUntil(lambda: view.tiles_ready)
    painted = page_shot(view)
    level = view.viewport.mip_level
    whole = over_whole(composite(document, level=level), painted.shape[1], painted.shape[0])
    opaque_rows = painted.shape[0] // 2 - 8  # the upper half of the noise is opaque
    difference = np.abs(painted[2:opaque_rows, 2:-2] - whole[2:opaque_rows, 2:-2])
    assert difference.mean() < 1.5
    edges = [round(column * 256 * zoom * 2**level) for column in range(1, 4 // 2**level)]
    for edge in edges:
        assert difference[:, edge - 4 : edge].mean() < 3 * difference.mean() + 1


def over_whole(rgba: npt.NDArray[np.uint8], width: int, height: int) -> npt.NDArray[np.int16]:
    """One picture scaled at once by the same painter."""
    from PySide6.QtGui import QPainter

    source = np.ascontiguousarray(rgba[..., [2, 1, 0, 3]])
    source[..., 3] = 255
    image = QImage(
        source.data,
        source.shape[1],
        source.shape[0],
        4 * source.shape[1],
        QImage.Format.Format_RGB32,
    )
    target = QImage(width, height, QImage.Format.Format_RGB32)
    painter = QPainter(target)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRect(0, 0, width, height), image)
    painter.end()
    flat = np.frombuffer(target.constBits(), np.uint8).reshape(height, width, 4)
    return flat[..., 2::-1].astype(np.int16)


def test_a_change_shows_up_without_being_asked(qtbot: QtBot, make_view: MakeView) -> None:
    document = sample_document()
    view = make_view(document)
    view.zoom_to(1.0)
    qtbot.waitUntil(lambda: view.tiles_ready)
    before = page_shot(view)
    view.history.push(MoveLayers(("red",), 30, 10))
    assert not view.tiles_ready, "the picture is filled by the thread, not by the command"
    qtbot.waitUntil(lambda: view.tiles_ready)
    after = page_shot(view)
    assert np.abs(after - over_checker(composite(document))).max() <= 2
    changed = np.argwhere(np.abs(after - before).max(axis=2) > 2)
    assert changed.min(axis=0).tolist() == [60, 50]
    assert (changed.max(axis=0) <= [189, 199]).all()
    view.history.undo()
    qtbot.waitUntil(lambda: view.tiles_ready)
    assert np.array_equal(page_shot(view), before)


def test_painting_never_composites(
    qtbot: QtBot, make_view: MakeView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a compositor that waits, painting and zooming go on with stand-ins."""
    go_on = threading.Event()
    callers: list[str] = []
    real = composite

    def slow(*args: object, **kwargs: object) -> object:
        callers.append(threading.current_thread().name)
        go_on.wait(20)
        return real(*args, **kwargs)  # type: ignore[arg-type]

    view = make_view(sample_document())
    before = page_shot(view)
    monkeypatch.setattr("editor.canvas.tile_sources.composite", slow)
    view.history.push(MoveLayers(("red",), 100, 0))
    assert np.array_equal(page_shot(view), before), "the stale tiles stay"
    view.zoom_to(2.0)
    assert page_shot(view).std() > 10, "the coarser tiles stand in"
    assert not view.tiles_ready
    go_on.set()
    qtbot.waitUntil(lambda: view.tiles_ready)
    assert set(callers) == {"tiles"}


def test_only_visible_tiles_are_made(
    qtbot: QtBot, make_view: MakeView, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = make_view(sample_document(3000, 3000, background=False))
    asked: list[tuple[int, Rect]] = []
    real = composite

    def recording(state: object, rect: Rect, *, level: int, **kwargs: object) -> object:
        asked.append((level, rect))
        return real(state, rect, level=level, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr("editor.canvas.tile_sources.composite", recording)
    view.zoom_to(1.0)
    qtbot.waitUntil(lambda: view.tiles_ready)
    full_size = [rect for level, rect in asked if level == 0]
    assert full_size
    visible = Rect(*view.viewport.visible_rect()).expanded(257)
    assert all(visible.contains(rect) for rect in full_size)


def test_an_empty_page_has_a_hint_that_boxes_take_away(qtbot: QtBot, make_view: MakeView) -> None:
    view = make_view(Document(600, 400))
    hint = page_shot(view)[200:380, 100:500]
    assert len(np.unique(hint.reshape(-1, 3), axis=0)) > 20, "letters and a sign"
    view.history.push(AddBox(LayoutBox(Rect(10, 10, 60, 60))))
    for shown in (False, True):  # faintly, or as the layout tool shows them
        view.layout_mode = shown
        assert np.ptp(page_shot(view)[200:380, 100:500], axis=(0, 1)).max() == 0, "a plain page"


def test_a_box_does_not_tint_the_layer_that_was_made_in_it(
    qtbot: QtBot, make_view: MakeView
) -> None:
    view = make_view(sample_document())
    view.set_tool(ToolId.LAYOUT)
    red = view.document.raster("red").bounds
    for box_id, same in (("red", True), ("another", False)):
        qtbot.waitUntil(lambda: view.tiles_ready)
        before = shot(view)
        view.history.push(AddBox(LayoutBox(red, box_id=box_id)))
        view.document.select_boxes(())
        place = at(view, (red.x0 + red.x1) / 2, (red.y0 + red.y1) / 2)
        assert (shot(view)[place.y(), place.x()] == before[place.y(), place.x()]).all() == same
        view.history.undo()


def test_no_box_crosses_the_name_of_another(qtbot: QtBot, make_view: MakeView) -> None:
    view = make_view(Document(600, 400))
    view.layout_mode = True
    view.history.push(AddBox(LayoutBox(Rect(100, 100, 400, 300), prompt="a brown dog")))
    view.document.select(())
    x, y = (round(value) for value in view.viewport.to_device(100, 100))
    name = (slice(y + 7, y + 17), slice(x + 10, x + 60))
    alone = shot(view)[name]
    assert len(np.unique(alone.reshape(-1, 3), axis=0)) > 5, "letters"
    view.history.push(AddBox(LayoutBox(Rect(20, 20, 125, 250), prompt="a star")))
    assert np.array_equal(shot(view)[name], alone)


def test_adding_and_removing_the_last_layer_toggles_the_hint(
    qtbot: QtBot, make_view: MakeView
) -> None:
    view = make_view(Document(600, 400))
    empty = page_shot(view)
    layer = sample_document().raster("red")
    view.history.push(AddLayer(layer))
    view.document.select(())
    qtbot.waitUntil(lambda: view.tiles_ready)
    assert not np.array_equal(page_shot(view), empty)
    view.history.push(RemoveLayers(("red",)))
    assert np.array_equal(page_shot(view), empty)


def test_another_canvas_size_is_fitted_again(qtbot: QtBot, make_view: MakeView) -> None:
    view = make_view(sample_document())
    view.history.push(ResizeCanvas(300, 900))
    qtbot.waitUntil(lambda: view.tiles_ready)
    x0, y0, x1, y1 = view.viewport.document_rect()
    assert (y1 - y0) == 500 - 64
    assert abs((x1 - x0) / (y1 - y0) - 1 / 3) < 0.01
    assert page_shot(view).std() > 10


def test_another_document_leaves_nothing_of_the_old_one(qtbot: QtBot, make_view: MakeView) -> None:
    view = make_view(sample_document())
    other = sample_document(background=False)
    old = view.document
    view.set_document(History(other))
    checker_only = page_shot(view)
    assert len(np.unique(checker_only.reshape(-1, 3), axis=0)) <= 2
    qtbot.waitUntil(lambda: view.tiles_ready)
    assert view.document is other
    History(old).push(MoveLayers(("red",), 5, 5))
    assert view.tiles_ready, "the old document is not listened to"


def test_themes_change_the_surround_and_the_checkerboard(qtbot: QtBot, make_view: MakeView) -> None:
    view = make_view(sample_document(background=False))
    dark = shot(view)
    view.apply_theme(LIGHT)
    light = shot(view)
    assert light[5, 5].mean() > dark[5, 5].mean() + 100
    x, y = (round(p) for p in view.viewport.to_device(500, 100))
    assert light[y, x].mean() > dark[y, x].mean() + 50


def test_parts_that_nobody_looks_at_wait_until_the_view_moves(
    qtbot: QtBot, make_view: MakeView
) -> None:
    """The corners of the view cut tiles in both directions."""
    document = sample_document(1500, 1200)
    view = make_view(document)
    view.zoom_to(1.0)
    qtbot.waitUntil(lambda: view.tiles_ready)
    view.history.push(MoveLayers(("noise",), 3, 5))
    qtbot.waitUntil(lambda: view.tiles_ready)
    for dx, dy in ((200, 150), (-500, -420), (60, 300)):
        view.pan(dx, dy)
        qtbot.waitUntil(lambda: view.tiles_ready)
        x0, y0, x1, y1 = view.viewport.visible_rect()
        expected = over_checker(composite(document))[y0:y1, x0:x1]
        assert np.abs(page_shot(view)[: y1 - y0, : x1 - x0] - expected).max() <= 2


def on_screen(view: CanvasView) -> npt.NDArray[np.int16]:
    """What really is on the screen, not what a new painting of the widget would give."""
    image = view.screen().grabWindow(view.winId()).toImage()
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint8)
    rows = flat.reshape(image.height(), image.bytesPerLine() // 4, 4)
    return rows[:, : image.width(), 2::-1].astype(np.int16)


def test_panning_moves_the_screen_and_paints_strips(qtbot: QtBot, make_view: MakeView) -> None:
    document = sample_document(900, 700)
    view = make_view(document)
    document.select(["red"])
    view.history.push(AddGuide(Guide(Orientation.VERTICAL, 300)))
    view.zoom_to(1.0)
    qtbot.waitUntil(lambda: view.tiles_ready)
    QApplication.processEvents()
    painted: list[int] = []
    paint = view.paintEvent

    def recorded(event: QPaintEvent) -> None:
        painted.append(sum(r.width() * r.height() for r in rects_of(event.region())))
        paint(event)

    view.paintEvent = recorded  # type: ignore[method-assign]
    for dx, dy in ((30, -12), (-70, 33), (11, 0), (0, -55), (-200, 140), (260, -190)):
        view.pan(dx, dy)
        qtbot.waitUntil(lambda: view.tiles_ready)
        QApplication.processEvents()
        # Round corners of handles are smoothed a little differently at another place.
        assert np.abs(on_screen(view) - shot(view)).max() <= 6, (dx, dy)
    assert painted
    assert painted[0] < 0.3 * view.width() * view.height()


@pytest.mark.parametrize("selected", ["red", "blue"])
def test_a_fitted_page_moves_with_its_shadow_frames_and_name_tags(
    qtbot: QtBot, make_view: MakeView, selected: str
) -> None:
    view = make_view(sample_document())
    view.document.select((selected,))
    qtbot.waitUntil(lambda: view.tiles_ready)
    for dx, dy in ((40, 25), (150, 90), (-260, 30), (-300, -330), (90, 170), (310, 10)):
        view.pan(dx, dy)
        qtbot.waitUntil(lambda: view.tiles_ready)
        QApplication.processEvents()
        assert np.abs(on_screen(view) - shot(view)).max() <= 6, (dx, dy)


@pytest.mark.parametrize("lasting", [False, True])
def test_a_tile_that_cannot_be_made_is_tried_once_more(
    qtbot: QtBot, make_view: MakeView, monkeypatch: pytest.MonkeyPatch, lasting: bool
) -> None:
    view = make_view(sample_document())
    view.zoom_to(1.0)
    qtbot.waitUntil(lambda: view.tiles_ready)
    hints: list[str] = []
    view.hint.connect(hints.append)
    asked: set[TileKey] = set()
    right = EditingSource.render

    def render(
        source: EditingSource,
        key: TileKey,
        rect: Rect,
        cancelled: Callable[[], bool],
        *,
        again: bool,
    ) -> Bgra:
        asked.add(key)
        if key == broken and (lasting or key not in view._renderer._tried_again):
            raise ValueError("broken pixels")
        return right(source, key, rect, cancelled, again=again)

    broken = TileKey(0, 0, 0)
    monkeypatch.setattr(EditingSource, "render", render)
    view.history.push(RemoveLayers(("red", "blue")))
    qtbot.waitUntil(lambda: bool(hints) and view.tiles_ready)
    assert TileKey(0, 1, 0) in asked, "the other tiles come all the same"
    qtbot.waitUntil(lambda: broken in view._renderer._tried_again and view.tiles_ready)
    view._renderer._request_again()
    assert view.tiles_ready
    assert len(hints) == 1
    difference = np.abs(page_shot(view) - over_checker(composite(view.document)))
    assert difference[:, 256:].max() <= 2
    assert (difference.max() <= 2) != lasting
