"""Generation records through JSON and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from editor.document.errors import RecordError
from editor.document.recipe import MAX_SOURCES, GenerationRecord, JobEntry, RecordKind
from editor.document.run_details import AdapterDetails, RunDetails

TEXT = st.text(max_size=20)
RECORDS = st.builds(
    GenerationRecord,
    typed_prompt=TEXT,
    seed=st.integers(0, 2**63 - 1),
    box=st.tuples(*[st.integers(-9, 9999)] * 4),
    canvas_size=st.tuples(st.integers(1, 9999), st.integers(1, 9999)),
    kind=st.sampled_from(RecordKind),
    effective_prompt=TEXT,
    style=TEXT,
    attempt=st.integers(0, 99),
    next_attempt=st.integers(0, 99),
    recolour=TEXT,
    softened=TEXT,
    true_guidance=st.floats(1, 30),
    distilled_guidance=st.none() | st.floats(1, 30),
    context_layers=st.lists(TEXT, max_size=3).map(tuple),
    pixel_hash=TEXT,
    mode=TEXT,
    alpha_route=TEXT,
    strength=st.none() | st.floats(0.05, 1),
    source_hash=TEXT,
    noise_id=TEXT,
    entries=st.lists(
        st.builds(JobEntry, TEXT, TEXT, st.integers(0, 9), st.tuples(*[st.integers()] * 4), TEXT),
        max_size=3,
    ).map(tuple),
    run=st.none()
    | st.builds(
        RunDetails,
        TEXT,
        st.floats(0, 1),
        st.integers(0, 99),
        st.integers(0, 99),
        st.none() | st.floats(0, 9),
        st.lists(st.builds(AdapterDetails, TEXT, TEXT, st.floats(-4, 4)), max_size=2).map(tuple),
    ),
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
@given(RECORDS)
def test_json_and_back(record: GenerationRecord) -> None:
    text = json.dumps(record.to_json())
    assert GenerationRecord.from_json(json.loads(text)) == record


def example() -> dict[str, Any]:
    record = GenerationRecord(
        typed_prompt="an apple", seed=2**63 - 1, box=(0, 0, 8, 8), canvas_size=(8, 8)
    )
    return record.to_json()


def test_the_seed_is_text() -> None:
    assert example()["seed"] == "9223372036854775807"


def test_unknown_fields_are_ignored_and_missing_ones_take_their_default() -> None:
    data = example() | {"colour": "blue"}
    del data["style"], data["kind"]
    record = GenerationRecord.from_json(data)
    assert record.kind is RecordKind.PROMPTED


def test_a_record_of_the_first_version_opens() -> None:
    data = example()
    for name in ("mode", "alpha_route", "strength", "source_hash", "noise_id", "entries"):
        del data[name]
    record = GenerationRecord.from_json(data)
    assert (record.strength, record.entries, record.noise_id) == (None, (), "")
    assert (record.next_attempt, record.recolour, record.softened) == (0, "", "")
    assert not {"next_attempt", "recolour"} & record.to_json().keys()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"entries": "x"}, "entries"),
        ({"entries": ["x"]}, "entries"),
        ({"entries": [{"box": [1]}]}, "entries.box"),
        ({"entries": [{}] * 65}, "entries"),
        ({"strength": "much"}, "strength"),
        ({"seed": 7}, "seed"),
        ({"seed": "-7"}, "seed"),
        ({"seed": "9223372036854775808"}, "seed"),
        ({"seed": "²"}, "seed"),
        ({"box": [1, 2, 3]}, "box"),
        ({"box": [1, 2, 3, "4"]}, "box"),
        ({"typed_prompt": None}, "typed_prompt"),
        ({"steps": 3.0}, "steps"),
        ({"next_attempt": "3"}, "next_attempt"),
        ({"recolour": 3}, "recolour"),
        ({"true_guidance": float("nan")}, "true_guidance"),
        ({"true_guidance": True}, "true_guidance"),
        ({"kind": "dreamt"}, "kind"),
        ({"context_layers": "abc"}, "context_layers"),
        ({"schema_version": 99}, "schema version"),
        ({"schema_version": "1"}, "schema version"),
        ({"run": 3}, "run"),
        ({"run": {"attention": 3}}, "run.attention"),
        ({"run": {"reused": -1}}, "run.reused"),
        ({"run": {"cache_error": "much"}}, "run.cache_error"),
        ({"run": {"adapters": [{"name": "a"}]}}, "run.adapters.sha256"),
    ],
)
def test_wrong_fields_are_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(RecordError, match=field):
        GenerationRecord.from_json(example() | change)


@pytest.mark.parametrize("field", ["typed_prompt", "seed", "box", "canvas_size"])
def test_missing_fields_are_named(field: str) -> None:
    data = example()
    del data[field]
    with pytest.raises(RecordError, match=field):
        GenerationRecord.from_json(data)


@pytest.mark.parametrize("data", [None, [], "x", 3])
def test_other_json_is_refused(data: object) -> None:
    with pytest.raises(RecordError, match="JSON object"):
        GenerationRecord.from_json(data)


def nested(count: int) -> dict[str, Any]:
    data = example()
    for _ in range(count):
        data = example() | {"source_record": data}
    return data


def test_the_records_of_sources_lie_one_inside_the_other() -> None:
    record = GenerationRecord.from_json(nested(MAX_SOURCES))
    assert record.source_count == MAX_SOURCES
    assert GenerationRecord.from_json(record.to_json()) == record
    assert "source_record" not in GenerationRecord.from_json(example()).to_json()


@pytest.mark.parametrize("count", [MAX_SOURCES + 1, 500])
def test_records_of_sources_have_an_end(count: int) -> None:
    with pytest.raises(RecordError, match="nested too deep"):
        GenerationRecord.from_json(nested(count))
