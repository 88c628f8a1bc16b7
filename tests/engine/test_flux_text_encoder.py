"""FLUX's pair of text encoders, on tiny random CLIP and T5 models in a folder of FLUX's layout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    PreTrainedTokenizerFast,
    T5Config,
    T5EncoderModel,
)

from engine.models.text_encoders import FluxTextEncoder

WORDS = ("a", "red", "apple", "brown", "dog", "on", "sunset")
CLIP_LENGTH = 12


def tokenizer(length: int, *, begin: str | None, end: str, padding: str) -> Any:
    """Words to numbers, with the marks that CLIP or T5 puts around them."""
    special = [word for word in (padding, begin, "<unk>") if word]
    names = {name: index for index, name in enumerate((*special, *WORDS, end))}
    made = Tokenizer(models.WordLevel(names, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    marks = [(name, names[name]) for name in (begin, end) if name]
    template = " ".join(name for name in (begin, "$A", end) if name)
    made.post_processor = processors.TemplateProcessing(single=template, special_tokens=marks)
    make: Any = PreTrainedTokenizerFast  # half of its signature is annotated
    return make(
        tokenizer_object=made, pad_token=padding, eos_token=end, unk_token="<unk>",
        model_max_length=length,
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    base = tmp_path_factory.mktemp("flux")
    clip_words = tokenizer(CLIP_LENGTH, begin="<start>", end="<end>", padding="<pad>")
    clip = CLIPTextConfig(
        vocab_size=16, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=4, max_position_embeddings=CLIP_LENGTH, projection_dim=32,
        bos_token_id=1, eos_token_id=2, pad_token_id=0,
    )  # fmt: skip  # 2 as in FLUX's files, which makes CLIP take the highest number as the end
    t5 = T5Config(
        vocab_size=16, d_model=24, d_kv=6, d_ff=32, num_layers=2, num_heads=4,
        feed_forward_proj="gated-gelu", pad_token_id=0, eos_token_id=10,
    )  # fmt: skip
    CLIPTextModel(clip).save_pretrained(base / "text_encoder")
    clip_words.save_pretrained(base / "tokenizer")
    T5EncoderModel(t5).save_pretrained(base / "text_encoder_2")
    tokenizer(512, begin=None, end="</s>", padding="<pad>").save_pretrained(base / "tokenizer_2")
    return base


@pytest.fixture(scope="module")
def encoder(folder: Path) -> FluxTextEncoder:
    return FluxTextEncoder.from_folder(folder, torch.float32)


def test_sizes(encoder: FluxTextEncoder) -> None:
    encoded = encoder.encode(["a red apple", ""])
    assert encoded.states.shape == (2, 512, 24)
    assert encoded.pooled.shape == (2, 32)
    assert encoded.states.isfinite().all()
    assert encoder.encode(["a dog"], max_sequence_length=16).states.shape == (1, 16, 24)


@torch.no_grad()
def test_t5_sees_the_padding_and_clip_stops_at_the_end_mark(encoder: FluxTextEncoder) -> None:
    encoded = encoder.encode(["a red dog"], max_sequence_length=8)
    names = encoder.t5_tokenizer.get_vocab()
    ids = [names[word] for word in ("a", "red", "dog", "</s>", *["<pad>"] * 4)]
    theirs = encoder.t5(torch.tensor([ids])).last_hidden_state
    torch.testing.assert_close(encoded.states, theirs)
    names = encoder.clip_tokenizer.get_vocab()
    ids = [names[word] for word in ("<start>", "a", "red", "dog", "<end>")]
    theirs = encoder.clip(torch.tensor([ids])).last_hidden_state[:, -1]
    torch.testing.assert_close(encoded.pooled, theirs)


def test_a_batch_equals_its_prompts_one_by_one(encoder: FluxTextEncoder) -> None:
    prompts = ["a red apple", "a brown dog on a sunset", ""]
    batch = encoder.encode(prompts)
    for index, prompt in enumerate(prompts):
        single = encoder.encode([prompt])
        torch.testing.assert_close(batch.states[index], single.states[0])
        torch.testing.assert_close(batch.pooled[index], single.pooled[0])


def test_long_prompts_are_cut_for_clip_only(encoder: FluxTextEncoder) -> None:
    start = "a red apple on a brown dog " * 3
    one, two = encoder.encode([start + "sunset"]), encoder.encode([start + "dog"])
    torch.testing.assert_close(one.pooled, two.pooled)
    assert not torch.allclose(one.states, two.states)


def test_half_precision(folder: Path) -> None:
    encoded = FluxTextEncoder.from_folder(folder, torch.bfloat16).encode(["a dog"])
    assert encoded.states.dtype == encoded.pooled.dtype == torch.bfloat16
