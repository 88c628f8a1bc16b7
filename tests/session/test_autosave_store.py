"""The autosave file: exact, only what changed is written, nothing grows without end."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from editor.document.document import Document
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer
from editor.document.state import DocumentState
from editor.document.tiles import Tile
from editor.formats.errors import FormatError
from editor.session import tile_codec
from editor.session.autosave_store import AutosaveEntry, AutosaveStore
from editor.session.tile_codec import pack
from tests.formats.filled_values import filled_state
from tests.formats.sample_documents import matrix_document, noise


def entry(state: DocumentState, name: str = "Untitled") -> AutosaveEntry:
    return AutosaveEntry(state.document_id, name, Path("/somewhere/a.layerloom"))


def large(seed: int = 1) -> DocumentState:
    """Two layers of six tiles each."""
    layers = [
        RasterLayer(pixels=noise(700, 500, seed + i), name=f"{i}", layer_id=f"layer {i}")
        for i in range(2)
    ]
    return replace(Document(700, 500, layers).snapshot(), document_id="large")


def painted(state: DocumentState, value: int) -> DocumentState:
    """One pixel of the upper layer changed."""
    layer = state.raster_layers()[-1]
    array = layer.pixels.array.copy()
    array[300, 300] = value
    new = replace(layer, pixels=PixelBuffer.from_array(array))
    return replace(state, layers=(*state.layers[:-1], new))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[AutosaveStore]:
    store = AutosaveStore(path)
    yield store
    store.close()


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Bytes of each tile that was packed."""
    sizes: list[int] = []

    def watch(tile: Tile) -> bytes:
        sizes.append(tile.byte_size)
        return pack(tile)

    monkeypatch.setattr(tile_codec, "pack", watch)
    return sizes


def rows(path: Path, table: str) -> int:
    with sqlite3.connect(path) as database:
        (count,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()
    database.close()
    return int(count)


@pytest.mark.parametrize(
    "state", [filled_state(), matrix_document().snapshot(), large()], ids=["all", "matrix", "large"]
)
def test_another_process_reads_the_exact_document(
    store: AutosaveStore, path: Path, state: DocumentState
) -> None:
    store.keep(state, entry(state, "Bild 図"))
    store.set_thumbnail(state.document_id, b"png")
    other = AutosaveStore(path)
    (found,) = other.entries()
    assert (found.name, found.path, found.thumbnail) == ("Bild 図", entry(state).path, b"png")
    assert found.saved_at > 0
    after = other.load(found.key)
    other.close()
    assert after == state
    assert after.state_hash() == state.state_hash()


def test_only_changed_tiles_are_packed_and_old_ones_go(
    store: AutosaveStore, path: Path, packed: list[int]
) -> None:
    state = large()
    store.keep(state, entry(state))
    assert len(packed) == 12
    for value in range(5):
        packed.clear()
        state = painted(state, value)
        store.keep(state, entry(state))
        assert len(packed) == 1
    assert (rows(path, "tiles"), rows(path, "blobs"), rows(path, "documents")) == (12, 2, 1)
    assert store.load(state.document_id) == state


def test_equal_tiles_are_stored_once(store: AutosaveStore, packed: list[int]) -> None:
    flat = PixelBuffer.filled(1024, 1024, (1, 2, 3, 4))
    again = PixelBuffer.from_array(flat.array)
    layers = [RasterLayer(pixels=flat), RasterLayer(pixels=again, source=flat)]
    state = Document(1024, 1024, layers).snapshot()
    store.keep(state, entry(state))
    assert len(packed) == 1
    after = store.load(state.document_id)
    assert after == state
    first, second = after.raster_layers()
    assert first.pixels is second.pixels  # shared again


def test_content_that_its_file_holds_is_ready_but_not_listed(
    store: AutosaveStore, packed: list[int]
) -> None:
    state = large()
    store.keep(state, entry(state))
    store.keep(state, None)
    assert store.entries() == []
    packed.clear()
    changed = painted(state, 9)
    store.keep(changed, entry(changed))
    assert len(packed) == 1
    assert store.load(changed.document_id) == changed


def test_the_thumbnail_stays_until_a_new_one_is_made(store: AutosaveStore) -> None:
    state = large()
    store.keep(state, entry(state))
    assert store.entries()[0].thumbnail == b""
    store.set_thumbnail(state.document_id, b"one")
    store.set_thumbnail("other", b"two")
    store.keep(painted(state, 1), entry(state))
    assert store.entries()[0].thumbnail == b"one"


def test_another_document_takes_the_place(store: AutosaveStore, path: Path) -> None:
    store.keep(large(), entry(large()))
    state = matrix_document().snapshot()
    store.keep(state, entry(state))
    assert [found.key for found in store.entries()] == [state.document_id]
    assert store.load(state.document_id) == state


def test_a_new_connection_goes_on_where_the_last_one_ended(
    store: AutosaveStore, path: Path, packed: list[int]
) -> None:
    state = large()
    store.keep(state, entry(state))
    packed.clear()
    again = AutosaveStore(path)
    changed = painted(state, 3)
    again.keep(changed, entry(changed))
    again.close()
    assert len(packed) == 1
    assert rows(path, "tiles") == 12


def test_a_failure_leaves_the_last_state(
    store: AutosaveStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = large()
    store.keep(state, entry(state))

    def fail(_tile: Tile) -> bytes:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(tile_codec, "pack", fail)
        with pytest.raises(OSError, match="No space"):
            store.keep(painted(state, 1), entry(state))
    other = AutosaveStore(path)
    assert other.load(state.document_id) == state
    other.close()
    changed = painted(state, 2)
    store.keep(changed, entry(changed))
    assert store.load(state.document_id) == changed


def test_a_full_disk_leaves_the_last_state_and_what_fits_later_is_stored(
    store: AutosaveStore, path: Path
) -> None:
    state = large()
    store.keep(state, entry(state))
    (pages,) = store._database.execute("PRAGMA page_count").fetchone()
    store._database.execute(f"PRAGMA max_page_count={pages + 4}")
    layer = RasterLayer(pixels=noise(700, 500, 9), layer_id="layer 9")
    larger = replace(state, layers=(*state.layers, layer))
    with pytest.raises(sqlite3.OperationalError, match="full"):
        store.keep(larger, entry(larger))
    other = AutosaveStore(path)
    assert other.load(state.document_id) == state
    other.close()
    store._database.execute("PRAGMA max_page_count=1000000")
    store.keep(larger, entry(larger))
    assert store.load(state.document_id) == larger


def test_damage_is_one_sentence(store: AutosaveStore, path: Path) -> None:
    state = large()
    store.keep(state, entry(state))
    with pytest.raises(FormatError, match="no longer there"):
        store.load("other")
    with sqlite3.connect(path) as database:
        database.execute("DELETE FROM tiles WHERE rowid = 1")
    database.close()
    with pytest.raises(FormatError, match="damaged"):
        store.load(state.document_id)


def test_a_file_of_a_later_version_is_refused(store: AutosaveStore, path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version=99")
    database.close()
    with pytest.raises(sqlite3.DatabaseError, match="schema 99"):
        AutosaveStore(path)
