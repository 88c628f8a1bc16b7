"""Every tool in use in the real window, for `python -m tests.screenshots`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from editor.tools.brush_tool import BrushTool
from editor.tools.tool import ToolId
from editor.windows.main_window import MainWindow
from tests.gui.canvas.screen import at, move, press, release

Point = tuple[float, float]  # document pixels of the 1024 px square sample

_WAVE = [(180.0 + 8 * i, 760 + 90 * ((i // 10) % 2 * 2 - 1) * (i % 10) / 10) for i in range(80)]
_LOOP: list[Point] = [(560, 300), (700, 240), (900, 320), (940, 560), (760, 700), (570, 560)]


def _stroke(window: MainWindow, points: list[Point], *, let_go: bool = True) -> None:
    view = window.canvas
    press(view, at(view, *points[0]))
    for point in points[1:]:
        move(view, at(view, *point), Qt.MouseButton.LeftButton)
        QApplication.processEvents()
    if let_go:
        release(view, at(view, *points[-1]))


def _with(tool_id: ToolId, *points: Point, let_go: bool = True) -> Callable[[MainWindow], None]:
    """A scene: choose a tool and drag it through some points."""

    def use(window: MainWindow) -> None:
        window.canvas.set_tool(tool_id)
        if points:
            _stroke(window, list(points), let_go=let_go)

    return use


def _brush_of(window: MainWindow, size: float) -> None:
    tool = window.canvas.tools[ToolId.BRUSH]
    assert isinstance(tool, BrushTool)
    tool.options.change(size=size)


def _brush(window: MainWindow) -> None:
    _brush_of(window, 36)
    _with(ToolId.BRUSH, *_WAVE)(window)


def _text(window: MainWindow) -> None:
    window.canvas.set_tool(ToolId.TEXT)
    _stroke(window, [(250, 900), (250, 900)])
    QTest.keyClicks(QApplication.focusWidget() or window.canvas, "Fresh today")


def _guides(window: MainWindow) -> None:
    window.actions_by_id["view.rulers"].trigger()
    _with(ToolId.MOVE, (720, 520), (705, 500), (700, 497), let_go=False)(window)


def _mask(window: MainWindow) -> None:
    window.actions_by_id["layer.mask_reveal_all"].trigger()
    window.session.document.edit_mask(True)
    _brush_of(window, 80)
    window.canvas.tools.colors.reset()
    _with(ToolId.BRUSH, (560, 420), (700, 470), (900, 520))(window)


TOOLS: Mapping[str, Callable[[MainWindow], None]] = {
    "rectangle": _with(ToolId.SELECT_RECTANGLE, (150, 250), (500, 480), (620, 640)),
    "ellipse": _with(ToolId.SELECT_ELLIPSE, (150, 250), (500, 480), (620, 640)),
    "lasso": _with(ToolId.LASSO, *_LOOP),
    "transform": _with(ToolId.TRANSFORM, (980, 720), (1000, 640), (1010, 560), let_go=False),
    "crop": _with(ToolId.CROP, (90, 120), (500, 500), (930, 780)),
    "text": _text,
    "layout": _with(ToolId.LAYOUT, (100, 620), (300, 800), (460, 960)),
    "brush": _brush,
    "eraser": _with(ToolId.ERASER, (600, 350), (700, 470), (900, 520)),
    "fill": _with(ToolId.FILL, (760, 560), (760, 560)),
    "gradient": _with(ToolId.GRADIENT, (200, 200), (500, 500), (820, 840), let_go=False),
    "picker": _with(ToolId.PICKER, (300, 520), (300, 520), let_go=False),
    "mask": _mask,
    "guides": _guides,
}


def put_back(window: MainWindow, base: int, layer_id: str) -> None:
    """Ends what a tool holds and takes back what it changed since step `base`."""
    view = window.canvas
    for _ in range(2):
        QTest.keyClick(view, Qt.Key.Key_Escape)
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at(view, 10, 10))
    view.set_tool(ToolId.MOVE)
    window.session.document.edit_mask(False)
    window.session.history.go_to(base)
    window.session.document.select([layer_id])
    if window.actions_by_id["view.rulers"].isChecked():
        window.actions_by_id["view.rulers"].trigger()
