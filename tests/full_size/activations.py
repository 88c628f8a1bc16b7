"""Counts the bytes that an evaluation holds at once, on the meta device."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter


def peak_bytes(network: nn.Module, call: Callable[[], object]) -> int:
    """The most that tensors made during `call` hold at one time, the weights not counted.

    Attention counts as on a card, where the table of all pairs is never written down.
    """
    counter = _LiveBytes([*network.parameters(), *network.buffers()])
    with torch.no_grad(), _fused_attention(), counter:
        call()
    return counter.peak


class _LiveBytes(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds a storage when it appears and takes it off when nothing refers to it any more."""

    def __init__(self, known: list[Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.live = self.peak = 0
        self._seen: dict[int, weakref.ref[Any]] = {}
        for tensor in known:
            self._note(tensor, counted=False)

    def __torch_dispatch__(  # torch's name
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        for value in tree_iter(out):
            if isinstance(value, Tensor):
                self._note(value, counted=True)
        return out

    def _note(self, tensor: Tensor, *, counted: bool) -> None:
        storage: Any = tensor.untyped_storage()
        key = id(storage)
        if key in self._seen and self._seen[key]() is storage:
            return
        size = storage.nbytes() if counted else 0

        def gone(_ref: object) -> None:
            self.live -= size
            self._seen.pop(key, None)

        self._seen[key] = weakref.ref(storage, gone)
        self.live += size
        self.peak = max(self.peak, self.live)


@contextmanager
def _fused_attention() -> Iterator[None]:
    before = F.scaled_dot_product_attention

    def fused(*values: Tensor, **named: Any) -> Tensor:
        return torch.empty_like(named["query"] if "query" in named else values[0])

    F.scaled_dot_product_attention = fused  # type: ignore[assignment]
    try:
        yield
    finally:
        F.scaled_dot_product_attention = before
