"""The designer's day with single layers, in the real window with the real starter model: boxes that
mark layers out of date, another try at all of them, variations, a queue that is put in order, and
jobs that are cancelled in every phase.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListView
from pytestqt.qtbot import QtBot

import resources
from editor.commands.layout_commands import AddBox, MoveBox, RenameBox
from editor.commands.property_commands import SetLocked
from editor.commands.transform_commands import MoveLayers
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layout import LayoutBox
from editor.formats.native import read_native, write_native
from editor.formats.psd import read_psd, write_psd
from editor.jobs.mailbox import Mailbox
from editor.jobs.orders import LayerSettings, PictureSettings
from editor.theme import Theme, ThemeMode
from editor.tools.overlay import BoxFrame
from editor.windows.main_window import MainWindow
from engine.jobs import JobEvent, JobProgress
from engine.progress import Phase
from tests.helpers.windows import close_window, make_window, private_settings

LIMIT_MS = 240_000
STEPS = 4  # few: what is looked at here is not the picture
WEIGHTS = resources.locate("starter_model", "transformer.safetensors")
PROMPT = "a red apple and a brown dog on a sunset gradient"
APPLE_BOX, DOG_BOX = Rect(16, 32, 112, 160), Rect(128, 48, 240, 224)

pytestmark = pytest.mark.skipif(
    not WEIGHTS.is_file(), reason="the starter weights are not in resources"
)


class Gate:
    """Stops the engine's thread at the first report of a phase, until it is opened again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.phase: Phase | None = None
        self.seen: set[Phase] = set()
        self.reached = threading.Event()
        self.open = threading.Event()
        put = Mailbox.put

        def stopping(mailbox: Mailbox, event: JobEvent) -> None:
            put(mailbox, event)
            if isinstance(event, JobProgress):
                self.seen.add(event.progress.phase)
                if event.progress.phase is self.phase:
                    self.phase = None
                    self.reached.set()
                    self.open.wait(60)

        monkeypatch.setattr(Mailbox, "put", stopping)

    def stop_at(self, phase: Phase) -> None:
        self.reached.clear()
        self.open.clear()
        self.phase = phase


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate(monkeypatch)
    yield gate
    gate.open.set()


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, tmp_path: Path, gate: Gate) -> Iterator[MainWindow]:
    theme = Theme(qapp, ThemeMode.DARK)
    window = make_window(theme, private_settings(tmp_path), Document(256, 256))
    window.resize(1360, 1000)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    gate.open.set()
    close_window(window)
    theme.deleteLater()


def test_a_day_with_layers(qtbot: QtBot, window: MainWindow, gate: Gate, tmp_path: Path) -> None:
    generate_in_boxes(qtbot, window)
    apple, dog = (layer.layer_id for layer in window.session.document.raster_layers()[1:])
    change_boxes(window, apple, dog)
    run_again(qtbot, window, apple, dog)
    switch_variations_after_moving(qtbot, window, apple)
    keep_all_of_it_in_files(window, tmp_path, apple)
    put_the_queue_in_order(qtbot, window, gate, apple, dog)
    cancel_in_every_phase(qtbot, window, gate, apple)
    refuse_what_cannot_be(qtbot, window, gate, apple)


def generate_in_boxes(qtbot: QtBot, window: MainWindow) -> None:
    for rect, prompt in ((APPLE_BOX, "a red apple"), (DOG_BOX, "a brown dog")):
        window.session.push(AddBox(LayoutBox(rect, prompt=prompt)))
    panel = window.generate_panel
    panel.prompt.setPlainText(PROMPT)
    panel.steps.setValue(STEPS)
    panel.seed.value = 7
    panel.seed.lock.setChecked(True)
    QTest.mouseClick(panel.button, Qt.MouseButton.LeftButton)
    wait(qtbot, window)
    document = window.session.document
    assert [box.box_id for box in document.boxes] == [
        layer.layer_id for layer in document.raster_layers()[1:]
    ]
    assert not stale(window)
    assert not window.actions_by_id["generate.rerun"].isEnabled()


def change_boxes(window: MainWindow, apple: str, dog: str) -> None:
    """A moved box and other words mark two layers, everywhere where it can be seen."""
    window.session.push(MoveBox(apple, APPLE_BOX.translated(8, 40)))
    assert stale(window) == [apple]
    window.session.push(RenameBox(dog, prompt="a blue car"))
    assert stale(window) == [apple, dog]
    document = window.session.document
    document.select([dog])
    assert window.regenerate_section.badge.isVisible()
    assert window.regenerate_section.prompt_text == "a blue car"
    window.canvas.set_tool("layout")
    frames = [item for item in window.canvas._overlay if isinstance(item, BoxFrame)]
    assert [frame.out_of_date for frame in frames] == [True, True]
    window.regenerate_section.record_wanted.emit()
    assert window.record_panel.status.text() == "Out of date"
    assert "a blue car" in window.record_panel.texts["Next try"]
    window.session.undo()
    assert stale(window) == [apple]
    window.session.redo()
    window.canvas.set_tool("move")


