"""Words for the style of a picture: "in glossy style", "style: flat", "in the style of a map"."""

from __future__ import annotations

from collections.abc import Sequence

from engine.prompts.english.connectors import COMMA, cut_at
from engine.prompts.english.words import DETERMINERS, Known, nearest_spelling

STYLE_WORDS = {
    "flat": "flat", "minimal": "flat", "minimalist": "flat", "2d": "flat", "vector": "flat",
    "glossy": "glossy", "shiny": "glossy", "3d": "3d", "outlined": "outlined",
    "outline": "outlined", "inked": "outlined", "ink": "outlined", "comic": "outlined",
    "cartoon": "outlined",
}  # fmt: skip
STYLE_ADJECTIVES = frozenset(("flat", "glossy", "3d", "2d", "outlined", "inked", "cartoon"))


def take_style(tokens: Sequence[str], known: Known) -> tuple[list[str], str, str]:
    """(tokens without the style, known style, unknown style): "in watercolor style", "3d"; but a
    "flat shoe" is a kind of shoe."""
    rest, style, unknown = list(tokens), "", ""
    for index, word in enumerate(tokens):
        if not rest[index]:
            continue
        if word in ("style", "styled") or word.endswith("-style"):
            begin, end = _style_begin(rest, index), _style_end(rest, index)
            named = [w for w in rest[begin:index] if w and w not in (*DETERMINERS, "in")]
            named += [word.removesuffix("-style")] if word.endswith("-style") else []
            named += [w for w in rest[index + 2 : end] if w not in DETERMINERS]
            ours = [STYLE_WORDS[w] for w in named if w in STYLE_WORDS]
            if not ours:  # a slip is said to be unknown, and taken for what it is near to
                unknown = " ".join(named)
                slips = (nearest_spelling(w, STYLE_WORDS) for w in named)
                ours = [STYLE_WORDS[w] for w in slips if w]
            style = ours[-1] if ours else style
            rest[begin:end] = [""] * (end - begin)
        elif word in STYLE_ADJECTIVES and not known(" ".join(tokens[index:][:2])):
            alone = tokens[index + 1 :][:1] in ([], [COMMA]) and rest[:index][-1:] in ([], [COMMA])
            if not style or alone:  # "vector, flat, 2d"
                style, rest[index] = style or STYLE_WORDS[word], ""
    return [word for word in rest if word], style, unknown


def _style_begin(words: Sequence[str], end: int) -> int:
    """Where the words before "style" begin: after a comma, at "in" or the style, at most three
    back."""
    begin = end
    while begin > 0 and words[begin - 1] not in (COMMA, "", "and") and end - begin < 3:
        begin -= 1
        if words[begin] == "in" or words[begin] in STYLE_WORDS:
            break
    return begin


def _style_end(words: Sequence[str], index: int) -> int:
    """Behind the words of "style of an old map" and "style: flat"."""
    heads = index == 0 or words[index - 1] in (COMMA, "")
    if words[index + 1 : index + 2] != ["of"] and not (heads and words[index + 1 :][:1] == [COMMA]):
        return index + 1
    end = index + 2
    while end < len(words) and words[end] == COMMA:
        end += 1
    while end < len(words) and not cut_at(words, end)[0]:
        end += 1
    return end
