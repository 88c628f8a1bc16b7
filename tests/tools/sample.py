"""A small document and a hand that drives a tool as the canvas does."""

from __future__ import annotations

import numpy as np

from editor.commands.history import History
from editor.document.document import Document
from editor.document.layers import GroupLayer, RasterLayer
from editor.document.pixels import PixelBuffer
from editor.tools.events import Key, Modifier, Pointer
from editor.tools.tool import Effects, Gesture, Tool


def square(name: str, x: int, y: int, side: int = 20, *, locked: bool = False) -> RasterLayer:
    """An opaque red square whose id is its name."""
    pixels = PixelBuffer.filled(side, side, (200, 30, 30, 255))
    return RasterLayer(name=name, pixels=pixels, offset=(x, y), layer_id=name, locked=locked)


def ring(name: str, x: int, y: int, side: int = 40) -> RasterLayer:
    """An opaque border of 4 px around a hole."""
    array = np.zeros((side, side, 4), np.uint8)
    array[:] = (30, 200, 30, 255)
    array[4:-4, 4:-4] = 0
    pixels = PixelBuffer.from_array(array)
    return RasterLayer(name=name, pixels=pixels, offset=(x, y), layer_id=name)


def sample_history() -> History:
    """100 x 100: locked background, "low" at 10, "high" over it at 20, group with "child" at 60."""
    background = square("background", 0, 0, 100, locked=True)
    child, sibling = square("child", 60, 60), square("sibling", 60, 10)
    group = GroupLayer(name="group", layer_id="group", children=(child, sibling))
    low, high = square("low", 10, 10), square("high", 20, 20)
    return History(Document(100, 100, (background, low, high, group)))


class Hand:
    """Moves a pointer over a document with a tool, running what the tool answers."""

    def __init__(self, tool: Tool, history: History, pixel: float = 1.0) -> None:
        self.tool = tool
        self.history = history
        self.pixel = pixel
        self.hints: list[str] = []
        self.edited: list[str] = []

    def press(
        self, x: float, y: float, modifiers: Modifier = Modifier.NONE, clicks: int = 1
    ) -> None:
        pointer = self._pointer(x, y, modifiers, clicks)
        self._run(self.tool.press(self.history.document, pointer))

    def move(self, x: float, y: float, modifiers: Modifier = Modifier.NONE) -> None:
        self._run(self.tool.move(self.history.document, self._pointer(x, y, modifiers)))

    def release(self, x: float, y: float, modifiers: Modifier = Modifier.NONE) -> None:
        self.move(x, y, modifiers)
        self._run(self.tool.release(self.history.document, self._pointer(x, y, modifiers)))

    def click(self, x: float, y: float, modifiers: Modifier = Modifier.NONE) -> None:
        self.press(x, y, modifiers)
        self.release(x, y, modifiers)

    def drag(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        modifiers: Modifier = Modifier.NONE,
    ) -> None:
        """A drag in three moves."""
        self.press(*start, modifiers)
        for share in (0.3, 0.7):
            x = start[0] + share * (end[0] - start[0])
            y = start[1] + share * (end[1] - start[1])
            self.move(x, y, modifiers)
        self.release(*end, modifiers)

    def key(self, key: Key, modifiers: Modifier = Modifier.NONE) -> bool:
        """Whether the tool took the key."""
        effects = self.tool.key(self.history.document, key, modifiers)
        if effects is not None:
            self._run(effects)
        return effects is not None

    def _pointer(self, x: float, y: float, modifiers: Modifier, clicks: int = 1) -> Pointer:
        return Pointer(x, y, x, y, self.pixel, modifiers, clicks)

    def _run(self, effects: Effects) -> None:
        document = self.history.document
        joins = effects.gesture is Gesture.JOIN and not self.history.in_gesture
        if joins or effects.gesture is Gesture.BEGIN:
            self.history.begin_gesture()
        for command in effects.commands:
            self.history.push(command, joins_last=effects.joins_last)
        if effects.select is not None:
            document.select(effects.select)
        if effects.select_boxes is not None:
            document.select_boxes(effects.select_boxes)
        if effects.gesture is Gesture.END:
            self.history.end_gesture()
        if effects.gesture is Gesture.CANCEL:
            self.history.cancel_gesture()
        if effects.hint:
            self.hints.append(effects.hint)
        if effects.edit_box is not None:
            self.edited.append(effects.edit_box)
