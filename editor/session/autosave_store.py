"""The autosave file of one run: SQLite tables of documents, blobs and tiles.

Only what changed since the last commit is packed and written; what the newest state no longer uses
is removed in the same transaction. A killed process leaves the last commit: the write-ahead log
holds it, and reading it back needs no help.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from editor.document.masks import CoverageBuffer
from editor.document.pixels import PixelBuffer
from editor.document.state import DocumentState
from editor.formats.errors import FormatError
from editor.formats.plain_values import Blob, decode_state, encode_state
from editor.session.tile_codec import (
    EMPTY,
    HASH_BYTES,
    BlobKind,
    BlobShape,
    Part,
    join,
    parts_of,
    shape_of,
)
from editor.translations import tr

SCHEMA_VERSION = 1
_BUSY_S = 5.0


@dataclass(frozen=True, slots=True)
class AutosaveEntry:
    """What is known of a document besides its content.

    Attributes:
        key: The document's id.
        name: For people.
        path: Its own file; None = never saved.
        saved_at: Seconds since the epoch of the autosave.
        thumbnail: PNG; empty = none yet.
    """

    key: str
    name: str
    path: Path | None
    saved_at: float = 0.0
    thumbnail: bytes = b""


class AutosaveStore:
    """One connection; used by one thread at a time.

    Raises sqlite3.Error or OSError, FormatError when what is read back is damaged, and ValueError
    or TypeError when a row that lists it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = sqlite3.connect(
            path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
        )
        self._known: dict[int, tuple[Blob, bytes]] = {}  # blobs of the last state, by identity
        try:
            self._prepare()
            rows = self._database.execute("SELECT hash, tiles FROM blobs")
            self._blob_tiles = {key: frozenset(_hashes(listed)) - {EMPTY} for key, listed in rows}
        except BaseException:
            self._database.close()
            raise

    def _prepare(self) -> None:
        # NORMAL: a killed process loses nothing; a power cut may lose the last seconds, never more.
        for setting in ("journal_mode=WAL", "synchronous=NORMAL", "journal_size_limit=33554432"):
            self._database.execute(f"PRAGMA {setting}")
        (version,) = self._database.execute("PRAGMA user_version").fetchone()
        if version not in (0, SCHEMA_VERSION):
            raise sqlite3.DatabaseError(f"autosave schema {version}")
        self._database.executescript(
            """
            CREATE TABLE IF NOT EXISTS documents (
                key TEXT PRIMARY KEY, saved_at REAL, name TEXT, path BLOB, state TEXT,
                thumbnail BLOB);
            CREATE TABLE IF NOT EXISTS blobs (
                hash BLOB PRIMARY KEY, kind TEXT, width INTEGER, height INTEGER,
                x INTEGER, y INTEGER, tiles BLOB);
            CREATE TABLE IF NOT EXISTS tiles (hash BLOB PRIMARY KEY, data BLOB);
            """
        )
        self._database.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    def close(self) -> None:
        self._database.close()

    # Writing

    def keep(self, state: DocumentState, entry: AutosaveEntry | None) -> None:
        """Make this the content of the file.

        Args:
            entry: Describes a document that is lost without this; None for one that its own file
                holds too: its tiles are kept ready, so that the first change is quick to store.
                Its picture is the last one, see `set_thumbnail`.
        """
        saving = _Saving(self._database, self._known, self._blob_tiles)
        self._database.execute("BEGIN IMMEDIATE")
        try:
            text = json.dumps(encode_state(state, saving.put), separators=(",", ":"))
            self._replace_entry(entry, text)
            saving.remove_unused()
            self._database.execute("COMMIT")
        except BaseException:
            self._rollback()
            raise
        self._known, self._blob_tiles = saving.kept, saving.blob_tiles

    def set_thumbnail(self, key: str, picture: bytes) -> None:
        """Give a stored document its picture; nothing happens when it is no longer stored."""
        row = (picture, json.dumps(key))
        self._database.execute("UPDATE documents SET thumbnail = ? WHERE key = ?", row)

    def _replace_entry(self, entry: AutosaveEntry | None, text: str) -> None:
        if entry is None:
            self._database.execute("DELETE FROM documents")
            return
        path = None if entry.path is None else os.fsencode(entry.path)
        key = json.dumps(entry.key)  # as JSON, texts may hold half characters
        row = (key, time.time(), json.dumps(entry.name), path, text, self._thumbnail(entry.key))
        self._database.execute("DELETE FROM documents WHERE key != ?", (key,))
        self._database.execute("REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?)", row)

    def _rollback(self) -> None:
        if self._database.in_transaction:  # a full disk may have ended it already
            self._database.execute("ROLLBACK")

    def _thumbnail(self, key: str) -> bytes:
        found = self._database.execute(
            "SELECT thumbnail FROM documents WHERE key = ?", (json.dumps(key),)
        )
        row = found.fetchone()
        return bytes(row[0]) if row else b""

    # Reading

    def entries(self) -> list[AutosaveEntry]:
        """Stored documents, the newest first."""
        rows = self._database.execute(
            "SELECT key, name, path, saved_at, thumbnail FROM documents ORDER BY saved_at DESC"
        )
        return [
            AutosaveEntry(
                json.loads(key),
                json.loads(name),
                None if path is None else Path(os.fsdecode(path)),
                saved_at,
                picture,
            )
            for key, name, path, saved_at, picture in rows
        ]

    def load(self, key: str) -> DocumentState:
        """The content of a stored document."""
        found = self._database.execute(
            "SELECT state FROM documents WHERE key = ?", (json.dumps(key),)
        )
        row = found.fetchone()
        if row is None:
            raise FormatError(tr("The autosaved document is no longer there."))
        try:
            return decode_state(json.loads(row[0]), _Loading(self._database))
        except (ValueError, TypeError) as error:
            raise FormatError(tr("The autosaved document is damaged."), str(error)) from error

    def discard(self, key: str) -> None:
        """Remove a stored document; its tiles go with the file."""
        self._database.execute("DELETE FROM documents WHERE key = ?", (json.dumps(key),))


