"""A prompt in English words, and its phrases back in the words that were typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise

_BEHIND_ELISION = re.compile(r"(?<=['’]) ")


@dataclass(frozen=True, slots=True)
class Reading:
    """A prompt as the parser takes it.

    Attributes:
        english: The prompt itself when it was read as English.
        pieces: Pairs of typed words and English ones, in the order of the prompt; empty for
            English.
        separator: Between words of the typed language.
    """

    english: str
    pieces: tuple[tuple[str, str], ...] = ()
    separator: str = " "

    @property
    def translated(self) -> bool:
        """Whether words were replaced."""
        return any(english and english != typed for typed, english in self.pieces)

    def with_english(self, change: Callable[[str], str]) -> Reading:
        """The same with all its English changed."""
        pieces = tuple((change(a).strip(" ,"), change(b).strip(" ,")) for a, b in self.pieces)
        return replace(self, english=change(self.english), pieces=pieces)

    def as_typed(self, phrase: str) -> str:
        """An English phrase of the prompt in the words that were typed, in their order: "brown
        dog" -> "chien brun". Words that occur more than once are taken near the others; small ones
        between them that English does not say stay: "桜の木"."""
        places = self._places(phrase) if self.translated else []
        if not places:
            return phrase
        last = places[-1]
        best = min(last, key=lambda anchor: sum(_nearest(row, anchor)[0] for row in places))
        said = sorted({_nearest(row, best)[1] for row in places})
        unsaid = [
            list(range(before + 1, after))
            for before, after in pairwise(said)
            if not any(self.pieces[index][1] for index in range(before + 1, after))
        ]
        chosen = sorted(chain(said, *unsaid))
        typed = self.separator.join(self.pieces[index][0] for index in chosen)
        return _BEHIND_ELISION.sub("", typed)

    def _places(self, phrase: str) -> list[list[int]]:
        """For each part of an English phrase the numbers of the pieces that say it; a part that
        no piece says is left out."""
        words, found = phrase.split(), []
        while words:
            for length in range(len(words), 0, -1):
                part = " ".join(words[:length])
                places = [i for i, piece in enumerate(self.pieces) if part in _both(piece)]
                if places:
                    found.append(places)
                    break
            del words[:length]
        return found


def _nearest(places: Sequence[int], anchor: int) -> tuple[int, int]:
    """Distance of the nearest place to the anchor, and that place."""
    return min((abs(place - anchor), place) for place in places)


def _both(piece: tuple[str, str]) -> tuple[str, str]:
    """What a piece is called in a phrase, which is in lower case."""
    typed, english = piece
    return english.lower(), typed.lower()
