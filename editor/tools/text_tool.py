"""The text tool: a click places a text or goes on with one; what is typed shows at once.

The keys themselves reach a line editor of the canvas, which knows input methods; it tells the tool
what the text is now. All of it until the end is one undo step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from editor.commands.command import Command
from editor.commands.layer_commands import RemoveLayers
from editor.commands.text_commands import WriteText
from editor.document import affine
from editor.document.clipping import base_of, place_above
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.events import Signal
from editor.document.identity import new_id
from editor.document.layers import RasterLayer, rasters
from editor.document.text import MAX_FONT_SIZE_PX, TextAlignment, TextContent
from editor.tools.colors import BLACK, from_hex, to_hex
from editor.tools.events import Key, Modifier, Pointer
from editor.tools.options import Options
from editor.tools.overlay import CursorShape, OverlayItem, TextMarks
from editor.tools.text_setting import TextSetter
from editor.tools.tool import NOTHING, Effects, Gesture, Tool, ToolId
from editor.translations import mark, tr

DEFAULT_FAMILY = "Sans Serif"


@dataclass(frozen=True, slots=True)
class TextOptions:
    """How the text is set: of the one being written, or of the next.

    Attributes:
        size: Height of the em square in document pixels, 1 to 2000.
        color: "#rrggbb".
        line_height: Distance of lines as a multiple of the font's own, 0.5 to 4.
    """

    family: str = DEFAULT_FAMILY
    size: int = 64
    bold: bool = False
    italic: bool = False
    color: str = "#000000"
    alignment: TextAlignment = TextAlignment.LEFT
    line_height: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", min(max(1, self.size), int(MAX_FONT_SIZE_PX)))
        object.__setattr__(self, "line_height", min(max(0.5, self.line_height), 4.0))
        object.__setattr__(self, "color", to_hex(from_hex(self.color) or BLACK))


@dataclass(frozen=True, slots=True)
class Writing:
    """A text that is being written.

    Attributes:
        layer_id: Its layer, which need not exist yet.
        content: The text now.
        before: The text at the beginning; None = a new layer.
        position: Character before which the caret stands.
        anchor: Other end of what is marked; the same as `position` when nothing is.
    """

    layer_id: str
    content: TextContent
    before: TextContent | None
    position: int = 0
    anchor: int = 0


class TextTool(Tool):
    """Write, mark, restyle; Escape drops what was typed, a press elsewhere keeps it.

    Signals:
        changed: Another text, or none, is being written, or the caret was put elsewhere.
    """

    tool_id = ToolId.TEXT
    hint = mark("Click to write, or click a text to change it. Ctrl+Enter ends, Escape cancels.")

    def __init__(self) -> None:
        self.changed: Signal[TextTool] = Signal()
        self.options: Options[TextOptions] = Options(TextOptions())
        self.setter: TextSetter | None = None  # the canvas gives one
        self._writing: Writing | None = None
        self._marking = False

    @property
    def busy(self) -> bool:
        return self._writing is not None

    @property
    def writing(self) -> Writing | None:
        """What is being written."""
        return self._writing

    # The mouse

    def press(self, document: Document, pointer: Pointer) -> Effects:
        writing = self._writing
        if self.setter is None:
            return NOTHING
        if writing is not None and self._holds(writing.content, pointer):
            keep = writing.anchor if Modifier.SHIFT in pointer.modifiers else None
            self._put_caret(writing, pointer, keep)
            self._marking = True
            return NOTHING
        if writing is not None:
            return self.apply(document)
        layer = self._text_at(document, pointer)
        if layer is not None and layer.text is not None:
            return self._begin(document, layer, layer.text, pointer)
        self._writing = Writing(new_id(), self._styled("", (pointer.x, pointer.y)), None)
        self.changed.emit(self)
        return Effects(hint=self._font_hint())

    def move(self, document: Document, pointer: Pointer) -> Effects:
        if self._marking and self._writing is not None:
            self._put_caret(self._writing, pointer, self._writing.anchor)
        return NOTHING

    def release(self, document: Document, pointer: Pointer) -> Effects:
        self._marking = False
        return NOTHING

    def begin(self, document: Document, layer_id: str) -> Effects:
        """Go on with the text of a layer, all of it marked."""
        layer = document.raster(layer_id)
        if layer.text is None:
            return NOTHING
        return self._begin(document, layer, layer.text, None)

    # What is typed

    def write(self, document: Document, text: str, position: int, anchor: int) -> Effects:
        """The text, the caret and the other end of what is marked are these now."""
        writing = self._writing
        if writing is None:
            return NOTHING
        moved = replace(writing, position=position, anchor=anchor)
        if text == writing.content.text:
            self._writing = moved
            return NOTHING
        try:
            content = replace(writing.content, text=text)
        except DocumentError as error:
            self.changed.emit(self)  # the line editor goes back
            return Effects(hint=error.message)
        self._writing = replace(moved, content=content)
        return self._show(document)

    def restyle(self, document: Document) -> Effects:
        """The options are others: so is the text being written."""
        writing = self._writing
        if writing is None:
            return NOTHING
        content = self._styled(writing.content.text, writing.content.anchor)
        alpha = (*content.color[:3], writing.content.color[3])
        content = replace(content, color=alpha, linear=writing.content.linear)
        if abs(content.size_px - writing.content.size_px) < 0.5:
            content = replace(content, size_px=writing.content.size_px)  # sizes may be fractions
        if content == writing.content:
            return NOTHING
        self._writing = replace(writing, content=content)
        return self._show(document) if content.text or writing.before else NOTHING

    def apply(self, document: Document) -> Effects:
        """End with what is written; an empty text takes its layer away."""
        writing, self._writing = self._writing, None
        self._marking = False
        self.changed.emit(self)
        if writing is None:
            return NOTHING
        if writing.content.text.strip():
            return Effects(gesture=Gesture.END)
        if writing.before is None:
            return Effects(gesture=Gesture.CANCEL)
        exists = document.has_layer(writing.layer_id)
        gone: tuple[Command, ...] = (RemoveLayers((writing.layer_id,)),) if exists else ()
        return Effects(gesture=Gesture.END, commands=gone)

    def cancel(self) -> Effects:
        writing, self._writing = self._writing, None
        self._marking = False
        self.changed.emit(self)
        return Effects(gesture=Gesture.CANCEL) if writing is not None else NOTHING

    def leave(self, document: Document) -> Effects:
        return self.apply(document)

    def finish(self, document: Document) -> Effects:
        return self.apply(document) if self.busy else NOTHING

    def overtaken(self) -> Effects:
        writing, self._writing = self._writing, None
        self.changed.emit(self)
        return Effects(gesture=Gesture.END) if writing is not None else NOTHING

    def key(self, document: Document, key: Key, modifiers: Modifier) -> Effects | None:
        if key is Key.ESCAPE and self.busy:
            return self.cancel()
        return None

    # What is drawn

    def overlay(self, document: Document) -> tuple[OverlayItem, ...]:
        writing = self._writing
        if writing is None or self.setter is None:
            return ()
        text = self.setter.set(writing.content)
        ends = sorted((writing.position, writing.anchor))
        marks = text.marks(ends[0], ends[1]) if ends[0] != ends[1] else ()
        caret = text.caret(writing.position)
        line = caret.x, caret.top, caret.bottom
        return (TextMarks(text.box, marks, line, writing.content.to_document),)

    def cursor(self, document: Document, pointer: Pointer) -> CursorShape:
        return CursorShape.TEXT

    # Inside

    def _begin(
        self,
        document: Document,
        layer: RasterLayer,
        text: TextContent,
        pointer: Pointer | None,
    ) -> Effects:
        if document.is_locked(layer.layer_id):
            return Effects(hint=tr("Unlock the layer to change its text."))
        self._writing = Writing(layer.layer_id, text, text, len(text.text), 0)
        self.options.set(_options_of(text))
        if pointer is not None:
            self._put_caret(self._writing, pointer, None)
        self.changed.emit(self)
        return Effects(select=(layer.layer_id,), hint=self._font_hint())

    def _show(self, document: Document) -> Effects:
        writing, setter = self._writing, self.setter
        if writing is None or setter is None:
            return NOTHING
        parent_id, index = _above_active(document)
        try:
            drawn = setter.set(writing.content).draw()
        except DocumentError as error:
            return Effects(hint=error.message)
        command = WriteText(
            writing.layer_id, writing.content, drawn, parent_id=parent_id, index=index
        )
        return Effects(gesture=Gesture.JOIN, commands=(command,), hint=self._font_hint())

    def _styled(self, text: str, anchor: tuple[float, float]) -> TextContent:
        options = self.options.value
        red, green, blue = bytes.fromhex(options.color[1:])
        return TextContent(
            text=text,
            family=options.family,
            size_px=float(options.size),
            color=(red, green, blue, 255),
            bold=options.bold,
            italic=options.italic,
            alignment=options.alignment,
            anchor=anchor,
            line_height=options.line_height,
        )

    def _put_caret(self, writing: Writing, pointer: Pointer, anchor: int | None) -> None:
        if self.setter is None:
            return
        content = writing.content
        place = self.setter.set(content).position_at(*content.from_document(pointer.x, pointer.y))
        self._writing = replace(writing, position=place, anchor=place if anchor is None else anchor)
        self.changed.emit(self)

    def _holds(self, content: TextContent, pointer: Pointer) -> bool:
        if self.setter is None:
            return False
        x0, y0, x1, y1 = self.setter.set(content).box
        x, y = content.from_document(pointer.x, pointer.y)
        lengths = affine.lengths(content.to_document)
        across, down = (8 * pointer.pixel / length for length in lengths)
        return x0 - across <= x <= x1 + across and y0 - down <= y <= y1 + down

    def _text_at(self, document: Document, pointer: Pointer) -> RasterLayer | None:
        """The topmost text whose lines lie under the pointer, between the letters too."""
        for layer in reversed(tuple(rasters(document.layers))):
            text = layer.text
            if text is not None and layer.visible and self._holds(text, pointer):
                return layer
        return None

    def _font_hint(self) -> str:
        if self.setter is None or self._writing is None:
            return ""
        content = self._writing.content
        instead = self.setter.missing_family(content)
        if not instead:
            return ""
        return tr(
            'The font "{family}" is not installed; "{instead}" is shown instead.',
            family=content.family,
            instead=instead,
        )


def _options_of(text: TextContent) -> TextOptions:
    return TextOptions(
        family=text.family,
        size=round(text.size_px),
        bold=text.bold,
        italic=text.italic,
        color=to_hex(text.color[:3]),
        alignment=text.alignment,
        line_height=text.line_height,
    )


def _above_active(document: Document) -> tuple[str | None, int | None]:
    """Where a new layer goes: above the active one and all that is clipped with it."""
    active = document.active_id
    if active is None:
        return None, None
    siblings = document.snapshot().siblings(active)
    index, _ = place_above(siblings, base_of(siblings, active))
    return document.parent_id(active), index