class _Saving:
    """Stores the blobs of one state; `kept` are those it uses."""

    def __init__(
        self,
        database: sqlite3.Connection,
        known: dict[int, tuple[Blob, bytes]],
        blob_tiles: dict[bytes, frozenset[bytes]],
    ) -> None:
        self._database = database
        self._known = known
        self._stored = blob_tiles
        self._stored_tiles = frozenset().union(*blob_tiles.values())
        self._new_tiles: set[bytes] = set()
        self.kept: dict[int, tuple[Blob, bytes]] = {}
        self.blob_tiles: dict[bytes, frozenset[bytes]] = {}

    def put(self, blob: Blob) -> str:
        found = self._known.get(id(blob)) or self.kept.get(id(blob))
        key = self._store(blob) if found is None else found[1]
        self.kept[id(blob)] = (blob, key)  # holding it keeps its identity from being used again
        if key not in self.blob_tiles:
            self.blob_tiles[key] = self._stored[key]
        return key.hex()

    def _store(self, blob: Blob) -> bytes:
        shape = shape_of(blob)
        hashes = []
        for part in parts_of(blob):
            hashes.append(part.content_hash)
            self._store_part(part)
        listed = b"".join(hashes)
        row = (shape.kind.value, shape.width, shape.height, *shape.origin, listed)
        key = hashlib.blake2b(repr(row).encode(), digest_size=HASH_BYTES).digest()
        if key not in self._stored:
            self._database.execute("REPLACE INTO blobs VALUES (?, ?, ?, ?, ?, ?, ?)", (key, *row))
        self.blob_tiles[key] = frozenset(hashes) - {EMPTY}
        return key

    def _store_part(self, part: Part) -> None:
        name = part.content_hash
        if name == EMPTY or name in self._stored_tiles or name in self._new_tiles:
            return
        self._new_tiles.add(name)
        self._database.execute("REPLACE INTO tiles VALUES (?, ?)", (name, part.packed))

    def remove_unused(self) -> None:
        """Delete what the last state used and this one does not."""
        self._delete("blobs", self._stored.keys() - self.blob_tiles.keys())
        used = frozenset().union(*self.blob_tiles.values())
        self._delete("tiles", self._stored_tiles - used)

    def _delete(self, table: str, hashes: Iterable[bytes]) -> None:
        rows = [(one,) for one in hashes]
        self._database.executemany(f"DELETE FROM {table} WHERE hash = ?", rows)  # noqa: S608


class _Loading:
    """Reads blobs back; equal ones become one object again."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._loaded: dict[str, Blob] = {}

    def pixels(self, key: str) -> PixelBuffer:
        blob = self._load(key)
        if not isinstance(blob, PixelBuffer):
            raise ValueError("not pixels")
        return blob

    def coverage(self, key: str) -> CoverageBuffer:
        blob = self._load(key)
        if not isinstance(blob, CoverageBuffer):
            raise ValueError("not coverage")
        return blob

    def data(self, key: str) -> bytes:
        blob = self._load(key)
        if not isinstance(blob, bytes):
            raise ValueError("not bytes")
        return blob

    def _load(self, key: str) -> Blob:
        if key not in self._loaded:
            found = self._database.execute(
                "SELECT kind, width, height, x, y, tiles FROM blobs WHERE hash = ?",
                (bytes.fromhex(key),),
            )
            row = found.fetchone()
            if row is None:
                raise ValueError(f"no blob {key}")
            kind, width, height, x, y, listed = row
            shape = BlobShape(BlobKind(kind), width, height, (x, y))
            self._loaded[key] = join(shape, [self._part(one) for one in _hashes(listed)])
        return self._loaded[key]

    def _part(self, name: bytes) -> bytes | None:
        if name == EMPTY:
            return None
        found = self._database.execute("SELECT data FROM tiles WHERE hash = ?", (name,))
        row = found.fetchone()
        if row is None:
            raise ValueError("a tile is missing")
        return bytes(row[0])


def _hashes(listed: bytes) -> list[bytes]:
    """Hashes of tiles as they are stored: one behind the other."""
    return [listed[i : i + HASH_BYTES] for i in range(0, len(listed), HASH_BYTES)]
