"""Whether the pixels of a layer are still those that were generated; hashed in a pool thread."""

from __future__ import annotations

import weakref
from concurrent.futures import ThreadPoolExecutor

from PySide6.QtCore import QObject, Qt, Signal

from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer


class EditCheck(QObject):
    """Answers about one layer at a time, and says when it knows.

    Signals:
        ready: The answer about the layer asked about last can be had.
    """

    ready = Signal()
    _hashed = Signal(object, str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pixels: weakref.ref[PixelBuffer] | None = None
        self._hash = ""
        self._stopped = False
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hashes")
        self._hashed.connect(self._store, Qt.ConnectionType.QueuedConnection)

    def edited(self, layer: RasterLayer) -> bool | None:
        """Whether the layer has other pixels than its record says; None = not known (yet).

        Pixels that were only scaled here are not other pixels.
        """
        recorded = layer.record.pixel_hash if layer.record is not None else ""
        if not recorded or self._stopped:
            return None
        pixels = layer.original
        if self._pixels is None or self._pixels() is not pixels:
            self._pixels, self._hash = weakref.ref(pixels), ""
            self._pool.submit(lambda: self._hashed.emit(pixels, pixels.content_hash))
        return self._hash != recorded if self._hash else None

    def stop(self) -> None:
        """Finish the hash being computed and drop the rest."""
        self._stopped = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _store(self, pixels: PixelBuffer, content_hash: str) -> None:
        if self._pixels is not None and self._pixels() is pixels:
            self._hash = content_hash
            self.ready.emit()
