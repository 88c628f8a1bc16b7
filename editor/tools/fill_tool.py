"""The bucket: a click fills what is like the clicked pixel with the foreground colour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.tiles import Values, part_of
from editor.painting.area import painted_area
from editor.painting.flood import flooded
from editor.painting.sampling import Sampling, read_picture
from editor.painting.target import PaintTarget
from editor.tools.colors import PaintColors
from editor.tools.events import Key, Modifier, Pointer
from editor.tools.options import Options
from editor.tools.painting_tool import PaintingTool, opacity_key, picks_color
from editor.tools.tool import Effects, ToolId
from editor.translations import mark, tr


@dataclass(frozen=True)
class FillOptions:
    """How the bucket fills.

    Attributes:
        tolerance: Greatest difference of a channel to the clicked pixel, 0 to 255.
        contiguous: Only what hangs together with the clicked pixel.
        sampling: What is compared: what is seen, or the layer alone.
        antialias: Whether the edge is soft.
        opacity: 0 to 1.
    """

    tolerance: int = 32
    contiguous: bool = True
    sampling: Sampling = Sampling.LAYER
    antialias: bool = True
    opacity: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "tolerance", min(max(self.tolerance, 0), 255))
        object.__setattr__(self, "opacity", min(max(self.opacity, 0.01), 1.0))


class FillTool(PaintingTool):
    """Fills on press, inside the selection."""

    tool_id = ToolId.FILL
    hint = mark("Click to fill an area of like color; Alt-click to pick a color.")
    takes_digits = True

    def __init__(self, colors: PaintColors) -> None:
        super().__init__(colors)
        self.options: Options[FillOptions] = Options(FillOptions())

    def press(self, document: Document, pointer: Pointer) -> Effects:
        if picks_color(pointer):
            return self.picked(document, pointer)
        try:
            target = self.target(document)
        except DocumentError as error:
            return Effects(hint=error.message)
        x, y = int(pointer.x // 1), int(pointer.y // 1)
        if not document.canvas.contains_point(x, y):
            return Effects(hint=tr("Click inside the canvas to fill."))
        return self._fill(document, target, x, y)

    def key(self, document: Document, key: Key, modifiers: Modifier) -> Effects | None:
        return opacity_key(self.options, self.typed, key)

    def _fill(self, document: Document, target: PaintTarget, x: int, y: int) -> Effects:
        options, canvas = self.options.value, document.canvas
        coverage = flooded(
            self._compared(document, target),
            x,
            y,
            tolerance=options.tolerance,
            contiguous=options.contiguous,
            antialias=options.antialias,
        )
        ink = target.ink(self.colors.foreground, round(options.opacity * 255))
        painted, touched = painted_area(
            target.ground(),
            canvas,
            lambda rect: part_of(coverage, canvas, rect),
            lambda _rect: ink,
            target.state.selection,
        )
        if touched.is_empty:
            return Effects(hint=tr("There is nothing to fill inside the selection."))
        self.colors.remember(self.colors.foreground)
        return Effects(commands=(target.command(painted, touched, mark("Fill")),))

    def _compared(self, document: Document, target: PaintTarget) -> Values:
        """The picture in which like pixels are looked for, of the size of the canvas."""
        sampling = self.options.value.sampling
        if target.on_mask and sampling is Sampling.LAYER:
            return np.asarray(target.ground().read(document.canvas))
        if target.is_new and sampling is Sampling.LAYER:
            return np.zeros((document.height, document.width, 4), np.uint8)
        return read_picture(document, document.canvas, sampling)
