"""Layers on their way: painted in their boxes, gone without a flash."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from editor.canvas.previews import PreviewInput
from editor.canvas.view import CanvasView
from editor.commands.generation_commands import InsertGeneratedLayers
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer
from tests.gui.canvas.conftest import MakeView
from tests.gui.canvas.screen import page_shot

BACKGROUND = (20, 90, 160, 255)
OBJECT = (200, 40, 40, 255)


def flat(rgba: tuple[int, int, int, int], width: int = 8, height: int = 8) -> np.ndarray:
    array = np.empty((height, width, 4), np.uint8)
    array[:] = rgba
    return array


def previews() -> list[PreviewInput]:
    return [
        ("bg", "sky", Rect(0, 0, 600, 400), flat(BACKGROUND)),
        ("one", "apple", Rect(100, 100, 300, 300), flat(OBJECT)),
        ("two", "dog", Rect(350, 100, 550, 300), None),
    ]


@pytest.fixture
def view(make_view: MakeView, qtbot: QtBot) -> CanvasView:
    view = make_view(Document(600, 400))
    view.zoom_to(1.0)
    return view


def test_previews_are_painted_in_their_boxes_and_the_document_is_not_touched(
    view: CanvasView,
) -> None:
    before = view.document.state_hash()
    view.set_reduced_motion(True)
    view.show_previews(previews())
    page = page_shot(view)
    assert view.showing_previews
    assert page[50, 50].tolist() == list(BACKGROUND[:3])
    assert page[200, 200].tolist() == list(OBJECT[:3])
    assert page[200, 450].tolist() != list(BACKGROUND[:3]), "a waiting box is brighter"
    assert page[98:103, 150:250].std() > 5, "a frame around the box"
    assert view.document.state_hash() == before
    assert not view.history.can_undo


def test_clearing_brings_the_page_back(view: CanvasView, qtbot: QtBot) -> None:
    empty = page_shot(view)
    view.show_previews(previews())
    view.clear_previews()
    assert not view.showing_previews
    qtbot.waitUntil(lambda: np.array_equal(page_shot(view), empty))


def test_previews_stay_until_the_tiles_of_the_layers_are_there(
    view: CanvasView, qtbot: QtBot
) -> None:
    view.show_previews(previews()[:2])
    layers = (
        RasterLayer(name="sky", pixels=PixelBuffer.filled(600, 400, BACKGROUND)),
        RasterLayer(name="apple", pixels=PixelBuffer.filled(200, 200, OBJECT), offset=(100, 100)),
    )
    view.clear_previews()
    view.history.push(InsertGeneratedLayers(layers))
    for _ in range(3):  # at no moment the empty page shines through
        page = page_shot(view)
        assert page[50, 50].tolist() == list(BACKGROUND[:3])
        assert page[200, 200].tolist() == list(OBJECT[:3])
        qtbot.wait(1)
    qtbot.waitUntil(lambda: view.tiles_ready)
    qtbot.waitUntil(lambda: not view._previews.visible)
    assert page_shot(view)[200, 200].tolist() == list(OBJECT[:3])


def test_the_light_in_waiting_boxes_travels_unless_motion_is_reduced(
    view: CanvasView, qtbot: QtBot
) -> None:
    view.show_previews(previews())
    first = page_shot(view)
    qtbot.waitUntil(lambda: not np.array_equal(page_shot(view), first))
    view.set_reduced_motion(True)
    still = page_shot(view)
    qtbot.wait(150)
    assert np.array_equal(page_shot(view), still)
    view.shutdown()


def test_translucent_previews_show_what_lies_under_them(view: CanvasView) -> None:
    half = flat((200, 40, 40, 128))
    view.show_previews([previews()[0], ("one", "", Rect(100, 100, 300, 300), half)])
    red, green, blue = page_shot(view)[200, 200].tolist()
    expected = [(o * 128 + b * 127) / 255 for o, b in zip(OBJECT, BACKGROUND, strict=True)]
    assert [red, green, blue] == pytest.approx(expected[:3], abs=2)