def run_again(qtbot: QtBot, window: MainWindow, apple: str, dog: str) -> None:
    """Both layers again, each one undo step; the background keeps every bit."""
    document, before = window.session.document, hashes(window)
    steps = len(window.session.history.labels)
    window.actions_by_id["generate.rerun"].trigger()
    assert len(window.bridge.rows) == 2
    wait(qtbot, window)
    after = hashes(window)
    assert {key for key in after if after[key] != before[key]} == {apple, dog}
    assert not stale(window)
    assert document.raster(apple).bounds == APPLE_BOX.translated(8, 40)
    record = document.raster(dog).record
    assert record is not None
    assert record.typed_prompt == "a blue car"
    assert window.session.history.labels[steps:] == ("Regenerate Layer", "Regenerate Layer")
    window.session.undo()
    assert hashes(window) == {**after, dog: before[dog]}
    assert stale(window) == [dog]
    window.session.undo()
    assert hashes(window) == before
    window.session.redo()
    window.session.redo()
    assert hashes(window) == after


def switch_variations_after_moving(qtbot: QtBot, window: MainWindow, apple: str) -> None:
    document, strip = window.session.document, window.regenerate_section.strip
    document.select([apple])
    assert strip.isVisible()
    assert strip.count.text() == "2 of 2"
    second = document.raster(apple)
    window.session.push(MoveLayers((apple,), 20, -30))
    steps = len(window.session.history.labels)
    click_variation(strip.list, 0)
    first = document.raster(apple)
    assert first.pixels.content_hash != second.pixels.content_hash
    assert first.bounds == APPLE_BOX.translated(20, -30)  # its own box, moved as the layer was
    click_variation(strip.list, 1)
    again = document.raster(apple)
    assert again.pixels.content_hash == second.pixels.content_hash
    assert again.offset == (second.offset[0] + 20, second.offset[1] - 30)
    assert window.session.history.labels[steps:] == ("Switch Variation", "Switch Variation")
    window.session.undo()
    assert document.raster(apple).pixels.content_hash == first.pixels.content_hash
    window.session.redo()
    strip.list.setCurrentIndex(strip.model.index(0))
    strip.pick.click()
    picked = document.raster(document.selected_ids[0])
    assert picked.pixels.content_hash == first.pixels.content_hash
    assert document.raster(apple).pixels.content_hash == second.pixels.content_hash
    window.session.undo()
    assert not document.has_layer(picked.layer_id)


def keep_all_of_it_in_files(window: MainWindow, folder: Path, apple: str) -> None:
    """The native file keeps variations and wishes, a PSD the records."""
    state = window.session.document.snapshot()
    write_native(state, folder / "day.layerloom")
    read = read_native(folder / "day.layerloom").document
    assert read.snapshot().state_hash() == state.state_hash()
    assert len(read.raster(apple).variations) == 2
    write_psd(window.session.document, folder / "day.psd")
    for layer in read_psd(folder / "day.psd").raster_layers():
        original = state.raster(layer.layer_id).record
        assert layer.record is not None
        assert original is not None
        assert (layer.record.seed, layer.record.attempt) == (original.seed, original.attempt)
        assert layer.record.weights_hash == original.weights_hash


