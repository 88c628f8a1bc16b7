"""Hand and zoom move the view, never the document."""

from __future__ import annotations

from editor.tools.events import Modifier, Pointer
from editor.tools.tool import Effects, Zoom
from editor.tools.view_tools import HandTool, ZoomTool
from tests.tools.sample import sample_history


def at(view_x: float, view_y: float, modifiers: Modifier = Modifier.NONE) -> Pointer:
    return Pointer(0, 0, view_x, view_y, 1.0, modifiers)


def test_the_hand_pans_by_what_the_pointer_moved() -> None:
    document, tool = sample_history().document, HandTool()
    assert tool.move(document, at(5, 5)) == Effects(), "not without a press"
    tool.press(document, at(10, 10))
    assert tool.move(document, at(15, 8)).pan == (5, -2)
    assert tool.release(document, at(16, 8)).pan == (1, 0)
    assert not tool.busy


def test_zoom_steps_in_and_out_at_the_pointer() -> None:
    document, tool = sample_history().document, ZoomTool()
    assert tool.press(document, at(7, 9)).zoom == Zoom(True, 7, 9)
    assert tool.press(document, at(7, 9, Modifier.ALT)).zoom == Zoom(False, 7, 9)
