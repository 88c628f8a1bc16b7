"""Small word lists and word forms of English that reading a prompt needs."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable

NUMBER_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "both": 2,
}  # fmt: skip
MULTIPLIERS = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
# "a couple of", "several": how many is our choice, the plural says more than one.
VAGUE_COUNTS = {
    "couple": 2, "pair": 2, "some": 3, "few": 3, "several": 3, "many": 5, "lots": 5, "lot": 5,
    "dozen": 12, "group": 3, "bunch": 3, "flock": 5, "row": 4, "dozens": 24, "hundreds": 100,
    "thousands": 1000, "millions": 1_000_000, "countless": 20, **MULTIPLIERS,
}  # fmt: skip
DETERMINERS = frozenset((
    "a", "an", "the", "this", "that", "these", "those", "my", "your", "his", "her", "its", "our",
    "their", "another", "other", "single", "lone", "any", "every", "each",
))  # fmt: skip
FILLERS = frozenset((
    "is", "are", "was", "were", "be", "being", "been", "there", "it", "very", "really", "just",
    "also", "then", "who", "which", "please", "sitting", "sits", "standing", "stands", "lying",
    "lies", "laying", "flying", "floating", "floats", "swimming", "swims", "running", "runs",
    "jumping", "jumps", "sleeping", "sleeps", "resting", "rests", "placed", "walking", "walks",
    "hanging", "hangs", "shining", "shines", "lit", "set", "seen", "shown", "together", "sit",
    "maybe", "perhaps", "possibly", "covered", "filled", "dressed", "decorated", "perched",
    "either", "cut", "too", "only", "everywhere",
))  # fmt: skip
# Fillers that are nouns too, unless they follow what does it: "a bee flies", "two flies".
FILLERS_BEHIND = frozenset(("flies", "rests", "plays", "drives", "grows", "growing"))
FILLERS_BEHIND_PLURALS = frozenset(("fly", "rest", "play", "drive", "grow"))  # "birds fly"
_IRREGULAR = {
    "mice": "mouse", "geese": "goose", "feet": "foot", "teeth": "tooth", "children": "child",
    "people": "person", "men": "man", "women": "woman", "wolves": "wolf", "leaves": "leaf",
    "knives": "knife", "loaves": "loaf", "shelves": "shelf", "oxen": "ox", "cacti": "cactus",
    "octopi": "octopus", "dice": "dice", "buses": "bus", "shoes": "shoe", "tomatoes": "tomato",
    "cookies": "cookie", "ties": "tie", "pies": "pie", "axes": "axe", "canvases": "canvas",
    "lenses": "lens", "atlases": "atlas", "irises": "iris", "gases": "gas", "canoes": "canoe",
}  # fmt: skip
# One of them is a pair: "a pair of trousers" is one thing.
_ONLY_PLURAL = frozenset((
    "trousers", "pants", "tights", "leggings", "pliers", "tongs", "tweezers", "binoculars",
    "pyjamas", "pajamas",
))  # fmt: skip
_SLIP = 0.85  # of `difflib`: "glosy", "suset"; a letter of six
_ES_STEMS = ("ss", "us", "x", "tz", "zz", "ch", "sh", "o")

# Several of these are different ones; of an "instrument" only if it is said which.
GENERAL_KINDS = frozenset((
    "animal", "beast", "creature", "mammal", "reptile", "insect", "fruit", "vegetable", "flower",
    "plant", "vehicle", "building", "dessert", "drink", "sweet", "toy", "weapon", "food",
    "instrument",
))  # fmt: skip
SIZES = frozenset(("big", "small", "little", "large", "tiny", "huge"))
SIDES = frozenset(("top", "bottom", "left", "right", "middle", "center", "centre"))
BACKGROUND_WORDS = frozenset(("background", "backgrounds", "backdrop", "wallpaper", "bg"))
_MOST_DIGITS = 12  # of a count

Known = Callable[[str], bool]  # does the vocabulary hold exactly this noun?


def singular(noun: str) -> str:
    """Likely singular of a noun phrase; its last word changes, or the one before "of"."""
    head, separator, tail = noun.partition(" of ")
    first, _, last = head.rpartition(" ")
    return f"{first} {_singular_word(last)}".strip() + separator + tail


def _singular_word(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word in _ONLY_PLURAL:
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("es") and word[:-2].endswith(_ES_STEMS) and not word.endswith("ouses"):
        return word[:-2]
    return word[:-1]


def number_of(word: str) -> int | None:
    """Value of "two", "twenty-one" or "2"; None for other words and for numbers that are no
    count."""
    if word in NUMBER_WORDS:
        return NUMBER_WORDS[word]
    tens, _, ones = word.partition("-")
    if NUMBER_WORDS.get(tens, 0) >= 20 and 0 < NUMBER_WORDS.get(ones, 0) < 10:
        return NUMBER_WORDS[tens] + NUMBER_WORDS[ones]
    if word.isascii() and word.isdigit() and len(word) <= _MOST_DIGITS and int(word) > 0:
        return int(word)
    return None


def nearest_spelling(word: str, known: Iterable[str]) -> str:
    """The known word that this one is most likely a slip of: "glosy"; empty = none."""
    found = difflib.get_close_matches(word, list(known), 1, _SLIP) if len(word) >= 4 else []
    return found[0] if found else ""
