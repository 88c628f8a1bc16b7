"""How many threads tests of networks take."""

from __future__ import annotations

from collections.abc import Iterator

import torch


def on_one_thread() -> Iterator[None]:
    """Body of a fixture: on a busy machine, threads of tiny operations wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
