"""Files of the training cache: built once by whichever process is first, complete or not there."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import torch
from safetensors.torch import save_file
from torch import Tensor


def built_once(path: Path, build: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The content of a cache file; built under a lock, so that two processes do it once.

    A file that a kill or a full disk left half-written is never seen: it gets its name at the end.
    """
    with only_one(path):
        if not path.exists():
            write_complete(path, lambda fresh: torch.save(build(), fresh))
    return dict(torch.load(path, weights_only=False))


def write_complete(path: Path, write: Callable[[Path], object]) -> None:
    """Calls `write` with another name in the folder; that file then takes the place of `path`.

    On any failure the old file, if there is one, is as it was.
    """
    fresh = path.with_name(f"{path.stem}.{os.getpid()}{path.suffix}")
    try:
        write(fresh)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def write_tensors(tensors: dict[str, Tensor], path: Path) -> None:
    """A safetensors file that everybody may read, complete or not there: readers may have the old
    one mapped."""

    def write(fresh: Path) -> None:
        save_file(tensors, fresh)
        fresh.chmod(0o644)

    write_complete(path, write)


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Holds a lock named after a file or folder; ends with the process, however that ends."""
    with path.with_name(f"{path.name}.lock").open("w") as file:
        _wait_for(file)
        yield


def _wait_for(file: IO[str]) -> None:
    if os.name != "nt":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
        return
    import msvcrt

    while True:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            time.sleep(1)  # the other one needs minutes
        else:
            return
