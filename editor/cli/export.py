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
    known = f"{', '.join(WRITABLE_SUFFIXES)}, or a folder for a PNG of each layer"
    command.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help=known)
    command.add_argument(
        "--no-recipes", action="store_true", help="leave prompts, seeds and the layout out"
    )
    command.add_argument(
        "--compact", action="store_true", help="a smaller PSD, which a few programs cannot read"
    )
    arguments.add_output_mode(command)


def run(options: argparse.Namespace, terminal: Terminal, interrupt: Interrupt) -> None:
    report = export(
        options.file,
        options.output,
        include_recipes=not options.no_recipes,
        compact=options.compact,
        cancelled=interrupt,
    )
    terminal.event("result", **report)
    for text in (*report["notes"], *(change["text"] for change in report["changes"])):
        terminal.text(text)
    terminal.text(f"Wrote {report['file']}")
