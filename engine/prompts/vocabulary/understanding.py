"""Which drawing stands for the words of an object, how near it is, and which background."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from engine.prompts.captions import TRANSLUCENT, object_phrase
from engine.prompts.english.colours import split_colours
from engine.prompts.english.scenery import DEFAULT_BACKGROUND
from engine.prompts.english.signs import PROHIBITION, forbidden_by, names_of_sign
from engine.prompts.english.words import DETERMINERS, singular
from engine.prompts.vocabulary.backgrounds import BackgroundMatch, BackgroundTable
from engine.prompts.vocabulary.concepts import ConceptMatch, ConceptTable

_TRANSLUCENT_WORDS = frozenset((TRANSLUCENT, "transparent", "semi-transparent", "see-through"))
# Before "pizza" these say nothing that its drawing does not show.
_PORTIONS = frozenset((
    "slice", "piece", "bit", "pair", "rasher", "stück", "stueck", "scheibe", "paar", "morceau",
    "tranche", "trozo", "pedazo", "rebanada",
))  # fmt: skip

# Before "milk" or "sheep" these are not what is drawn.
_VESSELS_AND_GROUPS = frozenset((
    "cup", "mug", "glass", "bottle", "jug", "jar", "can", "tin", "bowl", "plate", "dish",
    "tray", "pot", "vase", "basket", "box", "carton", "crate", "bag", "sack", "bucket",
    "packet", "pack", "pile", "stack", "heap", "bunch", "bundle", "group", "herd", "flock",
    "school", "swarm", "crowd", "row", "line", "circle", "ring", "ball", "drop", "head", "loaf",
    "bar", "stick", "leaf", "field", "kind", "sort", "type", "picture", "statue", "model",
    "map", "symbol", "shape", "sea", "cloud",
))  # fmt: skip
_LIKE_A_SIGN = 0.9  # similarity of the plain sign to one that forbids something of its own
# The last of several words, these leave open what is drawn: a "safety symbol" is no dollar sign.
_ANYTHING = frozenset(("symbol", "pictogram", "glyph"))
_NO_BACKGROUND = frozenset(("transparent", "no", "none", "without", "empty", "blank"))


class SubstituteKind(Enum):
    """What a drawing is to the words that it stands for."""

    SYNONYM = auto()  # it has another name: "automobile", a car
    BROADER = auto()  # it is the thing in general: "seagull", a bird
    NEAREST = auto()  # it is the nearest to something that is not known
    SIGN = auto()  # it is a sign that forbids, without what this one forbids


@dataclass(frozen=True, slots=True)
class Substitute:
    """A drawing that is not called what was typed.

    Attributes:
        named: The typed words without colors, unless the label has one.
        label: Of the concept that is drawn.
        kind: How near it is to them.
    """

    named: str
    label: str
    kind: SubstituteKind


def as_it_is(phrase: str) -> str:
    """What was typed of an English phrase: the same."""
    return phrase


def understand_object(
    phrase: str, concepts: ConceptTable, as_typed: Callable[[str], str] = as_it_is
) -> tuple[ConceptMatch, Substitute | None]:
    """The concept for a phrase, and what is to be told when it is not what the phrase says.

    Words are dropped from the front until a known noun is left ("fluffy little dog"), or a name of
    several words that is near to one ("old siege tower", a castle). "A slice of
    pizza" is a pizza, while "the house of a bear" is a house. If that fails, the nearest stands in.

    Args:
        as_typed: A part of the phrase in the user's words (`Reading.as_typed`).
    """
    plain = " ".join(word for word in phrase.split() if word not in _TRANSLUCENT_WORDS) or phrase

    def told(match: ConceptMatch, kind: SubstituteKind) -> tuple[ConceptMatch, Substitute]:
        label = match.concept.label
        all_of_it, rest = _without_articles(plain), bare(plain)
        # A "black cat" is a label, and "grey-haired woman" a name of the old woman.
        in_name = not match.colour and len(rest.split()) < len(all_of_it.split())
        keeps_colours = kind is not SubstituteKind.NEAREST and (split_colours(label)[0] or in_name)
        named = all_of_it if keeps_colours else rest
        return match, Substitute(as_typed(named), label, kind)

    whole = concepts.named(plain)
    if whole:
        return (whole, None) if whole.exact else told(whole, _kind_of(whole))
    if found := _named_as_a_whole(plain, concepts):
        return told(*found)
    tail_first = not _is_what_is_drawn(plain.partition(" of ")[0], concepts)
    shorter = _shorter_phrases(plain, tail_first=tail_first)
    parts = [(part, _colour_before(part, plain)) for part in shorter if part not in _ANYTHING]
    by_part = (_named_in_part(plain, part, colour, concepts) for part, colour in parts)
    if found := next(filter(None, by_part), None):
        return told(*found)
    # Of a "drum kit" the drum is known, which the meaning of both words says better than "kit".
    tried = [(plain, "")] if _begins_with_noun(plain, concepts) else [(plain, ""), *parts]
    related = (concepts.related(part, colour) for part, colour in tried)
    return told(
        next(filter(None, related), None) or concepts.nearest(plain), SubstituteKind.NEAREST
    )


def _named_as_a_whole(
    phrase: str, concepts: ConceptTable
) -> tuple[ConceptMatch, SubstituteKind] | None:
    """What all words of a phrase mean together, though none of them names it."""
    if sign := _sign_that_forbids(phrase, concepts):
        return sign, SubstituteKind.SYNONYM if sign.similarity == 1 else SubstituteKind.SIGN
    if near := concepts.near_by_name(phrase):
        return near, SubstituteKind.NEAREST
    together = concepts.named_by_two_words(phrase)
    return (together, SubstituteKind.SYNONYM) if together else None


def _sign_that_forbids(phrase: str, concepts: ConceptTable) -> ConceptMatch | None:
    """The drawing of this very sign, else of one like it, else the plain prohibition sign."""
    colours, rest = split_colours(phrase)
    words = _without_articles(rest or phrase)
    plain = concepts.by_label(PROHIBITION)
    if not plain or not forbidden_by(words):
        return None
    colour = next(iter(colours), "")
    names = names_of_sign(words)
    found = [concepts.named(name, colour) for name in names]
    found += [concepts.related(name, colour) for name in names]
    signs = [sign for sign in found if sign and _may_be(words, sign.concept.label)]
    return signs[0] if signs else ConceptMatch(plain, colour, False, _LIKE_A_SIGN)


def _may_be(sign: str, label: str) -> bool:
    """Whether a drawing is a sign, or what is meant is not called one: "do not disturb"."""
    return "sign" not in singular(sign).split()[-1:] or label.endswith("sign")


def _named_in_part(
    phrase: str, part: str, colour: str, concepts: ConceptTable
) -> tuple[ConceptMatch, SubstituteKind] | None:
    """What a part of a phrase names, or is the name of something near to."""
    match = concepts.named(part, colour)
    if match is None:
        near = concepts.near_by_name(part, colour)
        return (near, SubstituteKind.NEAREST) if near else None
    if says_how_much(phrase.removesuffix(part)):
        return match, _kind_of(match)
    if other := concepts.meant_as_a_whole(phrase, match):
        return other, SubstituteKind.BROADER
    return match, SubstituteKind.BROADER


def understand_called(
    phrase: str, concepts: ConceptTable, as_typed: Callable[[str], str], called: str
) -> tuple[ConceptMatch, Substitute | None]:
    """The same for a phrase that may end with the name of a drawing that nobody wrote.

    Args:
        called: The user's words that the name stands for; empty = all was written.
    """
    match, substitute = understand_object(phrase, concepts, as_typed)
    if called:
        substitute = Substitute(called, match.concept.label, SubstituteKind.SYNONYM)
    return match, substitute


def object_caption_phrase(phrase: str, match: ConceptMatch) -> str:
    """What goes into captions: "translucent red apple"."""
    known = object_phrase(match.concept.label, match.colour)
    return f"{TRANSLUCENT} {known}" if _TRANSLUCENT_WORDS & set(phrase.split()) else known


def understand_background(words: str, backgrounds: BackgroundTable) -> BackgroundMatch:
    """The known background for some words."""
    if wants_no_background(words):
        return BackgroundMatch(DEFAULT_BACKGROUND, True, 1.0)
    return backgrounds.nearest(words)


def wants_no_background(words: str) -> bool:
    """Whether nothing is to be behind the objects; but "an empty room" is a background."""
    said = set(words.split()) - DETERMINERS
    return bool(said) and said <= _NO_BACKGROUND


def as_described(background: str) -> str:
    """The words for a background, if they describe one."""
    return "" if wants_no_background(background) else background


def _kind_of(match: ConceptMatch) -> SubstituteKind:
    return SubstituteKind.BROADER if match.is_kind else SubstituteKind.SYNONYM


def says_how_much(before: str) -> bool:
    """Whether words before a noun say no more than how much of it there is: "a slice of"."""
    rest = set(bare(before).split()) - DETERMINERS - {"of"}
    return bool(rest) and rest <= _PORTIONS


def _begins_with_noun(phrase: str, concepts: ConceptTable) -> bool:
    words = bare(phrase).split()
    return any(concepts.knows(" ".join(words[:end])) for end in range(1, len(words)))


def _colour_before(part: str, phrase: str) -> str:
    """The colour that a phrase says of a part of it: "blue" of "dog" in "blue fluffy dog"."""
    return next(iter(split_colours(phrase.removesuffix(part))[0]), "")


def bare(phrase: str) -> str:
    """The words of a phrase without leading articles, colours and what is no letter."""
    return _without_articles(split_colours(phrase)[1] or phrase)


def _without_articles(phrase: str) -> str:
    words = phrase.split()
    while len(words) > 1 and words[0] in DETERMINERS:
        words.pop(0)
    return " ".join(words)


def _is_what_is_drawn(head: str, concepts: ConceptTable) -> bool:
    """Whether what stands before "of" is a drawing's own name, and no vessel and no group."""
    if _VESSELS_AND_GROUPS.intersection(head.split()[-1:]):
        return False
    match = concepts.named(head)
    return match is not None and match.exact


def _shorter_phrases(phrase: str, *, tail_first: bool) -> list[str]:
    """ "slice of pizza" -> "pizza", "slice"; "fluffy dog" -> "dog"."""
    head, _, tail = phrase.partition(" of ")
    both = (tail, head) if tail_first else (head, tail)
    found = []
    for part in both if tail else (head,):
        words = part.split()
        found += [" ".join(words[start:]) for start in range(0 if tail else 1, len(words))]
    return found
