"""Whether words that are no labels are understood: lists of English ones and of other languages.

Run: `python -m engine.training.evaluation.words [--mistakes LIST ...]`. Prints the scores, and what
was misunderstood of the lists named ("fixed", "second", "german", ...). Nothing is drawn.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from engine.checkpoints.starter import STARTER_FOLDER
from engine.prompts.languages.languages import load_languages
from engine.prompts.vocabulary.backgrounds import BackgroundTable
from engine.prompts.vocabulary.concepts import load_concepts
from engine.prompts.vocabulary.understanding import understand_object
from engine.prompts.vocabulary.vocabulary import Vocabulary
from engine.training.data_source import captions_for
from engine.training.recipe import RECIPES, load_recipe

SYNONYMS_FILE = RECIPES / "synonyms.toml"
MORE_FILE = RECIPES / "synonyms_more.toml"

WordList = Mapping[str, Sequence[str]]  # word -> labels that answer it well


@dataclass(frozen=True, slots=True)
class Answer:
    """What a typed word became.

    Attributes:
        label: Of the concept, or empty if no single object was read.
        known: It was not said to be an unknown word.
        good: The concept is one of the list.
    """

    label: str
    known: bool
    good: bool


def load_synonyms() -> dict[str, str]:
    """Word -> label of the concept that is meant; for labels of the recipe only.

    A word that has become a label ("lorry") is left out: it has a drawing of its own.
    """
    labels = {concept.label for concept in load_recipe().concepts}
    table = tomllib.loads(SYNONYMS_FILE.read_text("utf-8"))["synonyms"]
    return {w: label for w, label in table.items() if label in labels and w not in labels}


def word_lists() -> dict[str, WordList]:
    """The lists by their row of the evaluation, without words that have become labels."""
    labels = {concept.label for concept in load_recipe().concepts}
    lists = tomllib.loads(MORE_FILE.read_text("utf-8"))
    more = {
        name: {word: good for word, good in table.items() if word not in labels}
        for name, table in lists.items()
    }
    fixed = {word: (label,) for word, label in load_synonyms().items()}
    return {f"words, {name} list": table for name, table in ({"fixed": fixed} | more).items()}


def answer(word: str, good: Sequence[str], words: Vocabulary) -> Answer:
    """What the product makes of a prompt of this word alone."""
    parsed, _ = words.read(word)
    if len(parsed.objects) != 1:
        return Answer("", False, False)
    match, _ = understand_object(parsed.objects[0].phrase, words.concepts)
    label = match.concept.label
    return Answer(label, match.similarity == 1, label in good)


def evaluate_words(words: Vocabulary) -> dict[str, dict[str, float]]:
    """Scores by row: share of words that their concept answers, and that are not called unknown."""
    scores = {}
    for name, table in word_lists().items():
        answers = [answer(word, good, words) for word, good in table.items()]
        scores[name] = {
            "words": float(len(answers)),
            "understood": round(sum(a.good for a in answers) / len(answers), 3),
            "and known": round(sum(a.good and a.known for a in answers) / len(answers), 3),
        }
    return scores


def load_vocabulary() -> Vocabulary:
    """The shipped words, without the weights that draw."""
    vectors = captions_for().encoder.embed
    concepts = load_concepts(STARTER_FOLDER, vectors)
    return Vocabulary(concepts, BackgroundTable(vectors), load_languages(STARTER_FOLDER))


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints scores, and the mistakes of the lists named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mistakes", nargs="*", default=[], metavar="LIST")
    named = parser.parse_args(arguments).mistakes
    torch.set_num_threads(1)
    words = load_vocabulary()
    print(json.dumps(evaluate_words(words), indent=1))
    for name, table in word_lists().items():
        if name.removeprefix("words, ").removesuffix(" list") not in named:
            continue
        wrong = {w: a for w, good in table.items() if not (a := answer(w, good, words)).good}
        print(f"{name}:", ", ".join(f"{w} -> {a.label or 'none'}" for w, a in wrong.items()))


if __name__ == "__main__":
    main()
