"""Thumbnails whose computing fails, and those asked for when the window is gone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from editor.document.pixels import PixelBuffer, RgbaArray
from editor.panels.thumbnails import Thumbnails


@pytest.fixture
def thumbnails(qtbot: QtBot) -> Iterator[Thumbnails]:
    made = Thumbnails()
    yield made
    made.stop()


def test_one_that_fails_is_logged_and_tried_again(
    qtbot: QtBot,
    thumbnails: Thumbnails,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    pixels = PixelBuffer.filled(8, 6, (10, 200, 30, 255))

    def broken(pixels: PixelBuffer, max_side: int) -> RgbaArray:
        raise MemoryError("too large")

    with monkeypatch.context() as patch:
        patch.setattr(PixelBuffer, "thumbnail", broken)
        assert thumbnails.image(pixels) is None
        qtbot.waitUntil(lambda: not thumbnails._waiting)
    assert "too large" in caplog.text
    qtbot.waitUntil(lambda: thumbnails.image(pixels) is not None)
    image = thumbnails.image(pixels)
    assert image is not None
    assert image.pixelColor(3, 3).getRgb() == (10, 200, 30, 255)


def test_none_is_begun_when_the_window_is_gone(thumbnails: Thumbnails) -> None:
    pixels = PixelBuffer.filled(8, 6, (10, 200, 30, 255))
    thumbnails.stop()
    assert thumbnails.image(pixels) is None
    assert not thumbnails._waiting
