"""Which noise is paired with which training item (immiscible diffusion, arXiv 2406.12303).

A training-only choice: model, loss, sampler and checkpoint stay as they are. Items that are told
the same condition may trade their noises, so that each gets one that lies nearer; a trade is a
permutation, so the pool of noises stays exactly Gaussian. Items with different conditions never
trade: blind pairing pulls each condition's noise to the condition's mean, where sampling does not
start. Sampling always starts from independent noise.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

EXACT_UP_TO = 64  # above, the exact solver costs more than drawing the noise; greedy keeps 84-88 %
SMALLEST_GROUP = 4
LARGEST_GROUP = 1024  # memory of a group's table is its square
NEAREST_OF = 4  # more pulls the noise far from what sampling starts with

Indices = npt.NDArray[np.int64]


class NoisePairing(StrEnum):
    """How noise is chosen for the items of a batch."""

    OFF = "off"
    GROUPED = "grouped"  # traded between items of the same condition
    NEAREST = "nearest"  # the nearest of a few, for each item by itself; biases the noise


def assign(items: Tensor, noises: Tensor) -> Indices:
    """A permutation: item i gets noise `assign(...)[i]`, for a large sum of inner products.

    With whole permutations that is the same as a small sum of squared distances. Exact up to
    EXACT_UP_TO items, greedy above.

    Args:
        items, noises: `n ...` of the same shape.
    """
    gain = (items.flatten(1).float() @ noises.flatten(1).float().T).numpy()
    return _exact(gain) if len(gain) <= EXACT_UP_TO else _greedy(gain)


def _exact(gain: npt.NDArray[np.float32]) -> Indices:
    # Imported here: needed for training only, and pairing is off by default.
    from scipy.optimize import linear_sum_assignment

    return np.asarray(linear_sum_assignment(gain, maximize=True)[1], np.int64)


def _greedy(gain: npt.NDArray[np.float32]) -> Indices:
    """Each item in turn takes the best noise that is left."""
    gain = gain.copy()
    taken = np.empty(len(gain), np.int64)
    for item, row in enumerate(gain):
        taken[item] = best = int(row.argmax())
        gain[:, best] = -np.inf
    return taken


def pair_in_groups(items: Tensor, noises: Tensor, groups: Sequence[Hashable]) -> Tensor:
    """The same noises in another order, traded inside groups only -> `n ...`.

    Args:
        items: Clean data, `n ...`.
        noises: Of the same shape; not changed.
        groups: For each item all that the network is told about it (caption, layout, role).
            Groups of fewer than SMALLEST_GROUP keep their order.
    """
    paired = noises.clone()
    for members in _members(groups):
        if len(members) >= SMALLEST_GROUP:
            here = torch.from_numpy(members)
            order = torch.from_numpy(assign(items[here], noises[here]))
            paired[here] = noises[here[order]]
    return paired


def _members(groups: Iterable[Hashable]) -> list[Indices]:
    found: dict[Hashable, list[int]] = {}
    for index, group in enumerate(groups):
        found.setdefault(group, []).append(index)
    return [np.array(members, np.int64) for members in found.values()]


def nearest_of(items: Tensor, first: Tensor, count: int) -> Tensor:
    """For each item the nearest of `count` noises: its `first` and others drawn for it.

    The others come from a stream of their own, seeded by the first, so that data and noise levels
    of a run are the same as without pairing. Holds two sets of noises, whatever the count.
    """
    best = first.clone()
    least = _distances(items, best)
    generator = torch.Generator().manual_seed(int(first.flatten()[:1].view(torch.int32)))
    for _ in range(count - 1):
        other = torch.randn(items.shape, generator=generator)
        distance = _distances(items, other)
        nearer = distance < least
        best[nearer] = other[nearer]
        least = torch.minimum(least, distance)
    return best


def pair(
    mode: NoisePairing, items: Tensor, noises: Tensor, groups: Callable[[], Sequence[Hashable]]
) -> Tensor:
    """The noises that a mode gives the items of a batch; `groups` as for `pair_in_groups`."""
    if mode is NoisePairing.GROUPED:
        return pair_in_groups(items, noises, groups())
    if mode is NoisePairing.NEAREST:
        return nearest_of(items, noises, NEAREST_OF)
    return noises


def equal_rows(conditions: Tensor) -> list[int]:
    """Groups of items whose conditions (`n ...`) are the same in every value."""
    found = torch.unique(conditions.flatten(1), dim=0, return_inverse=True)[1]
    return [int(index) for index in found]


def _distances(items: Tensor, noises: Tensor) -> Tensor:
    distances: Tensor = torch.linalg.vector_norm((items - noises).flatten(1), dim=1)
    return distances


def distance_fall(items: Tensor, before: Tensor, after: Tensor) -> float:
    """By what share pairing brought items and noises nearer on average; 0 when it did nothing."""
    return 1 - float(_distances(items, after).mean() / _distances(items, before).mean())


@dataclass(frozen=True, slots=True)
class EpochPlan:
    """The noise of every item of a data set for one epoch, as seeds.

    Works at any batch size, even 1, and resumes: the plan is as many whole numbers as there are
    items, and the same epoch seed gives the same plan.

    Attributes:
        seeds: `n`, 63-bit seeds, a permutation of the epoch's.
    """

    seeds: tuple[int, ...]

    def noise(self, index: int, shape: Sequence[int]) -> Tensor:
        """Standard normal noise of an item, float32."""
        return seeded_noise(self.seeds[index], shape)


def seeded_noise(seed: int, shape: Sequence[int]) -> Tensor:
    """Standard normal noise, float32, the same for a seed and shape on every machine's CPU."""
    return torch.randn(tuple(shape), generator=torch.Generator().manual_seed(seed))


def plan_epoch(items: Sequence[Tensor], groups: Sequence[Hashable], epoch_seed: int) -> EpochPlan:
    """Pairs a whole data set with the noises of an epoch.

    Args:
        items: Cached latents; those of one group have one shape. Augmentation is in them already.
        groups: As for `pair_in_groups`. Groups of more than LARGEST_GROUP are split at random.
        epoch_seed: Another one for each epoch, so that no pair is learned by heart.
    """
    rng = np.random.default_rng(epoch_seed)
    seeds = rng.integers(0, 2**63, len(items))
    planned = seeds.copy()
    for members in _members(groups):
        for part in _parts(rng.permutation(members)):
            if len(part) < SMALLEST_GROUP:
                continue
            data = torch.stack([items[index] for index in part])
            noises = torch.stack([seeded_noise(int(seeds[i]), data.shape[1:]) for i in part])
            planned[part] = seeds[part[assign(data, noises)]]
    return EpochPlan(tuple(int(seed) for seed in planned))


def _parts(members: Indices) -> list[Indices]:
    count = -(-len(members) // LARGEST_GROUP)
    return np.array_split(members, count)
