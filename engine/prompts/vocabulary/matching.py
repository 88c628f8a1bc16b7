"""Nearest phrase by meaning: a small table of sentence vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # torch is loaded by whoever made the vectors, not by importing this module
    from torch import Tensor

SentenceVectors = Callable[[Sequence[str]], "Tensor"]  # phrases -> unit vectors `b d`


class PhraseTable:
    """Phrases with a number each; several phrases may share a number.

    Args:
        entries: (phrase, number).
        vectors: Encodes phrases; called once here unless `known` gives their vectors.
        known: Unit vectors of the entries, `n d`.
    """

    def __init__(
        self,
        entries: Sequence[tuple[str, int]],
        vectors: SentenceVectors,
        known: Tensor | None = None,
    ) -> None:
        self._numbers = [number for _, number in entries]
        self._encode = vectors
        self._vectors = vectors([p for p, _ in entries]) if known is None else known

    def nearest(self, phrase: str) -> tuple[int, float]:
        """Number of the nearest phrase and the cosine to it."""
        similarities = self._vectors @ self._encode([phrase])[0].to(self._vectors.dtype)
        best = int(similarities.argmax())
        return self._numbers[best], float(similarities[best])
