"""The phrase and the count of an object, from the words of its piece of a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from engine.prompts.english.shades import NOUN_SHADES, SHADES, known_colour
from engine.prompts.english.words import DETERMINERS, SIZES, number_of, singular
from engine.prompts.grammar.counting import Counted, take_count
from engine.prompts.grammar.nouns import Nouns
from engine.prompts.grammar.parsed import MAX_PHRASE_CHARACTERS
from engine.prompts.grammar.qualities import PRAISE

# Before a noun these say more of it, and by themselves they are nouns of the vocabulary as well.
_SAID_OF_THINGS = SIZES | PRAISE | frozenset((
    "colorful", "colourful", "colored", "coloured", "flying", "old", "young", "baby", "toy", "ice",
    "wooden", "golden", "gold", "silver", "paper", "glass", "round", "square", "fast", "fresh",
    "hot", "cold", "happy", "sad", "wild", "double", "single", "open", "closed", "christmas",
    "birthday", "summer", "winter", "spring", "autumn", "night", "water", "fire", "snow", "party",
    "light",
))  # fmt: skip
_MAX_WORDS = 8  # of one object; the noun is among the last ones
_YEARS = range(1900, 2101)  # "a 2024 calendar" is one


def counted_phrase(words: Sequence[str], nouns: Nouns) -> tuple[str, int]:
    """("red apple", 3) of "three red apples"."""
    if words[0] == "a" and nouns.knows(" ".join(words)):  # "a two hearts" is a drawing of both
        return " ".join(words[1:]), 1
    counted = take_count(words)
    # "two o'clock", "row of houses", but of "a pair of shoes" a shoe is known as well
    if counted.number and not counted.pairs and nouns.knows(noun_of(words, nouns)):
        counted = Counted(list(words))
    rest, count = counted.words[-_MAX_WORDS:], counted.number
    while rest and (rest[0] in DETERMINERS or rest[0] == "of"):
        rest.pop(0)
    rest = colours_first(rest, nouns)
    phrase = " ".join(rest)[:MAX_PHRASE_CHARACTERS].strip()
    one = singular(phrase)
    if phrase and one == phrase and count in _YEARS:
        return phrase, 1
    if not phrase or one == phrase or nouns.knows(noun_of(rest, nouns)):
        return phrase, counted.drawings
    known = nouns.knows(noun_of(one.split(), nouns))
    several = known or (nouns.ends_known(one.split()) and not nouns.ends_known(rest))
    if counted.pairs and not known and nouns.ends_known(rest):
        return phrase, counted.pairs  # "a pair of winter gloves"
    if count is not None:
        return one, count
    return (one, 2) if several else (phrase, 1)  # "fluffy cats", but "red glasses"


def of_each_colour(words: Sequence[str], nouns: Nouns) -> list[list[str]]:
    """One for each colour of a plural that nobody counted: "red, green and blue balloons"; empty =
    it is none. What is black and white is so itself."""
    parts = [part.split() for part in " ".join(words).split(" and ")]
    parts[0] = [word for word in parts[0] if word not in DETERMINERS]
    last = parts[-1]
    own = 0
    while own < len(last) and (known_colour(last[own]) or last[own] in SHADES):
        own += 1
    noun = " ".join(last[own:])
    colours = [*parts[:-1], last[:own]]
    if len(parts) < 2 or not own or not all(map(nothing_but_colours, colours)):
        return []
    one = singular(noun)
    if one == noun or nouns.knows(noun) or not nouns.knows(one):
        return []
    if {word for colour in colours for word in colour} == {"black", "white"}:
        return []
    return [[*colour, *one.split()] for colour in colours]


def each_noun(words: Sequence[str], nouns: Nouns) -> list[list[str]]:
    """One for each of three nouns or more without a comma, "dog cat bird"; empty = it is one."""
    if len(words) < 3 or not all(map(nouns.knows_either, words)):
        return []
    if any(number_of(w) is not None or known_colour(w) or w in _SAID_OF_THINGS for w in words):
        return []  # "six" is a clock by itself, "colorful" a palette, and "red" in no sentence
    if any(nouns.names_around(words, place) for place in range(len(words))):
        return []
    return [[word] for word in words]


def colours_first(words: list[str], nouns: Nouns) -> list[str]:
    """ "car red" -> "red car"; what follows "of", or is a noun itself, stays."""
    if nothing_but_colours(words):
        return words
    end = len(words)
    while end > 1 and nothing_but_colours(words[end - 1 : end]) and words[end - 2] != "of":
        end -= 1
    if end < len(words) and end > 1 and words[end - 1] in SHADES:  # "car light blue"
        end -= 1
    return words if nouns.knows(" ".join(words)) else [*words[end:], *words[:end]]


def noun_of(words: Sequence[str], nouns: Nouns) -> str:
    """The words as they are if they are a noun, else without articles and colours."""
    begin = 0
    while begin < len(words) - 1 and words[begin] in DETERMINERS:
        begin += 1
    whole = " ".join(words[begin:])
    return whole if nouns.knows_either(whole) else without_colours(words)


def without_colours(words: Sequence[str]) -> str:
    """The words without articles and colours."""
    kept = [
        word
        for index, word in enumerate(words)
        if not (word in DETERMINERS or known_colour(word) or word == "and")
        or list(words[index - 1 : index + 1]) == ["ice", "cream"]
    ]
    return " ".join(kept or words[-1:])


def nothing_but_colours(words: Sequence[str]) -> bool:
    """ "red and blue", "dark navy", "#1a2b3c"; but "mint" alone may be a leaf."""
    said = [word for word in words if word not in ("and", *SHADES)]
    return bool(said) and all(
        bool(known_colour(word)) and word not in (*NOUN_SHADES, "orange") for word in said
    )


def lacks_noun(words: Sequence[str]) -> bool:
    """ "red", "big": what is meant may follow."""
    if not words or words[-1] in SHADES:  # "a green light"
        return False
    return set(words) <= SIZES or nothing_but_colours(words)


def names_colours(words: Sequence[str]) -> bool:
    """As a place, "on mint" is a colour; "on a mint" is not."""
    said = [word for word in words if word not in ("and", *SHADES)]
    return bool(said) and all(known_colour(word) and word != "orange" for word in said)


def is_pronoun(words: Sequence[str]) -> bool:
    """ "a red one", "another one", "two small ones"."""
    return len(words) > 1 and words[-1] in ("one", "ones")
