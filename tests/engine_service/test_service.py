"""The worker thread: order of events, cancelling, failures as sentences, shutting down."""

from __future__ import annotations

import logging
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from engine.errors import CheckpointError, EngineError
from engine.jobs import (
    EngineRuntime,
    Job,
    JobCancelled,
    JobEvent,
    JobFailed,
    JobFinished,
    JobProgress,
    JobStarted,
    JobState,
)
from engine.requests import LayoutRequest, LayoutResult, Request
from engine.service import EngineService, explain, torch_threads
from tests.helpers.fake_engine import FakeRuntime, Outcome

REQUEST = LayoutRequest("a red apple", 64, 48, seed=7)
LAST_EVENTS = (JobFinished, JobFailed, JobCancelled)
TIMEOUT_S = 60


class Session:
    """A started service and the events it sent."""

    def __init__(self, factory: Callable[[], EngineRuntime]) -> None:
        self.events: queue.Queue[JobEvent] = queue.Queue()
        self.service = EngineService(self.events.put, runtime_factory=factory, niceness=0)
        self.service.start()

    def until(self, condition: Callable[[JobEvent], bool]) -> list[JobEvent]:
        """Events up to the first that meets the condition."""
        seen: list[JobEvent] = []
        while not seen or not condition(seen[-1]):
            seen.append(self.events.get(timeout=TIMEOUT_S))
        return seen

    def until_last_of(self, job_id: str) -> list[JobEvent]:
        return self.until(lambda e: isinstance(e, LAST_EVENTS) and e.job_id == job_id)


@pytest.fixture
def open_session() -> Iterator[Callable[[FakeRuntime], Session]]:
    sessions: list[Session] = []

    def make(runtime: FakeRuntime) -> Session:
        sessions.append(Session(lambda: runtime))
        return sessions[-1]

    yield make
    for session in sessions:
        session.service.shutdown(TIMEOUT_S)


def by_prompt(request: Request) -> Outcome:
    assert isinstance(request, LayoutRequest)
    return Outcome[request.prompt]


def ask(outcome: Outcome) -> LayoutRequest:
    return replace(REQUEST, prompt=outcome.name)


def test_events_of_a_job_in_order(open_session: Callable[[FakeRuntime], Session]) -> None:
    session = open_session(FakeRuntime(steps=3))
    job = session.service.submit(REQUEST)
    events = session.until_last_of(job)
    kinds = [type(event) for event in events]
    assert kinds == [JobStarted, JobProgress, JobProgress, JobProgress, JobFinished]
    result = events[-1]
    assert isinstance(result, JobFinished)
    assert isinstance(result.result, LayoutResult)
    assert result.result.layers[0].name == "background"


def test_jobs_run_first_in_first_out(open_session: Callable[[FakeRuntime], Session]) -> None:
    runtime = FakeRuntime()
    session = open_session(runtime)
    ids = [session.service.submit(replace(REQUEST, seed=seed)) for seed in range(5)]
    session.until_last_of(ids[-1])
    assert [request.seed for request in runtime.requests] == [0, 1, 2, 3, 4]


def test_cancelling_a_running_job(open_session: Callable[[FakeRuntime], Session]) -> None:
    session = open_session(FakeRuntime(Outcome.STALL))
    job = session.service.submit(REQUEST)
    session.until(lambda event: isinstance(event, JobProgress))
    session.service.cancel(job)
    events = session.until_last_of(job)
    assert isinstance(events[-1], JobCancelled)
    session.service.shutdown(TIMEOUT_S)
    assert session.events.empty()


def test_cancelled_is_the_last_word_even_when_the_result_came(
    open_session: Callable[[FakeRuntime], Session],
) -> None:
    session = open_session(FakeRuntime(Outcome.IGNORE_CANCEL, steps=50, step_seconds=0.01))
    job = session.service.submit(REQUEST)
    session.until(lambda event: isinstance(event, JobProgress))
    session.service.cancel(job)
    assert isinstance(session.until_last_of(job)[-1], JobCancelled)


def test_a_cancel_that_has_returned_is_never_followed_by_a_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order: list[object] = []

    def listener(event: JobEvent) -> None:
        if isinstance(event, LAST_EVENTS):
            order.append(type(event))
            done.set()

    done = threading.Event()
    service = EngineService(listener, runtime_factory=FakeRuntime, niceness=0)
    finish = service._finish

    def cancel(job_id: str) -> None:
        service.cancel(job_id)
        order.append("cancel returned")

    def finish_while_cancelling(job: Job, state: JobState, event: JobEvent) -> None:
        threads.append(threading.Thread(target=cancel, args=(job.job_id,)))
        threads[-1].start()
        threads[-1].join(0.2)  # the cancel must not get through in between
        finish(job, state, event)

    threads: list[threading.Thread] = []
    monkeypatch.setattr(service, "_finish", finish_while_cancelling)
    service.start()
    service.submit(REQUEST)
    assert done.wait(TIMEOUT_S)
    service.shutdown(TIMEOUT_S)
    for thread in threads:
        thread.join(TIMEOUT_S)
    assert order == [JobFinished, "cancel returned"]


