"""The words of the shipped starter model, without its networks."""

from __future__ import annotations

import json
from pathlib import Path

from engine.prompts.backgrounds import BackgroundTable
from engine.prompts.concepts import Concept, ConceptTable, read_further_words
from engine.prompts.languages import load_languages
from engine.prompts.matching import SentenceVectors
from engine.prompts.scene_plan import Vocabulary

STARTER = Path(__file__).parents[2] / "resources" / "starter_model"


def shipped_vocabulary(vectors: SentenceVectors) -> Vocabulary:
    """Every shipped table of words; `vectors` stand in for the sentence encoder."""
    rows = json.loads((STARTER / "concepts.json").read_text("utf-8"))
    concepts = [
        Concept(r["label"], r["hexcode"], tuple(r["tags"]), r["aspect"], r["colour"]) for r in rows
    ]
    table = ConceptTable(concepts, vectors, None, read_further_words(STARTER))
    return Vocabulary(table, BackgroundTable(vectors), load_languages(STARTER))
