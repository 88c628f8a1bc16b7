"""Colour words in phrases: which one is meant, and what is left of the phrase."""

from __future__ import annotations

import itertools

from engine.prompts.captions import COLOUR_WORDS
from engine.prompts.english.shades import NOUN_SHADES, SHADES, Colour, known_colour, shade


def split_colours(phrase: str) -> tuple[list[str], str]:
    """ "a dark navy car" -> (["blue"], "a car").

    A colour word that ends the phrase stays a noun when nothing but articles would be left: "an
    orange" is the fruit, "lime" too. Shades beside a colour are dropped with it.
    """
    colours, rest = split_shades(phrase)
    return [colour.word for colour in colours], rest


def split_shades(phrase: str) -> tuple[list[Colour], str]:
    """The same with what the colours have to look like: "a dark navy car" -> (a dark blue, ...)."""
    words = [part for word in phrase.lower().split() for part in _parts(word)]
    known = [known_colour(word) for word in words]
    for index, pair in enumerate(itertools.pairwise(words)):
        if pair == ("ice", "cream"):
            known[index + 1] = ""
    colours = [
        shade(word, _adjectives(words[:index]))
        for index, (word, colour) in enumerate(zip(words, known, strict=True))
        if colour
    ]
    rest = [
        word
        for index, (word, colour) in enumerate(zip(words, known, strict=True))
        if not colour and not (word == "and" and _joins_colours(words, known, index))
    ]
    if colours:
        rest = [word for word in rest if word not in SHADES]
    return colours, " ".join(rest)


def ends_with_colour(phrase: str) -> bool:
    """Whether a colour word is the last of several: "sun cream", "flat white"."""
    words = phrase.lower().split()
    return len(words) > 1 and bool(known_colour(words[-1]))


def may_be_of_a_name(phrase: str) -> bool:
    """Whether a colour word of a phrase can say something else in a name: where it ends it or is a
    thing as well ("petrol station")."""
    return ends_with_colour(phrase) or not NOUN_SHADES.isdisjoint(phrase.lower().split())


def _joins_colours(words: list[str], known: list[str], index: int) -> bool:
    """ "and" of "red and dark blue"."""
    after = index + 1
    while after < len(words) and words[after] in SHADES:
        after += 1
    return index > 0 and bool(known[index - 1]) and after < len(words) and bool(known[after])


def _adjectives(before: list[str]) -> list[str]:
    """ "dark" and "bright" that are said of the colour behind them."""
    begin = len(before)
    while begin and before[begin - 1] in SHADES:
        begin -= 1
    return before[begin:]


def _parts(word: str) -> list[str]:
    """Words of a hyphenated one: "wine-red" is red, "blue-haired" says nothing of the whole."""
    if known_colour(word):
        return [word]
    parts = word.split("-")
    if parts in ([word], ["ice", "cream"]):
        return parts
    if known_colour(parts[-1]):
        return [part for part in parts if part in SHADES or known_colour(part)]
    if known_colour(parts[0]) and parts[-1].endswith("ed"):
        return parts[:1] if parts[-1] in ("coloured", "colored") else []
    return parts


def said_shade(phrase: str, colour: str, label: str = "") -> str:
    """What the first colour of a phrase has to look like, as `str(Colour)`; empty = as the models
    draw it.

    Args:
        colour: The word that goes into the caption; empty = none is asked for, or the concept is
            one of that colour.
        label: Of the concept: a "navy book" is the "blue book" that there is.
    """
    own, _, noun = label.partition(" ")
    if not colour and noun and own in COLOUR_WORDS:
        colour = own
    first = next((c for c in split_shades(phrase)[0] if c.word == colour), None)
    return str(first) if first and first.number else ""
