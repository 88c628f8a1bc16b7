"""The estimate of the time left, with a clock that the test turns."""

from __future__ import annotations

import pytest

from engine.progress import JobClock, Phase, PhaseRates, PlannedPhase


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


PLAN = [PlannedPhase(Phase.DENOISE, 1000), PlannedPhase(Phase.DECODE, 10)]


def run_job(rates: PhaseRates, clock: Clock, denoise_s: float, decode_s: float) -> JobClock:
    job = JobClock(PLAN, rates, clock)
    job.enter(Phase.DENOISE)
    clock.time += denoise_s
    job.enter(Phase.DECODE)
    clock.time += decode_s
    job.leave()
    return job


def test_nothing_is_known_at_first() -> None:
    job = JobClock(PLAN, PhaseRates(), Clock())
    assert job.eta_seconds(0) is None
    job.enter(Phase.DENOISE)
    assert job.eta_seconds(0) is None


def test_the_first_job_extrapolates_its_own_steps() -> None:
    clock = Clock()
    job = JobClock(PLAN, PhaseRates(), clock)
    job.enter(Phase.DENOISE)
    clock.time += 2
    assert job.eta_seconds(0.25) == pytest.approx(6)


def test_later_jobs_know_the_phases_to_come() -> None:
    clock, rates = Clock(), PhaseRates()
    run_job(rates, clock, denoise_s=8, decode_s=3)
    job = JobClock([PlannedPhase(Phase.DENOISE, 500), PlannedPhase(Phase.DECODE, 20)], rates, clock)
    assert job.eta_seconds(0) == pytest.approx(4 + 6)
    job.enter(Phase.DENOISE)
    clock.time += 1
    assert job.eta_seconds(0) == pytest.approx(3 + 6)
    assert job.eta_seconds(0.5) == pytest.approx(1 + 6)
    job.enter(Phase.DECODE)
    clock.time += 1000  # far slower than predicted: never negative
    assert job.eta_seconds(0) == 0


def test_rates_follow_a_machine_that_becomes_slower() -> None:
    clock, rates = Clock(), PhaseRates()
    run_job(rates, clock, 8, 3)
    run_job(rates, clock, 16, 3)
    assert rates.predict(PlannedPhase(Phase.DENOISE, 1000)) == pytest.approx(12)


def test_seconds_sum_repeated_phases_and_replan_replaces() -> None:
    clock, rates = Clock(), PhaseRates()
    job = run_job(rates, clock, 8, 3)
    job.replan([PlannedPhase(Phase.DECODE, 10)])
    assert job.eta_seconds(0) == pytest.approx(3)
    job.enter(Phase.DECODE, work=0)
    clock.time += 1
    job.leave()
    assert job.seconds == {"denoise": 8, "decode": 4}
    assert rates.predict(PlannedPhase(Phase.DECODE, 10)) == pytest.approx(3)


def test_drawing_alone_is_foreseen_by_the_speed_of_denoising() -> None:
    clock, rates = Clock(), PhaseRates()
    plan = [PlannedPhase(Phase.DENOISE, 1000), PlannedPhase(Phase.ALONE, 3000)]
    job = JobClock(plan, rates, clock)
    job.enter(Phase.DENOISE)
    clock.time += 2
    assert job.eta_seconds(0.5) == pytest.approx(2 + 12)
    clock.time += 2
    job.enter(Phase.CHECK)
    assert job.eta_seconds(0) == pytest.approx(12)


def test_what_was_not_needed_is_not_waited_for() -> None:
    clock, rates = Clock(), PhaseRates()
    rates.learn(Phase.ALONE, 10, 10)
    plan = [PlannedPhase(Phase.CHECK, 1), PlannedPhase(Phase.ALONE, 5)]
    job = JobClock([*plan, PlannedPhase(Phase.FINISH, 1)], rates, clock)
    job.enter(Phase.CHECK)
    assert job.eta_seconds(0) == pytest.approx(5)
    job.enter(Phase.FINISH)
    assert job.eta_seconds(0) is None
