"""Prompts in other languages: known words become English before the sentence is read.

No translation of sentences: the nouns, colours, numbers and small words that the model's vocabulary
has, looked up word by word (for writing without spaces: the longest that fits). What is not known
stays as it was typed, so that the reader can say so.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import CheckpointError
from engine.prompts.captions import COLOUR_WORDS
from engine.prompts.languages.english_order import (
    AFTER,
    OF_THE_NOUN,
    before_nouns,
    is_small,
    joined,
    parted_at_verbs,
    parted_behind_ground,
)
from engine.prompts.languages.reading import Reading
from engine.prompts.languages.text import is_word, normalised, runs, word_runs
from engine.sentences import sentence

FILE = "prompt_words.json"
_UNSPACED = frozenset(("ja", "ko", "th", "zh", "zh-hant"))  # ko: particles stick to their noun
_GROUND_FIRST = frozenset(("ja", "ko", "zh", "zh-hant"))  # "青い背景に赤い車"
_SHORTEST_STEM = 3
_OTHER_ENDING = 0.75  # what a word counts that is known with another ending only
_THING = 0.5  # "rosa" is rather a flower in one language than a colour in another
_PIECE = 0.01  # of equal letters, those in fewer pieces fit better
_LONGEST_ENDING = 3  # "rot" -> "roten", "собака" -> "собаками"
# By what an ending has to look like, a sentence is known to be in a language: "gatti", "Hunden",
# but no "kettle" of the German "Kette".
_INFLECTION = re.compile(r"[aeiouy]?[nrsmtkx]?|[ei]n[es]|ern|l[ae]r")
# Of further words in such a sentence: "bilarna", "lampene", "koulussa", "kotami" as well.
_ANY_INFLECTION = re.compile(_INFLECTION.pattern + r"|[aeo]?n[ae]|[ls][lst]a|a?mi|ach")
_SEVERAL = 2  # languages in which a word is the same colour
_ELISION = re.compile(r"([^\W\d_]{1,5}['’])(?=\w)")  # "l'avion", "dell'albero"


@dataclass(frozen=True, slots=True)
class LanguageFit:
    """How well a language fits a text.

    Attributes:
        pairs: Typed and English words, in the order of the text.
        letters: About how many it knows; 0 if none of the words is a noun, colour or number.
        sure: The same without words that only look alike: by these no text is told from English.
    """

    pairs: list[tuple[str, str]]
    letters: float = 0
    sure: float = 0


class Language:
    """The words of one language.

    Args:
        words: Foreign word or words -> English, in any case and with accents.
        spaced: Whether words are separated by spaces.
    """

    def __init__(self, words: Mapping[str, str], *, spaced: bool) -> None:
        self.spaced = spaced
        plain = ((normalised(word), english) for word, english in words.items())
        # "3" counts things, and is no clock
        self._words = {word: english for word, english in plain if not word.isdigit()}
        self._longest = max((len(_split(word)) for word in self._words), default=0)
        self._most_letters: dict[str, int] = {}  # of the words that begin with a letter
        for word in self._words:
            first = word[:1]
            self._most_letters[first] = max(len(word), self._most_letters.get(first, 0))
        self._stems: dict[str, list[str]] = {}
        for word in self._words:
            if " " not in word and len(word) >= _SHORTEST_STEM:
                self._stems.setdefault(word[:_SHORTEST_STEM], []).append(word)

    @property
    def words(self) -> Mapping[str, str]:
        """As they are looked up -> English."""
        return self._words

    def read(self, text: str, is_english: Callable[[str], bool]) -> LanguageFit:
        """The words that it knows, and how well it fits.

        Args:
            is_english: Of words in lower case; those are no other endings of foreign ones.
        """
        pairs: list[tuple[str, str]] = []
        for run in runs(text):
            if not is_word(run[0]):
                pairs.append((run, run))
            elif self.spaced:
                pairs += self._phrases(self._unelided(run), is_english)
            else:
                pairs += self._segments(run)
        known = [pair for pair in pairs if pair[0] != pair[1] or normalised(pair[0]) in self._words]
        sure = [pair for pair in known if self._is_sure(pair[0])]
        if all(is_small(english) for _, english in sure):
            return LanguageFit(pairs)
        return LanguageFit(pairs, self._letters(known), self._letters(sure))

    def _letters(self, known: Sequence[tuple[str, str]]) -> float:
        things = any(not (is_small(english) or english in COLOUR_WORDS) for _, english in known)
        return sum(self._fit(typed) for typed, _ in known) + (_THING if things else 0)

    def _fit(self, typed: str) -> float:
        exact = normalised(typed) in self._words
        return len(typed) * (1 if exact else _OTHER_ENDING) - _PIECE

    def _phrases(
        self, words: list[str], is_english: Callable[[str], bool]
    ) -> Iterator[tuple[str, str]]:
        while words:
            for length in range(min(self._longest, len(words)), 0, -1):
                typed = " ".join(words[:length]).replace("' ", "'").replace("’ ", "’")
                english = self._lookup(typed, is_english)
                if english is not None:
                    yield typed, english
                    del words[:length]
                    break
            else:
                yield words[0], words.pop(0)

    def _unelided(self, run: str) -> list[str]:
        """The words of a run, those that lost their vowel before the next one by themselves."""
        words: list[str] = []
        for word in run.split():
            head = _ELISION.match(word)
            if head and normalised(head[1]) in self._words and normalised(word) not in self._words:
                words += [head[1], word[head.end() :]]
            else:
                words.append(word)
        return words

    def _segments(self, run: str) -> Iterator[tuple[str, str]]:
        """The longest known piece at each place; unknown letters stay together."""
        unknown, index = "", 0
        while index < len(run):
            most = self._most_letters.get(normalised(run[index]), 0)
            for length in range(min(most, len(run) - index), 0, -1):
                piece = run[index : index + length]
                english = self._words.get(normalised(piece))
                if english is not None:
                    if unknown.strip():
                        yield unknown.strip(), unknown.strip()
                    unknown = ""
                    yield piece, english
                    index += length
                    break
            else:
                unknown += run[index]
                index += 1
        if unknown.strip():
            yield unknown.strip(), unknown.strip()

    def _lookup(self, typed: str, is_english: Callable[[str], bool]) -> str | None:
        """A word as it is, or another ending of it unless it is an English word."""
        word = normalised(typed)
        if word in self._words or " " in word or is_english(typed.lower()):
            return self._words.get(word)
        near = self._near(word)
        return self._words[max(near, key=len)] if near else None

    def _near(self, word: str) -> list[str]:
        return [
            known
            for known in self._stems.get(word[:_SHORTEST_STEM], ())
            if _same_stem(word, known)
            and (not word.isascii() or _may_be_inflected(word, known))
            and not is_small(self._words[known])
        ]

    def _is_sure(self, typed: str) -> bool:
        """Whether a known word is so alike that the sentence may be in this language: "sushi" is
        not the Malay "susu", though in a Spanish sentence "rojas" is "rojo"."""
        word = normalised(typed)
        if word in self._words or not word.isascii():
            return True
        return any(_is_inflected(word, known) for known in self._near(word))


def _same_stem(word: str, known: str) -> bool:
    """Whether two words differ in their endings only; short words in what was added only."""
    if word.startswith(known):
        return len(word) - len(known) <= _LONGEST_ENDING - (len(known) < 4)
    stem = known[:-1]
    if len(stem) < _SHORTEST_STEM or not word.startswith(stem):
        return False
    return abs(len(word) - len(known)) <= _LONGEST_ENDING - 1


def _is_inflected(word: str, known: str) -> bool:
    """Whether an ASCII word has a usual ending more than the known word, or another one if that is
    long enough to tell."""
    if not word.startswith(known) and len(known) <= _SHORTEST_STEM + 1:
        return False
    return bool(_INFLECTION.fullmatch(_ending(word, known)))


def _may_be_inflected(word: str, known: str) -> bool:
    """Whether an ASCII word may be a form of the known one in a sentence of its language: "rojas",
    but in none is "kettle" one of "Kette"."""
    return bool(_ANY_INFLECTION.fullmatch(_ending(word, known)))


def _ending(word: str, known: str) -> str:
    """What a word has behind the known word of the same stem, or instead of its last letter."""
    return word[len(known) if word.startswith(known) else len(known) - 1 :]


class Languages:
    """All languages in which the model's words are known besides English."""

    def __init__(self, words: Mapping[str, Mapping[str, str]]) -> None:
        # Of languages that fit as well, the one with the most words.
        by_size = sorted(words.items(), key=lambda item: -len(item[1]))
        self._languages = {
            name: Language(found, spaced=name not in _UNSPACED) for name, found in by_size
        }
        self._colours = _colours_elsewhere(self._languages.values())

    def nouns(self) -> frozenset[str]:
        """The words of all languages that say a thing in each language that has them."""
        nouns: set[str] = set()
        others: set[str] = set()
        for language in self._languages.values():
            for word, english in language.words.items():
                small = is_small(english) or english in OF_THE_NOUN
                (others if small else nouns).add(word)
        return frozenset(nouns - others)

    def read(self, text: str, known: Callable[[str], float]) -> Reading:
        """The prompt in English as far as its words are known.

        Args:
            text: In any language.
            known: Whether English has the word, 0 to 1; a sentence is taken for English unless
                another language knows more of its letters.
        """
        words = [word for run in word_runs(text) for word in run]

        def is_english(word: str) -> bool:
            return known(word) == 1

        # "dog" is an animal, also where it means a hot dog
        if words and all(map(is_english, words)):
            return Reading(text)
        best: list[tuple[str, str]] = []
        english = [word for word in words if known(word)]
        least: float = sum(len(word) * known(word) for word in english)
        if any(map(is_english, english)):
            least += _THING  # as other languages get it: of "kettle, mare" the horse is English
        most, spoken = least, ""
        for name, language in self._languages.items():
            fit = language.read(text, is_english)
            if fit.sure > least and fit.letters > most:
                best, most, spoken = fit.pairs, fit.letters, name
        if not best and not english:
            best = self._by_small_words(text, is_english)
        if not best:
            return Reading(text)
        best = self._with_colours_behind(best)
        if spoken:
            unknown = self._unknown_words(best, spoken, known)
            best = parted_at_verbs(best, unknown, spaced=spoken not in _UNSPACED)
        placed = before_nouns([english for _, english in best])
        if spoken in _GROUND_FIRST:
            placed = parted_behind_ground(placed)
        english_words = [word for word in placed if word]
        pieces = tuple((typed, english.removeprefix(AFTER)) for typed, english in best)
        return Reading(joined(english_words), pieces, "" if spoken in _UNSPACED else " ")

    def _unknown_words(
        self, pairs: Sequence[tuple[str, str]], name: str, known: Callable[[str], float]
    ) -> set[str]:
        """The typed words that neither a language nor English has."""
        words = self._languages[name].words
        return {
            typed
            for typed, english in pairs
            if typed == english and normalised(typed) not in words and not known(typed.lower())
        }

    def _with_colours_behind(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """A thing right behind another one is a colour if it is one elsewhere: "perro rosa" is a
        pink dog, "una rosa" a rose."""
        said: list[tuple[str, str]] = []
        for typed, english in pairs:
            before = said[-1] if said else ("", "")
            colour = self._colours.get(normalised(typed))
            follows = before[0] != before[1] and before[1] not in OF_THE_NOUN
            thing = follows and not is_small(before[1]) and not is_small(english)
            said.append((typed, colour if colour and thing else english))
        return said

    def _by_small_words(
        self, text: str, is_english: Callable[[str], bool]
    ) -> list[tuple[str, str]]:
        """The pieces when only articles and their like are known: "un xylophone"."""
        most, best = 0, []
        for language in filter(lambda one: one.spaced, self._languages.values()):
            pairs = language.read(text, is_english).pairs
            small = [typed for typed, english in pairs if english != typed and is_small(english)]
            if sum(map(len, small)) > most:
                most = sum(map(len, small))
                best = [(typed, english if typed in small else typed) for typed, english in pairs]
        return best


def _colours_elsewhere(languages: Iterable[Language]) -> dict[str, str]:
    """Word -> the colour that it is in several languages."""
    often: Counter[tuple[str, str]] = Counter(
        (word, english)
        for language in languages
        for word, english in language.words.items()
        if english in COLOUR_WORDS
    )
    return {word: english for (word, english), count in often.items() if count >= _SEVERAL}


NO_LANGUAGES = Languages({})


def _split(phrase: str) -> list[str]:
    return _ELISION.sub(r"\1 ", phrase).split()


def load_languages(folder: Path) -> Languages:
    """Reads the table of a starter model's folder.

    Raises:
        CheckpointError: It is missing or not what it should be.
    """
    path = folder / FILE
    try:
        words = json.loads(path.read_text("utf-8"))
        return Languages({name: dict(found) for name, found in words.items()})
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise CheckpointError(
            sentence("{path} cannot be read; install Layerloom again.", path=path), str(error)
        ) from error
