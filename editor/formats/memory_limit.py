"""How many bytes of pixels a file may unpack to on this machine."""

from __future__ import annotations

import os

_SHARE = 0.75
_LEAST_BYTES = 2 * 2**30
_UNKNOWN_BYTES = 8 * 2**30  # on systems that do not tell


def max_pixel_bytes() -> int:
    """Three quarters of the physical memory, never below 2 GiB."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf
        return _UNKNOWN_BYTES
    return max(_LEAST_BYTES, int(total * _SHARE))
