"""Swaps two files or folders in one step of the file system, so that a kill cannot come between."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

_HERE = -100  # AT_FDCWD of Linux
_SWAP = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS


def exchange(first: Path, second: Path) -> bool:
    """Give each the other's name; False (nothing was changed) where the system has no such call."""
    if os.name == "nt":
        return False
    names = os.fsencode(first), os.fsencode(second)
    library = ctypes.CDLL(None)
    try:
        if hasattr(library, "renamex_np"):
            return bool(library.renamex_np(*names, _SWAP) == 0)
        return bool(library.renameat2(_HERE, names[0], _HERE, names[1], _SWAP) == 0)
    except AttributeError:  # an older C library
        return False
