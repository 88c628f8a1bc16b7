"""Colours that a sentence gives to what it named before: "a fox and an owl in pink and green"."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.prompts.english.colours import split_colours, split_shades
from engine.prompts.english.connectors import COMMA, cut_at
from engine.prompts.english.shades import NOUN_SHADES, SHADES
from engine.prompts.english.words import DETERMINERS
from engine.prompts.grammar.parsed import MAX_PHRASE_CHARACTERS, ParsedObject

_OF_ALL = (
    ["all", "of", "it"], ["all", "of", "them"], ["everything"], ["all"], ["both"], ["each"],
)  # fmt: skip
_IN = (
    ["colored", "in"], ["coloured", "in"], ["painted", "in"], ["in"], ["using"], ["use"],
    ["with"], ["is"], ["are"],
)  # fmt: skip
_BARE_IN = ("in", "using", "use")  # need no further word before a colour
# "a palette of", "shades of", "color scheme:"; the same behind the colours.
_COLOUR = ("color", "colour")
_KINDS = frozenset((
    "palette", "scheme", "combination", "colors", "colours", "shades", "tones", "hues", "tints",
))  # fmt: skip
_TAILS = _KINDS | {"shade", "tone", "hue", "color", "colour"}
_AFTER_KIND = ("of", "in", "with", "is", "are", "like", COMMA)
_ONES = (
    ["the", "other", "one"], ["the", "first", "one"], ["the", "second", "one"],
    ["the", "third", "one"], ["another", "one"], ["the", "other"], ["the", "first"],
    ["the", "second"], ["the", "third"], ["one"], ["another"],
)  # fmt: skip
# Said of a colour, but no shade that is known.
_MANNERS = frozenset((
    "soft", "warm", "cool", "cold", "bold", "rich", "neon", "electric", "earthy", "matte",
    "metallic", "calm", "gentle", "different", "various", "only", "mostly", "mainly", "shiny",
    "blush", "antique", "candy", "bubblegum",
))  # fmt: skip
_THINGS = {"rose": "pink"}  # colours only where nothing but a colour is meant


@dataclass(frozen=True, slots=True)
class ColourList:
    """Colours said of things that were named before.

    Attributes:
        colours: Each with its shades: "dusty pink".
        of_all: It says so: "all in navy", "a palette of".
        length: Tokens that it takes.
    """

    colours: tuple[str, ...]
    of_all: bool
    length: int


def colour_list_at(tokens: Sequence[str], index: int) -> ColourList | None:
    """The list that begins here, with the word or the comma before it; None for other words.

    Colours of a thing are none: "in a red hat", "in pink shoes".
    """
    begin = place = index
    while place < len(tokens) and tokens[place] in (COMMA, "and"):
        place += 1
    joined = place > begin or begin == 0
    place, all_of = _skip_one_of(tokens, place, _OF_ALL)
    opener = place
    place, led = _skip_one_of(tokens, place, _IN)
    bare = led and tokens[place - 1] in _BARE_IN
    has_mood = begin < place < len(tokens) and tokens[place] in _MANNERS
    place, has_kind = _skip_kind(tokens, place)
    colours, end, of_ones = _colours_from(tokens, place)
    if not colours:
        return None
    has_tail = end < len(tokens) and tokens[end] in _TAILS
    while end < len(tokens) and tokens[end] in (*_TAILS, "only"):
        end += 1
    if not _ends(tokens, end):
        return None
    named = has_kind or has_tail
    alone = joined and (all_of or has_kind or has_tail or has_mood or of_ones)
    if not (alone or (led and (named or bare or all_of))):
        return None
    if not named and tokens[opener : opener + 1] == ["with"]:
        return None
    return ColourList(tuple(colours), all_of or has_kind or of_ones, end - begin)


def _skip_one_of(
    tokens: Sequence[str], place: int, phrases: Sequence[list[str]]
) -> tuple[int, bool]:
    for words in phrases:
        if list(tokens[place : place + len(words)]) == words:
            return place + len(words), True
    return place, False


def _skip_kind(tokens: Sequence[str], place: int) -> tuple[int, bool]:
    """Past "a soft color palette of"; without such words past the article that a tail needs."""
    after = place
    while after < len(tokens) and tokens[after] in (*DETERMINERS, *_MANNERS, *_COLOUR, *SHADES):
        after += 1
    found = after
    while found < len(tokens) and tokens[found] in _KINDS:
        found += 1
    if found == after > place and tokens[after - 1] in _COLOUR and tokens[found:][:1] == [COMMA]:
        while tokens[found : found + 1] == [COMMA]:  # "color: red"
            found += 1
        return found, True
    if found == after:
        article = place < len(tokens) and tokens[place] in DETERMINERS
        article = article and not _skip_one_of(tokens, place, _ONES)[1]  # "the first one"
        return place + article, False
    while found < len(tokens) and tokens[found] in _AFTER_KIND:
        found += 1
    return found, True


def _colours_from(tokens: Sequence[str], place: int) -> tuple[list[str], int, bool]:
    """(colours, place after them, each was said of "one"): "navy, dark red and mint"."""
    colours: list[str] = []
    end, of_ones = place, True
    while place < len(tokens):
        after, is_one = _skip_one_of(tokens, place, _ONES)
        if is_one and tokens[after : after + 1] in (["in"], ["is"]):
            after += 1
        colour, after = _colour_at(tokens, after)
        tail = after < len(tokens) and tokens[after] in _TAILS
        if not colour or not (tail or _ends(tokens, after)):
            break
        colours.append(colour)
        end, of_ones = after, of_ones and is_one
        if tail:
            break
        place = end
        while place < len(tokens) and tokens[place] in (COMMA, "and"):
            place += 1
        if place == end:
            break
    only_things = all(colour in (*NOUN_SHADES, "orange") for colour in colours)
    return colours, end, of_ones and len(colours) > 1 and not only_things


def _colour_at(tokens: Sequence[str], place: int) -> tuple[str, int]:
    """(a colour with its shades, place after it); empty = there is none."""
    while place < len(tokens) and tokens[place] in _MANNERS:
        place += 1
    begin = place
    while place < len(tokens) and tokens[place] in SHADES:
        place += 1
    if place < len(tokens) and tokens[place] not in SHADES:
        colour = _THINGS.get(tokens[place], tokens[place])
        found, rest = split_shades(colour)
        if len(found) == 1 and not rest:
            return " ".join([*tokens[begin:place], colour]), place + 1
    return "", begin


def _ends(tokens: Sequence[str], place: int) -> bool:
    """Whether no noun follows here."""
    return place >= len(tokens) or bool(cut_at(tokens, place)[0])


@dataclass(frozen=True, slots=True)
class Coloured:
    """Objects that got the colours of a list.

    Attributes:
        objects: A counted one in several colours is several.
        order: Their numbers, bottom to top.
        in_turn: Phrases that it was guessed for which object gets which colour.
        unused: Colours that are left.
    """

    objects: list[ParsedObject]
    order: list[int]
    in_turn: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


def give_colours(
    objects: Sequence[ParsedObject], order: Sequence[int], colours: Sequence[str], begin: int = 0
) -> Coloured:
    """Gives colours to the objects that have none of their own.

    One colour goes to all of them, several go to a single one together and to more by turns.

    Args:
        objects: In the order of the sentence, which is the order of the colours.
        order: Their numbers, bottom to top.
        begin: Objects before this one get none.
    """
    plain = [i >= begin and not _has_colour(item.phrase) for i, item in enumerate(objects)]
    copies = sum(item.count for item, is_plain in zip(objects, plain, strict=True) if is_plain)
    if not copies:
        return Coloured(list(objects), list(order), (), tuple(colours))
    by_turns = len(colours) > 1 and copies > 1
    turns = itertools.cycle(colours if by_turns else [" and ".join(colours)])
    pieces: list[list[ParsedObject]] = []
    for item, is_plain in zip(objects, plain, strict=True):
        said = [next(turns) for _ in range(item.count)] if is_plain else []
        pieces.append(_in_colours(item, said) if said else [item])
    first = [0, *itertools.accumulate(map(len, pieces))]
    made = [
        piece if piece.target is None else replace(piece, target=first[piece.target])
        for piece in itertools.chain(*pieces)
    ]
    ordered = [place for index in order for place in range(first[index], first[index + 1])]
    guessed = [
        piece.phrase
        for group, is_plain in zip(pieces, plain, strict=True)
        if by_turns and is_plain
        for piece in group
    ]
    unused = tuple(colours[copies:]) if by_turns else ()
    return Coloured(made, ordered, tuple(dict.fromkeys(guessed)), unused)


def in_colour(phrase: str, colour: str) -> str:
    """The phrase with a colour before it, no longer than phrases may be."""
    return f"{colour} {phrase}"[:MAX_PHRASE_CHARACTERS].strip()


def _in_colours(item: ParsedObject, colours: Sequence[str]) -> list[ParsedObject]:
    """One piece if all copies have the same colour, else one for each; the relation is the
    first's."""
    if len(set(colours)) == 1:
        return [replace(item, phrase=in_colour(item.phrase, colours[0]))]
    alone = [ParsedObject(in_colour(item.phrase, colour), effect=item.effect) for colour in colours]
    return [replace(alone[0], relation=item.relation, target=item.target), *alone[1:]]


def _has_colour(phrase: str) -> bool:
    """Whether a colour was said of it; an orange alone is a fruit."""
    return " " in phrase and bool(split_colours(phrase)[0])
