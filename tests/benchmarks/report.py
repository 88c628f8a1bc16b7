"""What every benchmark returns: a table, named ratios and what they must reach."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True)
class Report:
    """Result of one benchmark.

    Attributes:
        name: As on the command line.
        columns: Headings of the table.
        rows: Cells; numbers are printed with three digits.
        ratios: Named results for machines.
        required: Smallest allowed value for some of the ratios.
        allowed: Largest allowed value for some of the ratios.
        notes: Sentences under the table: the set-up, and other numbers worth knowing.
    """

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | float]]
    ratios: Mapping[str, float]
    required: Mapping[str, float] = field(default_factory=dict)
    notes: Sequence[str] = ()
    allowed: Mapping[str, float] = field(default_factory=dict)

    @property
    def missed(self) -> list[str]:
        """Names of the ratios below what is required or above what is allowed."""
        # Written so that NaN misses as well.
        low = [name for name, least in self.required.items() if not self.ratios[name] >= least]
        return low + [name for name, most in self.allowed.items() if not self.ratios[name] <= most]

    def as_json(self) -> str:
        """One line with everything."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        content = {
            "benchmark": self.name,
            "ratios": dict(self.ratios),
            "required": dict(self.required),
            "allowed": dict(self.allowed),
            "passed": not self.missed,
            "rows": rows,
            "notes": list(self.notes),
        }
        return json.dumps(content)

    def as_text(self) -> str:
        """A table for people."""
        cells = [list(self.columns), *([_cell(value) for value in row] for row in self.rows)]
        widths = [max(len(line[i]) for line in cells) for i in range(len(self.columns))]
        lines = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in cells]
        for name, value in self.ratios.items():
            lines.append(f"{name}: {value:.3g}{self._demand(name)}")
        return "\n".join([*lines, *self.notes])

    def _demand(self, name: str) -> str:
        if name in self.required:
            return f" (required: {self.required[name]:g})"
        return f" (allowed: {self.allowed[name]:g})" if name in self.allowed else ""


def _cell(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.3g}"


def processor_seconds(
    candidates: Mapping[str, Callable[[], object]], rounds: int
) -> dict[str, list[float]]:
    """Processor time of each candidate per round, taken in turns after one unmeasured call each.

    Processor time leaves out what other programs on the machine took. It adds up the threads, so
    the caller must compute on one (`torch.set_num_threads(1)`); it is then the wall time of an idle
    machine. The order is reversed every round.
    """
    for candidate in candidates.values():
        candidate()
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for index in range(rounds):
        for name in list(candidates) if index % 2 == 0 else reversed(list(candidates)):
            start = time.process_time()
            candidates[name]()
            times[name].append(time.process_time() - start)
    return times


def median_ratio(baseline: Sequence[float], ours: Sequence[float]) -> float:
    """Median over the rounds of baseline / ours; a disturbed round cannot tilt it."""
    return median(b / a for b, a in zip(baseline, ours, strict=True))
