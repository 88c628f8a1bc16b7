"""Feeds the tools with the widget's input and runs what they answer."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPointingDevice, QTabletEvent

from editor.canvas.aids import ViewAids
from editor.canvas.input import key_from, modifiers_from, pointer_from
from editor.canvas.viewport import Viewport
from editor.commands.history import History
from editor.commands.text_commands import RedrawText
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.geometry import EMPTY
from editor.document.guides import Orientation
from editor.document.layers import rasters
from editor.document.pixels import PixelBuffer
from editor.tools.events import Key, Pointer
from editor.tools.guide_tool import GuideTool
from editor.tools.overlay import Frame, OverlayItem
from editor.tools.tool import Effects, Gesture, Live, Tool, ToolId
from editor.tools.toolbox import ToolBox

# Keys with one of these are shortcuts of actions, never a tool's.
_ACTION_MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)

PointerEvent = QMouseEvent | QTabletEvent


class Interaction(QObject):
    """The chosen tool, the drag in progress and the keys held.

    Signals:
        pan_wanted: (dx, dy) in device pixels.
        zoom_wanted: A `Zoom` step.
        edit_box_wanted: Id of a layout box whose prompt shall be written.
        edit_text_wanted: Id of a live text layer to go on with.
        edit_guide_wanted: Place of a guide whose position shall be written.
        live_changed: A `Live` picture to show, or to take back.
        overlay_changed: What is drawn over the picture may look different.
        cursor_changed: A `CursorShape`.
        hint: A sentence for the status line.
        escaped: Escape was pressed and no drag or tool that waits to be applied needs it.
        finished: A drag ended or was cancelled.

    Attributes:
        escape_for_job: Whether Escape ends a job that is running rather than the selection.
    """

    pan_wanted = Signal(float, float)
    zoom_wanted = Signal(object)
    edit_box_wanted = Signal(str)
    edit_text_wanted = Signal(str)
    edit_guide_wanted = Signal(int)
    live_changed = Signal(object)
    overlay_changed = Signal()
    cursor_changed = Signal(object)
    hint = Signal(str)
    escaped = Signal()
    finished = Signal()

    def __init__(
        self, history: History, view_place: Callable[[], tuple[Viewport, float]], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._history = history
        self._view_place = view_place  # the viewport and the device pixels per logical pixel
        self._tools = ToolBox()
        for tool in self._tools:
            if tool.options is not None:
                tool.options.changed.connect(self._on_options)
        self._tool = self._tools[ToolId.MOVE]
        self._guides = GuideTool()
        self._drag_tool: Tool | None = None  # the tool that got the press, e.g. the hand by Space
        self._drag_button = Qt.MouseButton.NoButton
        self._boxes_shown = True
        self.escape_for_job = False
        self._space_held = False
        self._nudging = False
        self._performing = False
        self._waiting = False  # whether the tool has something to be applied between two drags
        self._last_key: Hashable | None = None  # of the command that ran last
        self._turned_texts: dict[str, PixelBuffer] = {}  # as they were when the gesture began
        self._last_pointer: Pointer | None = None
        self._pending: list[Pointer] = []  # positions that the tool has not seen, oldest first
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._flush)

    @property
    def document(self) -> Document:
        return self._history.document

    @property
    def tools(self) -> ToolBox:
        """All tools."""
        return self._tools

    @property
    def tool(self) -> Tool:
        """The chosen tool."""
        return self._tool

    @property
    def busy(self) -> bool:
        """Whether a drag is going on."""
        return self._drag_tool is not None

    def set_aids(self, aids: ViewAids) -> None:
        """Take over what the user has switched on."""
        self._guides.shown, self._guides.locked = aids.guides, aids.guides_locked
        self._boxes_shown = aids.boxes
        for tool in (*self._tools, self._guides):
            tool.snap = aids.snap
        self.overlay_changed.emit()

    def set_history(self, history: History) -> None:
        """Work on another document."""
        self.cancel()
        self.perform(self._tool.leave(self.document))
        self._tool.hover(self.document, None)
        self._history = history

    def choose(self, tool_id: ToolId) -> bool:
        """Choose a tool; False if it was chosen already."""
        tool = self._tools[tool_id]
        if tool is self._tool:
            return False
        self.cancel()
        self.perform(self._tool.leave(self.document))
        self._tool.hover(self.document, None)
        self._tool = tool
        self.overlay_changed.emit()
        self._refresh_cursor()
        return True

    def overlay(self, *, with_layout: bool) -> tuple[OverlayItem, ...]:
        """What to draw over the picture; `with_layout` shows the boxes whatever the tool is.

        Otherwise they are shown faintly with other tools, or not at all.
        """
        items = (*self._guides.overlay(self.document), *self._tool.overlay(self.document))
        if self._tool.tool_id is ToolId.LAYOUT:
            return items
        layout = self._tools.layout
        if with_layout:
            return (*layout.overlay(self.document), *items)
        if not self._boxes_shown:
            return items
        tagged = any(isinstance(item, Frame) and item.label for item in items)
        named = self.document.selected_ids if tagged else ()
        return (*layout.faint_overlay(self.document, named), *items)

    # Mouse and pen

    def press(self, event: PointerEvent, clicks: int) -> None:
        """A button went down; others than left and middle are left to the widget."""
        left, middle = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
        if self.busy or event.button() not in (left, middle):
            event.ignore()
            return
        self._end_nudge()
        pointer = self._pointer(event, clicks)
        if event.button() == middle or self._space_held:
            self._drag_tool = self._tools[ToolId.HAND]
        elif _is_eraser(event):
            self._drag_tool = self._tools[ToolId.ERASER]
        else:
            self._drag_tool = self._tool_under(pointer)
        self._drag_button = event.button()
        self.perform(self._drag_tool.press(self.document, pointer))
        self._refresh_cursor()

    def pull_guide(self, orientation: Orientation) -> None:
        """A ruler was pressed; what moves until the release is a new guide."""
        if not self.busy:
            self._end_nudge()
            self._guides.pull_new(orientation)
            self._drag_tool, self._drag_button = self._guides, Qt.MouseButton.LeftButton

    def move(self, event: PointerEvent) -> Pointer:
        """The mouse moved; returns where it is."""
        pointer = self._pointer(event)
        if self.busy:
            # All positions of a turn go to the tool at once: a slow step leaves no queue behind.
            self._pending.append(pointer)
            if not self._timer.isActive():
                self._timer.start(0)
            return pointer
        on_guide = self._tool_under(pointer) is self._guides
        self._guides.hover(self.document, pointer if on_guide else None)
        self._tool.hover(self.document, None if on_guide else pointer)
        self.overlay_changed.emit()
        self._refresh_cursor()
        return pointer

    def release(self, event: PointerEvent) -> None:
        """A button went up."""
        tool = self._drag_tool
        if tool is None or event.button() != self._drag_button:
            event.ignore()
            return
        self._pending.append(self._pointer(event))
        self._flush()
        self._drag_tool = None
        self.perform(tool.release(self.document, self._pointer(event)))
        self._refresh_cursor()
        self.finished.emit()

    def leave(self) -> None:
        """The mouse left the widget."""
        self._last_pointer = None
        if not self.busy:
            self._guides.hover(self.document, None)
            self._tool.hover(self.document, None)
            self.overlay_changed.emit()

    def cancel(self) -> None:
        """Break off the drag and put everything back."""
        self._timer.stop()
        self._pending.clear()
        self._end_nudge()
        tool, self._drag_tool = self._drag_tool, None
        if tool is not None:
            self.perform(tool.cancel())
            self.finished.emit()

    def finish(self) -> None:
        """Keep what the tool has not applied yet; a drag goes on."""
        self._end_nudge()
        if not self.busy:
            self.perform(self._tool.finish(self.document))

    def _flush(self) -> None:
        pointers, self._pending = self._pending, []
        if pointers and self._drag_tool is not None:
            self.perform(self._drag_tool.moves(self.document, pointers))
            self._refresh_cursor()

    def _tool_under(self, pointer: Pointer) -> Tool:
        """The chosen tool, unless it leaves a press at this position to a guide."""
        left = self._tool.leaves_guides(self.document, pointer)
        return self._guides if left and self._guides.takes(self.document, pointer) else self._tool

    def _pointer(self, event: PointerEvent, clicks: int = 1) -> Pointer:
        viewport, ratio = self._view_place()
        pointer = pointer_from(event.position(), event.modifiers(), viewport, ratio, clicks)
        if isinstance(event, QTabletEvent):
            pointer = replace(pointer, pressure=event.pressure())
        self._last_pointer = pointer
        return pointer

    # Keys

    def wants_shortcut(self, event: QKeyEvent) -> bool:
        """Whether a key is for the tool, although an action may have it as its shortcut."""
        if self.busy:
            return True  # no action may change the document in the middle of a drag
        if event.modifiers() & _ACTION_MODIFIERS:
            return False
        key = key_from(event.key())
        if key is None:
            return event.key() == Qt.Key.Key_Space
        if key in (Key.ESCAPE, Key.ENTER, Key.DELETE):
            return self._tool.busy or self._ends_something(key)
        return key.digit is None or self._tool.takes_digits

    def _ends_something(self, key: Key) -> bool:
        """Whether Escape, Enter or Delete has something on the canvas to act on."""
        boxes = bool(self.document.selected_box_ids)
        return boxes or (key is Key.ESCAPE and bool(self.document.selected_ids))

    def key_press(self, event: QKeyEvent) -> None:
        """A key went down; what no tool wants is left to the widget."""
        if event.key() == Qt.Key.Key_Space:
            self._space_held = True
            self._refresh_cursor()
            return
        key = key_from(event.key())
        if self.busy:
            if key is Key.ESCAPE:
                self.cancel()
            return
        if key is Key.ESCAPE and self.escape_for_job and not self._tool.busy:
            self.escaped.emit()
            return
        if event.isAutoRepeat() and key is not None and key.digit is not None:
            return  # a digit that is held was typed once
        effects = None
        if key is not None and not event.modifiers() & _ACTION_MODIFIERS:
            modifiers = modifiers_from(event.modifiers())
            effects = self._tool.key(self.document, key, modifiers)
        if key is None or effects is None:
            event.ignore()
            return
        alone = effects.gesture is Gesture.KEEP and not self._history.in_gesture
        if key.direction is not None and effects.commands and alone:
            # Holding an arrow key down is one step of undo.
            self._nudging = True
            self._begin_gesture()
        self.perform(effects)

    def key_release(self, event: QKeyEvent) -> None:
        """A key went up."""
        if event.isAutoRepeat():
            return
        if event.key() == Qt.Key.Key_Space:
            self._space_held = False
            self._refresh_cursor()
        elif (key := key_from(event.key())) is not None and key.direction is not None:
            self._end_nudge()
        else:
            event.ignore()

    def focus_lost(self) -> None:
        """Keys that are released elsewhere are not held any more."""
        self._space_held = False
        self._end_nudge()

    def _end_nudge(self) -> None:
        if self._nudging:
            self._nudging = False
            self._history.end_gesture()

    # Effects

    def perform(self, effects: Effects) -> None:
        """Do what a tool, or another part of the canvas, asks for."""
        begins = effects.gesture is Gesture.JOIN and not self._history.in_gesture
        if begins or effects.gesture is Gesture.BEGIN:
            self._begin_gesture()
        if effects.live is not None and effects.live.state is not None:
            self.live_changed.emit(effects.live)
        before = self.document.snapshot()
        self._performing, outer = True, self._performing
        try:
            message = self._change_document(effects) or effects.hint
        finally:
            self._performing = outer
        if effects.live is not None and effects.live.state is None:
            # What a command changed is shown already; otherwise the old picture comes back.
            unchanged = self.document.snapshot() is before
            self.live_changed.emit(Live(None, effects.live.dirty if unchanged else EMPTY))
        message = self._end_step(effects.gesture) or message
        self._ask_view(effects)
        if message:
            self.hint.emit(message)
        self.overlay_changed.emit()

    def _begin_gesture(self) -> None:
        self._last_key = None
        self._turned_texts = {
            layer.layer_id: layer.pixels
            for layer in self.document.raster_layers()
            if layer.text is not None and layer.matrix is not None
        }
        self._history.begin_gesture()

    def _end_step(self, gesture: Gesture) -> str:
        """Returns the sentence of a refusal, or nothing."""
        message = ""
        if gesture is Gesture.END:
            try:
                message = self._redraw_texts()
            except DocumentError as error:  # the text stays as it was scaled
                message = error.message
            finally:
                self._history.end_gesture()
        elif gesture is Gesture.CANCEL:
            self._history.cancel_gesture()
        waited, self._waiting = self._waiting, self._tool.busy and not self.busy
        ended = gesture in (Gesture.END, Gesture.CANCEL) or waited
        if ended and not self._tool.busy and not self.busy:
            self.finished.emit()
        return message

    def _redraw_texts(self) -> str:
        """Selected live texts that were transformed are set anew, as a part of the same step."""
        document, setter = self.document, self._tools.text.setter
        if setter is None or self._last_key is None or not self._history.in_gesture:
            return ""
        chosen = tuple(document.layer(layer_id) for layer_id in document.selected_ids)
        commands = []
        for layer in rasters(chosen):
            only_moved = self._turned_texts.get(layer.layer_id) is layer.pixels
            if layer.text is not None and layer.source is not None and not only_moved:
                drawn = setter.set(layer.text).draw()
                commands.append(RedrawText(layer.layer_id, drawn, joins=self._last_key))
        self._performing, outer = True, self._performing
        try:
            return self._change_document(Effects(commands=tuple(commands)))
        finally:
            self._performing = outer

    def _ask_view(self, effects: Effects) -> None:
        if effects.pan is not None:
            self.pan_wanted.emit(*effects.pan)
        if effects.zoom is not None:
            self.zoom_wanted.emit(effects.zoom)
        if effects.edit_box is not None:
            self.edit_box_wanted.emit(effects.edit_box)
        if effects.edit_text is not None:
            self.edit_text_wanted.emit(effects.edit_text)
        if effects.edit_guide is not None:
            self.edit_guide_wanted.emit(effects.edit_guide)

    def document_changed(self) -> None:
        """The document has other content; a tool that waits to be applied must know."""
        if self._tool.busy and not self._performing and not self.busy:
            self.perform(self._tool.overtaken())

    def _change_document(self, effects: Effects) -> str:
        """Run commands and select; returns the sentence of a refusal, or nothing."""
        document = self.document
        try:
            for command in effects.commands:
                self._history.push(command, joins_last=effects.joins_last)
                self._last_key = command.merge_key
            if effects.select is not None:
                document.select(i for i in effects.select if document.has_layer(i))
            if effects.select_boxes is not None:
                known = {box.box_id for box in document.boxes}
                document.select_boxes(i for i in effects.select_boxes if i in known)
        except DocumentError as error:
            return error.message
        return ""

    def _on_options(self, _options: object) -> None:
        self.overlay_changed.emit()
        self._refresh_cursor()

    def _refresh_cursor(self) -> None:
        if self._last_pointer is None:
            return
        hand = self._tools[ToolId.HAND] if self._space_held else None
        tool = self._drag_tool or hand or self._tool_under(self._last_pointer)
        self.cursor_changed.emit(tool.cursor(self.document, self._last_pointer))


def _is_eraser(event: PointerEvent) -> bool:
    """Whether a pen touches with its other end."""
    if not isinstance(event, QTabletEvent):
        return False
    return event.pointerType() is QPointingDevice.PointerType.Eraser
