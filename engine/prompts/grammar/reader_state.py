"""What the reader of a sentence keeps in mind from one piece to the next."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.composition.relations import Relation
from engine.prompts.grammar.colour_lists import ColourList
from engine.prompts.grammar.parsed import Ignored


@dataclass(slots=True)
class Told:
    """Pieces that name nothing to draw, for the notes; as in `ParsedPrompt`."""

    about: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    unchosen: list[str] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)
    in_turn: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Effects:
    """Shadows and glows that were said; each is one of `captions.EFFECTS`, or empty.

    Attributes:
        of_all: Of all objects.
        behind: Of all objects as well, unless others follow; then of the one before them.
        of_piece: Of the object that the piece names.
        everything: Whether the next one is of all: "each" of "each with a shadow".
    """

    of_all: str = ""
    behind: str = ""
    of_piece: str = ""
    everything: bool = False


@dataclass(slots=True)
class Waiting:
    """What later pieces decide.

    Attributes:
        scenes: Words that are an object if there are no others, else the background: "a beach".
        if_alone: Words that are an object only if nothing else is drawn: "watercolor".
        lacking: Words without their noun, which the next piece has: "a red" of "a red and a blue
            hat".
        stands: How the second object stands to the first: "on a sofa a cat".
        awaits: How the next object stands to one that was named, and the index of that one: "behind
            the house is a tree".
        colours: Of the last object if others follow, else of all: "in pink and green".
    """

    scenes: list[list[str]] = field(default_factory=list)
    if_alone: list[list[str]] = field(default_factory=list)
    lacking: list[list[str]] = field(default_factory=list)
    stands: Relation | None = None
    awaits: tuple[Relation, int] | None = None
    colours: ColourList | None = None
