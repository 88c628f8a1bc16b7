"""What the next try at a layer shall be like, where that differs from how the layer was made.

A layer with a wish is out of date: its picture is not what its prompt and box say.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from editor.document.recipe import GenerationRecord

MAX_PROMPT_CHARACTERS = 2000


@dataclass(frozen=True, kw_only=True)
class LayerWish:
    """Settings for the next try; None = as the layer was made.

    Attributes:
        box: (x0, y0, x1, y1) in document pixels.
        seed: 0 to 2^63 - 1.
        guidance: Classifier-free guidance, from 1.
    """

    prompt: str | None = None
    negative_prompt: str | None = None
    box: tuple[int, int, int, int] | None = None
    style: str | None = None
    seed: int | None = None
    steps: int | None = None
    guidance: float | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is wished."""
        return all(getattr(self, item.name) is None for item in fields(self))


def settings_of(record: GenerationRecord, prompt: str) -> LayerWish:
    """The settings of a layer for another one: everything but its box.

    Args:
        prompt: What would give the layer by itself again.
    """
    return LayerWish(
        prompt=prompt,
        negative_prompt=record.negative_prompt,
        style=record.style or None,
        seed=record.seed,
        steps=record.steps or None,
        guidance=record.true_guidance,
    )


def differing(wish: LayerWish, record: GenerationRecord | None, prompt: str) -> LayerWish | None:
    """The part of a wish that is not so already; None = all of it is.

    Args:
        prompt: What would give the layer again as it is.
    """
    present = LayerWish(prompt=prompt)
    if record is not None:
        present = replace(settings_of(record, prompt), box=record.box)
    return _without(wish, present)


def unfulfilled(wish: LayerWish | None, asked: LayerWish | None) -> LayerWish | None:
    """What remains of a wish after a try that was asked for with `asked`."""
    return None if wish is None or asked is None else _without(wish, asked)


def _without(wish: LayerWish, met: LayerWish) -> LayerWish | None:
    open_values = {
        item.name: value
        for item in fields(wish)
        if (value := getattr(wish, item.name)) is not None
        and not _says_the_same(value, getattr(met, item.name))
    }
    return LayerWish(**open_values) if open_values else None


def _says_the_same(wished: object, present: object) -> bool:
    """Prompts are the same without article, full stop and capitals."""
    if isinstance(wished, str) and isinstance(present, str):
        return _bare(wished) == _bare(present)
    return wished == present


def _bare(prompt: str) -> str:
    words = prompt.lower().strip(" .,;").split()
    return " ".join(words[1:] if words[:1] in (["a"], ["an"], ["the"]) else words)
