"""`layerloom upscale`: a layered file, or one of its layers, with more pixels."""

from __future__ import annotations

import argparse
import re
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from editor.cli import arguments
from editor.cli.describing import described, find_layer, layer_line, spoken_seconds
from editor.cli.writing import check_outputs, write_all
from editor.commands.history import History
from editor.commands.upscale_commands import UpscaleScope, UpscaleTarget, scope_box
from editor.document.document import Document
from editor.formats.files import WRITABLE_SUFFIXES, read_document
from editor.generation.upscaling import UpscaleMethod, upscale_command, upscale_request
from editor.terminal import Interrupt, Terminal, run_job
from engine.errors import RequestError
from engine.requests.upscale import UpscaleResult

HELP = "a layered file with more pixels"
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE")
    command.add_argument(
        "--to",
        type=_goal,
        required=True,
        metavar="N",
        help="new length of the longer side in pixels, or how many times as large, e.g. 4x",
    )
    command.add_argument(
        "--layer", metavar="NAME_OR_ID", help="only this layer, around its middle, not the canvas"
    )
    command.add_argument(
        "--mode",
        choices=[method.value for method in UpscaleMethod],
        default=UpscaleMethod.NETWORK.value,
        help="fast: a plain filter; infdit: the network (default)",
    )
    command.add_argument("--seed", type=int, metavar="N", help="the same seed, the same picture")
    command.add_argument(
        "--max-memory",
        type=_bytes,
        metavar="SIZE",
        help="e.g. 2G; beside the weights and the file. What exceeds it goes to the disk",
    )
    command.add_argument(
        "--weights", type=Path, metavar="FILE", help="converted Inf-DiT weights (safetensors)"
    )
    command.add_argument(
        "--every-block", action="store_true", help="compute transparent blocks as well"
    )
    command.add_argument("--plan", action="store_true", help="only say what it will take")
    command.add_argument(
        "-o",
        "--output",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help=f"{', '.join(WRITABLE_SUFFIXES)}; may be given several times",
    )
    arguments.add_output_mode(command)


@dataclass(frozen=True, slots=True)
class _Goal:
    """How large it shall become: a length in pixels, or how many times the present one."""

    value: float
    times: bool

    def factor(self, longer_side: int) -> float:
        """What both sides are multiplied by."""
        return self.value if self.times else self.value / longer_side


def _goal(text: str) -> _Goal:
    if re.fullmatch(r"\d{1,9}", text):
        return _Goal(int(text), times=False)
    match = re.fullmatch(r"(\d{1,5}(?:\.\d{1,5})?)[x×X]", text)
    if not match:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no size; write the pixels of the longer side, e.g. 2048, or 4x"
        )
    return _Goal(float(match[1]), times=True)


def _bytes(text: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([KMGT]?)(?:I?B)?", text.strip().upper())
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount of memory; write e.g. 2G or 500M")
    return int(float(match[1]) * _UNITS[match[2]])


def run(options: argparse.Namespace, terminal: Terminal, interrupt: Interrupt) -> None:
    if not (options.output or options.plan):
        raise RequestError("There is no file to write to; name one with -o FILE.")
    check_outputs(options.output)
    arguments.require_there(options.weights)
    document = read_document(options.file).document
    target = _target(document, options)
    request = upscale_request(
        document.snapshot(),
        target,
        UpscaleMethod(options.mode),
        seed=options.seed,
        max_memory_bytes=options.max_memory,
        plan_only=options.plan,
        weights=str(options.weights) if options.weights else "",
        skip_transparent=not options.every_block,
        keep_scratch=True,
    )
    result = run_job(request, None, terminal, interrupt)
    if not isinstance(result, UpscaleResult):
        raise TypeError("enlarging gives enlarged pictures")
    report: dict[str, Any] = {
        "mode": options.mode,
        "seed": request.seed,
        "size": [target.width, target.height],
        "plan": asdict(result.estimate),
    }
    if not options.plan:
        report |= _land(document, result, target, options, terminal=terminal, interrupt=interrupt)
    terminal.event("result", **report)
    _tell(report, terminal)


def _target(document: Document, options: argparse.Namespace) -> UpscaleTarget:
    layer_id = find_layer(document, options.layer).layer_id if options.layer else ""
    scope = UpscaleScope.LAYER if layer_id else UpscaleScope.DOCUMENT
    box = scope_box(document.snapshot(), scope, layer_id)
    factor = options.to.factor(max(box.size))
    width, height = (max(1, round(side * factor)) for side in box.size)
    return UpscaleTarget(scope, width, height, layer_id)


def _land(
    document: Document,
    result: UpscaleResult,
    target: UpscaleTarget,
    options: argparse.Namespace,
    *,
    terminal: Terminal,
    interrupt: Interrupt,
) -> dict[str, Any]:
    """Puts the pixels into the document and writes it."""
    started = time.perf_counter()
    History(document).push(upscale_command(result, target, document.snapshot()))
    landed = time.perf_counter()
    write_all(document, options.output, interrupt, terminal)
    seconds = {
        **result.seconds,
        "land": round(landed - started, 3),
        "write": round(time.perf_counter() - landed, 3),
    }
    return {
        "file": str(options.output[0]),
        "files": [str(path) for path in options.output],
        "seconds": seconds,
        "peak_memory_mb": _peak_memory_mb(),
        "layers": described(document)["layers"],
    }


def _peak_memory_mb() -> float | None:
    """Most resident memory of the process so far; None where the system does not tell."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1)


def _tell(report: dict[str, Any], terminal: Terminal) -> None:
    """The same for people."""
    width, height = report["size"]
    if "files" not in report:
        terminal.text(f"{width} x {height} px; nothing was written")
        return
    for layer in report["layers"]:
        terminal.text(layer_line(layer))
    seconds = spoken_seconds(report["seconds"])
    terminal.text(f"{width} x {height} px; seed {report['seed']}; {seconds}")
    if report["peak_memory_mb"] is not None:
        terminal.text(f"At most {report['peak_memory_mb']:.0f} MB of memory in use")
    terminal.text(f"Wrote {', '.join(report['files'])}")
