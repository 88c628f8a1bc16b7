"""The waiting jobs in their order, one for a layer at most, and how long they will take."""

from __future__ import annotations

import json

import pytest

from editor.commands.history import History
from editor.document.document import Document
from editor.jobs.queue import JobKind, JobQueue, QueuedJob
from editor.jobs.times import JobTimes, work_of
from engine.progress import Phase
from engine.requests import LayerRequest, LayoutRequest, RegionBox, SamplingOptions

HISTORY = History(Document(64, 64))
LAYER = LayerRequest("a cat", 64, 64, 1, RegionBox("a", 0, 0, 32, 32))
PICTURE = LayoutRequest("a cat", 1024, 1024, 1)


def job(job_id: str, layer_id: str = "", history: History = HISTORY) -> QueuedJob:
    kind = JobKind.LAYER if layer_id else JobKind.PICTURE
    return QueuedJob(job_id, kind, job_id, lambda _state: LAYER, LAYER, history, layer_id)


def order(queue: JobQueue) -> str:
    return " ".join(job.job_id for job in queue.jobs)


def test_jobs_enter_at_the_back_or_front_and_change_places() -> None:
    queue = JobQueue()
    for name in "abc":
        assert not queue.add(job(name))
    queue.add(job("d"), first=True)
    assert order(queue) == "d a b c"
    assert queue.move("c", 0)
    assert order(queue) == "c d a b"
    assert queue.move("c", 99)
    assert order(queue) == "d a b c"
    assert not queue.move("d", 0)
    assert not queue.move("gone", 0)
    assert queue.remove("a")
    assert not queue.remove("a")
    taken = queue.take()
    assert taken is not None
    assert taken.job_id == "d"
    queue.clear()
    assert queue.take() is None


def test_a_second_job_for_a_layer_takes_the_place_of_the_first() -> None:
    queue = JobQueue()
    for name, layer in (("a", "apple"), ("b", ""), ("c", "cat")):
        queue.add(job(name, layer))
    assert queue.add(job("a2", "apple"))
    assert order(queue) == "a2 b c"
    assert queue.add(job("c2", "cat"), first=True)
    assert order(queue) == "c2 a2 b"
    other = History(Document(64, 64))
    assert not queue.add(job("x", "apple", other)), "the same id in another document"


def test_times_are_learned_by_phase_and_size_and_survive_the_settings() -> None:
    times = JobTimes()
    assert times.seconds(PICTURE) is None
    times.learn(PICTURE, {"denoise": 8.0, "decode": 2.0, "load": 30.0})
    assert times.seconds(PICTURE) == pytest.approx(10.0), "loading happens once"
    assert times.seconds(LAYER) is None, "a layer by itself is another matter"
    half = LayoutRequest("a cat", 1024, 512, 1)
    assert times.seconds(half) == pytest.approx(5.0)
    twice = LayoutRequest("a cat", 1024, 1024, 1, sampling=SamplingOptions(steps=16))
    assert times.seconds(twice) == pytest.approx(18.0)
    times.learn(PICTURE, {"denoise": 16.0})
    assert times.seconds(PICTURE) == pytest.approx(14.0), "the newest counts half"
    again = JobTimes.from_json(times.to_json())
    assert again.seconds(PICTURE) == pytest.approx(14.0, rel=1e-3)


def test_objects_drawn_one_by_one_are_foreseen_by_their_number() -> None:
    times = JobTimes()
    times.learn(PICTURE, {"alone": 3.0})
    boxes = tuple(RegionBox(f"b{i}", 0, 0, 64, 64) for i in range(6))
    more = LayoutRequest("cats", 1024, 1024, 1, boxes=boxes)
    assert times.seconds(more) == pytest.approx(3 * (times.seconds(PICTURE) or 0))


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"starter/picture/denoise": "x"}', "null"])
def test_settings_that_are_broken_teach_nothing(text: str) -> None:
    assert JobTimes.from_json(text).seconds(PICTURE) is None
    kept = JobTimes.from_json(json.dumps({"a": -1.0, "b": float("inf"), "c": True}))
    assert kept.to_json() == "{}"


def test_the_size_of_every_phase_is_above_nothing() -> None:
    for request in (LAYER, PICTURE):
        assert all(work_of(request, phase) > 0 for phase in Phase)
