"""Understands the prompt of a single layer: one object, or a background."""

from __future__ import annotations

from engine.errors import RequestError
from engine.prompts.planning import notes as told
from engine.prompts.planning.asked_colour import caption_and_shade
from engine.prompts.planning.plans import BackgroundPlan, ObjectPlan, PlannedObject
from engine.prompts.planning.style_choice import choose_style
from engine.prompts.planning.wanted import expand, single_object
from engine.prompts.planning.wardrobe import coloured_clothes, not_shown
from engine.prompts.vocabulary.understanding import (
    object_caption_phrase,
    understand_background,
    understand_called,
    understand_object,
)
from engine.prompts.vocabulary.vocabulary import Vocabulary
from engine.requests import LayerRequest
from engine.sentences import sentence


def plan_object(request: LayerRequest, words: Vocabulary) -> ObjectPlan:
    """The first object of the prompt, in the request's box.

    Raises:
        RequestError: The prompt has no word that could name an object.
    """
    parsed, reading = words.read(request.prompt)
    notes: list[str] = told.read_as(reading)
    style = choose_style(request.style, parsed, notes)
    if not (parsed.objects or parsed.background):
        raise RequestError(
            sentence('The prompt names nothing to draw; write for example "a red apple".')
        )
    first = single_object(parsed, reading, words.concepts)
    wanted = expand((first,), reading)[0]
    phrase, typed = wanted.phrase, wanted.typed
    match, substitute = understand_called(phrase, words.concepts, reading.as_typed, wanted.called)
    notes += told.on_substitutes([substitute] if substitute else [])
    notes += told.not_used(not_shown(first.worn, match.concept, words), reading)
    notes += told.left_out(parsed, reading)
    notes += told.about_the_picture(parsed, reading)
    if parsed.object_count > 1 and not words.concepts.drawn_together(phrase):
        notes.append(told.on_single_layer(typed))
    box = request.box
    clothes = coloured_clothes(first.worn, match.concept, words)
    caption, shade = caption_and_shade(phrase, match, clothes)
    item = PlannedObject(
        layer_id=box.layer_id,
        name=box.name or typed,
        typed=typed,
        caption=caption,
        concept=match.concept,
        box=(box.x0, box.y0, box.x1, box.y1),
        attempt=box.attempt,
        effect=first.effect or parsed.effect,
        shade=shade,
    )
    return ObjectPlan(item, style, tuple(notes))


def plan_background(request: LayerRequest, words: Vocabulary) -> BackgroundPlan:
    """The background that the prompt asks for, or the nearest that is known."""
    parsed, reading = words.read(request.prompt)
    notes: list[str] = told.read_as(reading)
    style = choose_style(request.style, parsed, notes)
    # "mountains" alone reads as an object, but here everything is meant as the background.
    said = parsed.background or " ".join(item.phrase for item in parsed.objects)
    match = understand_background(said, words.backgrounds)
    typed = reading.as_typed(said)
    own = parsed.objects[0].phrase if parsed.objects else ""
    if own and not match.exact and words.concepts.nearest(own).exact:
        notes.append(told.object_as_background(reading.as_typed(own), match))
    else:
        notes += told.on_substitutes([], told.unknown_background(typed, match))
        notes += told.on_background(said, typed, match)
    return BackgroundPlan(match.phrase, style, tuple(notes), match.shades)


def context_phrase(prompt: str, words: Vocabulary) -> str:
    """What a caption says of a layer that is there already: "red apple"."""
    parsed, reading = words.read(prompt)
    phrase = single_object(parsed, reading, words.concepts).phrase or prompt
    return object_caption_phrase(phrase, understand_object(phrase, words.concepts)[0])


def background_phrase(prompt: str, words: Vocabulary) -> str:
    """What a caption says of a background that is there already."""
    parsed, _ = words.read(prompt)
    said = parsed.background or " ".join(item.phrase for item in parsed.objects)
    return understand_background(said, words.backgrounds).phrase
