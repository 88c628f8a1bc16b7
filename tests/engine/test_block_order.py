"""The order of blocks: every block once, after the ones it needs, with few alive at once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.pipelines.block_order import BlockGrid

SIDES = st.integers(1, 9)


@settings(max_examples=200, deadline=None)
@given(SIDES, SIDES, SIDES, st.booleans())
def test_every_block_comes_once_after_the_ones_it_needs(
    rows: int, columns: int, lines: int, by_columns: bool
) -> None:
    grid = BlockGrid(rows, columns, lines, by_columns)
    done: set[tuple[int, int]] = set()
    for batch in grid.batches():
        assert 0 < len(batch) <= grid.batch_size
        for row, column in batch:
            near = {
                (max(0, row - 1), max(0, column - 1)),
                (row, max(0, column - 1)),
                (max(0, row - 1), column),
            }
            assert near - {(row, column)} <= done
        done.update(batch)
    assert len(done) == grid.count == rows * columns
    assert sorted(grid.index(place) for place in done) == list(range(grid.count))


@settings(max_examples=200, deadline=None)
@given(SIDES, SIDES, SIDES, st.booleans())
def test_the_slots_suffice_for_the_whole_sweep(
    rows: int, columns: int, lines: int, by_columns: bool
) -> None:
    grid = BlockGrid(rows, columns, lines, by_columns)
    needed_by: dict[tuple[int, int], list[tuple[int, int]]] = {}
    alive = most = 0
    for batch in grid.batches():
        for place in batch:
            needed_by.setdefault(grid.last_user(place), []).append(place)
        alive += len(batch)
        most = max(most, alive)
        alive -= sum(len(needed_by.pop(place, [])) for place in batch)
    assert alive == 0
    assert most == grid.slots()


@pytest.mark.parametrize(("rows", "columns"), [(32, 32), (4, 1000), (1000, 4), (1, 50)])
def test_a_sweep_keeps_a_line_and_two_blocks(rows: int, columns: int) -> None:
    grid = BlockGrid.along_the_shorter_side(rows, columns)
    assert grid.line_length == min(rows, columns)
    assert grid.slots() <= min(rows, columns) + 2
