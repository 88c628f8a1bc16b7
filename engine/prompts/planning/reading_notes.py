"""What the user is told of the parts of a sentence that are not drawn as they were typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.prompts.grammar.parsed import Ignored, ParsedPrompt, Reason
from engine.prompts.languages.reading import Reading
from engine.requests import MAX_BOXES
from engine.sentences import sentence


def left_out(parsed: ParsedPrompt, reading: Reading) -> list[str]:
    """Notes on what the sentence itself leaves out or to choose, and on numbers that count nothing.

    A drawing keeps its parts ("a house without windows" has some), so all that can be said is that
    no layer was made of them. A refused colour does not change a drawing either.
    """
    notes: list[str] = []
    if parsed.excluded:
        said = listed([reading.as_typed(piece) for piece in parsed.excluded])
        notes.append(sentence("As the prompt asks, no layer was made of: {words}.", words=said))
    if parsed.refused_colours:
        said = listed([reading.as_typed(piece) for piece in parsed.refused_colours])
        notes.append(
            sentence("Colors cannot be kept out, so these may still be seen: {words}.", words=said)
        )
    if parsed.unchosen:
        said = listed([reading.as_typed(piece) for piece in parsed.unchosen])
        notes.append(sentence("Of a choice the first was drawn, not: {words}.", words=said))
    if parsed.numbers:
        notes.append(
            sentence(
                "Numbers that count nothing were left out: {numbers}.",
                numbers=listed(parsed.numbers),
            )
        )
    notes += [
        sentence("Only whole things are drawn: {said} became {count}.", said=said, count=count)
        for said, count in parsed.rounded
    ]
    return notes


def not_used(pieces: Iterable[Ignored], reading: Reading) -> list[str]:
    """Notes on what could not be used, one for all of the same reason."""
    by_reason: dict[Reason, list[str]] = {}
    for piece in pieces:
        by_reason.setdefault(piece.reason, []).append(_as_named(piece, reading))
    return [_note_on(reason, listed(names)) for reason, names in by_reason.items()]


def _as_named(piece: Ignored, reading: Reading) -> str:
    typed = reading.as_typed(piece.phrase)
    return f"{piece.count} × {typed}" if piece.count else typed


def _note_on(reason: Reason, names: str) -> str:
    if reason is Reason.TOO_MANY:
        return sentence(
            "Left out, because at most {limit} objects are drawn at once: {names}.",
            limit=MAX_BOXES,
            names=names,
        )
    if reason is Reason.BACKGROUND:
        return sentence("Left out, because there is only one background: {names}.", names=names)
    if reason is Reason.COLOUR:
        return sentence("Left out, because no object was left for the color: {names}.", names=names)
    if reason is Reason.HEAD:
        return sentence(
            "Left out, because only the heads of such people are drawn: {names}.", names=names
        )
    return sentence(
        "No layer was made of what belongs to another object, and the drawing may not show it: "
        "{names}.",
        names=names,
    )


def nothing_to_draw(parsed: ParsedPrompt, reading: Reading) -> str:
    """Why a sentence names nothing to draw, and what to write instead."""
    excluded = (*parsed.excluded, *parsed.refused_colours)
    if excluded:
        return sentence(
            "The prompt only says what to leave out ({words}); write what the picture should "
            'show, such as "a red apple on a sunset gradient".',
            words=listed([reading.as_typed(piece) for piece in excluded]),
        )
    if parsed.numbers:
        return sentence(
            "The prompt has only numbers that count nothing ({numbers}); write what they count, "
            'such as "3 apples".',
            numbers=listed(parsed.numbers),
        )
    return sentence(
        "The prompt names nothing to draw; write what the picture should show, "
        'such as "a red apple on a sunset gradient".'
    )


def read_as(reading: Reading) -> list[str]:
    """The note that tells how a prompt in another language was understood; none for English."""
    if not reading.translated:
        return []
    return [sentence('Read as "{english}".', english=reading.english)]


def about_the_picture(parsed: ParsedPrompt, reading: Reading) -> list[str]:
    """The note that names what was said of the picture as a whole; none if nothing was."""
    if not parsed.about:
        return []
    said = listed([reading.as_typed(piece) for piece in parsed.about])
    return [sentence("Not drawn, taken as words about the picture: {words}.", words=said)]


def listed(phrases: Sequence[str]) -> str:
    """Phrases with commas between them, each once."""
    return ", ".join(dict.fromkeys(phrases))
