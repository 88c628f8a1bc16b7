"""Finds commands by a few letters of their names, as people type them: "mdn" for Merge Down."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_START_OF_WORD = 8
_START_OF_TEXT = 6
_NEXT_TO_THE_LAST = 5
_LETTER = 1
_GAP = -1
_MAX_GAP = 3  # a longer gap costs no more


@dataclass(frozen=True, slots=True)
class Match:
    """How well a text fits.

    Attributes:
        score: Higher is better; comparable between texts for the same query only.
        places: Indexes of the letters that were found, rising.
    """

    score: int
    places: tuple[int, ...]


def fuzzy_match(query: str, text: str) -> Match | None:
    """The best way to find the letters of `query` in `text` in their order; None = impossible.

    Case, accents and spaces of the query do not count. Letters at the beginning of words and next
    to each other score more; of equal texts the shorter one wins.
    """
    wanted = _plain(query).replace(" ", "")
    offered = _plain(text)
    if not wanted:
        return Match(0, ())
    best = _best_places(wanted, offered)
    if best is None:
        return None
    score, places = best
    return Match(score * 4 - len(offered), places)


def _best_places(wanted: str, offered: str) -> tuple[int, tuple[int, ...]] | None:
    """Letter by letter, the best score that ends at each place of the text."""
    ends: dict[int, tuple[int, tuple[int, ...]]] = {-1: (0, ())}
    for letter in wanted:
        new: dict[int, tuple[int, tuple[int, ...]]] = {}
        for place, character in enumerate(offered):
            if character != letter:
                continue
            options = [
                (score + _gain(offered, last, place), (*places, place))
                for last, (score, places) in ends.items()
                if last < place
            ]
            if options:
                new[place] = max(options)
        if not new:
            return None
        ends = new
    return max(ends.values(), key=lambda found: found[0])


def _gain(offered: str, last: int, place: int) -> int:
    gain = _LETTER
    if place == 0:
        gain += _START_OF_TEXT
    if place == 0 or not offered[place - 1].isalnum():
        gain += _START_OF_WORD
    if last >= 0:
        gap = place - last - 1
        gain += _NEXT_TO_THE_LAST if gap == 0 else _GAP * min(gap, _MAX_GAP)
    return gain


def _plain(text: str) -> str:
    """Lower case without accents, one character for one, so that places stay true."""
    return "".join(_base(character) for character in text)


def _base(character: str) -> str:
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base[0] if base else character
