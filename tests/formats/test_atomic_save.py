"""The old file or the new one: every way in which saving can fail."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from editor.formats.atomic_save import atomic_write, check_writable
from editor.formats.errors import FormatError

OLD = b"the old file"


def _write(path: Path | str, fail_with: BaseException | None = None) -> None:
    with atomic_write(path) as file:
        file.write(b"half")
        if fail_with is not None:
            raise fail_with


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "picture.psd"
    path.write_bytes(OLD)
    return path


def test_replaces_the_target_and_leaves_nothing_else(target: Path) -> None:
    with atomic_write(target) as file:
        file.write(b"new")
    assert target.read_bytes() == b"new"
    assert list(target.parent.iterdir()) == [target]


def test_can_be_read_back_before_the_target_changes(target: Path) -> None:
    with atomic_write(target) as file:
        file.write(b"new")
        file.seek(0)
        assert file.read() == b"new"
        assert target.read_bytes() == OLD


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, MemoryError])
def test_an_exception_leaves_the_old_file(target: Path, failure: type[BaseException]) -> None:
    with pytest.raises(failure):
        _write(target, fail_with=failure())
    assert target.read_bytes() == OLD
    assert list(target.parent.iterdir()) == [target]


def test_keeps_the_permissions_of_the_target_and_follows_links(target: Path) -> None:
    target.chmod(0o640)
    link = target.parent / "link.psd"
    link.symlink_to(target.name)
    with atomic_write(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_users_default_permissions(tmp_path: Path) -> None:
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    with atomic_write(tmp_path / "ours") as file:
        file.write(b"x")
    assert (tmp_path / "ours").stat().st_mode == ordinary.stat().st_mode


@pytest.mark.parametrize("write", [_write, check_writable])
class TestRefusals:
    """Each is one sentence with the path in it, before anything is written."""

    def refused(self, write: Callable[[Path | str], None], path: Path | str) -> str:
        with pytest.raises(FormatError) as caught:
            write(path)
        assert "\n" not in caught.value.message
        return caught.value.message

    def test_a_folder(self, write: Callable[[Path | str], None], tmp_path: Path) -> None:
        assert "is a folder" in self.refused(write, tmp_path)
        assert "is a folder" in self.refused(write, f"{tmp_path}/new/")

    def test_a_missing_folder(self, write: Callable[[Path | str], None], tmp_path: Path) -> None:
        message = self.refused(write, tmp_path / "absent" / "a.psd")
        assert message == (
            f"The folder {tmp_path}/absent does not exist; create it or choose another."
        )
        assert list(tmp_path.iterdir()) == []

    def test_a_file_as_the_folder(self, write: Callable[[Path | str], None], target: Path) -> None:
        assert "is not a folder" in self.refused(write, target / "a.psd")

    def test_a_device(self, write: Callable[[Path | str], None], tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        assert "a device or a pipe" in self.refused(write, pipe)

    def test_names_that_cannot_be(
        self, write: Callable[[Path | str], None], tmp_path: Path
    ) -> None:
        assert "empty" in self.refused(write, "")
        assert "not a usable file path" in self.refused(write, f"{tmp_path}/a\0b")
        assert "too long" in self.refused(write, tmp_path / ("n" * 300))

    def test_a_folder_that_takes_no_files(self, write: Callable[[Path | str], None]) -> None:
        if not Path("/proc/self").is_dir():
            pytest.skip("no /proc, whose folders refuse files even to root")
        assert "/proc" in self.refused(write, "/proc/a.psd")

    def test_a_folder_without_permission(
        self, write: Callable[[Path | str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> int:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(os, "open", refuse)
        assert "is not writable" in self.refused(write, tmp_path / "a.psd")

    def test_a_write_protected_file(
        self, write: Callable[[Path | str], None], target: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "access", lambda *_: False)  # root may do anything
        assert "write-protected" in self.refused(write, target)
        assert target.read_bytes() == OLD


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("moment", ["write", "fsync", "replace"])
def test_a_full_disk_is_a_sentence(
    target: Path, monkeypatch: pytest.MonkeyPatch, code: int, moment: str
) -> None:
    full = OSError(code, os.strerror(code))

    def fail(*_: object) -> None:
        raise full

    if moment != "write":
        monkeypatch.setattr(os, moment, fail)
    with pytest.raises(FormatError, match="not enough space"):
        _write(target, fail_with=full if moment == "write" else None)
    assert target.read_bytes() == OLD
    assert list(target.parent.iterdir()) == [target]


def test_a_really_full_disk(small_disk: Path) -> None:
    target = small_disk / "a.psd"
    target.write_bytes(OLD)
    with pytest.raises(FormatError, match="not enough space"), atomic_write(target) as file:
        file.write(bytes(256 * 1024))
    assert target.read_bytes() == OLD
    assert list(small_disk.iterdir()) == [target]


def test_check_writable_leaves_nothing(target: Path) -> None:
    check_writable(target)
    check_writable(target.parent / "new.psd")
    assert list(target.parent.iterdir()) == [target]
    assert target.read_bytes() == OLD
