"""`layerloom verify`: whether generated layers are still what their records make."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from editor import generation
from editor.cli import arguments
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.formats.files import read_document
from editor.generation import Agreement, LayerCheck
from editor.terminal import Interrupt, JobRefused, Terminal, engine_jobs
from engine.errors import EngineError
from engine.requests import LayerRequest, LayerResult

HELP = "whether generated layers are what their records make"


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE", help="a file written by layerloom")
    command.add_argument("--weights", type=Path, metavar="FOLDER", help="another starter model")
    arguments.add_output_mode(command)


def run(options: argparse.Namespace, terminal: Terminal, interrupt: Interrupt) -> None:
    arguments.require_starter(options.weights)
    document = read_document(options.file).document
    checks = verify(document, options.weights, terminal, interrupt)
    terminal.event("result", file=str(options.file), layers=[asdict(check) for check in checks])
    for check in checks:
        terminal.text(_line(check))
    wrong = [check.name for check in checks if check.agreement is Agreement.DIFFERENT]
    if wrong:
        names = ", ".join(f'"{name}"' for name in wrong)
        raise DocumentError(f"Not what the records make: {names}.")


def verify(
    document: Document, weights: Path | None, terminal: Terminal, interrupt: Interrupt
) -> list[LayerCheck]:
    """A verdict for each raster layer, bottom to top. Raises Interrupted on Ctrl+C."""
    with engine_jobs(weights, terminal, interrupt) as run:

        def repeat(request: LayerRequest) -> LayerResult | EngineError:
            answer = run(request)
            own = request.checkpoint == generation.STARTER
            if own and isinstance(answer, JobRefused) and not answer.bad_input:
                raise answer  # a brought model that is gone or too large concerns its layers only
            if not isinstance(answer, LayerResult | JobRefused):
                raise TypeError("a layer result answers a layer request")
            return answer

        return generation.verify_layers(document, repeat)


def _line(check: LayerCheck) -> str:
    reasons = f": {' '.join(check.reasons)}" if check.reasons else ""
    return f'  {check.layer_id}  "{check.name}"  {check.agreement}{reasons}'
