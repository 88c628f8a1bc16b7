"""One thread at a time imports torch, diffusers and what else is large.

The engine's thread and the window's background threads both need them. Diffusers and transformers
fetch their parts at first use and import each other in circles; two threads in such a circle get
modules that are half made, and keep them.
"""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LOCK = threading.RLock()
_PARTS = (
    ("torch", ()),
    ("accelerate", ()),
    (
        "diffusers",
        (
            "AutoencoderKL",
            "AutoencoderKLFlux2",
            "FlowMatchEulerDiscreteScheduler",
            "Flux2Transformer2DModel",
            "FluxTransformer2DModel",
        ),
    ),
    (
        "transformers",
        (
            "AutoTokenizer",
            "CLIPTextConfig",
            "CLIPTextModel",
            "Qwen3Config",
            "Qwen3ForCausalLM",
            "T5Config",
            "T5EncoderModel",
        ),
    ),
    ("diffusers.hooks.group_offloading", ()),
)


@contextmanager
def importing() -> Iterator[None]:
    """Nobody else imports large libraries meanwhile."""
    # Threads that wait by spinning take the core from the very thread they wait for when other
    # programs are busy; a job then takes many times as long. Read when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    with _LOCK:
        yield


def load_libraries() -> None:
    """Imports all that full-size models need, so that later imports find it whole.

    Raises:
        ImportError: A library is missing or damaged; the next call tries again.
    """
    with importing():
        for module, names in _PARTS:
            library = importlib.import_module(module)
            for name in names:
                getattr(library, name)  # the libraries import a part when it is asked for
