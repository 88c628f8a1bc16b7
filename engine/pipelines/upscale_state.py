"""The pixels of an unfinished enlargement on disk, so that a kill loses one evaluation at most.

Two states are read (the noisy pixels, and the first clean estimate of Heun's step) and a third one
is written. No evaluation changes what it reads, so one that was cut short is simply done again, and
gives the same bytes. Overwriting in place would save a file and lose that.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.errors import EngineError
from engine.pipelines.scratch import TensorFile
from engine.sampling.edm import EdmMethod
from engine.sentences import sentence

_JOURNAL = "journal.json"
CACHE = "cache"  # of `BlockCache`, which is of no use to a later process
_STATES = ("even", "odd")
_CLEAN = "clean"  # Heun's method only
_FILES = (*_STATES, _CLEAN, CACHE, _JOURNAL, f"{_JOURNAL}.new")


class UpscaleState:
    """Scratch files of one job.

    Attributes:
        evaluations_done, steps_done: Complete evaluations and steps.

    Args:
        blocks: Number of blocks, each `3 side side` float32.
        fingerprint: Of the job; files of another job are thrown away.

    Raises:
        EngineError: There is no space for the files, or the folder cannot be written.
    """

    def __init__(
        self, folder: Path, blocks: int, side: int, method: EdmMethod, fingerprint: str
    ) -> None:
        self._folder, self._fingerprint, self._method = folder, fingerprint, method
        self.evaluations_done = self.steps_done = 0
        shape = (3, side, side)
        self._resume(blocks * math.prod(shape) * torch.float32.itemsize)
        self._states = [TensorFile(folder / name, blocks, shape) for name in _STATES]
        self._clean = (
            TensorFile(folder / _CLEAN, blocks, shape) if method is EdmMethod.HEUN else None
        )

    def noisy(self, index: int) -> Tensor:
        """Noisy pixels of a block at the beginning of the step, `1 3 s s`."""
        return self._states[self.steps_done % 2].read(index)[None]

    def store_next(self, index: int, pixels: Tensor) -> None:
        """Noisy pixels of a block at the beginning of the next step, `1 3 s s`."""
        self._states[(self.steps_done + 1) % 2].write(index, pixels[0])

    def clean(self, index: int) -> Tensor:
        """The stored clean estimate of a block, `1 3 s s`."""
        return self._clean_file().read(index)[None]

    def store_clean(self, index: int, pixels: Tensor) -> None:
        """The clean estimate of a block at the beginning of the step, `1 3 s s`."""
        self._clean_file().write(index, pixels[0])

    def finish_evaluation(self, *, stepped: bool) -> None:
        """Makes an evaluation count; `stepped` when the next state is complete as well."""
        written = self._states[(self.steps_done + 1) % 2] if stepped else self._clean_file()
        written.flush()
        self.evaluations_done += 1
        self.steps_done += stepped
        self._write_journal()

    def remove(self) -> None:
        """Deletes the files, and the folder if nothing else is in it."""
        for name in _FILES:
            (self._folder / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._folder.rmdir()

    def _clean_file(self) -> TensorFile:
        if self._clean is None:
            raise ValueError("Euler's method keeps no clean estimate")
        return self._clean

    def _resume(self, file_bytes: int) -> None:
        """Takes the journal of the same job up; files of another job, or damaged ones, go."""
        journal = self._read_journal()
        same_job = journal.get("fingerprint") == self._fingerprint
        if same_job and self._counts(journal) and self._is_complete(file_bytes):
            self.evaluations_done = journal["evaluations_done"]
            self.steps_done = journal["steps_done"]
            return
        try:
            self.remove()
            self._folder.mkdir(parents=True, exist_ok=True)
            self._write_journal()
        except OSError as error:
            raise EngineError(
                sentence(
                    "The scratch folder {folder} cannot be written; choose another one.",
                    folder=self._folder,
                ),
                str(error),
            ) from error

    def _counts(self, journal: dict[str, Any]) -> bool:
        """Whether a journal tells of complete evaluations, in numbers that fit the method."""
        done, steps = journal.get("evaluations_done"), journal.get("steps_done")
        if not isinstance(done, int) or not isinstance(steps, int) or done <= 0:
            return False
        return steps == (done // 2 if self._method is EdmMethod.HEUN else done)

    def _is_complete(self, file_bytes: int) -> bool:
        """Whether all files are there: an evaluation began with them, whichever it reads next.

        One of another size would be made anew, full of zeros.
        """
        names = (*_STATES, _CLEAN) if self._method is EdmMethod.HEUN else _STATES
        paths = [self._folder / name for name in names]
        return all(path.is_file() and path.stat().st_size == file_bytes for path in paths)

    def _read_journal(self) -> dict[str, Any]:
        try:
            journal = json.loads((self._folder / _JOURNAL).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return journal if isinstance(journal, dict) else {}

    def _write_journal(self) -> None:
        fresh = self._folder / f"{_JOURNAL}.new"
        content = {
            "fingerprint": self._fingerprint,
            "evaluations_done": self.evaluations_done,
            "steps_done": self.steps_done,
        }
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._folder / _JOURNAL)
