"""Reads OpenRaster files: ours exactly, those of other programs as far as the format goes.

A file is read whole or refused with one sentence; nothing in it is trusted.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, TypeVar

from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.masks import CoverageBuffer
from editor.document.pixels import PixelBuffer
from editor.document.state import DocumentState
from editor.formats import native_layout as layout
from editor.formats.errors import FormatError
from editor.formats.memory_limit import max_pixel_bytes
from editor.formats.ora_stack import Stack, StackError, StackNode, read_stack
from editor.formats.plain_values import FieldError, decode_state
from editor.formats.png_planes import (
    PngError,
    PngHeader,
    decode_coverage,
    decode_rgba,
    read_header,
)
from editor.formats.zip_reader import ZipReader
from editor.translations import tr

_WORKERS = min(4, os.cpu_count() or 1)
_HEADER_BYTES = 64
_Picture = TypeVar("_Picture", PixelBuffer, CoverageBuffer)


@dataclass(frozen=True, slots=True)
class OraFile:
    """What was read.

    Attributes:
        is_exact: The document is what we saved; False for a file of another program, which may
            hold more than was read.
        notes: Sentences for the user about what could not be kept.
    """

    document: Document
    is_exact: bool
    notes: tuple[str, ...] = ()


def read_native(path: str | os.PathLike[str]) -> OraFile:
    """Open a native or OpenRaster file. Raises FormatError with one sentence that names it."""
    with ZipReader(path) as archive:
        try:
            return _read(archive)
        except (PngError, StackError) as error:
            raise archive.error(str(error), error) from error
        except FieldError as error:
            text = tr("{path} is damaged: {problem}", path=archive.path, problem=error.message)
            raise FormatError(text, error.detail) from error
        except DocumentError as error:
            raise FormatError(f"{archive.path}: {error.message}", error.detail) from error
        except MemoryError as error:
            raise archive.error(
                tr("needs more memory than there is; close other programs")
            ) from error


class SavedMembers:
    """Members of an earlier save that may be copied into the next one; a context manager.

    Only those whose checksum is what we wrote, of a file that we wrote last. Safe for threads.
    """

    def __init__(self, path: Path) -> None:
        self._archive: ZipReader | None = None
        self._written: dict[str, Any] = {}
        self._lock = Lock()  # one file position for all threads
        try:
            archive = ZipReader(path)
        except FormatError:  # not there yet, or not a zip file: nothing to copy
            return
        self._archive = archive
        try:
            manifest = _read_manifest(archive)
            if manifest is not None and _is_unchanged(archive, manifest):
                self._written = manifest["members"]
        except FormatError:
            pass

    def __enter__(self) -> SavedMembers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._archive is not None:
            self._archive.close()

    def copy(self, name: str) -> bytes | None:
        """A member as it was written, or None when it must be encoded."""
        if self._archive is None or not _matches(self._archive, name, self._written.get(name)):
            return None
        try:
            with self._lock:
                return self._archive.read(name, self._archive.size(name))
        except FormatError:
            return None


def _read(archive: ZipReader) -> OraFile:
    if "mimetype" not in archive:
        raise archive.error(tr("is neither a Layerloom nor an OpenRaster file; open another"))
    if archive.read("mimetype", 256).strip() != layout.MIMETYPE:
        raise archive.error(tr("is neither a Layerloom nor an OpenRaster file; open another"))
    manifest = _read_manifest(archive)
    if manifest is not None and _is_unchanged(archive, manifest):
        with _Blobs(archive, [name for name in manifest["members"] if name in archive]) as blobs:
            state = decode_state(manifest, blobs)
        return OraFile(Document.from_state(state), is_exact=True)
    return _read_foreign(archive)


def _read_manifest(archive: ZipReader) -> dict[str, Any] | None:
    """Our manifest; None when another program made the file."""
    if layout.MANIFEST not in archive:
        return None
    data = archive.read(layout.MANIFEST, layout.MAX_MANIFEST_BYTES)
    try:
        manifest = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise archive.error(tr("has a damaged manifest; open a backup of it"), error) from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("members"), dict):
        raise archive.error(tr("has a damaged manifest; open a backup of it"))
    version = manifest.get("schema_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise archive.error(tr("has a manifest without a version; open a backup of it"))
    if version > layout.SCHEMA_VERSION:
        raise archive.error(tr("was saved by a newer version of Layerloom; open it with that one"))
    return manifest


def _is_unchanged(archive: ZipReader, manifest: dict[str, Any]) -> bool:
    """Whether the layer list is still ours: other programs rewrite it when they save."""
    return _matches(archive, layout.STACK, manifest["members"].get(layout.STACK))


def _matches(archive: ZipReader, name: str, written: object) -> bool:
    return (
        isinstance(written, list) and name in archive and list(archive.check_value(name)) == written
    )


class _Blobs:
    """Pictures of a file, decoded ahead by a few threads; a context manager.

    Their sizes are added up from the headers before the first is decoded.
    """

    def __init__(self, archive: ZipReader, names: list[str]) -> None:
        self._archive = archive
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="decode")
        self._headers = {name: self._header(name) for name in names if name.endswith(".png")}
        self._check_total()
        self._pictures: dict[str, Future[Any]] = {}
        for name in self._headers:
            if name not in (layout.MERGED, layout.THUMBNAIL):
                self._pictures[name] = self._pool.submit(self._decoded, name)

    def __enter__(self) -> _Blobs:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def pixels(self, key: str) -> PixelBuffer:
        return self._picture(key, PixelBuffer)

    def coverage(self, key: str) -> CoverageBuffer:
        return self._picture(key, CoverageBuffer)

    def data(self, key: str) -> bytes:
        is_stored = self._archive.is_stored(key)
        limit = layout.MAX_STORED_BYTES if is_stored else layout.MAX_DATA_BYTES
        with self._lock:
            return self._archive.read(key, limit)

    def _picture(self, key: str, kind: type[_Picture]) -> _Picture:
        if key not in self._pictures:
            raise self._archive.error(tr("lacks {key!a}; open a backup of it", key=key[:60]))
        found = self._pictures[key].result()
        if not isinstance(found, kind):
            raise self._archive.error(tr("uses {key!a} for something else", key=key[:60]))
        return found

    def _header(self, name: str) -> PngHeader:
        try:
            return read_header(self._archive.read_start(name, _HEADER_BYTES))
        except PngError as error:
            raise PngError(tr("is damaged: {name} {error}", name=name, error=error)) from error

    def _check_total(self) -> None:
        total = sum(4 * header.width * header.height for header in self._headers.values())
        if total > max_pixel_bytes():
            raise self._archive.error(tr("needs more memory than this computer has"))

    def _decoded(self, name: str) -> PixelBuffer | CoverageBuffer:
        header = self._headers[name]
        limit = layout.max_png_bytes(header.width, header.height, 8)
        with self._lock:
            data = self._archive.read(name, limit)
        try:
            if name.startswith("x-layerloom/masks/"):
                return CoverageBuffer.from_array(decode_coverage(data), copy=False)
            return PixelBuffer.from_array(decode_rgba(data), copy=False)
        except PngError as error:
            raise PngError(tr("is damaged: {name} {error}", name=name, error=error)) from error


# Files of other programs


def _read_foreign(archive: ZipReader) -> OraFile:
    stack = read_stack(archive.read(layout.STACK, layout.MAX_STACK_BYTES))
    names = list(dict.fromkeys(_pictures_of(stack.nodes)))
    missing = [name for name in names if name not in archive]
    if missing:
        raise archive.error(tr("lacks {key!a}; open a backup of it", key=missing[0][:60]))
    wrong = [name for name in names if not name.lower().endswith(".png")]
    if wrong:
        raise archive.error(tr("holds a layer that is no PNG picture ({key!a})", key=wrong[0][:60]))
    notes: list[str] = []
    with _Blobs(archive, names) as blobs:
        layers = _layers(stack.nodes, blobs, notes)
    state = DocumentState(
        width=stack.width, height=stack.height, layers=layers, **_resolution(stack)
    )
    return OraFile(Document.from_state(state), is_exact=False, notes=tuple(dict.fromkeys(notes)))


def _resolution(stack: Stack) -> dict[str, Any]:
    return {} if stack.resolution_ppi is None else {"resolution_ppi": float(stack.resolution_ppi)}


def _pictures_of(nodes: list[StackNode]) -> list[str]:
    found = []
    for node in nodes:
        if node.picture is not None:
            found.append(node.picture.member)
        found.extend(_pictures_of(node.children or []))
    return found


def _layers(nodes: list[StackNode], blobs: _Blobs, notes: list[str]) -> tuple[Layer, ...]:
    return tuple(_layer(node, blobs, notes) for node in reversed(nodes))


def _layer(node: StackNode, blobs: _Blobs, notes: list[str]) -> Layer:
    if node.unknown_op:
        shown = node.unknown_op[:40]
        notes.append(
            tr(
                'The blend mode "{name}" is not known here; those layers are Normal now.',
                name=shown,
            )
        )
    common: dict[str, Any] = {
        "name": node.name,
        "opacity": node.opacity,
        "visible": node.visible,
        "locked": node.locked,
        "clipped": node.clipped,
        "blend_mode": node.blend_mode,
    }
    if node.picture is None:
        return GroupLayer(children=_layers(node.children or [], blobs, notes), **common)
    return RasterLayer(
        pixels=blobs.pixels(node.picture.member),
        offset=(node.picture.x, node.picture.y),
        **common,
    )
