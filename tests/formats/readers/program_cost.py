"""What GIMP and Krita take to save a PSD: processor time and growth of their memory, from /proc."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.formats.readers import programs

_LOOK_S = 0.01
_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE_S = 900


@dataclass(frozen=True)
class Cost:
    """Processor seconds, wall seconds, MB above what was there before, MB of the file."""

    cpu_s: float
    wall_s: float
    memory_mb: float
    file_mb: float


def gimp_saving(source: Path, folder: Path) -> Cost | None:
    """GIMP opens a PSD and saves it as another; None when it is not installed."""
    program = programs.gimp()
    if program is None:
        return None
    begun, target = folder / "gimp-begun", folder / "gimp.psd"
    script = (
        f'(let ((image (car (gimp-file-load RUN-NONINTERACTIVE "{source}" "a"))))'
        f' (close-output-port (open-output-file "{begun}"))'
        f" (gimp-file-save RUN-NONINTERACTIVE image (car (gimp-image-get-active-drawable image))"
        f' "{target}" "b"))'
    )
    command = [program, *programs.GIMP_OPTIONS, "-b", script, "-b", "(gimp-quit 0)"]
    surroundings = {**os.environ, "HOME": str(folder)}
    return _watch(command, surroundings, lambda _: begun.exists(), target)


def krita_saving(source: Path, folder: Path) -> Cost | None:
    """Krita opens a PSD and exports it as another; None when it is not installed."""
    if programs.krita() is None:
        return None
    target = folder / "krita" / "a.psd"
    target.parent.mkdir(exist_ok=True)
    command, variables = programs.krita_command(source, target, programs.krita_home())
    surroundings = {**os.environ, **variables}
    surroundings.pop("QT_QPA_PLATFORM", None)
    # It writes a file without a name, which gets its name in the end.
    return _watch(command, surroundings, lambda pid: _has_open(pid, target.parent), target)


def _watch(
    command: list[str], surroundings: dict[str, str], began: Callable[[int], bool], target: Path
) -> Cost:
    target.unlink(missing_ok=True)
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=surroundings, stdout=quiet, stderr=quiet)
    before: tuple[float, float, float] | None = None
    peak = cpu = 0.0
    limit = time.monotonic() + _PATIENCE_S
    while process.poll() is None and time.monotonic() < limit:
        now_cpu, memory = _tree(process.pid)
        if before is None and began(process.pid):
            before = now_cpu, memory, time.monotonic()
        elif before is not None:
            peak, cpu = max(peak, memory), max(cpu, now_cpu)
        time.sleep(_LOOK_S)
    if process.poll() is None:
        process.kill()
    if before is None or not target.is_file():
        raise RuntimeError(f"{command[0]} did not save")
    file_mb = target.stat().st_size / 2**20
    return Cost(cpu - before[0], time.monotonic() - before[2], peak - before[1], file_mb)


def _tree(pid: int) -> tuple[float, float]:
    """Processor seconds and resident MB of a process and what it started."""
    cpu = memory = 0.0
    for one in _with_children(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        cpu += sum(map(int, fields[11:15])) / _TICKS  # its own, and of children that ended
        memory += int(fields[21]) * os.sysconf("SC_PAGESIZE") / 2**20
    return cpu, memory


def _has_open(pid: int, folder: Path) -> bool:
    """Whether a process or what it started has a file of a folder open."""
    for one in _with_children(pid):
        with contextlib.suppress(OSError):
            for descriptor in Path(f"/proc/{one}/fd").iterdir():
                if str(descriptor.readlink()).startswith(str(folder)):
                    return True
    return False


def _with_children(pid: int) -> Iterator[int]:
    yield pid
    try:
        words = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        tasks = [path for path in Path(f"/proc/{pid}/task").iterdir() if path.name != str(pid)]
        for task in tasks:
            words += (task / "children").read_text().split()
    except OSError:
        return
    for word in words:
        yield from _with_children(int(word))
