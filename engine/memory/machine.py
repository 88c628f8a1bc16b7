"""What the plan must know of a computer: its kind, its memory, and about how fast it is."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from enum import StrEnum

from engine.errors import RequestError
from engine.sentences import sentence

GIB = 2**30
_UNITS = {"": GIB, "k": 2**10, "m": 2**20, "g": GIB, "t": 2**40}


class Device(StrEnum):
    """What computes."""

    CUDA = "cuda"
    ROCM = "rocm"
    MPS = "mps"  # Apple: one memory for everything
    CPU = "cpu"


# Assumed until a run has been measured: sustained operations per second in bfloat16 on a current
# card of the middle class (a laptop's processor for CPU), and bytes per second to the card.
_OPERATIONS = {Device.CUDA: 50e12, Device.ROCM: 35e12, Device.MPS: 8e12, Device.CPU: 0.1e12}
_BUS = {Device.CUDA: 12e9, Device.ROCM: 12e9, Device.MPS: 100e9, Device.CPU: 100e9}
DISK_BYTES_PER_SECOND = 1e9


@dataclass(frozen=True, slots=True)
class Machine:
    """A computer, real or asked about.

    Attributes:
        vram: Memory of the graphics card in bytes; 0 for CPU, all memory for MPS.
        ram: Main memory in bytes.
        operations: Multiplications and additions per second that a large network reaches.
        bus: Bytes per second from main memory to the card.
    """

    device: Device
    vram: int
    ram: int
    operations: float
    bus: float

    @classmethod
    def of(cls, device: Device, vram: int, ram: int, operations: float | None = None) -> Machine:
        """With the assumed speed of its kind where none is given."""
        memory = {Device.CPU: 0, Device.MPS: ram}.get(device, vram)
        return cls(device, memory, ram, operations or _OPERATIONS[device], _BUS[device])

    @property
    def shares_memory(self) -> bool:
        """Whether the network's memory is the main memory."""
        return self.device in (Device.MPS, Device.CPU)


def parse_memory(text: str) -> int:
    """Bytes of "12G", "12 GB", "512M"; a number alone means gibibytes.

    Raises:
        RequestError: It is no amount of memory.
    """
    match = re.fullmatch(r"\s*(\d{1,6}(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*", text.lower())
    if not match:
        raise RequestError(
            sentence('"{text}" is no amount of memory; write for example 12G.', text=text)
        )
    return int(float(match[1]) * _UNITS[match[2]])


def this_machine() -> Machine:
    """The computer that this runs on; torch is asked for its card, which takes a few seconds."""
    import torch

    ram = total_memory()
    if torch.cuda.is_available():
        vram = int(torch.cuda.get_device_properties(0).total_memory)
        device = Device.ROCM if torch.version.hip else Device.CUDA
        return Machine.of(device, vram, ram)
    if torch.backends.mps.is_available():
        return Machine.of(Device.MPS, ram, ram)
    return Machine.of(Device.CPU, 0, ram)


def total_memory() -> int:
    """Main memory in bytes; 0 where the system does not say."""
    if sys.platform == "win32":
        return _windows_memory()
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 0


def _windows_memory() -> int:
    try:
        import psutil
    except ImportError:
        return 0
    return int(psutil.virtual_memory().total)
