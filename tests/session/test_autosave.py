"""The autosave thread: the newest snapshot wins, trouble is said once, and it comes back."""

from __future__ import annotations

import io
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from editor.document.document import Document
from editor.document.state import DocumentState
from editor.formats.errors import FormatError
from editor.session import autosave
from editor.session.autosave import Autosaver, Offer, thumbnail, trouble_text
from editor.session.autosave_store import AutosaveStore
from tests.formats.sample_documents import matrix_document, simple_document
from tests.session.test_autosave_store import entry, large, painted

LIMIT_S = 60.0


def wait_for(condition: Callable[[], bool]) -> None:
    waker = threading.Event()
    for _ in range(round(LIMIT_S / 0.005)):
        if condition():
            return
        waker.wait(0.005)
    raise AssertionError("nothing happened")


def unsaved(state: DocumentState) -> Offer:
    return Offer(state, entry(state))


class Watched:
    """An autosaver with what it said."""

    def __init__(self, folder: Path) -> None:
        self.trouble: list[str | None] = []
        self.stored: list[DocumentState] = []
        self.path = folder / "runs" / "a.sqlite"
        self.saver = Autosaver(
            self.path,
            on_trouble=self.trouble.append,
            on_stored=lambda offer: self.stored.append(offer.state),
            pause_s=0.0,
            retry_s=0.01,
        )

    def stored_hash(self, key: str) -> str:
        store = AutosaveStore(self.path)
        try:
            return store.load(key).state_hash()
        finally:
            store.close()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(tmp_path)
    yield watched
    watched.saver.close(remove=True)
    assert not list(tmp_path.glob("runs/*"))


def test_what_is_offered_can_be_read_by_others_while_it_runs(watched: Watched) -> None:
    state = matrix_document().snapshot()
    watched.saver.offer(unsaved(state))
    assert watched.saver.wait_stored(LIMIT_S)
    assert watched.stored == [state]
    assert watched.stored_hash(state.document_id) == state.state_hash()
    assert watched.trouble == []


def test_the_newest_offer_replaces_one_that_waits(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, begun = threading.Event(), threading.Event()
    keep = AutosaveStore.keep

    def slow(store: AutosaveStore, *arguments: object) -> None:
        begun.set()
        assert go_on.wait(LIMIT_S)
        keep(store, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(AutosaveStore, "keep", slow)
    states = [large(), *(painted(large(), value) for value in range(3))]
    watched.saver.offer(unsaved(states[0]))
    assert begun.wait(LIMIT_S)
    for state in states[1:]:
        watched.saver.offer(unsaved(state))
    go_on.set()
    assert watched.saver.wait_stored(LIMIT_S)
    assert watched.stored == [states[0], states[3]]


def test_an_unwritable_folder_is_said_once_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("in the way")
    watched = Watched(tmp_path)
    for value in range(4):
        watched.saver.offer(unsaved(painted(large(), value)))
        watched.saver.wait_stored(0.02)
    wait_for(lambda: len(watched.trouble) == 1)
    said = watched.trouble[0]
    assert said is not None
    assert said.startswith("Autosave is off")
    assert str(tmp_path / "runs") in said
    (tmp_path / "runs").unlink()
    wait_for(lambda: watched.trouble[1:] == [None])
    wait_for(lambda: bool(watched.stored))
    assert watched.stored[-1] == painted(large(), 3)
    watched.saver.close(remove=True)


def test_a_full_disk_keeps_the_last_good_state(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = large()
    watched.saver.offer(unsaved(first))
    assert watched.saver.wait_stored(LIMIT_S)
    keep = AutosaveStore.keep

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(AutosaveStore, "keep", full)
    watched.saver.offer(unsaved(painted(first, 1)))
    wait_for(lambda: bool(watched.trouble))
    assert "is full. Free some space." in str(watched.trouble[0])
    assert watched.stored_hash(first.document_id) == first.state_hash()
    monkeypatch.setattr(AutosaveStore, "keep", keep)
    wait_for(lambda: watched.trouble[1:] == [None])
    assert watched.stored_hash(first.document_id) == painted(first, 1).state_hash()


def test_a_damaged_file_is_begun_anew(watched: Watched) -> None:
    watched.path.parent.mkdir()
    watched.path.write_bytes(b"no database" * 500)
    state = large()
    watched.saver.offer(unsaved(state))
    wait_for(lambda: bool(watched.stored))
    assert watched.stored_hash(state.document_id) == state.state_hash()


def test_an_error_of_the_program_does_not_end_the_thread(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patched:
        patched.setattr(AutosaveStore, "keep", broken)
        watched.saver.offer(unsaved(large()))
        wait_for(lambda: bool(watched.trouble))
    wait_for(lambda: bool(watched.stored))
    assert "the log has the details" in str(watched.trouble[0])


def test_a_slow_or_failing_thumbnail_holds_nothing_up(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def slow(_state: DocumentState, **_: object) -> bytes:
        assert go_on.wait(LIMIT_S)
        raise RuntimeError("no picture")

    monkeypatch.setattr(autosave, "thumbnail", slow)
    watched.saver.offer(unsaved(large()))
    assert watched.saver.wait_stored(LIMIT_S)
    watched.saver.offer(unsaved(painted(large(), 1)))
    assert watched.saver.wait_stored(LIMIT_S)
    assert len(watched.stored) == 2
    go_on.set()
    assert watched.saver.wait_stored(LIMIT_S, with_picture=True)
    assert watched.trouble == []


def test_the_thumbnail_follows_the_document(watched: Watched) -> None:
    watched.saver.offer(unsaved(large()))
    assert watched.saver.wait_stored(LIMIT_S, with_picture=True)
    store = AutosaveStore(watched.path)
    (found,) = store.entries()
    store.close()
    assert found.thumbnail == thumbnail(large())


def test_closing_stores_what_waits_or_removes_everything(tmp_path: Path) -> None:
    for remove in (False, True):
        watched = Watched(tmp_path)
        watched.saver.offer(unsaved(large()))
        watched.saver.close(remove=remove)
        assert watched.path.exists() is not remove


def test_the_thumbnail_is_small_and_keeps_the_shape() -> None:
    for document, size in ((simple_document(), (128, 96)), (Document(3000, 1000), (128, 43))):
        with Image.open(io.BytesIO(thumbnail(document.snapshot()))) as image:
            assert image.size == size


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device"), "is full"),
        (PermissionError(13, "Permission denied"), "cannot be written"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "cannot be written"),
        (FormatError("its groups are nested too deep."), "nested too deep. Save"),
        (sqlite3.OperationalError("database or disk is full"), "is full"),
        (PermissionError(13, "no", "/home/fuller/x"), "cannot be written"),
        (ZeroDivisionError("a full stop"), "the log has the details"),
    ],
)
def test_each_trouble_is_one_sentence_of_advice(error: Exception, said: str) -> None:
    text = trouble_text(error, Path("/data/runs"))
    assert said in text
    assert text.startswith("Autosave is off")
    assert text.endswith(("Save often.", "Free some space."))
