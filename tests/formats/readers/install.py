"""Installs the programs that check our files: `python -m tests.formats.readers.install`.

ag-psd and PhotoshopAPI go into folders beside this file that git ignores; ImageMagick, GIMP and
Krita (with a virtual display) come from the system's packages where that is possible without a
password (Debian and Ubuntu, as root; about 190 MB to download). What cannot be installed is named,
and its tests are skipped with that reason.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.formats.readers import programs

_PHOTOSHOP_API = "PhotoshopAPI==0.9.1"
_PACKAGES = {
    "ImageMagick": ["imagemagick"],
    "GIMP": ["gimp"],
    "Krita": ["krita", "xvfb", "xauth"],
}


def main() -> int:
    """0 when all readers can be used."""
    missing = [
        *(["ag-psd (needs node and npm)"] if not _install_ag_psd() else []),
        *(["PhotoshopAPI"] if not _install_photoshop_api() else []),
        *_install_packages(),
    ]
    for name in missing:
        print(f"could not install {name}", file=sys.stderr)
    return 1 if missing else 0


def _install_ag_psd() -> bool:
    npm = shutil.which("npm")
    if programs.ag_psd() is None and npm is not None:
        _run([npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], programs.FOLDER)
    return programs.ag_psd() is not None


def _install_photoshop_api() -> bool:
    """Into a folder of its own: it is no dependency of the program or of the other tests."""
    if programs.photoshop_api() is None:
        options = ["--no-deps", "--only-binary", ":all:", "--target", str(programs.PHOTOSHOP_API)]
        _run([sys.executable, "-m", "pip", "install", "-q", *options, _PHOTOSHOP_API])
    return programs.photoshop_api() is not None


def _install_packages() -> list[str]:
    """Names of the programs that are still missing afterwards."""
    apt = shutil.which("apt-get")
    wanted = [package for name in _missing() for package in _PACKAGES[name]]
    if wanted and apt is not None and os.geteuid() == 0:
        _run([apt, "update"])
        _run([apt, "install", "-y", "--no-install-recommends", *wanted])
    return _missing()


def _missing() -> list[str]:
    found = {
        "ImageMagick": programs.imagemagick(),
        "GIMP": programs.gimp(),
        "Krita": programs.krita(),
    }
    return [name for name, path in found.items() if path is None]


def _run(command: list[str], folder: Path | None = None) -> None:
    print("==", *command, flush=True)
    subprocess.run(
        command, cwd=folder, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, check=False
    )


if __name__ == "__main__":
    sys.exit(main())
