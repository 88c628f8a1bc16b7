"""Cut, copy and paste between layers, documents and programs; pictures dropped on the canvas.

Other programs get and give PNG or whatever picture the system offers. Our own entry beside it keeps
the place and the name; within one program the pixels themselves are handed over, with the colour
under alpha 0.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QMimeData, QObject, QPointF
from PySide6.QtGui import QDragMoveEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from editor.canvas.view import CanvasView
from editor.commands.clip_commands import (
    Clip,
    CutLayers,
    PlaceClips,
    copied_layers,
    copied_merged,
)
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.identity import new_id
from editor.document.layers import MAX_OFFSET_PX
from editor.document.pixels import PixelBuffer
from editor.edit_session import EditSession
from editor.formats.errors import FormatError
from editor.formats.files import format_of
from editor.formats.picture_files import decode_picture, read_picture
from editor.panels.thumbnails import to_image
from editor.translations import mark, tr
from editor.windows.background_work import Steps, WorkCancelled
from editor.windows.file_controller import FileController
from editor.windows.toast import ToastKind

CLIP_TYPE = "application/x-layerloom-clip"
_PNG_TYPE = "image/png"

Say = Callable[[str, ToastKind], None]


class ClipboardController(QObject):
    """Handlers of the actions whose name begins with "clipboard."."""

    def __init__(
        self, session: EditSession, files: FileController, canvas: CanvasView, say: Say,
        parent: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._session = session
        self._files = files
        self._canvas = canvas
        self._say = say
        self._copied: Clip | None = None
        self._token = ""
        canvas.setAcceptDrops(True)
        canvas.installEventFilter(self)

    @property
    def _document(self) -> Document:
        return self._session.document

    def copy(self) -> None:
        """Copy the selected layers, or the selected pixels of them."""
        self._copy(lambda: copied_layers(self._document.snapshot(), self._document.selected_ids))

    def copy_merged(self) -> None:
        """Copy what is seen."""
        self._copy(lambda: copied_merged(self._document.snapshot()))

    def cut(self) -> None:
        """Copy, then take away; nothing is copied when it may not be taken away."""
        before, selected = self._document.snapshot(), self._document.selected_ids
        if self._session.push(CutLayers(selected)):
            self._copy(lambda: copied_layers(before, selected))

    def paste(self) -> None:
        """A picture or files from the clipboard become layers."""
        mime = QGuiApplication.clipboard().mimeData() or QMimeData()  # None when it is empty
        paths = _files_of(mime)
        if paths and not mime.hasFormat(CLIP_TYPE):
            self.place_files(paths)
            return
        try:
            clip = self._pasted(mime)
        except FormatError as error:
            self._say(error.message, ToastKind.ERROR)
            return
        if clip is None:
            self._say(tr("The clipboard holds no picture."), ToastKind.INFO)
            return
        self._session.push(PlaceClips((clip,), above=self._document.active_id))

    def place_files(self, paths: Sequence[Path], center: tuple[int, int] | None = None) -> None:
        """Put picture files on the canvas as layers, in one step; a document is opened instead.

        Args:
            center: Where their middle goes, in document pixels; None = the middle of the canvas.
        """
        if len(paths) == 1 and format_of(paths[0]) is not None:
            path = paths[0]
            self._files.after_question(lambda: self._files.open_path(path))
            return

        history = self._session.history

        def done(found: tuple[list[Clip], list[str]]) -> None:
            clips, failures = found
            if clips and self._session.history is history:
                above = self._document.active_id
                self._session.push(PlaceClips(tuple(clips), center, above, mark("Place Pictures")))
            if failures:
                self._say(" ".join(failures), ToastKind.ERROR)

        text = tr("Opening {name}", name=paths[0].name)
        self._files.work.submit(
            text,
            lambda steps: _read_all(paths, steps),
            done,
            failure=tr("The pictures could not be read; the log has the details."),
            lands=True,
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Files dragged over the canvas and dropped on it."""
        if isinstance(event, QDragMoveEvent) and _files_of(event.mimeData()):
            event.acceptProposedAction()
            return True
        if event.type() is QEvent.Type.Drop and isinstance(event, QDropEvent):
            paths = _files_of(event.mimeData())
            if paths:
                event.acceptProposedAction()
                self.place_files(paths, self._document_point(event.position()))
                return True
        return super().eventFilter(watched, event)

    def _document_point(self, position: QPointF) -> tuple[int, int]:
        ratio = self._canvas.devicePixelRatioF()
        x, y = self._canvas.viewport.to_document(position.x() * ratio, position.y() * ratio)
        return round(x), round(y)

    def _copy(self, make: Callable[[], Clip]) -> None:
        try:
            clip = make()
        except DocumentError as error:
            self._say(error.message, ToastKind.ERROR)
            return
        self._copied, self._token = clip, new_id()
        mime = QMimeData()
        content = {"token": self._token, "offset": clip.offset, "name": clip.name}
        mime.setData(CLIP_TYPE, json.dumps(content).encode())
        mime.setImageData(to_image(clip.pixels.array))
        QGuiApplication.clipboard().setMimeData(mime)

    def _pasted(self, mime: QMimeData) -> Clip | None:
        known = _own_entry(mime)
        if self._copied is not None and known.get("token") == self._token:
            return self._copied
        pixels = _picture_of(mime)
        if pixels is None:
            return None
        return Clip(pixels, _offset(known.get("offset")), str(known.get("name", ""))[:2000])


def _read_all(paths: Sequence[Path], steps: Steps) -> tuple[list[Clip], list[str]]:
    """The pictures among some files, and a sentence for each of the others."""
    clips, failures = [], []
    for number, path in enumerate(paths):
        if steps.cancelled():
            raise WorkCancelled
        steps.progress(number / len(paths))
        try:
            if format_of(path) is not None:
                text = tr("{name} is a document; drop it alone to open it.", name=path.name)
                raise FormatError(text)
            clips.append(Clip(read_picture(path), name=path.stem))
        except FormatError as error:
            failures.append(error.message)
    return clips, failures


def _files_of(mime: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def _own_entry(mime: QMimeData) -> dict[str, Any]:
    """What another Layerloom says about the picture; anything may write there."""
    try:
        found = json.loads(bytes(mime.data(CLIP_TYPE).data()))
    except (ValueError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _offset(value: Any) -> tuple[int, int] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    if not all(isinstance(v, int) and abs(v) <= MAX_OFFSET_PX for v in value):
        return None
    return value[0], value[1]


def _picture_of(mime: QMimeData) -> PixelBuffer | None:
    """The picture that the clipboard offers; PNG is asked for first, because it has alpha."""
    data = bytes(mime.data(_PNG_TYPE).data())
    if data:
        return decode_picture(data, tr("The picture of the clipboard"))
    image = mime.imageData() if mime.hasImage() else None
    if not isinstance(image, QImage) or image.isNull():
        return None
    return _from_image(image)


def _from_image(image: QImage) -> PixelBuffer:
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    array = rows[:, : image.width() * 4].reshape(image.height(), image.width(), 4)
    try:
        return PixelBuffer.from_array(array)
    except DocumentError as error:
        raise FormatError(error.message, error.detail) from error
