"""Files of other programs are read in a process of its own, which cannot take this one along."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from editor.formats import opening
from editor.formats.errors import FormatError
from editor.formats.files import read_document
from editor.formats.handover import hand_over, take_over
from editor.formats.opening import OpenCancelled, open_file
from editor.formats.process_memory import resident_bytes
from editor.formats.psd import write_psd
from tests.formats.filled_values import filled_state
from tests.formats.reader_double import WAY
from tests.formats.sample_documents import matrix_document
from tests.formats.test_psd_import import foreign, invert


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(opening, "_CHILD", "tests.formats.reader_double")
    return monkeypatch


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return foreign(tmp_path / "a.psd", invert)


def test_the_same_document_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "a.psd"
    write_psd(matrix_document(), path)
    shares: list[float] = []
    opened = open_file(path, progress=shares.append)
    assert opened.document.state_hash() == read_document(path).document.state_hash()
    assert opened.is_ours
    assert shares == sorted(shares)
    assert len(shares) > 10


def test_notes_and_kept_records_come_over(source: Path, tmp_path: Path) -> None:
    opened = open_file(source)
    assert opened.notes == ("Kept for PSD, but not shown: adjustment layers.",)
    assert not opened.is_ours
    write_psd(opened.document, tmp_path / "b.psd")
    assert (tmp_path / "b.psd").read_bytes() == source.read_bytes()


def test_every_field_comes_over(tmp_path: Path) -> None:
    state = filled_state()
    hand_over(state, tmp_path)
    assert take_over(tmp_path) == state


def test_a_refused_file_gives_its_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.psd"
    path.write_bytes(b"8BPS")
    with pytest.raises(FormatError, match=r"a\.psd is cut off"):
        open_file(path)
    with pytest.raises(FormatError, match="does not exist"):
        open_file(tmp_path / "absent.psd")


def test_a_cancel_ends_the_process(source: Path, double: pytest.MonkeyPatch) -> None:
    double.setenv(WAY, "hang")
    asked: list[float] = []

    def cancelled() -> bool:
        asked.append(time.monotonic())
        return len(asked) > 3

    with pytest.raises(OpenCancelled):
        open_file(source, cancelled=cancelled)


@pytest.mark.parametrize(
    ("way", "sentence"),
    [
        ("hang", "took longer than 1 seconds"),
        ("grow", "needs more memory"),
        ("crash", "made its reader stop"),
        ("talk", "made its reader stop"),
    ],
)
def test_what_a_bad_file_can_do(
    source: Path, double: pytest.MonkeyPatch, way: str, sentence: str
) -> None:
    double.setenv(WAY, way)
    seconds = 1.0 if way == "hang" else 60.0
    with pytest.raises(FormatError, match=sentence) as caught:
        open_file(source, memory_bytes=150 * 2**20, seconds=seconds)
    assert str(source) in caught.value.message


def test_a_picture_beyond_the_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.psd"
    write_psd(matrix_document(), path)
    with pytest.raises(FormatError, match=r"needs more memory|more pixels"):
        open_file(path, memory_bytes=20 * 2**20)


def test_memory_of_a_process() -> None:
    assert (resident_bytes(os.getpid()) or 0) > 10 * 2**20
    assert resident_bytes(2**30) is None


@pytest.mark.parametrize("damage", [0, 1])
def test_a_damaged_handover_is_an_error(tmp_path: Path, damage: int) -> None:
    hand_over(matrix_document().snapshot(), tmp_path)
    path = sorted(tmp_path.iterdir())[damage]
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises((ValueError, FormatError)):
        take_over(tmp_path)
