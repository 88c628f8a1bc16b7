"""WordNet's nouns: the senses of a word, and what is above and below each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Synset:
    """Words of one meaning.

    Attributes:
        kind: Number of WordNet's lexicographer file.
        above: Offsets of what it is a kind of.
        below: Offsets of the kinds of it.
        gloss: What it is, in lower case, without the examples.
    """

    kind: str
    words: tuple[str, ...]
    above: tuple[str, ...]
    below: tuple[str, ...]
    gloss: str


@dataclass(frozen=True, slots=True)
class Nouns:
    """WordNet's nouns: synsets by offset, and each word's senses, the most frequent first.

    Attributes:
        common: Words that occur in WordNet's sample of English texts.
    """

    synsets: Mapping[str, Synset]
    senses: Mapping[str, tuple[str, ...]]
    common: frozenset[str] = frozenset()

    def around(self, offset: str, steps: int, *, down: bool) -> Iterator[tuple[str, int]]:
        """A synset and those above or below it, each once, with how far away they are.

        Below it are those that are a kind of it first of all: a spacecraft is a craft, and only
        then a satellite.
        """
        level, seen = [offset], {offset}
        for depth in range(steps + 1):
            following = []
            for near in level:
                yield near, depth
                found = self._first_below(near) if down else self.synsets[near].above
                following += [o for o in found if o not in seen]
                seen.update(following)
            level = list(dict.fromkeys(following))

    def _first_below(self, offset: str) -> list[str]:
        return [o for o in self.synsets[offset].below if self.synsets[o].above[:1] == (offset,)]


def read_nouns(index: Iterable[str], data: Iterable[str]) -> Nouns:
    """From the lines of `index.noun` and `data.noun`."""
    synsets = dict(_synset(line) for line in data if not line.startswith("  "))
    senses, common = {}, set()
    for line in index:
        if not line.startswith("  "):
            written, *fields = line.split()
            word, count = written.replace("_", " "), int(fields[1])
            senses[word] = tuple(fields[-count:])
            if int(fields[-count - 1]):
                common.add(word)
    return Nouns(synsets, senses, frozenset(common))


def _synset(line: str) -> tuple[str, Synset]:
    facts, _, gloss = line.partition(" | ")
    fields = facts.split()
    count = int(fields[3], 16)
    words = tuple(fields[4 + 2 * i].replace("_", " ") for i in range(count))
    pointers = fields[5 + 2 * count :]
    pairs = [(pointers[i], pointers[i + 1]) for i in range(0, len(pointers) - 3, 4)]
    above, below = (
        tuple(offset for kind, offset in pairs if kind in (sign, f"{sign}i")) for sign in "@~"
    )
    return fields[0], Synset(fields[1], words, above, below, gloss.split(";")[0].lower().strip())
