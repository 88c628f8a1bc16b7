"""`layerloom regenerate`: one layer of a file again."""

from __future__ import annotations

import argparse
from pathlib import Path

from editor import generation
from editor.cli import arguments
from editor.cli.describing import find_layer
from editor.cli.jobs import check_style, do_job
from editor.cli.writing import check_outputs
from editor.formats.files import read_document
from editor.terminal import Interrupt, Terminal

HELP = "one layer of a file again"


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE", help="a file written by layerloom")
    command.add_argument("--layer", required=True, metavar="NAME_OR_ID")
    command.add_argument("--prompt", required=True, type=arguments.prompt, metavar="P")
    add_manner(command)
    arguments.add_sampling(command, style=None, steps=None)


def add_manner(command: argparse.ArgumentParser) -> None:
    """From what and beside what a layer is made again."""
    command.add_argument(
        "--strength", type=float, metavar="S", help="refine its pixels: 0.05 (hardly) to 1 (anew)"
    )
    command.add_argument(
        "--context", action="store_true", help="beside the other layers, so that it matches them"
    )
    arguments.add_model(command, default=None)
    arguments.add_run_options(command)
    arguments.add_negative(command)
    arguments.add_alpha(command)


def layer_options(options: argparse.Namespace, *, count: int = 1) -> generation.LayerOptions:
    """The values of `add_manner` and of sampling. RequestError for a file that is missing."""
    return generation.LayerOptions(
        style=options.style,
        seed=options.seed,
        steps=options.steps,
        count=count,
        negative_prompt=options.negative,
        in_context=options.context,
        strength=options.strength,
        model=arguments.model_use(options),
        transparency=arguments.transparency(options),
    )


def run(options: argparse.Namespace, terminal: Terminal, interrupt: Interrupt) -> None:
    check_outputs(options.output)
    arguments.require_starter(options.weights)
    if options.style is not None:
        check_style(options.style)
    document = read_document(options.file).document
    layer = find_layer(document, options.layer)
    request = generation.layer_request(
        document, layer.layer_id, options.prompt, layer_options(options)
    )
    do_job(document, request, options, terminal, interrupt)
