"""Cuts a sentence into pieces, each of which is an object, a background or what is said of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.composition.relations import Relation
from engine.prompts.english.connectors import COMMA, SIMILES, cut_at
from engine.prompts.english.people import HOLDING, WEARING
from engine.prompts.english.scenery import is_scenery
from engine.prompts.english.shades import NOUN_SHADES, SHADES, known_colour
from engine.prompts.english.words import DETERMINERS, FILLERS, number_of
from engine.prompts.grammar.colour_lists import ColourList, colour_list_at
from engine.prompts.grammar.nouns import LONGEST_NAME, Nouns
from engine.prompts.grammar.qualities import MOODS, PRAISE

_SKY_PARTS = (["with", "clouds"], ["with", "stars"])
_ARTICLES = DETERMINERS - {"other", "single", "lone", "that", "this", "these", "those"}
_GOES_ON = (*DETERMINERS, "of", "and", "half", "such", "all", "both")
# Between two things and told of none: "a monkey from a tree".
_SMALL_CUTS = ("from", "up", "down", "after", "off", "along", "past", "outside", "within", "to")
_BEHIND = frozenset((*_SMALL_CUTS, *FILLERS, "that", "which", "who"))
_VERB_ENDS = ("ing", "ed")
_ADDING = frozenset(("plus",))


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece between two cuts, and the cut before it.

    Attributes:
        cut: The words of the cut, e.g. "next to".
        colours: Of things named before; None = the words say something else.
        leads: Whether the cut begins a clause: "behind the house is a tree".
    """

    words: tuple[str, ...]
    relation: Relation | None
    is_place: bool
    cut: str
    colours: ColourList | None = None
    leads: bool = False


def segments(tokens: Sequence[str], nouns: Nouns) -> Iterator[Segment]:
    """Cuts at commas and connectors; colour lists ("black and white cat") stay together, and so
    do nouns that have a connector in them ("bow and arrow", "city at night")."""
    words: list[str] = []
    relation: Relation | None = None
    is_place = False
    cut = ""
    leads = False
    index = 0
    while index < len(tokens):
        name = 0 if is_place else _name_with_cut(tokens, index, nouns)
        if name:
            words += tokens[index : index + name]
            index += name
            continue
        colours = colour_list_at(tokens, index)
        if colours:
            if words:
                yield Segment(tuple(words), relation, is_place, cut, leads=leads)
            yield Segment(colours.colours, None, False, "", colours)
            words, relation, is_place, cut, leads = [], None, False, "", False
            index += colours.length
            continue
        if words and _begins_anew(words, tokens, index, nouns, is_place=is_place):
            end = 0 if is_place else _thing_ends(words, nouns)
            said = tuple(words[: end or len(words)])
            yield Segment(said, relation, is_place, cut, leads=leads)
            words, relation, is_place, cut, leads = [], None, False, "", False
        length, next_relation, next_place = cut_at(tokens, index)
        next_cut = " ".join(tokens[index : index + length])
        if not length or _is_participle(tokens, index, nouns):
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
            yield Segment(tuple(words), relation, is_place, cut, leads=leads)
            words, relation, is_place, cut, leads = [], next_relation, next_place, next_cut, False
        elif next_relation or next_place or next_cut in (*SIMILES, *WEARING, *HOLDING):
            # "sitting, on", "a man, wearing": the later word says more
            relation, is_place, cut = next_relation, next_place, next_cut
            leads = index == length or tokens[index - length - 1] == COMMA
    if words:
        yield Segment(tuple(words), relation, is_place, cut, leads=leads)


def _name_with_cut(tokens: Sequence[str], index: int, nouns: Nouns) -> int:
    """Number of tokens of a known noun that begins here and has a connector in it, or begins with
    one that tells no place ("plus sign"); 0 = none."""
    first = index if tokens[index] in _ADDING else index + 1
    for end in range(min(len(tokens), index + LONGEST_NAME), first + 1, -1):
        inner = range(first, end - 1)
        if any(cut_at(tokens, i)[0] for i in inner) and nouns.knows(" ".join(tokens[index:end])):
            return end - index
    return 0


def _begins_anew(
    words: Sequence[str], tokens: Sequence[str], index: int, nouns: Nouns, *, is_place: bool
) -> bool:
    """Whether an article or a number begins another thing: "on a sofa | two cats", "a dog chases |
    a cat"."""
    article = tokens[index] in _ARTICLES
    if not (article or number_of(tokens[index]) is not None) or words[-1] in _GOES_ON:
        return False
    end = index + 1
    while end < len(tokens) and not cut_at(tokens, end)[0]:
        end += 1
    follows = nouns.ends_known_either(tokens[index + 1 : end])
    named = nouns.ends_known_either(words) or is_scenery(words[-1])
    if not (
        named or _thing_ends(words, nouns) or (is_place and set(words) - DETERMINERS and follows)
    ):
        return False
    return (article or follows) and not nouns.names_across(tokens, index)


def _thing_ends(words: Sequence[str], nouns: Nouns) -> int:
    """Where the thing ends in words that end with what it does: "a dog | chases", "a spider |
    hanging from"; 0 = they do not end so."""
    end, verbs = len(words), 0
    while end > 1 and not nouns.knows_either(" ".join(words[end - 2 : end])):
        last = words[end - 1]
        does = last.endswith("s") and last not in _BEHIND and not verbs  # "chases", once
        if not (does or last in _BEHIND or last.endswith(_VERB_ENDS)):
            break
        end, verbs = end - 1, verbs + does
        if nouns.ends_with_thing(words[:end]):
            return end
    return 0


def _is_participle(tokens: Sequence[str], index: int, nouns: Nouns) -> bool:
    """Whether a cut such as "playing" rather belongs to the noun: "a playing card"."""
    if not tokens[index].endswith("ing"):
        return False
    before = tokens[index - 1] if index else ""
    of_noun = before in DETERMINERS or number_of(before) is not None
    noun = " ".join(tokens[index : index + 2])
    return of_noun or len(tokens) == 1 or nouns.knows_either(noun)


def _goes_on(words: Sequence[str], tokens: Sequence[str], index: int) -> bool:
    """Whether the same thing is still described: "black and | white cat", not "red, | on a bed"."""
    word, after = tokens[index], index + 1
    ends_here = after == len(tokens) or bool(cut_at(tokens, after)[0])
    if ends_here and word in PRAISE | MOODS:  # "sage green, elegant"
        return False
    fruit = ends_here and word in (*NOUN_SHADES, "orange")  # "lime"
    starts_anew = word in (*DETERMINERS, "no") or number_of(word) is not None or fruit
    # "coral and cream stripes", but "a peach and apple pie" begins with a fruit
    if NOUN_SHADES & set(words) and not (known_colour(word) or word in SHADES):
        return False
    return not starts_anew and not cut_at(tokens, index)[0]


def _only_colours(words: Sequence[str]) -> bool:
    """Whether nothing but colours was named so far: "five red"."""
    named = [word for word in words if word not in DETERMINERS and word != "and"]
    if len(named) > 1 and number_of(named[0]) is not None:
        named = named[1:]
    colours = [word for word in named if word not in SHADES]
    return bool(colours) and all(known_colour(word) for word in colours)
