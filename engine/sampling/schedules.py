"""Sigma schedules: how noisy each step is. Sigma 1 is pure noise, 0 the finished picture."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DynamicShift:
    """FLUX's shift of the schedule by sequence length: more tokens, more steps at high noise.

    mu is a line through (base_tokens, base_shift) and (max_tokens, max_shift), not clamped at
    either end (art-plus, section 4).
    """

    base_shift: float = 0.5
    max_shift: float = 1.15
    base_tokens: int = 256
    max_tokens: int = 4096

    def mu(self, token_count: int) -> float:
        """Log of the shift for all kept image tokens of all entries together."""
        slope = (self.max_shift - self.base_shift) / (self.max_tokens - self.base_tokens)
        return self.base_shift + (token_count - self.base_tokens) * slope


def shift_sigma(sigma: float, mu: float) -> float:
    """e^mu / (e^mu + 1/sigma - 1); keeps 1 at 1, moves what lies between towards 1 for mu > 0."""
    strength = math.exp(mu)
    return strength / (strength + (1 / sigma - 1))


def shifted_sigmas(
    steps: int, token_count: int, shift: DynamicShift | None = None
) -> tuple[float, ...]:
    """`steps` + 1 sigmas from 1 down to 0.

    Args:
        steps: At least 1.
        token_count: Kept image tokens of all entries.
    """
    mu = (shift or DynamicShift()).mu(token_count)
    # linspace(1, 1/steps, steps), then the final 0
    return (*(shift_sigma((steps - i) / steps, mu) for i in range(steps)), 0.0)
