"""Cut, copy and paste between layers, documents and programs; pictures dropped on the canvas.

Other programs get and give PNG or whatever picture the system offers; an SVG is drawn when there is
no picture beside it, which its own program drew better. Our own entry beside it keeps the place and
the name; within one program the pixels themselves are handed over, with the colour under alpha 0.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
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
    DocumentClip,
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
from editor.formats.files import has_layers
from editor.formats.opening import OpenCancelled
from editor.formats.picture_files import decode_picture, read_picture
from editor.importing import open_any
from editor.panels.thumbnails import to_image
from editor.svg_pictures import SVG_SUFFIX, SVG_TYPE, draw_svg, read_svg
from editor.translations import mark, tr
from editor.windows.background_work import Steps, WorkCancelled
from editor.windows.file_controller import FileController
from editor.windows.toast import ToastKind

CLIP_TYPE = "application/x-layerloom-clip"
_PNG_TYPE = "image/png"
_MOST_NOTES = 4  # a message that is read

Say = Callable[[str, ToastKind], None]


@dataclass(frozen=True, slots=True)
class _Found:
    """What can be placed, and sentences about what was not read or not kept."""

    clips: list[Clip | DocumentClip] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


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
        self._place_picture(mime, None)

    def place_files(self, paths: Sequence[Path], center: tuple[int, int] | None = None) -> None:
        """Put files on the canvas in one step: a picture as a layer, a document as a group.

        A document alone is opened instead.

        Args:
            center: Where their middle goes, in document pixels; None = the middle of the canvas.
        """
        if len(paths) == 1 and has_layers(paths[0]):
            path = paths[0]
            self._files.after_question(lambda: self._files.open_path(path))
            return
        size = self._document.width, self._document.height
        text = tr("Opening {name}", name=paths[0].name)
        self._place(text, lambda steps: _read_all(paths, size, steps), center)

    def _place_picture(self, mime: QMimeData, center: tuple[int, int] | None) -> None:
        """The picture that another program, or this one, put on the clipboard or dropped."""
        try:
            clip = self._pasted(mime)
        except FormatError as error:
            self._say(error.message, ToastKind.ERROR)
            return
        drawing = _drawing_of(mime)
        if clip is not None:
            self._session.push(PlaceClips((clip,), center, self._document.active_id))
        elif drawing:
            size = self._document.width, self._document.height
            self._place(
                tr("Paste"), lambda steps: _draw(drawing, size, steps), center, mark("Paste")
            )
        else:
            self._say(tr("The clipboard holds no picture."), ToastKind.INFO)

    def _place(
        self,
        text: str,
        read: Callable[[Steps], _Found],
        center: tuple[int, int] | None,
        label: str = mark("Place Pictures"),
    ) -> None:
        """Read in the background, then place what was found and say what was not."""
        history = self._session.history

        def done(found: _Found) -> None:
            if found.clips and self._session.history is history:
                above = self._document.active_id
                self._session.push(PlaceClips(tuple(found.clips), center, above, label))
            if found.failures:
                self._say(" ".join(found.failures), ToastKind.ERROR)
            elif found.notes:
                self._say(" ".join(found.notes[:_MOST_NOTES]), ToastKind.INFO)

        failure = tr("The pictures could not be read; the log has the details.")
        self._files.work.submit(text, read, done, failure=failure, lands=True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Files dragged over the canvas and dropped on it."""
        if isinstance(event, QDragMoveEvent) and _can_place(event.mimeData()):
            event.acceptProposedAction()
            return True
        if event.type() is QEvent.Type.Drop and isinstance(event, QDropEvent):
            mime, center = event.mimeData(), self._document_point(event.position())
            if _can_place(mime):
                event.acceptProposedAction()
                if paths := _files_of(mime):
                    self.place_files(paths, center)
                else:
                    self._place_picture(mime, center)
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


def _read_all(paths: Sequence[Path], size: tuple[int, int], steps: Steps) -> _Found:
    """What can be placed of some files, and a sentence for each of the others."""
    found = _Found()
    for number, path in enumerate(paths):
        if steps.cancelled():
            raise WorkCancelled
        steps.progress(number / len(paths))
        try:
            found.clips.append(_read(path, size, steps, found.notes))
        except OpenCancelled as error:
            raise WorkCancelled from error
        except FormatError as error:
            found.failures.append(error.message)
    return found


def _read(path: Path, size: tuple[int, int], steps: Steps, notes: list[str]) -> Clip | DocumentClip:
    if path.suffix.lower() == SVG_SUFFIX:
        return Clip(read_svg(path, size, cancelled=steps.cancelled), name=path.stem)
    if not has_layers(path):
        return Clip(read_picture(path), name=path.stem)
    opened = open_any(path, cancelled=steps.cancelled)
    notes.extend(opened.notes)
    state = opened.document.snapshot()
    if any(layer.kept is not None and layer.kept.features for layer in state.all_layers()):
        notes.append(
            tr("{name} came as pixels; open it alone to keep its text and effects.", name=path.name)
        )
    return DocumentClip(state, path.stem)


def _draw(drawing: bytes, size: tuple[int, int], steps: Steps) -> _Found:
    name = tr("The drawing of the clipboard")
    try:
        return _Found([Clip(draw_svg(drawing, name, size, cancelled=steps.cancelled))])
    except OpenCancelled as error:
        raise WorkCancelled from error


def _can_place(mime: QMimeData) -> bool:
    return bool(_files_of(mime)) or mime.hasImage() or mime.hasFormat(SVG_TYPE)


def _drawing_of(mime: QMimeData) -> bytes:
    """An SVG, which some programs copy as text; empty for none."""
    data = bytes(mime.data(SVG_TYPE).data())
    text = mime.text().lstrip()
    if data or not (text.startswith("<svg") or (text.startswith("<?xml") and "<svg" in text)):
        return data
    return text.encode()


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
