"""The eyedropper: takes the colour under the pointer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from editor.document.document import Document
from editor.painting.ink import Rgb
from editor.painting.sampling import Sampling, pick_color
from editor.tools.colors import PaintColors
from editor.tools.events import Modifier, Pointer
from editor.tools.options import Options
from editor.tools.overlay import ColorRing, CursorShape, OverlayItem
from editor.tools.tool import NOTHING, Effects, Tool, ToolId
from editor.translations import mark, tr


class SampleSize(StrEnum):
    """How many pixels are averaged."""

    POINT = "1"
    SMALL = "3"
    LARGE = "5"

    @property
    def side(self) -> int:
        """Pixels along one side."""
        return int(self.value)


@dataclass(frozen=True)
class PickerOptions:
    """What the eyedropper looks at."""

    sampling: Sampling = Sampling.MERGED
    size: SampleSize = SampleSize.POINT


class PickerTool(Tool):
    """Sets the foreground colour while the button is down; with Alt the background colour."""

    tool_id = ToolId.PICKER
    hint = mark("Click to pick the foreground color, Alt-click for the background color.")

    def __init__(self, colors: PaintColors) -> None:
        self.colors = colors
        self.options: Options[PickerOptions] = Options(PickerOptions())
        self._pointer: Pointer | None = None
        self._before: tuple[Rgb, Rgb] | None = None  # foreground and background at the press

    @property
    def busy(self) -> bool:
        return self._before is not None

    def press(self, document: Document, pointer: Pointer) -> Effects:
        self._before = self.colors.foreground, self.colors.background
        return self._pick(document, pointer)

    def move(self, document: Document, pointer: Pointer) -> Effects:
        return NOTHING if self._before is None else self._pick(document, pointer)

    def release(self, document: Document, pointer: Pointer) -> Effects:
        self._before = None
        return NOTHING

    def cancel(self) -> Effects:
        before, self._before = self._before, None
        if before is not None:
            self.colors.foreground, self.colors.background = before
        return NOTHING

    def hover(self, document: Document, pointer: Pointer | None) -> None:
        self._pointer = pointer

    def overlay(self, document: Document) -> tuple[OverlayItem, ...]:
        pointer, before = self._pointer, self._before
        if pointer is None or before is None:
            return ()
        background = Modifier.ALT in pointer.modifiers
        color = self.colors.background if background else self.colors.foreground
        return (ColorRing(pointer.x, pointer.y, color, before[1 if background else 0]),)

    def cursor(self, document: Document, pointer: Pointer) -> CursorShape:
        return CursorShape.PICK

    def _pick(self, document: Document, pointer: Pointer) -> Effects:
        self._pointer = pointer
        options = self.options.value
        color = pick_color(
            document, pointer.x, pointer.y, side=options.size.side, sampling=options.sampling
        )
        if color is None:
            return Effects(hint=tr("There is no color here."))
        if Modifier.ALT in pointer.modifiers:
            self.colors.background = color
        else:
            self.colors.foreground = color
        return NOTHING
