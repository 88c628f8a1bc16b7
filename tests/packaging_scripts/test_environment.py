"""The two start scripts repair themselves and need no network when nothing changed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "packaging"


def _load(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    monkeypatch.delitem(sys.modules, "environment", raising=False)
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script's module, pointed at an empty project whose installs are only recorded."""
    module = _load("environment", monkeypatch)
    locks = tmp_path / "packaging" / "lock"
    locks.mkdir(parents=True)
    (locks / "run.txt").write_text("# nothing\n")
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "FOLDER", tmp_path / ".venv")
    monkeypatch.setattr(module, "LOCKS", locks)
    monkeypatch.setattr(module, "_UNFINISHED", tmp_path / ".venv" / "layerloom-unfinished")
    module.installs = []
    monkeypatch.setattr(module, "_pip", module.installs.append)
    return module


def test_second_start_installs_nothing(environment: ModuleType) -> None:
    environment.ensure(("run",))
    assert environment.installs
    environment.installs.clear()
    python = environment.ensure(("run",))
    assert environment.installs == []
    assert subprocess.run([python, "-c", ""], check=False).returncode == 0


def test_interrupted_install_is_redone_from_an_empty_folder(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(command: list[str]) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(environment, "_pip", interrupt)
        with pytest.raises(KeyboardInterrupt):
            environment.ensure(("run",))
    remains = environment.FOLDER / "half-installed"
    remains.touch()
    environment.ensure(("run",))
    assert not remains.exists()
    assert not environment._UNFINISHED.exists()


def test_changed_lock_is_installed_again(environment: ModuleType) -> None:
    environment.ensure(("run",))
    environment.installs.clear()
    (environment.LOCKS / "run.txt").write_text("# changed\n")
    environment.ensure(("run",))
    assert environment.installs


def test_wrong_python_is_refused_with_a_sentence(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "OLDEST", (9, 0))
    with pytest.raises(environment.EnvironmentFailure, match=r"needs Python 9\.0"):
        environment.ensure(("run",))


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, False),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_display_is_recognised(
    platform: str, variables: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _load("run", monkeypatch)
    monkeypatch.setattr(run.sys, "platform", platform)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert run.has_display() is expected
