"""Takes off a prompt what it brings along from elsewhere: markup, addresses, other programs' flags.

"**a dog** --ar 16:9 --no text #sunset https://example.com" says "a dog, without text, #sunset".
What other programs are told to leave out is said in words, so that it is read in any language.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.prompts.english.connectors import COMMA
from engine.prompts.english.scenery import is_scenery
from engine.prompts.english.shades import known_colour
from engine.prompts.grammar.nouns import Nouns
from engine.prompts.grammar.numbers import whole_numbers
from engine.prompts.grammar.parsed import ParsedPrompt
from engine.prompts.grammar.qualities import is_about_the_look, is_praise
from engine.prompts.grammar.style_words import STYLE_WORDS

_WIDE = re.compile("[\u3000\uff01-\uff9f\uffa0-\uffdc\uffe0-\uffee]+")  # "ａ　ｃａｒ", half kana
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d{1,6}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_LINE_END = re.compile(r"<br ?/?>|</(?:p|li|div|h\d)>", re.IGNORECASE)
_MARKUP = re.compile(
    r"<(?:lora|lyco|hypernet|embedding)[^<>]*>|</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|```\w*|"
    r"(?m:^\s*#{1,6}\s+)|\[[ xX]\](?=\s)|[\u2460-\u24ff]",
    re.IGNORECASE,
)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_ADDRESS = re.compile(
    r"(?:\b(?:like|as in|as|see|from|at|via|by) *:? *)?"
    r"((?:https?://|www\.)[^\s<>\"']*|[\w.+-]+@[\w-]+\.[\w.-]+|@\w[\w.]*)",
    re.IGNORECASE,
)
_COMMAND = re.compile(r"^\s*/\w+(?:\s+prompt)?\s*:?", re.IGNORECASE)
_SETTINGS = re.compile(r"(?im)^\s*steps: *\d+,.*$|\bscore_\d(?:_up)?\b|\bembedding:\S+")
# "--ar 16:9"; a dash of another length is what some keyboards make of two.
_LONG_DASH = re.compile(
    r"(?<![\w])[—–](?=(?:ar|aspect|v|s|stylize|q|quality|c|chaos|no|seed|niji|style|iw|tile|weird|"
    r"w|sref|cref)\b)"
)
_FLAG_NO = re.compile(r"--no[ =]([^\n]*?)(?=\s--|\n|$)", re.IGNORECASE)
_FLAG_STYLE = re.compile(rf"--style[ =]({'|'.join(STYLE_WORDS)})\b", re.IGNORECASE)
_FLAG = re.compile(
    r"--(?:tile|fast|relax|turbo|hd|video|test|draft|raw|creative)\b|--\w[\w-]*(?:[ =][\w:.]+)?",
    re.IGNORECASE,
)
_AGAINST = re.compile(r"([^,:;\n]+)::\s*-\d*\.?\d+")  # "dog::-1"
_WEIGHT = re.compile(r"(?<=[^\W\d_]):\s*[-+]?(?:\d?\.\d+|\d)(?=\s*[)\]}])|(?<=[)\]])\d?\.\d+")
_PARTS = re.compile(r"::\s*(?!-)\d*\.?\d*|\bBREAK\b")
# Headings of what is to be left out, as other programs and people write them.
_AVOIDED = re.compile(
    r"(?:^|(?<=[\s,.;(]))(?:\*\*)?(?:negative(?:[ _-]prompts?)?|prompt n[ée]gatif|"
    r"prompt negativo|negativer prompt|ネガティブプロンプト|负面提示词?|反向提示词?|"
    r"(?:things to )?(?:avoid|exclude|leave out|omit)|"
    r"(?:please )?(?:do not|don['’]t) (?:include|show|draw|use|add)|without|excluding|no)"
    r"(?:\*\*)? ?[:=](?:\*\*)?"
    r"(.*?)(?=[;\n]|\.\s|\.$|\s--|,?\s\w+ ?:|$)",
    re.IGNORECASE,
)
_HASHTAG = re.compile(r"(?<![\w&#])#(?!(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b)([^\W\d_]\w*)")
_HUMP = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][^\W\d_A-Z])|_")
_ONE_WORD = re.compile(r"\s*[A-Z]?[a-z]*(?:[A-Z][a-z]*){2,}\s*")  # "ADogAndACat", but no "A DOG"
_EQUALS = re.compile(r"(?<=\w) ?= ?(?=[\w\"'#])")
_SLUG_WORDS = frozenset(("a", "an", "the", "and", "with", "of"))


@dataclass(frozen=True, slots=True)
class Pasted:
    """A prompt without what it brought along.

    Attributes:
        text: What it says.
        about: Addresses and names of accounts, which name nothing to draw.
        numbers: Prices and percentages, which count nothing.
        rounded: Pairs of a count that was no whole number and what it became.
    """

    text: str
    about: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    rounded: tuple[tuple[str, str], ...] = ()

    def added_to(self, parsed: ParsedPrompt) -> ParsedPrompt:
        """What its text was read as, with what was taken off it."""
        return replace(
            parsed,
            about=(*self.about, *parsed.about),
            numbers=(*self.numbers, *parsed.numbers),
            rounded=(*self.rounded, *parsed.rounded),
        )


def unwrapped(text: str) -> Pasted:
    """The prompt in plain words; what is plain already stays as it is."""
    plain = _WIDE.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    plain = _ENTITY.sub(lambda match: html.unescape(match[0]), plain)
    plain = _MARKUP.sub(_mark, _LINE_END.sub("\n", _LINK.sub(r"\1 ", plain)))
    about = [match[1].rstrip(".,;:!?)") for match in _ADDRESS.finditer(plain)]
    plain = _SETTINGS.sub(" ", _COMMAND.sub("", _ADDRESS.sub(" , ", plain)))
    plain = _FLAG_NO.sub(_left_out, _LONG_DASH.sub("--", plain))
    plain = _FLAG.sub(" ", _FLAG_STYLE.sub(r", \1 style,", plain))
    plain = _EQUALS.sub(": ", plain)
    if _ONE_WORD.fullmatch(plain) and not plain.isupper():
        plain = _HUMP.sub(" ", plain)
    plain = _AGAINST.sub(_left_out, _PARTS.sub(", ", _WEIGHT.sub("", plain)))
    counts = whole_numbers(_HASHTAG.sub(_tag, _AVOIDED.sub(_left_out, plain)))
    return Pasted(counts.text, tuple(about), counts.meaningless, counts.rounded)


def _mark(match: re.Match[str]) -> str:
    """A tag such as "<b>" may stand in the middle of a phrase; other marks part what they stand
    between."""
    return " " if match[0][0] == "<" and ":" not in match[0] else " , "


def _left_out(match: re.Match[str]) -> str:
    """ "text, no dog" -> ", without text, without dog,"."""
    said = (part.strip(" ()[]{}*\"'.") for part in match[1].split(","))
    items = [re.sub(r"^(?:no|any) ", "", part, flags=re.IGNORECASE) for part in said if part]
    return "".join(f", without {item}" for item in items) + ("," if items else " ")


def take_tags(tokens: Sequence[str], nouns: Nouns) -> tuple[list[str], list[str]]:
    """(tokens with "#cat" as "cat" and "a-dog-and-a-cat" in words, hashtags that name nothing that
    is known)."""
    words: list[str] = []
    tags: list[str] = []
    index = 0
    while index < len(tokens):
        word = tokens[index]
        if word[0] != "#" or len(word) < 2 or (known_colour(word) and not nouns.knows(word[1:])):
            parts = word.split("-")
            is_slug = bool(_SLUG_WORDS & set(parts[:-1])) and not nouns.knows_either(word)
            words += parts if is_slug else [word]
            index += 1
            continue
        end = next((i for i in range(index, len(tokens)) if tokens[i] == COMMA), len(tokens))
        said = [word[1:].strip(), *tokens[index + 1 : end]]
        if _is_named(said, nouns):
            words += [COMMA, *said, COMMA]
        else:
            tags.append("#" + " ".join(said))
        index = end
    return words, tags


def _is_named(words: Sequence[str], nouns: Nouns) -> bool:
    """Whether a hashtag says something that can be drawn or is said of a picture."""
    whole = " ".join(words)
    return (
        nouns.ends_known_either(words)
        or is_scenery(words[-1])
        or is_praise(words)
        or is_about_the_look(words)
        or whole in STYLE_WORDS
        or nouns.heard(whole)
    )


def _tag(match: re.Match[str]) -> str:
    """ "#RedCar" -> ", #Red Car,"."""
    return f", #{_HUMP.sub(' ', match[1]).strip()},"
