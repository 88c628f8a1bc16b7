"""Scratch files: what is written is read again, and a full disk is a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from engine.errors import EngineError
from engine.pipelines import scratch
from engine.pipelines.scratch import TensorFile


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_tensors_come_back(tmp_path: Path, dtype: torch.dtype) -> None:
    file = TensorFile(tmp_path / "x", 5, (2, 3), dtype)
    written = [torch.randn(2, 3).to(dtype) for _ in range(5)]
    for index in (3, 0, 4, 1, 2):
        file.write(index, written[index])
    file.flush()
    for index, tensor in enumerate(written):
        assert torch.equal(file.read(index), tensor)
    again = TensorFile(tmp_path / "x", 5, (2, 3), dtype)
    assert torch.equal(again.read(4), written[4])
    assert (tmp_path / "x").stat().st_size == 30 * dtype.itemsize


def test_what_was_read_is_a_copy(tmp_path: Path) -> None:
    file = TensorFile(tmp_path / "x", 1, (4,))
    file.write(0, torch.ones(4))
    before = file.read(0)
    file.write(0, torch.zeros(4))
    assert torch.equal(before, torch.ones(4))


def test_another_size_makes_a_new_file(tmp_path: Path) -> None:
    TensorFile(tmp_path / "x", 2, (4,)).write(1, torch.ones(4))
    assert torch.equal(TensorFile(tmp_path / "x", 3, (4,)).read(1), torch.zeros(4))


@pytest.mark.parametrize("fallocate", [True, False])
def test_a_disk_without_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, fallocate: bool
) -> None:
    if not fallocate:
        monkeypatch.delattr(os, "posix_fallocate", raising=False)
    with pytest.raises(EngineError, match=r"not enough space in .* of 4000000\.00 GB"):
        TensorFile(tmp_path / "x", 10**9, (10**6,))
    assert list(tmp_path.iterdir()) == []

    def full(_descriptor: int, _size: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(scratch, "_allocate", full)
    with pytest.raises(EngineError, match="not enough space"):
        TensorFile(tmp_path / "x", 1, (1,))
    assert list(tmp_path.iterdir()) == []


def test_without_fallocate_the_place_is_taken_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    TensorFile(tmp_path / "x", 3, (1 << 19,))
    assert (tmp_path / "x").stat().st_size == 3 * 4 << 19
    assert (tmp_path / "x").stat().st_blocks * 512 >= 3 * 4 << 19
    TensorFile(tmp_path / "empty", 0, (3,))


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="cannot be written"):
        TensorFile(tmp_path / "file" / "x", 1, (1,))
