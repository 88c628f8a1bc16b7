"""Words beside the concepts that they were written for, before judges who see no names of either.

`python -m engine.training.evaluation.judged_words sheets DIR --list seventeenth --list eighteenth`
draws every word of the lists through the program, and the label that it was written for with the
same seed and style. Most pairs are the same picture; where they differ, both stand on the sheets
under the word, shuffled among as many pictures that do not differ, and half as many that belong to
another word. Judges write the numbers of the pictures that a person who typed the word would take
into `DIR/good-NAME.txt`; `judged_words scores DIR` says how far words are behind their concepts.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.checkpoints.starter import STARTER_FOLDER
from engine.prompts.captions import STYLES
from engine.runtime import load_layer_model
from engine.training.evaluation.product_drawing import draw_typed
from engine.training.evaluation.sheets import Cell, on_ground, write_sheet
from engine.training.evaluation.words import word_lists

KEY, PER_SHEET, PER_ROW, CELL_PX = "key.json", 20, 5, 192
WORD, CONCEPT, SAME, OTHER = "word", "concept", "same", "other"  # whose drawing a picture is


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture of the sheets, which are numbered from 1: the word under it and whose it is."""

    word: str
    whose: str


def choose(
    words: Sequence[str], differing: Sequence[bool], generator: np.random.Generator
) -> list[Shown]:
    """What the sheets show, shuffled: both pictures of pairs that differ, and the controls.

    Args:
        differing: Of each word, whether its drawing and that of its concept differ.
    """
    apart = [word for word, differs in zip(words, differing, strict=True) if differs]
    alike = [word for word, differs in zip(words, differing, strict=True) if not differs]
    same = generator.permutation(alike)[: len(apart)].tolist()
    other = generator.permutation(alike)[: (len(apart) + 1) // 2].tolist()
    shown = [Shown(word, whose) for word in apart for whose in (WORD, CONCEPT)]
    shown += [Shown(word, SAME) for word in same] + [Shown(word, OTHER) for word in other]
    return [shown[place] for place in generator.permutation(len(shown))]


def scores(shown: Sequence[Shown], good: Sequence[float], total: int) -> dict[str, float]:
    """Shares called good, and how far all words are behind their concepts, with standard error.

    Args:
        good: Of each picture, the share of the judges that would take it.
        total: Words of the lists; those that are not shown as differing are behind by 0.
    """
    marks = {(one.word, one.whose): mark for one, mark in zip(shown, good, strict=True)}
    apart = sorted({word for word, whose in marks if whose == WORD})
    behind = np.zeros(total)
    behind[: len(apart)] = [marks[word, CONCEPT] - marks[word, WORD] for word in apart]

    def share(whose: str) -> float:
        taken = [mark for (_, of), mark in marks.items() if of == whose]
        return round(float(np.mean(taken)), 3) if taken else 0.0

    return {
        "words": float(total), "differing": float(len(apart)),
        "good, drawings of differing words": share(WORD),
        "good, those of their concepts": share(CONCEPT),
        "good, drawings that do not differ": share(SAME),
        "good, drawings of other words": share(OTHER),
        "behind": round(float(behind.mean()), 4),
        "error": round(float(behind.std(ddof=1) / total**0.5), 4),
    }  # fmt: skip


def written_for(lists: Sequence[str]) -> dict[str, str]:
    """Words of the lists with the label that each was written for, the first of its line."""
    tables = word_lists()
    return {word: good[0] for name in lists for word, good in tables[f"words, {name} list"].items()}


def write_sheets(folder: Path, table: Mapping[str, str], seed: int) -> None:
    """Draws words and labels through the program, and writes sheets and key into the folder.

    Args:
        table: Word -> label that it was written for.
    """
    model = load_layer_model(STARTER_FOLDER)
    generator = np.random.default_rng(seed)
    drawn: dict[str, tuple[Tensor, Tensor]] = {}
    for place, (word, label) in enumerate(table.items()):
        style = STYLES[place % len(STYLES)]
        drawn[word] = (
            draw_typed(model, word, style, place), draw_typed(model, label, style, place)
        )  # fmt: skip
    words = list(drawn)
    shown = choose(words, [not torch.equal(*drawn[word]) for word in words], generator)
    cells = []
    for number, one in enumerate(shown, 1):
        of = one.word
        while one.whose == OTHER and table[of] == table[one.word]:
            of = words[int(generator.integers(len(words)))]
        picture = drawn[of][0 if one.whose == WORD else 1]
        cells.append(Cell(on_ground(picture, "white"), f"{number}: {one.word}"))
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(cells), PER_SHEET):
        path = folder / f"sheet-{start // PER_SHEET + 1:02d}.png"
        write_sheet(path, cells[start : start + PER_SHEET], PER_ROW, CELL_PX)
    key = {"words": len(words), "shown": [asdict(one) for one in shown]}
    (folder / KEY).write_text(json.dumps(key, indent=1), "utf-8")


def read_scores(folder: Path) -> dict[str, float]:
    """Scores of the sheets by all judges' files in the folder.

    Raises:
        SystemExit: No judge has written a file.
    """
    key = json.loads((folder / KEY).read_text("utf-8"))
    shown = [Shown(**one) for one in key["shown"]]
    judged = [
        set(map(int, path.read_text("utf-8").split())) for path in sorted(folder.glob("good-*.txt"))
    ]
    if not judged:
        raise SystemExit(f"{folder}: there is no good-NAME.txt with numbers of good pictures.")
    marks = [
        float(np.mean([number in good for good in judged])) for number in range(1, len(shown) + 1)
    ]
    return {"judges": float(len(judged))} | scores(shown, marks, key["words"])


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes sheets, or prints scores."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("what", choices=["sheets", "scores"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--list", action="append", default=[], help='"seventeenth", ...')
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    if options.what == "sheets":
        write_sheets(options.folder, written_for(options.list), options.seed)
        return
    for name, value in read_scores(options.folder).items():
        print(f"{name:36s} {value:g}")


if __name__ == "__main__":
    main()
