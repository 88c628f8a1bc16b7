"""The nouns the starter model knows, and which of them stands for any phrase.

The model draws what it was trained on. A phrase is answered by the concept with that name, else by
one with that keyword or synonym, else by the nearest in meaning; the caller tells the user when it
differs.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import CheckpointError
from engine.prompts.english.colours import ends_with_colour, split_colours
from engine.prompts.english.scenery import BACKGROUND_NAMES
from engine.prompts.english.words import DETERMINERS, GENERAL_KINDS, number_of, singular
from engine.prompts.languages.text import normalised
from engine.prompts.vocabulary.matching import (
    NameTable,
    SentenceVectors,
    each_by_one_name,
    unpack_names,
)
from engine.sentences import sentence

VECTORS_FILE = "concepts.safetensors"
SYNONYMS_FILE = "synonyms.json"
HYPONYMS_FILE = "hyponyms.json"
RELATIVES_FILE = "relatives.json"
KINDS_FILE = "kinds.json"
USUAL_FILE = "usual_words.json"
_FILLERS = ("a", "an", "the", "some", "one", "my", "little", "small", "big", "large", "cute", "of")
_SHORTEST_PART = 3  # letters before the noun that a word ends with: "saw" of "sawfish"
_SHORTEST_END = 4
_PARTICIPLE_ENDS = frozenset(("king", "ring", "wing"))
_RELATED = 0.9  # similarity of what the table of relatives gives: known to be near, not the same
# How much nearer a phrase has to be to another thing than to the one that its last word is.
_PLAINLY_NEARER = 0.05
# Similarity from which words mean a thing; a "happy animal" is 0.70 like a whale.
LIKE_ENOUGH = 0.75
_OF_ONE_DRAWING = ("emoji", "icon", "symbol")  # "two hearts icon", while two hearts are two
_GENERAL = 3  # labels that are a kind of what a general word names: "insect", "tool"
_SINGULARS = (("ies", "y"), ("ves", "f"), ("es", ""), ("s", ""))
_PLURALS = (("", "s"), ("y", "ies"), ("f", "ves"))  # "scissor" and "cherry" are known in the plural


@dataclass(frozen=True, slots=True)
class Concept:
    """One noun.

    Attributes:
        label: The word for captions.
        hexcode: Code point of the drawings it was learned from.
        tags: Other words for it.
        aspect: Width over height of its drawing; boxes of this shape suit it.
        colour: Colour word of its own drawing.
    """

    label: str
    hexcode: str
    tags: tuple[str, ...]
    aspect: float
    colour: str


_Found = tuple[Concept, bool]  # and whether the name is that of a kind of it


@dataclass(frozen=True, slots=True)
class ConceptMatch:
    """The concept that stands for a phrase.

    Attributes:
        colour: Colour word found in the phrase, or "".
        exact: The phrase named the concept by its label (singular or plural).
        similarity: 1 when exact or found by keyword, else how near it is, by the cosine of the
            sentence vectors where no table knows.
        is_kind: The phrase named a kind of the concept, which has no drawing of its own.
    """

    concept: Concept
    colour: str
    exact: bool
    similarity: float
    is_kind: bool = False

    @property
    def phrase(self) -> str:
        """Colour and label, for captions: "red apple"."""
        return f"{self.colour} {self.concept.label}" if self.colour else self.concept.label


@dataclass(frozen=True, slots=True)
class FurtherWords:
    """English words besides labels and keywords, as `plain_key` writes them.

    Attributes:
        synonyms: Word -> label; "terrier" is a dog.
        relatives: Words that are no concept's -> label of the nearest one; a theorbo is no guitar,
            but near to it.
        kinds: Label -> words that may follow a name of it: "cactus plant".
        usual: Those that are English although other languages have them as well.
        hyponyms: The synonyms that say more than the noun: a terrier is a kind of dog.
    """

    synonyms: Mapping[str, str] = field(default_factory=dict)
    relatives: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, frozenset[str]] = field(default_factory=dict)
    usual: frozenset[str] = frozenset()
    hyponyms: frozenset[str] = frozenset()


class ConceptTable:
    """All concepts, and the words and sentence vectors that find them.

    Args:
        vectors: Encodes phrases (`SentenceEncoder.embed`).
        names: What each concept is called; its label when None.
        further: Words besides the concepts' own keywords.

    Attributes:
        nouns: What the parser needs to know: labels, keywords and synonyms, no plural beside its
            singular, as `plain_key` writes them.
        english: Every single word of labels and keywords. Without synonyms: "chat" is a bird.
    """

    def __init__(
        self,
        concepts: list[Concept],
        vectors: SentenceVectors,
        names: NameTable | None = None,
        further: FurtherWords | None = None,
    ) -> None:
        self.concepts = concepts
        self._by_label = {c.label: c for c in concepts}
        self._by_hexcode = {c.hexcode: c.label for c in concepts}
        self._by_key = {plain_key(c.label): c for c in concepts}
        further = further or FurtherWords()
        synonyms = self._owners(further.synonyms)
        self._by_tag = _unambiguous_tags(concepts) | synonyms
        self._relatives = self._owners(further.relatives)
        self._kinds = further.kinds
        known = self._by_tag | self._by_key
        self._closed = {name.replace(" ", ""): known[name] for name in known}
        self._hyponyms = further.hyponyms
        self._closed_hyponyms = {name.replace(" ", "") for name in further.hyponyms}
        nouns = known_nouns(concepts)
        own = {  # "fries" are no fry; but "dogs" are several of a label, whatever has the keyword
            word
            for word, owner in known.items()
            if known.get(singular(word)) not in (None, owner)
            and (word in self._by_key or singular(word) not in self._by_key)
        }
        always_several = {  # "hands on hips", of which there is no singular
            word
            for word in self._by_tag
            if " " in word and singular(word) not in known and singular(word) != word
        }
        always_several |= own
        several = {word for word in always_several if not _is_general(singular(word))}
        further_nouns = (_singulars(synonyms) | several) - BACKGROUND_NAMES
        found = frozenset(map(plain_key, nouns)) | further_nouns
        counts = {  # but "three notes" are musical ones, while "notes" are memos
            noun
            for noun in found & known.keys()
            if noun.partition(" ")[2] not in found and _counts_others(noun, known)
        }
        self._drawn_together = {
            name: known[noun]
            for noun in counts
            for name in (noun, f"a {noun}", *(f"{noun} {end}" for end in _OF_ONE_DRAWING))
        }
        self.nouns = (found | frozenset(self._drawn_together)) - counts
        self.english = frozenset(word for noun in nouns for word in noun.split()) | further.usual
        spoken = {c.label: [plain_key(name) for name in (c.label, *c.tags)] for c in concepts}
        self._name_words = {
            label: {word for name in names for word in name.split()}
            for label, names in spoken.items()
        }
        self._heads = {
            label: {singular(name.split()[-1]) for name in names} | further.kinds.get(label, set())
            for label, names in spoken.items()
        }
        labels = [concept.label for concept in concepts]
        self._of_kind: dict[str, list[int]] = {}
        for number, concept in enumerate(concepts):
            for word in further.kinds.get(concept.label, ()):
                self._of_kind.setdefault(word, []).append(number)
        self._by_names = names or each_by_one_name(vectors(labels), vectors)
        if self._by_names.things != len(concepts):
            raise ValueError(f"names of {self._by_names.things} for {len(concepts)} concepts")
        self._numbers = {label: number for number, label in enumerate(labels)}

    def _owners(self, words: Mapping[str, str]) -> dict[str, Concept]:
        known = self._by_label
        return {word: known[label] for word, label in words.items() if label in known}

    def by_label(self, label: str) -> Concept | None:
        """The concept of exactly this label."""
        return self._by_label.get(label)

    def label_of(self, hexcode: str) -> str:
        """The noun whose drawings have this code point, such as "1f436"; empty = none."""
        label = self._by_hexcode.get(hexcode, "")
        return f"{label} {_OF_ONE_DRAWING[0]}" if label in self._drawn_together else label

    def drawn_together(self, phrase: str) -> bool:
        """Whether one drawing shows all that a phrase counts, each of which has its own as well:
        "two hearts"."""
        return plain_key(phrase) in self._drawn_together

    def knows(self, noun: str) -> bool:
        """Whether this is exactly a noun of the vocabulary, for the parser."""
        return plain_key(noun) in self.nouns

    def has_heard_of(self, word: str) -> bool:
        """Whether it is in the tables of further words."""
        key = plain_key(word)
        return key in self._by_tag or key in self._relatives

    def named(self, phrase: str, colour: str = "") -> ConceptMatch | None:
        """The concept that a phrase names by label, keyword or synonym.

        A label with a colour is its own concept: "black cat". So is a colour with a label when
        both together are one. A "key lime" is no key.

        Args:
            colour: Colour word that was said of it before the phrase.
        """
        whole = _without_articles(_words(phrase))
        colours, noun = _colours_and_noun(phrase)
        said = colours[0] if colours else colour
        if colours and not self._has_colour_in_name(whole, noun):
            orders = [
                (self._by_key, whole, ""),
                (self._by_key, noun, said),
                (self._by_tag, whole, ""),
                (self._by_tag, noun, said),
            ]
        else:  # "big" may be part of a name as well: a "big wheel" is the one at a fair
            of_name = "" if colours else said
            orders = [
                (self._by_key, whole, of_name),
                (self._by_tag, whole, of_name),
                (self._by_key, noun, said),
                (self._by_tag, noun, said),
            ]
        for names, name, its_colour in orders:
            if form := _known_form(names, name):
                exact = names is self._by_key
                is_kind = not exact and form in self._hyponyms
                return self._in_colour(names[form], its_colour, exact, is_kind=is_kind)
        if together := self._drawn_together.get(plain_key(whole)):
            return ConceptMatch(together, said, True, 1.0)
        found = self._written_otherwise(noun) or self._of_its_kind(noun)
        return self._in_colour(found[0], said, False, is_kind=found[1]) if found else None

    def _has_colour_in_name(self, whole: str, noun: str) -> bool:
        """Whether a phrase is a name of something else than its noun in a colour: a "key lime" is
        no lime key, while a "red coral" is a coral that is red."""
        name, own = _known_form(self._by_tag, whole), _known_form(self._by_key, noun)
        another = bool(name) and (not own or self._by_tag[name] is not self._by_key[own])
        return another and ends_with_colour(whole)

    def _written_otherwise(self, noun: str) -> _Found | None:
        """The concept whose name has its spaces elsewhere: "light bulb", "lightbulb"."""
        closed = plain_key(noun).replace(" ", "")
        form = _known_form(self._closed, closed) if len(closed) > _SHORTEST_END else ""
        return (self._closed[form], form in self._closed_hyponyms) if form else None

    def _of_its_kind(self, noun: str) -> _Found | None:
        """The concept of a name before a word that says what kind of thing it is: "cactus plant"
        is a cactus and no potted plant, while an "apple tree" is no apple."""
        before, _, head = plain_key(noun).rpartition(" ")
        for names in (self._by_key, self._by_tag):
            if form := _known_form(names, before) if before else "":
                if singular(head) in self._kinds.get(names[form].label, ()):
                    return names[form], names is self._by_tag and form in self._hyponyms
                break
        return None

    def named_by_two_words(self, phrase: str) -> ConceptMatch | None:
        """The only concept that two words name together: a "toy bear" is the teddy bear.

        The last says what kind of thing it is: it ends a name of the concept or is what the concept
        is a kind of. The first is any other word of its names. Synonyms do not count: with them a
        "round cat" would be a fish.
        """
        colours, noun = _colours_and_noun(phrase)
        words = plain_key(noun).split()
        if len(words) != 2:
            return None
        first, last = words[0], singular(words[1])
        found = [
            concept
            for concept in self.concepts
            if last in self._heads[concept.label] and first in self._name_words[concept.label]
        ]
        said = colours[0] if colours else ""
        return ConceptMatch(found[0], said, False, 1.0) if len(found) == 1 else None

    def _in_colour(
        self, concept: Concept, colour: str, exact: bool, *, is_kind: bool
    ) -> ConceptMatch:
        own = self._by_key.get(plain_key(f"{colour} {concept.label}")) if colour else None
        return ConceptMatch(own or concept, "" if own else colour, exact, 1.0, is_kind)

    def related(self, phrase: str, colour: str = "") -> ConceptMatch | None:
        """The concept that a word outside the vocabulary is known to be near to."""
        colours, noun = _colours_and_noun(phrase)
        found = _look_up(self._relatives, noun) or self._ending(noun)
        said = colours[0] if colours else colour
        return ConceptMatch(found, said, False, _RELATED) if found else None

    def near_by_name(self, phrase: str, colour: str = "") -> ConceptMatch | None:
        """The concept that a whole name of several words is known to be near to, unless its last
        word says as much: a "fire alarm" is no clock, while a "rubber duck" is a kind of duck.

        Args:
            colour: Colour word that was said of it before the phrase.
        """
        colours, noun = _colours_and_noun(phrase)
        names = (_without_articles(_words(phrase)), noun)
        found = (_look_up(self._relatives, name) for name in names if " " in name)
        concept = next(filter(None, found), None)
        last = self.named(noun.rpartition(" ")[2])
        if concept is None or (last and last.concept is concept):
            return None
        return ConceptMatch(concept, colours[0] if colours else colour, False, _RELATED)

    def label_for(self, noun: str) -> str:
        """The label of what a table has for a noun, or for its last words; empty = none has it."""
        words = noun.split()
        for start in range(len(words)):
            part = " ".join(words[start:])
            if match := self.named(part) or self.related(part):
                return match.concept.label
        return ""

    def _ending(self, noun: str) -> Concept | None:
        """The concept whose label a long word ends with: "clownfish" is near to a fish. No keywords
        or synonyms: a "nightmare" is no mare. "Baking" is done by no king."""
        key = plain_key(noun)
        ends = range(_SHORTEST_PART, len(key) - _SHORTEST_END + 1) if " " not in key else ()
        parts = (key[begin:] for begin in ends if key[begin:] not in _PARTICIPLE_ENDS)
        found = (_look_up(self._by_key, part) for part in parts)
        return next(filter(None, found), None)

    def nearest(self, phrase: str) -> ConceptMatch:
        """The concept for a noun phrase such as "a red apple" or "two puppies"; never fails."""
        return self.named(phrase) or self.related(phrase) or self._by_meaning(phrase)

    def _by_meaning(self, phrase: str) -> ConceptMatch:
        colours, noun = _colours_and_noun(phrase)
        nearness = self._by_names.nearness(noun or phrase)
        index = int(nearness.argmax())
        said = colours[0] if colours else ""
        return ConceptMatch(self.concepts[index], said, False, float(nearness[index]))

    def members(self, phrase: str, count: int) -> list[str]:
        """Labels of different things for a number of a general kind: "animal", "farm animal"; empty
        = the phrase names no such kind, or there are fewer.

        What has the other words of the phrase in its names comes first, else what is nearest, if
        all are like it.
        """
        noun = plain_key(_colours_and_noun(phrase)[1])
        said, _, kind = noun.rpartition(" ")
        of_kind = self._of_kind.get(kind, [])
        own = self.named(phrase)
        if not _is_general(noun) or len(of_kind) < count or (own and own.exact):
            return []
        labels = [self.concepts[number].label for number in of_kind]
        if not said:
            first = [own.concept.label] if own else []
            return list(dict.fromkeys(first + labels))[:count] if kind != "instrument" else []
        called = [label for label in labels if said in self._name_words[label]]
        if len(called) >= count:
            return called[:count]
        nearness = self._by_names.nearness(noun)
        near = sorted(of_kind, key=lambda number: -float(nearness[number]))[:count]
        alike = float(nearness[near[-1]]) >= LIKE_ENOUGH  # only a cricket is a "chirping insect"
        return [self.concepts[number].label for number in near] if alike else []

    def meant_as_a_whole(self, phrase: str, part: ConceptMatch) -> ConceptMatch | None:
        """The concept that a phrase plainly means rather than the one that its last word names, if
        that says no more than what kind of thing it is: a "chirping insect" is a cricket, whatever
        an insect is drawn as, and a "shiny cup" none of the things that shine.

        Args:
            part: What the last word names.
        """
        colours, noun = _colours_and_noun(phrase)
        of_kind = self._of_kind.get(singular(plain_key(noun).rpartition(" ")[2]), ())
        if part.exact or len(of_kind) < _GENERAL:
            return None
        nearness = self._by_names.nearness(noun)
        index = max(of_kind, key=lambda number: float(nearness[number]))
        nearer = nearness[index] - nearness[self._numbers[part.concept.label]]
        if nearness[index] < LIKE_ENOUGH or nearer <= _PLAINLY_NEARER:
            return None
        said = colours[0] if colours else ""
        return ConceptMatch(self.concepts[index], said, False, 1.0, is_kind=True)


def known_nouns(concepts: Iterable[Concept]) -> frozenset[str]:
    """Labels and keywords as the parser needs them: no plural beside its singular.

    A keyword that names a background ("night" for the city at night) is none: it stays one.
    """
    labels = {concept.label for concept in concepts}
    tags = {tag.lower() for concept in concepts for tag in concept.tags} - BACKGROUND_NAMES
    return frozenset(labels | _singulars(tags))


def plain_key(phrase: str) -> str:
    """A phrase as it is looked up: "Piñata" -> "pinata", "T-Rex" -> "t rex"."""
    return normalised(phrase).replace("-", " ")


def _is_general(noun: str) -> bool:
    return noun.rpartition(" ")[2] in GENERAL_KINDS


def _counts_others(noun: str, known: Mapping[str, Concept]) -> bool:
    """Whether a noun counts what has a drawing of its own: "two hearts", but not "two wrestlers",
    who are one drawing, nor "88 keys", a piano."""
    number, _, things = noun.partition(" ")
    one = known.get(singular(things))
    if (number_of(number) or 1) < 2 or singular(things) == things or one in (None, known[noun]):
        return False
    alike = (_singular_words(each.label) for each in (one, known[noun]) if each)
    return not set.isdisjoint(*alike)


def _singular_words(label: str) -> set[str]:
    return {singular(word) for word in label.split()}


def _singulars(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word for word in words if singular(word) == word)


def _words(phrase: str) -> list[str]:
    return [word.strip(",.;!?'\"") for word in phrase.lower().split()]


def _without_articles(words: Sequence[str]) -> str:
    """The words as they are but for articles in front: "one o'clock" begins with "one"."""
    begin = 0
    while begin < len(words) - 1 and words[begin] in DETERMINERS:
        begin += 1
    return " ".join(words[begin:])


def _colours_and_noun(phrase: str) -> tuple[list[str], str]:
    """Colour words of a phrase, and what is left of it without fillers."""
    colours, rest = split_colours(phrase)
    noun = " ".join(word for word in _words(rest) if word not in _FILLERS)
    if not noun and colours:  # "an orange": the colour word was the noun
        return colours[:-1], _words(phrase)[-1]
    return colours, noun


def _look_up(names: Mapping[str, Concept], noun: str) -> Concept | None:
    return names.get(_known_form(names, noun))


def _known_form(names: Collection[str], noun: str) -> str:
    """The noun itself or a likely singular or plural of it that is there; empty if none is."""
    key = plain_key(noun)
    forms = [key, singular(key)]
    forms += [key.removesuffix(end) + other for end, other in _SINGULARS if key.endswith(end)]
    forms += [key.removesuffix(end) + other for end, other in _PLURALS if key.endswith(end)]
    return next((form for form in forms if form in names), "")


def _unambiguous_tags(concepts: Iterable[Concept]) -> dict[str, Concept]:
    """Keywords that belong to one concept only; of others, the table of synonyms may know more."""
    owners: dict[str, list[Concept]] = {}
    for concept in concepts:
        for tag in concept.tags:
            owners.setdefault(plain_key(tag), []).append(concept)
    return {tag: found[0] for tag, found in owners.items() if len(found) == 1}


def load_concepts(folder: Path, vectors: SentenceVectors) -> ConceptTable:
    """Reads `concepts.json` and `concepts.safetensors` of a starter model's folder.

    Raises:
        CheckpointError: A file is missing or not what it should be.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        concepts = read_concepts(folder)
        names = unpack_names(load_file(folder / VECTORS_FILE), vectors)
        table = ConceptTable(concepts, vectors, names, read_further_words(folder))
    except (SafetensorError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            sentence(
                "The concept table in {folder} cannot be read; reinstall Layerloom.", folder=folder
            ),
            str(error),
        ) from error
    return table


