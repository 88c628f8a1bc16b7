"""Two results of the evaluation beside each other: earlier weights above, new ones below."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from engine.training.art import sources as art

# Sheets that show the same requests whatever the weights, so that rows can be compared.
SHEETS = ("contact-sheet.png", "documents.png", "alpha.png")
FOLDER = "before-and-after"
_GAP_PX = 12

Scores = dict[str, dict[str, float]]


def earlier_scores(before: Path) -> Scores:
    """The rows of the `scores.json` that an earlier call wrote.

    Raises:
        SystemExit: The folder holds none.
    """
    path = before / "scores.json"
    if not path.is_file():
        raise SystemExit(f"{path} is missing: --before wants a folder that this command wrote.")
    table = json.loads(path.read_text("utf-8"))
    return {name: row for name, row in table.items() if isinstance(row, dict)}


def table_lines(scores: Scores, before: Scores) -> list[str]:
    """A line per row; under it the earlier one, where there is one."""
    lines = []
    for name, row in scores.items():
        lines.append(_line(name, row))
        if name in before:
            lines.append(_line("    before", before[name]))
    return lines


def _line(name: str, row: dict[str, float]) -> str:
    return f"{name:42s} " + "  ".join(f"{key} {value:g}" for key, value in row.items())


def write_beside(before: Path, after: Path) -> list[Path]:
    """Stacks the sheets that both folders have; into `after/before-and-after`."""
    written = []
    for name in SHEETS:
        old, new = (cv2.imread(str(folder / name)) for folder in (before, after))
        if old is not None and new is not None:
            place = after / FOLDER / name
            place.parent.mkdir(exist_ok=True)
            cv2.imwrite(str(place), _stacked(np.asarray(old, np.uint8), np.asarray(new, np.uint8)))
            written.append(place)
    return written


def _stacked(old: art.ByteImage, new: art.ByteImage) -> art.ByteImage:
    width = max(old.shape[1], new.shape[1])
    padded = [
        np.pad(part, ((0, _GAP_PX), (0, width - part.shape[1]), (0, 0)), constant_values=255)
        for part in (old, new)
    ]
    return np.concatenate(padded)
