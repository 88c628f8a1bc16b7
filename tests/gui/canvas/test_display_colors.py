"""Documents with another colour space look right on an sRGB screen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QColor, QColorSpace, QColorTransform
from pytestqt.qtbot import QtBot

from editor.canvas.display_colors import ManagedSource, conversion
from editor.canvas.tile_sources import DocumentSource
from editor.canvas.tiles import TileKey
from editor.document.document import Document
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer
from editor.tools.tool import Effects, Live
from tests.gui.canvas.conftest import MakeView
from tests.gui.canvas.screen import at, shot

P3 = QColorSpace(QColorSpace.NamedColorSpace.DisplayP3)
SRGB = QColorSpace(QColorSpace.NamedColorSpace.SRgb)


def profile_of(space: QColorSpace) -> bytes:
    return bytes(space.iccProfile().data())


def document(rgba: tuple[int, int, int, int]) -> Document:
    layer = RasterLayer(pixels=PixelBuffer.filled(60, 40, rgba), layer_id="a")
    return Document(60, 40, (layer,))


def expected(rgb: tuple[int, int, int]) -> list[int]:
    transform: QColorTransform = P3.transformationToColorSpace(SRGB)
    color = transform.map(QColor(*rgb))
    return [color.red(), color.green(), color.blue()]


@pytest.mark.parametrize("profile", [profile_of(SRGB), b"", b"no profile at all" * 20])
def test_srgb_and_useless_profiles_are_skipped(profile: bytes) -> None:
    assert conversion(profile) is None


@pytest.mark.parametrize("alpha", [255, 128, 0])
def test_tiles_are_converted_as_straight_colours(alpha: int) -> None:
    rgb = (60, 180, 90)
    plain = DocumentSource(document((*rgb, alpha)).snapshot())
    managed = ManagedSource(plain, profile_of(P3))
    key = TileKey(0, 0, 0)
    made = managed.render(key, key.covered(60, 40), lambda: False, again=False)
    wanted = np.rint(np.array(expected(rgb)) * alpha / 255)
    assert np.abs(made[5, 5, 2::-1].astype(int) - wanted).max() <= 2
    assert (made[..., 3] == alpha).all()


def test_the_canvas_shows_the_profile_s_colours(qtbot: QtBot, make_view: MakeView) -> None:
    plain = document((60, 180, 90, 255))
    view = make_view(plain)
    place = at(view, 30, 20)
    assert shot(view)[place.y(), place.x()].tolist() == [60, 180, 90]
    wide = Document(60, 40, plain.layers)
    wide._state = replace(wide.snapshot(), color_profile=profile_of(P3))
    shown = make_view(wide)
    assert np.abs(shot(shown)[place.y(), place.x()] - expected((60, 180, 90))).max() <= 2


def test_a_stroke_on_its_way_has_the_profile_s_colours(qtbot: QtBot, make_view: MakeView) -> None:
    wide = document((60, 180, 90, 255))
    wide._state = replace(wide.snapshot(), color_profile=profile_of(P3))
    view = make_view(wide)
    painted = PixelBuffer.filled(60, 40, (200, 90, 60, 255))
    layers = (replace(wide.raster_layers()[0], pixels=painted),)
    state = replace(wide.snapshot(), layers=layers)
    view.perform(Effects(live=Live(state, wide.canvas, ("a",))))
    qtbot.waitUntil(lambda: view.tiles_ready)
    place = at(view, 30, 20)
    assert np.abs(shot(view)[place.y(), place.x()] - expected((200, 90, 60))).max() <= 2
    view.perform(Effects(live=Live(None, wide.canvas)))
    qtbot.waitUntil(lambda: view.tiles_ready)
    assert np.abs(shot(view)[place.y(), place.x()] - expected((60, 180, 90))).max() <= 2
