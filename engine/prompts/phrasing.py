"""Turns a typed sentence into plain words: without what is said about the picture as a picture.

"Please draw me a close-up of two red-coloured foxes, seen from above" says "two red foxes".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Sequence

from engine.prompts.connectors import COMMA
from engine.prompts.shades import join_shades, known_colour
from engine.prompts.words import NUMBER_WORDS, spell_emoji

# Vowel signs and accents belong to the letter before; `\w` leaves them out.
_MARKS = "".join(c for c in map(chr, range(0x300, 0x1100)) if unicodedata.category(c)[0] == "M")
_LETTERS = f"(?:[^\\W_][{_MARKS}]*)+"
_TOKEN = re.compile(rf"#[0-9a-f]{{3,6}}|{_LETTERS}(?:['’\-]{_LETTERS})*|[^\w\s'’\"“”`*_\-]")
_COMMAND = re.compile(
    r"^(?:(?:please|can you|i want|i need|i would like|show me|show|draw me|draw|create|make me|"
    r"make|generate|paint|render|design|imagine|there is|there are|this is|here is) )+"
)
_PICTURE_WORDS = frozenset((
    "picture", "image", "photo", "photograph", "drawing", "illustration", "painting", "icon",
    "scene", "rendering", "render", "poster", "sticker", "sketch", "view", "design", "composition",
    "art", "artwork", "clipart", "logo", "close-up", "closeup", "portrait", "graphic", "emoji",
))  # fmt: skip
_SHOWS = ("of", "with", "showing")
_ASKED_WITH = frozenset((
    "please", "draw", "create", "make", "generate", "paint", "show", "render", "design", "imagine",
    "me", "us", "i", "want", "need", "would", "like", "to", "see", "this", "it", "there", "is",
    "are", "shows", "a", "an", "the",
))  # fmt: skip
_LONGEST_LEAD_IN = 7  # words before "of"
_SAID_OF_THE_VIEW = re.compile(
    r" (?:(?:seen|viewed|shown) )?from (?:the )?"
    r"(?:side|front|back|top|left|right|above|below|behind)(?![\w-])"
)
_MATERIAL = re.compile(r" made (?:out )?(?:of|from) [^\W_]+")
_SAID_WORDS = re.compile(  # "a shop called Fresh": what is written or said is no object
    r"(?<=\w) (?:called|named|titled|saying|that says|labell?ed) "
    r"(?:[\"“][^\"”]*[\"”]|[^,.;]+?(?= (?:and|with|on|in|at|next|under|behind|near) |[,.;]|$))"
)
_TIMES = re.compile(r"(?<![\w.])(\d{1,4}) ?[x×] (?=[^\W\d_])")
_HOUR = re.compile(r"(?<![\w:.])(1[0-2]|[1-9])(?::00(?!\d)| ?o['’]clock)")  # a clock that shows it
_HOURS = {str(number): word for word, number in NUMBER_WORDS.items() if word != "both"}
_COLOURED = re.compile(r"(?<=[^\W_])[ -]colou?red(?![\w-])")


def plain_words(text: str, styles: Container[str] = ()) -> list[str]:
    """Lower-case words of a sentence in any script; every punctuation mark is a comma.

    Args:
        styles: Words of "a flat illustration of" that are kept.
    """
    lines = re.sub(r"[\r\n]+", " , ", spell_emoji(text))
    # Not `casefold`: the words are shown again, and "ß" is not "ss".
    plain = unicodedata.normalize("NFKC", lines).lower()
    plain = re.sub(r"\s+", " ", plain).strip()
    plain = join_shades(_TIMES.sub(r"\1 ", _COMMAND.sub("", plain)))
    plain = _HOUR.sub(lambda match: f"{_HOURS[match[1]]} o'clock", plain)
    for said in (_SAID_WORDS, _SAID_OF_THE_VIEW, _MATERIAL):
        plain = said.sub("", plain)
    plain = _COLOURED.sub(_only_after_colours, plain)
    found = _TOKEN.findall(plain.replace("&", " and ").replace("+", " and "))
    words = [token.replace("’", "'") for token in found]
    words = [word if word[0].isalnum() or len(word) > 1 else COMMA for word in words]
    return _without_lead_in([part for word in words for part in _colour_list(word)], styles)


def _only_after_colours(match: re.Match[str]) -> str:
    """ "red-coloured" -> "red", but "a coloured pencil" stays."""
    before = re.split(r"[^\w]", match.string[: match.start()])[-1]
    return "" if known_colour(before) else match[0]


def _colour_list(word: str) -> list[str]:
    """ "blue-and-white" -> "blue", "and", "white"; other words stay whole."""
    parts = word.split("-")
    colours = [bool(known_colour(part)) for part in parts if part != "and"]
    return parts if len(parts) > 2 and "and" in parts and all(colours) else [word]


def _without_lead_in(words: Sequence[str], styles: Container[str]) -> list[str]:
    """Cuts "a flat illustration of" off the front; its other words (the style) stay."""
    for index, word in enumerate(words[:_LONGEST_LEAD_IN]):
        if word == COMMA or word in _SHOWS:
            break
        shows = words[index + 1] if index + 1 < len(words) else ""
        # "a dog portrait with a hat" says what "with" stands beside; "a cute drawing of" does not.
        asked = shows == "of" or (shows in _SHOWS and _ASKED_WITH.issuperset(words[:index]))
        if word in _PICTURE_WORDS and asked:
            return [*(w for w in words[:index] if w in styles), *words[index + 2 :]]
    return list(words)
