"""`layerloom generate`: layers from a sentence and boxes."""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path

from editor import generation
from editor.cli import arguments
from editor.cli.jobs import check_style, do_job
from editor.cli.writing import check_outputs
from editor.document.layout import load_layout
from editor.terminal import Interrupt, Terminal
from engine.requests import (
    DEFAULT_STYLE,
    GenerationMode,
    LayoutRequest,
    check_request,
)

HELP = "layers from a sentence"
DEFAULT_SIZE = (512, 512)
_RANDOM_SEEDS = 2**32  # short enough to be typed again


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "prompt",
        type=arguments.prompt,
        help='what the picture should show; may be "" when all boxes have prompts',
    )
    command.add_argument("--layout", type=Path, metavar="FILE", help="boxes as JSON, bottom to top")
    command.add_argument(
        "--size", type=arguments.size, default=DEFAULT_SIZE, metavar="WxH", help="pixels"
    )
    command.add_argument("--layers", type=int, metavar="N", help="number of object layers")
    command.add_argument("--guidance", type=float, metavar="X", help="1 to 30")
    arguments.add_model(command, default=generation.STARTER)
    arguments.add_run_options(command)
    command.add_argument(
        "--mode",
        choices=[mode.value for mode in GenerationMode],
        default=GenerationMode.ART.value,
        help="art: all layers together from one sentence; multilayer: each layer by itself, from "
        "the sentence of its box (without --layout, PROMPT is divided into boxes)",
    )
    command.add_argument(
        "--background", type=arguments.prompt, default="", metavar="P", help="of the background"
    )
    command.add_argument(
        "--harmony", action="store_true", help="also compare the stack with a render of the whole"
    )
    arguments.add_negative(command)
    arguments.add_alpha(command)
    arguments.add_sampling(command, style=DEFAULT_STYLE, steps=None)


def run(options: argparse.Namespace, terminal: Terminal, interrupt: Interrupt) -> None:
    width, height = options.size
    seed = secrets.randbelow(_RANDOM_SEEDS) if options.seed is None else options.seed
    # Before the layout is read, whose boxes need a possible size; their prompts may stand in.
    stand_in = "boxes" if options.layout else ""
    check_request(LayoutRequest(options.prompt.strip() or stand_in, width, height, seed))
    check_style(options.style)
    check_outputs(options.output)
    arguments.require_starter(options.weights)
    boxes = load_layout(options.layout, width, height) if options.layout else ()
    document = generation.new_document(options.prompt, width, height, boxes=boxes, seed=seed)
    request = generation.layout_request(document, options.prompt, _wishes(options))
    do_job(document, request, options, terminal, interrupt)


def _wishes(options: argparse.Namespace) -> generation.PictureOptions:
    return generation.PictureOptions(
        style=options.style,
        steps=options.steps,
        guidance=options.guidance,
        layer_count=options.layers,
        mode=GenerationMode(options.mode),
        negative_prompt=options.negative or "",
        background_prompt=options.background,
        harmony=options.harmony,
        model=arguments.model_use(options),
        transparency=arguments.transparency(options),
    )
