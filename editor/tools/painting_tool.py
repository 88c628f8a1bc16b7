"""What all painting tools share: the target, refusals as hints, the colour picked with Alt."""

from __future__ import annotations

from typing import Any

from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.painting.sampling import pick_color
from editor.painting.target import AnyGround, PaintTarget, find_target
from editor.tools.colors import PaintColors
from editor.tools.events import Key, Modifier, Pointer
from editor.tools.options import Options
from editor.tools.overlay import CursorShape
from editor.tools.tool import NOTHING, Effects, Live, Tool
from editor.tools.typed_percent import TypedPercent
from editor.translations import tr


class PaintingTool(Tool):
    """Base of brush, eraser, fill and gradient.

    Attributes:
        adds_layer: Whether painting without a selected layer makes a new one.
        typed: The digits that set the opacity.
    """

    adds_layer = True

    def __init__(self, colors: PaintColors) -> None:
        self.colors = colors
        self.typed = TypedPercent()
        self.pointer: Pointer | None = None  # where it is, for what is drawn around it

    def hover(self, document: Document, pointer: Pointer | None) -> None:
        self.pointer = pointer

    def cursor(self, document: Document, pointer: Pointer) -> CursorShape:
        try:
            find_target(document, may_add=self.adds_layer)
        except DocumentError:
            return CursorShape.FORBIDDEN
        return CursorShape.DRAW

    def target(self, document: Document) -> PaintTarget:
        """What is painted on now; raises DocumentError with a sentence."""
        return find_target(document, may_add=self.adds_layer)

    def picked(self, document: Document, pointer: Pointer) -> Effects:
        """The colour under the pointer becomes the foreground."""
        color = pick_color(document, pointer.x, pointer.y)
        if color is not None:
            self.colors.foreground = color
        return NOTHING


def live(target: PaintTarget, painted: AnyGround, touched: Rect, dirty: Rect) -> Effects:
    """Show what is painted so far."""
    return Effects(live=Live(target.shown(painted, touched), dirty, (target.layer.layer_id,)))


def opacity_key(options: Options[Any], typed: TypedPercent, key: Key) -> Effects | None:
    """Digits set the opacity in percent; None for the other keys."""
    if key.digit is None:
        return None
    percent, _corrects = typed.add(key.digit)
    options.change(opacity=percent / 100)
    return Effects(hint=tr("Opacity {percent} %", percent=round(options.value.opacity * 100)))


def picks_color(pointer: Pointer) -> bool:
    """Whether a press takes a colour instead of painting."""
    return Modifier.ALT in pointer.modifiers
