"""The main job in the window: start, type, generate, cancel, generate, undo, redo, move a layer,
regenerate it, export. With the real starter model; the gaps of a 16 ms timer are reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import resources
from editor.document.compositor import flatten
from editor.document.document import Document
from editor.document.layers import RasterLayer
from editor.formats.psd import read_psd
from editor.theme import Theme, ThemeMode
from editor.windows.export_dialog import ExportFormat
from editor.windows.main_window import MainWindow
from tests.helpers.fake_engine import FakeRuntime, Outcome
from tests.helpers.timer_gaps import GapFigures, TimerGaps
from tests.helpers.windows import close_window, make_window, private_settings

PROMPT = "a red apple and a brown dog on a sunset gradient"
JOB_LIMIT_MS = 240_000
WEIGHTS = resources.locate("starter_model", "transformer.safetensors")
Left = Qt.MouseButton.LeftButton
OpenWindow = Callable[[FakeRuntime | None], MainWindow]


@pytest.fixture
def open_window(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[OpenWindow]:
    windows: list[MainWindow] = []
    theme = Theme(qapp, ThemeMode.DARK)

    def make(runtime: FakeRuntime | None) -> MainWindow:
        document = Document(512, 512)
        window = make_window(theme, private_settings(tmp_path), document, runtime)
        windows.append(window)
        window.painted.connect(window.bridge.warm_up)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        return window

    yield make
    for window in windows:
        close_window(window)
    theme.deleteLater()


def type_and_start(window: MainWindow, text: str) -> None:
    """Type into the prompt and press Control+Return."""
    window.generate_panel.prompt.setFocus()
    window.generate_panel.prompt.clear()
    QTest.keyClicks(window.generate_panel.prompt, text)
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(window.generate_panel.prompt, Qt.Key.Key_Return, control)


def press_cancel(window: MainWindow) -> None:
    assert window.generate_panel.cancel.isVisible()
    QTest.mouseClick(window.generate_panel.cancel, Left)


def drag_layer(window: MainWindow, layer: RasterLayer, dx: int, dy: int) -> None:
    """Drag the middle of a layer by document pixels, on the canvas, as a hand would."""
    canvas = window.canvas
    box = layer.opaque_box
    middle = np.array([box.y0 + box.height / 2 - layer.offset[1],
                       box.x0 + box.width / 2 - layer.offset[0]])  # fmt: skip
    opaque = np.argwhere(layer.pixels.array[..., 3] > 200)
    # Nearest to the middle: further out the handles lie, which scale.
    y, x = opaque[np.square(opaque - middle).sum(1).argmin()] if len(opaque) else middle
    start = on_canvas(window, layer.offset[0] + int(x), layer.offset[1] + int(y))
    end = on_canvas(window, layer.offset[0] + int(x) + dx, layer.offset[1] + int(y) + dy)
    QTest.mousePress(canvas, Left, Qt.KeyboardModifier.NoModifier, start)
    for share in (0.3, 0.6, 1.0):
        QTest.mouseMove(canvas, start + (end - start) * share)
    QTest.mouseRelease(canvas, Left, Qt.KeyboardModifier.NoModifier, end)


def on_canvas(window: MainWindow, x: float, y: float) -> QPoint:
    """Widget position of a document position."""
    device_x, device_y = window.canvas.viewport.to_device(x, y)
    ratio = window.canvas.devicePixelRatioF()
    return QPoint(round(device_x / ratio), round(device_y / ratio))


def hashes(window: MainWindow) -> dict[str, str]:
    return {r.layer_id: r.pixels.content_hash for r in window.session.document.raster_layers()}


@pytest.mark.skipif(not WEIGHTS.is_file(), reason="the starter weights are not in resources")
def test_from_a_sentence_to_a_layered_file(
    qtbot: QtBot,
    open_window: OpenWindow,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    window = open_window(None)
    window.generate_panel.seed.value = 7
    window.generate_panel.seed.lock.setChecked(True)
    gaps = TimerGaps(window.canvas)

    gaps.start()
    generate_and_cancel(qtbot, window)
    report(record_property, "starting the engine, cancelled", gaps.stop())

    gaps.start()
    generate(qtbot, window)
    report(record_property, "generating", gaps.stop())

    undo_and_redo(window)
    chosen = window.session.document.raster_layers()[-1]
    move(qtbot, window, chosen)

    gaps.start()
    regenerate(qtbot, window, chosen.layer_id)
    report(record_property, "regenerating a layer", gaps.stop())

    export(qtbot, window, tmp_path)


def report(record_property: Callable[[str, object], None], what: str, figures: GapFigures) -> None:
    """Into the test report and, with -s, onto the terminal; no assertion, machines differ."""
    record_property(f"16 ms timer, {what}", str(figures))
    print(f"\n16 ms timer, {what}: {figures}")


def generate_and_cancel(qtbot: QtBot, window: MainWindow) -> None:
    type_and_start(window, PROMPT)
    qtbot.waitUntil(lambda: window.canvas.showing_previews, timeout=JOB_LIMIT_MS)
    with qtbot.waitSignal(window.bridge.cancelled, timeout=JOB_LIMIT_MS):
        press_cancel(window)
    assert window.session.document.layers == ()
    assert not window.session.history.can_undo


def generate(qtbot: QtBot, window: MainWindow) -> None:
    """A background and at least two objects with real transparency, as one undo step."""
    type_and_start(window, PROMPT)
    qtbot.waitUntil(lambda: not window.bridge.busy, timeout=JOB_LIMIT_MS)
    rasters = window.session.document.raster_layers()
    assert len(rasters) >= 3, window.toast.text
    assert rasters[0].pixels.is_opaque
    for layer in rasters[1:]:
        alpha = layer.pixels.array[..., 3]
        assert alpha.min() < 255
        assert alpha.max() > 0
        assert layer.record is not None
    assert window.session.history.labels == ("Generate Layers",)


def undo_and_redo(window: MainWindow) -> None:
    before = hashes(window)
    window.actions_by_id["edit.undo"].trigger()
    assert window.session.document.layers == ()
    window.actions_by_id["edit.redo"].trigger()
    assert hashes(window) == before


def move(qtbot: QtBot, window: MainWindow, chosen: RasterLayer) -> None:
    document, before = window.session.document, hashes(window)
    document.select([chosen.layer_id])
    drag_layer(window, chosen, -40, 24)
    qtbot.waitUntil(lambda: not window.canvas.busy)
    assert document.raster(chosen.layer_id).offset != chosen.offset
    assert hashes(window) == before
    assert list(window.session.history.labels)[-1] == "Move Layer"


def regenerate(qtbot: QtBot, window: MainWindow, layer_id: str) -> None:
    """Only the chosen layer's pixels change, and it stays where it was moved to."""
    document, before = window.session.document, hashes(window)
    record = document.raster(layer_id).record
    assert record is not None
    place = document.raster(layer_id).bounds
    assert window.regenerate_section.isVisible()
    QTest.mouseClick(window.regenerate_section.button, Left)
    qtbot.waitUntil(lambda: not window.bridge.busy, timeout=JOB_LIMIT_MS)
    after = hashes(window)
    assert [key for key in after if after[key] != before[key]] == [layer_id], window.toast.text
    again = document.raster(layer_id)
    assert again.record is not None
    assert again.record.attempt > record.attempt  # a failed drawing is tried again by itself
    assert again.bounds == place


