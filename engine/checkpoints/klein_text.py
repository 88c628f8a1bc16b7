"""The text encoder of FLUX.2 klein, which reads a prompt with a language model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from engine.models.text_encoders import TextStates


class KleinTextEncoder:
    """A `TextEncoder` around Qwen3; there is nothing pooled."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self.model, self._tokenizer = model, tokenizer

    @classmethod
    def from_folder(cls, place: Path, dtype: torch.dtype) -> KleinTextEncoder:
        """Of a folder of FLUX.2 klein."""
        from transformers import AutoTokenizer, Qwen3ForCausalLM

        local: dict[str, Any] = {"local_files_only": True}
        make: Any = Qwen3ForCausalLM
        model = make.from_pretrained(place / "text_encoder", dtype=dtype, **local).eval()
        return cls(model, AutoTokenizer.from_pretrained(place / "tokenizer", **local))

    @torch.no_grad()
    def encode(self, prompts: Sequence[str]) -> TextStates:
        """States `b 512 d`: three layers of the language model side by side."""
        from diffusers import Flux2KleinPipeline

        make: Any = Flux2KleinPipeline
        reader = make(
            scheduler=None, vae=None, transformer=None, is_distilled=True,
            text_encoder=self.model, tokenizer=self._tokenizer,
        )  # fmt: skip
        states, _ = reader.encode_prompt(list(prompts), device=self.model.device)
        return TextStates(states, torch.zeros(len(prompts), 1, dtype=states.dtype))
