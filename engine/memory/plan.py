"""Chooses how a model is run on a machine, and says why; the other ways are listed beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.checkpoints.catalogue import Feature, KnownModel, Role
from engine.checkpoints.recognise import Layout
from engine.memory.estimate import Estimate, Work, estimate
from engine.memory.machine import GIB, Device, Machine
from engine.memory.measured import Measured
from engine.memory.strategies import CHEAPER, TRAITS, Strategy
from engine.sentences import sentence

# Rounded weights change the picture; they are taken only where the exact way is this much slower.
_PATIENCE = 1.5


@dataclass(frozen=True, slots=True)
class Plan:
    """How a job would run.

    Attributes:
        estimates: One for each strategy, from the most memory on the card to the least.
        chosen: None = the machine is too small for all of them.
        reason: A sentence.
    """

    model: KnownModel
    work: Work
    machine: Machine
    estimates: tuple[Estimate, ...]
    chosen: Strategy | None
    reason: str

    def of(self, strategy: Strategy) -> Estimate:
        """The estimate of one strategy."""
        return next(each for each in self.estimates if each.strategy is strategy)


def make_plan(
    model: KnownModel,
    work: Work,
    machine: Machine,
    measured: Measured | None = None,
    unusable: Callable[[Strategy], str] = lambda _strategy: "",
) -> Plan:
    """The plan for a job on a machine.

    Args:
        measured: Peaks of earlier runs on this machine, which correct the estimates.
        unusable: Why a strategy cannot be used on this computer although the machine could; "" = it
            can.
    """
    estimates = []
    for strategy in CHEAPER:
        made = estimate(model, work, strategy, machine)
        if measured is not None:
            made = measured.correct(model.model_id, machine.device, made)
        missing = _why_not(model, work, strategy, machine) or unusable(strategy)
        estimates.append(replace(made, missing=missing))
    fitting = [each for each in estimates if each.fits(machine)]
    chosen = _choose(fitting)
    reason = (
        _too_small(estimates, machine) if chosen is None else _because(chosen, estimates, machine)
    )
    return Plan(model, work, machine, tuple(estimates), chosen.strategy if chosen else None, reason)


def why_not_here(strategy: Strategy, layout: str) -> str:
    """Why a strategy cannot be used on a model as it lies here; "" = it can.

    Args:
        layout: A name of `recognise.Layout`; "" = it is not here yet.
    """
    packed = layout == Layout.FLUX1_GGUF.value
    if layout and packed != (strategy is Strategy.GGUF):
        return sentence("the model is in another form on this computer")
    return ""


def next_cheaper(plan: Plan, failed: Strategy) -> Strategy | None:
    """The way that needs less memory on the card than the one that ran out; None = none."""
    limit = plan.of(failed).vram
    smaller = [
        each
        for each in plan.estimates
        if not each.missing and each.vram < limit and each.ram <= plan.machine.ram
    ]
    return max(smaller, key=lambda each: each.vram).strategy if smaller else None


def _choose(fitting: list[Estimate]) -> Estimate | None:
    """The fastest exact way, unless a rounded one is much faster."""
    if not fitting:
        return None
    exact = [each for each in fitting if TRAITS[each.strategy].exact]
    fastest = min(fitting, key=lambda each: each.seconds)
    if not exact:
        return fastest
    best = min(exact, key=lambda each: each.seconds)
    return best if best.seconds <= _PATIENCE * fastest.seconds else fastest


def _why_not(model: KnownModel, work: Work, strategy: Strategy, machine: Machine) -> str:
    if machine.device not in TRAITS[strategy].devices:
        return sentence("not on this kind of machine")
    if work.feature is Feature.UPSCALE and strategy not in (Strategy.ALL, Strategy.SEQUENTIAL):
        return sentence("not needed: the network is small")
    if strategy is Strategy.GGUF and model.role is not Role.BASE:
        return sentence("adapters cannot be merged into a file that is already rounded")
    return ""


def _because(chosen: Estimate, estimates: list[Estimate], machine: Machine) -> str:
    title = TRAITS[chosen.strategy].title
    if machine.shares_memory:
        memory = {"need": chosen.ram / GIB, "have": machine.ram / GIB}
        time = spoken_time(chosen.seconds)
        if chosen.strategy is Strategy.ALL:
            return sentence(
                "Everything fits into memory: {need:.1f} of {have:.1f} GiB; about {time} for a "
                "picture.",
                **memory, time=time,
            )  # fmt: skip
        return sentence(
            "{title}: needs {need:.1f} of {have:.1f} GiB of memory; about {time} for a picture.",
            title=title, **memory, time=time,
        )  # fmt: skip
    if chosen.strategy is Strategy.ALL:
        return sentence(
            "{title}: the card has room for {need:.1f} GiB.", title=title, need=chosen.vram / GIB
        )
    whole = next(each for each in estimates if each.strategy is Strategy.ALL)
    if TRAITS[chosen.strategy].exact:
        return sentence(
            "{title}: everything at once would need {whole:.1f} GiB on the card, this needs "
            "{need:.1f} GiB and gives the same picture.",
            title=title, whole=whole.vram / GIB, need=chosen.vram / GIB,
        )  # fmt: skip
    return sentence(
        "{title}: the exact ways need more memory or much more time; this needs {need:.1f} GiB on "
        "the card and {ram:.1f} GiB of main memory.",
        title=title, need=chosen.vram / GIB, ram=chosen.ram / GIB,
    )  # fmt: skip


def spoken_time(seconds: float) -> str:
    """For people: "40 s", "12 min", "2.5 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return sentence("{hours:.1f} h", hours=seconds / 3600)


def _too_small(estimates: list[Estimate], machine: Machine) -> str:
    able = [each for each in estimates if not each.missing]
    least = min(
        able, key=lambda each: max(each.ram - machine.ram, 0) + max(each.vram - machine.vram, 0)
    )
    if machine.device is Device.CPU or machine.shares_memory:
        return sentence(
            "Too large for this machine: at least {ram:.1f} GiB of memory are needed, "
            "there are {have:.1f} GiB.",
            ram=least.ram / GIB, have=machine.ram / GIB,
        )  # fmt: skip
    return sentence(
        "Too large for this machine: at least {vram:.1f} GiB on the card and {ram:.1f} GiB of main "
        "memory are needed ({title}).",
        vram=least.vram / GIB, ram=least.ram / GIB, title=TRAITS[least.strategy].title,
    )  # fmt: skip
