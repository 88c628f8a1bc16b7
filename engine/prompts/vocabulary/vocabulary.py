"""All words that a model knows, and how a prompt is read by them."""

from __future__ import annotations

from dataclasses import dataclass

from engine.composition.traits import Worn, traits_of
from engine.prompts.english.people import ACCESSORIES, CLOTHES
from engine.prompts.english.words import singular
from engine.prompts.grammar.nouns import Nouns
from engine.prompts.grammar.parse import KNOWN_ENGLISH, parse_plain
from engine.prompts.grammar.parsed import ParsedPrompt
from engine.prompts.grammar.pasted import unwrapped
from engine.prompts.languages.emoji import join_emoji, split_emoji
from engine.prompts.languages.languages import NO_LANGUAGES, Languages
from engine.prompts.languages.reading import Reading
from engine.prompts.languages.text import word_runs
from engine.prompts.vocabulary.backgrounds import BackgroundTable
from engine.prompts.vocabulary.concepts import ConceptTable

_RATHER_ENGLISH = 0.9  # more than another ending of a foreign word, less than the word itself
_ENGLISH = frozenset(word for phrase in KNOWN_ENGLISH for word in phrase.split())


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
        vocabulary = Nouns(
            self.concepts.knows, self.concepts.has_heard_of, person=self.person, worn=self.worn
        )
        return pasted.added_to(parse_plain(reading.english, vocabulary)), reading

    def person(self, noun: str) -> str:
        """The label of the person that a noun names; empty = it names none."""
        label = self.concepts.label_for(noun)
        return label if traits_of(label).dressed else ""

    def worn(self, noun: str) -> Worn | None:
        """Where people wear what a noun names; None = they do not."""
        last = noun.rpartition(" ")[2]
        if last in CLOTHES:
            return Worn.BODY
        if last in ACCESSORIES:
            return Worn.ELSEWHERE
        return traits_of(self.concepts.label_for(noun)).worn

    def _in_names(self, prompt: str) -> frozenset[str]:
        """The words of a prompt that are English together: "bill" of "dollar bill", "enter" of "do
        not enter"."""
        names = [
            run[begin : begin + length]
            for run in word_runs(prompt)
            for length in (2, 3)
            for begin in range(len(run) - length + 1)
        ]
        return frozenset(
            word for name in names if self.concepts.has_heard_of(" ".join(name)) for word in name
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
