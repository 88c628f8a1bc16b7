"""Painting through the real window: brush, eraser, fill, gradient, eyedropper, colours, pen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from editor.document.compositor import composite
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.panels.color_swatches import ColorSwatches
from editor.settings import Settings
from editor.tools.brush_tool import BrushTool
from editor.tools.tool import ToolId
from editor.windows.main_window import MainWindow
from tests.gui.window.conftest import MakeWindow

LEFT = Qt.MouseButton.LeftButton
RED = (220, 30, 40)
Points = tuple[tuple[float, float], ...]


def place(window: MainWindow, x: float, y: float) -> QPoint:
    """Where a document position lies in the canvas widget."""
    ratio = window.canvas.devicePixelRatioF()
    view_x, view_y = window.canvas.viewport.to_device(x, y)
    return QPoint(round(view_x / ratio), round(view_y / ratio))


def drag(window: MainWindow, *points: tuple[float, float]) -> None:
    QTest.mousePress(window.canvas, LEFT, pos=place(window, *points[0]))
    for point in points[1:]:
        QTest.mouseMove(window.canvas, place(window, *point))
        QApplication.processEvents()
    QTest.mouseRelease(window.canvas, LEFT, pos=place(window, *points[-1]))


def choose(window: MainWindow, key: str) -> None:
    """Press a key in the canvas."""
    window.canvas.setFocus()
    QTest.keyClicks(window.canvas, key)


def pixel(window: MainWindow, x: int, y: int) -> tuple[int, ...]:
    document = window.session.document
    return tuple(composite(document, Rect(x, y, x + 1, y + 1))[0, 0].tolist())


def on_screen(window: MainWindow, qtbot: QtBot, x: float, y: float) -> tuple[int, int, int]:
    """The colour that the canvas shows at a document position."""
    qtbot.waitUntil(lambda: window.canvas.tiles_ready, timeout=20_000)
    color = window.canvas.grab().toImage().pixelColor(place(window, x, y))
    return color.red(), color.green(), color.blue()


def brush(window: MainWindow) -> BrushTool:
    tool = window.canvas.tools[ToolId.BRUSH]
    assert isinstance(tool, BrushTool)
    return tool


def test_a_picture_is_painted(window: MainWindow, qtbot: QtBot) -> None:
    document, colors = window.session.document, window.canvas.tools.colors
    choose(window, "B")
    assert window.canvas.tool_id is ToolId.BRUSH
    assert window.options_bar.page(ToolId.BRUSH).isVisible()
    brush(window).options.change(size=20, hardness=1.0)
    colors.foreground = RED
    drag(window, (40, 100), (100, 100), (160, 100), (220, 100))
    assert len(document.raster_layers()) == 1, "without a layer a new one is painted"
    assert pixel(window, 130, 100) == (*RED, 255)
    assert list(window.session.history.labels) == ["Brush Stroke"]
    assert on_screen(window, qtbot, 130, 100) == RED

    choose(window, "E")
    window.canvas.tools[ToolId.ERASER].options.change(size=10, hardness=1.0)  # type: ignore[union-attr]
    drag(window, (130, 60), (130, 100), (130, 140))
    assert pixel(window, 130, 100)[3] == 0
    window.actions_by_id["edit.undo"].trigger()
    assert pixel(window, 130, 100) == (*RED, 255)
    assert on_screen(window, qtbot, 130, 100) == RED

    choose(window, "G")
    colors.foreground = (20, 160, 60)
    drag(window, (10, 10))
    assert pixel(window, 10, 180) == (20, 160, 60, 255)
    assert pixel(window, 130, 100) == (*RED, 255)

    window.actions_by_id["tool.gradient"].trigger()
    colors.foreground, colors.background = (0, 0, 0), (255, 255, 255)
    drag(window, (0, 50), (100, 50), (256, 50))
    assert pixel(window, 5, 5)[0] < 10
    assert pixel(window, 250, 100)[0] > 245
    assert window.session.history.labels[-1] == "Gradient"

    choose(window, "I")
    drag(window, (250, 50))
    assert min(colors.foreground) > 240
    choose(window, "D")
    choose(window, "X")
    assert (colors.foreground, colors.background) == ((255, 255, 255), (0, 0, 0))


def test_the_stroke_is_seen_while_it_is_drawn(window: MainWindow, qtbot: QtBot) -> None:
    choose(window, "B")
    brush(window).options.change(size=30, hardness=1.0)
    window.canvas.tools.colors.foreground = RED
    QTest.mousePress(window.canvas, LEFT, pos=place(window, 60, 60))
    for x in (90, 120, 150):
        QTest.mouseMove(window.canvas, place(window, x, 60))
        QApplication.processEvents()
    assert not window.session.document.layers, "the document does not change yet"
    assert on_screen(window, qtbot, 80, 60) == RED
    QTest.keyClick(window.canvas, Qt.Key.Key_Escape)
    assert on_screen(window, qtbot, 80, 60) != RED
    assert not window.session.history.can_undo
    QTest.mouseRelease(window.canvas, LEFT, pos=place(window, 150, 60))
    assert not window.session.history.can_undo


def test_every_sample_reaches_the_brush(window: MainWindow) -> None:
    choose(window, "B")
    brush(window).options.change(size=6, hardness=1.0)
    window.canvas.tools.colors.foreground = RED
    QTest.mousePress(window.canvas, LEFT, pos=place(window, 40, 40))
    for x, y in ((80, 40), (120, 40), (120, 80), (120, 120)):
        QTest.mouseMove(window.canvas, place(window, x, y))  # no turn of the event loop between
    QTest.mouseRelease(window.canvas, LEFT, pos=place(window, 120, 120))
    assert pixel(window, 80, 40) == (*RED, 255)
    assert pixel(window, 120, 80) == (*RED, 255)


def test_refusals_are_said_in_the_status_bar(window: MainWindow, qtbot: QtBot) -> None:
    window.layers.add()
    window.layers.toggle_locked()
    choose(window, "B")
    with qtbot.waitSignal(window.canvas.hint) as said:
        drag(window, (40, 40), (90, 90))
    assert "is locked" in said.args[0]
    assert len(window.session.history.labels) == 2


def test_keys_change_size_and_opacity(window: MainWindow) -> None:
    choose(window, "B")
    brush(window).options.change(size=24)
    choose(window, "]")
    assert brush(window).brush.size == 29
    choose(window, "[")
    assert brush(window).brush.size == 24
    choose(window, "4")
    assert brush(window).brush.opacity == 0.4
    brush(window).typed.forget()
    choose(window, "0")
    assert brush(window).brush.opacity == 1.0


def pen_event(
    kind: QEvent.Type,
    position: QPoint,
    pressure: float,
    device: QPointingDevice,
) -> QTabletEvent:
    held = kind is not QEvent.Type.TabletRelease
    return QTabletEvent(
        kind,
        device,
        QPointF(position),
        QPointF(position),
        pressure,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        Qt.KeyboardModifier.NoModifier,
        LEFT if kind is not QEvent.Type.TabletMove else Qt.MouseButton.NoButton,
        LEFT if held else Qt.MouseButton.NoButton,
    )


def draw_with_pen(window: MainWindow, points: Points, end: QPointingDevice.PointerType) -> None:
    device = QPointingDevice(  # events do not keep it alive
        "pen", 7, QInputDevice.DeviceType.Stylus, end, QInputDevice.Capability.Pressure, 1, 1
    )
    kinds = [QEvent.Type.TabletPress, *[QEvent.Type.TabletMove] * (len(points) - 2)]
    for kind, (x, y) in zip([*kinds, QEvent.Type.TabletRelease], points, strict=True):
        event = pen_event(kind, place(window, x, y), 0.5, device)
        QApplication.sendEvent(window.canvas, event)
        assert event.isAccepted()
    QApplication.processEvents()


def test_a_pen_paints_with_its_pressure_and_erases_with_its_other_end(
    window: MainWindow,
) -> None:
    choose(window, "B")
    brush(window).options.change(size=40, hardness=1.0, pressure_size=True)
    window.canvas.tools.colors.foreground = RED
    points = ((40.0, 60.0), (100.0, 60.0), (150.0, 60.0), (200.0, 60.0))
    draw_with_pen(window, points, QPointingDevice.PointerType.Pen)
    assert pixel(window, 100, 60) == (*RED, 255)
    assert pixel(window, 100, 66) == (*RED, 255)
    assert pixel(window, 100, 74)[3] == 0, "half of the pressure is half of the size"
    window.canvas.tools[ToolId.ERASER].options.change(size=40, hardness=1.0)  # type: ignore[union-attr]
    draw_with_pen(window, points, QPointingDevice.PointerType.Eraser)
    assert pixel(window, 100, 60)[3] == 0
    assert window.session.history.labels == ("Brush Stroke", "Eraser Stroke")
    assert window.canvas.tool_id is ToolId.BRUSH


def test_the_colour_panel_follows_and_changes_the_colours(window: MainWindow) -> None:
    colors, panel = window.canvas.tools.colors, window.color_panel
    assert not panel.isVisible()
    choose(window, "B")
    swatches = window.options_bar.page(ToolId.BRUSH).findChild(ColorSwatches)
    assert swatches is not None
    QTest.mouseClick(swatches.pair, LEFT, pos=QPoint(6, 6))
    assert panel.isVisible()
    colors.foreground = (0, 128, 0)
    assert panel.hex.text() == "#008000"
    assert [channel.value() for channel in panel.channels] == [0, 128, 0]
    panel.hex.setText("#f80")
    panel.hex.editingFinished.emit()
    assert colors.foreground == (255, 136, 0)
    panel.channels[2].setValue(90)
    assert colors.foreground == (255, 136, 90)
    QTest.mouseClick(panel.square, LEFT, pos=QPoint(panel.square.width() - 1, 1))
    assert max(colors.foreground) == 255
    assert min(colors.foreground) == 0
    QTest.mouseClick(panel.hue, LEFT, pos=QPoint(panel.hue.width() // 2, 8))
    assert colors.foreground[0] == 0
    assert min(colors.foreground[1:]) > 240, "cyan lies in the middle"
    QTest.keyClick(panel.square, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert 225 < max(colors.foreground) < 235
    QTest.mouseClick(swatches.pair, LEFT, pos=QPoint(25, 25))
    colors.background = (1, 2, 3)
    assert panel.hex.text() == "#010203"


def test_black_keeps_its_hue(window: MainWindow) -> None:
    colors, panel = window.canvas.tools.colors, window.color_panel
    colors.foreground = (0, 0, 255)
    panel.square.moved.emit(1.0, 1.0)
    assert colors.foreground == (0, 0, 0)
    panel.square.moved.emit(1.0, 0.0)
    assert colors.foreground == (0, 0, 255)


def test_recent_colours_can_be_taken_again(window: MainWindow, qtbot: QtBot) -> None:
    colors = window.canvas.tools.colors
    colors.remember((10, 20, 30))
    window.actions_by_id["paint.color"].trigger()
    qtbot.waitUntil(window.color_panel.recent.isVisible)
    square = window.color_panel.recent.rect_of(0).center().toPoint()
    QTest.mouseClick(window.color_panel.recent, LEFT, pos=square)
    assert colors.foreground == (10, 20, 30)
    colors.remember((200, 100, 0))
    QTest.keyClick(window.color_panel.recent, Qt.Key.Key_Right)
    colors.reset()
    QTest.keyClick(window.color_panel.recent, Qt.Key.Key_Space)
    assert colors.foreground == (10, 20, 30)


def test_colours_and_options_are_remembered(make_window: MakeWindow, settings: Settings) -> None:
    window = make_window()
    window.canvas.tools.colors.foreground = RED
    brush(window).options.change(size=77, flow=0.25)
    window.close_without_question()
    again = make_window(Document(64, 64))
    assert again.canvas.tools.colors.foreground == RED
    assert (brush(again).brush.size, brush(again).brush.flow) == (77, 0.25)


def test_the_brush_outline_follows_the_pointer(window: MainWindow, qtbot: QtBot) -> None:
    choose(window, "B")
    brush(window).options.change(size=60)
    qtbot.waitUntil(lambda: window.canvas.tiles_ready, timeout=20_000)
    before = window.canvas.grab().toImage()
    QTest.mouseMove(window.canvas, place(window, 100, 100))
    after = window.canvas.grab().toImage()
    edge = place(window, 130, 100)
    changed = [
        QPoint(edge.x() + dx, edge.y())
        for dx in range(-3, 4)
        if before.pixelColor(edge + QPoint(dx, 0)) != after.pixelColor(edge + QPoint(dx, 0))
    ]
    assert changed
    shades = {after.pixelColor(point).lightness() // 64 for point in changed}
    assert len(shades) > 1, "in two tones"
    middle = place(window, 100, 100)
    assert before.pixelColor(middle) == after.pixelColor(middle)
    assert window.canvas.cursor().shape() is Qt.CursorShape.BlankCursor
