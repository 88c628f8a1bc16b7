"""Without a mouse and with a screen reader: names, focus order, visible focus, high contrast."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QDockWidget,
    QFileDialog,
    QMessageBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from editor.actions.table import ACTIONS, ActionSpec, Choice, Condition
from editor.canvas.colors import CONTRAST, DARK, LIGHT, CanvasColors
from editor.commands.layout_commands import AddBox
from editor.document.geometry import Rect
from editor.document.layout import LayoutBox
from editor.theme import Theme, ThemeMode, load_tokens
from editor.windows.main_window import MainWindow
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import APPLE, DOG, FRUIT, activate, layered
from tests.gui.window.test_look import contrast

Prepare = Callable[[MainWindow], None]
OF_QT = (QFileDialog, QMessageBox)  # what is in them is named by Qt, or not


def nothing(_window: MainWindow) -> None:
    """An open document without a selection."""


def one_layer(window: MainWindow) -> None:
    window.session.document.select([DOG])


def a_group(window: MainWindow) -> None:
    window.session.document.select([FRUIT])


def several(window: MainWindow) -> None:
    window.session.document.select([APPLE, DOG])


def a_box(window: MainWindow) -> None:
    box = LayoutBox(Rect(10, 10, 90, 90), "", "a cat")
    window.session.push(AddBox(box))
    window.session.document.select_boxes([window.session.document.boxes[0].box_id])


def with_tool(tool_id: str) -> Prepare:
    """A tool with its options, and a layer for it."""

    def prepare(window: MainWindow) -> None:
        one_layer(window)
        window.view.use_tool(tool_id)

    prepare.__name__ = tool_id
    return prepare


def a_message(window: MainWindow) -> None:
    window.say("Something was done.")


def a_palette(window: MainWindow) -> None:
    window.commands.palette()


TOOLS = [with_tool(str(spec.argument)) for spec in ACTIONS if spec.choice is Choice.TOOL]
STATES = [nothing, one_layer, a_group, several, a_box, a_message, a_palette, *TOOLS]


def interactive(root: QWidget) -> list[QWidget]:
    """Visible widgets that answer to keys or clicks, inside and including one."""
    found = []
    for widget in [root, *root.findChildren(QWidget)]:
        answers = widget.focusPolicy() is not Qt.FocusPolicy.NoFocus
        answers |= isinstance(widget, QAbstractButton)
        inner = widget.objectName().startswith("qt_") or isinstance(
            widget.parentWidget(), QComboBox | QAbstractButton
        )
        if answers and widget.isVisible() and not inner and not widget.isWindow():
            found.append(widget)
    return found


def name_of(widget: QWidget) -> str:
    """What a screen reader calls a widget."""
    interface = QAccessible.queryAccessibleInterface(widget)
    if isinstance(widget, QComboBox) or interface is None:
        return widget.accessibleName()  # the interface says the chosen text
    return str(interface.text(QAccessible.Text.Name))


def nameless(root: QWidget) -> list[str]:
    return [
        f"{type(widget).__name__} {widget.objectName()} in {type(widget.parentWidget()).__name__}"
        for widget in interactive(root)
        if not name_of(widget).strip()
    ]


@pytest.fixture
def window(qtbot: QtBot, make_window: MakeWindow) -> MainWindow:
    window = make_window(layered())
    window.resize(1360, 1000)
    for dock in window.docks():
        dock.show()
    activate(qtbot, window)
    return window


@pytest.mark.parametrize("prepare", STATES)
def test_everything_that_can_be_used_has_a_name(window: MainWindow, prepare: Prepare) -> None:
    prepare(window)
    QApplication.processEvents()
    assert nameless(window) == []


NO_DIALOG = ("view.palette", "file.recover")  # a frame, and a sentence when nothing was lost
DIALOGS = [spec for spec in ACTIONS if spec.title.endswith("…") and spec.action_id not in NO_DIALOG]


def opened(window: MainWindow, spec: ActionSpec) -> list[QDialog]:
    """The dialogs that an action shows, of which there is at least one."""
    window.session.document.select([DOG])
    if Condition.AREA in spec.needs:
        window.actions_by_id["select.all"].trigger()
    window.actions_by_id[spec.action_id].trigger()
    QApplication.processEvents()
    shown = [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]
    assert shown, "the action opened nothing"
    return shown


@pytest.mark.parametrize("spec", DIALOGS, ids=lambda spec: spec.action_id)
def test_everything_in_a_dialog_has_a_name(window: MainWindow, spec: ActionSpec) -> None:
    for dialog in opened(window, spec):
        if not isinstance(dialog, OF_QT):
            assert dialog.windowTitle()
            assert nameless(dialog) == []
        dialog.reject()


def tab_through(window: MainWindow) -> Iterator[QWidget]:
    """What Tab meets, from the first button of the generate panel once around."""
    first = window.generate_panel.history
    first.setFocus()
    widget: QWidget | None = first
    for _ in range(200):
        assert widget is not None
        yield widget
        QTest.keyClick(widget, Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
        if widget is first:
            return
    raise AssertionError("Tab does not come back to where it began")


def region_of(window: MainWindow, widget: QWidget) -> QWidget:
    regions = [window.options_bar, *window.findChildren(QDockWidget), window.canvas_frame]
    regions.append(window.status_bar)
    return next((region for region in regions if region.isAncestorOf(widget)), window)


def place(window: MainWindow, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


@pytest.mark.parametrize("prepare", [nothing, one_layer, a_box, *TOOLS])
def test_tab_goes_through_each_region_as_it_is_read(window: MainWindow, prepare: Prepare) -> None:
    prepare(window)
    QApplication.processEvents()
    order = list(tab_through(window))
    regions: list[QWidget] = []
    for widget in order:
        region = region_of(window, widget)
        if not regions or regions[-1] is not region:
            assert region not in regions, f"Tab leaves {region.objectName()} and comes back"
            regions.append(region)
    for before, after in pairwise(order):
        if region_of(window, before) is region_of(window, after):
            first, second = place(window, before), place(window, after)
            beside = second.top() < first.bottom() and first.top() < second.bottom()
            assert second.left() > first.left() if beside else second.top() >= first.top(), (
                f"{name_of(before)} comes before {name_of(after)}"
            )


def test_tab_meets_everything_that_can_be_used_by_key(window: MainWindow) -> None:
    one_layer(window)
    QApplication.processEvents()
    met = list(tab_through(window))
    missed = [
        name_of(widget)
        for widget in interactive(window)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isEnabled()
        and widget not in met
    ]
    assert missed == []


@pytest.mark.parametrize("mode", [ThemeMode.DARK, ThemeMode.LIGHT, ThemeMode.CONTRAST])
def test_focus_can_be_seen(window: MainWindow, theme: Theme, mode: ThemeMode) -> None:
    one_layer(window)
    theme.set_mode(mode)
    QApplication.processEvents()
    invisible = []
    for widget in tab_through(window):
        focused = _picture(window, widget)
        window.setFocus()
        without = _picture(window, widget)
        widget.setFocus()
        if focused == without:
            invisible.append(f"{type(widget).__name__} {name_of(widget)}")
    assert invisible == []


def _picture(window: MainWindow, widget: QWidget) -> QImage:
    """The widget and a little around it, without a blinking text cursor."""
    QApplication.setCursorFlashTime(0)
    return window.grab(place(window, widget).adjusted(-3, -3, 3, 3)).toImage()


@pytest.mark.parametrize("colors", [DARK, LIGHT, CONTRAST])
def test_frames_and_handles_show_on_any_picture(colors: CanvasColors) -> None:
    """Each has two tones so far apart that one of them stands out from whatever lies below."""
    white = "#ffffff"
    for color in (colors.accent, colors.hover, colors.locked, colors.box):
        plain = QColor(color).name()
        dark, light = contrast(plain, "#000000"), contrast(plain, white)
        assert max(dark, light) >= 4.5
    for fill in (colors.accent, colors.hover, colors.locked, colors.box):
        assert contrast(QColor(colors.tag_text).name(), QColor(fill).name()) >= 4.5
    tones = (QColor(colors.halo).name(), white)
    assert colors is LIGHT or contrast(*tones) >= 7  # the halo around a white handle


def test_high_contrast_follows_the_desktop(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("editor.theme.wants_high_contrast", lambda _application: True)
    theme = Theme(qapp, ThemeMode.SYSTEM)
    assert theme.tokens.name == "contrast"
    theme.set_mode(ThemeMode.DARK)
    assert theme.tokens.name == "dark"
    theme.deleteLater()


def test_high_contrast_reaches_seven_to_one() -> None:
    tokens = load_tokens("contrast")
    for surface in (tokens.panel, tokens.raised, tokens.sunken, tokens.hovered):
        for color in (tokens.text, tokens.text_muted, tokens.accent, tokens.danger):
            assert contrast(color, surface) >= 7
        assert contrast(tokens.text_disabled, surface) >= 4.5
        assert contrast(tokens.border, surface) >= 4.5
    assert contrast(tokens.on_accent, tokens.accent_fill) >= 7
