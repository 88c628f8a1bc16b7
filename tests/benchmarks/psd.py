"""What saving a PSD costs: ours, psd-tools' default path, GIMP and Krita, the same document.

Every row is a process of its own. Ours and psd-tools save once to warm up; then processor time and
the growth of the peak resident memory over the loaded document count. GIMP and Krita open our file
first; counted is what they take from then on (GIMP) or from the moment their file appears (Krita).
They are left out where they are not installed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.report import Report
from tests.formats.readers.program_cost import Cost, gimp_saving, krita_saving

LAYERS = (10, 30)
SIDE_PX = 4096
MAX_SHARE, MAX_SECOND = 1 / 6, 0.2
Row = tuple[str, str, float, float, float, float]


def run() -> Report:
    """Some minutes."""
    rows: list[Row] = []
    ratios: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for count in LAYERS:
            found = _costs(count, Path(folder))
            rows += [_row(count, name, cost) for name, cost in found.items()]
            ours, theirs = found["ours"], found["psd-tools, default"]
            ratios[f"cpu_{count}"] = ours.cpu_s / theirs.cpu_s
            ratios[f"memory_{count}"] = ours.memory_mb / theirs.memory_mb
            ratios[f"second_{count}"] = found["ours, one layer changed"].cpu_s / ours.cpu_s
    return Report(
        name="psd",
        columns=("layers", "writer", "CPU [s]", "wall [s]", "extra memory [MB]", "file [MB]"),
        rows=rows,
        ratios=ratios,
        allowed={name: MAX_SECOND if name.startswith("second") else MAX_SHARE for name in ratios},
        notes=[
            f"{SIDE_PX} px square: a background, and objects that cover 10 to 50 % of it.",
            "cpu, memory: ours to psd-tools; second: after a dab of 512 px on one layer, to first.",
        ],
    )


def _costs(count: int, folder: Path) -> dict[str, Cost]:
    source = folder / f"{count}.psd"
    first, second = _child("ours", count, source)
    costs = {
        "ours": first,
        "ours, one layer changed": second,
        "ours, compact": _child("ours_compact", count)[0],
        "psd-tools, default": _child("psd_tools", count)[0],
        "GIMP": gimp_saving(source, folder),
        "Krita": krita_saving(source, folder),
    }
    return {name: cost for name, cost in costs.items() if cost is not None}


def _child(way: str, count: int, path: Path | None = None) -> list[Cost]:
    words = [way, str(count), str(SIDE_PX), *([] if path is None else [str(path)])]
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.psd_child", *words],
        check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    return [Cost(**values) for values in json.loads(done.stdout)]


def _row(count: int, name: str, cost: Cost) -> Row:
    return str(count), name, cost.cpu_s, cost.wall_s, cost.memory_mb, cost.file_mb
