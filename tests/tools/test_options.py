"""Options of tools: one place, announced when they differ, remembered as text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from editor.tools.options import Options


class Tip(StrEnum):
    ROUND = "round"
    FLAT = "flat"


@dataclass(frozen=True)
class Record:
    size: int = 10
    flow: float = 0.5
    soft: bool = True
    tip: Tip = Tip.ROUND

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", max(1, self.size))


def test_only_differences_are_announced() -> None:
    options, heard = Options(Record()), list[Record]()
    options.changed.connect(heard.append)
    options.change(size=10)
    options.change(size=-3)
    assert heard == [Record(size=1)], "the record itself keeps its range"
    options.set(Record())
    assert options.value == Record()
    assert len(heard) == 2


def test_options_come_back_from_text() -> None:
    options = Options(Record(7, 0.25, False, Tip.FLAT))
    other = Options(Record())
    other.restore(options.to_json())
    assert other.value == options.value


def test_what_does_not_fit_is_left_alone() -> None:
    for text in ("", "no json", "[1]", '{"size": "big", "tip": "star", "soft": 1, "other": 2}'):
        options = Options(Record())
        options.restore(text)
        assert options.value == Record()
    options = Options(Record())
    options.restore('{"flow": 1, "soft": false}')
    assert options.value == Record(flow=1.0, soft=False)
