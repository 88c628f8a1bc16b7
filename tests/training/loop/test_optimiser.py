"""The optimiser that processes share: the same step, however many make it."""

from __future__ import annotations

import threading

import torch

from engine.training.loop.optimiser import Rates, SharedOptimiser, orthogonalise, share_model
from engine.training.train_layers import STARTER_CONFIG, new_transformer

TINY = STARTER_CONFIG | {"num_attention_heads": 1, "num_single_layers": 2, "max_layer_num": 4}
RATES = Rates(muon=2e-3, adam=2e-3)


def test_two_processes_with_half_the_gradients_make_the_step_of_one() -> None:
    """Sharding the optimiser changes nothing: same weights after a step on the same gradients."""
    results = []
    for processes in (1, 2):
        model = new_transformer(TINY, 0)
        shared = share_model(model, processes)
        shards = [SharedOptimiser(model, shared, rank) for rank in range(processes)]
        torch.manual_seed(1)
        gradient = torch.randn(shared.gradients.shape[1]) * 1e-4
        shared.gradients[:] = gradient / processes
        _step_together(shards)
        results.append(torch.cat([p.detach().flatten() for p in model.parameters()]))
    torch.testing.assert_close(results[0], results[1], rtol=1e-4, atol=1e-6)


def _step_together(shards: list[SharedOptimiser]) -> None:
    gate = threading.Barrier(len(shards))
    for shard in shards:
        shard.wait = gate.wait
    threads = [threading.Thread(target=shard.step, args=(RATES,)) for shard in shards]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_orthogonalised_matrices_have_singular_values_near_one() -> None:
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonalise(torch.randn(2, 24, 60)).float())
    assert values.min() > 0.4
    assert values.max() < 1.4
