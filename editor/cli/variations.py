"""`layerloom variations`: other pictures of one layer, each as a PNG of its own."""

from __future__ import annotations

import argparse
from pathlib import Path

from editor import generation
from editor.cli import arguments
from editor.cli.describing import find_layer
from editor.cli.jobs import check_style
from editor.cli.regenerate import add_manner, layer_options
from editor.document.layer_prompts import prompt_of
from editor.formats.atomic_save import atomic_write, check_writable
from editor.formats.errors import FormatError
from editor.formats.files import read_document
from editor.formats.png_planes import encode_rgba
from editor.terminal import Interrupt, Interrupted, Terminal, run_job
from engine.errors import RequestError
from engine.requests import MAX_VARIATIONS, GeneratedLayer, LayerResult

HELP = "other pictures of one layer, as PNG files"
DEFAULT_COUNT = 4


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE", help="a file written by layerloom")
    command.add_argument("--layer", required=True, metavar="NAME_OR_ID")
    command.add_argument(
        "--count", type=int, default=DEFAULT_COUNT, metavar="N", help=f"1 to {MAX_VARIATIONS}"
    )
    command.add_argument(
        "--prompt", type=arguments.prompt, metavar="P", help="else what the layer shows"
    )
    add_manner(command)
    command.add_argument("--style", metavar="S", help=" or ".join(generation.styles()))
    command.add_argument("--seed", type=int, metavar="N")
    command.add_argument("--steps", type=int, metavar="N", help="1 to 100")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    command.add_argument("--weights", type=Path, metavar="FOLDER", help="another starter model")
    arguments.add_output_mode(command)


def run(options: argparse.Namespace, terminal: Terminal, interrupt: Interrupt) -> None:
    if options.style is not None:
        check_style(options.style)
    arguments.require_starter(options.weights)
    _check_folder(options.output)
    document = read_document(options.file).document
    layer = document.raster(find_layer(document, options.layer).layer_id)
    if layer.record is None and not options.prompt:
        raise RequestError(
            f'Nothing is known of what the layer "{layer.name}" shows; give --prompt.'
        )
    request = generation.layer_request(
        document,
        layer.layer_id,
        options.prompt or prompt_of(layer),
        layer_options(options, count=options.count),
    )
    result = run_job(request, options.weights, terminal, interrupt)
    if not isinstance(result, LayerResult):
        raise TypeError("a layer result answers a layer request")
    made = (result.layer, *result.variations)
    files = _write(made, options.output, interrupt)
    terminal.event(
        "result",
        files=[str(path) for path in files],
        seed=request.seed,
        attempts=[each.record.attempt for each in made],
        boxes=[list(each.box) for each in made],
        seconds=result.seconds,
        notes=list(result.notes),
    )
    for line in (*result.notes, f"Wrote {', '.join(map(str, files))}"):
        terminal.text(line)


def _check_folder(folder: Path) -> None:
    """Refuses before the work what could not be written after it."""
    there = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    if not there.is_dir():
        raise FormatError(f"{there} is a file; name a folder for the variations.")
    check_writable(there / _name(1))


def _name(number: int) -> str:
    return f"variation-{number:02d}.png"


def _write(layers: tuple[GeneratedLayer, ...], folder: Path, interrupt: Interrupt) -> list[Path]:
    """variation-01.png and so on; Interrupted and FormatError leave whole files only."""
    files: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, layer in enumerate(layers, 1):
            if interrupt():
                raise Interrupted(files)
            with atomic_write(folder / _name(number)) as file:
                file.write(encode_rgba(layer.pixels))
            files.append(folder / _name(number))
    except OSError as error:
        raise FormatError(
            f"{folder} cannot be written; choose another folder.", str(error)
        ) from error
    return files
