"""`layerloom inspect`: what is in a layered file."""

from __future__ import annotations

import argparse
from pathlib import Path

from editor.cli import arguments
from editor.cli.describing import described, layer_line
from editor.formats.files import read_document
from editor.terminal import Interrupt, Terminal

HELP = "what is in a layered file"


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE")
    arguments.add_output_mode(command)


def run(options: argparse.Namespace, terminal: Terminal, _interrupt: Interrupt) -> None:
    content = described(read_document(options.file).document)
    if options.json:
        terminal.print_json(content)
        return
    terminal.text(f"{options.file}: {content['width']} x {content['height']} px")
    for layer in content["layers"]:
        terminal.text(layer_line(layer))
