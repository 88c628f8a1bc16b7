"""How balanced pictures are for which nobody drew a box.

Run: `python -m engine.training.evaluation.compositions [--count N]`. Prints the table; nothing is
drawn. Nouns are drawn by chance from the recipe, 1 to 6 to a picture, on a square, a wide and a
tall canvas. Lengths are relative to the side of the canvas that they are measured along, gaps to
the shorter one.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from engine.checkpoints.starter import STARTER_FOLDER
from engine.composition.groups import Placement
from engine.composition.layout import automatic_layout
from engine.composition.traits import Place, Size, traits_of
from engine.prompts.vocabulary.concepts import Concept, read_concepts

COUNT = 25
SEED = 3
CANVASES = ((512, 512), (640, 360), (360, 640))
MOST = 6  # things in a picture
_SIZES = tuple(Size)

Boxes = npt.NDArray[np.float64]  # n 4: x0, y0, x1, y1


def measure(count: int = COUNT) -> dict[str, list[float]]:
    """Values by name, one per picture or per pair of things.

    Args:
        count: Pictures for each number of things and each canvas.
    """
    concepts = read_concepts(STARTER_FOLDER)
    rng = np.random.default_rng(SEED)
    found: dict[str, list[float]] = defaultdict(list)
    for number in range(1, MOST + 1):
        for width, height in CANVASES:
            for _ in range(count):
                chosen = rng.choice(len(concepts), number, replace=False)
                things = [concepts[int(index)] for index in chosen]
                placements = [Placement(c.aspect, None, None, traits_of(c.label)) for c in things]
                seed = int(rng.integers(1000))
                boxes = np.array(automatic_layout(placements, width, height, seed), float)
                for name, value in one_picture(boxes, width, height).items():
                    found[name].append(value)
                for name, values in pairs(boxes, things, min(width, height)).items():
                    found[name] += values
    return dict(found)


def one_picture(boxes: Boxes, width: int, height: int) -> dict[str, float]:
    """What is said of a whole picture."""
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    middle = [(boxes[:, axis] + boxes[:, axis + 2]) / 2 for axis in (0, 1)]
    mass = [float((middle[axis] * area).sum() / area.sum()) for axis in (0, 1)]
    return {
        "mass beside the middle": abs(mass[0] / width - 0.5),
        "mass above or below the middle": abs(mass[1] / height - 0.5),
        "left margin against right": abs(boxes[:, 0].min() + boxes[:, 2].max() - width) / width,
        "covered by boxes": float(area.sum()) / (width * height),
    }


def pairs(boxes: Boxes, things: Sequence[Concept], short: int) -> dict[str, list[float]]:
    """What is said of each two things of a picture."""
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    traits = [traits_of(thing.label) for thing in things]
    found: dict[str, list[float]] = {"gap": [], "larger is drawn larger": [], "flies higher": []}
    for one, other in combinations(range(len(things)), 2):
        apart = [
            max(boxes[one, axis], boxes[other, axis])
            - min(boxes[one, axis + 2], boxes[other, axis + 2])
            for axis in (0, 1)
        ]
        found["gap"].append(float(max(apart)) / short)
        sizes = [_SIZES.index(traits[index].size) for index in (one, other)]
        # The size of a person is of all of them, the box of a head or an upper half is not.
        whole = not any(traits[index].head or traits[index].bust for index in (one, other))
        if whole and sizes[0] != sizes[1]:
            larger = (area[one] > area[other]) == (sizes[0] > sizes[1])
            found["larger is drawn larger"].append(float(larger))
        if {traits[one].place, traits[other].place} == {Place.SKY, Place.GROUND}:
            sky, ground = (one, other) if traits[one].place is Place.SKY else (other, one)
            higher = boxes[sky, [1, 3]].mean() < boxes[ground, [1, 3]].mean()
            found["flies higher"].append(float(higher))
    return found


def main() -> None:
    """Prints mean, 5 and 95 % quantile, least and most."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help="pictures of each kind")
    for name, values in measure(parser.parse_args().count).items():
        low, high = np.quantile(values, (0.05, 0.95))
        print(
            f"{name:32} mean {np.mean(values):.3f}  5 % {low:.3f}  95 % {high:.3f}"
            f"  least {min(values):.3f}  most {max(values):.3f}"
        )


if __name__ == "__main__":
    main()