def read_concepts(folder: Path) -> list[Concept]:
    """The rows of `concepts.json` of a starter model's folder."""
    rows = json.loads((folder / "concepts.json").read_text("utf-8"))
    return [
        Concept(r["label"], r["hexcode"], tuple(r["tags"]), r["aspect"], r["colour"]) for r in rows
    ]


def read_further_words(folder: Path) -> FurtherWords:
    """The tables of a starter model's folder besides `concepts.json`."""
    synonyms, relatives = (read_words(folder / n) for n in (SYNONYMS_FILE, RELATIVES_FILE))
    hyponyms_file = folder / HYPONYMS_FILE  # older folders have its words among the synonyms
    hyponyms = read_words(hyponyms_file) if hyponyms_file.exists() else {}
    rows = json.loads((folder / KINDS_FILE).read_text("utf-8"))
    kinds = {label: frozenset(words.split(", ")) for label, words in rows.items()}
    usual = frozenset(read_words(folder / USUAL_FILE))
    return FurtherWords(synonyms | hyponyms, relatives, kinds, usual, frozenset(hyponyms))


def read_words(path: Path) -> dict[str, str]:
    """Word -> label, from a file that has the words of each label in one line."""
    table = json.loads(path.read_text("utf-8"))
    return {word: label for label, words in table.items() for word in words.split(", ")}
