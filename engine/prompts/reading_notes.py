"""What the user is told of the parts of a sentence that are not drawn as they were typed."""

from __future__ import annotations

from collections.abc import Sequence

from engine.prompts.languages import Reading
from engine.prompts.parsed import ParsedPrompt
from engine.sentences import sentence


def left_out(parsed: ParsedPrompt, reading: Reading) -> list[str]:
    """Notes on what the sentence itself leaves out, and on numbers that are no counts."""
    notes: list[str] = []
    if parsed.excluded:
        said = _listed([reading.as_typed(piece) for piece in parsed.excluded])
        notes.append(sentence("Left out, as the prompt asks: {words}.", words=said))
    if parsed.numbers:
        notes.append(
            sentence(
                "Numbers that count nothing were left out: {numbers}.",
                numbers=_listed(parsed.numbers),
            )
        )
    notes += [
        sentence("Only whole things are drawn: {said} became {count}.", said=said, count=count)
        for said, count in parsed.rounded
    ]
    return notes


def nothing_to_draw(parsed: ParsedPrompt, reading: Reading) -> str:
    """Why a sentence names nothing to draw, and what to write instead."""
    if parsed.excluded:
        return sentence(
            "The prompt only says what to leave out ({words}); write what the picture should "
            'show, such as "a red apple on a sunset gradient".',
            words=_listed([reading.as_typed(piece) for piece in parsed.excluded]),
        )
    if parsed.numbers:
        return sentence(
            "The prompt has only numbers that count nothing ({numbers}); write what they count, "
            'such as "3 apples".',
            numbers=_listed(parsed.numbers),
        )
    return sentence(
        "The prompt names nothing to draw; write what the picture should show, "
        'such as "a red apple on a sunset gradient".'
    )


def _listed(phrases: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(phrases))
