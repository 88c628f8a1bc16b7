"""Processes that train together: how fast they learn and when they stop, save and go on."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine.training.art.sources import CACHE_VARIABLE
from engine.training.loop import process_team
from engine.training.loop.optimiser import Rates, SharedOptimiser, share_model
from engine.training.loop.process_team import (
    Member,
    Team,
    Tickets,
    resume,
    run_arguments,
    run_folder,
    start_team,
    take_steps,
)
from engine.training.loop.run_state import load_run

WARM_UP_STEPS = 4
RATES = Rates(adam=0.05)


@dataclass(frozen=True, slots=True)
class Plan:
    minutes: float = 10.0
    decay_minutes: float = 5.0
    processes: int = 1
    run: str = "line"
    batches: int = 2
    rates: Rates = RATES


class Fitter(Member[float]):
    """Learns to double a number."""

    def learn(self) -> tuple[Tensor, float]:
        given = torch.randn(8, 1, generator=self.generator)
        loss = (self.model(given) - 2 * given).pow(2).mean()
        return loss, float(loss.detach())


class Log:
    def __init__(self) -> None:
        self.told: list[float] = []

    def add(self, told: float, /) -> None:
        self.told.append(told)

    def line(self) -> str:
        return f"{len(self.told)} told"


def _fit(rank: int, team: Team[Plan, nn.Linear]) -> None:
    torch.set_num_threads(1)
    fitter = Fitter(team.model, SharedOptimiser(team.model, team.buffers, rank, team.wait), 1)
    resume(rank, team, fitter, "numbers")
    take_steps(rank, team, fitter, Log(), "numbers")


def _model() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(1, 1)


def _off(model: nn.Linear) -> float:
    return float((model.weight.detach() - 2).abs())


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))


@pytest.fixture
def one_second_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look at the clock takes a second."""
    seconds = itertools.count()
    clock = SimpleNamespace(monotonic=lambda: float(next(seconds)), strftime=lambda _form: "now")
    monkeypatch.setattr(process_team, "time", clock)


def test_the_rate_rises_stays_and_falls_to_nothing() -> None:
    model, plan = _model(), Plan()
    team = Team(plan, model, share_model(model, 1), torch.zeros(3), Tickets(1), None, WARM_UP_STEPS)

    def flags(step: int, minutes: float, since_save: float = 0) -> list[float]:
        team.set_flags(step, minutes * 60, since_save)
        return [float(flag) for flag in team.flags]

    assert flags(0, 0) == [0.25, 0, 0]
    assert flags(9, 1) == [1, 0, 0]
    assert flags(9, 1, since_save=301) == [1, 0, 1]
    assert flags(9, 7.5) == [0.5, 0, 0]
    assert flags(9, 11) == [0, 1, 1]


@pytest.mark.usefixtures("one_second_a_look")
def test_a_run_learns_until_its_time_is_up_and_goes_on_by_its_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = _model()
    before = _off(model)
    start_team(Plan(), model, _fit, WARM_UP_STEPS)
    first = load_run(run_folder(Plan()))
    assert first is not None
    assert first.step > 100
    assert _off(model) < before / 2
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 5
    assert lines[0].startswith("now step ")
    assert "told | 9 min left" in lines[0]

    other = nn.Linear(1, 1)
    start_team(Plan(minutes=0), other, _fit, WARM_UP_STEPS)
    assert torch.equal(other.weight, model.weight)
    assert capsys.readouterr().out == f"continuing line at step {first.step}\n"


@pytest.mark.usefixtures("one_second_a_look")
def test_a_process_ends_when_the_command_that_started_it_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone = SimpleNamespace(is_alive=lambda: False)
    monkeypatch.setattr(
        process_team, "multiprocessing", SimpleNamespace(parent_process=lambda: gone)
    )
    model = _model()
    before = _off(model)
    gate = SimpleNamespace(wait=lambda _seconds: None, abort=lambda: let_go.append(True))
    let_go: list[bool] = []
    team = Team(Plan(), model, share_model(model, 1), torch.zeros(3), Tickets(1), gate, 1)
    _fit(0, team)
    assert _off(model) == before
    assert let_go == [True]


@pytest.mark.slow
def test_two_processes_train_one_model() -> None:
    model = _model()
    before = _off(model)
    start_team(Plan(minutes=0.1, decay_minutes=0, processes=2), model, _fit, WARM_UP_STEPS)
    saved = load_run(run_folder(Plan()))
    assert saved is not None
    assert len(saved.random) == 2
    assert _off(model) < before


def test_every_training_asks_for_its_processes_alike() -> None:
    parser = run_arguments("about", minutes=3, batches=2, rate=0.1, ema=0.9)
    asked: dict[str, Any] = vars(parser.parse_args(["name", "--processes", "1"]))
    assert asked == {
        "run": "name", "minutes": 3, "decay_minutes": 0, "processes": 1, "batches": 2,
        "rate": 0.1, "ema": 0.9, "seed": 1,
    }  # fmt: skip


@pytest.mark.parametrize("processes", [1, 3])
def test_each_ticket_is_taken_once(processes: int) -> None:
    tickets = Tickets(5)
    taken = [tickets.take() for _ in range(5 + processes)]
    assert taken.count(True) == 5
    tickets.refill()
    assert tickets.take()
