"""Documents for the window's tests and what users do with them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from editor.document.document import Document
from editor.document.layers import GroupLayer, RasterLayer
from editor.document.pixels import PixelBuffer
from editor.windows.main_window import MainWindow

LONGEST_MS = 60_000  # a file is read by a process of its own, which a busy machine starts slowly
SKY, APPLE, DOG, FRUIT = "sky", "apple", "dog", "fruit"


def layered() -> Document:
    """Bottom to top: sky, a group "fruit" with the apple in it, dog."""
    sky = RasterLayer(
        layer_id=SKY, name="sky", pixels=PixelBuffer.filled(200, 160, (90, 150, 230, 255))
    )
    apple = _square(APPLE, (20, 60), (210, 40, 40, 255))
    dog = _square(DOG, (110, 70), (120, 80, 40, 255))
    return Document(
        200, 160, (sky, GroupLayer(layer_id=FRUIT, name="fruit", children=(apple,)), dog)
    )


def _square(name: str, offset: tuple[int, int], rgba: tuple[int, int, int, int]) -> RasterLayer:
    pixels = PixelBuffer.filled(60, 50, rgba)
    return RasterLayer(layer_id=name, name=name, pixels=pixels, offset=offset)


def activate(qtbot: QtBot, window: MainWindow) -> None:
    """Make it the active window, so that it has focus and shortcuts."""
    window.activateWindow()
    window.raise_()
    qtbot.waitUntil(window.isActiveWindow)


def type_prompt(qtbot: QtBot, window: MainWindow, text: str) -> None:
    """Type into the empty prompt field."""
    window.generate_panel.prompt.clear()
    QTest.keyClicks(window.generate_panel.prompt, text)


def press_generate(qtbot: QtBot, window: MainWindow) -> None:
    """Click the primary button; while a job runs, the new one joins the queue."""
    QTest.mouseClick(window.generate_panel.button, Qt.MouseButton.LeftButton)


def press_cancel(window: MainWindow) -> None:
    """Click the button beside it, which is there while a job runs."""
    assert window.generate_panel.cancel.isVisible()
    QTest.mouseClick(window.generate_panel.cancel, Qt.MouseButton.LeftButton)


def generate(qtbot: QtBot, window: MainWindow, text: str = "a red apple and a dog") -> None:
    """Type, press the button and wait for the layers."""
    type_prompt(qtbot, window, text)
    with qtbot.waitSignal(window.bridge.finished):
        press_generate(qtbot, window)


def names(window: MainWindow) -> list[str]:
    """Names of all layers, bottom to top."""
    return [layer.name for layer in window.session.document.all_layers()]


def edit(window: MainWindow) -> None:
    """Make the document differ from its file."""
    window.session.document.select([DOG])
    window.actions_by_id["layer.toggle_visible"].trigger()


def question(window: MainWindow) -> QMessageBox:
    """The one that the window asks."""
    box = window.findChild(QMessageBox)
    assert box is not None
    return box


def answer(window: MainWindow, button: QMessageBox.StandardButton) -> None:
    """Press a button of it."""
    box = question(window)
    box.button(button).click()


def wait_for_files(qtbot: QtBot, window: MainWindow) -> None:
    """Until nothing is read or written."""
    qtbot.waitUntil(lambda: not window.files.work.busy, timeout=LONGEST_MS)
