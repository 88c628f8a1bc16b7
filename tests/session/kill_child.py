"""The process that the kill test kills: edits, autosaves and saves with the program's own parts.

`python -m tests.session.kill_child FOLDER SEED` goes on until it is killed. Everything that a check
must know is in FOLDER/journal before anybody else can see it: a line for each state, save, trouble.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from editor.commands.command import Command
from editor.commands.generation_commands import InsertGeneratedLayers
from editor.commands.history import History
from editor.commands.layer_commands import AddLayer, DuplicateLayers
from editor.commands.layout_commands import ResizeCanvas
from editor.commands.paint_commands import PatchPixels
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer
from editor.document.state import DocumentState
from editor.formats.files import read_document, write_document
from editor.session.autosave import Autosaver, Offer
from editor.session.autosave_store import AutosaveEntry
from editor.session.backups import keep_copy
from editor.session.places import Places
from editor.session.runs import AbandonedRun, Run, find_abandoned
from tests.commands.random_commands import Draw, make_command

SIDE_PX = 600
MAX_LAYERS = 12
SAVE_SHARE = 0.2  # of the gestures, followed by a save
STROKE_SHARE = 0.6
LONGEST_PAUSE_S = 0.05
ADDING = (AddLayer, DuplicateLayers, InsertGeneratedLayers, ResizeCanvas)


def target_of(folder: Path) -> Path:
    """The user's file."""
    return folder / "document.layerloom"


def places_of(folder: Path) -> Places:
    """The user's data folder."""
    return Places(folder / "data")


class Journal:
    """Lines that survive a kill: each is one write to a file opened for appending."""

    def __init__(self, folder: Path) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._file = os.open(folder / "journal", flags, 0o666)

    def write(self, *words: object) -> None:
        line = " ".join(map(str, words)).replace("\n", " ")
        os.write(self._file, f"{line}\n".encode())


class Driver:
    """One run of the program without its window."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._random = random.Random(seed)
        self._journal = Journal(folder)
        self._path = target_of(folder)
        self._places = places_of(folder)
        self._run = Run(self._places)
        self._saves = ThreadPoolExecutor(1)
        self._saver = Autosaver(
            self._run.autosave_path,
            on_trouble=lambda text: self._journal.write("trouble", text),
        )
        self._history = History(self._open())

    def go(self) -> None:
        """Edit until the end of the process."""
        self._journal.write("ready")
        while True:
            self._gesture()
            self._offer()
            if self._random.random() < SAVE_SHARE:
                self._save()
            time.sleep(self._random.random() * LONGEST_PAUSE_S)

    # As the window begins: recover, or open the file, or make a new document

    def _open(self) -> Document:
        runs = find_abandoned(self._places)
        newest = _newest(runs)
        if newest is not None:
            run, entry = newest
            state = run.load(entry.key)
            self._journal.write("state", state.state_hash(), time.time())
            self._saver.offer(Offer(state, replace(entry, path=self._path)))
            if self._saver.wait_stored(60):  # the old copy goes last
                run.discard(entry.key)
        elif self._path.exists():
            state = read_document(self._path).document.snapshot()
        else:
            state = _first_document().snapshot()
        for run in runs:
            if not run.entries:
                run.remove()
        self._journal.write("state", state.state_hash(), time.time())
        return Document.from_state(state)

    def _gesture(self) -> None:
        before = self._history.document.snapshot()
        with self._history.gesture():
            for command in self._commands():
                try:
                    self._history.push(command)
                except DocumentError:
                    continue  # locked, empty or at its limit
        if self._random.random() < 0.15:
            self._history.undo()
        state = self._history.document.snapshot()
        if state is not before:
            self._journal.write("state", state.state_hash(), time.time())

    def _commands(self) -> Iterator[Command]:
        document = self._history.document
        rasters = [r for r in document.raster_layers() if min(r.pixels.size) > SIDE_PX // 2]
        if not rasters:
            yield AddLayer(_large_layer(self._random.getrandbits(32)))
        elif self._random.random() < STROKE_SHARE:
            yield self._stroke(self._random.choice(rasters))
        else:
            for _ in range(self._random.randint(1, 3)):
                draw = Draw(*(self._random.randint(0, 200) for _ in range(4)))
                command = make_command(draw, document)
                is_full = len(document.all_layers()) >= MAX_LAYERS
                if not isinstance(command, ADDING if is_full else ResizeCanvas):
                    yield command

    def _stroke(self, layer: RasterLayer) -> Command:
        width, height = layer.pixels.size
        x, y = self._random.randrange(width), self._random.randrange(height)
        rect = Rect(x, y, min(width, x + 60), min(height, y + 40))
        dab = np.random.default_rng(self._random.getrandbits(32))
        values = dab.integers(0, 256, (rect.height, rect.width, 4), dtype=np.uint8)
        return PatchPixels(layer.layer_id, rect.translated(*layer.offset), values)

    def _offer(self, *, saved: bool = False) -> None:
        state = self._history.document.snapshot()
        entry = AutosaveEntry(state.document_id, "document", self._path)
        self._saver.offer(Offer(state, None if saved else entry))

    def _save(self) -> None:
        """As the window saves: in another thread, while editing goes on."""
        state = self._history.document.snapshot()
        done = self._saves.submit(self._write, state)
        done.add_done_callback(_raise_in_process)
        while not done.done() and self._random.random() < 0.8:
            self._gesture()
            self._offer()
        done.result()
        if self._history.document.snapshot() is state:
            self._offer(saved=True)

    def _write(self, state: DocumentState) -> None:
        self._journal.write("save", state.state_hash(), time.time())
        keep_copy(self._path, self._places.backups)
        write_document(state, self._path)
        self._journal.write("saved", state.state_hash(), time.time())


def _raise_in_process(done: Future[None]) -> None:
    error = done.exception()
    if error is not None:
        sys.stderr.write(f"{error!r}\n")


def _newest(runs: list[AbandonedRun]) -> tuple[AbandonedRun, AutosaveEntry] | None:
    found = [(run, entry) for run in runs for entry in run.entries]
    return max(found, key=lambda pair: pair[1].saved_at, default=None)


def _first_document() -> Document:
    return Document(SIDE_PX, SIDE_PX, [_large_layer(seed) for seed in (1, 2)])


def _large_layer(seed: int) -> RasterLayer:
    values = np.random.default_rng(seed).integers(0, 256, (SIDE_PX, SIDE_PX, 4), dtype=np.uint8)
    return RasterLayer(name="large", pixels=PixelBuffer.from_array(values))


if __name__ == "__main__":
    Driver(Path(sys.argv[1]), int(sys.argv[2])).go()
