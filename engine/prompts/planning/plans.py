"""What a plan is: the objects, the background and the style of a scene or of one layer."""

from __future__ import annotations

from dataclasses import dataclass

from engine.prompts.captions import scene_caption
from engine.prompts.vocabulary.concepts import Concept
from engine.requests import Corners


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
class ObjectPlan:
    """An object layer, understood; `notes` are sentences for the user."""

    item: PlannedObject
    style: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BackgroundPlan:
    """A background layer, understood.

    Attributes:
        background: The phrase for captions.
        notes: Sentences for the user.
        shades: What its colours have to look like (`BackgroundMatch.shades`).
    """

    background: str
    style: str
    notes: tuple[str, ...]
    shades: str = ""
