"""`layerloom models`: full-size models to list, bring, check, plan, fetch, convert, remove."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from editor.cli import arguments
from editor.model_library import FEATURE_NAMES
from editor.session.places import user_places
from editor.terminal import Interrupt, Interrupted, Terminal
from engine.checkpoints.catalogue import Feature, KnownModel, catalogue, known_model
from engine.checkpoints.downloads import FetchOptions, fetch_model
from engine.checkpoints.shelf import Shelf, ShelfModel
from engine.errors import CheckpointError, JobCancelled, RequestError
from engine.memory.estimate import Work
from engine.memory.machine import GIB, Device, Machine, parse_memory, this_machine
from engine.memory.measured import MEASURED_FILE, load_measured
from engine.memory.plan import Plan, make_plan, why_not_here
from engine.memory.strategies import TRAITS

HELP = "full-size models: list, add, check, plan, download, convert, remove"
_TELL_EVERY_S = 0.5


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.set_defaults(json=False, verbose=False)
    actions = command.add_subparsers(required=True, metavar="ACTION", dest="action")
    for name, (help_text, run_action, add) in _ACTIONS.items():
        words = actions.add_parser(name, as_json=False, help=help_text)
        words.set_defaults(run_action=run_action)
        add(words)
        arguments.add_output_mode(words)
        words.add_argument(
            "--shelf", type=Path, metavar="FOLDER", help="where the list of models is kept"
        )


def run(options: argparse.Namespace, terminal: Terminal, interrupt: Interrupt) -> None:
    shelf = Shelf(options.shelf or user_places().models)
    try:
        options.run_action(options, shelf, terminal, interrupt)
    except JobCancelled as stop:
        raise Interrupted from stop


def _list(
    _options: argparse.Namespace, shelf: Shelf, terminal: Terminal, _interrupt: Interrupt
) -> None:
    there = shelf.models()
    terminal.event(
        "models",
        known=[_described_known(entry, shelf) for entry in catalogue()],
        shelf=[_described(model) for model in there],
    )
    terminal.text("On this computer:")
    for model in there:
        terminal.text(_line(model))
    if not there:
        terminal.text("  none; the starter model needs no installation")
    terminal.text("Known:")
    for entry in catalogue():
        terminal.text(_known_line(entry, shelf))


def _add(
    options: argparse.Namespace, shelf: Shelf, terminal: Terminal, interrupt: Interrupt
) -> None:
    arguments.require_there(options.path)
    with _own_file():
        model = shelf.add(
            options.path, name=options.name, report=_told(terminal, "check"), cancelled=interrupt
        )
    _tell_model(model, terminal, "added")


def _check(
    options: argparse.Namespace, shelf: Shelf, terminal: Terminal, interrupt: Interrupt
) -> None:
    names = [options.name] if options.name else [model.name for model in shelf.models()]
    bad = []
    for name in names:
        try:
            shelf.check(name, _told(terminal, "check"), interrupt)
        except CheckpointError as error:
            bad.append(name)
            terminal.event("checked", name=name, healthy=False, message=error.message)
            terminal.text(f"  {name}: {error.message}")
            continue
        terminal.event("checked", name=name, healthy=True, message="")
        terminal.text(f"  {name}: healthy")
    if bad:
        raise CheckpointError(f"Not healthy: {', '.join(bad)}.")


def _plan(
    options: argparse.Namespace, shelf: Shelf, terminal: Terminal, _interrupt: Interrupt
) -> None:
    machine = _machine(options)
    width, height = options.size
    measured = None if options.vram or options.ram else load_measured(shelf.folder / MEASURED_FILE)
    for entry, layout in _planned_models(options.model, options.feature, shelf):
        feature = _planned_feature(entry, options.feature)
        work = Work(feature, width, height, boxes=options.boxes, steps=options.steps)
        plan = make_plan(
            entry, work, machine, measured, unusable=partial(why_not_here, layout=layout)
        )
        terminal.event("plan", **_described_plan(plan))
        for line in _plan_lines(plan):
            terminal.text(line)


def _download(
    options: argparse.Namespace, shelf: Shelf, terminal: Terminal, interrupt: Interrupt
) -> None:
    entry = known_model(options.model)
    fetch = FetchOptions(options.token, options.mirror, options.offline)
    terminal.text(f"{entry.title}: {entry.licence.name}. {entry.licence.allows}")
    target = shelf.downloads / entry.model_id
    path = fetch_model(entry, target, fetch, _told(terminal, "download"), interrupt)
    model = shelf.add(
        path,
        name=entry.model_id,
        fetched=True,
        report=_told(terminal, "check"),
        cancelled=interrupt,
    )
    _tell_model(model, terminal, "downloaded")


def _convert(
    options: argparse.Namespace, _shelf: Shelf, terminal: Terminal, _interrupt: Interrupt
) -> None:
    from engine.checkpoints.pickles import convert_pickle

    if options.target.suffix != ".safetensors":
        raise RequestError(f"{options.target} must end in .safetensors.")
    arguments.require_there(options.source)
    with _own_file():
        convert_pickle(options.source, options.target)
    terminal.event("converted", file=str(options.target))
    terminal.text(f"Wrote {options.target}")


def _remove(
    options: argparse.Namespace, shelf: Shelf, terminal: Terminal, _interrupt: Interrupt
) -> None:
    model = shelf.remove(options.name)
    terminal.event("removed", name=model.name, files_removed=model.fetched)
    kept = "its files were fetched and are gone" if model.fetched else "its files stay"
    terminal.text(f"Removed {model.name} from the list; {kept}.")


@contextmanager
def _own_file() -> Iterator[None]:
    """What is wrong with a file that the user named is bad input, and no fault of the engine."""
    try:
        yield
    except CheckpointError as error:
        raise RequestError(error.message, error.detail) from error


# What is said


def _told(terminal: Terminal, what: str) -> Callable[[int, int], None]:
    """Progress in bytes, twice a second."""
    last = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _TELL_EVERY_S and done < total:
            return
        last = now
        terminal.event("progress", phase=what, done=done, total=total)

    return tell


def _tell_model(model: ShelfModel, terminal: Terminal, kind: str) -> None:
    terminal.event(kind, **_described(model))
    terminal.text(_line(model).strip())
    if model.model_id:
        licence = known_model(model.model_id).licence
        terminal.text(f"Licence: {licence.name}. {licence.allows}")
    if model.notice:
        terminal.text(model.notice)


def _described(model: ShelfModel) -> dict[str, Any]:
    return {
        "name": model.name,
        "path": model.path,
        "layout": model.layout,
        "model": model.model_id,
        "title": model.title,
        "notice": model.notice,
        "parameters": model.parameters,
        "bytes": model.bytes,
        "changed": list(model.changed),
        "sha256": {file.path: file.sha256 for file in model.files},
    }


def _described_known(entry: KnownModel, shelf: Shelf) -> dict[str, Any]:
    there = shelf.of_catalogue(entry.model_id)
    return {
        "id": entry.model_id,
        "title": entry.title,
        "role": entry.role.value,
        "hub": entry.hub,
        "bytes": entry.bytes,
        "licence": entry.licence.name,
        "allows": entry.licence.allows,
        "commercial": entry.licence.commercial,
        "unlocks": [feature.value for feature in entry.unlocks],
        "there": there.name if there else None,
    }


def _line(model: ShelfModel) -> str:
    state = "changed since it was added" if model.changed else "healthy"
    size = f"{model.bytes / 1e9:.2f} GB"
    return f"  {model.title}: {size}, {state}\n      in commands: {model.name}. {model.path}"


def _known_line(entry: KnownModel, shelf: Shelf) -> str:
    size = f"{entry.bytes / 1e9:.1f} GB" if entry.bytes else "size on the hub"
    there = "there" if shelf.of_catalogue(entry.model_id) else "missing"
    place = entry.hub or "you bring it"
    features = ", ".join(FEATURE_NAMES[feature] for feature in entry.unlocks) or "other models"
    mark = " (recommended)" if entry.recommended else ""
    return (
        f"  {entry.title}{mark}: {there}, {size}, {entry.licence.name}; for {features}\n"
        f"      in commands: {entry.model_id}. {place}. {entry.note}"
    )


def _described_plan(plan: Plan) -> dict[str, Any]:
    return {
        "model": plan.model.model_id,
        "feature": plan.work.feature.value,
        "device": plan.machine.device.value,
        "tokens": plan.work.tokens,
        "chosen": plan.chosen.value if plan.chosen else None,
        "reason": plan.reason,
        "strategies": [
            {
                "strategy": each.strategy.value,
                "vram": each.vram,
                "ram": each.ram,
                "disk": each.disk,
                "seconds": round(each.seconds, 1),
                "loading": round(each.loading, 1),
                "fits": each.fits(plan.machine),
                "missing": each.missing,
            }
            for each in plan.estimates
        ],
    }


def _plan_lines(plan: Plan) -> list[str]:
    machine, work = plan.machine, plan.work
    card = "" if machine.shares_memory else f"{machine.vram / GIB:.0f} GiB on the card, "
    size = f"{work.width} x {work.height} px"
    lines = [
        f"{plan.model.title}, {work.feature.value}: {size}, {work.tokens} image tokens",
        f"on {machine.device.value}, {card}{machine.ram / GIB:.0f} GiB of main memory",
        f"  {'':<27}{'card':>8}{'memory':>9}{'disk':>9}{'time':>9}",
    ]
    for each in plan.estimates:
        mark = "*" if each.strategy is plan.chosen else " "
        fits = each.missing or ("" if each.fits(machine) else "does not fit")
        lines.append(
            f" {mark}{TRAITS[each.strategy].title:<27}{each.vram / GIB:>5.1f} GiB"
            f"{each.ram / GIB:>5.1f} GiB{each.disk / GIB:>5.1f} GiB{each.seconds:>7.0f} s  {fits}"
        )
    lines.append(f"  {plan.reason}")
    lines.append(
        f"  Times assume {machine.operations / 1e12:g} trillion operations a second; a run "
        "corrects them."
    )
    return lines


def _planned_models(name: str, feature: str | None, shelf: Shelf) -> list[tuple[KnownModel, str]]:
    """Entries of the catalogue, each with the layout of its files where they are here by `name`.

    Raises:
        RequestError: No model is called so, or it makes nothing by itself.
    """
    if not name:
        asked = Feature(feature or Feature.TEXT_TO_LAYERS)
        return [(e, "") for e in catalogue() if asked in e.unlocks and len(e.components) > 1]
    brought = next((model for model in shelf.models() if model.name == name), None)
    if brought is None:
        return [(known_model(name), "")]
    if not brought.model_id or len(known_model(brought.model_id).components) < 2:
        raise RequestError(f"{name} makes no pictures by itself; plan the model that it is for.")
    return [(known_model(brought.model_id), brought.layout)]


def _planned_feature(entry: KnownModel, feature: str | None) -> Feature:
    """What was asked for, or else layers of a whole document or the first thing it can do."""
    if feature:
        return Feature(feature)
    can = [each for each in entry.unlocks if each is not Feature.MATTING]
    return Feature.TEXT_TO_LAYERS if Feature.TEXT_TO_LAYERS in can or not can else can[0]


def _machine(options: argparse.Namespace) -> Machine:
    """The one that was described, or this one."""
    if not (options.vram or options.ram or options.device):
        return this_machine()
    vram = parse_memory(options.vram) if options.vram else 0
    ram = parse_memory(options.ram) if options.ram else 32 * GIB
    device = Device(options.device) if options.device else Device.CUDA if vram else Device.CPU
    speed = options.tflops * 1e12 if options.tflops else None
    return Machine.of(device, vram, ram, speed)


# Arguments


def _no_arguments(_words: argparse.ArgumentParser) -> None:
    """`list` needs none."""


def _add_words(words: argparse.ArgumentParser) -> None:
    words.add_argument("path", type=Path, metavar="PATH", help="a folder or file; it stays there")
    words.add_argument("--name", default="", metavar="N", help="what to call it")


def _check_words(words: argparse.ArgumentParser) -> None:
    words.add_argument("name", nargs="?", default="", metavar="NAME", help="without one: all")


def _plan_words(words: argparse.ArgumentParser) -> None:
    words.add_argument("model", nargs="?", default="", metavar="MODEL", help="without one: all")
    words.add_argument(
        "--feature",
        choices=[feature.value for feature in Feature if feature is not Feature.MATTING],
        help="without it what the model does best",
    )
    words.add_argument("--vram", default="", metavar="12G", help="memory of the card")
    words.add_argument("--ram", default="", metavar="32G", help="main memory")
    words.add_argument("--device", choices=[device.value for device in Device])
    words.add_argument("--tflops", type=float, metavar="X", help="speed of the card")
    words.add_argument("--size", type=arguments.size, default=(1024, 1024), metavar="WxH")
    words.add_argument("--boxes", type=int, default=10, metavar="N")
    words.add_argument("--steps", type=int, metavar="N")


def _download_words(words: argparse.ArgumentParser) -> None:
    words.add_argument("model", metavar="MODEL", help="as `list` names it")
    words.add_argument("--token", default="", metavar="T", help="for gated models")
    words.add_argument("--mirror", default="", metavar="URL", help="instead of the hub")
    words.add_argument("--offline", action="store_true", help="refuse to reach out")


def _convert_words(words: argparse.ArgumentParser) -> None:
    words.add_argument("source", type=Path, metavar="FILE", help="a PyTorch file")
    words.add_argument("target", type=Path, metavar="TARGET", help=".safetensors")


def _remove_words(words: argparse.ArgumentParser) -> None:
    words.add_argument("name", metavar="NAME")


_Action = Callable[[argparse.Namespace, Shelf, Terminal, Interrupt], None]
_ACTIONS: dict[str, tuple[str, _Action, Callable[[argparse.ArgumentParser], None]]] = {
    "list": ("what is there and what is known", _list, _no_arguments),
    "add": ("bring a folder or file", _add, _add_words),
    "check": ("read models through again", _check, _check_words),
    "plan": ("what would fit, and how", _plan, _plan_words),
    "download": ("fetch a known model from the hub", _download, _download_words),
    "convert": ("make numbers of a PyTorch file", _convert, _convert_words),
    "remove": ("take a model off the list", _remove, _remove_words),
}
