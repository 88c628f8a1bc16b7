"""The options bar follows the chosen tool and its fields follow the options, both ways."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtWidgets import QComboBox, QLabel
from pytestqt.qtbot import QtBot

from editor.panels.tool_options.fields import (
    NumberOption,
    choice_option,
    percent_option,
    switch_option,
)
from editor.tools.options import Options
from editor.tools.tool import ToolId
from editor.windows.main_window import MainWindow


class Tip(StrEnum):
    ROUND = "round"
    FLAT = "flat"


@dataclass(frozen=True)
class Record:
    size: int = 10
    flow: float = 0.5
    soft: bool = True
    tip: Tip = Tip.ROUND


def test_the_bar_shows_the_chosen_tool(window: MainWindow) -> None:
    window.actions_by_id["tool.zoom"].trigger()
    shown = window.options_bar.page(ToolId.ZOOM)
    assert shown.isVisible()
    assert isinstance(shown, QLabel)
    assert "zoom in" in shown.text()
    window.actions_by_id["tool.hand"].trigger()
    assert not shown.isVisible()


def test_the_bar_does_not_widen_the_window(window: MainWindow) -> None:
    assert window.options_bar.minimumSizeHint().width() < 100


def test_fields_and_options_follow_each_other(qtbot: QtBot) -> None:
    options = Options(Record())
    size = NumberOption(options, "size", "Size", (1, 1000), suffix=" px", curved=True)
    flow = percent_option(options, "flow", "Flow", 1)
    soft = switch_option(options, "soft", "Soft")
    tip = choice_option(options, "tip", "Tip", [(Tip.ROUND, "Round"), (Tip.FLAT, "Flat")])
    for widget in (size, flow, soft, tip):
        qtbot.addWidget(widget)
    box = tip.findChild(QComboBox)
    assert box is not None
    assert (size.number.text(), flow.number.text(), soft.isChecked()) == ("10 px", "50 %", True)
    size.number.setValue(64)
    flow.slider.setValue(flow.slider.maximum())
    soft.click()
    box.setCurrentIndex(1)
    assert options.value == Record(64, 1.0, False, Tip.FLAT)
    options.set(Record(size=200, flow=0.07))
    assert (size.number.value(), flow.number.value(), soft.isChecked()) == (200, 7, True)
    assert box.currentIndex() == 0
    assert size.slider.value() > size.slider.maximum() // 2, "small sizes have most of the slider"


def test_a_deleted_field_is_forgotten(qtbot: QtBot) -> None:
    options = Options(Record())
    field = switch_option(options, "soft", "Soft")
    field.setParent(None)
    field.deleteLater()
    qtbot.wait(1)
    options.change(soft=False)
    assert not options.value.soft


def test_a_hint_is_shown_once(window: MainWindow) -> None:
    for tool in window.canvas.tools:
        window.canvas.set_tool(ToolId.ZOOM if tool.tool_id is ToolId.MOVE else ToolId.MOVE)
        window.canvas.set_tool(tool.tool_id)
        page = window.options_bar.page(tool.tool_id)
        labels = [page] if isinstance(page, QLabel) else page.findChildren(QLabel)
        shown = [label.text() for label in (*labels, window.status_bar.hint)]
        assert shown.count(tool.hint) == 1, tool.tool_id
