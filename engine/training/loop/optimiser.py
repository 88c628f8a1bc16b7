"""Muon and AdamW over weights shared by the training processes, with the EMA kept beside.

Every process computes gradients of its own batch into its row of one shared buffer. Each parameter
has one owner, which adds the rows, updates the shared weight and its EMA in place, and alone
keeps the moments. No gradient is copied between processes, and the optimiser's cost is divided.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

MUON_ITERATIONS = 4
# Quintic Newton-Schulz coefficients of Muon (Keller Jordan, 2024): push singular values towards 1.
_A, _B, _C = 3.4445, -4.7750, 2.0315


@dataclass(frozen=True, slots=True)
class Rates:
    """Learning rates and decays of one step."""

    muon: float = 1.7e-3
    adam: float = 1.5e-3
    ema: float = 0.995
    clip: float = 1.0


@dataclass(frozen=True, slots=True)
class SharedBuffers:
    """Tensors in shared memory that all processes see.

    Attributes:
        gradients: One row per process, `w p` with p all trained values.
        ema: Exponential moving average by parameter name.
        norms: Squared gradient norm of each process's own parameters, `w`.
    """

    gradients: Tensor
    ema: dict[str, Tensor]
    norms: Tensor


def share_model(model: nn.Module, processes: int) -> SharedBuffers:
    """Moves the weights to shared memory and makes the buffers beside them."""
    model.share_memory()
    total = sum(p.numel() for p in model.parameters())
    ema = {k: p.detach().clone().share_memory_() for k, p in model.named_parameters()}
    gradients = torch.zeros(processes, total).share_memory_()
    return SharedBuffers(gradients, ema, torch.zeros(processes).share_memory_())


def takes_muon(name: str, parameter: Tensor) -> bool:
    """Whether Muon drives it: 2-D matrices inside blocks, except the modulation's."""
    inside = "transformer_blocks" in name or name.startswith(("layers.", "cross_attention."))
    return inside and parameter.ndim == 2 and ".norm" not in name and ".modulate" not in name


def orthogonalise(matrices: Tensor) -> Tensor:
    """Newton-Schulz: `k m n` -> about U V^T of each, in bfloat16."""
    x = matrices.bfloat16()
    tall = x.shape[1] > x.shape[2]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(MUON_ITERATIONS):
        gram = x @ x.mT
        x = _A * x + (_B * gram + _C * gram @ gram) @ x
    out: Tensor = x.mT if tall else x
    return out


class SharedOptimiser:
    """One process's part of the optimiser.

    Args:
        wait: Blocks until every process has called it (a barrier).
    """

    def __init__(
        self,
        model: nn.Module,
        shared: SharedBuffers,
        rank: int = 0,
        wait: Callable[[], Any] = lambda: None,
    ) -> None:
        self.shared, self.rank, self.wait = shared, rank, wait
        self.parameters = dict(model.named_parameters())
        self._bind_gradients()
        self.owned = self._choose_owned()
        self.count = 0
        self.moments = {
            name: torch.zeros(
                (1 if takes_muon(name, p) else 2, *p.shape)
            )  # Muon: momentum; Adam: mean and square
            for name, p in self.owned.items()
        }
        self._groups = self._muon_groups()

    def _bind_gradients(self) -> None:
        """Makes each `.grad` a view of this process's row, so that autograd adds into it."""
        self._columns: dict[str, slice] = {}
        start = 0
        row = self.shared.gradients[self.rank]
        for name, parameter in self.parameters.items():
            self._columns[name] = slice(start, start + parameter.numel())
            parameter.grad = row[self._columns[name]].view_as(parameter)
            start += parameter.numel()

    def _choose_owned(self) -> dict[str, nn.Parameter]:
        """Every w-th parameter within each shape, so that both kinds of work are split evenly."""
        processes = len(self.shared.norms)
        by_size = sorted(self.parameters.items(), key=lambda kv: (kv[1].numel(), kv[0]))
        return dict(by_size[self.rank :: processes])

    def _muon_groups(self) -> list[list[str]]:
        groups: dict[torch.Size, list[str]] = {}
        for name, parameter in self.owned.items():
            if takes_muon(name, parameter):
                groups.setdefault(parameter.shape, []).append(name)
        return list(groups.values())

    @torch.no_grad()
    def step(self, rates: Rates, between: Callable[[], Any] = lambda: None) -> float:
        """One update from the sum of the gradients in the buffer, which it leaves zeroed.

        Args:
            between: Called while no process computes gradients.

        Returns:
            Norm of the summed gradient before clipping.
        """
        self.wait()
        between()
        gradients = {name: self._total(name) for name in self.owned}
        self.shared.norms[self.rank] = sum(float(g.pow(2).sum()) for g in gradients.values())
        self.wait()
        norm = float(self.shared.norms.sum().sqrt())
        scale = min(1.0, rates.clip / (norm + 1e-6))
        self.count += 1
        self._adam(gradients, scale, rates.adam)
        self._muon(gradients, scale, rates.muon)
        decay = min(rates.ema, (1 + self.count) / (10 + self.count))
        for name, parameter in self.owned.items():
            self.shared.ema[name].lerp_(parameter, 1 - decay)
        self.shared.gradients[self.rank].zero_()
        self.wait()
        return norm

    def _total(self, name: str) -> Tensor:
        return self.shared.gradients[:, self._columns[name]].sum(0).view_as(self.owned[name])

    def _adam(self, gradients: dict[str, Tensor], scale: float, rate: float) -> None:
        for name, parameter in self.owned.items():
            if takes_muon(name, parameter):
                continue
            gradient = gradients[name] * scale
            mean, square = self.moments[name]
            mean.lerp_(gradient, 0.1)
            square.lerp_(gradient.pow(2), 0.05)
            mean_hat = mean / (1 - 0.9**self.count)
            square_hat = square / (1 - 0.95**self.count)
            parameter.sub_(rate * mean_hat / (square_hat.sqrt() + 1e-8))

    def _muon(self, gradients: dict[str, Tensor], scale: float, rate: float) -> None:
        for names in self._groups:
            nesterov = []
            for name in names:
                momentum = self.moments[name][0]
                gradient = gradients[name] * scale
                momentum.mul_(0.95).add_(gradient)
                nesterov.append(gradient + 0.95 * momentum)
            updates = orthogonalise(torch.stack(nesterov))
            # 0.2 sqrt(longer side) gives AdamW's typical root mean square (Moonlight, 2025).
            factor = rate * 0.2 * max(updates.shape[1:]) ** 0.5
            for name, update in zip(names, updates, strict=True):
                self.owned[name].sub_(update.float(), alpha=factor)

    def state(self) -> dict[str, Any]:
        """Moments of the owned parameters and the step count."""
        return {"count": self.count, "moments": self.moments}

    def load_state(self, moments: dict[str, Tensor], count: int) -> None:
        """Restores from the merged states of all processes, however many there were."""
        self.count = count
        for name, own in self.moments.items():
            own.copy_(moments[name])