def export(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    """Layers and picture; the layered file holds the same layers and the same picture."""
    document = window.session.document
    for kind in (ExportFormat.PSD, ExportFormat.PNG):
        window.files.export_to(folder / f"story.{kind.value}", include_prompts=True)
    qtbot.waitUntil(lambda: not window.files.work.busy, timeout=JOB_LIMIT_MS)
    read = read_psd(folder / "story.psd")
    assert names(read) == names(document)
    assert np.array_equal(flatten(read), flatten(document))
    with Image.open(folder / "story.png") as picture:
        assert np.array_equal(np.asarray(picture), flatten(document))


def names(document: Document) -> list[str]:
    return [layer.name for layer in document.all_layers()]


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome.FAIL, "ask another one"),
        (Outcome.CRASH, "failed unexpectedly"),
        (Outcome.OUT_OF_MEMORY, "not enough memory"),
    ],
)
def test_a_failing_engine_leaves_a_working_window(
    qtbot: QtBot, open_window: OpenWindow, outcome: Outcome, words: str
) -> None:
    failures = iter([outcome])
    runtime = FakeRuntime(lambda _request: next(failures, Outcome.FINISH))
    window = open_window(runtime)
    with qtbot.waitSignal(window.bridge.failed):
        type_and_start(window, PROMPT)
    assert words in window.toast.text
    assert window.session.document.layers == ()
    with qtbot.waitSignal(window.bridge.finished):
        type_and_start(window, PROMPT)
    assert len(window.session.document.layers) == 3


def test_closing_while_a_job_stalls(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(FakeRuntime(Outcome.STALL))
    type_and_start(window, PROMPT)
    qtbot.waitUntil(lambda: window.canvas.showing_previews)
    window.close()
    assert not window.isVisible()
