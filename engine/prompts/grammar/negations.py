"""What a sentence does not want to see: "a cat without a hat", "no people", "not a dog".

It is taken out before anything else is read, so that none of it is drawn, and kept for a note.
Only a refused colour is no thing that can be left undrawn: "a pumpkin that is not orange".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.prompts.english.connectors import COLON, COMMA, cut_at
from engine.prompts.english.shades import NOUN_SHADES, SHADES, known_colour
from engine.prompts.english.words import BACKGROUND_WORDS, DETERMINERS, number_of
from engine.prompts.grammar.nouns import Nouns
from engine.prompts.grammar.phrases import lacks_noun

# What says no; of the second kind a whole list hangs on it: "don't draw a dog and a cat".
_OF_ONE = (
    ("instead", "of"), ("rather", "than"), ("other", "than"), ("apart", "from"), ("free", "of"),
    ("except", "for"), ("no", "more"), ("none", "of"), ("everything", "but"), ("anything", "but"),
    ("without",), ("no",), ("not",), ("never",), ("except",), ("minus",), ("lacking",), ("sans",),
    ("zero",), ("0",), ("isn't",), ("aren't",),
)  # fmt: skip
_OF_A_LIST = (
    ("leave", "out"), ("get", "rid", "of"), ("don't",), ("doesn't",), ("didn't",), ("shouldn't",),
    ("mustn't",), ("can't",), ("cannot",), ("won't",), ("avoid",), ("avoiding",), ("exclude",),
    ("excluding",), ("omit",), ("omitting",), ("neither",),
)  # fmt: skip
# With these a colour that is a thing as well is the colour: "is not mint", but "without mint".
_IS = frozenset(("is", "are", "be", "isn't", "aren't"))
_THINGS = NOUN_SHADES | {"orange"}
_NOT_ORANGE = ["not", "orange"]
_COLOUR = frozenset(("color", "colors", "colour", "colours", "shade", "shades", "tones"))
POSITIVE = (
    ("no", "more", "than"), ("not", "more", "than"), ("no", "less", "than"),
    ("no", "fewer", "than"), ("nothing", "else", "than"), ("nothing", "other", "than"),
    ("nothing", "more", "than"), ("not", "too", "many"),
    ("don't", "forget"), ("do", "not", "forget"), ("never", "forget"), ("nothing", "but"),
    ("not", "only"), ("not", "just"), ("no", "doubt"), ("no", "matter"), ("can't", "wait"),
    ("nothing", "else"),
)  # fmt: skip
# Of these a sentence is known to be English; other languages have the rest of them as well.
NEGATION_WORDS = frozenset((
    "but", "not", "nothing", "nobody", "everything", "anything", "instead", "except", "without",
    "never", "neither", "nor", "avoid", "exclude", "omit", "don't", "doesn't",
))  # fmt: skip
_NAMELESS = frozenset(("nothing", "nobody"))  # "nothing in the background" names nothing
# Between the "no" and what it is said of.
VERBS = frozenset((
    "draw", "include", "including", "show", "showing", "add", "use", "using", "want", "need",
    "have", "having", "be", "contain", "containing", "feature", "make", "put", "any", "like",
    "wear",
    "wearing", "hold", "holding", "see", "depict", "render", "paint", "generate", "create", "of",
    "to", "even", "single",
))  # fmt: skip
# Before the "no": "it should | not", "a dog that is | not", "with | no".
LEAD = frozenset((
    "but", "and", "with", "that", "which", "who", "is", "are", "has", "have", "do", "does", "did",
    "should", "must", "can", "could", "will", "may", "there", "it", "i", "we", "please", "just",
    "be", "so", "or", "they", "you", "also", "contains", "shows", "featuring",
))  # fmt: skip
_THE_PICTURE = frozenset((
    "picture", "image", "scene", "design", "drawing", "illustration", "logo", "poster",
    "background", "composition", "result", "output", "photo",
))  # fmt: skip
_ONE_OF_THEM = (["a"], ["the"])
_ENDS = frozenset(("but", "just", "only", "instead", "however"))
_NEXT_TASKS = frozenset(("draw", "show", "add", "include", "make", "use", "put", "give"))


@dataclass(slots=True)
class Negations:
    """A sentence and what it leaves out.

    Attributes:
        words: What is left, cut by commas; "no background" stays.
        excluded: What is not to be seen, without articles.
        colours: What was refused and is nothing but a colour: "orange", "dark green".
    """

    words: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    colours: list[str] = field(default_factory=list)


def take_negations(tokens: Sequence[str], nouns: Nouns) -> Negations:
    """Takes out what must not be seen, with the words that say so.

    A negation at the beginning of a clause is said of all of it ("no dogs on the sofa"), else of
    the next thing only ("a cat without a hat on a sofa").
    """
    found = _taken(tokens, nouns, of_clauses=True)
    if any(word not in (COMMA, COLON) for word in found.words):
        return found
    return _taken(tokens, nouns, of_clauses=False)  # "no people on a beach" shows a beach


def _taken(tokens: Sequence[str], nouns: Nouns, *, of_clauses: bool) -> Negations:
    found = Negations()
    index = 0
    while index < len(tokens):
        if length := _length_at(tokens, index, POSITIVE):
            index += length
            continue
        length = _length_at(tokens, index, _OF_A_LIST)
        of_list = bool(length)
        length = length or _length_at(tokens, index, _OF_ONE)
        nameless = tokens[index] in _NAMELESS
        if not (length or nameless) or nouns.names_around(tokens, index):
            if tokens[index] != "but" or nouns.names_around(tokens, index):
                found.words.append(tokens[index])
            elif not _is_still_described(found.words, tokens[index + 1 : index + 2], nouns):
                found.words.append(COMMA)
            index += 1
            continue
        if tokens[index] == "no" and tokens[index - 1 : index] in _ONE_OF_THEM:
            found.words.append("no")  # "a no smoking sign"
            index += 1
            continue
        if tokens[index] == "not" and index and tokens[index - 1] in DETERMINERS:
            index += 2 + (tokens[index + 1 : index + 2] in (["too"], ["so"], ["very"]))
            continue  # "a not so big dog" is one
        _drop_lead(found.words)
        heads = of_clauses and found.words[-1:] in ([], [COMMA], [COLON])
        of_quality = _is_of_quality(tokens, index, length)
        items, index = _items(tokens, index + length, nouns, of_list=of_list, of_clause=heads)
        for item in items:
            if BACKGROUND_WORDS & set(item) and len(item) == 1:
                found.words += [COMMA, "no", *item]
            elif item and not nameless:
                kind = found.colours if _is_colour(item, of_quality=of_quality) else found.excluded
                kind.append(" ".join(item))
        found.words.append(COMMA)
    return found


def _is_still_described(before: Sequence[str], after: Sequence[str], nouns: Nouns) -> bool:
    """Whether "but" stands in what is said of one thing: "a small but mighty robot"."""
    begin = len(before)
    while begin and not cut_at(before, begin - 1)[0] and before[begin - 1] != COLON:
        begin -= 1
    said = [word for word in before[begin:] if word not in DETERMINERS]
    named = nouns.ends_with_thing(said) and not lacks_noun(said)
    return bool(said) and bool(after) and not (named or _opens(after[0]))


def _length_at(tokens: Sequence[str], index: int, phrases: Sequence[tuple[str, ...]]) -> int:
    """Number of tokens of the first phrase that stands here; 0 = none."""
    for phrase in phrases:
        if tuple(tokens[index : index + len(phrase)]) == phrase:
            return len(phrase)
    return 0


def _drop_lead(words: list[str]) -> None:
    """Takes the words off the end that only lead to a "no"."""
    while words and words[-1] in LEAD:
        words.pop()
    begin = len(words)
    while begin and words[begin - 1] not in (COMMA, COLON):
        begin -= 1
    said = [word for word in words[begin:] if word not in DETERMINERS]
    if said and _THE_PICTURE.issuperset(said):
        del words[begin:]


def _items(
    tokens: Sequence[str], index: int, nouns: Nouns, *, of_list: bool, of_clause: bool
) -> tuple[list[list[str]], int]:
    """(the things that a "no" before this place is said of, place behind them)."""
    while index < len(tokens) and tokens[index] in VERBS:
        index += 1
    items: list[list[str]] = [[]]
    bare = index < len(tokens) and not _opens(tokens[index])
    while index < len(tokens):
        word = tokens[index]
        if word in ("or", "nor") and not nouns.names_around(tokens, index):
            items.append([])
            index += 1
            continue
        cut = 0 if nouns.names_around(tokens, index) else cut_at(tokens, index)[0]
        if word in (COMMA, COLON) or word in _ENDS:
            index += word in ("instead", "but")
            break
        if cut and word == "and":
            following = tokens[index + 1 : index + 2]
            if not following or not _joins(following[0], of_list=of_list, bare=bare):
                break
            items.append([])
        elif cut and items[-1] and not (of_clause and _is_place(tokens, index)):
            break
        else:
            items[-1] += tokens[index : index + max(1, cut)]
        index += max(1, cut)
    return [_without_small_words(item) for item in items], index


def _is_of_quality(tokens: Sequence[str], index: int, length: int) -> bool:
    """Whether a "no" of some tokens here says what something is like: "that is not orange"."""
    end = index + length
    around = tokens[max(0, index - 1) : end + 1]
    bare = DETERMINERS.isdisjoint(tokens[end : end + 1])
    # One would say "not an orange" of the fruit, but "not salmon" of the fish.
    return bare and (not _IS.isdisjoint(around) or list(tokens[index : end + 1]) == _NOT_ORANGE)


def _is_colour(item: Sequence[str], *, of_quality: bool) -> bool:
    """Whether an item names a colour and nothing that has it."""
    said = [word for word in item if word not in _COLOUR]
    sure = of_quality or len(said) < len(item)
    named = [word for word in said if word not in SHADES]
    return bool(named) and all(
        known_colour(word) and (sure or word not in _THINGS) for word in named
    )


def _joins(word: str, *, of_list: bool, bare: bool) -> bool:
    """Whether what follows "and" is left out as well: "no text and people", but not "without a hat
    and a dog"."""
    if word in _NEXT_TASKS or word in ("no", "without", "not", "don't"):
        return False
    return of_list or (bare and not _opens(word))


def _opens(word: str) -> bool:
    return word in DETERMINERS or number_of(word) is not None


def _is_place(tokens: Sequence[str], index: int) -> bool:
    _, relation, may_be_place = cut_at(tokens, index)
    return relation is not None or may_be_place


def _without_small_words(item: Sequence[str]) -> list[str]:
    words = list(item)
    while words and (words[0] in DETERMINERS or words[0] in VERBS):
        words.pop(0)
    while words and (cut_at(words, len(words) - 1)[0] or words[-1] in DETERMINERS):
        words.pop()
    return words
