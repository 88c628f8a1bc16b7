"""English words of a sentence in another language, put so that they can be read as an English one.

Words for "on" that stand behind their noun go before it, and things that a verb stands between are
parted: verbs are not translated, and none of them may become a part of a thing's name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from engine.prompts.captions import COLOUR_WORDS
from engine.prompts.english.connectors import CONNECTOR_WORDS
from engine.prompts.english.words import NUMBER_WORDS

AFTER = "~"  # in the tables: stands behind its noun, "आसमान में"
OF_THE_NOUN = frozenset((*COLOUR_WORDS, *NUMBER_WORDS, "a", "", "big", "small", "cute"))
_SMALL_WORDS = frozenset(("a", "", "and", "with", "without", "on", "in", "to", ","))
_CUTS = CONNECTOR_WORDS | {"without", "of", "background", ","}
# Japanese and Korean: what stands before them is no part of the next noun.
_CASE_MARKS = frozenset(("が", "を", "は", "を", "을", "를", "이", "가", "은", "는"))
_OF = frozenset(("的",))  # Chinese: "a verb, a thing, 的, who does it"


def parted_at_verbs(
    pairs: Sequence[tuple[str, str]], unknown: Collection[str], *, spaced: bool
) -> list[tuple[str, str]]:
    """Typed and English words without unknown ones beside a known thing, which are mostly verbs:
    between two things stands a comma instead. Where nothing is known they stay, to be told.

    Args:
        unknown: The typed words that no language has.
        spaced: Whether words are separated by spaces.
    """
    parted: list[tuple[str, str]] = []
    run: list[tuple[str, str]] = []
    for pair in pairs:
        if _cuts(pair):
            parted += [*_run_parted(run, unknown, spaced=spaced), pair]
            run = []
        else:
            run.append(pair)
    return [*parted, *_run_parted(run, unknown, spaced=spaced)]


def _cuts(pair: tuple[str, str]) -> bool:
    typed, english = pair
    first = english.removeprefix(AFTER).split()[:1]
    mark = not any(character.isalnum() for character in typed)
    return english.startswith(AFTER) or mark or (bool(first) and first[0] in _CUTS)


def _run_parted(
    run: Sequence[tuple[str, str]], unknown: Collection[str], *, spaced: bool
) -> list[tuple[str, str]]:
    """The words between two cuts."""
    things = [
        i
        for i, (typed, english) in enumerate(run)
        if typed not in unknown and not is_small(english) and english not in OF_THE_NOUN
    ]
    if not things:
        return list(run)
    parted: list[tuple[str, str]] = []
    begins_with_verb = any(typed in unknown for typed, _ in run[: things[0]])
    for index, (typed, english) in enumerate(run):
        between = things[0] < index < things[-1]
        # "Stück Pizza" may be a part of the name, "durch den Park" is none
        verb = typed in unknown and not (spaced and index + 1 in things and index < things[0])
        marked = index - 1 in things and (
            typed in _CASE_MARKS or (typed in _OF and begins_with_verb)
        )
        if verb or (marked and between):
            parts = between and all(word != "," for _, word in parted[-1:])
            parted.append((typed, "," if parts else ""))
        else:
            parted.append((typed, english))
    return parted


def joined(words: list[str]) -> str:
    """A sentence without doubled words ("sunset background, background") and stray spaces."""
    kept = [word for before, word in pairwise(["", *words]) if not before.endswith(word)]
    return re.sub(r" (?=[,.;!?])", "", " ".join(kept)).strip(" ,")


def is_small(english: str) -> bool:
    """Whether a word is no thing, colour or number."""
    return english.startswith(AFTER) or english in _SMALL_WORDS


def before_nouns(words: Sequence[str]) -> list[str]:
    """English words with each postposition before its noun: "cat | table ~on" -> "cat on table".

    With nothing before the noun ("table ~on | cat") only the two are told apart.
    """
    placed: list[str] = []
    for word in words:
        if not word.startswith(AFTER):
            placed.append(word)
            continue
        begin = _noun_begin(placed)
        negated = word == f"{AFTER}without"
        follows = any(before not in (",", "and", "", "a") for before in placed[:begin])
        if negated or follows:
            placed[begin:begin] = [",", "without"] if negated else [word.removeprefix(AFTER)]
        placed.append(",")
    return placed


def parted_behind_ground(words: Sequence[str]) -> list[str]:
    """English words with a comma behind each background: what follows stands on it."""
    parted: list[str] = []
    for word, following in pairwise([*words, ""]):
        parted.append(word)
        if word.split()[-1:] == ["background"] and following not in (",", ".", "and"):
            parted.append(",")
    return parted


def _noun_begin(words: Sequence[str]) -> int:
    """Where the noun at the end begins, with its colours and number."""
    begin = len(words)
    while begin and not words[begin - 1]:
        begin -= 1
    begin = max(0, begin - 1)
    while begin and words[begin - 1] in OF_THE_NOUN:
        begin -= 1
    return begin
