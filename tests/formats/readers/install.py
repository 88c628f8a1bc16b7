"""Installs the programs that check our files: `python -m tests.formats.readers.install`.

ag-psd goes into a folder beside this file that git ignores; ImageMagick comes from the system's
packages where that is possible without a password (Debian and Ubuntu, as root). What cannot be
installed is named, and its tests are skipped with that reason.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.formats.readers import programs


def main() -> int:
    """0 when both readers can be used."""
    missing = [
        *(["ag-psd (needs node and npm)"] if not _install_ag_psd() else []),
        *(["ImageMagick"] if not _install_imagemagick() else []),
    ]
    for name in missing:
        print(f"could not install {name}", file=sys.stderr)
    return 1 if missing else 0


def _install_ag_psd() -> bool:
    npm = shutil.which("npm")
    if programs.ag_psd() is None and npm is not None:
        _run([npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], programs.FOLDER)
    return programs.ag_psd() is not None


def _install_imagemagick() -> bool:
    apt = shutil.which("apt-get")
    if programs.imagemagick() is None and apt is not None and os.geteuid() == 0:
        _run([apt, "update"])
        _run([apt, "install", "-y", "--no-install-recommends", "imagemagick"])
    return programs.imagemagick() is not None


def _run(command: list[str], folder: Path | None = None) -> None:
    print("==", *command, flush=True)
    subprocess.run(
        command, cwd=folder, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, check=False
    )


if __name__ == "__main__":
    sys.exit(main())
