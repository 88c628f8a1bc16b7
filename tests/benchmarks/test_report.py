"""The parts of the benchmarks that are not measurements."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.benchmarks.report import Report, median_ratio, processor_seconds

REPORT = Report(
    name="x",
    columns=("what", "s"),
    rows=[("a", 1.23456)],
    ratios={"speed": 2.0, "other": 1.0},
    required={"speed": 3.0},
    notes=["A note."],
)


def test_a_missed_requirement_is_named() -> None:
    assert REPORT.missed == ["speed"]
    content = json.loads(REPORT.as_json())
    assert content["ratios"] == {"speed": 2.0, "other": 1.0}
    assert content["passed"] is False


def test_a_ratio_above_what_is_allowed_is_missed() -> None:
    report = replace(REPORT, required={}, allowed={"speed": 1.5, "other": 1.0})
    assert report.missed == ["speed"]
    assert json.loads(report.as_json())["allowed"] == {"speed": 1.5, "other": 1.0}
    assert "speed: 2 (allowed: 1.5)" in report.as_text()


def test_what_is_no_number_is_missed() -> None:
    report = replace(REPORT, ratios={"speed": float("nan"), "other": float("nan")})
    assert replace(report, allowed={"other": 1.0}).missed == ["speed", "other"]


def test_the_table_shows_ratios_and_what_is_required() -> None:
    lines = REPORT.as_text().splitlines()
    assert lines == ["what  s", "a     1.23", "speed: 2 (required: 3)", "other: 1", "A note."]


def test_one_disturbed_round_does_not_tilt_the_ratio() -> None:
    assert median_ratio([4.0, 4.0, 400.0], [1.0, 1.0, 1.0]) == 4.0


def test_candidates_take_turns_after_a_first_call() -> None:
    calls: list[str] = []
    times = processor_seconds({n: lambda n=n: calls.append(n) for n in "ab"}, 2)  # type: ignore[misc]
    assert calls == ["a", "b", "a", "b", "b", "a"]
    assert {name: len(values) for name, values in times.items()} == {"a": 2, "b": 2}
