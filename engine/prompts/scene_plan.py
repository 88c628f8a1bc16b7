"""Joins sentence and boxes: which known concept goes into which box, and what the user is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Protocol

from engine.composition.groups import Placement
from engine.composition.traits import traits_of
from engine.errors import RequestError
from engine.prompts.backgrounds import DEFAULT_BACKGROUND, BackgroundMatch, BackgroundTable
from engine.prompts.captions import (
    STYLES,
    scene_caption,
    with_article,
)
from engine.prompts.colours import said_shade, split_colours
from engine.prompts.concepts import Concept, ConceptMatch, ConceptTable
from engine.prompts.emoji import join_emoji, split_emoji
from engine.prompts.languages import NO_LANGUAGES, Languages, Reading, word_runs
from engine.prompts.nouns import Nouns
from engine.prompts.parse import KNOWN_ENGLISH, parse_plain
from engine.prompts.parsed import ParsedPrompt
from engine.prompts.pasted import unwrapped
from engine.prompts.reading_notes import (
    about_the_picture,
    left_out,
    listed,
    not_used,
    nothing_to_draw,
    read_as,
)
from engine.prompts.understanding import (
    Substitute,
    notes_on,
    object_caption_phrase,
    understand_object,
)
from engine.prompts.wanted import Assignment, Wanted, again, expand, layer_order, resolved
from engine.prompts.words import DETERMINERS, singular
from engine.requests import DEFAULT_STYLE, Corners, LayoutRequest, RegionBox, derive_layer_id
from engine.sentences import sentence, sentence_count

_RATHER_ENGLISH = 0.9  # more than another ending of a foreign word, less than the word itself
_ENGLISH = frozenset(word for phrase in KNOWN_ENGLISH for word in phrase.split())
# For a model that does not know the first one.
_NEAR_STYLES = {"3d": "glossy", "outlined": "flat"}
_NO_BACKGROUND = frozenset(("transparent", "no", "none", "without", "empty", "blank"))


class PlaceBoxes(Protocol):
    """The automatic layout in document pixels."""

    def __call__(self, placements: Sequence[Placement]) -> Sequence[Corners]: ...


@dataclass(frozen=True, slots=True)
class PlannedObject:
    """One object layer to come.

    Attributes:
        typed: The user's words for it, in the singular: "red puppy".
        caption: Colour and concept, as the models know them: "red dog".
        phrase: All that was said of it, in English, for models that know more words.
        box: Document pixels, as asked.
        effect: What it carries beyond its outline, one of `captions.EFFECTS`, or empty.
        shade: What the colour of the caption has to look like, as `str(shades.Colour)`; empty = as
            the models draw it.
    """

    layer_id: str
    name: str
    typed: str
    caption: str
    concept: Concept
    box: Corners
    attempt: int = 0
    effect: str = ""
    phrase: str = ""
    shade: str = ""


@dataclass(frozen=True, slots=True)
class ScenePlan:
    """A job, understood.

    Attributes:
        objects: Bottom to top.
        background: Phrase for captions, e.g. "sunset gradient".
        notes: Sentences for the user.
        effect: What all objects carry beyond their outline, one of `captions.EFFECTS`, or empty.
        shades: What the background's colours have to look like (`BackgroundMatch.shades`).
    """

    objects: tuple[PlannedObject, ...]
    background: str
    style: str
    notes: tuple[str, ...]
    effect: str = ""
    shades: str = ""

    @property
    def caption(self) -> str:
        """Of all layers together, objects in layer order."""
        phrases = [item.caption for item in self.objects]
        return scene_caption(phrases, self.background, self.style, self.effect)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the model knows."""

    concepts: ConceptTable
    backgrounds: BackgroundTable
    languages: Languages = NO_LANGUAGES

    def read(self, prompt: str) -> tuple[ParsedPrompt, Reading]:
        """What a sentence says, and how it was understood if it is not in English."""
        pasted = unwrapped(prompt)
        text, nouns = split_emoji(pasted.text, self.concepts.label_of)
        named = self._in_names(text)
        reading = self.languages.read(
            text, lambda word: 1 if word in named else self.english_share(word)
        ).with_english(lambda words: join_emoji(words, nouns))
        vocabulary = Nouns(self.concepts.knows, self.concepts.has_heard_of)
        return pasted.added_to(parse_plain(reading.english, vocabulary)), reading

    def _in_names(self, prompt: str) -> frozenset[str]:
        """The words of a prompt that are English together: "bill" of "dollar bill"."""
        pairs = [pair for run in word_runs(prompt) for pair in pairwise(run)]
        return frozenset(
            word for pair in pairs if self.concepts.has_heard_of(" ".join(pair)) for word in pair
        )

    def is_english(self, word: str) -> bool:
        """Whether a single word is one by which a sentence is known to be English; "roses" too."""
        english = self.concepts.english
        return word in _ENGLISH or word in english or singular(word) in english

    def english_share(self, word: str) -> float:
        """How sure it is that a word is English: "jackal" is, "chat" is a bird but rarely said."""
        if self.is_english(word):
            return 1
        return _RATHER_ENGLISH if self.concepts.has_heard_of(word) else 0


