"""Makes and repairs `.venv` with locked versions; standard library only, any desktop system."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv"
LOCKS = ROOT / "packaging" / "lock"
OLDEST, NEWEST = (3, 11), (3, 13)
_UNFINISHED = FOLDER / "layerloom-unfinished"


class EnvironmentFailure(Exception):
    """The environment could not be made; the text is a sentence for the user."""


def python() -> Path:
    """The environment's interpreter."""
    return FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def ensure(lock_names: tuple[str, ...]) -> Path:
    """Interpreter of an environment that holds every lock file named; made only when needed.

    An install that was interrupted leaves a marker and is redone from an empty folder. When the
    stamp of a lock file matches, nothing is run and no network is used.
    """
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        raise EnvironmentFailure(
            f"Layerloom needs Python {_dotted(OLDEST)} to {_dotted(NEWEST)}, but this is "
            f"{_dotted(sys.version_info[:2])}. Start it with another python3."
        )
    if all(_is_current(name) for name in lock_names):
        return python()
    with _only_one_installer():
        if not python().exists() or _UNFINISHED.exists() or not _runs():
            _create_empty()
        for name in lock_names:
            if not _is_current(name):
                _install(name)
    return python()


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _stamp(name: str) -> Path:
    return FOLDER / f"layerloom-{name}"


def _wanted_stamp(name: str) -> str:
    digest = hashlib.sha256(f"{_dotted(sys.version_info[:2])} {ROOT}".encode())
    for file in (LOCKS / f"{name}.txt", ROOT / "pyproject.toml"):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _is_current(name: str) -> bool:
    if _UNFINISHED.exists() or not python().exists():
        return False
    stamp = _stamp(name)
    return stamp.exists() and stamp.read_text() == _wanted_stamp(name)


def _runs() -> bool:
    """Whether the interpreter starts and is of our version: a moved folder breaks it."""
    command = [str(python()), "-c", "import sys, pip; print(sys.version_info[:2])"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.returncode == 0 and result.stdout.strip() == str(sys.version_info[:2])


def _create_empty() -> None:
    print(f"Making a Python environment in {FOLDER} ...", file=sys.stderr, flush=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    try:
        venv.create(FOLDER, with_pip=True, symlinks=os.name != "nt")
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(FOLDER, ignore_errors=True)
        raise EnvironmentFailure(
            f"The environment {FOLDER} could not be made ({error}). Check the free space; on "
            "Debian and Ubuntu also install the package python3-venv."
        ) from error


def _install(name: str) -> None:
    lock = LOCKS / f"{name}.txt"
    print(
        f"Installing the packages of {lock.name} (first use only) ...", file=sys.stderr, flush=True
    )
    _UNFINISHED.touch()
    pip = [str(python()), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    _pip([*pip, "-r", str(lock)])
    _pip([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])
    _stamp(name).write_text(_wanted_stamp(name))
    _UNFINISHED.unlink()


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
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield
