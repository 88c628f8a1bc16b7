"""In which order the blocks of a picture are computed, and how long each one is needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Place = tuple[int, int]
"""Row and column of a block."""


@dataclass(frozen=True, slots=True)
class BlockGrid:
    """The blocks of a picture, swept line by line.

    Attributes:
        lines: So many lines are computed side by side, each a block behind the one before; the
            blocks of an anti-diagonal then make one batch.
        by_columns: A line is a column of blocks instead of a row.
        skipped: Blocks that are not computed. For their neighbours the picture ends there.
    """

    rows: int
    columns: int
    lines: int = 1
    by_columns: bool = False
    skipped: frozenset[Place] = frozenset()

    @classmethod
    def along_the_shorter_side(
        cls, rows: int, columns: int, lines: int = 1, skipped: frozenset[Place] = frozenset()
    ) -> BlockGrid:
        """Lines as short as can be: what is kept of the last line is then small."""
        return cls(rows, columns, lines, columns > rows, skipped)

    @property
    def line_count(self) -> int:
        """Lines of the picture."""
        return self.columns if self.by_columns else self.rows

    @property
    def line_length(self) -> int:
        """Blocks of a line."""
        return self.rows if self.by_columns else self.columns

    @property
    def count(self) -> int:
        """All blocks."""
        return self.rows * self.columns

    @property
    def computed(self) -> int:
        """Blocks that are computed."""
        return self.count - len(self.skipped)

    @property
    def batch_size(self) -> int:
        """Blocks of the largest batch."""
        return min(self.lines, self.line_length, self.line_count)

    def batches(self) -> Iterator[list[Place]]:
        """Every computed block once; left, top and left-top of one come in an earlier batch."""
        for first in range(0, self.line_count, self.lines):
            together = min(self.lines, self.line_count - first)
            for diagonal in range(self.line_length + together - 1):
                places = [
                    self._place(first + number, diagonal - number)
                    for number in range(together)
                    if 0 <= diagonal - number < self.line_length
                ]
                if batch := [place for place in places if place not in self.skipped]:
                    yield batch

    def neighbours(self, place: Place) -> tuple[Place, Place, Place]:
        """Whose keys and values stand left-top, left and top of a block.

        Where there is none, the nearest one stands in as if the picture ended there: the grid of
        keys and values is continued by repetition, and the block itself is the last resort.
        """
        row, column = place
        corner, left, top = (
            self._there(row - up, column - across) for up, across in ((1, 1), (0, 1), (1, 0))
        )
        return corner or left or top or place, left or place, top or place

    def _there(self, row: int, column: int) -> Place | None:
        place = row, column
        return place if row >= 0 and column >= 0 and place not in self.skipped else None

    def line(self, number: int) -> list[Place]:
        """The blocks of a line, in order."""
        return [self._place(number, position) for position in range(self.line_length)]

    def line_of(self, place: Place) -> int:
        """Number of the line that a block is in."""
        return place[1] if self.by_columns else place[0]

    def index(self, place: Place) -> int:
        """Number of a block, line by line."""
        line, position = place[::-1] if self.by_columns else place
        return line * self.line_length + position

    def last_user(self, place: Place) -> Place:
        """The last block that needs this one's keys and values: right-below, as far as there is."""
        row, column = place
        below = (row, row + 1) if row + 1 < self.rows else (row,)
        right = (column, column + 1) if column + 1 < self.columns else (column,)
        users = ((r, c) for r in below for c in right)
        return max((user for user in users if user not in self.skipped), key=self._turn)

    def _turn(self, place: Place) -> tuple[int, int]:
        """Grows with the batches."""
        line, position = place[::-1] if self.by_columns else place
        return line // self.lines, position + line % self.lines

    def slots(self) -> int:
        """Blocks whose keys and values are alive at once: a line, one more, and the new ones."""
        few = min(self.line_count, 2 * self.lines + 1)  # from there on the sweep repeats itself
        sample = BlockGrid(few, self.line_length, self.lines)
        alive = most = 0
        users: dict[Place, int] = {}
        for batch in sample.batches():
            alive += len(batch)
            most = max(most, alive)
            for place in batch:
                user = sample.last_user(place)
                users[user] = users.get(user, 0) + 1
            alive -= sum(users.pop(place, 0) for place in batch)
        return most

    def _place(self, line: int, position: int) -> Place:
        return (position, line) if self.by_columns else (line, position)
