"""Writes the native format: an OpenRaster file with a folder of our own, saved incrementally.

What the last save of the same document already holds is copied without being encoded again: members
are named by the hash of their content. See README.md in this folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from editor.document.compositor import CompositingCancelled, HasState, composite
from editor.document.layers import RasterLayer
from editor.document.masks import CoverageBuffer, Mask, product
from editor.document.pixels import PixelBuffer, RgbaArray
from editor.document.state import DocumentState
from editor.formats import native_layout as layout
from editor.formats.atomic_save import atomic_write, check_writable
from editor.formats.errors import FormatError, SaveCancelled
from editor.formats.native_reader import SavedMembers
from editor.formats.ora_stack import Placed, write_stack
from editor.formats.plain_values import Blob, FieldError, encode_state
from editor.formats.png_planes import encode_coverage, encode_rgba
from editor.formats.waiting import Cancelled, Progress, ignore, never
from editor.translations import tr

_WORKERS = min(4, os.cpu_count() or 1)
_LOOK_AHEAD = 2 * _WORKERS  # encoded pictures that may wait in memory
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # equal documents give equal bytes
_MERGED_SHARE = 0.5  # of the progress: compositing takes about as long as everything else


def write_native(
    document: DocumentState | HasState,
    path: str | os.PathLike[str],
    *,
    reuse: Iterable[Path] = (),
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> None:
    """Save everything of a document, for exactly the same document when it is opened.

    Args:
        document: In another thread than the interface's: a snapshot.
        reuse: Earlier files of the document whose members may be copied, besides `path` itself.
        progress: Called with 0..1 after each step, in this thread.
        cancelled: Asked between steps; True stops.

    Equal documents give equal bytes, whatever is reused. Raises FormatError (the target stays as it
    was), or SaveCancelled.
    """
    state = document if isinstance(document, DocumentState) else document.snapshot()
    check_writable(path)
    target = Path(path)
    steps = _Steps(progress or ignore, cancelled or never)
    try:
        _write(state, target, _distinct(target, reuse), steps)
    except FieldError as error:
        raise FormatError(
            tr("{target} was not saved: {message}", target=target, message=error.message),
            error.detail,
        ) from error
    except (CompositingCancelled, KeyboardInterrupt) as error:
        raise SaveCancelled from error
    except MemoryError as error:
        raise FormatError(
            tr(
                "There is not enough memory to save {target}; close other programs and try again.",
                target=target,
            )
        ) from error


@dataclass
class _Steps:
    """Progress and cancelling of one save."""

    progress: Progress
    cancelled: Cancelled

    def check(self) -> None:
        if self.cancelled():
            raise SaveCancelled


@dataclass
class _Content:
    """Blobs of a document by the path of their member, each once."""

    blobs: dict[str, Blob] = field(default_factory=dict)

    def put(self, blob: Blob) -> str:
        digest = _digest(blob) if isinstance(blob, bytes) else blob.content_hash
        member = layout.member_of(blob, digest)
        self.blobs[member] = blob
        return member


@dataclass(frozen=True)
class _Masked:
    """A layer's pixels with its mask worked in, for programs that know no masks."""

    layer: RasterLayer
    mask: Mask

    @property
    def member(self) -> str:
        mask = self.mask
        key = f"{mask.coverage.content_hash}{mask.offset}{mask.outside}{self.layer.offset}"
        name = f"{self.layer.pixels.content_hash}-{_digest(key.encode())}"
        return f"data/{name}.png"

    def pixels(self) -> RgbaArray:
        array = self.layer.pixels.array.copy()
        array[..., 3] = product(array[..., 3], self.mask.read(self.layer.bounds))
        return array


def _write(state: DocumentState, target: Path, earlier: list[Path], steps: _Steps) -> None:
    content = _Content()
    values = encode_state(state, content.put)
    masked: dict[str, _Masked] = {}

    def place(layer: RasterLayer) -> Placed:
        if layer.mask is None or not layer.mask.enabled:
            return Placed(content.put(layer.pixels), *layer.offset)
        shown = _Masked(layer, layer.mask)
        masked[shown.member] = shown
        return Placed(shown.member, *layer.offset)

    stack = write_stack(state, place)
    sources: dict[str, Blob | _Masked] = {**content.blobs, **masked}
    with atomic_write(target) as file, ExitStack() as closing:
        # Closed before the target is replaced: Windows replaces no open file.
        saved = [closing.enter_context(SavedMembers(path)) for path in earlier]
        archive = closing.enter_context(zipfile.ZipFile(file, "w"))
        members: dict[str, list[int]] = {}

        def add(name: str, data: bytes) -> None:
            steps.check()
            info = zipfile.ZipInfo(name, _FIXED_TIME)
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
            members[name] = [zlib.crc32(data), len(data)]

        add("mimetype", layout.MIMETYPE)  # first and stored, where file managers look
        add(layout.STACK, stack)
        for done, (name, data) in enumerate(_encoded(sources, saved), 1):
            add(name, data)
            steps.progress((1 - _MERGED_SHARE) * done / (len(sources) + 1))
        merged = composite(state, cancelled=steps.cancelled)
        add(layout.MERGED, encode_rgba(merged))
        add(layout.THUMBNAIL, encode_rgba(_thumbnail(merged)))
        manifest = {
            "format": "layerloom",
            "schema_version": layout.SCHEMA_VERSION,
            "members": members,
            **values,
        }
        add(layout.MANIFEST, _json(manifest))
    steps.progress(1.0)


def _encoded(
    sources: dict[str, Blob | _Masked], saved: list[SavedMembers]
) -> Iterator[tuple[str, bytes]]:
    """Every member's bytes in order: copied where an earlier file has them, else encoded."""

    def make(name: str) -> bytes:
        for old in saved:
            data = old.copy(name)
            if data is not None:
                return data
        return _encode(sources[name])

    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="encode") as pool:
        waiting: deque[tuple[str, Future[bytes]]] = deque()
        names = iter(sources)
        try:
            while True:
                while len(waiting) < _LOOK_AHEAD and (name := next(names, None)) is not None:
                    waiting.append((name, pool.submit(make, name)))
                if not waiting:
                    return
                name, future = waiting.popleft()
                yield name, future.result()
        finally:
            for _, future in waiting:
                future.cancel()


def _encode(source: Blob | _Masked) -> bytes:
    if isinstance(source, _Masked):
        return encode_rgba(source.pixels())
    if isinstance(source, PixelBuffer):
        return encode_rgba(source.array)
    return encode_coverage(source.array) if isinstance(source, CoverageBuffer) else source


def _thumbnail(picture: RgbaArray) -> RgbaArray:
    whole = PixelBuffer.from_array(picture, copy=False)
    return whole.thumbnail(layout.THUMBNAIL_SIDE_PX)


def _json(values: object) -> bytes:
    try:
        text = json.dumps(values, allow_nan=False, separators=(",", ":"))
    except ValueError as error:
        raise FieldError(tr("a number in it is not finite."), str(error)) from error
    return text.encode("ascii")


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _distinct(target: Path, others: Iterable[Path]) -> list[Path]:
    return list(dict.fromkeys([target, *others]))
