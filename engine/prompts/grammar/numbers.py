"""Numbers of a sentence: those that count things, and those that nothing can be drawn of.

"1,000 apples", "2-3 dogs", "two hundred and fifty stars" and "dogs x3" are counts; "42", "10:30",
"$5" and "5 kg" are not, and are kept for a note. Of things only whole ones are drawn.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from engine.prompts.english.connectors import COLON, cut_at
from engine.prompts.english.words import DETERMINERS, MULTIPLIERS, NUMBER_WORDS, number_of
from engine.prompts.grammar.nouns import Nouns

_UNITS = (
    "inch|inches|cm|mm|kg|km|lbs?|oz|ml|ft|feet|hp|mph|percent|degrees?|megapixels?|mp|bit|fps|gb|"
    "mb|hours?|minutes?|min|seconds?|sec|days?|weeks?|months?|years?|am|pm|euros?|dollars?|usd|eur"
)
_UNIT = re.compile(_UNITS)
_WITH_UNIT = re.compile(rf"(\d+(?:[.,]\d+)?)-?({_UNITS})")
_FIGURE = re.compile(r"\d+(?:[.,:x×]\d+)*")
_MONEY = re.compile(r"(?:US)?[$€£¥₩₹] ?\d[\d.,]*(?:k|m)?\b|(?<![\w.,])\d(?:[\d.,]*\d)? ?[$€£¥₩₹%‰]")
_THOUSANDS = re.compile(
    r"(?<![\w.,:])\d{1,3}([.,'’\u00a0\u202f ])\d{3}(?:\1\d{3})*(?![\w.,:]\d|\d)"
)
_RANGE = re.compile(r"(?<![\w.,:-])(\d{1,3})(?: ?[-–] ?| to | or )(\d{1,3})(?= +[^\W\d_])")
_NO_RANGE = ("7-11", "9-11", "24-7")
_FRACTIONS = "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_FRACTION = re.compile(
    rf"(?<![\w.,/])(\d{{0,3}}) ?([{_FRACTIONS}]|(?<!\d)\d/\d{{1,2}}(?= +[^\W\d_]))"
)
_DECIMAL = re.compile(
    rf"(?<![\w.,:/])(\d{{1,4}})[.,](\d{{1,2}})(?= ?[^\W\d_])(?! ?(?:{_UNITS}|[gmklx])\b)"
)
_GIRLS = re.compile(r"(\d{1,2})([^\W\d_]{3,})")  # "1girl", as lists of keywords write it
_BEFORE_FIGURES = frozenset((
    "number", "nr", "year", "age", "aged", "size", "level", "page", "chapter", "version", "about",
    "approximately", "circa", "around",
))  # fmt: skip
_MANY = (*MULTIPLIERS, "dozen", "dozens", "couple")
_ABOUT = (["at", "least"], ["at", "most"], ["up", "to"])
_TIMES = re.compile(r"[x×](\d{1,3})|(\d{1,3})x")


@dataclass(frozen=True, slots=True)
class WholeNumbers:
    """A sentence whose counts are whole numbers in plain digits.

    Attributes:
        text: The sentence.
        rounded: Pairs of a count that was no whole number and what it became.
        meaningless: Numbers that count nothing.
    """

    text: str
    rounded: tuple[tuple[str, str], ...] = ()
    meaningless: tuple[str, ...] = ()


def whole_numbers(text: str) -> WholeNumbers:
    """The sentence with "1,000" as 1000, "2-3" as 3 and "3.5" as 4; prices are taken out."""
    plain = "".join(
        str(unicodedata.decimal(c)) if not c.isascii() and c.isdecimal() else c for c in text
    )
    meaningless = tuple(match[0].strip(" .,") for match in _MONEY.finditer(plain))
    plain = _THOUSANDS.sub(lambda match: re.sub(r"\D", "", match[0]), _MONEY.sub(" ", plain))
    plain = _RANGE.sub(lambda m: m[0] if m[0] in _NO_RANGE else m[2], plain)
    rounded: list[tuple[str, str]] = []

    def as_whole(match: re.Match[str], value: float) -> str:
        whole = str(max(1, math.floor(value + 0.5)))
        rounded.append((match[0].strip(), whole))
        return whole

    def fraction(match: re.Match[str]) -> str:
        over, _, under = unicodedata.normalize("NFKC", match[2]).replace("⁄", "/").partition("/")
        if not int(under):
            return match[0]
        return as_whole(match, int(match[1] or 0) + int(over) / int(under))

    plain = _FRACTION.sub(fraction, plain)
    plain = _DECIMAL.sub(lambda match: as_whole(match, float(f"{match[1]}.{match[2]}")), plain)
    return WholeNumbers(plain, tuple(rounded), meaningless)


def take_numbers(tokens: Sequence[str], nouns: Nouns) -> tuple[list[str], list[str]]:
    """(tokens with counts before what they count, numbers that count nothing).

    Figures without a thing behind them go: "a bus number 42", "at 10:30", "5 kg".
    """
    words = _counts_in_front(_compounds(tokens), nouns)
    kept: list[str] = []
    left: list[str] = []
    index = 0
    while index < len(words):
        word, following = words[index], words[index + 1 : index + 2]
        ends = not following or following == [COLON] or bool(cut_at(words, index + 1)[0])
        index += 1
        if not word[0].isdigit() or _is_name(words, index - 1, nouns):
            kept.append(word)
        elif _FIGURE.fullmatch(word) and following and _UNIT.fullmatch(following[0]):
            if nouns.names_across(words, index + 1):  # "a 10 euro note"
                (left if kept[-1:] == ["a"] else kept).append(word)
            else:
                left.append(f"{word} {following[0]}")
                index += 1
        elif _WITH_UNIT.fullmatch(word):
            left.append(word)
        elif (count := _GIRLS.fullmatch(word)) and _is_thing(count[2], nouns):
            kept += [count[1], count[2]]
        elif _FIGURE.fullmatch(word) and ends and _follows_words(kept):
            left.append(word)
            while kept and kept[-1] in _BEFORE_FIGURES:
                kept.pop()
        else:
            kept.append(word)
    return kept, left


def is_number(words: Sequence[str]) -> bool:
    """Whether a piece says nothing but numbers."""
    said = [word for word in words if word not in DETERMINERS]
    return bool(said) and all(
        number_of(word) is not None or _FIGURE.fullmatch(word) or word in _MANY for word in said
    )


def _is_name(words: Sequence[str], place: int, nouns: Nouns) -> bool:
    """Whether a figure is a noun or one of its words: "4x4", "7 eleven"; a clock is no figure,
    and "3 pm" in a sentence no clock, but when something happens."""
    word = words[place]
    if list(words[place + 1 : place + 2]) in (["am"], ["pm"]):
        return False
    return nouns.names_around(words, place) or (not word.isdigit() and nouns.knows(word))


def _follows_words(kept: Sequence[str]) -> bool:
    """Whether the words so far end with some that are no cut and no number."""
    last = kept[-1:]
    return (
        bool(last) and last != [COLON] and not (cut_at(kept, len(kept) - 1)[0] or is_number(last))
    )


def _is_thing(word: str, nouns: Nouns) -> bool:
    return nouns.knows_either(word) or word in ("girl", "girls", "boy", "boys")


def _compounds(tokens: Sequence[str]) -> list[str]:
    """ "two hundred and fifty" as "250"; "half a dozen" as "6"; "at least two" as "two"."""
    words: list[str] = []
    index = 0
    while index < len(tokens):
        if list(tokens[index : index + 3]) == ["half", "a", "dozen"]:
            words.append("6")
            index += 3
            continue
        if _is_range(tokens[index : index + 3]):  # "two or three"
            index += 2
            continue
        counted = index + 2 < len(tokens) and number_of(tokens[index + 2]) is not None
        if counted and list(tokens[index : index + 2]) in _ABOUT:
            index += 2
            continue
        length, value = _compound_at(tokens, index)
        words.append(str(value) if length > 1 else tokens[index])
        index += max(1, length)
    return words


def _is_range(words: Sequence[str]) -> bool:
    if len(words) < 3 or words[1] not in ("or", "to"):
        return False
    first, last = number_of(words[0]), number_of(words[2])
    return first is not None and last is not None and first < last


def _compound_at(tokens: Sequence[str], index: int) -> tuple[int, int]:
    """(number of tokens, value) of a number that begins here; no more than one token = none."""
    total = current = 0
    place = index
    while place < len(tokens):
        word = tokens[place]
        value = NUMBER_WORDS.get(word)
        if word in MULTIPLIERS and place > index:
            current = max(1, current) * MULTIPLIERS[word]
            if MULTIPLIERS[word] > 100:
                total, current = total + current, 0
        elif word == "and" and tokens[place - 1] in MULTIPLIERS and place > index:
            value = NUMBER_WORDS.get(tokens[place + 1]) if place + 1 < len(tokens) else None
            if value is None:
                break
        elif value is not None and _goes_on(tokens, index, place, value):
            current += value
        elif place == index and word.isascii() and word.isdigit():
            current = int(word)
        else:
            break
        place += 1
    return place - index, total + current


def _goes_on(tokens: Sequence[str], index: int, place: int, value: int) -> bool:
    """Whether a word belongs to the number before it: "twenty | one", "hundred | ten"."""
    if place == index:
        return True
    before = tokens[place - 1]
    tens = NUMBER_WORDS.get(before, 0)
    return before in (*MULTIPLIERS, "and") or (tens >= 20 and not tens % 10 and value < 10)


def _counts_in_front(tokens: Sequence[str], nouns: Nouns) -> list[str]:
    """ "dogs x3", "dogs: 3" -> "3 dogs"."""
    words: list[str] = []
    begin = 0  # of the piece that is being read
    index = 0
    while index < len(tokens):
        cut = cut_at(tokens, index)[0]
        length, count = _count_behind(tokens, index) if index > begin else (0, "")
        piece = words[begin:]
        if length and nouns.ends_known_either(piece) and number_of(piece[0]) is None:
            words[begin:] = [count, *piece]
            index += length
            continue
        words += tokens[index : index + max(1, cut)]
        index += max(1, cut)
        if cut:
            begin = len(words)
    return words


def _count_behind(tokens: Sequence[str], index: int) -> tuple[int, str]:
    """(number of tokens, count) of "x3", "x 3", ": 3" where a piece ends; none = 0."""
    if times := _TIMES.fullmatch(tokens[index]):
        length, count = 1, times[1] or times[2]
    elif tokens[index] in ("x", COLON) and index + 1 < len(tokens):
        length, count = 2, tokens[index + 1]
    else:
        return 0, ""
    end = index + length
    ends = end >= len(tokens) or bool(cut_at(tokens, end)[0])
    return (length, count) if ends and count.isdigit() and count.isascii() else (0, "")
