"""Themes, icons, contrast, zoom display, names for screen readers, focus order."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QLineEdit,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from editor.document.color_tags import ColorTag
from editor.settings import Settings
from editor.theme import Theme, ThemeMode, Tokens, load_tokens, render_svg, style_sheet
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import APPLE, activate, layered
from tests.screenshots import SIZE


def luminance(color: str) -> float:
    """Relative luminance of WCAG 2."""
    parsed = QColor(color)
    channels = (parsed.redF(), parsed.greenF(), parsed.blueF())
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(params=["dark", "light", "contrast"])
def tokens(request: pytest.FixtureRequest) -> Tokens:
    return load_tokens(request.param)


def test_text_is_readable(tokens: Tokens) -> None:
    surfaces = (tokens.panel, tokens.raised, tokens.sunken, tokens.selected, tokens.hovered)
    for surface in surfaces:
        assert contrast(tokens.text, surface) >= 7
    for surface in (tokens.panel, tokens.raised, tokens.sunken, tokens.hovered, tokens.selected):
        assert contrast(tokens.text_muted, surface) >= 4.5
    for fill in (tokens.accent_fill, tokens.accent_hover, tokens.accent_pressed):
        assert contrast(tokens.on_accent, fill) >= 4.5
    for mark in (tokens.accent, tokens.danger, tokens.success, tokens.warning):
        assert contrast(mark, tokens.panel) >= 3
    for tag in set(ColorTag) - {ColorTag.NONE}:
        for surface in (tokens.panel, tokens.hovered, tokens.raised):
            assert contrast(getattr(tokens, f"tag_{tag.value}"), surface) >= 3, tag


@pytest.mark.parametrize("mode", [ThemeMode.DARK, ThemeMode.LIGHT, ThemeMode.CONTRAST])
def test_hints_in_empty_fields_and_empty_check_boxes_can_be_seen(
    qtbot: QtBot, theme: Theme, mode: ThemeMode
) -> None:
    theme.set_mode(mode)
    field, box = QLineEdit(), QCheckBox()
    for widget in (field, box):
        qtbot.addWidget(widget)
    field.setPlaceholderText("██████")
    assert strongest(field, inset=4) >= 4.5
    assert strongest(box) >= 3


def strongest(widget: QWidget, *, inset: int = 0) -> float:
    """Contrast to the ground of what stands out most from it, borders cut off."""
    image = widget.grab(widget.rect().adjusted(inset, inset, -inset, -inset)).toImage()
    ground = image.pixelColor(image.width() - 1, image.height() // 2).name()
    return max(contrast(color, ground) for color in colors_of(image))


def test_bars_are_no_higher_than_what_is_in_them(make_window: MakeWindow) -> None:
    window = make_window()
    for bar in (window._tool_bar, window.options_bar):
        inside = max(child.height() for child in bar.findChildren(QWidget))
        assert bar.height() <= inside + 10


def test_a_chosen_row_in_a_group_is_painted_once(make_window: MakeWindow, theme: Theme) -> None:
    window = make_window(layered())
    window.session.document.select([APPLE])
    tree = window.layers_panel.tree
    row = tree.visualRect(tree.currentIndex())
    image = tree.viewport().grab().toImage()
    middle = row.center().y()
    assert image.pixelColor(row.left() + 6, middle) == QColor(theme.tokens.selected)
    for x in range(row.left()):
        assert image.pixelColor(x, middle) == QColor(theme.tokens.panel)


def test_the_style_sheet_has_no_open_token(tokens: Tokens) -> None:
    sheet = style_sheet(tokens, 12)
    assert re.findall(r"@\w+", sheet) == []
    assert tokens.accent_fill in sheet


def test_switching_the_theme_repaints_everything(make_window: MakeWindow, theme: Theme) -> None:
    window = make_window()
    dark = window.grab().toImage().pixelColor(4, 400)
    window.actions_by_id["view.theme_light"].trigger()
    light = window.grab().toImage().pixelColor(4, 400)
    assert dark == QColor(load_tokens("dark").panel)
    assert light == QColor(load_tokens("light").panel)
    assert theme.mode is ThemeMode.LIGHT


@pytest.mark.usefixtures("theme")
def test_a_disabled_check_box_looks_it(qtbot: QtBot) -> None:
    box = QCheckBox("Smaller file")
    qtbot.addWidget(box)
    for checked in (True, False):
        box.setChecked(checked)
        shades = set()
        for enabled in (True, False):
            box.setEnabled(enabled)
            image = box.grab().toImage()
            shades.add(image.pixelColor(3, image.height() // 2).name())
        assert len(shades) == 2, checked


def test_the_choice_of_theme_is_remembered(make_window: MakeWindow, settings: Settings) -> None:
    make_window().actions_by_id["view.theme_light"].trigger()
    assert settings.theme_mode is ThemeMode.LIGHT


def test_the_system_scheme_is_followed(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    scheme = Qt.ColorScheme.Light
    monkeypatch.setattr("editor.theme.system_scheme", lambda _application: scheme)
    theme = Theme(qapp, ThemeMode.SYSTEM)
    assert theme.tokens.name == "light"
    scheme = Qt.ColorScheme.Dark  # the offscreen platform cannot change its own
    qapp.styleHints().colorSchemeChanged.emit(scheme)
    assert theme.tokens.name == "dark"
    theme.set_mode(ThemeMode.LIGHT)
    qapp.styleHints().colorSchemeChanged.emit(scheme)
    assert theme.tokens.name == "light"
    theme.deleteLater()


def test_icons_have_the_pixels_of_the_screen(theme: Theme) -> None:
    assert theme.icon("dice").pixmap(QSize(20, 20), 1.0).width() == 20
    for ratio in (1.0, 2.0, 3.0):
        pixmap = render_svg("dice", 20, ratio, "#000000")
        assert pixmap.width() == 20 * ratio
        assert pixmap.devicePixelRatio() == ratio


def test_the_window_is_sharp_on_a_fine_screen(tmp_path: Path) -> None:
    """Pictures of the empty window at 2x: a process of its own, as the scale is fixed at start."""
    words = [sys.executable, "-m", "tests.screenshots", str(tmp_path), "--only", "empty-dark-2x"]
    subprocess.run(words, check=True, capture_output=True)
    image = QImage(str(tmp_path / "empty-dark-2x.png"))
    assert image.width() == 2 * SIZE.width()
    # An enlarged 1x picture would consist of 2 x 2 blocks.
    tool_bar = image.copy(0, 60, 1000, 100)
    blocks = tool_bar.scaled(500, 50).scaled(1000, 100)
    assert tool_bar != blocks


def test_icons_follow_the_theme(theme: Theme) -> None:
    button = QToolButton()
    theme.set_icon(button, "dice")
    assert colors_of(button.icon().pixmap(20, 20).toImage()) == {load_tokens("dark").text}
    theme.set_mode(ThemeMode.LIGHT)
    assert colors_of(button.icon().pixmap(20, 20).toImage()) == {load_tokens("light").text}


def colors_of(image: QImage) -> set[str]:
    """Colours of the pixels that are fully covered."""
    found = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {color.name() for color in found if color.alpha() == 255}


def test_tab_goes_through_the_generate_panel(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    activate(qtbot, window)
    panel = window.generate_panel
    panel.prompt.setPlainText("a dog")
    panel.prompt.setFocus()
    seed = panel.seed
    wanted = [panel.draw_boxes, panel.style_box, panel.steps, seed.edit, seed.dice, seed.lock]
    for widget in wanted:
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is widget


def test_the_status_bar_shows_zoom_and_size(make_window: MakeWindow) -> None:
    window = make_window()
    window.actions_by_id["view.actual"].trigger()
    assert window.status_bar.zoom.text() == "100 %"
    window.actions_by_id["view.zoom_in"].trigger()
    assert window.status_bar.zoom.text() == "150 %"
    assert window.status_bar.document_size.text() == "256 × 192 px"


def test_panels_can_be_hidden(make_window: MakeWindow) -> None:
    window = make_window()
    before = [dock.isVisible() for dock in window.docks()]
    window.actions_by_id["view.panels"].trigger()
    assert not any(dock.isVisible() for dock in window.docks())
    window.actions_by_id["view.panels"].trigger()
    assert [dock.isVisible() for dock in window.docks()] == before


def test_tools_are_chosen_by_key(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    activate(qtbot, window)
    window.canvas.setFocus()
    for key, tool in ((Qt.Key.Key_K, "layout"), (Qt.Key.Key_Z, "zoom"), (Qt.Key.Key_V, "move")):
        QTest.keyClick(window.canvas, key)
        assert window.canvas.tool_id == tool
    window.generate_panel.prompt.setFocus()
    QTest.keyClick(window.generate_panel.prompt, Qt.Key.Key_K)
    assert window.canvas.tool_id == "move"  # it was typed into the prompt


def test_the_layout_of_the_window_is_remembered(make_window: MakeWindow) -> None:
    first = make_window()
    first.resize(first.width(), 650)
    first.docks()[0].hide()
    first.close_without_question()
    second = make_window()
    assert second.height() == 650  # the width is that of the offscreen platform's screen
    assert not second.docks()[0].isVisible()


def test_combo_boxes_fit_their_panel(make_window: MakeWindow) -> None:
    window = make_window(layered())
    for panel in (window.generate_panel, window.layers_panel):
        boxes = panel.findChildren(QComboBox)
        assert boxes
        for widget in boxes:
            right = widget.mapTo(panel, widget.rect().topRight()).x()
            assert right < panel.width()


def test_only_the_button_a_dialog_is_for_looks_primary(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    """Whatever has the focus, and without the desktop's coloured icons."""
    window = make_window(layered())
    activate(qtbot, window)
    window.actions_by_id["file.export"].trigger()
    box = window.findChildren(QDialogButtonBox)[-1]
    cancel = box.button(QDialogButtonBox.StandardButton.Cancel)
    (accept,) = (button for button in box.buttons() if button is not cancel)
    assert all(button.icon().isNull() for button in box.buttons())
    fill = QColor(window._theme.tokens.accent_fill)

    def ground(button: QAbstractButton) -> QColor:
        return button.grab().toImage().pixelColor(8, button.height() // 2)

    for focused in (accept, cancel):
        focused.setFocus()
        assert ground(accept) == fill
        assert ground(cancel) != fill
    box.window().close()
