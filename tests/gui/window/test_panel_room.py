"""Panels share the room of a small window: notes scroll, and those below Generate are tabs."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from editor.commands.layout_commands import AddBox
from editor.document.geometry import Rect
from editor.document.layout import LayoutBox
from editor.panels.job_status import MOST_NOTES_PX
from editor.panels.widgets import ElidedLabel
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


def test_the_notes_are_as_high_as_their_text(make_window: MakeWindow) -> None:
    window = make_window(layered())
    window.resize(1280, 1000)
    status, heights = window.generate_panel.status, []
    for notes in (["Understood puppy as dog."], [NOTE], [NOTE] * 6):
        status.finish("2 layers in 3 s", notes)
        for _ in range(3):
            QApplication.processEvents()
        heights.append(status.notes_area.height())
    line = status.fontMetrics().lineSpacing()
    assert line < heights[0] < 2 * line + 10 < heights[1] < heights[2] == MOST_NOTES_PX
    assert status.notes_area.verticalScrollBar().maximum() > 0


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


def right_edge(window: MainWindow, widget: QWidget) -> int:
    return widget.mapTo(window, widget.rect().topRight()).x()


def test_a_scroll_bar_leaves_the_fields_as_wide_as_they_were(make_window: MakeWindow) -> None:
    window = make_window(layered())
    window.session.document.select([APPLE])
    panel, section = window.generate_panel, window.regenerate_section
    bars = [area.verticalScrollBar() for area in window.findChildren(QScrollArea)]
    places = []
    for height in (1200, 640):
        window.resize(1280, height)
        for _ in range(3):
            QApplication.processEvents()
        places.append([right_edge(window, each) for each in (panel.prompt, section.prompt)])
        edge = right_edge(window, panel.button)
        assert right_edge(window, panel.prompt) == edge
    assert sum(bar.maximum() > 0 for bar in bars) >= 2
    assert places[0] == places[1]


def test_long_texts_are_seen_from_their_beginning(make_window: MakeWindow) -> None:
    window = make_window(layered())
    words = "a brown dog with a very long name and an even longer leash, and a hat"
    window.session.push(AddBox(LayoutBox(Rect(10, 10, 90, 90), prompt=words)))
    window.session.document.select_boxes([window.session.document.boxes[0].box_id])
    window.generate_panel.set_per_box(per_box=True)
    lines = window.generate_panel.box_prompts.lines
    assert [line.cursorPosition() for line in lines] == [0]
    assert window.properties_panel.box_prompt.cursorPosition() == 0
    window.generate_panel.set_per_box(per_box=False)
    hint = window.generate_panel.layout_hint.text()
    assert hint == "1 box drawn (a brown dog with a very lon…). Things without a box are left out."


def test_a_long_name_ends_in_dots_and_begins_where_it_should(qtbot: QtBot) -> None:
    label, plain = ElidedLabel(None), QLabel()
    label.setText("Apple with a gradient mask and a rather long name")
    shown = label.fontMetrics().elidedText(label.text(), Qt.TextElideMode.ElideRight, 120)
    plain.setText(shown)
    for each in (label, plain):
        qtbot.addWidget(each)
        each.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        each.resize(120, 24)
    assert shown.startswith("Apple")
    assert shown.endswith("…")
    assert label.grab().toImage() == plain.grab().toImage()
    assert label.minimumSizeHint().width() < 120
    assert label.toolTip() == label.text()
