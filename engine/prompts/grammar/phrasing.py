"""Turns a typed sentence into plain words: without list marks, sizes and where it is seen from.

"1. two red-coloured foxes, seen from above, 300 dpi" says "two red foxes".
"""

from __future__ import annotations

import re
import unicodedata

from engine.prompts.english.connectors import COLON, COMMA
from engine.prompts.english.shades import join_shades, known_colour
from engine.prompts.english.words import NUMBER_WORDS
from engine.prompts.languages.emoji import spell_emoji

# Vowel signs and accents belong to the letter before; `\w` leaves them out.
_MARKS = "".join(c for c in map(chr, range(0x300, 0x1100)) if unicodedata.category(c)[0] == "M")
_LETTERS = f"(?:[^\\W_][{_MARKS}]*)+"
_TOKEN = re.compile(
    rf"#(?:[0-9a-f]{{6}}|[0-9a-f]{{3}})(?![^\W_])|# ?[^\W\d_]{_LETTERS}|\d+(?:[.,:]\d+)+(?![^\W_])|"
    rf"{_LETTERS}(?:['’\-]{_LETTERS})*|[^\w\s'’\"“”`*_\-]"
)
# "- a dog", "2. a cat", "(3) a cow", "d) a fox" of a list.
_ITEM = re.compile(r"(?m)(?:^\s*[-*•·–—]+\s+)|(?:(?:^|(?<=[\s,;:]))\(?(?:\d{1,2}[.)]|[a-h]\))\s+)")
_DASH = re.compile(r"\s[-–—]+\s")
# "300 dpi", "1024x1024 px", "4:5", "f/1.8", "ISO 100"
_TECHNICAL = re.compile(
    r"(?<![\w.])(?:f/\d+(?:\.\d+)?|iso ?\d+|1/\d{2,4} ?s(?:ec)?|\d+ ?(?:dpi|px|pixels)|"
    r"\d{3,5} ?[x×] ?\d{3,5}(?: ?px)?|"
    r"24/7|(?:16:9|9:16|4:3|3:4|1:1|3:2|2:3|4:5|5:4|21:9)(?: (?:aspect )?ratio)?)(?!\w)"
)
_SAID_OF_THE_VIEW = re.compile(
    r" (?:(?:seen|viewed|shown) )?from (?:the )?"
    r"(?:side|front|back|top|left|right|above|below|behind)(?![\w-])(?! (?:an?|the|its|his|her)\b)|"
    r",? (?:in )?(?:(?:top|side|front|back|rear|aerial|bird['’]?s[- ]eye)[- ]view|top[- ]down)"
    r"(?![\w-])"
)
_CAMERA = re.compile(
    r",? ?\b(?:(?:shot|taken|photographed) (?:on|with)(?: an?| the)? [^,.;]+|\d+ ?mm(?: \w+)? lens|"
    r"(?:(?:very )?shallow )?depth of field)(?!\w)"
)
_ONCE = re.compile(r"\bonce upon a time,?(?: there (?:was|were|lived))?")
_MATERIAL = re.compile(r" made (?:out )?(?:of|from) [^\W_]+")
_SAID_WORDS = re.compile(  # "a shop called Fresh": what is written or said is no object
    r"(?<=\w) (?:called|named|titled|saying|that says|which says|labell?ed) "
    r"(?:[\"“][^\"”]*[\"”]|[^,.;]+?(?= (?:and|with|on|in|at|next|under|behind|near) |[,.;]|$))"
)
_WRITTEN = re.compile(  # with the text "Sale", that says "Sale"
    r"(?:(?:and|with|plus) )?(?:the |a |that |which )?"
    r"(?:saying|says|text|words?|slogan|title|headline|caption|lettering|inscription|quote|tagline|"
    r"name|heading)(?: that)?(?: says| reads| saying| reading|:)? "
    r"[\"“”„‟‘'«]([^\"“”„‟»]+?)[\"“”’'»](?![\w])",
    re.IGNORECASE,
)
_TIMES = re.compile(r"(?<![\w.])(\d{1,4}) ?[x×] (?=[^\W\d_])")
# A clock that shows it.
_HOUR = re.compile(r"(?<![\w:.])(?:([01]?\d|2[0-4]):00(?::00)?(?![\w:])|(1[0-2]|[1-9]) ?o'clock)")
_OCLOCK = re.compile(r"(?<![^\W_])o(?: |['’] ?)?clock(?![^\W_])")  # "ten o clock", "ten oclock"
_HOUR_ALONE = re.compile(r"(?:it's |at )?(1[0-2]|0?[1-9])(?::00)? ?[ap]\.? ?m\b\.?( clock)?")
_HOURS = {number: word for word, number in NUMBER_WORDS.items() if word != "both"}
_COLOURED = re.compile(r"(?<=[^\W_])[ -]colou?red(?![\w-])")


def plain_words(text: str) -> list[str]:
    """Lower-case words of a sentence in any script; every punctuation mark is a comma, but for
    colons."""
    lines = re.sub(r"[\r\n]+", " , ", _ITEM.sub(" , ", spell_emoji(text)))
    # Not `casefold`: the words are shown again, and "ß" is not "ss".
    plain = unicodedata.normalize("NFKC", lines).lower()
    plain = re.sub(r"\s+", " ", _DASH.sub(" , ", plain)).strip()
    plain = join_shades(_TIMES.sub(r"\1 ", _TECHNICAL.sub(" ", plain)))
    if alone := _HOUR_ALONE.fullmatch(plain):  # "10 am" in a sentence is when something happens
        plain = f"{alone[1]}:00"
    plain = _HOUR.sub(_hour, _OCLOCK.sub("o'clock", plain))
    for said in (_WRITTEN, _SAID_WORDS, _SAID_OF_THE_VIEW, _CAMERA, _ONCE, _MATERIAL):
        plain = said.sub("", plain)
    plain = _COLOURED.sub(_only_after_colours, plain)
    found = _TOKEN.findall(plain.replace("&", " and ").replace("+", " and "))
    words = [token.replace("’", "'") for token in found]
    words = [
        word if word[0].isalnum() or word == COLON or len(word) > 1 else COMMA for word in words
    ]
    return [part for word in words for part in _colour_list(word)]


def written_words(text: str) -> list[str]:
    """What a sentence wants to be written in the picture: with the text "Sale"."""
    return [match[1].strip() for match in _WRITTEN.finditer(text)]


def _hour(match: re.Match[str]) -> str:
    """ "15:00" -> "three o'clock"."""
    return f"{_HOURS[(int(match[1] or match[2]) - 1) % 12 + 1]} o'clock"


def _only_after_colours(match: re.Match[str]) -> str:
    """ "red-coloured" -> "red", but "a coloured pencil" stays."""
    before = re.split(r"[^\w]", match.string[: match.start()])[-1]
    return "" if known_colour(before) else match[0]


def _colour_list(word: str) -> list[str]:
    """ "blue-and-white" -> "blue", "and", "white"; other words stay whole."""
    parts = word.split("-")
    colours = [bool(known_colour(part)) for part in parts if part != "and"]
    return parts if len(parts) > 2 and "and" in parts and all(colours) else [word]
