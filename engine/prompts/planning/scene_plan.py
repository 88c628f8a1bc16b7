"""Joins sentence and boxes: which known concept goes into which box, and what the user is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Protocol

from engine.composition.groups import Placement
from engine.composition.traits import traits_of
from engine.errors import RequestError
from engine.prompts.captions import with_article
from engine.prompts.english.colours import split_colours
from engine.prompts.english.signs import as_sign
from engine.prompts.grammar.parsed import Ignored, ParsedPrompt
from engine.prompts.planning import notes as told
from engine.prompts.planning.asked_colour import caption_and_shade
from engine.prompts.planning.meant import meant
from engine.prompts.planning.plans import PlannedObject, ScenePlan
from engine.prompts.planning.style_choice import choose_style
from engine.prompts.planning.wanted import (
    Assignment,
    Wanted,
    again,
    expand,
    layer_order,
    resolved,
    single_object,
    wanted_of,
)
from engine.prompts.planning.wardrobe import coloured_clothes, not_shown
from engine.prompts.vocabulary.concepts import LIKE_ENOUGH, ConceptMatch, ConceptTable
from engine.prompts.vocabulary.understanding import (
    Substitute,
    as_described,
    understand_background,
    understand_called,
    understand_object,
)
from engine.prompts.vocabulary.vocabulary import Vocabulary
from engine.requests import Corners, LayoutRequest, RegionBox, derive_layer_id
from engine.sentences import sentence


class PlaceBoxes(Protocol):
    """The automatic layout in document pixels."""

    def __call__(self, placements: Sequence[Placement]) -> Sequence[Corners]: ...


def plan_scene(
    request: LayoutRequest, words: Vocabulary, place_boxes: PlaceBoxes, *, any_word: bool = False
) -> ScenePlan:
    """Reads the sentence and gives every noun a box and every box a noun.

    Args:
        any_word: The model that is to draw knows more words than the vocabulary: nothing is said of
            unknown ones, and the background stays as it was described.

    Raises:
        RequestError: Nothing to draw was named, or the style is unknown.
    """
    parsed, reading = words.read(request.prompt)
    notes: list[str] = told.read_as(reading)
    style = choose_style(request.style, parsed, notes)
    wanted = expand(parsed.objects, reading, groups=not any_word)
    if not any_word:
        wanted = meant(wanted, words.concepts)
    if not (wanted or parsed.background or any(box.prompt or box.name for box in request.boxes)):
        raise RequestError(told.nothing_to_draw(parsed, reading))
    assigned = _assign(request, wanted, words, notes)
    substitutes: list[Substitute] = []
    objects, unseen = _locate(request, assigned, words, place_boxes, substitutes)
    objects = tuple(replace(item, effect=item.effect or parsed.effect) for item in objects)
    behind = understand_background(parsed.background, words.backgrounds)
    background = behind.phrase
    if any_word:
        background = as_described(parsed.background) or background
    else:
        typed = reading.as_typed(parsed.background)
        notes += told.on_substitutes(substitutes, told.unknown_background(typed, behind))
        notes += told.on_background(parsed.background, typed, behind)
    notes += told.not_used(parsed.ignored if any_word else (*parsed.ignored, *unseen), reading)
    notes += told.left_out(parsed, reading)
    if not any_word:
        notes += told.about_the_picture(parsed, reading)
    notes += told.in_turn(parsed, reading)
    if not any_word and _nothing_known(parsed, wanted, words):
        notes.insert(0, told.nothing_known())
    return ScenePlan(
        objects, background, style, tuple(dict.fromkeys(notes)), _of_all(objects), behind.shades
    )


def _of_all(objects: Sequence[PlannedObject]) -> str:
    """The effect that all objects have; others are no part of the caption of the whole."""
    effects = {item.effect for item in objects}
    return effects.pop() if len(effects) == 1 else ""


def _nothing_known(parsed: ParsedPrompt, wanted: Sequence[Wanted], words: Vocabulary) -> bool:
    """Whether a sentence names things and none of them is known: it may be in another language."""
    if parsed.background and words.backgrounds.nearest(parsed.background).exact:
        return False
    if any(split_colours(item.phrase)[0] for item in wanted):
        return False
    phrases = dict.fromkeys(item.phrase for item in wanted)
    matches = [understand_object(phrase, words.concepts)[0] for phrase in phrases]
    return bool(matches) and all(match.similarity < LIKE_ENOUGH for match in matches)


def _assign(
    request: LayoutRequest, wanted: list[Wanted], words: Vocabulary, notes: list[str]
) -> list[Assignment]:
    """Pairs of object and drawn box, bottom to top; None = a box is to be found."""
    rest = list(wanted)
    pairs = _fill_boxes(request.boxes, rest, wanted, words, notes)
    if request.boxes and request.layer_count is None:
        if rest:
            notes.append(told.on_missing_boxes([item.typed for item in rest]))
        return pairs
    count = request.layer_count if request.layer_count is not None else len(pairs) + len(rest)
    missing = count - len(pairs)
    if missing > len(rest) and wanted:
        notes.append(told.on_missing_objects(count))
    elif missing < len(rest):
        names = [item.typed for item in rest[max(0, missing) :]]
        notes.append(told.on_missing_layers(count, names))
    for index in range(max(0, missing)):
        if index < len(rest):
            pairs.append((rest[index], None))
        elif wanted:
            pairs.append((again(wanted[(index - len(rest)) % len(wanted)]), None))
    return pairs


def _fill_boxes(
    boxes: Sequence[RegionBox],
    rest: list[Wanted],
    wanted: Sequence[Wanted],
    words: Vocabulary,
    notes: list[str],
) -> list[Assignment]:
    """Boxes that say what they show come first, then the others take the nouns in order.

    Used nouns are removed from `rest`.
    """
    chosen: dict[int, Wanted] = {}
    for index, box in enumerate(boxes):
        if box.prompt:
            own = _first_object(box.prompt, words, f"boxes[{index}].prompt")
            same = _take_same(rest, own.phrase, words.concepts)
            effect = own.effect or (same.effect if same else "")
            chosen[index] = replace(own, effect=effect)
        elif box.name and (same := _take_same(rest, box.name, words.concepts)):
            chosen[index] = same
    repeated = 0
    for index, box in enumerate(boxes):
        if index in chosen:
            continue
        if rest:
            chosen[index] = rest.pop(0)
        elif wanted:
            chosen[index] = again(wanted[repeated % len(wanted)])
            repeated += 1
        elif box.name:
            chosen[index] = Wanted(box.name, box.name)
        else:
            raise RequestError(
                sentence(
                    "Nothing says what to draw in boxes[{index}]; name an object in the "
                    "prompt or give the box a prompt.",
                    index=index,
                )
            )
    if repeated:
        notes.append(told.on_repetition())
    return [(chosen[index], box) for index, box in enumerate(boxes)]


def _take_same(rest: list[Wanted], phrase: str, concepts: ConceptTable) -> Wanted | None:
    """Removes and returns the first noun of the sentence that means the same as `phrase`."""
    own = understand_object(phrase, concepts)[0]
    for index, item in enumerate(rest):
        if item.phrase == phrase:  # also where no noun of it is known
            return rest.pop(index)
        if own.similarity < 1:
            continue
        other = understand_object(item.phrase, concepts)[0]
        if other.similarity == 1 and _means_the_same(own, other):
            return rest.pop(index)
    return None


def _means_the_same(own: ConceptMatch, other: ConceptMatch) -> bool:
    """Whether "a black cat" in a box is the "black cat" or the "cat" of the sentence."""
    said_less = not other.colour and f" {own.phrase}".endswith(f" {other.concept.label}")
    return other.phrase == own.phrase or said_less


def _first_object(prompt: str, words: Vocabulary, field_name: str) -> Wanted:
    """The first object of a box's prompt, without articles."""
    parsed, reading = words.read(prompt)
    first = single_object(parsed, reading, words.concepts)
    if not first.phrase:
        raise RequestError(
            sentence(
                '{field} names nothing to draw; write for example "a red apple".',
                field=field_name,
            )
        )
    own = wanted_of(first, reading)
    return replace(own, whole=reading.english.strip(), effect=own.effect or parsed.effect)


