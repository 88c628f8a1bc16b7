"""`layerloom export`: a layered file as another kind."""

from __future__ import annotations

import argparse
from pathlib import Path

from editor.cli import arguments
from editor.exporting import export
from editor.formats.files import WRITABLE_SUFFIXES
from editor.terminal import Interrupt, Terminal

HELP = "a layered file as another kind"


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE")
    known = ", ".join(WRITABLE_SUFFIXES)
    command.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help=known)
    command.add_argument(
        "--no-recipes", action="store_true", help="leave prompts and seeds out of a PSD"
    )
    arguments.add_output_mode(command)


def run(options: argparse.Namespace, terminal: Terminal, interrupt: Interrupt) -> None:
    report = export(
        options.file, options.output, include_recipes=not options.no_recipes, cancelled=interrupt
    )
    terminal.event("result", **report)
    for note in report["notes"]:
        terminal.text(note)
    terminal.text(f"Wrote {report['file']}")
