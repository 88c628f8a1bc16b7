"""Arguments that several commands share."""

from __future__ import annotations

import argparse
import difflib
import re
from pathlib import Path
from typing import Any, NoReturn

from editor import generation
from editor.formats.files import WRITABLE_SUFFIXES
from editor.generation import ModelUse, Transparency
from editor.session.places import user_places
from editor.terminal import Terminal
from engine.errors import RequestError
from engine.requests import AdapterChoice, AlphaRoute
from engine.requests.run_options import Attention, RunOptions

_STARTER_FILES = (
    "config.json",
    "transformer.safetensors",
    "codec.safetensors",
    "text_encoder.safetensors",
    "tokenizer.json",
    "concepts.safetensors",
    "feature_net.safetensors",
)


_LEFT_OVER = "unrecognized arguments: "  # as argparse begins its sentence
_NO_CHOICE = re.compile(r"invalid choice: '(.*)' \(choose from (.*)\)")  # as it says that


class ArgumentParser(argparse.ArgumentParser):
    """Reports wrong use also as a JSON event when `--json` was among the words.

    Words that are left over are mostly those of a sentence that is not in quotes, and an unknown
    command or mode is mostly a slip.
    """

    def __init__(self, *, as_json: bool, **options: Any) -> None:
        super().__init__(**options)
        self._as_json = as_json

    def error(self, message: str) -> NoReturn:
        left_over = message.removeprefix(_LEFT_OVER)
        if left_over != message and not left_over.startswith("-"):
            message += '; a sentence or a name of several words needs quotes, as in "a red apple"'
        message += _nearest_choice(message)
        Terminal(self._as_json).event("error", message=message)
        super().error(message)


def _nearest_choice(message: str) -> str:
    """What goes behind argparse's sentence about a word that is no choice; empty = nothing."""
    told = _NO_CHOICE.search(message)
    if told is None:
        return ""
    choices = [choice.strip("'") for choice in told[2].split(", ")]
    near = difflib.get_close_matches(told[1], choices, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def size(text: str) -> tuple[int, int]:
    """Reads WIDTHxHEIGHT, in pixels."""
    match = re.fullmatch(r"(\d{1,9})[x×X](\d{1,9})", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write WIDTHxHEIGHT, e.g. 640x480")
    return int(match[1]), int(match[2])


def prompt(text: str) -> str:
    """Bytes that are no text in the terminal's encoding become a replacement character."""
    return text.encode("utf-8", "replace").decode()


def adapter(text: str) -> AdapterChoice:
    """Reads FILE or FILE:WEIGHT; what follows the last colon is a weight if it is a number."""
    path, colon, weight = text.rpartition(":")
    try:
        return AdapterChoice(path, float(weight)) if colon and path else AdapterChoice(text)
    except ValueError:
        return AdapterChoice(text)


def require_there(*paths: Path | None) -> None:
    """RequestError for a path that was given and leads nowhere: a slip, no fault of the engine."""
    for path in paths:
        if path is not None and not path.exists():
            raise RequestError(f"{path} is missing; check how it is written.")


def require_starter(folder: Path | None) -> None:
    """RequestError for a `--weights` that was given and is no folder of a starter model."""
    require_there(folder)
    lacking = [name for name in _STARTER_FILES if folder and not (folder / name).is_file()]
    if lacking:
        raise RequestError(
            f"{folder} is no folder of a starter model: it lacks {', '.join(lacking)}; "
            "name another folder after --weights, or leave it out."
        )


def add_sampling(command: argparse.ArgumentParser, style: str | None, steps: int | None) -> None:
    """Style, seed, steps, outputs and model of a command that generates, with its defaults."""
    known = " or ".join(generation.styles())
    command.add_argument("--style", default=style, metavar="S", help=known)
    command.add_argument("--seed", type=int, metavar="N", help="the same seed, the same picture")
    command.add_argument("--steps", type=int, default=steps, metavar="N", help="1 to 100")
    command.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        action="append",
        metavar="FILE",
        help=f"{', '.join(WRITABLE_SUFFIXES)}; may be given several times",
    )
    command.add_argument(
        "--weights", type=Path, metavar="FOLDER", help="another starter model than the shipped one"
    )
    add_output_mode(command)


def add_model(command: argparse.ArgumentParser, default: str | None) -> None:
    """Which model makes the layers.

    Args:
        default: None = the model that made the layer.
    """
    whose = "" if default else "; without it the one that made the layer"
    command.add_argument(
        "--model",
        default=default,
        metavar="NAME",
        help=f"a full-size model that you added, or {generation.STARTER}{whose}",
    )


def add_alpha(command: argparse.ArgumentParser) -> None:
    """How a drawing becomes transparent, and with which matting model."""
    routes = [route.value for route in AlphaRoute]
    command.add_argument(
        "--alpha-route", choices=routes, metavar="R", help=f"{', '.join(routes)}; else the best"
    )
    command.add_argument(
        "--matting", type=Path, metavar="FILE", help="ONNX model for matting (U2-Net, BiRefNet)"
    )


def transparency(options: argparse.Namespace) -> Transparency:
    """The values of `add_alpha`. RequestError for a file that is missing."""
    require_there(options.matting)
    route = AlphaRoute(options.alpha_route) if options.alpha_route else None
    return Transparency(route, str(options.matting or ""))


def add_run_options(command: argparse.ArgumentParser) -> None:
    """How a full-size model is run."""
    command.add_argument(
        "--lora", type=adapter, action="append", default=[], metavar="FILE[:WEIGHT]",
        help="an adapter for --model; may be given several times",
    )  # fmt: skip
    kernels = [kernel.value for kernel in Attention]
    command.add_argument(
        "--attention", choices=kernels, default=Attention.AUTO.value, metavar="KERNEL",
        help=f"of --model: {', '.join(kernels)}",
    )  # fmt: skip
    command.add_argument(
        "--first-block-cache", type=float, default=0.0, metavar="X",
        help="of --model: reuse what the other blocks gave when the first one changed less than "
        "this share, e.g. 0.1; 0 = off",
    )  # fmt: skip
    command.add_argument(
        "--measure-cache", action="store_true",
        help="also do the job without the cache, and say how far the result is off",
    )  # fmt: skip


def model_use(options: argparse.Namespace) -> ModelUse:
    """The values of `add_model` and `add_run_options`.

    Raises:
        RequestError: An adapter is no file.
    """
    for each in options.lora:
        if not Path(each.path).is_file():
            raise RequestError(f"{each.path} is no file; write FILE or FILE:WEIGHT after --lora.")
    run = RunOptions(Attention(options.attention), options.first_block_cache, options.measure_cache)
    return ModelUse(options.model, user_places().models, tuple(options.lora), run)


def add_negative(command: argparse.ArgumentParser) -> None:
    """What to stay away from."""
    command.add_argument("--negative", type=prompt, metavar="P", help="what to stay away from")


def add_output_mode(command: argparse.ArgumentParser) -> None:
    """`--json` and `--verbose`; every command has them."""
    command.add_argument("--json", action="store_true", help="one JSON object per line on stdout")
    command.add_argument("--verbose", action="store_true", help="details of failures on stderr")
