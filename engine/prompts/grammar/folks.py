"""Words for several people: a family is a man, a woman and a child."""

from __future__ import annotations

from itertools import cycle, islice

from engine.prompts.english.people import BY_TURNS, FOLKS
from engine.prompts.english.words import number_of, singular
from engine.prompts.grammar.nouns import Nouns

_LONGEST = 3  # words of their names


def members(phrase: str, count: int, nouns: Nouns) -> tuple[str, ...]:
    """Who is drawn for a phrase with its count; empty = the phrase says it itself.

    A "soccer team" is what the vocabulary says, a "happy family" a family.
    """
    words = phrase.split()
    *group, before, last = ["", "", *words]
    if before == "of" and (size := number_of(last)):  # "a family of four"
        whole = members(" ".join(group).strip(), count, nouns)
        return _of_size(whole, size) if count == 1 else whole
    for length in range(min(_LONGEST, len(words)), 0, -1):
        name = " ".join(words[-length:])
        if length < len(words) and _means_more(" ".join(words[-length - 1 :]), nouns):
            return ()
        if count > 1 and name in BY_TURNS:
            return tuple(islice(cycle(BY_TURNS[name]), count))
        if found := FOLKS.get(name) or FOLKS.get(singular(name)):
            return found * count
    return ()


def _of_size(group: tuple[str, ...], size: int) -> tuple[str, ...]:
    """So many of a group, the last ones again: a family of five has three children."""
    more = max(0, size - len(group))
    return (*group, *group[-1:] * more)[:size] if group else ()


def _means_more(name: str, nouns: Nouns) -> bool:
    return name not in FOLKS and (nouns.knows_either(name) or nouns.heard(name))
