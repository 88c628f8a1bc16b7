"""Cuts a sentence into pieces, each of which is an object, a background or what is said of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.prompts.colour_lists import ColourList, colour_list_at
from engine.prompts.connectors import COMMA, Relation, cut_at
from engine.prompts.qualities import MOODS, PRAISE
from engine.prompts.shades import NOUN_SHADES, SHADES, known_colour
from engine.prompts.words import DETERMINERS, Known, number_of, singular

_SKY_PARTS = (["with", "clouds"], ["with", "stars"])
_LONGEST_NAME = 6  # words of a noun with a connector in it: "sun behind rain cloud"
_NEGATIONS = (
    ["without"], ["with", "no"], ["and", "no"], ["but", "no"], ["not", "a"], ["not", "an"],
    ["but", "not"], ["and", "not"], ["but", "without"], ["and", "without"],
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece between two cuts, and the cut before it.

    Attributes:
        cut: The words of the cut, e.g. "next to"; "no" before what is not to be seen.
        colours: Of things named before; None = the words say something else.
    """

    words: tuple[str, ...]
    relation: Relation | None
    is_place: bool
    cut: str
    colours: ColourList | None = None


def segments(tokens: Sequence[str], known: Known) -> Iterator[Segment]:
    """Cuts at commas and connectors; colour lists ("black and white cat") stay together, and so
    do nouns that have a connector in them ("bow and arrow", "city at night")."""
    words: list[str] = []
    relation: Relation | None = None
    is_place = False
    cut = ""
    index = 0
    while index < len(tokens):
        name = 0 if is_place else _name_with_cut(tokens, index, known)
        if name:
            words += tokens[index : index + name]
            index += name
            continue
        colours = colour_list_at(tokens, index)
        if colours:
            if words:
                yield Segment(tuple(words), relation, is_place, cut)
            yield Segment(colours.colours, None, False, "", colours)
            words, relation, is_place, cut = [], None, False, ""
            index += colours.length
            continue
        length, next_relation, next_place, next_cut = _cut_or_negation(tokens, index)
        if not length or _is_participle(tokens, index, known):
            words.append(tokens[index])
            index += 1
            continue
        if words[-1:] == ["sky"] and tokens[index : index + 2] in _SKY_PARTS:
            words += tokens[index : index + 2]
            index += 2
            continue
        joins = tokens[index] in (COMMA, "and") and index + length < len(tokens)
        index += length
        if joins and _only_colours(words) and _goes_on(words, tokens, index):
            words.append("and")
            continue
        if words:
            yield Segment(tuple(words), relation, is_place, cut)
            words, relation, is_place, cut = [], next_relation, next_place, next_cut
        elif next_relation or next_place or next_cut == "no":
            # "sitting, on": the later word says more
            relation, is_place, cut = next_relation, next_place, next_cut
    if words:
        yield Segment(tuple(words), relation, is_place, cut)


def _name_with_cut(tokens: Sequence[str], index: int, known: Known) -> int:
    """Number of tokens of a known noun that begins here and has a connector in it; 0 = none."""
    for end in range(min(len(tokens), index + _LONGEST_NAME), index + 2, -1):
        inner = range(index + 1, end - 1)
        if any(cut_at(tokens, i)[0] for i in inner) and known(" ".join(tokens[index:end])):
            return end - index
    return 0


def _is_participle(tokens: Sequence[str], index: int, known: Known) -> bool:
    """Whether a cut such as "playing" rather belongs to the noun: "a playing card"."""
    if not tokens[index].endswith("ing"):
        return False
    before = tokens[index - 1] if index else ""
    of_noun = before in DETERMINERS or number_of(before) is not None
    noun = " ".join(tokens[index : index + 2])
    return of_noun or len(tokens) == 1 or known(noun) or known(singular(noun))


def _cut_or_negation(tokens: Sequence[str], index: int) -> tuple[int, Relation | None, bool, str]:
    """As `cut_at`, with the words of the cut; "no" for "without" and its like."""
    for negation in _NEGATIONS:
        if list(tokens[index : index + len(negation)]) == negation:
            return len(negation), None, False, "no"
    length, relation, is_place = cut_at(tokens, index)
    return length, relation, is_place, " ".join(tokens[index : index + length])


def _goes_on(words: Sequence[str], tokens: Sequence[str], index: int) -> bool:
    """Whether the same thing is still described: "black and | white cat", not "red, | on a bed"."""
    word, after = tokens[index], index + 1
    ends_here = after == len(tokens) or bool(_cut_or_negation(tokens, after)[0])
    if ends_here and word in PRAISE | MOODS:  # "sage green, elegant"
        return False
    fruit = ends_here and word in (*NOUN_SHADES, "orange")  # "lime"
    starts_anew = word in (*DETERMINERS, "no") or number_of(word) is not None or fruit
    # "coral and cream stripes", but "a peach and apple pie" begins with a fruit
    if NOUN_SHADES & set(words) and not (known_colour(word) or word in SHADES):
        return False
    return not starts_anew and not _cut_or_negation(tokens, index)[0]


def _only_colours(words: Sequence[str]) -> bool:
    """Whether nothing but colours was named so far: "five red"."""
    named = [word for word in words if word not in DETERMINERS and word != "and"]
    if len(named) > 1 and number_of(named[0]) is not None:
        named = named[1:]
    colours = [word for word in named if word not in SHADES]
    return bool(colours) and all(known_colour(word) for word in colours)
