"""The two start scripts repair themselves and need no network when nothing changed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import venv
from collections.abc import Callable
from functools import partial
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
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    for name in ("run", "test"):
        (locks / f"{name}.txt").write_text("# nothing\n")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "FOLDER", tmp_path / ".venv")
    monkeypatch.setattr(module, "LOCKS", locks)
    monkeypatch.setattr(module, "installs", [], raising=False)
    monkeypatch.setattr(module, "_pip", module.installs.append)
    # pip of the running Python instead of a fresh copy, which takes seconds
    quick = partial(venv.create, with_pip=False, system_site_packages=True)
    monkeypatch.setattr(module.venv, "create", lambda folder, **_: quick(folder, symlinks=True))
    return module


def test_second_start_installs_nothing(environment: ModuleType) -> None:
    environment.ensure(("run",))
    assert environment.installs
    environment.installs.clear()
    python = environment.ensure(("run",))
    assert environment.installs == []
    assert subprocess.run([python, "-c", ""], check=False).returncode == 0


def test_the_compositor_is_compiled_with_the_first_install_only(
    environment: ModuleType, capfd: pytest.CaptureFixture[str]
) -> None:
    marker = environment.ROOT / "compiled"
    kernel = environment.ROOT / "editor" / "document" / "kernel"
    kernel.mkdir(parents=True)
    source = f"def machine():\n    open({str(marker)!r}, 'a').write('x')\n"
    (kernel / "machine_code.py").write_text(source)
    environment.ensure(("run",))
    assert marker.read_text() == "x"
    assert "Compiling the compositor" in capfd.readouterr().err
    environment.ensure(("run",))
    assert marker.read_text() == "x"


def test_interrupted_install_is_redone_from_an_empty_folder(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(environment, "_pip", _raiser(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            environment.ensure(("run",))
    remains = environment.FOLDER / "half-installed"
    remains.touch()
    environment.ensure(("run",))
    assert not remains.exists()
    assert environment._is_current("run")


def test_failed_or_interrupted_addition_keeps_what_works(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.ensure(("run",))
    kept = environment.FOLDER / "kept"
    kept.touch()
    for fault in (environment.EnvironmentFailure("no network"), KeyboardInterrupt()):
        with monkeypatch.context() as patch:
            patch.setattr(environment, "_pip", _raiser(fault))
            with pytest.raises(type(fault)):
                environment.ensure(("run", "test"))
        assert environment._is_current("run")
        assert kept.exists()
    environment.ensure(("run", "test"))
    assert kept.exists()


def test_moved_clone_gets_a_new_environment(environment: ModuleType) -> None:
    environment.ensure(("run",))
    (environment.FOLDER / "layerloom-home").write_text("/elsewhere 3.11")
    environment._stamp("run").write_text("made elsewhere")
    remains = environment.FOLDER / "remains"
    remains.touch()
    environment.ensure(("run",))
    assert not remains.exists()


def test_unwritable_folder_is_a_sentence(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment.venv, "create", _raiser(OSError(28, "No space left")))
    with pytest.raises(environment.EnvironmentFailure, match="free space"):
        environment.ensure(("run",))


def test_exit_code_of_the_program_is_passed_on(environment: ModuleType) -> None:
    leave = [sys.executable, "-c", "raise SystemExit(3)"]
    assert environment.run_to_end(leave, env={}) == 3


def _raiser(error: BaseException) -> Callable[..., None]:
    def fail(*arguments: object, **options: object) -> None:
        raise error

    return fail


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
