"""The one place that builds captions, in training and in inference alike.

Regions are anonymous: nothing but the caption's order says which noun belongs to which box. So a
scene names its objects in layer order, bottom to top, then the background, then the style.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.prompts.styles import known_styles

STYLES = known_styles()  # of the shipped model

# Colour words the models know, for objects and backgrounds.
COLOUR_WORDS = (
    "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "grey",
)  # fmt: skip

_PLURAL_LOOKING = ("glasses", "sunglasses", "jeans", "socks", "headphones", "scissors", "cherries")
_PLURAL = (
    *_PLURAL_LOOKING, "grapes", "french fries", "blueberries", "peanuts", "pancakes", "sparkles",
    "shorts", "books", "spaghetti", "beans", "chopsticks", "cutlery", "fireworks", "dolls",
    "tickets", "pins", "skis", "masks", "gloves", "goggles", "briefs", "beads", "notes", "knobs",
    "maracas", "tabs", "dividers", "paperclips", "hammers", "tools", "swords", "chains", "bubbles",
    "leaves", "hot springs", "clinking beer mugs", "ballet shoes", "o'clock", "dna",
)  # fmt: skip


def object_phrase(noun: str, colour: str = "") -> str:
    """ "apple", "red" -> "red apple"; without a colour the noun alone."""
    return f"{colour} {noun}" if colour else noun


def with_article(phrase: str) -> str:
    """ "red apple" -> "a red apple", "orange" -> "an orange", plural nouns stay bare."""
    if phrase.endswith(_PLURAL):
        return phrase
    article = "an" if phrase[:1].lower() in "aeio" or phrase.startswith("umbrella") else "a"
    return f"{article} {phrase}"


def object_caption(phrase: str, style: str) -> str:
    """Caption of one object alone in its box: "a red apple, flat style"."""
    return f"{with_article(phrase)}, {style} style"


def background_caption(background: str, style: str) -> str:
    """Caption of a background alone: "sunset gradient background, flat style"."""
    return f"{background} background, {style} style"


EFFECTS = ("soft shadows", "glow")  # words for what objects carry beyond their outline
TRANSLUCENT = "translucent"  # adjective of half-transparent objects


def scene_caption(objects: Sequence[str], background: str, style: str, effect: str = "") -> str:
    """Caption of a whole layout.

    Args:
        objects: Object phrases ("red apple") in layer order, bottom to top.
        background: Background phrase ("sunset gradient") or empty for none.
        style: One of STYLES.
        effect: One of EFFECTS or empty.
    """
    if not objects:
        return background_caption(background, style)
    named = [with_article(phrase) for phrase in objects]
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    place = f" on {with_article(background)} background" if background else ""
    ending = f" with {effect}" if effect else ""
    return f"{listed}{place}, {style} style{ending}"


def whole_caption(prompts: Sequence[str], background: str) -> str:
    """A sentence for a picture from what its layers show, bottom to top, in the words of people.

    For models that know more words than this vocabulary: "a red apple, a dog on a night sky".

    Args:
        background: Empty = nothing is said of it.
    """
    objects = ", ".join(prompt.strip(" .,;") for prompt in prompts if prompt.strip())
    behind = background.strip(" .,;")
    return f"{objects} on {behind}" if objects and behind else objects or behind
