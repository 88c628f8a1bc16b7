"""Reads the pieces of a sentence one after the other: each is an object, the background, or said of
what was named before.

Whether "on a skateboard" means an object below or a background depends on the vocabulary. What
cannot be read becomes an object phrase, and the vocabulary finds the nearest noun.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from engine.composition.relations import TYING, Relation
from engine.prompts.captions import COLOUR_WORDS
from engine.prompts.english.connectors import COMMA, SIMILES
from engine.prompts.english.parts import FEATURES, NO_PLACES, OF_A_SIDE, OF_THE_PICTURE, OWN, PARTS
from engine.prompts.english.people import HOLDING
from engine.prompts.english.scenery import PATTERN_NAMES, SCENERY, takes_colours
from engine.prompts.english.shades import SHADES, known_colour
from engine.prompts.english.words import (
    BACKGROUND_WORDS,
    DETERMINERS,
    SIZES,
    number_of,
    singular,
)
from engine.prompts.grammar.colour_lists import ColourList, give_colours, in_colour
from engine.prompts.grammar.counting import names_counted, take_count
from engine.prompts.grammar.effects import effect_of, says_everything
from engine.prompts.grammar.fillers import is_only_said_of_it, without_fillers
from engine.prompts.grammar.folks import members
from engine.prompts.grammar.nouns import Nouns
from engine.prompts.grammar.numbers import is_number
from engine.prompts.grammar.parsed import (
    MAX_PHRASE_CHARACTERS,
    Ignored,
    ParsedObject,
    ParsedPrompt,
    Reason,
)
from engine.prompts.grammar.people import Called
from engine.prompts.grammar.phrases import (
    counted_phrase,
    each_noun,
    is_pronoun,
    lacks_noun,
    names_colours,
    nothing_but_colours,
    noun_of,
    of_each_colour,
    without_colours,
)
from engine.prompts.grammar.places import is_background
from engine.prompts.grammar.qualities import PRAISE, is_about_the_look, is_praise
from engine.prompts.grammar.reader_state import Effects, Told, Waiting
from engine.prompts.grammar.segments import Segment
from engine.prompts.grammar.worn import clothed, doer_of, is_hat, is_worn, wearing
from engine.requests import MAX_BOXES

# Places that are drawn as an object when they are all that is asked for: "a beach", but "a beach
# with a dog" has a beach behind the dog.
_SCENES = frozenset((
    "beach", "desert", "sunrise", "cityscape", "city", "fog", "national park", "milky way",
))  # fmt: skip
_ONLY_COLOURS = frozenset((*COLOUR_WORDS, "gray")) - {"orange"}  # not the fruit
_HOUR_ENDS = "o'clock"
_CLOCKS = frozenset(("clock", "watch", "wristwatch"))
_CLOCK_SHOWS = frozenset(("at", "with"))  # "a clock at three o'clock"
_ON_GROUND = frozenset(("on", "over", "against", "upon", "onto"))  # "dots on navy"
# What is so to a thing that is named after it lies over it.
_LAID_OVER = frozenset((Relation.ON, Relation.IN, Relation.IN_FRONT_OF))
_ORDINALS = frozenset(("first", "second", "third", "last", "more", "additional", "extra"))
_MORE = frozenset(("another", "more", "additional", "extra"))


@dataclass(slots=True)
class Reader:
    """Collects objects and background, piece by piece.

    Attributes:
        told: What names nothing to draw.
        effects: Shadows and glows that were said.
        waiting: What later pieces decide.
        objects: In the order of the sentence.
        order: Indices of `objects`, bottom to top.
        listed: Index of an object -> comma or "and" before it.
        parted: Index of the object of which single ones may be told: "two cats, a red one".
        background: Its words; empty = none was named.
        after_background: Whether the last piece was it: "a background in blue and red".
        in_features: Whether the last piece was a part of an object, as the next may be: "with blue
            eyes and red ears".
        after_feature: Whether the piece before that was one: "with blue eyes and a red hat".
        in_wear: Whether it was what a person wears, as the next may be: "in a red coat and a hat".
        carried: Index of what is held, or on a head -> index of who has it.
        called: As of `people.People`; what has found its object is taken out.
    """

    nouns: Nouns
    told: Told = field(default_factory=Told)
    effects: Effects = field(default_factory=Effects)
    waiting: Waiting = field(default_factory=Waiting)
    objects: list[ParsedObject] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    listed: dict[int, str] = field(default_factory=dict)
    parted: int | None = None
    background: str = ""
    after_background: bool = False
    in_features: bool = False
    after_feature: bool = False
    in_wear: bool = False
    carried: dict[int, int] = field(default_factory=dict)
    called: dict[str, list[Called]] = field(default_factory=dict)

    def read(self, segment: Segment) -> None:
        """Takes the next piece of the sentence, in its order."""
        if segment.colours:
            self._keep_colours(segment.colours)
            return
        words = self._take_effect(without_fillers(segment.words, self.nouns), segment)
        if segment.is_place and (rest := self._behind_side(words)):  # "at the bottom flowers"
            words, segment = rest, replace(segment, relation=None, is_place=False, cut=COMMA)
        if not any(word not in DETERMINERS and word != "of" for word in words):
            return
        if words == ["one"] or (self.objects and is_only_said_of_it(words, self.nouns)):
            return
        if self._is_about_the_picture(words) or self._is_part_of_last(words, segment):
            return
        if self._is_worn_by_last(words, segment):
            return
        if segment.cut in SIMILES or self._is_author(words, segment):
            self.told.about.append(f"{segment.cut} {' '.join(words)}")
        elif segment.cut == "or" and (self.objects or self.waiting.lacking):
            self._read_choice(words, segment)
        elif is_pronoun(words) and not names_counted(words, self.nouns):  # but "formula one"
            self._read_pronoun(words)
        elif is_number(words) and not members(words[-1], 1, self.nouns):
            self.told.numbers.append(" ".join(word for word in words if word not in DETERMINERS))
        elif not self._is_said_of_last(words, segment):
            self._read_named(words, segment)

    def _behind_side(self, words: Sequence[str]) -> list[str]:
        """The words behind a side of the picture that is named before what is there."""
        begin = next((i for i, word in enumerate(words) if word not in DETERMINERS), len(words))
        rest = list(words[begin + 1 :])
        named = self.nouns.ends_known_either(rest) and not self.nouns.names_around(words, begin)
        return rest if named and words[begin] in OF_THE_PICTURE else []

    def _read_choice(self, words: list[str], segment: Segment) -> None:
        """ "a cat or a dog" is a cat, "a red or blue cat" a red one."""
        if self.waiting.lacking:
            for before in self._lacking_noun(words, segment):
                self._add_object(before, None)
        else:
            self.told.unchosen.append(" ".join(word for word in words if word not in DETERMINERS))

    def _is_said_of_last(self, words: list[str], segment: Segment) -> bool:
        """Colours, an hour or a pattern of what was named before, which then has them."""
        if self._is_colour_of_last(words, segment):
            self._colour_last(words)
        elif self._is_hour_of_last(words, segment):
            self._set_last_clock(words)
        elif self._is_ground_of_background(words, segment):
            self.background = f"{self.background} on {' '.join(_colours_of(words))}"
        elif self._is_pattern_of_background(words, segment):
            self.background = f"{' '.join(_colours_of(words))} on {self.background}"
        else:
            return False
        return True

    def _read_named(self, words: list[str], segment: Segment) -> None:
        """A background, a scene or an object."""
        beside = bool(self.objects)
        if is_background(words, segment, self.nouns, beside_objects=beside):
            self._set_background(words)
            self.after_background = True
        elif noun_of(words, self.nouns) in _SCENES:
            self.waiting.scenes.append(words)
        else:
            self._read_object(self._without_features(words), segment)
            self.after_background = False

    def _read_object(self, words: list[str], segment: Segment) -> None:
        """An object, perhaps one without its noun, which the next has ("a red and a blue hat"), or
        one that was named before."""
        counted = take_count(words)
        lacks = lacks_noun(counted.words)
        if lacks and self.waiting.lacking:
            self.waiting.lacking.append(words)
            return
        for before in self._lacking_noun(words, segment):
            self._add_object(before, None)
        if self._refers_back(words, segment):
            return
        if lacks:
            self.waiting.lacking = [words]
        else:
            each = of_each_colour(words, self.nouns) or each_noun(words, self.nouns) or [words]
            if relation := self._to_doer(words, segment):
                self._add_to_doer(each[0], relation)
                return
            self._add_object(each[0], segment.relation)
            for other in each[1:]:
                self._add_object(other, None)
            if segment.cut in (COMMA, "and"):
                self.listed[len(self.objects) - 1] = segment.cut

    def _read_pronoun(self, words: Sequence[str]) -> None:
        """ "a red one" after "two cats" is one of them, after "a black cat" another one."""
        if not self.objects:
            self.told.about.append(" ".join(word for word in words if word not in DETERMINERS))
            return
        counted = take_count(words)
        wanted = counted.number or 1
        said = [w for w in counted.words if w not in (*DETERMINERS, *_ORDINALS, "one", "ones")]
        before = self.objects[-1 if self.parted is None else self.parted]
        own = without_colours(before.phrase.split()).split()
        if SIZES & set(said):
            own = [word for word in own if word not in SIZES]
        phrase = " ".join([*said, *own])
        if self.parted is None or not said or before.count < wanted or _MORE & set(words):
            parted = self.parted
            self._add_object([*([str(wanted)] if wanted > 1 else []), *phrase.split()], None)
            self.parted = parted
        elif before.count == wanted:
            self.objects[self.parted] = replace(before, phrase=phrase[:MAX_PHRASE_CHARACTERS])
            self.parted = None
        else:
            parted = self.parted
            self.objects[parted] = replace(before, count=before.count - wanted)
            self._add_object([*([str(wanted)] if wanted > 1 else []), *phrase.split()], None)
            self.parted = parted

    def _lacking_noun(self, words: Sequence[str], segment: Segment) -> list[list[str]]:
        """The words before that lacked their noun, with that of these words after "and"."""
        before, self.waiting.lacking = self.waiting.lacking, []
        if not before:
            return []
        noun = noun_of(take_count(words).words, self.nouns).split()
        noun = [word for word in noun if word not in SIZES]
        alike = segment.cut in ("and", "or") and any(known_colour(w) or w in SIZES for w in words)
        alike = alike and not lacks_noun(words)
        return [[*one, *noun] if alike else one for one in before]

    def _refers_back(self, words: Sequence[str], segment: Segment) -> bool:
        """ "the house" is the one that was named; it may get a colour: "the house is red". What
        stands so to it follows if it begins a clause ("behind the house is a tree"), else it was
        named before."""
        noun = singular(noun_of(words, self.nouns))
        if words[0] != "the" or not noun:
            return False
        nouns = [singular(noun_of(item.phrase.split(), self.nouns)) for item in self.objects]
        same = [i for i, own in enumerate(nouns) if f" {own}".endswith(f" {noun}")]
        if not same:
            return False
        index, last = same[0], len(nouns) - 1
        colours = [word for word in words if known_colour(word) or word in SHADES]
        if colours and self.objects[index].phrase == noun:
            colour = " ".join(colours)
            self.objects[index] = replace(self.objects[index], phrase=in_colour(noun, colour))
        relation = segment.relation
        if relation and segment.leads:
            self.waiting.awaits = (relation, index)
        elif relation and index != last and not self.objects[last].relation:
            self.objects[last] = replace(self.objects[last], relation=relation, target=index)
        return True

    def _place_scenes(self) -> None:
        """What may be an object or a background is the latter beside other objects; what may be
        an object or about the picture is the former where there is nothing else."""
        for words in self.waiting.lacking:
            self._add_object(words, None)
        beside_objects = bool(self.objects)
        for words in self.waiting.scenes:
            if beside_objects:
                self._set_background(words)
            else:
                self._add_object(words, None)
        if self.waiting.if_alone and not (self.objects or self.background):
            self.told.about.clear()
            for words in self.waiting.if_alone:
                self._add_object(words, None)

    def _without_features(self, words: list[str]) -> list[str]:
        """ "yellow wings bird", which other languages say, without what is no layer of its own."""
        for index, word in enumerate(words[1:-1], 1):
            described = word in FEATURES and known_colour(words[index - 1])
            if described and self.nouns.ends_known_either(words[index + 1 :]):
                feature = " ".join(words[index - 1 : index + 1])
                self.told.ignored.append(Ignored(feature, Reason.FEATURE))
                return [*words[: index - 1], *words[index + 1 :]]
        return words

    def _keep_colours(self, said: ColourList) -> None:
        """Colours of the background if they follow one without its own, else of the objects."""
        if self.after_background and not said.of_all and takes_colours(self.background):
            self.background = f"{' and '.join(said.colours)} {self.background}".strip()
            return
        if len(self.objects) == len(said.colours) == 1 and self._is_person(self.objects[0]):
            self.objects[0] = clothed(self.objects[0], said.colours[0])  # "a man in black"
            return
        self._colour_the_last()
        self.waiting.colours = said

    def _colour_the_last(self) -> None:
        """Gives colours that were not said of all to the object before them."""
        said = self.waiting.colours
        if said and self.objects and not said.of_all:
            self._give_colours(said, len(self.objects) - 1)

    def _colour_all(self) -> None:
        """Gives colours at the end to all objects, or to the background if there are none."""
        said = self.waiting.colours
        if said and self.objects:
            self._give_colours(said, 0)
        elif said:
            self.background = f"{' and '.join(said.colours)} {self.background}".strip()

    def _give_colours(self, said: ColourList, begin: int) -> None:
        given = give_colours(self.objects, self.order, said.colours, begin)
        self.objects, self.order = given.objects, given.order
        self.told.ignored += [Ignored(colour, Reason.COLOUR) for colour in given.unused]
        self.told.in_turn += given.in_turn
        self.waiting.colours = self.parted = None

    def result(self, style: str, unknown_style: str) -> ParsedPrompt:
        """What the pieces say together; asked once, after the last of them.

        Scenes and colours that waited for later pieces find their place here.

        Args:
            style: Of the sentence, or empty.
            unknown_style: A style that was asked for and is not known, or empty.
        """
        self._place_scenes()
        self._colour_all()
        place = {index: position for position, index in enumerate(self.order)}
        ordered = [self.objects[index] for index in self.order]
        moved = [
            item if item.target is None else replace(item, target=place[item.target])
            for item in ordered
        ]
        return ParsedPrompt(
            objects=tuple(moved),
            background=self.background,
            style=style,
            unknown_style=unknown_style,
            effect=self.effects.of_all or self.effects.behind,
            ignored=tuple(self.told.ignored),
            excluded=tuple(self.told.excluded),
            unchosen=tuple(self.told.unchosen),
            numbers=tuple(self.told.numbers),
            in_turn=tuple(self.told.in_turn),
            about=tuple(self.told.about),
        )

    def _is_about_the_picture(self, words: list[str]) -> bool:
        """ "high quality", "vibrant colors"; the latter is kept for a note."""
        praise = is_praise(words)
        if not (praise or is_about_the_look(words)):
            return False
        named = self.nouns.knows_either(noun_of(words, self.nouns))
        if named and len(words) > 1:  # "a watercolor palette"
            return False
        if named:
            self.waiting.if_alone.append(words)
        if not praise:
            self.told.about.append(" ".join(word for word in words if word not in DETERMINERS))
        return True

    def _is_author(self, words: Sequence[str], segment: Segment) -> bool:
        """ "by Greg Rutkowski", but "by the sea"."""
        named = words[-1] in SCENERY or self.nouns.ends_known_either(words)
        heard = self.nouns.heard(" ".join(words)) or self.nouns.heard(words[-1])
        return segment.cut == "by" and words[0] not in DETERMINERS and not (named or heard)

    def _is_colour_of_last(self, words: Sequence[str], segment: Segment) -> bool:
        """ "a car, red and blue"; but a list may end with "apple, orange"."""
        named = self.objects or self.after_background
        follows = bool(named) and segment.cut in (COMMA, "and")
        return follows and nothing_but_colours(words)

    def _colour_last(self, words: Sequence[str]) -> None:
        if self.after_background:
            self.background = " ".join([*words, *self.background.split()])
            return
        before = self.objects[-1].phrase.split()
        own = 0
        while own < len(before) - 1 and (known_colour(before[own]) or before[own] == "and"):
            own += 1
        joined = [*before[:own], *(["and"] if own else []), *words, *before[own:]]
        phrase = " ".join(joined)[:MAX_PHRASE_CHARACTERS].strip()
        self.objects[-1] = replace(self.objects[-1], phrase=phrase)

    def _is_ground_of_background(self, words: Sequence[str], segment: Segment) -> bool:
        """ "polka dots on navy", "stripes on a white background"."""
        last = self.background.split()[-1:]
        patterned = self.after_background and bool(last) and last[0] in PATTERN_NAMES
        return patterned and segment.cut in _ON_GROUND and names_colours(_colours_of(words))

    def _is_pattern_of_background(self, words: Sequence[str], segment: Segment) -> bool:
        """ "on navy with white polka dots": what has only colours gets a pattern."""
        plain = self.after_background and names_colours(self.background.split())
        return plain and segment.cut == "with" and words[-1] in PATTERN_NAMES

    def _is_hour_of_last(self, words: Sequence[str], segment: Segment) -> bool:
        """ "a clock at three o'clock" is one thing; "a dog at three o'clock" are two."""
        named = [word for word in words if word not in DETERMINERS]
        if not self.objects or segment.cut not in _CLOCK_SHOWS or named[-1:] != [_HOUR_ENDS]:
            return False
        return singular(self.objects[-1].phrase).split()[-1] in _CLOCKS

    def _set_last_clock(self, words: Sequence[str]) -> None:
        """The hour names the drawing if there is one of it, with the colours of the clock."""
        last, hour = self.objects[-1], " ".join(w for w in words if w not in DETERMINERS)
        named = last.phrase.split()
        only_a_clock = singular(without_colours(named)) == "clock"
        if not (only_a_clock and self.nouns.knows(hour)):  # an alarm clock is drawn as it is
            self.told.ignored.append(Ignored(hour, Reason.FEATURE))
            return
        self.objects[-1] = replace(last, phrase=" ".join([*named[:-1], hour]))

    def _is_part_of_last(self, words: Sequence[str], segment: Segment) -> bool:
        """ "with blue eyes", "in its hand", "on top": no layer of its own, and no place."""
        named = [word for word in words if word not in DETERMINERS]
        own = [w for w in named if number_of(w) is None and w not in OF_A_SIDE]
        if segment.is_place and NO_PLACES.issuperset(own or named):
            return True
        if words[0] in OWN and self.objects and PARTS.issuperset(own):  # "holding its tail"
            return True
        joined = segment.cut == "with" or (self.in_features and segment.cut in ("and", COMMA))
        behind = len(list(takewhile(_ONLY_COLOURS.__contains__, reversed(named))))
        if behind < len(named):  # "with wings yellow"
            named = [*named[len(named) - behind :], *named[: len(named) - behind]]
        feature = named[-1] in FEATURES and not self._is_pattern_of_background(named, segment)
        self.after_feature = self.in_features
        self.in_features = bool(self.objects) and joined and feature
        if self.in_features:
            self.told.ignored.append(Ignored(" ".join(named), Reason.FEATURE))
        return self.in_features

    def _is_worn_by_last(self, words: Sequence[str], segment: Segment) -> bool:
        """ "in a blue shirt", which becomes part of the person before it."""
        goes_on = self.in_wear or self.after_feature
        worn = bool(self.objects) and is_worn(words, segment.cut, self.nouns, goes_on=goes_on)
        doer = doer_of(self.objects) if worn else 0
        self.in_wear = worn and self._is_person(self.objects[doer])
        if self.in_wear:
            self.objects[doer] = wearing(self.objects[doer], words, segment.cut, self.nouns)
        return self.in_wear

    def _take_effect(self, words: list[str], segment: Segment) -> list[str]:
        """Words left of "soft shadows" (none) or "a glowing star" (without "glowing")."""
        self.effects.of_piece = ""
        if not words or names_counted(words, self.nouns):
            return words  # a "glowing star" is a noun
        if words[-1] in FEATURES and segment.cut == "with":  # "with glowing eyes"
            return words
        if says_everything(words):
            self.effects.everything = True
            return []
        said = effect_of(words, segment.cut, self._is_thing)
        if said and said.rest:
            self.effects.of_piece = said.effect
        elif said and (said.of_all or self.effects.everything or not self.objects):
            self.effects.of_all = said.effect
        elif said and said.of_last:
            self._set_effect_of_last(said.effect)
        elif said:
            self.effects.behind = said.effect
        self.effects.everything = False
        return said.rest if said else words

    def _set_effect_of_last(self, effect: str) -> None:
        """Nothing for an empty one."""
        if effect and self.objects:
            self.objects[-1] = replace(self.objects[-1], effect=effect)
        self.effects.behind = ""

    def _set_background(self, words: Sequence[str]) -> None:
        useful = [w for w in words if w not in BACKGROUND_WORDS and w not in PRAISE]
        while useful and (useful[0] in DETERMINERS or useful[0] == "of"):
            useful.pop(0)
        phrase = " ".join(useful)
        if not self.background:
            self.background = phrase
        elif phrase and phrase != "no":
            self.told.ignored.append(Ignored(phrase, Reason.BACKGROUND))

    def _add_object(self, words: Sequence[str], relation: Relation | None) -> None:
        phrase, wanted = counted_phrase(words, self.nouns)
        if not phrase:
            return
        room = MAX_BOXES - sum(item.drawings for item in self.objects)
        count = min(wanted, room)
        if count < wanted:
            self.told.ignored.append(Ignored(phrase, Reason.TOO_MANY, wanted - count))
        if count < 1:
            return
        self._set_effect_of_last(self.effects.behind)
        self._colour_the_last()
        index = len(self.objects)
        self.parted = index if count > 1 else None
        folks = members(phrase, count, self.nouns)[:room]
        added = ParsedObject(phrase, count, effect=self.effects.of_piece, members=folks)
        added = self._as_called(added)
        if index == 1 and self.waiting.stands and not relation:  # "on a bed a cat"
            below = self.waiting.stands in (Relation.BELOW, Relation.BEHIND)
            added = replace(added, relation=self.waiting.stands, target=0)
        else:
            below = relation in _LAID_OVER and index > 0
        self.waiting.stands = None if index else relation
        if self.waiting.awaits and not relation:
            added = replace(added, relation=self.waiting.awaits[0], target=self.waiting.awaits[1])
        self.waiting.awaits = None
        self.objects.append(added)
        # The relation was said of the earlier object ("cat on bed"): it is the earlier one's, or
        # its holder's ("a girl reading a book under a tree").
        own = self.carried.get(index - 1, index - 1)
        if relation and index:
            self.objects[own] = replace(self.objects[own], relation=relation, target=index)
            if self.listed.get(own) == "and" and own - 1 not in self.listed:
                self._share_relation(own - 1, relation, index)
        self.order.insert(self.order.index(own) if below else index, index)

    def _to_doer(self, words: Sequence[str], segment: Segment) -> Relation | None:
        """How an object stands to one before it, whose hands or head it is in or on."""
        if not self.objects or self.objects[doer_of(self.objects)].count > 1:
            return None
        if segment.cut in HOLDING:
            return Relation.HELD_BY
        hat = is_hat(words, segment.cut, self.objects[doer_of(self.objects)].phrase, self.nouns)
        return Relation.ON if hat else None

    def _add_to_doer(self, words: Sequence[str], relation: Relation) -> None:
        doer, count = doer_of(self.objects), len(self.objects)
        self._add_object(words, None)
        if len(self.objects) > count:
            self.objects[-1] = replace(self.objects[-1], relation=relation, target=doer)
            self.carried[count] = doer

    def _as_called(self, item: ParsedObject) -> ParsedObject:
        """With the words that its drawing's name stands for, if there are any."""
        for drawing, several in self.called.items():
            if several and f" {item.phrase}".endswith(f" {drawing}"):
                said = several.pop(0)
                worn = (said.worn,) if said.worn else ()
                return replace(item, drawing=drawing, called=said.words, worn=worn)
        return item

    def _share_relation(self, index: int, relation: Relation, target: int) -> None:
        """ "a dog and a cat on a sofa": the dog may be on it as well."""
        before = self.objects[index]
        if relation in TYING and before.relation is None:
            shared = replace(before, relation=relation, target=target, shares=True)
            self.objects[index] = shared

    def _is_person(self, item: ParsedObject) -> bool:
        return bool(self.nouns.person(item.phrase))

    def _is_thing(self, phrase: str) -> bool:
        return self.nouns.ends_known_either(phrase.split())


def _colours_of(words: Sequence[str]) -> list[str]:
    """The words of a ground, without articles and "background"."""
    return [w for w in words if w not in DETERMINERS and w not in BACKGROUND_WORDS]
