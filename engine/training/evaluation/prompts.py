"""Twenty prompts through the product's own command: ten chosen, ten drawn at random.

Run: `python -m engine.training.evaluation.prompts -o DIR`. For each prompt of
`recipes/prompts.toml` it runs `layerloom generate`, keeps the document and what the
terminal said, and puts all pictures on `prompts.png`. `--draw` prints the ten random prompts anew:
labels of emojibase's animals, food, travel, activities and objects by a fixed seed, whether the
model knows them or not.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from engine.training.art import sources as art
from engine.training.evaluation.sheets import Cell, write_sheet
from engine.training.recipe import RECIPES

FILE = RECIPES / "prompts.toml"
DRAWN, DRAW_SEED = 10, 20261125
GROUPS = (3, 4, 5, 6, 7)
_SIZE, _CELL_PX, _PER_ROW = "512x512", 256, 5


def draw_prompts() -> list[str]:
    """Ten labels of emojibase, in the order in which they were drawn."""
    entries = art.emoji_labels()
    labels = sorted(
        {entry["label"].lower() for entry in entries.values() if entry.get("group") in GROUPS}
    )
    rng = np.random.default_rng(DRAW_SEED)
    return [labels[int(index)] for index in rng.choice(len(labels), DRAWN, replace=False)]


def load_prompts() -> list[str]:
    """The chosen ones, then those drawn at random."""
    table = tomllib.loads(FILE.read_text("utf-8"))
    return [*table["chosen"], *table["drawn"]]


def generate(prompt: str, seed: int, picture: Path) -> str:
    """Runs the product's command; what it said.

    Raises:
        RuntimeError: It failed; with its last words.
    """
    document = picture.with_suffix(".layerloom")
    for path in (picture, document):
        path.unlink(missing_ok=True)
    command = [sys.executable, "-m", "editor", "generate", prompt, "--size", _SIZE]
    command += ["--seed", str(seed), "-o", str(document), "-o", str(picture)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).strip()
    if done.returncode:
        raise RuntimeError(f"generate failed for {prompt!r}: {said[-300:]}")
    return said


def evaluate_prompts(folder: Path) -> list[str]:
    """Writes pictures, documents, `prompts.txt` and `prompts.png`; what was said, by prompt."""
    folder.mkdir(parents=True, exist_ok=True)
    cells, lines = [], []
    for number, prompt in enumerate(load_prompts()):
        picture = folder / f"prompt-{number:02}.png"
        lines.append(f"{prompt}\n{generate(prompt, number, picture)}")
        cells.append(Cell(_read(picture), prompt))
    (folder / "prompts.txt").write_text("\n\n".join(lines) + "\n", "utf-8")
    write_sheet(folder / "prompts.png", cells, _PER_ROW, _CELL_PX)
    return lines


def _read(picture: Path) -> Tensor:
    pixels = np.asarray(Image.open(picture).convert("RGB"))
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 255


def main() -> None:
    """Draws prompts, or generates for all."""
    parser = argparse.ArgumentParser(description=__doc__)
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--draw", action="store_true", help="print the random prompts")
    kind.add_argument("-o", "--output", type=Path)
    options = parser.parse_args()
    print(
        "\n".join(draw_prompts()) if options.draw else "\n\n".join(evaluate_prompts(options.output))
    )


if __name__ == "__main__":
    main()
