"""Denoises all layers of a layout together: text and anonymous regions in, latents per layer out.

Works for any checkpoint. Every entry may be null, so the same call makes a full layout, the
background alone ([None, canvas]) or one object alone in its box ([None, None, box]).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from engine.models.attention import attention_by, choose_attention
from engine.models.first_block_cache import FirstBlockCache, relative_error
from engine.models.geometry import LATENT_PX, RegionLayout, pack_regions, unpack_regions
from engine.models.region_transformer import RegionTransformer
from engine.models.text_encoders import TextStates
from engine.requests.run_options import RunOptions, RunOutcome
from engine.sampling.guidance import with_true_guidance
from engine.sampling.noise import NoiseKey, layer_noise
from engine.sampling.samplers import Denoiser, SamplerStep, sample_euler
from engine.sampling.schedules import shifted_sigmas

LATENT_CHANNELS = 16


@dataclass(frozen=True, slots=True, eq=False)
class RegionSampling:
    """What to sample and how.

    Attributes:
        layout: Canvas and boxes on the token grid (`geometry.make_layout`).
        noise_keys: One per entry; None where the layout has no box.
        text: States of one prompt, `1 t d`.
        negative: States of the empty prompt; needed unless `true_guidance` is 1.
        steps: Euler steps.
        true_guidance: Classifier-free guidance; 1 = one evaluation per step.
        distilled_guidance: Input of guidance-distilled checkpoints; None for the others.
        schedule_tokens: Token count that sets the sigma schedule; None = that of the layout. Give
            the recorded count to repeat a layer of a larger job under its old schedule.
        held: Per entry the clean latents it is held still with, `16 h w`; None = it is made.
            Empty = all are made.
        held_clean: The others see what is held without noise, instead of as noisy as themselves.
            Only for what was trained so.
        starts: Per entry clean latents to start from instead of noise alone; needs `strength`.
        strength: Noise level to start at, above 0 to 1; None = 1.
        run: Attention's kernel and first-block caching.
        outcome: Gets what came of these.
    """

    layout: RegionLayout
    noise_keys: tuple[NoiseKey | None, ...]
    text: TextStates
    negative: TextStates | None
    steps: int
    true_guidance: float = 1.0
    distilled_guidance: float | None = None
    schedule_tokens: int | None = None
    held: tuple[Tensor | None, ...] = ()
    held_clean: bool = False
    starts: tuple[Tensor | None, ...] = ()
    strength: float | None = None
    run: RunOptions = field(default_factory=RunOptions)
    outcome: RunOutcome = field(default_factory=RunOutcome)

    @property
    def sigmas(self) -> tuple[float, ...]:
        """From 1, or the strength, down to 0; `steps` + 1 values, or fewer with a strength."""
        full = shifted_sigmas(self.steps, self.schedule_tokens or self.layout.token_count)
        if self.strength is None or self.strength >= 1:
            return full
        return (self.strength, *(sigma for sigma in full if sigma < self.strength))


@dataclass(frozen=True, slots=True, eq=False)
class RegionStep:
    """Progress after each evaluation of the network.

    Attributes:
        index: From 0.
        steps: Of the whole run.
        sigma: Noise level of this step.
    """

    index: int
    steps: int
    sigma: float
    _sampler_step: SamplerStep
    _layout: RegionLayout

    def clean_estimate(self) -> list[Tensor | None]:
        """Per entry the clean latents as seen from here, `16 h w`, for a preview.

        Computed on call, so steps without a preview cost nothing.
        """
        return _split(self._sampler_step.clean_estimate(), self._layout)


OnStep = Callable[[RegionStep], None]
Cancelled = Callable[[], bool]


def sample_regions(
    transformer: RegionTransformer,
    request: RegionSampling,
    on_step: OnStep | None = None,
    cancelled: Cancelled | None = None,
) -> list[Tensor | None]:
    """Draws each layer's own noise and denoises all layers together.

    Returns:
        Per entry scaled latents `16 h w` cropped to its box, float32; None for null entries.

    Raises:
        JobCancelled: `cancelled` said so; it is asked before every step.
    """
    noise = draw_noise(request.layout, request.noise_keys)
    return denoise_regions(transformer, request, noise, on_step, cancelled)


def draw_noise(layout: RegionLayout, keys: Sequence[NoiseKey | None]) -> list[Tensor | None]:
    """Start noise per entry, `16 h w`, each from its own key.

    Raises:
        ValueError: The keys do not match the entries of the layout.
    """
    noise: list[Tensor | None] = []
    for box, key in zip(layout.boxes, keys, strict=True):
        if (box is None) != (key is None):
            raise ValueError("an entry needs a noise key exactly when it has a box")
        if box is None or key is None:
            noise.append(None)
        else:
            noise.append(layer_noise(key, LATENT_CHANNELS, *box.cells(LATENT_PX)))
    return noise


@torch.no_grad()
def denoise_regions(
    transformer: RegionTransformer,
    request: RegionSampling,
    noise: Sequence[Tensor | None],
    on_step: OnStep | None = None,
    cancelled: Cancelled | None = None,
) -> list[Tensor | None]:
    """`sample_regions` from given noise (per entry `16 h w`); the request's keys are not read.

    Entries that are held still walk from their noise to their latents in a straight line, as data
    and noise are mixed in training: the others see them at every step as noisy as they are
    themselves, or clean from the first step on (`held_clean`). They come back bit for bit.

    Raises:
        RequestError: The wanted kernel for attention does not work here.
    """
    run, outcome = request.run, request.outcome
    heads = int(transformer.config["attention_head_dim"])
    choice = choose_attention(run.attention, transformer.device, transformer.dtype, heads)
    outcome.attention, outcome.reason = choice.kernel.value, choice.reason
    with attention_by(choice.kernel):
        if not run.measure_cache:
            return _walk(transformer, request, noise, _Walk(on_step, cancelled))
        plain = replace(request, run=replace(run, first_block_cache=0.0))
        exact = _walk(transformer, plain, noise, _Walk(on_step, cancelled, walks=2))
        made = _walk(transformer, request, noise, _Walk(on_step, cancelled, walks=2, before=1))
    # What is held still is equal in both, and would only make the error look smaller.
    outcome.error = relative_error(_without_held(made, request), _without_held(exact, request))
    return made


def _without_held(entries: Sequence[Tensor | None], request: RegionSampling) -> list[Tensor | None]:
    held = request.held or (None,) * len(entries)
    return [new if kept is None else None for kept, new in zip(held, entries, strict=True)]


@dataclass(frozen=True, slots=True)
class _Walk:
    """Who is told of one walk from noise to latents, and which of several it is."""

    on_step: OnStep | None
    cancelled: Cancelled | None
    walks: int = 1
    before: int = 0

    def told(self, step: SamplerStep, layout: RegionLayout) -> None:
        """Reports a step."""
        if self.on_step is not None:
            done = self.before * step.steps + step.index
            self.on_step(RegionStep(done, self.walks * step.steps, step.sigma, step, layout))


def _walk(
    transformer: RegionTransformer,
    request: RegionSampling,
    noise: Sequence[Tensor | None],
    walk: _Walk,
) -> list[Tensor | None]:
    denoiser = with_true_guidance(
        _text_denoiser(transformer, request, request.text),
        None
        if request.negative is None
        else _text_denoiser(transformer, request, request.negative),
        request.true_guidance,
    )
    # Packing only reorders values, so the sampler may walk on tokens.
    tokens = _packed(noise).to(transformer.device)
    if any(entry is not None for entry in request.held):
        denoiser = _holding(denoiser, request, noise, tokens)
    tokens = _started(request, noise, tokens)

    final = sample_euler(
        denoiser, tokens, request.sigmas, lambda step: walk.told(step, request.layout),
        walk.cancelled,
    )  # fmt: skip
    made = _split(final, request.layout)
    held = request.held or (None,) * len(made)
    return [kept if kept is not None else new for kept, new in zip(held, made, strict=True)]


def _packed(entries: Sequence[Tensor | None]) -> Tensor:
    return pack_regions([None if entry is None else entry[None] for entry in entries])


def _mixed(noise: Sequence[Tensor | None], clean: Sequence[Tensor | None]) -> tuple[Tensor, Tensor]:
    """Tokens of `clean`, of the noise where it is None; and which are clean, `1 n c` of 0 and 1."""
    pairs = list(zip(noise, clean, strict=True))
    chosen = _packed([known if known is not None else other for other, known in pairs])
    marks = [
        None if other is None else torch.full_like(other, float(known is not None))
        for other, known in pairs
    ]
    return chosen, _packed(marks)


def _holding(
    denoiser: Denoiser, request: RegionSampling, noise: Sequence[Tensor | None], start: Tensor
) -> Denoiser:
    """The denoiser, with held entries put on their path and sent along it."""
    clean, mark = (part.to(start.device) for part in _mixed(noise, request.held))
    is_held = mark > 0

    def velocity(tokens: Tensor, sigma: float) -> Tensor:
        on_path = clean if request.held_clean else (1 - sigma) * clean + sigma * start
        answer = denoiser(torch.where(is_held, on_path, tokens), sigma)
        return torch.where(is_held, (start - clean).to(answer.dtype), answer)

    return velocity


def _started(request: RegionSampling, noise: Sequence[Tensor | None], tokens: Tensor) -> Tensor:
    """The noise, mixed with what is to be refined by the strength."""
    if request.strength is None or not request.starts:
        return tokens
    clean, mark = (part.to(tokens.device) for part in _mixed(noise, request.starts))
    mixed = (1 - request.strength) * clean + request.strength * tokens
    return torch.where(mark > 0, mixed, tokens)


def _text_denoiser(
    transformer: RegionTransformer, request: RegionSampling, text: TextStates
) -> Denoiser:
    """The network under one prompt, as a function of (tokens, sigma)."""
    device, dtype = transformer.device, transformer.dtype
    positions = transformer.positions(request.layout, text.states.shape[1])
    states = text.states.to(device, dtype)
    pooled = text.pooled.to(device, dtype)
    guidance = None
    if transformer.config["guidance_embeds"] and request.distilled_guidance is not None:
        guidance = torch.tensor([request.distilled_guidance], device=device)
    cache = None
    if request.run.first_block_cache:
        cache = FirstBlockCache(request.run.first_block_cache, request.outcome)

    def velocity(tokens: Tensor, sigma: float) -> Tensor:
        answer: Tensor = transformer(
            tokens.to(dtype),
            positions,
            encoder_hidden_states=states,
            pooled_projections=pooled,
            timestep=torch.tensor([sigma], device=device),
            guidance=guidance,
            cache=cache,
        )
        return answer.to(tokens.device)

    return velocity


def _split(tokens: Tensor, layout: RegionLayout) -> list[Tensor | None]:
    entries = unpack_regions(tokens, layout)
    return [None if entry is None else entry[0] for entry in entries]
