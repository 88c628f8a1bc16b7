"""Signs that forbid something: "a no smoking sign", "dogs not allowed", "do not touch".

They are looked for before negations, and each becomes one word of the sentence, so that no later
pass reads its "no", its "not" or its "sign". "No dogs" is one only if nothing else is said: in "a
beach, no people" the people are left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.prompts.english.connectors import COLON, COMMA, cut_at
from engine.prompts.english.shades import SHADES, known_colour
from engine.prompts.english.signs import (
    ORDERS,
    PROHIBITION,
    SIGN_WORDS,
    forbidden_by,
    length_of,
    names_of_sign,
)
from engine.prompts.english.words import BACKGROUND_WORDS, DETERMINERS, number_of, singular
from engine.prompts.grammar.negations import LEAD, POSITIVE, VERBS
from engine.prompts.grammar.nouns import Nouns

_MOST_WORDS = 7  # of a sign
_SAYS_NOTHING = frozenset((COMMA, "please"))
_ARTICLES = frozenset(("a", "an", "the"))


def take_signs(tokens: Sequence[str], nouns: Nouns) -> tuple[list[str], Nouns]:
    """(the sentence with each sign as one word, the nouns with these)."""
    if not nouns.knows(PROHIBITION):
        return list(tokens), nouns
    words: list[str] = []
    names: list[str] = []
    index = 0
    while index < len(tokens):
        length = _length_at(tokens, index, nouns)
        sign = " ".join(tokens[index : index + length])
        if length:
            words.append(sign)
            names.append(singular(sign) if tokens[index + length - 1] in SIGN_WORDS else sign)
        else:
            words.append(tokens[index])
        index += max(1, length)
    return words, nouns.with_names(names)


def _length_at(tokens: Sequence[str], index: int, nouns: Nouns) -> int:
    """Number of tokens of a sign that begins here; 0 = none does."""
    end = _end_of_phrase(tokens, index)
    ends = [i + 1 for i in range(index, end) if tokens[i] in SIGN_WORDS]
    for stop in (*ends, end):
        words = list(tokens[index:stop])
        if _is_sign(words, nouns) and _stands_as_sign(tokens, index, stop, nouns):
            return stop - index
    return 0


def _end_of_phrase(tokens: Sequence[str], index: int) -> int:
    """Where what begins here is cut; "no food or drinks" is not cut."""
    end = index
    while end < min(len(tokens), index + _MOST_WORDS) and tokens[end] not in (COMMA, COLON):
        if end > index and tokens[end] not in ("and", "or") and cut_at(tokens, end)[0]:
            break
        end += 1
    return end


def _is_sign(words: list[str], nouns: Nouns) -> bool:
    """Whether these words, all of them, are what a sign says."""
    thing = forbidden_by(" ".join(words)).split()
    if not thing or length_of(words, POSITIVE):
        return False
    small = DETERMINERS | VERBS | BACKGROUND_WORDS | {"no", "not", "without"}
    only_colours = all(known_colour(word) or word in SHADES for word in thing)
    counts = number_of(thing[0]) is not None  # "no one"
    return not (small.intersection(thing) or only_colours or counts or _refuses_sign(words, nouns))


def _refuses_sign(words: Sequence[str], nouns: Nouns) -> bool:
    """Whether the sign itself is what is not wanted: "no stop sign", but not "no parking sign"."""
    if words[-1] not in SIGN_WORDS or not nouns.knows_either(" ".join(words[-2:])):
        return False
    names = names_of_sign(singular(" ".join(words)))
    return not (words[-2].endswith("ing") or any(map(nouns.heard, names)))


def _stands_as_sign(tokens: Sequence[str], begin: int, end: int, nouns: Nouns) -> bool:
    """Whether the words of a sign are one here, and do not say what to leave out."""
    before = tokens[begin - 1] if begin else COMMA
    opens = before in (COMMA, COLON)
    if _SAYS_NOTHING.issuperset((*tokens[:begin], *tokens[end:])):
        return True
    says_no = length_of(list(tokens[begin:end]), ORDERS)
    if not says_no:  # "smoking prohibited" is all of what it is said in
        closes = end == len(tokens) or bool(cut_at(tokens, end)[0])
        return closes and (opens or before in _ARTICLES or tokens[end - 1] in SIGN_WORDS)
    if tokens[end - 1] not in SIGN_WORDS:
        return before in ("a", "an") and nouns.heard(" ".join(tokens[begin:end]))
    if before in LEAD and before != "and":  # "a wall with no parking sign", "but no dog icons"
        return tokens[begin + says_no].endswith("ing")
    return True
