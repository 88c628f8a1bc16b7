"""How many bytes of pixels a file may unpack to, on this machine or in this process."""

from __future__ import annotations

import os

_SHARE = 0.75
_LEAST_BYTES = 2 * 2**30
_UNKNOWN_BYTES = 8 * 2**30  # on systems that do not tell
_PROGRAM_BYTES = 176 * 2**20  # what a reading process takes before it has read anything
_COPIES = 4  # of the pixels exist at once while a layer is unpacked
_SMALLEST_BYTES = 2**24

_limits: list[int] = []  # of this process; the last one counts


def limit_memory(process_bytes: int | None) -> None:
    """From now on this process refuses what would take it beyond so much; None = as before."""
    _limits.clear()
    if process_bytes is not None:
        pixels = (process_bytes - _PROGRAM_BYTES) // _COPIES
        _limits.append(max(_SMALLEST_BYTES, pixels))


def max_pixel_bytes() -> int:
    """Three quarters of the physical memory, never below 2 GiB; less after `limit_memory`."""
    if _limits:
        return _limits[-1]
    return max(_LEAST_BYTES, int(physical_bytes() * _SHARE))


def physical_bytes() -> int:
    """The memory of this computer; a guess where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf
        return round(_UNKNOWN_BYTES / _SHARE)
