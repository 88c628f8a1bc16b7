"""The command `layerloom`: generate, regenerate, inspect and export, or open the window.

Exit codes: 0 done, 2 wrong use, 3 bad input (a prompt, file, size or path that cannot work),
4 the engine or the program failed, 130 cancelled with Ctrl+C. With `--json`, stdout has nothing but
one JSON object per line; progress for people is on stderr.
"""

from __future__ import annotations

import argparse
import logging
import re
import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from editor import generation
from editor.commands.history import History
from editor.display import why_no_window
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.layers import Layer
from editor.document.layout import load_layout
from editor.exporting import export
from editor.formats.atomic_save import check_writable
from editor.formats.errors import FormatError, SaveCancelled
from editor.formats.files import WRITABLE_SUFFIXES, read_document, write_any
from editor.terminal import (
    Interrupt,
    Interrupted,
    JobRefused,
    Terminal,
    allow_any_text,
    run_job,
    watch_interrupt,
)
from engine import __version__
from engine.errors import EngineError, RequestError
from engine.requests import (
    DEFAULT_GUIDANCE,
    DEFAULT_STEPS,
    DEFAULT_STYLE,
    LayoutRequest,
    Request,
    check_request,
)

OK, WRONG_USE, BAD_INPUT, ENGINE_FAILURE, CANCELLED = 0, 2, 3, 4, 130
DEFAULT_SIZE = (512, 512)
_RANDOM_SEEDS = 2**32  # short enough to be typed again
_log = logging.getLogger("layerloom.cli")
COMMANDS = ("generate", "regenerate", "inspect", "export")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program and returns its exit code.

    Args:
        arguments: Without the program's name; None = those of the process.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if _opens_window(words):
        return _open_window(words)
    allow_any_text()
    options = _parser("--json" in words).parse_args(words)
    terminal = Terminal(as_json=options.json)
    _set_up_logging(options)
    try:
        with watch_interrupt() as interrupt:
            options.run(options, terminal, interrupt)
    except (Interrupted, SaveCancelled, KeyboardInterrupt) as stop:
        written = stop.written if isinstance(stop, Interrupted) else ()
        terminal.error(f"Cancelled; {_only(written) or 'nothing was written'}.")
        return CANCELLED
    except (EngineError, DocumentError, FormatError) as error:
        terminal.error(error.message)
        return _code_for(error)
    except Exception as error:  # the last resort: one sentence instead of a traceback
        _log.exception("Unexpected failure")
        terminal.error(_unexpected(error))
        return ENGINE_FAILURE
    return OK


