"""Joins the text tool, the line editor that takes the keys, and the options bar."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QWidget

from editor.canvas.text_input import TextInput
from editor.canvas.text_rendering import QtTextSetter
from editor.document import affine
from editor.document.document import Document
from editor.tools.text_tool import TextTool
from editor.tools.tool import Effects


class TextEditing(QObject):
    """Opens the line editor while a text is written.

    Args:
        on_screen: The place of a document position in the canvas, in logical pixels.
    """

    def __init__(
        self,
        canvas: QWidget,
        tool: TextTool,
        *,
        document: Callable[[], Document],
        perform: Callable[[Effects], None],
        on_screen: Callable[[float, float], QPoint],
    ) -> None:
        super().__init__(canvas)
        self._tool = tool
        self._document = document
        self._perform = perform
        self._on_screen = on_screen
        self._setter = QtTextSetter()
        tool.setter = self._setter
        self.input = TextInput(canvas)
        self.input.edited.connect(self._typed)
        self.input.ended.connect(lambda: perform(tool.apply(document())))
        self.input.cancelled.connect(lambda: perform(tool.cancel()))
        tool.changed.connect(self._follow)
        tool.options.changed.connect(self._restyle)

    def place(self) -> None:
        """The view or the caret moved."""
        writing = self._tool.writing
        if writing is not None:
            caret = self._setter.set(writing.content).caret(writing.position)
            foot = affine.apply(writing.content.to_document, caret.x, caret.bottom)
            self.input.place(self._on_screen(*foot))

    def _follow(self, tool: TextTool) -> None:
        writing = tool.writing
        if writing is None:
            self.input.close_quietly()
        else:
            self.input.open(writing.content.text, writing.position, writing.anchor)
            self.place()

    def _typed(self, text: str, position: int, anchor: int) -> None:
        self._perform(self._tool.write(self._document(), text, position, anchor))
        self.place()

    def _restyle(self, _options: object) -> None:
        self._perform(self._tool.restyle(self._document()))
