"""Vectors of phrases without a model."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def letter_vectors(phrases: Sequence[str]) -> Tensor:
    """Unit vectors `b 26` from letter counts: enough to tell phrases apart."""
    rows = torch.zeros(len(phrases), 26)
    for row, phrase in zip(rows, phrases, strict=True):
        for letter in phrase:
            if letter.isalpha():
                row[ord(letter) - 97] += 1
    return torch.nn.functional.normalize(rows, dim=1)
