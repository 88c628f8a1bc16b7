"""How much memory another process takes at the moment, on each system."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

_QUERY_AND_READ = 0x0410  # PROCESS_QUERY_INFORMATION | PROCESS_VM_READ


def resident_bytes(process_id: int) -> int | None:
    """Memory in use by a process; None when the system does not tell."""
    try:
        if sys.platform == "win32":
            return _windows(process_id)
        if sys.platform == "linux":
            pages = int(Path(f"/proc/{process_id}/statm").read_text(encoding="ascii").split()[1])
            return pages * os.sysconf("SC_PAGE_SIZE")
        return _by_ps(process_id)
    except (OSError, ValueError, IndexError):
        return None


def _by_ps(process_id: int) -> int:
    words = ["/bin/ps", "-o", "rss=", "-p", str(process_id)]
    found = subprocess.run(words, capture_output=True, check=False, timeout=5)  # noqa: S603
    return int(found.stdout.strip()) * 1024


class _Counters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS of the Windows API."""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("page_faults", ctypes.c_uint32),
        ("peak_working_set", ctypes.c_size_t),
        ("working_set", ctypes.c_size_t),
        ("rest", ctypes.c_size_t * 6),
    ]


def _windows(process_id: int) -> int | None:
    libraries = ctypes.windll  # type: ignore[attr-defined, unused-ignore]
    handle = libraries.kernel32.OpenProcess(_QUERY_AND_READ, False, process_id)
    if not handle:
        return None
    counters = _Counters()
    counters.size = ctypes.sizeof(counters)
    try:
        done = libraries.psapi.GetProcessMemoryInfo(handle, ctypes.byref(counters), counters.size)
        return int(counters.working_set) if done else None
    finally:
        libraries.kernel32.CloseHandle(handle)