def _locate(
    request: LayoutRequest,
    pairs: Sequence[Assignment],
    words: Vocabulary,
    place_boxes: PlaceBoxes,
    substitutes: list[Substitute],
) -> tuple[tuple[PlannedObject, ...], list[Ignored]]:
    """Concepts, names, ids and, where none was drawn, boxes; and garments that are not drawn.

    What is not drawn as it is called is added to `substitutes`.
    """
    matches: list[ConceptMatch] = []
    unseen: list[Ignored] = []
    understood = cache(
        lambda phrase, typed, called: understand_called(phrase, words.concepts, typed, called)
    )
    for wanted, _ in pairs:  # the vectors of "forty zorbs" are looked for once
        match, substitute = understood(wanted.phrase, wanted.as_typed, wanted.called)
        if substitute and wanted.drawn:
            substitute = replace(substitute, label=wanted.drawn)
        matches.append(match)
        substitutes += [substitute] if substitute else []
        unseen += not_shown(wanted.worn, match.concept, words)
    known = [traits_of(match.concept.label) for match in matches]
    pairs = resolved(pairs, known)
    order = layer_order(pairs, known)
    pairs, matches = [pairs[index] for index in order], [matches[index] for index in order]
    free = [index for index, (_, box) in enumerate(pairs) if box is None]
    found = place_boxes(_placements(pairs, matches, free)) if free else ()
    automatic = dict(zip(free, found, strict=True))
    seen: Counter[str] = Counter()
    named: Counter[str] = Counter()
    objects = []
    for index, ((wanted, drawn), match) in enumerate(zip(pairs, matches, strict=True)):
        phrase, occurrence = wanted.phrase, seen[wanted.phrase]
        seen[phrase] += 1
        named[wanted.typed] += 1
        same = named[wanted.typed]
        name = wanted.typed if same == 1 else f"{wanted.typed} {same}"
        clothes = coloured_clothes(wanted.worn, match.concept, words)
        caption, shade = caption_and_shade(phrase, match, clothes)
        box = drawn or RegionBox(
            derive_layer_id(request.seed, phrase, occurrence), *automatic[index]
        )
        objects.append(
            PlannedObject(
                layer_id=box.layer_id,
                name=box.name or name,
                typed=wanted.typed,
                caption=caption,
                concept=match.concept,
                box=(box.x0, box.y0, box.x1, box.y1),
                attempt=box.attempt,
                effect=wanted.effect,
                phrase=wanted.whole or with_article(as_sign(phrase)),
                shade=shade,
            )
        )
    return tuple(objects), unseen


def _placements(
    pairs: Sequence[Assignment], matches: Sequence[ConceptMatch], free: Sequence[int]
) -> list[Placement]:
    """What the automatic layout needs of the objects without a box."""
    position = {pairs[index][0].number: place for place, index in enumerate(free)}
    placements = []
    for index in free:
        wanted = pairs[index][0]
        target = position.get(wanted.target) if wanted.target is not None else None
        kept = wanted.relation if target is not None else None
        concept = matches[index].concept
        placements.append(Placement(concept.aspect, kept, target, traits_of(concept.label)))
    return placements
