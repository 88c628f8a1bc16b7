"""Scratch files that hold tensors of one shape; only what is read or written is in memory."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.errors import EngineError
from engine.sentences import sentence

_ZEROS = 1 << 20
_SPARE_BYTES = 64 << 20  # left to other programs


class TensorFile:
    """A memory-mapped file of `count` tensors; each is mapped while it is copied, then let go.

    A mapping that stays would count as memory of the process for as long as it is touched.

    Raises:
        EngineError: The disk is full or the file cannot be written; the sentence names it.
    """

    def __init__(
        self, path: Path, count: int, shape: Sequence[int], dtype: torch.dtype = torch.float32
    ) -> None:
        self.path = path
        self._shape = tuple(shape)
        self._dtype = dtype
        self._bytes = int(np.prod(self._shape)) * dtype.itemsize
        reserve(path, count * self._bytes)

    def read(self, index: int) -> Tensor:
        """A copy of tensor number `index`."""
        raw = torch.from_numpy(np.array(self._mapped(index, "r")))
        return raw.view(self._dtype).reshape(self._shape)

    def write(self, index: int, tensor: Tensor) -> None:
        """Stores a tensor of the file's shape and dtype."""
        flat = tensor.to("cpu", self._dtype).contiguous().reshape(-1).view(torch.uint8)
        self._mapped(index, "r+")[:] = flat.numpy()

    def flush(self) -> None:
        """Returns when everything written is on the disk."""
        with self.path.open("r+b") as file:
            os.fsync(file.fileno())

    def _mapped(self, index: int, mode: str) -> np.memmap[tuple[int], np.dtype[np.uint8]]:
        offset = index * self._bytes
        return np.memmap(self.path, np.uint8, mode, offset, (self._bytes,))  # type: ignore[call-overload,no-any-return]


def reserve(path: Path, size: int) -> None:
    """Makes a file of `size` bytes whose place on the disk is taken; an existing one stays.

    Without it a full disk would end the process at some write into the mapping.

    Raises:
        EngineError: There is not enough space, or the folder cannot be written.
    """
    if path.exists() and path.stat().st_size == size:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(path.parent).free
        if free < size + _SPARE_BYTES:
            raise OSError(errno.ENOSPC, f"{free} bytes free, {size} needed")
        with path.open("wb") as file:
            _allocate(file.fileno(), size)
    except OSError as error:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        raise _no_scratch(path, size, error) from error


def _allocate(descriptor: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        if size:
            os.posix_fallocate(descriptor, 0, size)
        return
    for start in range(0, size, _ZEROS):
        os.write(descriptor, bytes(min(_ZEROS, size - start)))


def _no_scratch(path: Path, size: int, error: OSError) -> EngineError:
    if error.errno == errno.ENOSPC:
        return EngineError(
            sentence(
                "There is not enough space in {folder} for a scratch file of {size:.2f} GB; "
                "free some space or choose another folder.",
                folder=path.parent,
                size=size / 1e9,
            ),
            str(error),
        )
    return EngineError(
        sentence("The scratch file {path} cannot be written; choose another folder.", path=path),
        str(error),
    )
