"""What those who wait for a file hand in: how to tell them of it, and how to ask them to go on."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float], None]  # told the finished share, 0..1
Cancelled = Callable[[], bool]  # True = stop, and leave nothing half done


def ignore(_share: float) -> None:
    """Progress that nobody wants."""


def never() -> bool:
    """Cancelled by nobody."""
    return False