def test_a_waiting_job_is_cancelled_at_once(
    open_session: Callable[[FakeRuntime], Session],
) -> None:
    session = open_session(FakeRuntime(by_prompt))
    first = session.service.submit(ask(Outcome.STALL))
    second = session.service.submit(ask(Outcome.FINISH))
    session.until(lambda event: isinstance(event, JobProgress))
    session.service.cancel(second)
    events = session.until_last_of(second)
    assert not any(isinstance(e, JobStarted) and e.job_id == second for e in events)
    session.service.cancel(first)
    assert isinstance(session.until_last_of(first)[-1], JobCancelled)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome.FAIL, "refuses this job"),
        (Outcome.CRASH, "ZeroDivisionError"),
        (Outcome.OUT_OF_MEMORY, "not enough memory"),
    ],
)
def test_failures_are_sentences_and_the_next_job_runs(
    open_session: Callable[[FakeRuntime], Session],
    caplog: pytest.LogCaptureFixture,
    outcome: Outcome,
    words: str,
) -> None:
    session = open_session(FakeRuntime(by_prompt))
    with caplog.at_level(logging.ERROR, "layerloom.engine"):
        failing = session.service.submit(ask(outcome))
        following = session.service.submit(ask(Outcome.FINISH))
        failed = session.until_last_of(failing)[-1]
        assert isinstance(session.until_last_of(following)[-1], JobFinished)
    assert isinstance(failed, JobFailed)
    assert words in failed.message
    assert "\n" not in failed.message
    assert failed.detail
    assert failed.detail in caplog.text
    assert not failed.bad_input


def test_an_impossible_request_is_bad_input(
    open_session: Callable[[FakeRuntime], Session],
) -> None:
    session = open_session(FakeRuntime())
    failed = session.until_last_of(session.service.submit(replace(REQUEST, prompt=" ")))[-1]
    assert isinstance(failed, JobFailed)
    assert failed.bad_input
    assert "prompt" in failed.message


def test_a_runtime_that_cannot_be_made_is_tried_again() -> None:
    attempts = []

    def factory() -> EngineRuntime:
        attempts.append(1)
        if len(attempts) < 3:  # at the start and at the first job
            raise CheckpointError("The weights file x is missing; install the weights again.")
        return FakeRuntime()

    session = Session(factory)
    failed = session.until_last_of(session.service.submit(REQUEST))[-1]
    assert isinstance(failed, JobFailed)
    assert "missing" in failed.message
    assert isinstance(session.until_last_of(session.service.submit(REQUEST))[-1], JobFinished)
    session.service.shutdown(TIMEOUT_S)


def test_shutdown_cancels_everything_and_ends_the_thread() -> None:
    session = Session(lambda: FakeRuntime(Outcome.STALL))
    ids = {session.service.submit(REQUEST) for _ in range(3)}
    session.until(lambda event: isinstance(event, JobProgress))
    session.service.shutdown(TIMEOUT_S)
    last = [e for e in list(session.events.queue) if isinstance(e, LAST_EVENTS)]
    assert {event.job_id for event in last} == ids
    assert all(isinstance(event, JobCancelled) for event in last)
    assert not any(t.name == "layerloom-engine" for t in threading.enumerate())
    with pytest.raises(EngineError, match="shutting down"):
        session.service.submit(REQUEST)


def test_a_failing_listener_does_not_stop_the_worker(caplog: pytest.LogCaptureFixture) -> None:
    done = threading.Event()

    def listener(event: JobEvent) -> None:
        if isinstance(event, JobFinished):
            done.set()
        raise ValueError("the listener is broken")

    service = EngineService(listener, runtime_factory=FakeRuntime, niceness=0)
    service.start()
    service.submit(REQUEST)
    assert done.wait(TIMEOUT_S)
    service.shutdown(TIMEOUT_S)
    assert "listener" in caplog.text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "not enough memory"),
        (ImportError("no", name="tokenizers"), "tokenizers"),
        (CheckpointError("The file is cut off."), "cut off"),
        (KeyError("x"), "KeyError"),
    ],
)
def test_explanations(error: Exception, words: str) -> None:
    message, detail = explain(error)
    assert words in message
    assert detail


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (4, 3), (5, 4), (64, 4)])
def test_torch_threads(cores: int, threads: int) -> None:
    assert torch_threads(cores) == threads


def test_service_does_not_import_torch() -> None:
    code = (
        "import sys, engine.service, engine.requests, engine.jobs, engine.progress;"
        "engine.service.EngineService(print);"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="threads have nice values only on Linux")
def test_the_worker_is_niced_and_nobody_else() -> None:
    values: list[int] = []

    def factory() -> EngineRuntime:
        values.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return FakeRuntime()

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    service = EngineService(lambda _event: None, runtime_factory=factory, niceness=5)
    service.start()
    service.shutdown(TIMEOUT_S)
    assert values == [min(19, before + 5)]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
