"""Encoded prompts on the disk: the text encoders are loaded only for new ones and then leave.

T5-XXL is the second largest network of FLUX: kept beside the transformer it would decide what fits.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from engine.models.text_encoders import TextEncoder, TextStates

MAX_FILES = 500  # of about four megabytes each
_VERSION = "1"


class CachedTextEncoder:
    """A `TextEncoder` that looks on the disk first and lets the real one go after use.

    Args:
        folder: Of the cached prompts; made when it is needed.
        identity: Of the encoders' weights and of how they are used; other ones are other files.
        load: Makes the real encoder.
        after_release: Called when it has been let go, to empty the card's own cache.
    """

    def __init__(
        self,
        folder: Path,
        identity: str,
        load: Callable[[], TextEncoder],
        after_release: Callable[[], object] = lambda: None,
    ) -> None:
        self._folder, self._identity, self._load = folder, identity, load
        self._after_release = after_release

    def encode(self, prompts: Sequence[str]) -> TextStates:
        """See `TextEncoder`; each prompt is a file of its own."""
        found = {prompt: self._read(prompt) for prompt in dict.fromkeys(prompts)}
        missing = [prompt for prompt, states in found.items() if states is None]
        if missing:
            found |= self._encode_now(missing)
        rows = [states for prompt in prompts if (states := found[prompt]) is not None]
        return TextStates(
            torch.cat([row.states for row in rows]), torch.cat([row.pooled for row in rows])
        )

    def _encode_now(self, prompts: list[str]) -> dict[str, TextStates | None]:
        encoder = self._load()
        # One by one: lengths may differ, and a batch would have the longest one's.
        made = {prompt: encoder.encode([prompt]) for prompt in prompts}
        del encoder
        gc.collect()
        self._after_release()
        for prompt, states in made.items():
            self._write(prompt, states)
        return dict(made)

    def _path(self, prompt: str) -> Path:
        text = f"{_VERSION}/{self._identity}/{prompt}".encode()
        return self._folder / f"{hashlib.blake2b(text, digest_size=16).hexdigest()}.safetensors"

    def _read(self, prompt: str) -> TextStates | None:
        path = self._path(prompt)
        try:
            tensors = load_file(path)
            path.touch()  # the oldest go first
            return TextStates(tensors["states"], tensors["pooled"])
        except (OSError, SafetensorError, KeyError):
            return None

    def _write(self, prompt: str, states: TextStates) -> None:
        """A cache that cannot be written is only slower."""
        path = self._path(prompt)
        fresh = path.with_suffix(".new")
        tensors = {"states": states.states, "pooled": states.pooled}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            save_file({key: value.detach().cpu().clone() for key, value in tensors.items()}, fresh)
            fresh.replace(path)
            self._drop_oldest()
        except (OSError, SafetensorError):
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)

    def _drop_oldest(self) -> None:
        files = sorted(self._folder.glob("*.safetensors"), key=lambda file: file.stat().st_mtime)
        for file in files[:-MAX_FILES]:
            file.unlink(missing_ok=True)
