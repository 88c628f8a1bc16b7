"""Digits as percentages."""

from __future__ import annotations

import pytest

from editor.tools.typed_percent import PAIR_S, TypedPercent

SLOW = PAIR_S + 0.1


@pytest.mark.parametrize(
    ("pauses", "expected"),
    [
        ([(4, 0)], [40]),
        ([(0, 0)], [100]),
        ([(4, 0), (5, 0.2)], [40, 45]),
        ([(0, 0), (7, 0.2)], [100, 7]),
        ([(0, 0), (0, 0.2)], [100, 0]),
        ([(4, 0), (5, SLOW)], [40, 50]),
        ([(4, 0), (5, 0.2), (6, 0.2)], [40, 45, 60]),
    ],
)
def test_two_digits_belong_together_when_they_come_quickly(
    pauses: list[tuple[int, float]], expected: list[int]
) -> None:
    now = 0.0
    typed = TypedPercent(lambda: now)
    found = []
    for digit, pause in pauses:
        now += pause
        found.append(typed.add(digit)[0])
    assert found == expected


def test_what_was_forgotten_is_not_corrected() -> None:
    typed = TypedPercent(lambda: 0.0)
    typed.add(4)
    typed.forget()
    assert typed.add(5) == (50, False)
    assert typed.add(1) == (51, True)
