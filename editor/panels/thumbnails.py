"""Small pictures of layers, computed in a pool thread and kept as long as their pixels live."""

from __future__ import annotations

import weakref
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from editor.document.pixels import PixelBuffer, RgbaArray

SIDE_PX = 72  # enough for 36 logical pixels on a 2x screen


class Thumbnails(QObject):
    """Answers at once with what is ready, and says when more is.

    Signals:
        ready: At least one more thumbnail can be had.
    """

    ready = Signal()
    _computed = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._images: dict[int, QImage] = {}
        self._waiting: set[int] = set()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="thumbnails")
        self._computed.connect(self._store, Qt.ConnectionType.QueuedConnection)

    def image(self, pixels: PixelBuffer) -> QImage | None:
        """Thumbnail of these pixels, or None while it is being computed."""
        key = id(pixels)  # hashing by content would read every pixel in the interface thread
        found = self._images.get(key)
        if found is None and key not in self._waiting:
            self._waiting.add(key)
            self._pool.submit(pixels.thumbnail, SIDE_PX).add_done_callback(
                lambda future: self._announce(pixels, future)
            )
        return found

    def stop(self) -> None:
        """Finish the one being computed and drop the rest."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _announce(self, pixels: PixelBuffer, future: Future[RgbaArray]) -> None:
        if not future.cancelled() and future.exception() is None:
            self._computed.emit(pixels, future.result())

    def _store(self, pixels: PixelBuffer, thumbnail: RgbaArray) -> None:
        key = id(pixels)
        self._waiting.discard(key)
        self._images[key] = to_image(thumbnail)
        weakref.finalize(pixels, self._images.pop, key, None)
        self.ready.emit()


def to_image(rgba: RgbaArray) -> QImage:
    """A QImage with its own copy of straight RGBA pixels."""
    array = np.ascontiguousarray(rgba)
    height, width = array.shape[:2]
    return QImage(array.data, width, height, width * 4, QImage.Format.Format_RGBA8888).copy()
