"""Packed pixels of earlier exports, found by content: a second export packs only what changed.

The bytes stay in the file that was exported last; kept in memory is only where they lie. A file
that was changed since is not used.
"""

from __future__ import annotations

import os
import threading
import zlib
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from editor.formats.psd_file import Place
from editor.formats.psd_packing import Packed

_MOST_PLACES = 4096


@dataclass(frozen=True, slots=True)
class _Known:
    path: Path
    file_state: tuple[int, int, int]
    place: Place


class PlaneCache:
    """Places by key; the least recently used are forgotten. Any thread."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Hashable) -> Packed | None:
        """The packed channels of an earlier export; None when they are not there any more."""
        with self._lock:
            known = self._known.get(key)
        if known is None:
            return None
        data = _read(known)
        with self._lock:
            if data is None:
                self._known.pop(key, None)
                return None
            if key in self._known:
                self._known.move_to_end(key)
        return Packed(data, known.place.lengths)

    def remember(self, path: Path, places: dict[Hashable, Place]) -> None:
        """Places in a file that was just written completely."""
        try:
            file_state = _state(path.stat())
        except OSError:
            return
        with self._lock:
            for key, place in places.items():
                self._known[key] = _Known(path, file_state, place)
                self._known.move_to_end(key)
            while len(self._known) > _MOST_PLACES:
                self._known.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._known.clear()


def _read(known: _Known) -> bytes | None:
    try:
        with known.path.open("rb") as file:
            if _state(os.fstat(file.fileno())) != known.file_state:
                return None
            return _read_place(file, known.place)
    except OSError:
        return None


def _read_place(file: BinaryIO, place: Place) -> bytes | None:
    file.seek(place.offset)
    data = file.read(place.size)
    fits = len(data) == place.size and zlib.crc32(data) == place.checksum
    return data if fits else None


def _state(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


shared = PlaneCache()  # of the whole process
