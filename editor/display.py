"""Whether a window can be opened here; Qt ends the process where it cannot, so ask before."""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise

_X11_TCP_PORT = 6000  # of display 0
_TIMEOUT_S = 3.0
_MOST_DIGITS = 9  # of a display's number; int() refuses thousands


def why_no_window(words: Sequence[str], surroundings: Mapping[str, str] = os.environ) -> str:
    """A sentence about the display that is missing; empty when there is one.

    Args:
        words: Arguments of the program; Qt takes `-platform NAME` and `-display NAME` from them,
            with one dash or two.
        surroundings: Environment variables.
    """
    if sys.platform != "linux" or _value("platform", words) or "QT_QPA_PLATFORM" in surroundings:
        return ""
    named = _value("display", words)
    if surroundings.get("WAYLAND_DISPLAY") and not named:
        return ""
    display = named or surroundings.get("DISPLAY", "")
    if not display:
        return "There is no display for a window"
    return "" if _x11_answers(display) else f"The display {display} cannot be reached"


def _value(option: str, words: Sequence[str]) -> str:
    """What follows an option of Qt's the last time; empty without it."""
    found = ""
    for word, following in pairwise(words):
        if word in (f"-{option}", f"--{option}"):
            found = following
    return found


def _x11_answers(display: str) -> bool:
    """Whether an X server takes connections; a name of another form is left to Qt."""
    parts = re.fullmatch(r"(?:unix)?(?P<host>[^:/]*):(?P<number>\d+)(?:\.\d+)?", display)
    if parts is None:
        return True
    if len(parts["number"]) > _MOST_DIGITS:
        return False
    number = int(parts["number"])
    if parts["host"]:
        return _connects(socket.AF_INET, (parts["host"], _X11_TCP_PORT + number))
    name = f"/tmp/.X11-unix/X{number}"  # noqa: S108  # where X servers listen
    return _connects(socket.AF_UNIX, name) or _connects(socket.AF_UNIX, f"\0{name}")


def _connects(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(_TIMEOUT_S)
        try:
            client.connect(address)
        except (OSError, OverflowError, ValueError):  # also a port or a name that cannot be
            return False
    return True
