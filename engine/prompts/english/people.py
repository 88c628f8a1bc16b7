"""What English says of people: what they wear, and the words before it."""

from __future__ import annotations

# Before what someone wears. What follows the first is worn whatever it is.
WEARING = frozenset(("wearing", "wears"))
# Before what is in someone's hands.
HOLDING = frozenset((
    "holding", "holds", "carrying", "carries", "eating", "eats", "reading", "reads",
))  # fmt: skip
MAY_BE_WORN = frozenset(("in", "with"))
# Names of clothes that no drawing has; "armor" is near to a shield, "suit" to a necktie.
CLOTHES = frozenset((
    "suit", "uniform", "outfit", "costume", "clothes", "clothing", "apron", "armor", "armour",
    "overalls", "pyjamas", "pajamas", "poncho", "hoodie", "jumpsuit", "spacesuit", "tuxedo", "robe",
    "cape", "toga", "leather", "denim", "headscarf", "hijab", "veil",
))  # fmt: skip
ACCESSORIES = frozenset((
    "turban", "mask", "earring", "earrings", "necklace", "bracelet",
    "wig", "belt", "headband", "hairband", "bow", "eyepatch", "monocle", "jewelry", "jewellery",
    "makeup", "lipstick", "tie", "boots", "shoes", "sneakers",
))  # fmt: skip
# People of whom a drawing of anybody who does the same will do.
ANYBODY = frozenset((
    "person", "man", "woman", "boy", "girl", "child", "bearded man", "bald man", "blond woman",
    "red-haired woman", "curly-haired woman", "old man", "old woman",
))  # fmt: skip
SUBJECTS = ("person", "man", "woman", "boy", "girl", "child")
# A drawing of one of these is none of the others.
MALE = frozenset(("man", "boy", "king", "prince", "groom", "father", "guy", "gentleman"))
FEMALE = frozenset(("woman", "girl", "lady", "queen", "princess", "bride", "mother"))
# Before what is done: "a girl who is swimming".
IS_DOING = frozenset(("who", "that", "which", "is", "are", "was", "were"))
# Before where it is done: "on a bike", "in bed", "at a computer".
PLACES_OF_ACTIVITIES = frozenset(("on", "in", "at"))
# No more than how someone is in the place that follows: "sitting in a wheelchair", "on a sofa".
POSTURES = frozenset(("sitting", "sits", "lying", "lies", "resting", "rests", "sleeping", "sleeps"))
# What people stand on, the words before it, and the drawing of someone who does.
BOARDS = frozenset(("skateboard", "skateboards", "longboard", "hoverboard"))
RIDING = frozenset(("on", "riding", "rides"))
STANDING, STANDING_SO = "standing person", ("standing",)
# Words for several people at once, or for one who is drawn otherwise, and who is drawn for them:
# the drawing of a mother has a baby in her arms, and none has a family.
FOLKS = {
    "family": ("man", "woman", "child"),
    "couple": ("man", "woman"), "married couple": ("man", "woman"),
    "loving couple": ("man", "woman"),
    "old couple": ("old man", "old woman"), "elderly couple": ("old man", "old woman"),
    "wedding couple": ("bride", "groom"), "bridal couple": ("bride", "groom"),
    "newlyweds": ("bride", "groom"),
    "parents": ("man", "woman"), "grandparents": ("old man", "old woman"),
    "friends": ("man", "woman"), "siblings": ("boy", "girl"), "twins": ("child", "child"),
    "team": ("man", "woman", "person"),
    "crowd": ("man", "woman", "person", "old man", "girl"),
    "crowd of people": ("man", "woman", "person", "old man", "girl"),
    "mother": ("woman",), "mom": ("woman",), "mum": ("woman",), "mommy": ("woman",),
}  # fmt: skip
# The same of one of them, by turns: "three friends".
BY_TURNS = {"friend": ("man", "woman"), "sibling": ("boy", "girl"), "parent": ("man", "woman")}
