"""Small pictures of layers, computed in a pool thread and kept as long as their pixels live."""

from __future__ import annotations

import logging
import weakref
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from editor.document.masks import CoverageBuffer
from editor.document.pixels import PixelBuffer

_log = logging.getLogger("layerloom.thumbnails")

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
        self._stopped = False
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="thumbnails")
        self._computed.connect(self._store, Qt.ConnectionType.QueuedConnection)

    def image(self, picture: PixelBuffer | CoverageBuffer) -> QImage | None:
        """Thumbnail of these pixels or this coverage, or None while it is being computed.

        One that could not be computed is tried again when it is asked for again.
        """
        key = id(picture)  # hashing by content would read every pixel in the interface thread
        found = self._images.get(key)
        if found is None and key not in self._waiting and not self._stopped:
            self._waiting.add(key)
            self._pool.submit(picture.thumbnail, SIDE_PX).add_done_callback(
                lambda future: self._announce(picture, future)
            )
        return found

    def stop(self) -> None:
        """Finish the one being computed and drop the rest."""
        self._stopped = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _announce(
        self, picture: PixelBuffer | CoverageBuffer, future: Future[npt.NDArray[np.uint8]]
    ) -> None:
        """In the pool thread."""
        if self._stopped:  # nobody listens any more
            return
        error = None if future.cancelled() else future.exception()
        if error is not None:
            _log.error("A thumbnail could not be made", exc_info=error)
        made = not future.cancelled() and error is None
        self._computed.emit(picture, future.result() if made else None)

    def _store(
        self, picture: PixelBuffer | CoverageBuffer, thumbnail: npt.NDArray[np.uint8] | None
    ) -> None:
        key = id(picture)
        self._waiting.discard(key)
        if thumbnail is None:
            return
        self._images[key] = to_image(thumbnail)
        weakref.finalize(picture, self._images.pop, key, None)
        self.ready.emit()


def to_image(picture: npt.NDArray[np.uint8]) -> QImage:
    """A QImage with its own copy of straight RGBA pixels (h w 4) or of coverage (h w)."""
    array = np.ascontiguousarray(picture)
    height, width = array.shape[:2]
    if array.ndim == 2:
        gray = QImage.Format.Format_Grayscale8
        return QImage(array.data, width, height, width, gray).copy()
    return QImage(array.data, width, height, width * 4, QImage.Format.Format_RGBA8888).copy()
