"""Words of everyday speech, written down by hand: `recipes/everyday/LANGUAGE.tsv`.

Dictionaries have what words mean, not what people say: WordNet knows no "moggy", and of a "hockey
stick" only that it is a stick. The tables have one line per concept, tab-separated: its label, the
words that it answers rightly, and, in English, those of other things to which it is the nearest;
words of a cell are separated by ", ".
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from engine.prompts.vocabulary.concepts import plain_key
from engine.training.recipe import RECIPES

FOLDER = RECIPES / "everyday"
_SEPARATOR = ", "


class EverydayError(ValueError):
    """A table says something that cannot be; the message names file, line and word."""


@dataclass(frozen=True, slots=True)
class EverydayWords:
    """Words of one language as they are written, each with a label.

    Attributes:
        meant: Words that the drawing of the concept answers.
        near: Words of things that are no concept, with the nearest one.
    """

    meant: dict[str, str]
    near: dict[str, str]


def read_everyday(path: Path, labels: Collection[str]) -> EverydayWords:
    """Reads one table.

    Args:
        labels: Of all concepts.

    Raises:
        EverydayError: A line has no concept or too many columns, or a word is a label, stands
            twice, or is written otherwise at another concept: "moo cow", "moo-cow".
    """
    meant: dict[str, str] = {}
    near: dict[str, str] = {}
    english = path.stem == "en"
    owners: dict[str, str] = {}  # by words as they are looked up
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        label, *cells = line.split("\t")
        where = f"{path.name}, line {number}"
        if label not in labels:
            raise EverydayError(f'{where}: "{label}" is no concept of the recipe.')
        if len(cells) > 2:
            raise EverydayError(f"{where}: there are more than three columns.")
        for words, cell in zip((meant, near), cells, strict=False):
            for word in filter(None, cell.split(_SEPARATOR)):
                if word in meant or word in near:
                    raise EverydayError(f'{where}: "{word}" stands here twice.')
                if english and word in labels:
                    raise EverydayError(f'{where}: "{word}" is a concept itself.')
                owner = owners.setdefault(plain_key(word), label) if english else label
                if owner != label:
                    raise EverydayError(f'{where}: "{word}" is a word of "{owner}" as well.')
                words[word] = label
    return EverydayWords(meant, near)


def languages() -> list[str]:
    """Those that have a table, besides English."""
    return sorted(path.stem for path in FOLDER.glob("*.tsv") if path.stem != "en")
