"""Words for parts of things and of the picture, which are no things of their own."""

from __future__ import annotations

from engine.prompts.english.words import SIDES

# Said of a place, these are parts of the picture or of the object before: "on top", "in its hand".
NO_PLACES = frozenset((
    "top", "bottom", "side", "front", "back", "left", "right", "middle", "center", "centre",
    "corner", "foreground", "distance", "half", "hand", "hands", "head", "mouth", "arms", "lap",
))  # fmt: skip
OF_THE_PICTURE = SIDES | {"foreground"}
# Said with "with", these belong to the object before and can be no layer of their own.
FEATURES = frozenset((
    "eye", "eyes", "wing", "wings", "ear", "ears", "tail", "hair", "fur", "nose", "leg", "legs",
    "spots", "stripes", "dots", "feather", "feathers", "teeth", "beard", "smile", "face", "horns",
    "whiskers", "paws", "feet", "arms", "head", "mouth", "beak", "mane", "window", "windows",
    "wheel", "wheels", "roof", "roofs",
))  # fmt: skip
OF_A_SIDE = frozenset(("left", "right", "open", "own"))
OWN = frozenset(("its", "his", "her", "their"))
PARTS = FEATURES | NO_PLACES
