"""Makes and repairs `.venv` with locked versions; standard library only, any desktop system."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv"
LOCKS = ROOT / "packaging" / "lock"
OLDEST, NEWEST = (3, 11), (3, 13)
BASE = "run"  # the lock file that every environment starts with
INTERRUPTED = 130


class EnvironmentFailure(Exception):
    """The environment could not be made; the text is a sentence for the user."""


def python() -> Path:
    """The environment's interpreter."""
    return FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def ensure(lock_names: tuple[str, ...]) -> Path:
    """Interpreter of an environment that holds every lock file named; made only when needed.

    When the stamps of the lock files match, nothing is run and no network is used. A first install
    that was killed is redone from an empty folder; one that failed, or an addition to a working
    environment, is tried again in place, so that what worked goes on working.
    """
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        raise EnvironmentFailure(
            f"Layerloom needs Python {_dotted(OLDEST)} to {_dotted(NEWEST)}, but this is "
            f"{_dotted(sys.version_info[:2])}. Start it with another python3."
        )
    try:
        if not all(_is_current(name) for name in lock_names):
            with _only_one_installer():
                _bring_up_to_date(lock_names)
    except OSError as error:
        raise EnvironmentFailure(
            f"The environment {FOLDER} cannot be written ({error}). Check the free space and the "
            "permissions of the folder."
        ) from error
    return python()


def _bring_up_to_date(lock_names: tuple[str, ...]) -> None:
    if _unfinished(BASE).exists() or not _runs():
        _create_empty()
    for name in lock_names:
        if not _is_current(name):
            _install(name)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _stamp(name: str) -> Path:
    return FOLDER / f"layerloom-{name}"


def _unfinished(name: str) -> Path:
    return FOLDER / f"layerloom-{name}-unfinished"


def _home() -> str:
    """Where the environment was made and by which Python: scripts inside hold this path."""
    return f"{ROOT} {_dotted(sys.version_info[:2])}"


def _wanted_stamp(name: str) -> str:
    import tomllib  # here, so that an older Python gets the sentence of `ensure`

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    installed = {key: settings.get(key) for key in ("build-system", "project")}
    digest = hashlib.sha256(f"{_home()} {installed}".encode())
    digest.update((LOCKS / f"{name}.txt").read_bytes())
    return digest.hexdigest()


def _is_current(name: str) -> bool:
    if _unfinished(name).exists() or not python().exists():
        return False
    stamp = _stamp(name)
    return stamp.exists() and stamp.read_text() == _wanted_stamp(name)


def _runs() -> bool:
    """Whether the environment was made here and its interpreter starts."""
    home = FOLDER / "layerloom-home"
    if not python().exists() or not home.exists() or home.read_text(encoding="utf-8") != _home():
        return False
    command = [str(python()), "-c", "import pip"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _create_empty() -> None:
    print(f"Making a Python environment in {FOLDER} ...", file=sys.stderr, flush=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    if FOLDER.exists():
        raise EnvironmentFailure(
            f"The old environment {FOLDER} cannot be removed; close the programs that use it."
        )
    try:
        venv.create(FOLDER, with_pip=True, symlinks=os.name != "nt")
    except subprocess.CalledProcessError as error:
        shutil.rmtree(FOLDER, ignore_errors=True)
        raise EnvironmentFailure(
            f"The environment {FOLDER} could not be made ({error}). On Debian and Ubuntu install "
            "the package python3-venv."
        ) from error
    (FOLDER / "layerloom-home").write_text(_home(), encoding="utf-8")


def _install(name: str) -> None:
    lock = LOCKS / f"{name}.txt"
    note = f"Installing the packages of {lock.name} (first use only, some minutes) ..."
    print(note, file=sys.stderr, flush=True)
    _stamp(name).unlink(missing_ok=True)
    _unfinished(name).touch()
    pip = [str(python()), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    try:
        _pip([*pip, "-r", str(lock)])
        _pip([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])
    except EnvironmentFailure:
        _unfinished(name).unlink()  # pip undoes what it could not finish
        raise
    _stamp(name).write_text(_wanted_stamp(name))
    _unfinished(name).unlink()
    if name == BASE:
        _compile_compositor()


def _compile_compositor() -> None:
    """Ten seconds that the first window would otherwise take; it tries again if this failed."""
    print("Compiling the compositor for this computer ...", file=sys.stderr, flush=True)
    code = "from editor.document.kernel.machine_code import machine; machine()"
    subprocess.run([str(python()), "-c", code], cwd=ROOT, capture_output=True, check=False)


def _pip(command: list[str]) -> None:
    if subprocess.run(command, check=False, stdout=sys.stderr).returncode != 0:
        raise EnvironmentFailure(
            "The packages could not be installed; the reason stands above. Check the network and "
            "the free space, then run the same command again: it goes on by itself."
        )


@contextlib.contextmanager
def _only_one_installer() -> Iterator[None]:
    """Holds a lock file, so that two first starts at once do not mix their installs."""
    with (ROOT / ".venv-lock").open("w") as file:
        _wait_for_lock(file)
        yield


def _wait_for_lock(file: IO[str]) -> None:
    if os.name != "nt":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
        return
    import msvcrt

    while True:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            time.sleep(1)  # another start is installing, which takes minutes
        else:
            return


def run_to_end(command: list[str], *, cwd: Path | None = None, env: dict[str, str]) -> int:
    """Exit code of a program that answers Ctrl+C itself; the terminal sends it to both of us."""
    with subprocess.Popen(command, cwd=cwd, env=env) as process:
        while True:
            try:
                code = process.wait()
            except KeyboardInterrupt:
                continue
            return code if code >= 0 else 128 - code
