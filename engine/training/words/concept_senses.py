"""Which of WordNet's senses each concept of the recipe stands for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set

from engine.prompts.english.words import singular
from engine.training.recipe import Concept
from engine.training.words.wordnet import Nouns

ANIMAL, ARTIFACT, FOOD, PLANT = "05", "06", "13", "20"
NATURE = ("17", "19")  # objects and phenomena
SAID, OWNED, SHAPE, BODY, PLACE, PERSON = "10", "21", "25", "08", "15", "18"
THINGS = frozenset((
    ANIMAL, ARTIFACT, FOOD, PLANT, *NATURE, SAID, OWNED, SHAPE, BODY, PLACE,
))  # fmt: skip
# Kinds of senses that a concept of each emojibase group may have, best first.
_KINDS: dict[int, tuple[frozenset[str], ...]] = {
    3: (frozenset((ANIMAL,)), frozenset((PLANT,)), frozenset(NATURE), frozenset((BODY,))),
    4: (frozenset((FOOD,)), frozenset((PLANT,)), frozenset((ARTIFACT,))),
    5: (frozenset((ARTIFACT, *NATURE, PLACE)),),
    6: (frozenset((ARTIFACT, *NATURE)),),
    7: (frozenset((ARTIFACT,)), frozenset((OWNED,)), frozenset((SAID,))),
}
# "Alien" is a person to WordNet, and a traffic light says something.
_LAST_RESORT = (THINGS - {SAID}, frozenset((PERSON,)), frozenset((SAID,)))
_OBJECTS = 7
_FAR_MORE = 10  # kinds of one sense, times those of the first
_DEEPEST = 5
_TOO_WIDE = 25  # so many kinds are not meant by a keyword of one drawing
_SHARED_WITHIN = 2  # steps to what two names of one drawing have in common
_MOST_SENSES = 3  # of a keyword that stands for a concept
_MORE = 2  # keywords more that speak for a later sense, and for one of another kind
_CLEARLY = 3
_LEAST_LETTERS = 4  # of a word of an explanation that says something

Places = list[tuple[str, int]]  # synsets and how many steps they are from the concept itself


def senses_of(
    nouns: Nouns,
    concepts: Sequence[Concept],
    entries: Mapping[str, Mapping[str, object]],
    names: Mapping[str, str],
) -> list[Places]:
    """For each concept the synset of its label and, if that of emojibase's label is near to it or
    there is no other, that one; without either those of its other names, one step away.

    Args:
        entries: Emojibase entries by code point.
        names: Keyword -> label of the only concept that it names.
    """
    labels = {concept.label for concept in concepts}
    by_label: dict[str, list[str]] = defaultdict(list)
    for word, label in names.items():
        by_label[label].append(word)
    found = []
    for concept in concepts:
        entry = entries.get(concept.hexcode, {})
        title = str(entry.get("label", "")).lower()
        own = _sense(nouns, concept.label, entry)
        other = None if title in labels else _sense(nouns, title, entry, only_usual=not own)
        if other and (not _is_near(nouns, own, other) if own else _is_wide(nouns, other)):
            other = None
        places: Places = [(offset, 0) for offset in dict.fromkeys((own, other)) if offset]
        if not places:
            words = [word for word in sorted(by_label[concept.label]) if word not in labels]
            places = _by_keywords(nouns, concept, entry, words)
        found.append(places)
    return found


def _by_keywords(
    nouns: Nouns, concept: Concept, entry: Mapping[str, object], words: Iterable[str]
) -> Places:
    """Synsets of the other names of a concept; what its label begins with is no name: no
    "kitchen" is a "kitchen knife"."""
    before = set(concept.label.split()[:-1])
    clear = [
        word
        for word in words
        if not before & set(word.split()) and len(senses_by_name(nouns, word)) <= _MOST_SENSES
    ]
    senses = [_sense(nouns, word, entry, only_usual=True) for word in clear]
    kept = [offset for offset in dict.fromkeys(senses) if offset and not _is_wide(nouns, offset)]
    return [(offset, 1) for offset in kept]


def _is_wide(nouns: Nouns, offset: str) -> bool:
    return sum(1 for _ in nouns.around(offset, _DEEPEST, down=True)) > _TOO_WIDE


def _is_near(nouns: Nouns, one: str, other: str) -> bool:
    """Whether two synsets have something in common and the other is no wider one."""
    if other in {offset for offset, depth in nouns.around(one, _DEEPEST, down=False) if depth}:
        return False
    above, others = (
        {near for near, _ in nouns.around(offset, _SHARED_WITHIN, down=False)}
        for offset in (one, other)
    )
    return bool(above & others)


def senses_by_name(nouns: Nouns, name: str) -> Sequence[str]:
    """The senses of a name as it is, then those of its singular."""
    own = (*nouns.senses.get(name, ()), *nouns.senses.get(singular(name), ()))
    return list(dict.fromkeys(own))


def _sense(
    nouns: Nouns, name: str, entry: Mapping[str, object], *, only_usual: bool = False
) -> str | None:
    """The synset that a name of a drawing stands for: the one that the drawing's keywords speak
    of, of the best kind, with far more kinds below it, else the first.

    Args:
        only_usual: The best kind or nothing, and no later sense that no keyword speaks of.
    """
    group = entry.get("group", _OBJECTS)
    tiers = _KINDS.get(group if isinstance(group, int) else _OBJECTS, ())
    wanted = tiers[:1] if only_usual else (*tiers, *_LAST_RESORT)
    tags = entry.get("tags", ())
    keywords = set(map(str, tags)) - {name} if isinstance(tags, list) else set()
    senses = senses_by_name(nouns, name.lower())
    usual = [o for o in senses if any(nouns.synsets[o].kind in tier for tier in tiers)]
    for tier in wanted:
        fitting = [offset for offset in senses if nouns.synsets[offset].kind in tier]
        if fitting:
            found = _likeliest(nouns, fitting, usual, keywords)
            sure = found == senses[0] or _spoken_of(nouns, found, keywords)
            return found if sure or not only_usual else None
    return None


def _likeliest(nouns: Nouns, best: Sequence[str], others: Sequence[str], keywords: Set[str]) -> str:
    """Of the best kind the first sense, unless a later one has far more kinds below it, or as many
    and a keyword more; any other needs more keywords."""
    usual = _FAR_MORE * (1 + len(nouns.synsets[best[0]].below))
    chosen = next((o for o in best if len(nouns.synsets[o].below) > usual), best[0])
    for offset in (*best, *others):
        more = _spoken_of(nouns, offset, keywords) - _spoken_of(nouns, chosen, keywords)
        wide = len(nouns.synsets[offset].below) >= len(nouns.synsets[chosen].below)
        needed = 1 if offset in best and wide else _MORE if offset in best else _CLEARLY
        if more >= needed:
            chosen = offset
    return chosen


def _spoken_of(nouns: Nouns, offset: str, keywords: Set[str]) -> int:
    """How many keywords are words of those one step away or explain a synset; its own words count
    twice."""
    synset = nouns.synsets[offset]
    own = {part for word in synset.words for part in (word, *word.split())}
    around = map(nouns.synsets.__getitem__, (*synset.below, *synset.above))
    near = {word for other in around for word in other.words}
    said = {w for w in re.findall(r"[a-z]+", synset.gloss) if len(w) >= _LEAST_LETTERS}
    return 2 * len(keywords & own) + len(keywords & (near | said) - own)
