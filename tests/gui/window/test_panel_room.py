"""Panels share the room of a small window: notes scroll, and those below Generate are tabs."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QDockWidget

from editor.windows.main_window import GENERATE_HEIGHT_PX, MainWindow
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import APPLE, layered

NOTE = "A word of the prompt is not known to this model and was left out; write it another way."


def dock(window: MainWindow, name: str) -> QDockWidget:
    return next(each for each in window.docks() if each.objectName() == f"dock_{name}")


def test_notes_scroll_and_leave_the_window_as_high_as_it_was(make_window: MakeWindow) -> None:
    window = make_window(layered())
    window.resize(1280, 720)
    before = window.minimumSizeHint().height()
    window.generate_panel.status.finish("2 layers in 3 s", [NOTE] * 4)
    QApplication.processEvents()
    assert window.height() == 720
    assert window.minimumSizeHint().height() == before
    area = window.generate_panel.status.notes_area
    assert area.verticalScrollBar().maximum() > 0
    assert window.generate_panel.button.visibleRegion().boundingRect().height() > 20


def test_queue_and_record_share_one_place_below_generate(make_window: MakeWindow) -> None:
    window = make_window(layered())
    window.resize(1280, 720)
    window.generation.open_queue()
    window.session.document.select([APPLE])
    window.regenerate_section.record_wanted.emit()
    QApplication.processEvents()
    assert window.tabifiedDockWidgets(dock(window, "record")) == [dock(window, "queue")]
    assert window.generate_panel.height() >= GENERATE_HEIGHT_PX
    assert window.record_panel.visibleRegion().boundingRect().height() > 100
    window.generation.open_queue()
    QApplication.processEvents()
    assert window.queue_panel.visibleRegion().boundingRect().height() > 100


def test_the_variations_and_the_button_are_in_sight(make_window: MakeWindow) -> None:
    window = make_window(layered())
    window.session.document.select([APPLE])
    window.regenerate_section.model.show()
    for height in (860, 720):
        window.resize(1280, height)
        QApplication.processEvents()
        button = window.regenerate_section.button
        assert button.visibleRegion().boundingRect().height() == button.height()