def _unexpected(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "There is not enough free memory; close other programs or choose a smaller size."
    name = type(error).__name__
    return f"The program failed unexpectedly ({name}); --verbose shows the details for a report."


def _only(written: Sequence[Path]) -> str:
    """Which files are complete although the job did not end; empty = none."""
    names = " and ".join(str(path) for path in written)
    return names and f"only {names} {'was' if len(written) == 1 else 'were'} written"


def _code_for(error: Exception) -> int:
    """Whether the input was at fault or the engine."""
    refused = isinstance(error, JobRefused) and error.bad_input
    if refused or isinstance(error, RequestError | DocumentError | FormatError):
        return BAD_INPUT
    return ENGINE_FAILURE


def _generate(options: argparse.Namespace, terminal: Terminal, interrupt: Interrupt) -> None:
    width, height = options.size
    seed = secrets.randbelow(_RANDOM_SEEDS) if options.seed is None else options.seed
    # Before the layout is read, whose boxes need a possible size; their prompts may stand in.
    stand_in = "boxes" if options.layout else ""
    check_request(LayoutRequest(options.prompt.strip() or stand_in, width, height, seed))
    _check_style(options.style)
    _check_outputs(options.output)
    boxes = load_layout(options.layout, width, height) if options.layout else ()
    document = generation.new_document(options.prompt, width, height, boxes=boxes, seed=seed)
    request = generation.layout_request(
        document,
        options.prompt,
        style=options.style,
        steps=options.steps,
        guidance=options.guidance,
        layer_count=options.layers,
    )
    _do(document, request, options, terminal, interrupt)


def _regenerate(options: argparse.Namespace, terminal: Terminal, interrupt: Interrupt) -> None:
    _check_outputs(options.output)
    if options.style is not None:
        _check_style(options.style)
    document = read_document(options.file).document
    layer = _find_layer(document, options.layer)
    request = generation.layer_request(
        document,
        layer.layer_id,
        options.prompt,
        style=options.style,
        seed=options.seed,
        steps=options.steps,
    )
    _do(document, request, options, terminal, interrupt)


def _inspect(options: argparse.Namespace, terminal: Terminal, _interrupt: Interrupt) -> None:
    content = _described(read_document(options.file).document)
    if options.json:
        terminal.print_json(content)
        return
    terminal.text(f"{options.file}: {content['width']} x {content['height']} px")
    for layer in content["layers"]:
        terminal.text(_layer_line(layer))


def _export(options: argparse.Namespace, terminal: Terminal, interrupt: Interrupt) -> None:
    report = export(
        options.file, options.output, include_recipes=not options.no_recipes, cancelled=interrupt
    )
    terminal.event("result", **report)
    for note in report["notes"]:
        terminal.text(note)
    terminal.text(f"Wrote {report['file']}")


def _described(document: Document) -> dict[str, Any]:
    # Imported here: psd-tools would take longer than exporting a picture.
    from editor.formats.inspect import describe

    return describe(document)


def _do(
    document: Document,
    request: Request,
    options: argparse.Namespace,
    terminal: Terminal,
    interrupt: Interrupt,
) -> None:
    """Runs the job, lands its result in the document and writes the files."""
    result = run_job(request, options.weights, terminal, interrupt)
    History(document).push(generation.command_for(result, request, document))
    started = time.perf_counter()
    _write_all(document, options.output, interrupt)
    seconds = {**result.seconds, "write": round(time.perf_counter() - started, 3)}
    report = {
        "file": str(options.output[0]),
        "files": [str(path) for path in options.output],
        "seed": request.seed,
        "seconds": seconds,
        "layers": _described(document)["layers"],
        "notes": list(result.notes),
    }
    terminal.event("result", **report)
    _tell(report, terminal)


def _write_all(document: Document, paths: Sequence[Path], interrupt: Interrupt) -> None:
    """Writes every file; Interrupted and FormatError say which were complete before."""
    written: list[Path] = []
    for path in paths:
        try:
            _write(document, path, interrupt)
        except (SaveCancelled, KeyboardInterrupt) as stop:
            raise Interrupted(written) from stop
        except FormatError as error:
            so_far = f" So far {_only(written)}." if written else ""
            raise FormatError(error.message + so_far, error.detail) from error
        written.append(path)


def _write(document: Document, path: Path, interrupt: Interrupt) -> None:
    if interrupt():
        raise SaveCancelled
    write_any(document.snapshot(), path, cancelled=interrupt)


def _tell(report: dict[str, Any], terminal: Terminal) -> None:
    """The same for people."""
    for line in (*report["notes"], *map(_layer_line, report["layers"])):
        terminal.text(line)
    phases = ", ".join(f"{name} {value:.2f} s" for name, value in report["seconds"].items())
    terminal.text(f"Seed {report['seed']}; {phases}")
    terminal.text(f"Wrote {', '.join(report['files'])}")


def _layer_line(layer: dict[str, Any]) -> str:
    x0, y0, x1, y1 = layer["box"]
    hidden = "" if layer["visible"] else ", hidden"
    look = f"{layer['blend_mode']}, {layer['opacity']:.0%}{hidden}"
    line = f'  {layer["id"]}  "{layer["name"]}"  ({x0}, {y0})-({x1}, {y1})  {look}'
    recipe = layer["recipe"]
    if not recipe:
        return line
    made = f"{recipe['style']}, seed {recipe['seed']}, {recipe['steps']} steps"
    return f'{line}\n      from "{recipe["typed_prompt"]}"; {made}'


def _find_layer(document: Document, wanted: str) -> Layer:
    """The layer with this id, or else the only one with this name."""
    layers = document.all_layers()
    if found := [layer for layer in layers if layer.layer_id == wanted]:
        return found[0]
    named = [layer for layer in layers if layer.name == wanted]
    if len(named) == 1:
        return named[0]
    if named:
        ids = ", ".join(layer.layer_id for layer in named)
        raise DocumentError(f'{len(named)} layers are called "{wanted}"; use an id: {ids}.')
    names = ", ".join(f'"{layer.name}"' for layer in layers) or "none"
    raise DocumentError(f'There is no layer "{wanted}"; the file has {names}.')


def _check_outputs(paths: Sequence[Path]) -> None:
    """Refuses before the work what could not be saved after it."""
    for path in paths:
        if path.suffix.lower() not in WRITABLE_SUFFIXES:
            known = ", ".join(WRITABLE_SUFFIXES)
            raise FormatError(f"{path} has no known file type; let its name end in {known}.")
        check_writable(path)


def _check_style(style: str) -> None:
    if style not in generation.styles():
        known = " or ".join(generation.styles())
        raise RequestError(f'The style "{style}" is not known; choose {known}.')


def _set_up_logging(options: argparse.Namespace) -> None:
    """Details of failures are for the log; they reach the terminal only when asked for."""
    handler = logging.StreamHandler() if options.verbose else logging.NullHandler()
    logging.getLogger("layerloom").handlers[:] = [handler]  # not one more for each call of `main`


# Arguments


class _ArgumentParser(argparse.ArgumentParser):
    """Reports wrong use also as a JSON event when `--json` was among the words."""

    def __init__(self, *, as_json: bool, **options: Any) -> None:
        super().__init__(**options)
        self._as_json = as_json

    def error(self, message: str) -> NoReturn:
        Terminal(self._as_json).event("error", message=message)
        super().error(message)


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,9})[x×X](\d{1,9})", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write WIDTHxHEIGHT, e.g. 640x480")
    return int(match[1]), int(match[2])


