"""Runs a job of the engine for a command and writes what came of it."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict
from typing import Any

from editor import generation
from editor.cli.describing import described, layer_line, spoken_seconds
from editor.cli.writing import write_all
from editor.commands.history import History
from editor.document.document import Document
from editor.terminal import Interrupt, Terminal, run_job
from engine.errors import RequestError
from engine.requests import (
    GenerationMode,
    LayerResult,
    LayoutRequest,
    LayoutResult,
    Request,
)


def check_style(style: str) -> None:
    """RequestError for a style that the model does not know."""
    if style not in generation.styles():
        known = " or ".join(generation.styles())
        raise RequestError(f'The style "{style}" is not known; choose {known}.')


def do_job(
    document: Document,
    request: Request,
    options: argparse.Namespace,
    terminal: Terminal,
    interrupt: Interrupt,
) -> None:
    """Runs the job, lands its result in the document and writes the files."""
    result = run_job(request, options.weights, terminal, interrupt)
    if not isinstance(result, LayoutResult | LayerResult):
        raise TypeError("only layers land in a document")
    History(document).push(generation.command_for(result, request, document))
    started = time.perf_counter()
    write_all(document, options.output, interrupt, terminal)
    seconds = {**result.seconds, "write": round(time.perf_counter() - started, 3)}
    report = {
        "file": str(options.output[0]),
        "files": [str(path) for path in options.output],
        "seed": request.seed,
        "seconds": seconds,
        "layers": described(document)["layers"],
        "notes": [*_on_boxes(request), *result.notes],
    }
    if isinstance(result, LayoutResult) and result.harmony:
        report["harmony"] = asdict(result.harmony)
    terminal.event("result", **report)
    _tell(report, terminal)


def _on_boxes(request: Request) -> list[str]:
    """A sentence per box was wished for without any box."""
    if not isinstance(request, LayoutRequest) or request.boxes:
        return []
    if request.mode is not GenerationMode.MULTILAYER:
        return []
    return ["No boxes were given: they were planned from the sentence, and each drawn by itself."]


def _tell(report: dict[str, Any], terminal: Terminal) -> None:
    """The same for people."""
    for line in (*report["notes"], *map(layer_line, report["layers"])):
        terminal.text(line)
    if harmony := report.get("harmony"):
        terminal.text(f"The stack and the whole image agree to {harmony['psnr']:.1f} dB.")
    terminal.text(f"Seed {report['seed']}; {spoken_seconds(report['seconds'])}")
    terminal.text(f"Wrote {', '.join(report['files'])}")
