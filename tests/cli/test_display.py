"""Which displays are looked for before a window is opened."""

from __future__ import annotations

import socket
import sys

import pytest

from editor.display import why_no_window

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Qt finds its display there")

NOBODY = ":98765"


@pytest.mark.parametrize("option", ["-platform", "--platform"])
def test_a_named_platform_needs_no_display(option: str) -> None:
    assert why_no_window([option, "offscreen"], {}) == ""
    assert why_no_window([option], {}) == "There is no display for a window"


@pytest.mark.parametrize("option", ["-display", "--display"])
def test_the_display_of_the_words_comes_first(option: str) -> None:
    sentence = f"The display {NOBODY} cannot be reached"
    assert why_no_window(["picture.png", option, NOBODY], {}) == sentence
    assert why_no_window([option, NOBODY], {"DISPLAY": ":98764"}) == sentence
    assert why_no_window([option, NOBODY], {"WAYLAND_DISPLAY": "wayland-0"}) == sentence


def test_a_display_that_answers_is_there() -> None:
    number = 97531
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(f"\0/tmp/.X11-unix/X{number}")
        server.listen()
        assert why_no_window(["-display", f":{number}"], {"DISPLAY": NOBODY}) == ""


@pytest.mark.parametrize(
    "display",
    ["127.0.0.1:99999", "127.0.0.1:99999999999999999999", f":{'9' * 5000}", f"{'a' * 300}:1"],
)
def test_absurd_displays_cannot_be_reached(display: str) -> None:
    assert why_no_window([], {"DISPLAY": display}) == f"The display {display} cannot be reached"
