"""All that the user is told of how a sentence was read and planned.

What was understood in other words is said in one form, what is not known in another; both name
pairs of what was typed and what is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce

from engine.prompts.grammar.parsed import Ignored, ParsedPrompt, Reason
from engine.prompts.languages.reading import Reading
from engine.prompts.vocabulary.backgrounds import BackgroundMatch
from engine.prompts.vocabulary.understanding import Substitute, SubstituteKind, wants_no_background
from engine.requests import MAX_BOXES
from engine.sentences import Sentence, sentence, sentence_count


def on_substitutes(
    substitutes: Iterable[Substitute], further: Sequence[Sentence] = ()
) -> list[Sentence]:
    """Notes on drawings that are not called what was typed, farthest from it first.

    Args:
        further: What else is not known, as pairs.
    """
    of_kind: dict[SubstituteKind, list[Substitute]] = {kind: [] for kind in SubstituteKind}
    for each in dict.fromkeys(substitutes):
        of_kind[each.kind].append(each)
    unknown = [*_pairs(of_kind[SubstituteKind.NEAREST]), *further]
    known = of_kind[SubstituteKind.BROADER] + of_kind[SubstituteKind.SYNONYM]
    notes = [_not_known(unknown)] if unknown else []
    if known:
        notes.append(sentence("Understood {pairs}.", pairs=_joined(_pairs(known))))
    if signs := of_kind[SubstituteKind.SIGN]:
        notes.append(
            sentence(
                "Drawn as a plain sign, without a picture of what it forbids: {signs}.",
                signs=listed([each.named for each in signs]),
            )
        )
    return notes


def _pairs(substitutes: Iterable[Substitute]) -> list[Sentence]:
    """One for each name, which may be drawn as several things: "animals" as dog, monkey."""
    labels: dict[str, list[str]] = {}
    for each in substitutes:
        labels.setdefault(each.named, []).append(each.label)
    return [
        sentence('"{typed}" as {drawn}', typed=named, drawn=", ".join(drawn))
        for named, drawn in labels.items()
    ]


def _not_known(pairs: Sequence[Sentence]) -> Sentence:
    return sentence("Not known, so I took the nearest: {pairs}.", pairs=_joined(pairs))


def _joined(pairs: Sequence[Sentence]) -> Sentence:
    """The pairs with commas between them, each of which can still be translated."""
    return reduce(lambda first, second: sentence("{a}, {b}", a=first, b=second), pairs)


def unknown_background(typed: str, match: BackgroundMatch) -> list[Sentence]:
    """The pair for `on_substitutes` of a background that its words do not name; else none."""
    if match.exact:
        return []
    return [sentence('the background "{typed}" as {drawn}', typed=typed, drawn=match.phrase)]


def on_background(words: str, typed: str, match: BackgroundMatch) -> list[Sentence]:
    """What else is to be told of a background.

    Args:
        words: That ask for it, in English.
        typed: The same in the user's words.
    """
    if wants_no_background(words):
        return [sentence("The background is a layer of its own; hide it for transparency.")]
    notes = []
    if not match.exact:
        notes.append(
            sentence(
                "Backgrounds can be plain colors, gradients, stripes, checks, polka dots, a "
                "sunburst, bokeh, sunset, night, sky, hills, beach, snow or waves."
            )
        )
    if match.missed:
        notes.append(sentence("Not in the color that was asked for: {names}.", names=typed))
    return notes


def object_as_background(typed: str, match: BackgroundMatch) -> Sentence:
    """That a background was asked for which is an object."""
    return sentence(
        '"{object}" is an object, and this layer is a background; draw it in a box of its own. '
        "The nearest background I know is {known}.",
        object=typed,
        known=match.phrase,
    )


def on_style(style: str, used: str) -> Sentence:
    """That a style is not known."""
    return _not_known([sentence('the style "{typed}" as {drawn}', typed=style, drawn=used)])


def on_missing_objects(count: int) -> Sentence:
    """That fewer objects were named than layers are wanted."""
    return sentence_count(
        "{count} layer was asked for; objects of the prompt were repeated.",
        "{count} layers were asked for; objects of the prompt were repeated.",
        count,
    )


def on_missing_layers(count: int, names: Sequence[str]) -> Sentence:
    """That more objects were named than layers are wanted."""
    return sentence_count(
        "Left out, because {count} layer was asked for: {names}.",
        "Left out, because {count} layers were asked for: {names}.",
        count,
        names=listed(names),
    )


def on_missing_boxes(names: Sequence[str]) -> Sentence:
    """That more objects were named than boxes are drawn."""
    return sentence("Left out, because no box is left for it: {names}.", names=listed(names))


def on_repetition() -> Sentence:
    """That more boxes are drawn than objects are named."""
    return sentence("There are more boxes than objects in the prompt; objects were repeated.")


def on_single_layer(typed: str) -> Sentence:
    """That a layer was asked for with several objects."""
    return sentence("A layer holds one object; only {phrase} was drawn.", phrase=typed)


def nothing_known() -> Sentence:
    """That a sentence has no known word: it may be in another language."""
    return sentence("No word of the prompt is known; try other words, or English.")


def in_turn(parsed: ParsedPrompt, reading: Reading) -> list[Sentence]:
    """The note that names what got one of several colours; none if nothing did."""
    if not parsed.in_turn:
        return []
    names = listed([reading.as_typed(phrase) for phrase in parsed.in_turn])
    return [sentence("Colors went to the objects in turn: {names}.", names=names)]


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
