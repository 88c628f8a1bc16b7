"""Percentages typed as digits: one digit is tens, two in quick succession are exact."""

from __future__ import annotations

import time
from collections.abc import Callable

PAIR_S = 0.8  # the second digit comes sooner than that


class TypedPercent:
    """What the digits typed so far mean: 4 is 40 %, 4 5 is 45 %, 0 is 100 %, 0 0 is 0 %.

    Args:
        clock: Seconds from any moment on.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._first: int | None = None  # a digit that may get a second one
        self._typed_at = 0.0
        self._about: object = None

    def add(self, digit: int, about: object = None) -> tuple[int, bool]:
        """The percentage after one more digit, and whether it corrects the one before.

        Args:
            about: What it is of; digits of different things are no pair.
        """
        first, now = self._first, self._clock()
        same, self._about = about == self._about, about
        if first is not None and same and now - self._typed_at <= PAIR_S:
            self._first = None
            return 10 * first + digit, True
        self._first, self._typed_at = digit, now
        return 10 * digit or 100, False

    def forget(self) -> None:
        """The next digit begins a new percentage."""
        self._first = None
