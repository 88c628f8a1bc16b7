"""`layerloom import`: a file of another program as one of ours, with notes on what it held."""

from __future__ import annotations

import argparse
from pathlib import Path

from editor.cli import arguments
from editor.formats.files import WRITABLE_SUFFIXES
from editor.importing import import_file
from editor.terminal import Interrupt, Terminal

HELP = "a file of another program as a document"


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help=".psd, .psb, .ora, an exported folder, a flat picture or .svg",
    )
    known = ", ".join(WRITABLE_SUFFIXES)
    command.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help=known)
    arguments.add_output_mode(command)


def run(options: argparse.Namespace, terminal: Terminal, interrupt: Interrupt) -> None:
    report = import_file(options.file, options.output, cancelled=interrupt)
    terminal.event("result", **report)
    for note in report["notes"]:
        terminal.text(note)
    for name, features in report["kept"].items():
        terminal.text(f'  "{name}" keeps: {", ".join(features)}')
    terminal.text(f"Wrote {report['file']}")
