"""Attention's kernel and first-block caching around the pipelines of diffusers.

diffusers has the cache as hooks of its own, but they fail on the single blocks of FLUX.2 and count
nothing; so the blocks of its transformers are wrapped here while pictures are made, by the rule of
`models/first_block_cache.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from engine.models.attention import attention_by, choose_attention
from engine.models.first_block_cache import FirstBlockCache
from engine.requests.run_options import RunOptions, RunOutcome

Answer = Any  # a tensor, or (text, picture) of them


@contextmanager
def run_with(
    transformer: Any, options: RunOptions, outcome: RunOutcome, device: torch.device
) -> Iterator[None]:
    """Pictures that are made inside use the wanted kernel and the cache; the outcome says so.

    Args:
        device: Where it computes; offloaded weights lie elsewhere.

    Raises:
        RequestError: The wanted kernel does not work here.
    """
    heads = int(transformer.config["attention_head_dim"])
    dtype = next(part.dtype for part in transformer.parameters() if part.is_floating_point())
    choice = choose_attention(options.attention, device, dtype, heads)
    outcome.attention, outcome.reason = choice.kernel.value, choice.reason
    with ExitStack() as inside:
        inside.enter_context(attention_by(choice.kernel))
        blocks = [*transformer.transformer_blocks, *transformer.single_transformer_blocks]
        if options.first_block_cache and len(blocks) > 1:
            cached = _CachedBlocks(options.first_block_cache, outcome)
            inside.enter_context(cached.around(transformer, blocks))
        yield


class _CachedBlocks:
    """The blocks of one transformer while some of them are left out."""

    def __init__(self, threshold: float, outcome: RunOutcome) -> None:
        self._threshold, self._outcome = threshold, outcome
        # Each prompt has its own memory; its states are the same tensor at every step.
        self._caches: dict[int, FirstBlockCache] = {}
        self._rests: dict[int, Answer] = {}
        self._prompt = 0
        self._begun: tuple[Tensor, Tensor] | None = None  # the first block's answer
        self._skips = False

    @contextmanager
    def around(self, transformer: nn.Module, blocks: list[nn.Module]) -> Iterator[None]:
        """Wraps the blocks, and takes the wrapping off again."""
        wrappers = [self._first, *[self._middle] * (len(blocks) - 2), self._last]
        handle = transformer.register_forward_pre_hook(self._notice_prompt, with_kwargs=True)
        before = [vars(block).get("forward") for block in blocks]
        for block, wrap in zip(blocks, wrappers, strict=True):
            block.forward = wrap(block.forward)
        try:
            yield
        finally:
            handle.remove()
            for block, own in zip(blocks, before, strict=True):
                if own is None:
                    del block.forward
                else:
                    block.forward = own

    def _notice_prompt(self, _network: Any, _args: Any, named: dict[str, Any]) -> None:
        self._prompt = int(named["encoder_hidden_states"].data_ptr())

    def _first(self, compute: Any) -> Any:
        def forward(*args: Any, **named: Any) -> Answer:
            text, picture = compute(*args, **named)
            fresh = FirstBlockCache(self._threshold, self._outcome)
            cache = self._caches.setdefault(self._prompt, fresh)
            self._skips = cache.repeats(picture - _picture_of(args, named))
            self._begun = (text, picture)
            return text, picture

        return forward

    def _middle(self, compute: Any) -> Any:
        makes_pairs = True

        def forward(*args: Any, **named: Any) -> Answer:
            nonlocal makes_pairs
            if not self._skips:
                answer = compute(*args, **named)
                makes_pairs = isinstance(answer, tuple)
                return answer
            picture = _picture_of(args, named)
            return (named["encoder_hidden_states"], picture) if makes_pairs else picture

        return forward

    def _last(self, compute: Any) -> Any:
        def forward(*args: Any, **named: Any) -> Answer:
            if self._begun is None:
                raise RuntimeError("the first block was not computed")
            text, picture = self._begun
            if self._skips:
                rest = self._rests[self._prompt]
                if isinstance(rest, tuple):
                    return text + rest[0], picture + rest[1]
                return torch.cat([text, picture], dim=1) + rest
            answer = compute(*args, **named)
            if isinstance(answer, tuple):
                self._rests[self._prompt] = (answer[0] - text, answer[1] - picture)
            else:  # of text and picture in one
                self._rests[self._prompt] = answer - torch.cat([text, picture], dim=1)
            return answer

        return forward


def _picture_of(args: Any, named: dict[str, Any]) -> Tensor:
    given: Tensor = named["hidden_states"] if "hidden_states" in named else args[0]
    return given