def put_the_queue_in_order(
    qtbot: QtBot, window: MainWindow, gate: Gate, apple: str, dog: str
) -> None:
    """The last of three waiting jobs goes to the front, and one in the middle is cancelled."""
    document, bridge = window.session.document, window.bridge
    background = document.raster_layers()[0].layer_id
    landed: list[str] = []
    gate.stop_at(Phase.DENOISE)
    bridge.regenerate(LayerSettings(apple, "a red apple", STEPS))
    qtbot.waitUntil(gate.reached.is_set, timeout=LIMIT_MS)
    bridge.regenerate(LayerSettings(dog, "a brown dog", STEPS))
    bridge.regenerate(LayerSettings(background, "a night sky background", STEPS))
    bridge.generate(PictureSettings(PROMPT, "flat", 3, STEPS), first=True)
    panel = window.queue_panel
    assert panel.isVisible()
    assert panel.count.text() == "3 wait"
    assert panel.model.rowCount() == 4
    panel.choose(bridge.rows[3].job_id)
    QTest.mouseClick(panel.first, Qt.MouseButton.LeftButton)
    name = document.layer(background).name
    assert [row.title for row in bridge.rows][1:] == [name, PROMPT, document.layer(dog).name]
    QTest.keyClick(panel.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert [row.title for row in bridge.rows][2] == name
    panel.choose(bridge.rows[1].job_id)
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    at_start = hashes(window)
    window.session.history_changed.connect(
        lambda: landed.append(changed_since(window, at_start, landed))
    )
    gate.open.set()
    wait(qtbot, window)
    assert [layer for layer in landed if layer] == [apple, background, dog]


def cancel_in_every_phase(qtbot: QtBot, window: MainWindow, gate: Gate, layer_id: str) -> None:
    """Cancelled, a job leaves the document as it was to the last byte, and is not heard again."""
    before = window.session.document.snapshot()
    phases = [phase for phase in Phase if phase in gate.seen and phase is not Phase.LOAD]
    assert {Phase.UNDERSTAND, Phase.DENOISE, Phase.DECODE} <= set(phases)
    for phase in phases:
        gate.stop_at(phase)
        if phase is Phase.ALONE:
            continue  # only when the starter draws something that it does not recognise
        window.bridge.generate(PictureSettings(PROMPT, "flat", 7, STEPS))
        qtbot.waitUntil(gate.reached.is_set, timeout=LIMIT_MS)
        cancel(qtbot, window, gate)
        assert window.session.document.snapshot() is before, phase
    window.bridge.may_land = lambda: False
    window.bridge.regenerate(LayerSettings(layer_id, "a red apple", STEPS))
    qtbot.waitUntil(lambda: window.bridge._waiting is not None, timeout=LIMIT_MS)
    cancel(qtbot, window, gate)
    window.bridge.may_land = lambda: True
    qtbot.wait(200)
    assert window.session.document.snapshot() is before


def cancel(qtbot: QtBot, window: MainWindow, gate: Gate) -> None:
    """Press Cancel; nothing of the job may arrive afterwards."""
    bridge = window.bridge
    heard: list[object] = []
    signals = (bridge.progressed, bridge.previewed, bridge.finished, bridge.failed)
    for signal in signals:
        signal.connect(heard.append)
    with qtbot.waitSignal(bridge.cancelled, timeout=LIMIT_MS):
        window.actions_by_id["generate.cancel"].trigger()
        gate.open.set()
    qtbot.wait(150)
    for signal in signals:
        signal.disconnect(heard.append)
    assert heard == []
    assert not bridge.busy
    assert not window.canvas.showing_previews


def refuse_what_cannot_be(qtbot: QtBot, window: MainWindow, gate: Gate, layer_id: str) -> None:
    """Words for a locked layer, settings of a layer without a record, a box of one pixel, two jobs
    for one layer.
    """
    document, section = window.session.document, window.regenerate_section
    document.select([layer_id])
    window.session.push(SetLocked((layer_id,), True))
    section.prompt.setPlainText("a pear")
    assert not section.keep_prompt()
    name = document.layer(layer_id).name
    assert window.toast.text == f'The layer "{name}" is locked; unlock it first.'
    assert section.prompt_text != "a pear"
    window.session.undo()
    window.actions_by_id["layer.add"].trigger()
    own = document.layer(document.selected_ids[0]).name
    window.actions_by_id["generate.copy_settings"].trigger()
    assert window.toast.text == f'"{own}" was not generated, so it has no settings to copy.'
    assert window.record_panel.hint.text() == f'"{own}" was not generated, so it has no record.'
    window.session.push(AddBox(LayoutBox(Rect(9, 9, 10, 10), prompt="a dog")))
    QTest.mouseClick(window.generate_panel.button, Qt.MouseButton.LeftButton)
    assert window.toast.text == (
        "The box is 1 x 1 px; a layer needs at least 4 x 4 px. Draw a larger box."
    )
    assert not window.bridge.busy
    window.session.undo()
    gate.stop_at(Phase.DENOISE)
    window.bridge.regenerate(LayerSettings(layer_id, "a red apple", STEPS))
    qtbot.waitUntil(gate.reached.is_set, timeout=LIMIT_MS)
    assert not window.bridge.regenerate(LayerSettings(layer_id, "a pear", STEPS))
    assert window.toast.text == (
        f'"{name}" is being made at this moment; wait for it or cancel that job first.'
    )
    window.bridge.cancel_all()
    gate.open.set()
    wait(qtbot, window)


def click_variation(strip: object, place: int) -> None:
    """Click a picture of the strip."""
    assert isinstance(strip, QListView)
    index = strip.model().index(place, 0)
    at = strip.visualRect(index).center()
    QTest.mouseClick(
        strip.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at
    )


def wait(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.bridge.busy, timeout=LIMIT_MS)


def stale(window: MainWindow) -> list[str]:
    """Ids of the layers with a mark, bottom to top."""
    rasters = window.session.document.raster_layers()
    return [layer.layer_id for layer in rasters if layer.is_out_of_date]


def hashes(window: MainWindow) -> dict[str, str]:
    return {r.layer_id: r.pixels.content_hash for r in window.session.document.raster_layers()}


def changed_since(window: MainWindow, start: dict[str, str], known: list[str]) -> str:
    """The layer whose pixels changed last; empty when none did."""
    now = hashes(window)
    new = [key for key in now if now[key] != start.get(key) and key not in known]
    return new[0] if new else ""
