"""Reads a typed sentence: which objects, how many of each, on which background, in which style.

A small grammar, not a language model: the sentence is cut at commas and at words such as "and",
"next to" or "on", and each piece is an object or the background. Whether "on a skateboard" means
an object below or a background depends on the vocabulary, which the caller passes in. Any text is
accepted; what cannot be read becomes an object phrase, and the vocabulary finds the nearest noun.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from engine.prompts.backgrounds import BACKGROUND_KINDS
from engine.prompts.captions import STYLES
from engine.prompts.colours import canonical_colour
from engine.prompts.connectors import COMMA, Relation, cut_at
from engine.prompts.words import (
    DETERMINERS,
    FILLERS,
    VAGUE_COUNTS,
    Known,
    number_of,
    singular,
    spell_emoji,
)
from engine.requests import MAX_BOXES


@dataclass(frozen=True, slots=True)
class ParsedObject:
    """One kind of object of the sentence.

    Attributes:
        phrase: In the singular when counted: "red apple".
        count: How many of it, at least 1.
        relation: How it stands to object number `target`; None = not said.
        target: Index in `ParsedPrompt.objects`.
    """

    phrase: str
    count: int = 1
    relation: Relation | None = None
    target: int | None = None


@dataclass(frozen=True, slots=True)
class ParsedPrompt:
    """What a sentence says.

    Attributes:
        objects: Bottom to top; in the order of the sentence unless it says otherwise.
        background: Its words without "background"; empty = none named.
        style: A style that the models know, found in the sentence; empty = none.
        unknown_style: Style words that no model knows, e.g. "watercolor".
        effect: One of `captions.EFFECTS` for all objects; empty = none.
        ignored: Pieces that could not be used, such as a second background.
    """

    objects: tuple[ParsedObject, ...] = ()
    background: str = ""
    style: str = ""
    unknown_style: str = ""
    effect: str = ""
    ignored: tuple[str, ...] = ()

    @property
    def object_count(self) -> int:
        """All objects, counted."""
        return sum(item.count for item in self.objects)


_TOKEN = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*|[^\w\s'’\"“”`*_\-]")
_LEAD_IN = re.compile(
    r"^(?:(?:please|draw|create|make|generate|paint|show|render|design|imagine|me|us|i|want|need|"
    r"would|like|to|see|this|it|there|is|are|shows|a|an|the) )*"
    r"(?:picture|image|photo|photograph|drawing|illustration|painting|icon|scene|rendering|poster|"
    r"sticker|sketch|view|design|composition) (?:of|with|showing) "
)
_COMMAND = re.compile(
    r"^(?:(?:please|can you|i want|i need|i would like|show me|show|draw me|draw|create|make me|"
    r"make|generate|paint|render|design|imagine|there is|there are|this is|here is) )+"
)
_BACKGROUND_WORDS = frozenset(("background", "backgrounds", "backdrop", "wallpaper", "bg"))
_SCENERY = frozenset(word for kind in BACKGROUND_KINDS for word in kind.words) | {
    "gradient", "starry night sky", "starry sky", "starry night", "green hills", "sandy beach",
    "snowy hills", "night sky", "room", "kitchen", "street", "city", "mountains", "table", "floor",
    "ground", "outdoors", "sea", "seaside", "hill", "jungle", "woods",
}  # fmt: skip
_STYLE_WORDS = {
    "flat": "flat", "minimal": "flat", "minimalist": "flat", "2d": "flat", "vector": "flat",
    "glossy": "glossy", "3d": "glossy", "shiny": "glossy",
}  # fmt: skip
_EFFECT_WORDS = {
    "shadow": "soft shadows", "shadows": "soft shadows", "glow": "glow", "glows": "glow",
    "glowing": "glow",
}  # fmt: skip
_STYLE_ADJECTIVES = frozenset((*STYLES, "3d", "2d"))
_SKY_PARTS = (["with", "clouds"], ["with", "stars"])
_MAX_WORDS = 8  # of one object; the noun is among the last ones
_MAX_PHRASE_CHARACTERS = 60


def parse_prompt(text: str, known: Known = lambda _noun: False) -> ParsedPrompt:
    """Reads a sentence; never fails.

    Args:
        text: Any text in any script.
        known: Whether the vocabulary of objects holds exactly this noun (without colours).
    """
    tokens, style, unknown_style = _take_style(_tokens(text))
    reader = _Reader(known)
    for segment in _segments(tokens):
        reader.read(segment)
    return reader.result(style, unknown_style)


@dataclass(frozen=True, slots=True)
class _Segment:
    """A piece between two cuts, and the cut before it."""

    words: tuple[str, ...]
    relation: Relation | None
    is_place: bool


def _tokens(text: str) -> list[str]:
    """Lower-case words; every punctuation mark is a comma."""
    lines = re.sub(r"[\r\n]+", " , ", spell_emoji(text))
    plain = unicodedata.normalize("NFKC", lines).casefold()
    plain = re.sub(r"\s+", " ", plain).strip()
    plain = _COMMAND.sub("", _LEAD_IN.sub("", plain))
    found = _TOKEN.findall(plain.replace("&", " and ").replace("+", " and "))
    words = [token.replace("’", "'") for token in found]
    return [word if word[0].isalnum() else COMMA for word in words]


def _take_style(tokens: Sequence[str]) -> tuple[list[str], str, str]:
    """(tokens without the style, known style, unknown style): "in watercolor style", "3d"."""
    rest, style, unknown = list(tokens), "", ""
    for index, word in enumerate(tokens):
        if word in ("style", "styled") or word.endswith("-style"):
            begin = _style_begin(rest, index)
            named = [w for w in rest[begin:index] if w and w not in (*DETERMINERS, "in")]
            named += [word.removesuffix("-style")] if word.endswith("-style") else []
            known = [_STYLE_WORDS[w] for w in named if w in _STYLE_WORDS]
            style, unknown = (known[-1], unknown) if known else (style, " ".join(named))
            rest[begin : index + 1] = [""] * (index + 1 - begin)
        elif word in _STYLE_ADJECTIVES and not style:
            style, rest[index] = _STYLE_WORDS[word], ""
    return [word for word in rest if word], style, unknown


def _style_begin(words: Sequence[str], end: int) -> int:
    """Where the words before "style" begin: after a comma, or at "in", at most three back."""
    begin = end
    while begin > 0 and words[begin - 1] not in (COMMA, "", "and") and end - begin < 3:
        begin -= 1
        if words[begin] == "in" or words[begin] in _STYLE_ADJECTIVES:
            break
    return begin


def _segments(tokens: Sequence[str]) -> Iterator[_Segment]:
    """Cuts at commas and connectors; colour lists ("black and white cat") stay together."""
    words: list[str] = []
    relation: Relation | None = None
    is_place = False
    index = 0
    while index < len(tokens):
        length, next_relation, next_place = cut_at(tokens, index)
        if not length:
            words.append(tokens[index])
            index += 1
            continue
        if words[-1:] == ["sky"] and tokens[index : index + 2] in _SKY_PARTS:
            words += tokens[index : index + 2]
            index += 2
            continue
        joins = tokens[index] in (COMMA, "and") and index + length < len(tokens)
        index += length
        if joins and tokens[index] not in DETERMINERS and _only_colours(words):
            words.append("and")
            continue
        if words:
            yield _Segment(tuple(words), relation, is_place)
            words, relation, is_place = [], next_relation, next_place
        elif next_relation or next_place:  # "sitting, on": the later word says more
            relation, is_place = next_relation, next_place
    if words:
        yield _Segment(tuple(words), relation, is_place)


def _only_colours(words: Sequence[str]) -> bool:
    named = [word for word in words if word not in DETERMINERS and word != "and"]
    return bool(named) and all(canonical_colour(word) for word in named)


@dataclass(slots=True)
class _Reader:
    """Collects objects and background, piece by piece."""

    known: Known
    objects: list[ParsedObject] = field(default_factory=list)
    order: list[int] = field(default_factory=list)  # indices of `objects`, bottom to top
    background: str = ""
    effect: str = ""
    ignored: list[str] = field(default_factory=list)

    def read(self, segment: _Segment) -> None:
        words = [word for word in segment.words if word not in FILLERS]
        words = self._take_effect(words)
        if not any(word not in DETERMINERS and word != "of" for word in words):
            return
        if self._is_background(words, segment):
            self._set_background(words)
        else:
            self._add_object(words, segment.relation)

    def result(self, style: str, unknown_style: str) -> ParsedPrompt:
        place = {index: position for position, index in enumerate(self.order)}
        ordered = [self.objects[index] for index in self.order]
        moved = [
            item if item.target is None else replace(item, target=place[item.target])
            for item in ordered
        ]
        return ParsedPrompt(
            objects=tuple(moved),
            background=self.background,
            style=style,
            unknown_style=unknown_style,
            effect=self.effect,
            ignored=tuple(self.ignored),
        )

    def _take_effect(self, words: list[str]) -> list[str]:
        """Words left of "soft shadows" (none) or "a glowing star" (without "glowing")."""
        named = [_EFFECT_WORDS[word] for word in words if word in _EFFECT_WORDS]
        if not named:
            return words
        self.effect = named[0]
        if words[-1] in _EFFECT_WORDS:
            return []
        return [word for word in words if word not in _EFFECT_WORDS]

    def _is_background(self, words: Sequence[str], segment: _Segment) -> bool:
        if _BACKGROUND_WORDS & set(words) or words[-1] in ("gradient", "gradients"):
            return True
        noun = _noun(words)
        if "sky" in words:
            return True
        if noun in _SCENERY or singular(noun) in _SCENERY:
            return segment.is_place or not self._is_known(noun)
        if not segment.is_place:
            return False
        # "a cat on a bed": the bed is drawn, if there is something to stand on it
        return not (self.objects and self._is_known(noun))

    def _set_background(self, words: Sequence[str]) -> None:
        useful = [w for w in words if w not in _BACKGROUND_WORDS]
        while useful and (useful[0] in DETERMINERS or useful[0] == "of"):
            useful.pop(0)
        phrase = " ".join(useful)
        if not self.background:
            self.background = phrase
        elif phrase:
            self.ignored.append(phrase)

    def _add_object(self, words: Sequence[str], relation: Relation | None) -> None:
        phrase, wanted = self._counted(words)
        if not phrase:
            return
        count = min(wanted, MAX_BOXES - sum(item.count for item in self.objects))
        if count < wanted:
            self.ignored.append(f"{wanted - count} more {phrase}")
        if count < 1:
            return
        index = len(self.objects)
        target = index - 1 if relation and index else None
        below = relation in (Relation.ON, Relation.IN_FRONT_OF) and target is not None
        if target is None:
            relation = None
        # The relation was said of the earlier object ("cat on bed"): it is the earlier one's.
        self.objects.append(ParsedObject(phrase, count))
        if target is not None:
            self.objects[target] = replace(self.objects[target], relation=relation, target=index)
        self.order.insert(self.order.index(index - 1) if below else index, index)

    def _counted(self, words: Sequence[str]) -> tuple[str, int]:
        """("red apple", 3) of "three red apples"."""
        rest, count, vague = _take_count(words)
        rest = rest[-_MAX_WORDS:]
        while rest and (rest[0] in DETERMINERS or rest[0] == "of"):
            rest.pop(0)
        phrase = " ".join(rest)[:_MAX_PHRASE_CHARACTERS].strip()
        one = singular(phrase)
        if not phrase or one == phrase or self._knows(_noun(rest)):
            return phrase, 1 if vague else count or 1
        if count is not None:
            return one, count
        bare_plural = self._knows(_noun(one.split()))
        return (one, 2) if bare_plural else (phrase, 1)

    def _knows(self, noun: str) -> bool:
        return bool(noun) and self.known(noun)

    def _is_known(self, noun: str) -> bool:
        return self._knows(noun) or self._knows(singular(noun))


def _take_count(words: Sequence[str]) -> tuple[list[str], int | None, bool]:
    """(words after the count, count or None, whether it was a vague one like "a pair of")."""
    rest = list(words)
    while rest and rest[0] in DETERMINERS:
        rest.pop(0)
    if len(rest) > 1 and (number := number_of(rest[0])) is not None:
        rest.pop(0)
        if rest[0] in ("dozen", "pair", "pairs") and len(rest) > 1:
            return rest[1:], number * VAGUE_COUNTS[rest[0].removesuffix("s")], False
        return rest, number, False
    if len(rest) > 1 and rest[0] in VAGUE_COUNTS:
        return rest[1:], VAGUE_COUNTS[rest[0]], True
    return rest, None, False


def _noun(words: Sequence[str]) -> str:
    """The words without articles and colours."""
    kept = [w for w in words if w not in DETERMINERS and not canonical_colour(w) and w != "and"]
    return " ".join(kept or words[-1:])
