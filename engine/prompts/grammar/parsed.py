"""What the reader of sentences makes of one: objects, background, style and what goes with them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from engine.composition.relations import Relation

MAX_PHRASE_CHARACTERS = 60  # of an object


@dataclass(frozen=True, slots=True)
class ParsedObject:
    """One kind of object of the sentence.

    Attributes:
        phrase: In the singular when counted: "red apple".
        count: How many of it, at least 1.
        relation: How it stands to object number `target`; None = not said.
        target: Index in `ParsedPrompt.objects`.
        effect: One of `captions.EFFECTS` that was said of it; empty = none.
        shares: Whether the relation was said of the next one, and may be meant of both: "a dog and
            a cat on a sofa".
        members: Who is drawn for it, one by one, with its count: "man", "woman", "child" for a
            family; empty = the phrase says it.
        drawing: The name of a drawing at the end of the phrase that nobody wrote: "cyclist".
        called: What was written instead: "boy riding a bicycle".
        wearing: What was said of a person behind the phrase: "in a blue shirt and a cap".
        worn: The garments of it, without articles: "blue shirt", "cap".
    """

    phrase: str
    count: int = 1
    relation: Relation | None = None
    target: int | None = None
    effect: str = ""
    shares: bool = False
    members: tuple[str, ...] = ()
    drawing: str = ""
    called: str = ""
    wearing: str = ""
    worn: tuple[str, ...] = ()

    @property
    def drawings(self) -> int:
        """How many objects are drawn for it."""
        return len(self.members) or self.count

    @property
    def said(self) -> str:
        """The phrase as it was written, with what is worn: "boy in a blue shirt"."""
        phrase = self.phrase.removesuffix(self.drawing) + self.called
        return f"{phrase} {self.wearing}".strip()[:MAX_PHRASE_CHARACTERS].strip()


class Reason(Enum):
    """Why a piece of a sentence became nothing of the plan."""

    TOO_MANY = auto()  # there are `requests.MAX_BOXES` objects already
    BACKGROUND = auto()  # there is one already: "sunset" of "by the sea at sunset"
    FEATURE = auto()  # it belongs to an object: "with blue eyes", "an alarm clock at three o'clock"
    COLOUR = auto()  # no object was left for it
    HEAD = auto()  # someone wears it of whom only the head is drawn: "a boy in a blue shirt"


@dataclass(frozen=True, slots=True)
class Ignored:
    """A piece of a sentence that could not be used.

    Attributes:
        phrase: Without articles, in the singular when counted: "balloon".
        count: How many of it; 0 = it is not counted.
    """

    phrase: str
    reason: Reason
    count: int = 0


@dataclass(frozen=True, slots=True)
class ParsedPrompt:
    """What a sentence says.

    Attributes:
        objects: Bottom to top; in the order of the sentence unless it says otherwise.
        background: Its words without "background"; empty = none named.
        style: A style that the models know, found in the sentence; empty = none.
        unknown_style: Style words that no model knows, e.g. "watercolor".
        effect: One of `captions.EFFECTS` that was said of all objects; empty = none.
        ignored: Pieces that could not be used, in the order in which that was found.
        in_turn: Phrases of objects that got one of several colours each, which is a guess.
        about: Words about the picture that name nothing in it: "for a bakery", "vibrant colors".
        excluded: What is not to be seen: "hat" of "without a hat".
        refused_colours: What is not to be seen and is a colour: "orange" of "that is not orange".
        unchosen: What an "or" offers besides the first: "dog" of "a cat or a dog".
        numbers: Such as count nothing: "42", "10:30".
        rounded: Pairs of a count that was no whole number and what it became.
    """

    objects: tuple[ParsedObject, ...] = ()
    background: str = ""
    style: str = ""
    unknown_style: str = ""
    effect: str = ""
    ignored: tuple[Ignored, ...] = ()
    in_turn: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    refused_colours: tuple[str, ...] = ()
    unchosen: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    rounded: tuple[tuple[str, str], ...] = ()

    @property
    def object_count(self) -> int:
        """All objects, counted."""
        return sum(item.drawings for item in self.objects)
