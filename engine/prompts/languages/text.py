"""Text of any language: its words and marks, and words without case and accents."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_MARK_CLASSES = range(200, 241)  # accents of Latin, Greek and Cyrillic; vowel signs are others


@lru_cache(maxsize=1 << 14)  # each language looks the same words up
def normalised(text: str) -> str:
    """Lower case without the accents of alphabets; half- and full-width letters are the same."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    kept = "".join(c for c in decomposed if unicodedata.combining(c) not in _MARK_CLASSES)
    return unicodedata.normalize("NFC", kept)


def word_runs(text: str) -> list[list[str]]:
    """The words in lower case, those between two punctuation marks together."""
    return [run.lower().split() for run in runs(text) if is_word(run[0])]


def runs(text: str) -> Iterator[str]:
    """Alternating runs of words (with their spaces) and single punctuation marks."""
    run = ""
    for character in text:
        if is_word(character) or (character.isspace() and character not in "\r\n"):
            run += character
            continue
        if run.strip():
            yield run.strip()
        run = ""
        yield "," if character in "\r\n、。，" else character
    if run.strip():
        yield run.strip()


def is_word(character: str) -> bool:
    """Whether a character is of a word: letter, accent, figure, hyphen or apostrophe."""
    return unicodedata.category(character)[0] in "LMN" or character in "-'’"
