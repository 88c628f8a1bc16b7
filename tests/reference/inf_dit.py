"""Kinds of Inf-DiT: one evaluation, whole and block by block, and the whole path from 8 bits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from engine.models.clip_vision import PREFIX, ClipVision
from engine.models.inf_dit import BlockBatch, InfDit, KeyValue
from engine.pipelines.block_cache import BlockCache, CacheShape
from engine.pipelines.block_order import BlockGrid
from engine.pipelines.low_resolution import enlarge, to_bytes, to_network
from engine.sampling.edm import EdmMethod, EdmSchedule, Preconditioning, sample_edm
from tests.reference.cases import Case, Check

Network = Callable[[Tensor, float], Tensor]  # (6-channel input, c_noise) -> F
STATE_RTOL = 5e-5  # of pixel states in between, with respect to the first sigma: 2e-3 for 40


def run_forward(case: Case) -> list[Check]:
    """One evaluation: whole picture, block by block, and the values on the way."""
    model = _model(case)
    lr, vector = case.tensor("in.lr"), case.tensor("in.vector")
    sigmas = case.tensor("in.sigma").tolist()
    checks = _Checks(case)
    blockwise, outputs, denoised = [], [], []
    for index, sigma in enumerate(sigmas):  # pictures one by one: each has its own noise level
        part = slice(index, index + 1)
        x, up = case.tensor("in.x")[part], case.tensor("in.concat")[part]
        factors = Preconditioning.at(sigma, case.config("sigma_data", 0.5))
        inputs = torch.cat([x, up], 1) * factors.c_in
        noise_level = torch.tensor([factors.c_noise])
        origin = _origin(case, index)
        hidden = checks.hidden_states(model, x, index)
        network = model(inputs, noise_level, vector[part], lr[part], origin=origin, on_layer=hidden)
        cached, cache = by_blocks(model, inputs, noise_level, vector[part], lr[part], origin=origin)
        checks.kept_blocks(cache, index)
        outputs.append(network)
        denoised.append(factors.c_skip * x + factors.c_out * network)
        blockwise.append(factors.c_skip * x + factors.c_out * cached)
    windows = _windows(model, lr)
    levels = torch.tensor([Preconditioning.at(sigma).c_noise for sigma in sigmas])
    checks.compare("mid.emb", model.condition(levels, vector))
    checks.compare("mid.lr_windows", windows)
    checks.compare("out.network", torch.cat(outputs))
    checks.compare("out.denoised", torch.cat(denoised))
    checks.compare("out.denoised_blockwise", torch.cat(blockwise))
    return checks.made


def run_sampler(case: Case) -> list[Check]:
    """From 8-bit to 8-bit pixels: preparation, CLIP vector, all steps, whole and by blocks."""
    model = _model(case)
    checks = _Checks(case)
    lr = to_network(case.tensor("in.lr_uint8").numpy())
    up = enlarge(lr, case.config("sr_scale", model.sizes.scale))
    checks.compare("mid.lr", lr, 1e-6)
    checks.compare("mid.concat", up, 1e-5)
    vector = _vector(case, checks, lr)
    schedule, method, init_noise = _schedule(case)
    sigmas = schedule.sigmas()
    checks.compare("mid.sigmas", torch.tensor(sigmas), 1e-6 * sigmas[0])
    noisy = sigmas[0] * case.tensor("in.noise") + (up if init_noise else 0)
    checks.compare("mid.x_init", noisy, 4e-6 * sigmas[0])
    tolerance = case.tolerance("samples_atol", 5e-4)

    def whole(inputs: Tensor, c_noise: float) -> Tensor:
        out: Tensor = model(inputs, torch.tensor([c_noise]), vector, lr)
        return out

    def blocks(inputs: Tensor, c_noise: float) -> Tensor:
        return by_blocks(model, inputs, torch.tensor([c_noise]), vector, lr)[0]

    for name, network in (("", whole), (" by blocks", blocks)):
        states: dict[int, Tensor] = {}
        samples = sample_edm(
            _denoiser(network, up, case), noisy, sigmas, method=method, on_step=states.__setitem__
        )
        for index, state in states.items():
            checks.compare(f"mid.x_after_step.{index}", state, STATE_RTOL * sigmas[0], name)
        checks.compare("out.samples", samples, tolerance, name)
        eight_bit = torch.from_numpy(to_bytes(samples[0]))
        checks.compare("out.uint8", eight_bit, case.tolerance("uint8_max_diff", 1), name)
    return checks.made


def by_blocks(
    model: InfDit,
    inputs: Tensor,
    c_noise: Tensor,
    vector: Tensor,
    lr: Tensor,
    *,
    origin: tuple[int, int] = (0, 0),
) -> tuple[Tensor, RecordingCache]:
    """F of one picture, one block after the other, and the keys and values that were kept."""
    side = model.sizes.block_px
    grid = BlockGrid(inputs.shape[2] // side, inputs.shape[3] // side)
    out, cache = torch.empty_like(inputs[:, :3]), RecordingCache(model, grid)
    condition = model.condition(c_noise, vector)
    for batch in grid.batches():
        for row, column in batch:
            y, x = slice(row * side, (row + 1) * side), slice(column * side, (column + 1) * side)
            tokens = torch.tensor([[row, column]]) * model.sizes.block_tokens
            cache.begin([(row, column)])
            out[:, :, y, x] = model.run_blocks(
                BlockBatch(
                    inputs[:, :, y, x], condition, model.window(lr, row, column),
                    tokens + torch.tensor(origin),
                ),
                cache,
            )  # fmt: skip
            cache.end()
    return out, cache


class RecordingCache(BlockCache):
    """The cache of the upscaler, which also remembers all that was put into it."""

    def __init__(self, model: InfDit, grid: BlockGrid) -> None:
        shape = CacheShape.fit(grid, model.sizes, model.dtype, None)
        super().__init__(grid, model.sizes, model.dtype, shape, Path("unused"))
        self.kept: dict[tuple[int, int], dict[int, KeyValue]] = {}

    def exchange(self, layer: int, own: KeyValue) -> Sequence[KeyValue]:
        for index, place in enumerate(self._batch):
            self.kept.setdefault(place, {})[layer] = (own[0][index], own[1][index])
        return super().exchange(layer, own)


def _model(case: Case) -> InfDit:
    return InfDit.from_state_dict(case.group("sd", "."), case.name)


def _origin(case: Case, index: int) -> tuple[int, int]:
    if "in.position_ids" not in case.tensors:
        return (0, 0)
    row, column = case.tensor("in.position_ids")[index, 0].tolist()
    return int(row), int(column)


def _windows(model: InfDit, lr: Tensor) -> Tensor:
    side = model.sizes.lr_block_px
    rows, columns = lr.shape[2] // side, lr.shape[3] // side
    places = [(row, column) for row in range(rows) for column in range(columns)]
    return torch.stack([model.window(lr, *place) for place in places], 1)


def _vector(case: Case, checks: _Checks, lr: Tensor) -> Tensor:
    """The CLIP vector of the picture, if the case brings the tower; else the given one."""
    weights = case.group("sd", ".")
    tower = {k.removeprefix(PREFIX): v for k, v in weights.items() if k.startswith(PREFIX)}
    if not tower:
        return case.tensor("in.vector")
    clip = ClipVision.from_state_dict(tower, case.name, case.config("clip", {}).get("heads"))
    checks.compare("mid.clip_pixels", clip.prepare(lr), 1e-4)
    vector = clip.embed(lr)
    checks.compare("mid.vector", vector, 1e-5)
    return vector


def _schedule(case: Case) -> tuple[EdmSchedule, EdmMethod, bool]:
    options = case.field("sampler")
    schedule = EdmSchedule(
        options["num_steps"], options["sigma_min"], options["sigma_max"], options["rho"]
    )
    return schedule, EdmMethod(options.get("method", "heun")), options.get("init_noise", True)


def _denoiser(network: Network, up: Tensor, case: Case) -> Callable[[Tensor, float], Tensor]:
    def clean(noisy: Tensor, sigma: float) -> Tensor:
        factors = Preconditioning.at(sigma, case.config("sigma_data", 0.5))
        inputs = torch.cat([noisy, up], 1) * factors.c_in
        return factors.c_skip * noisy + factors.c_out * network(inputs, factors.c_noise)

    return clean


class _Checks:
    """Compares whatever the case brings; values in between may be missing, targets may not."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.made: list[Check] = []

    def compare(self, name: str, ours: Tensor, atol: float | None = None, note: str = "") -> None:
        """Tolerances default to the case's own."""
        if name in self.case.tensors or not name.startswith("mid."):
            self._compare(name + note, ours, self.case.tensor(name), atol)

    def _compare(self, name: str, ours: Tensor, theirs: Tensor, atol: float | None = None) -> None:
        rtol = 0.0
        if atol is None:
            atol, rtol = self.case.tolerance("atol", 2e-5), self.case.tolerance("rtol", 1e-4)
        self.made.append(self.case.compare(name, ours, theirs, atol, rtol))

    def hidden_states(
        self, model: InfDit, x: Tensor, index: int
    ) -> Callable[[int, Tensor], object]:
        """Compares the hidden states of one picture after each layer."""
        n, side = model.sizes.block_tokens, model.sizes.block_px
        rows, columns = x.shape[2] // side, x.shape[3] // side

        def on_layer(layer: int, hidden: Tensor) -> None:
            name = f"mid.hidden.{layer}"
            if name in self.case.tensors:
                grid = hidden.reshape(rows, columns, n, n, hidden.shape[-1])
                flat = grid.transpose(1, 2).reshape(-1, hidden.shape[-1])
                self._compare(name, flat, self.case.tensor(name)[index])

        return on_layer

    def kept_blocks(self, cache: RecordingCache, index: int) -> None:
        """Compares keys and values of those blocks of a picture that the case shows."""
        for (row, column), layers in cache.kept.items():
            for layer, pair in layers.items():
                for letter, ours in zip("kv", pair, strict=True):
                    name = f"mid.block_{row}_{column}.{letter}.{layer}"
                    if name in self.case.tensors:
                        theirs = self.case.tensor(name)[index]
                        self._compare(name, ours.transpose(0, 1), theirs)
