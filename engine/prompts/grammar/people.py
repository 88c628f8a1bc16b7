"""People of whom a drawing has what they do or wear: "a boy riding a bicycle" is the cyclist.

The words of such a person become the name of the drawing, before the sentence is cut at "riding"
and "with"; what they were is kept for the names of layers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine.prompts.english.connectors import COMMA, cut_at
from engine.prompts.english.people import (
    ANYBODY,
    BOARDS,
    FEMALE,
    FOLKS,
    IS_DOING,
    MALE,
    PLACES_OF_ACTIVITIES,
    POSTURES,
    RIDING,
    STANDING,
    STANDING_SO,
    SUBJECTS,
    WEARING,
)
from engine.prompts.english.shades import known_colour
from engine.prompts.english.words import DETERMINERS, SIZES, VAGUE_COUNTS, number_of, singular
from engine.prompts.grammar.nouns import Nouns

_SHORTEST = 3  # letters of a person: "he" and "i" are near to a man
_LONGEST_PERSON = 3  # words: "little old lady"
_LONGEST_ACTIVITY = 6  # words: "riding on a big red bike"
_FARTHEST = 12  # words between a person and the end of what is done
_ENDS = frozenset((COMMA, "and", "or", "while"))


@dataclass(frozen=True, slots=True)
class Called:
    """What a sentence says where the name of a drawing was put.

    Attributes:
        words: "boy riding a bicycle".
        worn: A garment among them that is of a colour: "black suit"; empty = there is none.
    """

    words: str
    worn: str = ""


@dataclass(slots=True)
class People:
    """A sentence with names of drawings in it.

    Attributes:
        called: Name of a drawing -> what it stands for, in the order of the sentence.
    """

    tokens: list[str] = field(default_factory=list)
    called: dict[str, list[Called]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Found:
    """A drawing for a person.

    Attributes:
        shows: What it shows of what is said: "riding", "a", "bicycle".
        worn: Words between the person and these.
        end: Where the words end that it stands for.
    """

    label: str
    shows: tuple[str, ...]
    worn: tuple[str, ...]
    end: int


def take_people(tokens: Sequence[str], nouns: Nouns) -> People:
    """Puts names of drawings for people and what they do or wear."""
    made = People()
    index = 0
    while index < len(tokens):
        end = _person_ends(tokens, index, nouns)
        found = _drawing(tokens, index, end, nouns) or _shared(tokens, index, end, nouns)
        found = found or _on_board(tokens, index, end, nouns)
        if found is None:
            made.tokens.append(tokens[index])
            index += 1
            continue
        person = " ".join(tokens[index:end])
        several = singular(person) != person
        garment = _coloured_garment(found.shows[1:], nouns)
        called = Called(" ".join((singular(person), *found.shows)), garment)
        made.called.setdefault(found.label, []).append(called)
        if several and not _is_counted(made.tokens):
            made.tokens.append("2")
        made.tokens += found.label.split()
        made.tokens += [word for word in found.worn if word not in IS_DOING]
        following = tokens[found.end : found.end + 1]
        if following and not (following[0] in DETERMINERS or cut_at(tokens, found.end)[0]):
            made.tokens.append(COMMA)  # "a woman cooking | pasta"
        index = found.end
    return made


def _person_ends(tokens: Sequence[str], index: int, nouns: Nouns) -> int:
    """Where a person ends whose words begin here; 0 = none does."""
    if len(tokens[index]) < _SHORTEST:
        return 0
    for length in range(min(_LONGEST_PERSON, len(tokens) - index), 0, -1):
        words = tokens[index : index + length]
        name = " ".join(words)
        known = nouns.knows_either(name) or (length == 1 and nouns.heard(singular(name)))
        if known and not any(map(_says_more, words[1:])) and nouns.person(name):
            return index + length
    return 0


def _says_more(word: str) -> bool:
    """ "swimming", "in": such names of drawings begin with a shorter one of a person."""
    return word.endswith("ing") or word in DETERMINERS or bool(cut_at((word,), 0)[0])


def _drawing(tokens: Sequence[str], begin: int, end: int, nouns: Nouns) -> _Found | None:
    """The drawing of the person at these places, if there is one, with what follows."""
    if not end:
        return None
    own = singular(" ".join(word for word in tokens[begin:end] if not known_colour(word)))
    person = nouns.person(own)
    last = end
    while last < min(len(tokens), end + _FARTHEST) and tokens[last] not in _ENDS:
        last += 1
    for start in _starts(tokens, end, last):
        for stop in range(min(last, start + _LONGEST_ACTIVITY), start, -1):
            shows = tokens[start:stop]
            elsewhere = tokens[start] in POSTURES and stop < last  # "sleeping on a sofa"
            if elsewhere or shows[-1] in DETERMINERS:
                continue
            subjects = [own, person, own.rpartition(" ")[2]]
            if person in ANYBODY:
                subjects += _others_alike(shows, nouns)
            label = _shown(subjects, shows, nouns)
            # A mother is drawn as a woman, but "a mother holding a baby" with it.
            known = [" ".join(tokens[begin:stop]), *([] if own in FOLKS else [person])]
            if label and label not in known and not _is_of_others(f"{own} {person}", label):
                return _Found(label, tuple(shows), tuple(tokens[end:start]), stop)
    return None


def _shared(tokens: Sequence[str], begin: int, end: int, nouns: Nouns) -> _Found | None:
    """The drawing of a person who does the same as the next: "a boy and a girl riding bikes"."""
    if not end or list(tokens[end : end + 1]) != ["and"]:
        return None
    other = end + 1
    while other < len(tokens) and tokens[other] in DETERMINERS:
        other += 1
    other_end = _person_ends(tokens, other, nouns) if other < len(tokens) else 0
    does = _drawing(tokens, other, other_end, nouns)
    if does is None or does.worn or not does.shows[0].endswith("ing"):
        return None
    alone = _drawing([*tokens[begin:end], *does.shows], 0, end - begin, nouns)
    if alone is None or alone.worn or alone.shows != does.shows:
        return None
    return _Found(alone.label, alone.shows, (), end)


def _on_board(tokens: Sequence[str], begin: int, end: int, nouns: Nouns) -> _Found | None:
    """Someone who stands on a skateboard, where a head would be none to ride it."""
    words = [word for word in tokens[end : end + _LONGEST_ACTIVITY] if word not in DETERMINERS]
    rides = bool(end) and words[:1] and words[0] in RIDING
    board = rides and any(word in BOARDS for word in words[1:3])
    person = nouns.person(singular(" ".join(tokens[begin:end]))) if board else ""
    if person in ANYBODY and nouns.person(STANDING) == STANDING:
        return _Found(STANDING, STANDING_SO, (), end)
    return None


def _starts(tokens: Sequence[str], end: int, last: int) -> Iterator[int]:
    """Where words may begin that say what a person does; what is worn may stand before them."""
    while end < last and (tokens[end] in IS_DOING or tokens[end].endswith("ly")):
        end += 1
    if end == last:
        return
    if tokens[end] in ("in", "with", *WEARING, "dressed"):
        for place in range(end + 2, last):
            word = tokens[place]
            if (word.endswith("ing") and word not in WEARING) or (
                word in PLACES_OF_ACTIVITIES and tokens[place - 1] != "dressed"
            ):
                yield place
    if tokens[end] in POSTURES or tokens[end] == "dressed":
        yield end + 1
    yield end


def _others_alike(shows: Sequence[str], nouns: Nouns) -> Sequence[str]:
    """Whose drawing will do for anybody who does or wears the same: not of who is "with a ball",
    which is seldom thrown."""
    if nouns.worn(" ".join(shows[1:])):
        return SUBJECTS[:1]
    return () if shows[0] == "with" else SUBJECTS


def _shown(subjects: Sequence[str], shows: Sequence[str], nouns: Nouns) -> str:
    """The drawing of one of these persons with what it does or wears; empty = there is none."""
    plain = [word for word in shows if not known_colour(word) and word not in SIZES]
    bare = [[word for word in words if word not in DETERMINERS] for words in (shows, plain)]
    one = [*bare[1][:1], "a", *singular(" ".join(bare[1][1:])).split()]  # "riding bicycles"
    for words in (shows, plain, *bare, one):
        for first in _participles(words[0]) if words else ():
            for subject in subjects:
                name = " ".join((subject, first, *words[1:]))
                if nouns.knows_either(name) and (label := nouns.person(name)):
                    return label
    return ""


def _coloured_garment(words: Sequence[str], nouns: Nouns) -> str:
    said = " ".join(word for word in words if word not in DETERMINERS)
    return said if any(map(known_colour, words)) and nouns.worn(said) else ""


def _participles(word: str) -> tuple[str, ...]:
    """ "rides" -> "riding", "swims" -> "swimming"; others as they are."""
    stem = word.removesuffix("s")
    if stem == word or len(stem) < len("run"):
        return (word,)
    return (word, f"{stem}ing", f"{stem.removesuffix('e')}ing", f"{stem}{stem[-1]}ing")


def _is_of_others(person: str, label: str) -> bool:
    said, drawn = set(person.split()), set(label.split())
    return bool((said & MALE and drawn & FEMALE) or (said & FEMALE and drawn & MALE))


def _is_counted(before: Sequence[str]) -> bool:
    """Whether the words before a noun that belong to it say how many there are."""
    for index in range(len(before) - 1, -1, -1):
        if number_of(before[index]) is not None or before[index] in VAGUE_COUNTS:
            return True
        if before[index] in DETERMINERS or cut_at(before, index)[0]:
            return False
    return False
