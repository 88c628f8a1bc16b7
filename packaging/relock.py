"""Rewrites the lock files from what is installed in `.venv`, after a deliberate upgrade.

.venv/bin/pip install --upgrade NAME==VERSION && .venv/bin/python packaging/relock.py
"""

from __future__ import annotations

import importlib.metadata
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
HEADERS = {
    "run": "Versions of the program's environment, tried together",
    "test": "Added for lint, types and tests",
    "train": "Added for training the starter model",
}
# Needed on Windows only, so never seen in the environment of another system.
WINDOWS_ONLY = 'colorama==0.4.6 ; sys_platform == "win32"\n'


def closure(wanted: list[str]) -> dict[str, str]:
    """Name -> `Name==version` of everything the wanted requirements pull in on this system."""
    pinned: dict[str, str] = {}
    queue = [Requirement(text) for text in wanted]
    while queue:
        requirement = queue.pop()
        key = canonicalize_name(requirement.name)
        if key in pinned and not requirement.extras:
            continue
        package = importlib.metadata.distribution(requirement.name)
        public_version = package.version.split("+")[0]  # a local build has the same public version
        pinned[key] = f"{package.metadata['Name']}=={public_version}"
        extras = ["", *requirement.extras]
        for needed in map(Requirement, package.requires or []):
            marker = needed.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras):
                queue.append(needed)
    return pinned


def main() -> None:
    """Writes one lock file per environment."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    run = closure([*project["dependencies"], "setuptools"])
    for name, header in HEADERS.items():
        extra = [] if name == "run" else project["optional-dependencies"][name]
        pinned = run if name == "run" else {k: v for k, v in closure(extra).items() if k not in run}
        lines = [f"{line}\n" for line in sorted(pinned.values(), key=str.lower)]
        text = f"# {header}; made with packaging/relock.py.\n{''.join(lines)}"
        (ROOT / "packaging" / "lock" / f"{name}.txt").write_text(
            text + (WINDOWS_ONLY if name == "run" else "")
        )


if __name__ == "__main__":
    main()
