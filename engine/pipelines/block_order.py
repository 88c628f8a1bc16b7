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
    """

    rows: int
    columns: int
    lines: int = 1
    by_columns: bool = False

    @classmethod
    def along_the_shorter_side(cls, rows: int, columns: int, lines: int = 1) -> BlockGrid:
        """Lines as short as can be: what is kept of the last line is then small."""
        return cls(rows, columns, lines, by_columns=columns > rows)

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
    def batch_size(self) -> int:
        """Blocks of the largest batch."""
        return min(self.lines, self.line_length, self.line_count)

    def batches(self) -> Iterator[list[Place]]:
        """All blocks once; left, top and left-top of a block always come in an earlier batch."""
        for first in range(0, self.line_count, self.lines):
            together = min(self.lines, self.line_count - first)
            for diagonal in range(self.line_length + together - 1):
                yield [
                    self._place(first + number, diagonal - number)
                    for number in range(together)
                    if 0 <= diagonal - number < self.line_length
                ]

    def line_of(self, place: Place) -> int:
        """Number of the line that a block is in."""
        return place[1] if self.by_columns else place[0]

    def index(self, place: Place) -> int:
        """Number of a block, line by line."""
        line, position = place[::-1] if self.by_columns else place
        return line * self.line_length + position

    def last_user(self, place: Place) -> Place:
        """The last block that needs this one's keys and values: right-below, as far as there is."""
        return min(place[0] + 1, self.rows - 1), min(place[1] + 1, self.columns - 1)

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
