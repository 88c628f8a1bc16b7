"""Nearest phrase by meaning: tables of sentence vectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # torch is loaded by whoever made the vectors, not by importing this module
    from torch import Tensor

_DIRECTIONS, _LARGEST = 192, 127

SentenceVectors = Callable[[Sequence[str]], "Tensor"]  # phrases -> unit vectors `b d`


class PhraseTable:
    """Phrases with a number each; several phrases may share a number.

    Args:
        entries: (phrase, number).
        vectors: Encodes phrases; called once here.
    """

    def __init__(self, entries: Sequence[tuple[str, int]], vectors: SentenceVectors) -> None:
        self._numbers = [number for _, number in entries]
        self._encode = vectors
        self._vectors = vectors([phrase for phrase, _ in entries])

    def nearest(self, phrase: str) -> tuple[int, float]:
        """Number of the nearest phrase and the cosine to it."""
        similarities = self._vectors @ self._encode([phrase])[0].to(self._vectors.dtype)
        best = int(similarities.argmax())
        return self._numbers[best], float(similarities[best])


class NameTable:
    """Things with many names each, told apart by the nearest of their names.

    Args:
        names: Unit vectors of all names, float `n d`.
        owners: Number of the thing that each name is of, `n`, from 0 and without gaps.
        vectors: Encodes phrases, `b e`.
        basis: What takes the vectors of phrases to those of names, `e d`; None = they are alike.

    Attributes:
        things: How many there are.
    """

    def __init__(
        self, names: Tensor, owners: Tensor, vectors: SentenceVectors, basis: Tensor | None = None
    ) -> None:
        self._names = names
        self._owners = owners.long()
        self._encode = vectors
        self._basis = basis
        self.things = int(owners.max()) + 1
        self._cached = lru_cache(maxsize=64)(self._nearness)  # a plan asks for a phrase repeatedly

    def nearness(self, phrase: str) -> Tensor:
        """Of each thing, the cosine of the phrase to the nearest of its names, -1 to 1."""
        return self._cached(phrase)

    def _nearness(self, phrase: str) -> Tensor:
        vector = self._encode([phrase])[0].to(self._names.dtype)
        if self._basis is not None:
            vector = vector @ self._basis
            vector = vector / vector.norm()
        cosines = self._names @ vector
        lowest = cosines.new_full((self.things,), -1.0)
        return lowest.scatter_reduce(0, self._owners, cosines, "amax")


def each_by_one_name(names: Tensor, vectors: SentenceVectors) -> NameTable:
    """Things that have one name each.

    Args:
        names: Vectors of them, float `n e`.
    """
    import torch

    return NameTable(names, torch.arange(len(names)), vectors)


def pack_names(names: Tensor, owners: Tensor) -> dict[str, Tensor]:
    """Names for a file: in their 192 main directions, a byte each.

    That is a quarter of them in half precision, and finds the same (`engine/training/README.md`).

    Args:
        names: Unit vectors, float `n e`.
        owners: As of `NameTable`.
    """
    import torch

    basis = torch.linalg.svd(names, full_matrices=False).Vh[:_DIRECTIONS].T.contiguous()
    short = torch.nn.functional.normalize(names @ basis, dim=1)
    scales = short.abs().amax(1, keepdim=True) / _LARGEST
    return {
        "names": (short / scales).round().to(torch.int8), "name_scales": scales.half(),
        "name_owners": owners.to(torch.int16), "name_basis": basis.half(),
    }  # fmt: skip


def unpack_names(tensors: Mapping[str, Tensor], vectors: SentenceVectors) -> NameTable:
    """What `pack_names` made; of older folders, which have one name of each thing, their labels.

    Raises:
        KeyError: A tensor is missing.
        ValueError: The tensors do not fit together.
    """
    if "labels" in tensors:
        return each_by_one_name(tensors["labels"].float(), vectors)
    short, scales, owners = (tensors[name] for name in ("names", "name_scales", "name_owners"))
    basis = tensors["name_basis"].float()
    count, width = short.shape
    fits = scales.shape == (count, 1) and owners.shape == (count,) and basis.shape[1:] == (width,)
    if not fits:
        raise ValueError(f"{count} names of {width}, {tuple(scales.shape)}, {tuple(basis.shape)}")
    return NameTable(short.float() * scales.float(), owners, vectors, basis)
