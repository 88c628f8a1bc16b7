"""Commands, files and paths that READMEs, model cards and docstrings name exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_OURS = ("editor", "engine", "packaging", "resources", "tests")
_COMMAND = re.compile(rf"python3? -m ((?:{'|'.join(_OURS)})(?:\.\w+)*)")
_PATH = re.compile(rf"(?<![\w/.-])(?:{'|'.join(_OURS)})(?:/[\w.-]+)+/?(?![\w*{{<])")
_ELSEWHERE = {"tests/psd_files"}  # in psd-tools' own repository
_FILE = re.compile(r"`(?:python3? )?((?:[\w.-]+/)*[\w-]+\.py)\b[^`\n]*`")
_LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


def _texts(*kinds: str) -> Iterator[Path]:
    for folder in _OURS:
        for kind in kinds:
            yield from (ROOT / folder).rglob(kind)
    yield from (ROOT / name for name in ("README.md", "NOTICE", "CHANGELOG.md"))


def _file_of(module: str) -> Path:
    """What `python -m module` runs."""
    place = ROOT / module.replace(".", "/")
    is_package = (place / "__init__.py").is_file()
    return place / "__main__.py" if is_package else place.with_suffix(".py")


def _named(pattern: re.Pattern[str], *kinds: str) -> list[tuple[str, Path]]:
    """What the pattern finds, and in which file."""
    return [
        (found, file)
        for file in _texts(*kinds)
        if file != Path(__file__)
        for found in pattern.findall(file.read_text("utf-8"))
    ]


def _command_runs(module: str) -> bool:
    file = _file_of(module)
    return file.is_file() and (
        file.name == "__main__.py" or '__name__ == "__main__"' in file.read_text("utf-8")
    )


def test_documented_commands_are_modules_that_run() -> None:
    named = _named(_COMMAND, "*.md", "*.txt", "*.toml", "*.py")

    assert len(named) > 60
    assert [(m, str(f)) for m, f in named if not _command_runs(m)] == []


def test_documented_paths_are_there() -> None:
    named = [(p, f) for p, f in _named(_PATH, "*.md", "*.txt") if p not in _ELSEWHERE]

    assert len(named) > 20
    assert [(p, str(f)) for p, f in named if not (ROOT / p.rstrip("./")).exists()] == []


def test_files_named_in_documents_are_there() -> None:
    ours = {f"/{file.relative_to(ROOT).as_posix()}" for folder in _OURS
            for file in (ROOT / folder).rglob("*.py")}  # fmt: skip
    now = [(name, f) for name, f in _named(_FILE, "*.md") if f.name != "CHANGELOG.md"]

    def is_there(name: str, named_in: Path) -> bool:
        return (named_in.parent / name).exists() or any(x.endswith(f"/{name}") for x in ours)

    assert len(now) > 100
    assert [(name, str(f)) for name, f in now if not is_there(name, f)] == []


def test_links_between_documents_lead_somewhere() -> None:
    named = [(link, file) for link, file in _named(_LINK, "*.md") if "://" not in link]

    assert len(named) > 10
    assert [(x, str(f)) for x, f in named if not (f.parent / x).exists()] == []


def test_a_missing_module_and_a_package_are_no_commands() -> None:
    assert _command_runs("engine.training.evaluate")
    assert not _command_runs("engine.training.evaluate_everything")
    assert not _command_runs("engine.training.art")
