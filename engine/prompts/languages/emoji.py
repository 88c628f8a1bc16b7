"""Emoji among the words of a prompt: each is a noun, spelled so that the sentence can be read.

A drawing that the models learned has a code point, so its emoji means exactly that drawing. Others
are spelled by their Unicode names, which the vocabulary then reads like any words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from engine.prompts.english.shades import SHADES, known_colour
from engine.prompts.english.words import DETERMINERS, SIZES, VAGUE_COUNTS, number_of

_TONE = "[\U0001f3fb-\U0001f3ff]"
_ONE = f"[\u00a9-\u3299\U0001f000-\U0001faff](?<!{_TONE})\ufe0f?{_TONE}?"
_KEYCAP = re.compile("([0-9#*])\ufe0f?\u20e3")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}|\U0001f3f4[\U000e0020-\U000e007f]+")
_SEQUENCE = re.compile(f"{_ONE}(?:\u200d{_ONE})*|{_TONE}")
_LEFT_OVER = re.compile(f"[\ufe0e\ufe0f\u200d\U000e0020-\U000e007f]|{_TONE}")
# What lists are marked with: "✅ a dog", "► a cat".
_MARKS = "\u2605\u2606\u2700-\u2712\u2714-\u2718\u2190-\u21ff\u2705\u2794-\u27be"
_MARK = re.compile(f"(?m)^\\s*[{_MARKS}]\ufe0f?(?=\\s*\\w)")
_SHAPES = "\u2190\u25ff"  # arrows, lines, blocks and bullets
# "heavy black heart" is a red one, "black sun with rays" a sun.
_FILLING = re.compile(r"\b(?:heavy|medium|black|white) | with(?:out)? .*")
_FACES = "\U0001f000"
_SIZES = SIZES | {"cute"}
_OPENS = re.compile(r"([^\W_]+|#[0-9a-f]{3,6}) *$")

NameOf = Callable[[str], str]  # hex code such as "1f408-200d-2b1b" -> noun; empty = no drawing


def no_names(_hexcode: str) -> str:
    """No drawing is known: all emoji are spelled by their Unicode names."""
    return ""


def spell_emoji(text: str, name_of: NameOf = no_names) -> str:
    """The text with every emoji in words: "a red 🚗" -> "a red car, "; a skin tone and the marks
    of a list go."""
    found = split_emoji(text, name_of)
    return join_emoji(found[0], found[1])


def split_emoji(text: str, name_of: NameOf) -> tuple[str, list[str]]:
    """(the text with a private character for every emoji, the nouns in their order).

    So the words between them can be read in their own language first.
    """
    nouns: list[str] = []

    def hide(noun: str) -> str:
        if not noun:
            return " "
        nouns.append(noun)
        return chr(_PRIVATE + len(nouns) - 1)

    plain = _STRAY.sub(" ", _KEYCAP.sub(r" \1 ", _MARK.sub(" , ", text)))
    plain = _FLAG.sub(lambda _match: hide("flag"), plain)
    plain = _SEQUENCE.sub(
        lambda match: hide(_noun(match[0], name_of)) if _is_picture(match[0]) else match[0], plain
    )
    return _LEFT_OVER.sub("", plain), nouns


def join_emoji(text: str, nouns: list[str]) -> str:
    """The inverse of `split_emoji`: each noun between commas, unless a count, an article or a
    colour stands before it."""
    pieces: list[str] = []
    for part in _HIDDEN.split(text):
        if not _HIDDEN.fullmatch(part):
            pieces.append(part)
            continue
        noun = nouns[ord(part) - _PRIVATE] if ord(part) - _PRIVATE < len(nouns) else ""
        before = _OPENS.search("".join(pieces[-1:]))
        opened = before is not None and _is_said_of_a_noun(before[1].lower())
        pieces.append(f" {noun}, " if opened else f", {noun}, ")
    return "".join(pieces)


_PRIVATE = 0xF0000
_HIDDEN = re.compile("([\U000f0000-\U000fffff])")
_STRAY = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")  # nobody's characters


def _is_said_of_a_noun(word: str) -> bool:
    return (
        word in DETERMINERS
        or word in VAGUE_COUNTS
        or word in SHADES
        or word in _SIZES
        or bool(known_colour(word))
        or number_of(word) is not None
    )


def _is_picture(sequence: str) -> bool:
    return unicodedata.category(sequence[0]) == "So"


def _noun(sequence: str, name_of: NameOf) -> str:
    """The noun for an emoji of one or more code points."""
    kept = [c for c in sequence if c != "\ufe0f" and not re.match(_TONE, c)]
    known = name_of("-".join(f"{ord(c):x}" for c in kept))
    if known:
        return known
    names = (_name(c) for c in kept if c != "\u200d")
    return " ".join(name for name in names if name)


def _name(character: str) -> str:
    name = unicodedata.name(character, "").lower()
    if character < _FACES:
        if _SHAPES[0] <= character <= _SHAPES[1]:
            return ""
        if not name.endswith(("circle", "square")):
            name = _FILLING.sub("", name)
    return name
