"""Compresses what undo holds, one after another in a thread beside the interface."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

from editor.document.packed_tiles import PackedTiles


class Packer:
    """Packs differences of tiles once each. All documents share one thread."""

    def __init__(self) -> None:
        self._last: Future[None] | None = None

    def pack(self, packs: Iterable[PackedTiles]) -> None:
        """Compress these soon; returns at once."""
        for pack in packs:
            if not pack.is_packed and pack.claim():
                self._last = _worker().submit(pack.pack)

    def finish(self) -> None:
        """Wait until all that was handed over is compressed or given up."""
        if self._last is not None:
            self._last.result()


@cache
def _worker() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="undo")
