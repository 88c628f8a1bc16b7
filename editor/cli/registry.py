"""The commands by name, in the order of the help.

A command is a module with HELP (a few words), `add_arguments(parser)` and
`run(options, terminal, interrupt)`; what `run` raises is reported by `editor.cli.main`.
"""

from __future__ import annotations

import argparse
from typing import Protocol

from editor.cli import (
    export,
    generate,
    import_file,
    inspect,
    models,
    regenerate,
    upscale,
    variations,
    verify,
)
from editor.terminal import Interrupt, Terminal


class Command(Protocol):
    """What a command's module has."""

    HELP: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(
        self, options: argparse.Namespace, terminal: Terminal, interrupt: Interrupt
    ) -> None: ...


COMMANDS: dict[str, Command] = {
    "generate": generate,
    "regenerate": regenerate,
    "variations": variations,
    "verify": verify,
    "inspect": inspect,
    "import": import_file,
    "export": export,
    "models": models,
    "upscale": upscale,
}
