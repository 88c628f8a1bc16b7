"""`layerloom regenerate`: one layer of a file again."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from editor import generation
from editor.cli import arguments
from editor.cli.describing import find_layer
from editor.cli.jobs import check_style, do_job
from editor.cli.writing import check_outputs
from editor.formats.files import read_document
from editor.session.places import user_places
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


def manner(options: argparse.Namespace) -> dict[str, Any]:
    """The values of `add_manner` as requests take them. RequestError for a file that is missing."""
    return {
        "strength": options.strength,
        "in_context": options.context,
        "model": options.model,
        "models": user_places().models,
        "negative_prompt": options.negative,
        **arguments.run_options(options),
        **arguments.alpha_options(options),
    }


def run(options: argparse.Namespace, terminal: Terminal, interrupt: Interrupt) -> None:
    check_outputs(options.output)
    arguments.require_starter(options.weights)
    if options.style is not None:
        check_style(options.style)
    document = read_document(options.file).document
    layer = find_layer(document, options.layer)
    request = generation.layer_request(
        document,
        layer.layer_id,
        options.prompt,
        style=options.style,
        seed=options.seed,
        steps=options.steps,
        **manner(options),
    )
    do_job(document, request, options, terminal, interrupt)
