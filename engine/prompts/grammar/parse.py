"""Reads a typed sentence: which objects, how many of each, on which background, in which style.

A small grammar, not a language model: words that name nothing to draw are taken out, the rest is
cut at commas and at words such as "and", "next to" or "on", and `reader.Reader` makes objects and a
background of the pieces. Any text is accepted.
"""

from __future__ import annotations

from dataclasses import replace

from engine.prompts.captions import COLOUR_WORDS
from engine.prompts.english.connectors import CONNECTOR_WORDS
from engine.prompts.english.parts import FEATURES
from engine.prompts.english.people import FOLKS
from engine.prompts.english.scenery import SCENERY, is_scenery
from engine.prompts.english.words import (
    BACKGROUND_WORDS,
    DETERMINERS,
    FILLERS,
    NUMBER_WORDS,
    VAGUE_COUNTS,
    Known,
)
from engine.prompts.grammar.briefs import without_brief
from engine.prompts.grammar.effects import EFFECT_WORDS
from engine.prompts.grammar.negations import NEGATION_WORDS, take_negations
from engine.prompts.grammar.nouns import Nouns
from engine.prompts.grammar.numbers import take_numbers
from engine.prompts.grammar.parsed import ParsedPrompt
from engine.prompts.grammar.pasted import take_tags, unwrapped
from engine.prompts.grammar.people import take_people
from engine.prompts.grammar.phrasing import plain_words, written_words
from engine.prompts.grammar.reader import Reader
from engine.prompts.grammar.reader_state import Told
from engine.prompts.grammar.segments import segments
from engine.prompts.grammar.signs import take_signs
from engine.prompts.grammar.style_words import STYLE_WORDS, take_style

# By these, its nouns and its colours a sentence is known to be English.
KNOWN_ENGLISH = frozenset((
    *DETERMINERS, *FILLERS, *VAGUE_COUNTS, *NUMBER_WORDS, *COLOUR_WORDS, *CONNECTOR_WORDS,
    *BACKGROUND_WORDS, *SCENERY, *FEATURES, *STYLE_WORDS, *EFFECT_WORDS,
    *NEGATION_WORDS, *FOLKS, "of", "style", "icon", "symbol", "emoji", "logo",
))  # fmt: skip


def parse_prompt(
    text: str, known: Known = lambda _noun: False, heard: Known = lambda _noun: False
) -> ParsedPrompt:
    """Reads a sentence; never fails.

    Args:
        text: Any text in any script.
        known: Whether the vocabulary of objects holds exactly this noun (without colours).
        heard: Whether a noun outside of it is known to be near to one.
    """
    pasted = unwrapped(text)
    return pasted.added_to(parse_plain(pasted.text, Nouns(known, heard)))


def parse_plain(text: str, nouns: Nouns) -> ParsedPrompt:
    """The same for a sentence from which `pasted.unwrapped` has taken what it brought along."""
    tokens, tags = take_tags(plain_words(text), nouns)
    tokens, nouns = take_signs(tokens, nouns)
    left = take_negations(tokens, nouns)
    tokens, numbers = take_numbers(left.words, nouns)
    brief = without_brief(tokens, nouns, is_scenery)
    tokens, style, unknown_style = take_style(brief.words, nouns.known)
    about = [*brief.about, *tags, *written_words(text)]
    people = take_people(tokens, nouns)
    reader = Reader(nouns, Told(about, numbers, left.excluded), called=people.called)
    for segment in segments(people.tokens, nouns):
        reader.read(segment)
    return replace(reader.result(style, unknown_style), refused_colours=tuple(left.colours))
