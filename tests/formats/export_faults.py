"""Kills exports at random moments and fills the disk under them: the old file or the new one.

`python -m tests.formats.export_faults [--rounds N] [--seed N]`: N kills and N full disks for each
format. After each the target must hold exactly the bytes of the old document or of the new one,
and beside it nothing but hidden temporary files, which the next save removes once they are old.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from editor.document.document import Document
from editor.document.layers import RasterLayer
from editor.document.state import DocumentState
from editor.formats.atomic_save import ABANDONED_AFTER_S
from editor.formats.errors import FormatError
from editor.formats.files import write_any
from tests.document.scenes import noise_layer, noise_mask
from tests.formats.sample_documents import noise

FOLDER = ""  # no ending: a folder of pictures
SUFFIXES = (".psd", ".psb", ".ora", ".layerloom", ".png", ".webp", ".jpg", ".tif", FOLDER)
SIDE_PX = 400
_DISK_BYTES = 8 * 2**20
_LONGEST_SHARE = 1.3  # of the time of an export; some kills come after its end
_TEMPORARY = ".layerloom-*.part"


@dataclass
class Outcome:
    """What many interrupted exports showed."""

    kills: int = 0
    full_disks: int = 0
    old_files: int = 0
    new_files: int = 0
    temporary: int = 0
    disk: str = ""
    failures: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills and {self.full_disks} full disks ({self.disk})\n"
            f"the old file {self.old_files} times, the new one {self.new_files} times; "
            f"{self.temporary} hidden temporary files, removed by the next save once old\n"
            f"failures: {len(self.failures)}" + "".join(f"\n  {text}" for text in self.failures)
        )


@dataclass(frozen=True)
class _Pair:
    """An old and a new document and their bytes in one format; see `_bytes_of`."""

    suffix: str
    old: bytes
    new: bytes
    state: DocumentState
    seconds: float


def run(rounds: int, seed: int, folder: Path) -> Outcome:
    """So many kills and full disks for every format."""
    outcome, chance = Outcome(), random.Random(seed)
    for suffix in SUFFIXES:
        pair = _pair(suffix, folder)
        place = folder / f"kills{suffix}"
        place.mkdir()
        for number in range(rounds):
            _kill_once(pair, place, chance, f"{suffix} kill {number + 1}", outcome)
        _check_tidying(pair, place, outcome)
        with _small_disk(folder / f"disk{suffix}", outcome) as (disk, fill):
            for number in range(rounds):
                fill(pair, chance)
                _fill_once(pair, disk, f"{suffix} full disk {number + 1}", outcome)
    return outcome


def _pair(suffix: str, folder: Path) -> _Pair:
    old, new = (_document(seed) for seed in (1, 2))
    target = folder / f"whole{suffix}"
    write_any(old, target)
    old_bytes = _bytes_of(target)
    _remove(target)
    begun = time.perf_counter()
    write_any(new, target)
    return _Pair(suffix, old_bytes, _bytes_of(target), new, time.perf_counter() - begun)


def _bytes_of(target: Path) -> bytes:
    """Of a file; of a folder its files with their names, one after another; empty for nothing."""
    if target.is_dir():
        parts = [[path.name, path.read_bytes().hex()] for path in sorted(target.iterdir())]
        return json.dumps(parts).encode()
    return target.read_bytes() if target.exists() else b""


def _put(target: Path, content: bytes) -> None:
    """What `_bytes_of` gave, in place of what is there."""
    if target.suffix:
        target.write_bytes(content)
        return
    _remove(target)
    target.mkdir()
    for name, text in json.loads(content):
        (target / name).write_bytes(bytes.fromhex(text))


def _remove(target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)


def _document(seed: int) -> DocumentState:
    layers = [
        noise_layer(SIDE_PX, SIDE_PX, seed, name="noise", mask=noise_mask(SIDE_PX, SIDE_PX, seed)),
        RasterLayer(name="more", pixels=noise(SIDE_PX, SIDE_PX, seed + 5), layer_id="more"),
    ]
    return DocumentState(
        width=SIDE_PX, height=SIDE_PX, layers=Document(1, 1, layers).layers, document_id="faults"
    )


# Kills


def _kill_once(
    pair: _Pair, folder: Path, chance: random.Random, name: str, outcome: Outcome
) -> None:
    target = folder / f"picture{pair.suffix}"
    _put(target, pair.old)
    delay = chance.random() * pair.seconds * _LONGEST_SHARE
    outcome.kills += 1
    read_end, write_end = os.pipe()
    child = os.fork()  # far quicker than starting Python a hundred times
    if child == 0:
        os.write(write_end, b"!")
        status = 1
        try:
            write_any(pair.state, target)
            status = 0
        finally:
            os._exit(status)
    os.read(read_end, 1)
    os.close(read_end)
    os.close(write_end)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        outcome.failures.append(f"{name}: the export failed by itself")
    _check(pair, target, name, outcome)


def _check_tidying(pair: _Pair, folder: Path, outcome: Outcome) -> None:
    """What the kills left is gone after a save, an hour later."""
    left = list(folder.glob(_TEMPORARY))
    outcome.temporary += len(left)
    long_ago = time.time() - 2 * ABANDONED_AFTER_S
    for path in left:
        os.utime(path, (long_ago, long_ago))
    write_any(pair.state, folder / f"picture{pair.suffix}")
    if remaining := list(folder.glob(_TEMPORARY)):
        outcome.failures.append(f"{pair.suffix}: {len(remaining)} temporary files stay")


def _check(
    pair: _Pair, target: Path, name: str, outcome: Outcome, *, may_leave: bool = True
) -> bool:
    """Whether the new file is there."""
    found = _bytes_of(target)
    if found == pair.new:
        outcome.new_files += 1
    elif found == pair.old:
        outcome.old_files += 1
    else:
        outcome.failures.append(f"{name}: a third thing of {len(found)} bytes")
    known = {target, target.parent / "filler"}
    if may_leave:
        known |= set(target.parent.glob(_TEMPORARY))
    others = set(target.parent.iterdir()) - known
    if others:
        outcome.failures.append(f"{name}: left {sorted(path.name for path in others)}")
    return found == pair.new


# Full disks

Fill = Callable[[_Pair, random.Random], None]


@contextmanager
def _small_disk(folder: Path, outcome: Outcome) -> Iterator[tuple[Path, Fill]]:
    """A file system of a few MB where that is allowed, else a limit on the size of files."""
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "layerloom-test", str(folder)]
    mounted = subprocess.run(words, check=False, capture_output=True).returncode == 0
    outcome.disk = "a small file system" if mounted else "by a limit on file sizes"
    try:
        yield folder, (_filler(folder) if mounted else _limiter(folder))
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)
        else:
            _limit_files(resource.RLIM_INFINITY)


def _filler(folder: Path) -> Fill:
    """Leaves room for the old file and a part of the new one."""

    def fill(pair: _Pair, chance: random.Random) -> None:
        filler = folder / "filler"
        filler.unlink(missing_ok=True)
        _put(folder / f"picture{pair.suffix}", pair.old)
        stat = os.statvfs(folder)
        free = stat.f_bavail * stat.f_frsize
        room = int(chance.random() * 1.1 * len(pair.new))
        with filler.open("wb") as file:
            file.write(bytes(max(0, free - room)))

    return fill


def _limiter(folder: Path) -> Fill:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def fill(pair: _Pair, chance: random.Random) -> None:
        _limit_files(resource.RLIM_INFINITY)
        _put(folder / f"picture{pair.suffix}", pair.old)
        _limit_files(int(chance.random() * 1.1 * len(pair.new)))

    return fill


def _limit_files(size: int) -> None:
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))


def _fill_once(pair: _Pair, folder: Path, name: str, outcome: Outcome) -> None:
    target = folder / f"picture{pair.suffix}"
    outcome.full_disks += 1
    said = ""
    try:
        write_any(pair.state, target)
    except FormatError as error:
        said = error.message
    is_new = _check(pair, target, name, outcome, may_leave=False)
    if is_new == bool(said):
        outcome.failures.append(f"{name}: {said or 'nothing was said'}")
    elif said and not ("not enough space" in said or "cannot hold" in said):
        outcome.failures.append(f"{name}: {said}")


def main() -> int:
    """1 when anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.formats.export_faults")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(options.rounds, options.seed, Path(folder))
    print(outcome)
    return 1 if outcome.failures else 0


if __name__ == "__main__":
    sys.exit(main())
