"""Text encoders behind one protocol: the starter's small sentence encoder and FLUX's CLIP + T5.

A transformer takes two things from the text: states per token (its context) and one pooled vector
(added to the time embedding). Both forms produce exactly these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from torch import Tensor, nn

TOKEN_MULTIPLE = 8  # state lengths are padded to this, so that few sequence lengths occur
POOLED_SCALE = 8.0  # unit vectors have components of about 1/20; this brings them near 0.4


@dataclass(frozen=True, slots=True)
class TextStates:
    """Encoded prompts.

    Attributes:
        states: Context states, `b t d`.
        pooled: One vector per prompt, `b p`.
    """

    states: Tensor
    pooled: Tensor


class TextEncoder(Protocol):
    """What the sampling loop needs to know of a text encoder."""

    def encode(self, prompts: Sequence[str]) -> TextStates:
        """Encodes prompts; the empty prompt is the unconditional one of true guidance."""
        ...


class SentenceEncoder(nn.Module):
    """The 6-layer MiniLM sentence encoder (BERT layout; all-MiniLM-L6-v2), for short captions.

    The states leave out [CLS] and [SEP] and are zero-padded to a multiple of 8 tokens; the empty
    prompt is all zeros. The pooled vector is the mean over all tokens, made unit and times 8.
    """

    def __init__(self, tokenizer: Any, layers: int = 6, width: int = 384, heads: int = 12) -> None:
        super().__init__()
        self.tokenizer = tokenizer
        vocabulary, positions = 30522, 512
        self.word = nn.Embedding(vocabulary, width)
        self.position = nn.Embedding(positions, width)
        self.token_type = nn.Parameter(torch.zeros(width))
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.layers = nn.ModuleList(_BertLayer(width, heads) for _ in range(layers))

    @property
    def width(self) -> int:
        """Channels of the states and of the pooled vector."""
        return int(self.norm.normalized_shape[0])

    @torch.no_grad()
    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Last hidden states `b t d` of token ids `b t`; mask `b t` is True on real tokens."""
        hidden = self.word(ids) + self.position.weight[: ids.shape[1]] + self.token_type
        hidden = self.norm(hidden)
        for layer in self.layers:
            hidden = layer(hidden, mask)
        out: Tensor = hidden
        return out

    @torch.no_grad()
    def encode(self, prompts: Sequence[str]) -> TextStates:
        """States `b t 384` with t a multiple of 8, pooled `b 384` of length 8 (or 0 if empty)."""
        rows = [self.tokenizer.encode(prompt).ids for prompt in prompts]
        length = max(map(len, rows))
        ids = torch.tensor([row + [0] * (length - len(row)) for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in rows]).bool()
        hidden = self(ids, mask) * mask[..., None]
        inner = torch.tensor([[n - 2] for n in map(len, rows)])  # words between [CLS] and [SEP]
        pooled = F.normalize(hidden.sum(1) / mask.sum(1, keepdim=True), dim=1) * POOLED_SCALE
        padded = max(TOKEN_MULTIPLE, -(-(length - 2) // TOKEN_MULTIPLE) * TOKEN_MULTIPLE)
        states = hidden.new_zeros(len(rows), padded, self.width)
        states[:, : length - 2] = hidden[:, 1:-1]
        states *= (torch.arange(padded)[None] < inner)[..., None]
        return TextStates(states, pooled * (inner > 0))

    @torch.no_grad()
    def embed(self, phrases: Sequence[str]) -> Tensor:
        """Unit sentence vectors `b 384`, for comparing phrases."""
        return self.encode(phrases).pooled / POOLED_SCALE


class _BertLayer(nn.Module):
    """One post-norm BERT layer."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width, eps=1e-12)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)
        self.norm2 = nn.LayerNorm(width, eps=1e-12)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        batch, tokens, width = hidden.shape
        parts = self.qkv(hidden).reshape(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        query, key, value = parts
        attended = F.scaled_dot_product_attention(query, key, value, mask[:, None, None])
        attended = attended.transpose(1, 2).reshape(batch, tokens, width)
        hidden = self.norm1(hidden + self.out(attended))
        out: Tensor = self.norm2(hidden + self.down(F.gelu(self.up(hidden))))
        return out


def load_sentence_encoder(
    weights: Mapping[str, Tensor], tokenizer_file: str | Path
) -> SentenceEncoder:
    """The encoder from its shipped form: word table int8 with one scale per row, the rest half.

    Raises:
        KeyError, RuntimeError: A weight is missing or has the wrong shape.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=256)
    with torch.device("meta"):
        encoder = SentenceEncoder(tokenizer)
    full = {key: value.float() for key, value in weights.items() if not key.startswith("word.")}
    full["word.weight"] = weights["word.int8"].float() * weights["word.scale"].float()[:, None]
    encoder.load_state_dict(full, assign=True)
    return encoder.eval().requires_grad_(False)


class FluxTextEncoder:
    """FLUX's pair: T5 states as context, CLIP's pooled output; both of `transformers`.

    T5 sees the prompt padded to 512 tokens without a mask, as FLUX was trained; CLIP is cut to 77.
    """

    def __init__(self, clip: Any, clip_tokenizer: Any, t5: Any, t5_tokenizer: Any) -> None:
        self.clip, self.clip_tokenizer = clip, clip_tokenizer
        self.t5, self.t5_tokenizer = t5, t5_tokenizer

    @classmethod
    def from_folder(cls, folder: str | Path, dtype: torch.dtype) -> FluxTextEncoder:
        """Loads `tokenizer`, `text_encoder`, `tokenizer_2`, `text_encoder_2` of a FLUX folder."""
        from transformers import AutoTokenizer, CLIPTextModel, T5EncoderModel

        base = Path(folder)
        options: dict[str, Any] = {"local_files_only": True}
        return cls(
            CLIPTextModel.from_pretrained(base / "text_encoder", dtype=dtype, **options).eval(),
            AutoTokenizer.from_pretrained(base / "tokenizer", **options),
            T5EncoderModel.from_pretrained(base / "text_encoder_2", dtype=dtype, **options).eval(),
            AutoTokenizer.from_pretrained(base / "tokenizer_2", **options),
        )

    @torch.no_grad()
    def encode(self, prompts: Sequence[str], max_sequence_length: int = 512) -> TextStates:
        """States `b 512 4096`, pooled `b 768` (sizes of FLUX.1)."""
        t5_ids = self._ids(self.t5_tokenizer, prompts, max_sequence_length)
        clip_ids = self._ids(self.clip_tokenizer, prompts, self.clip.config.max_position_embeddings)
        states = self.t5(t5_ids.to(self.t5.device)).last_hidden_state
        pooled = self.clip(clip_ids.to(self.clip.device)).pooler_output
        return TextStates(states, pooled.to(states.dtype))

    @staticmethod
    def _ids(tokenizer: Any, prompts: Sequence[str], length: int) -> Tensor:
        options = {"padding": "max_length", "max_length": length, "truncation": True}
        ids: Tensor = tokenizer(list(prompts), return_tensors="pt", **options).input_ids
        return ids
