"""Words of a piece of a sentence that name nothing: verbs, adverbs and what a thing is said to be.

"a proudly standing elephant" is an elephant, "a train going" a train and "they sit together"
nothing; but a "playing card" is one thing.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.prompts.english.shades import known_colour
from engine.prompts.english.words import (
    DETERMINERS,
    FILLERS,
    FILLERS_BEHIND,
    FILLERS_BEHIND_PLURALS,
    number_of,
    singular,
)
from engine.prompts.grammar.effects import EFFECT_WORDS
from engine.prompts.grammar.nouns import Nouns
from engine.prompts.grammar.phrases import lacks_noun, nothing_but_colours

_CLAUSES = frozenset(("that", "which", "who"))  # "an apple that is red"
_IS = frozenset(("is", "are", "was", "were"))
_PERSONS = frozenset(("they", "he", "she", "we", "you", "it"))
_OTHERS = frozenset(("him", "her", "them", "me", "us"))
_EACH = frozenset(("each", "all", "both", "some", "most", "many", "none"))
_ORDERS = frozenset(("put", "place", "add", "draw", "include", "make", "show", "give"))
_MODAL = frozenset(("should", "must", "shall", "use", "using"))
_DANGLING = frozenset(("from", "of", "to", "as", "like", "for", "off", "out", "up", "down", "away"))
# What they do is what is drawn; animals may be drawn standing, but "standing" seldom asks for it.
_PEOPLE = frozenset(("man", "woman", "person", "boy", "girl", "child", "kid", "lady", "guy"))
_VERB_ENDS = ("ing", "ed")
_SHORTEST = 4  # letters of an adverb or a participle: no "red", "fly"


def without_fillers(words: Sequence[str], nouns: Nouns) -> list[str]:
    """The words of a piece that say which thing it is, with its count, colours and size."""
    rest = _of_those(_without_predicate(words, nouns))
    said: list[str] = []
    for index, word in enumerate(rest):
        if not _is_filler([*said, *rest[index:]], len(said), nouns):
            said.append(word)
    said = [word for i, word in enumerate(said) if not (i and word in _CLAUSES)]
    if len(said) > 2 and said[0] in _ORDERS and (said[1] in DETERMINERS or number_of(said[1])):
        said.pop(0)  # "put a moon"
    while len(said) > 1 and said[0] in _MODAL:
        said.pop(0)
    if (_OTHERS | _MODAL).issuperset(said):
        return []
    if said and said[0] in _PERSONS:
        said = said[1:] if nouns.ends_known_either(said) else []
    while len(said) > 1 and said[-1] in _DANGLING and not nouns.names_around(said, len(said) - 1):
        said.pop()
    return said


def is_only_said_of_it(words: Sequence[str], nouns: Nouns) -> bool:
    """Whether a piece is one word that says what the thing before does: "perched", "gently"."""
    said = [word for word in words if word not in DETERMINERS]
    return len(said) == 1 and said == list(words) and _is_verbal(said[0], nouns)


def _of_those(words: list[str]) -> list[str]:
    """ "one of them is red" -> "red one", "two of them red" -> "two red ones", "all of them are
    red" -> "red"; of "one of them sleeping" nothing is left."""
    count = number_of(words[0])
    counted = count is not None or words[0] in _EACH
    if not counted or words[1:3] not in (["of", "them"], ["of", "which"]):
        return words
    said = [word for word in words[3:] if word not in FILLERS]
    if not nothing_but_colours(said):
        return []
    if count is None:
        return said
    return [*said, "one"] if count == 1 else [words[0], *said, "ones"]


def _without_predicate(words: Sequence[str], nouns: Nouns) -> list[str]:
    """ "a cat are best friends" -> "a cat"; colours, effects and things that it is stay."""
    for index, word in enumerate(words):
        if word in _IS and index and nouns.ends_known_either(words[:index]):
            said = words[index + 1 :]
            kept = any(known_colour(one) or one in EFFECT_WORDS for one in said)
            if said and not kept and not nouns.ends_known_either(said):
                return list(words[:index])
    return list(words)


def _is_filler(words: Sequence[str], index: int, nouns: Nouns) -> bool:
    """ "a standing elephant" -> "a elephant"; but a "standing dog" may be a noun."""
    word = words[index]
    ends_noun = index and nouns.knows_either(" ".join(words[index - 1 : index + 1]))
    if word in FILLERS_BEHIND or word in FILLERS_BEHIND_PLURALS:
        return _does_so(words[:index], word, is_noun=bool(ends_noun), nouns=nouns)
    if ends_noun and not (word.endswith("ing") and words[index - 1] not in _PEOPLE):
        return False  # "paint set", "man walking", but "dog standing"
    named_here = index + 1 < len(words) and nouns.knows_either(" ".join(words[index:]))
    if word in FILLERS:
        return not named_here
    if ends_noun or named_here or not _is_verbal(word, nouns):
        return False
    before = [w for w in words[:index] if w not in DETERMINERS and number_of(w) is None]
    behind = bool(before) and not lacks_noun(before) and nouns.ends_with_thing(before)
    if word.endswith("ly"):
        following = words[index + 1 : index + 2]
        return behind or bool(following and following[0].endswith(_VERB_ENDS))
    # "white horse galloping" may have a drawing of its own
    return behind and not nouns.knows_either(f"{word} {words[index - 1]}")


def _does_so(before: Sequence[str], word: str, *, is_noun: bool, nouns: Nouns) -> bool:
    """Whether a word says what the thing before it does: "a bee flies", "birds fly", but neither
    "two green flies" nor "fruit flies" nor "a fruit fly"."""
    if not before or before[-1] == "of" or lacks_noun(before):
        return False
    if word in FILLERS_BEHIND and len(before) > 1 and before[0] in ("a", "an"):
        return True
    if is_noun or not nouns.ends_with_thing(before):
        return False
    return word in FILLERS_BEHIND or singular(before[-1]) != before[-1]


def _is_verbal(word: str, nouns: Nouns) -> bool:
    """Whether a word looks like an adverb or a participle, and is no noun."""
    ends = len(word) >= _SHORTEST and word.endswith(("ly", *_VERB_ENDS))
    return ends and not (nouns.knows_either(word) or nouns.heard(word) or known_colour(word))
