"""The command `layerloom`: runs one of its commands, or opens the window.

Exit codes: 0 done, 2 wrong use, 3 bad input (a prompt, file, size or path that cannot work),
4 the engine or the program failed, 130 cancelled with Ctrl+C. With `--json`, stdout has nothing but
one JSON object per line; progress for people is on stderr.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from editor.cli.arguments import ArgumentParser
from editor.cli.registry import COMMANDS
from editor.cli.writing import only
from editor.display import why_no_window
from editor.document.errors import DocumentError
from editor.formats.errors import FormatError, SaveCancelled
from editor.terminal import Interrupted, JobRefused, Terminal, allow_any_text, watch_interrupt
from engine import __version__
from engine.errors import EngineError, RequestError

OK, WRONG_USE, BAD_INPUT, ENGINE_FAILURE, CANCELLED = 0, 2, 3, 4, 130
_log = logging.getLogger("layerloom.cli")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program and returns its exit code.

    Args:
        arguments: Without the program's name; None = those of the process.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if _opens_window(words):
        return _open_window(words)
    allow_any_text()
    options = _parser(as_json="--json" in words).parse_args(words)
    terminal = Terminal(as_json=options.json)
    _set_up_logging(options)
    try:
        with watch_interrupt() as interrupt:
            options.run(options, terminal, interrupt)
    except (Interrupted, SaveCancelled, KeyboardInterrupt) as stop:
        written = stop.written if isinstance(stop, Interrupted) else ()
        terminal.error(f"Cancelled; {only(written) or 'nothing was written'}.")
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


def _code_for(error: Exception) -> int:
    """Whether the input was at fault or the engine."""
    refused = isinstance(error, JobRefused) and error.bad_input
    if refused or isinstance(error, RequestError | DocumentError | FormatError):
        return BAD_INPUT
    return ENGINE_FAILURE


def _set_up_logging(options: argparse.Namespace) -> None:
    """Details of failures are for the log; they reach the terminal only when asked for."""
    handler = logging.StreamHandler() if options.verbose else logging.NullHandler()
    logging.getLogger("layerloom").handlers[:] = [handler]  # not one more for each call of `main`


def _parser(*, as_json: bool) -> argparse.ArgumentParser:
    parser = ArgumentParser(
        as_json=as_json,
        prog="layerloom",
        description="A layer editor whose layers come from a sentence and a few boxes.",
        epilog="Without a command the window opens, with a layered file in it if one is named.",
    )
    parser.add_argument("--version", action="version", version=f"layerloom {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        words = commands.add_parser(name, as_json=as_json, help=command.HELP)
        words.set_defaults(run=command.run)
        command.add_arguments(words)
    return parser


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
        sys.stderr.write(f"layerloom: {missing}; {_the_others()} work without one.\n")
        return WRONG_USE
    try:
        from editor.program import main as open_window
    except ImportError as error:  # Qt's own libraries need a few of the desktop's
        sys.stderr.write(
            f"layerloom: The window cannot be opened ({error}); {_the_others()} work without it.\n"
        )
        return ENGINE_FAILURE
    return open_window(["layerloom", *words])


def _the_others() -> str:
    *names, last = COMMANDS
    return f"the commands {', '.join(names)} and {last}"