def understand_background(
    words: str, backgrounds: BackgroundTable, reading: Reading
) -> tuple[BackgroundMatch, list[str]]:
    """The known background for some words, and notes when it is not what they say."""
    said = set(words.split()) - DETERMINERS
    if said and said <= _NO_BACKGROUND:  # but "an empty room" is one
        note = sentence("The background is a layer of its own; hide it for transparency.")
        return BackgroundMatch(DEFAULT_BACKGROUND, True, 1.0), [note]
    match = backgrounds.nearest(words)
    typed = reading.as_typed(words)
    notes: list[str] = []
    if not match.exact:
        notes.append(
            sentence(
                'I do not know the background "{words}"; the nearest I know is {known}.',
                words=typed,
                known=match.phrase,
            )
        )
    if match.missed:
        notes.append(sentence("Not in the color that was asked for: {names}.", names=typed))
    return match, notes


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
    notes: list[str] = read_as(reading)
    style = choose_style(request.style, parsed, notes)
    wanted = expand(parsed.objects, reading)
    if not (wanted or parsed.background or any(box.prompt or box.name for box in request.boxes)):
        raise RequestError(nothing_to_draw(parsed, reading))
    assigned = _assign(request, wanted, words, notes)
    about_words: list[str] = []
    objects = _locate(request, assigned, words.concepts, place_boxes, about_words)
    objects = tuple(replace(item, effect=item.effect or parsed.effect) for item in objects)
    behind, said = understand_background(parsed.background, words.backgrounds, reading)
    about_words += said
    background = behind.phrase
    if any_word:
        background = _as_described(parsed.background) or background
    else:
        notes += about_words
    notes += not_used(parsed, reading)
    notes += left_out(parsed, reading)
    if not any_word:
        notes += about_the_picture(parsed, reading)
    if parsed.in_turn:
        names = listed([reading.as_typed(phrase) for phrase in parsed.in_turn])
        notes.append(sentence("Colors went to the objects in turn: {names}.", names=names))
    if not any_word and _nothing_known(parsed, wanted, words):
        notes.insert(0, sentence("No word of the prompt is known; try other words, or English."))
    return ScenePlan(
        objects, background, style, tuple(dict.fromkeys(notes)), _of_all(objects), behind.shades
    )


def _of_all(objects: Sequence[PlannedObject]) -> str:
    """The effect that all objects have; others are no part of the caption of the whole."""
    effects = {item.effect for item in objects}
    return effects.pop() if len(effects) == 1 else ""


def _as_described(background: str) -> str:
    """The words for a background, if they describe one."""
    said = set(background.split()) - DETERMINERS
    return "" if said <= _NO_BACKGROUND else background


def choose_style(asked: str, parsed: ParsedPrompt, notes: list[str]) -> str:
    """The style of the job; a style word of the sentence beats the default of the request.

    Raises:
        RequestError: The request names a style that the models do not know.
    """
    asked_near, unknown_asked = _NEAR_STYLES.get(asked, ""), ""
    if asked not in STYLES and asked_near in STYLES:  # of a layer that other weights have made
        unknown_asked, asked = asked, asked_near
    if asked not in STYLES:
        raise RequestError(
            sentence(
                'The style "{asked}" is not known; choose {known}.',
                asked=asked,
                known=" or ".join(STYLES),
            )
        )
    said = parsed.style if parsed.style in STYLES else _NEAR_STYLES.get(parsed.style, "")
    used = said if said in STYLES and asked == DEFAULT_STYLE else asked
    unknown = (unknown_asked, parsed.unknown_style)
    notes += [_style_note(style, used) for style in unknown if style]
    return used


def _style_note(style: str, used: str) -> str:
    return sentence('I do not know the style "{style}"; I used {used}.', style=style, used=used)