def _prompt(text: str) -> str:
    """Bytes that are no text in the terminal's encoding become a replacement character."""
    return text.encode("utf-8", "replace").decode()


def _parser(as_json: bool) -> argparse.ArgumentParser:
    parser = _ArgumentParser(
        as_json=as_json,
        prog="layerloom",
        description="A layer editor whose layers come from a sentence and a few boxes.",
        epilog="Without a command the window opens, with a layered file in it if one is named.",
    )
    parser.add_argument("--version", action="version", version=f"layerloom {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_generate(commands, as_json)
    _add_regenerate(commands, as_json)
    _add_inspect(commands, as_json)
    _add_export(commands, as_json)
    return parser


def _add_generate(commands: Any, as_json: bool) -> None:
    command = commands.add_parser("generate", as_json=as_json, help="layers from a sentence")
    command.set_defaults(run=_generate)
    command.add_argument(
        "prompt",
        type=_prompt,
        help='what the picture should show; may be "" when all boxes have prompts',
    )
    command.add_argument("--layout", type=Path, metavar="FILE", help="boxes as JSON, bottom to top")
    command.add_argument("--size", type=_size, default=DEFAULT_SIZE, metavar="WxH", help="pixels")
    command.add_argument("--layers", type=int, metavar="N", help="number of object layers")
    command.add_argument(
        "--guidance", type=float, default=DEFAULT_GUIDANCE, metavar="X", help="1 to 30"
    )
    _add_sampling(command, style=DEFAULT_STYLE, steps=DEFAULT_STEPS)


def _add_regenerate(commands: Any, as_json: bool) -> None:
    command = commands.add_parser("regenerate", as_json=as_json, help="one layer of a file again")
    command.set_defaults(run=_regenerate)
    command.add_argument("file", type=Path, metavar="FILE", help="a file written by layerloom")
    command.add_argument("--layer", required=True, metavar="NAME_OR_ID")
    command.add_argument("--prompt", required=True, type=_prompt, metavar="P")
    _add_sampling(command, style=None, steps=None)


def _add_inspect(commands: Any, as_json: bool) -> None:
    command = commands.add_parser("inspect", as_json=as_json, help="what is in a layered file")
    command.set_defaults(run=_inspect)
    command.add_argument("file", type=Path, metavar="FILE")
    _add_output_mode(command)


def _add_export(commands: Any, as_json: bool) -> None:
    command = commands.add_parser("export", as_json=as_json, help="a layered file as another kind")
    command.set_defaults(run=_export)
    command.add_argument("file", type=Path, metavar="FILE")
    known = ", ".join(WRITABLE_SUFFIXES)
    command.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help=known)
    command.add_argument(
        "--no-recipes", action="store_true", help="leave prompts and seeds out of a PSD"
    )
    _add_output_mode(command)


def _add_sampling(command: argparse.ArgumentParser, style: str | None, steps: int | None) -> None:
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
    _add_output_mode(command)


def _add_output_mode(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="one JSON object per line on stdout")
    command.add_argument("--verbose", action="store_true", help="details of failures on stderr")


# The window


def _opens_window(words: Sequence[str]) -> bool:
    """No words, a file, or options that are Qt's."""
    if not words:
        return True
    first = words[0]
    if first in COMMANDS or first in ("-h", "--help", "--version"):
        return False
    return first.startswith("-") or "." in first or Path(first).exists()


def _open_window(words: Sequence[str]) -> int:
    missing = why_no_window(words)
    if missing:
        sys.stderr.write(
            f"layerloom: {missing}; "
            "the commands generate, regenerate, inspect and export work without one.\n"
        )
        return WRONG_USE
    try:
        from editor.__main__ import main as open_window
    except ImportError as error:  # Qt's own libraries need a few of the desktop's
        sys.stderr.write(
            f"layerloom: The window cannot be opened ({error}); "
            "the commands generate, regenerate, inspect and export work without it.\n"
        )
        return ENGINE_FAILURE
    return open_window(["layerloom", *words])


if __name__ == "__main__":
    sys.exit(main())
