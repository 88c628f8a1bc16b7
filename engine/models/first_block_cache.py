"""First-block caching: an evaluation that begins like the last one is finished like the last one.

Between two steps of sampling the network's input changes little. Its first block tells how much:
when what it adds changed less than a threshold, the other blocks are left out and what they added
last is added again. The rule is that of diffusers' hook, so a threshold means the same as there;
but it is part of the forward pass, counted, and each prompt has its own memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from engine.requests.run_options import RunOutcome


@dataclass(slots=True)
class FirstBlockCache:
    """Memory of one denoiser in one run.

    Attributes:
        threshold: Largest mean change of what the first block adds, as a share of its mean size.
        outcome: Gets the counts; shared by the caches of a job.
    """

    threshold: float
    outcome: RunOutcome = field(default_factory=RunOutcome)
    _added: Tensor | None = None
    _rest: Tensor | None = None

    def finished(self, entered: Tensor, first: Tensor) -> Tensor | None:
        """The last block's output as it was last time, or None: then the blocks must be computed.

        Args:
            entered: What the first block was given, `b n d`.
            first: What it returned.
        """
        if self.repeats(first - entered) and self._rest is not None:
            return first + self._rest
        return None

    def repeats(self, added: Tensor) -> bool:
        """Whether an evaluation may end like the last whole one; counts it.

        Args:
            added: What the first block added to what it was given.
        """
        self.outcome.evaluations += 1
        if self._added is not None:
            change = (added - self._added).abs().float().mean()
            if bool(change <= self.threshold * self._added.abs().float().mean()):
                self.outcome.reused += 1
                return True
        self._added = added
        return False

    def keep(self, first: Tensor, last: Tensor) -> None:
        """Remembers what the blocks after the first one added."""
        self._rest = last - first


def relative_error(approximate: Sequence[Tensor | None], exact: Sequence[Tensor | None]) -> float:
    """Length of the difference as a share of the exact one's, over all entries together;
    null entries count for nothing."""
    pairs = [
        (a, b) for a, b in zip(approximate, exact, strict=True) if a is not None and b is not None
    ]
    off = sum(float(torch.sum((a.float() - b.float()) ** 2)) for a, b in pairs)
    whole = sum(float(torch.sum(b.float() ** 2)) for _, b in pairs)
    return float((off / whole) ** 0.5) if whole else 0.0