def _nothing_known(parsed: ParsedPrompt, wanted: Sequence[Wanted], words: Vocabulary) -> bool:
    """Whether a sentence names things and none of them is known: it may be in another language."""
    if parsed.background and words.backgrounds.nearest(parsed.background).exact:
        return False
    if any(split_colours(item.phrase)[0] for item in wanted):
        return False
    phrases = dict.fromkeys(item.phrase for item in wanted)
    matches = [understand_object(phrase, words.concepts)[0] for phrase in phrases]
    return bool(matches) and all(match.similarity < 1 for match in matches)


def _assign(
    request: LayoutRequest, wanted: list[Wanted], words: Vocabulary, notes: list[str]
) -> list[Assignment]:
    """Pairs of object and drawn box, bottom to top; None = a box is to be found."""
    rest = list(wanted)
    pairs = _fill_boxes(request.boxes, rest, wanted, words, notes)
    if request.boxes and request.layer_count is None:
        if rest:
            names = listed([item.typed for item in rest])
            notes.append(sentence("Left out, because no box is left for it: {names}.", names=names))
        return pairs
    count = request.layer_count if request.layer_count is not None else len(pairs) + len(rest)
    missing = count - len(pairs)
    if missing > len(rest) and wanted:
        notes.append(
            sentence_count(
                "{count} layer was asked for; objects of the prompt were repeated.",
                "{count} layers were asked for; objects of the prompt were repeated.",
                count,
            )
        )
    elif missing < len(rest):
        names = listed([item.typed for item in rest[max(0, missing) :]])
        notes.append(
            sentence_count(
                "Left out, because {count} layer was asked for: {names}.",
                "Left out, because {count} layers were asked for: {names}.",
                count,
                names=names,
            )
        )
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
        notes.append(
            sentence("There are more boxes than objects in the prompt; objects were repeated.")
        )
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
    phrase = parsed.objects[0].phrase if parsed.objects else parsed.background
    if not phrase:
        raise RequestError(
            sentence(
                '{field} names nothing to draw; write for example "a red apple".',
                field=field_name,
            )
        )
    effect = (parsed.objects[0].effect if parsed.objects else "") or parsed.effect
    return Wanted(
        phrase, reading.as_typed(phrase),
        whole=reading.english.strip(), effect=effect, as_typed=reading.as_typed,
    )  # fmt: skip


def _locate(
    request: LayoutRequest,
    pairs: Sequence[Assignment],
    concepts: ConceptTable,
    place_boxes: PlaceBoxes,
    notes: list[str],
) -> tuple[PlannedObject, ...]:
    """Concepts, names, ids and, where none was drawn, boxes."""
    matches: list[ConceptMatch] = []
    substitutes: list[Substitute] = []
    understood = cache(lambda phrase, typed: understand_object(phrase, concepts, typed))
    for wanted, _ in pairs:  # the vectors of "forty zorbs" are looked for once
        match, substitute = understood(wanted.phrase, wanted.as_typed)
        matches.append(match)
        substitutes += [substitute] if substitute else []
    notes += notes_on(substitutes)
    known = [traits_of(match.concept.label) for match in matches]
    pairs = resolved(pairs, known)
    order = layer_order(pairs, known)
    pairs, matches = [pairs[index] for index in order], [matches[index] for index in order]
    free = [index for index, (_, box) in enumerate(pairs) if box is None]
    found = place_boxes(_placements(pairs, matches, free)) if free else ()
    automatic = dict(zip(free, found, strict=True))
    seen: Counter[str] = Counter()
    objects = []
    for index, ((wanted, drawn), match) in enumerate(zip(pairs, matches, strict=True)):
        phrase, occurrence = wanted.phrase, seen[wanted.phrase]
        seen[phrase] += 1
        name = wanted.typed if not occurrence else f"{wanted.typed} {occurrence + 1}"
        box = drawn or RegionBox(
            derive_layer_id(request.seed, phrase, occurrence), *automatic[index]
        )
        objects.append(
            PlannedObject(
                layer_id=box.layer_id,
                name=box.name or name,
                typed=wanted.typed,
                caption=object_caption_phrase(phrase, match),
                concept=match.concept,
                box=(box.x0, box.y0, box.x1, box.y1),
                attempt=box.attempt,
                effect=wanted.effect,
                phrase=wanted.whole or with_article(phrase),
                shade=said_shade(phrase, match.colour, match.concept.label),
            )
        )
    return tuple(objects)


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
