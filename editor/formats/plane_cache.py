"""Packed pixels of earlier exports, found by content: a second export packs only what changed.

The bytes stay in the file that was exported last; kept in memory is only where they lie. A file
that was changed since is not used.
"""

from __future__ import annotations

import os
import threading
import zlib
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from editor.formats.psd_file import Place
from editor.formats.psd_packing import Packed, Piece, Rows, Span

_MOST_PLACES = 20_000


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it was when it had just been written."""

    path: Path
    state: tuple[int, int, int]

    def open(self) -> FileIO | None:
        """None when it is not the same file any more."""
        try:
            file = FileIO(self.path)
        except OSError:
            return None
        if _state(os.fstat(file.fileno())) == self.state:
            return file
        file.close()
        return None

    def is_the_same(self) -> bool:
        try:
            return _state(self.path.stat()) == self.state
        except OSError:
            return False


@dataclass(frozen=True, slots=True)
class _KnownPiece:
    file: _File
    offset: int
    piece: Piece

    def read(self) -> bytes | None:
        opened = self.file.open()
        if opened is None:
            return None
        with opened:
            opened.seek(self.offset)
            return opened.read(int(self.piece.lengths.sum()))


class PlaneCache:
    """Places by key; the least recently used are forgotten. Any thread."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, tuple[_File, Place] | _KnownPiece] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Hashable) -> Packed | None:
        """The packed channels of an earlier export; None when they are not there any more.

        They are read when they are written; their checksum is for the caller to compare.
        """
        known = self._look_up(key)
        if not isinstance(known, tuple):
            return None
        file, place = known
        if not file.is_the_same():
            self._forget(key)
            return None
        span = Span(file.open, place.offset, place.size)
        return Packed((span,), place.lengths, place.checksum, place.pieces)

    def find_rows(self, key: Hashable) -> Rows | None:
        """As `find`, for a band of one plane, which is read and compared at once."""
        known = self._look_up(key)
        if not isinstance(known, _KnownPiece):
            return None
        data, piece = known.read(), known.piece
        if data is None or zlib.crc32(data) != piece.checksum:
            self._forget(key)
            return None
        return Rows(data, piece.lengths, piece.checksum, key)

    def remember(self, path: Path, places: Iterable[tuple[Hashable | None, Place]]) -> None:
        """Places in a file that was just written completely; without a key their pieces alone."""
        try:
            file = _File(path, _state(path.stat()))
        except OSError:
            return
        for key, place in places:
            if key is not None:
                self._keep(key, (file, place))
            for piece in place.pieces:
                self._keep(piece.key, _KnownPiece(file, place.offset + piece.offset, piece))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._known.clear()

    def _look_up(self, key: Hashable) -> tuple[_File, Place] | _KnownPiece | None:
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def _keep(self, key: Hashable, known: tuple[_File, Place] | _KnownPiece) -> None:
        with self._lock:
            self._known[key] = known
            self._known.move_to_end(key)
            if len(self._known) > _MOST_PLACES:
                self._known.popitem(last=False)

    def _forget(self, key: Hashable) -> None:
        with self._lock:
            self._known.pop(key, None)


def _state(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


shared = PlaneCache()  # of the whole process
