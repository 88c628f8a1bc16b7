"""Arguments that several commands share."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any, NoReturn

from editor import generation
from editor.formats.files import WRITABLE_SUFFIXES
from editor.terminal import Terminal


class ArgumentParser(argparse.ArgumentParser):
    """Reports wrong use also as a JSON event when `--json` was among the words."""

    def __init__(self, *, as_json: bool, **options: Any) -> None:
        super().__init__(**options)
        self._as_json = as_json

    def error(self, message: str) -> NoReturn:
        Terminal(self._as_json).event("error", message=message)
        super().error(message)


def size(text: str) -> tuple[int, int]:
    """Reads WIDTHxHEIGHT, in pixels."""
    match = re.fullmatch(r"(\d{1,9})[x×X](\d{1,9})", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write WIDTHxHEIGHT, e.g. 640x480")
    return int(match[1]), int(match[2])


def prompt(text: str) -> str:
    """Bytes that are no text in the terminal's encoding become a replacement character."""
    return text.encode("utf-8", "replace").decode()


def add_sampling(command: argparse.ArgumentParser, style: str | None, steps: int | None) -> None:
    """Style, seed, steps, outputs and model of a command that generates, with its defaults."""
    known = " or ".join(generation.styles())
    command.add_argument("--style", default=style, metavar="S", help=known)
    command.add_argument("--seed", type=int, metavar="N", help="the same seed, the same picture")
    command.add_argument("--steps", type=int, default=steps, metavar="N", help="1 to 100")
    command.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        action="append",
        metavar="FILE",
        help=f"{', '.join(WRITABLE_SUFFIXES)}; may be given several times",
    )
    command.add_argument(
        "--weights", type=Path, metavar="FOLDER", help="another starter model than the shipped one"
    )
    add_output_mode(command)


def add_output_mode(command: argparse.ArgumentParser) -> None:
    """`--json` and `--verbose`; every command has them."""
    command.add_argument("--json", action="store_true", help="one JSON object per line on stdout")
    command.add_argument("--verbose", action="store_true", help="details of failures on stderr")
