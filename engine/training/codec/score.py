"""How well the starter's codec gives back drawings that it was never trained on.

Run: `python -m engine.training.codec.score [--codec FILE]`. Prints the PSNR of drawings and the
error of alpha in soft shadows and glows.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence, Set
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from safetensors.torch import load_file
from torch import Tensor

from engine.models.starter_codec import StarterCodec, from_colour_form, to_colour_form
from engine.prompts.captions import EFFECTS
from engine.training.art import sources as art
from engine.training.icon_data import SHIPPED_CODEC, as_tensor, fit_in_box
from engine.training.layered_data import EFFECT_ROOM, with_effect
from engine.training.recipe import load_recipe

_HELD_OUT = 2  # widening of the recipe from which on concepts only serve to score the codec
_SOFT_DRAWINGS = 20
_SOFT = (0.02, 0.9)  # alpha of shadows and glows
_NEAR_PX = 5.0  # of what is solid


def over_grey(colour: Tensor, grey: Tensor | float) -> Tensor:
    """Colour form composited on a grey level in [-1, 1]."""
    return colour[:, :3] + (1 - (colour[:, 3:] + 1) / 2) * grey


@torch.no_grad()
def score(codec: StarterCodec, pictures: list[art.ByteImage]) -> dict[str, float]:
    """PSNR in dB of drawings at double and at model resolution: on white, on black, alpha.

    Args:
        pictures: Straight RGBA at double resolution, sides multiples of 32.
    """
    errors: dict[str, list[float]] = {}
    for picture in pictures:
        target = to_colour_form(as_tensor([picture]))
        output = _coded(codec, target)
        for name, factor in (("2x", 1), ("1x", 2)):
            a, b = F.avg_pool2d(output, factor), F.avg_pool2d(target, factor)
            for ground, level in (("white", 1.0), ("black", -1.0)):
                value = float((over_grey(a, level) - over_grey(b, level)).pow(2).mean() / 4)
                errors.setdefault(f"{ground} {name}", []).append(value)
            value = float((a[:, 3] - b[:, 3]).pow(2).mean() / 4)
            errors.setdefault(f"alpha {name}", []).append(value)
    return {key: -10 * float(np.log10(np.mean(value))) for key, value in errors.items()}


@torch.no_grad()
def soft_errors(codec: StarterCodec, pictures: Sequence[art.ByteImage]) -> dict[str, float]:
    """Root mean square error of alpha, of 255 levels, in shadows and glows put on drawings.

    Near what is solid (5 px of the doubled drawing), where its edge counts too, and off it.

    Args:
        pictures: Straight RGBA at double resolution, sides multiples of 32.
    """
    errors: dict[str, float] = {}
    for effect in EFFECTS:
        near, off = [], []
        for picture in pictures:
            height, width = picture.shape[:2]
            room = fit_in_box(picture, width, height, EFFECT_ROOM, (0.5, 0.5))
            target = to_colour_form(as_tensor([with_effect(room, effect)]))
            wanted, got = ((c[0, 3].numpy() + 1) / 2 for c in (target, _coded(codec, target)))
            solid = (wanted >= _SOFT[1]).astype(np.uint8)
            away = cv2.distanceTransform(1 - solid, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
            soft = (wanted > _SOFT[0]) & (wanted < _SOFT[1])
            near.append(np.square(got - wanted)[soft & (away <= _NEAR_PX)])
            off.append(np.square(got - wanted)[soft & (away > _NEAR_PX)])
        for place, parts in (("at the edge", near), ("off it", off)):
            errors[f"{effect}, {place}"] = 255 * float(np.sqrt(np.concatenate(parts).mean()))
    return errors


def _coded(codec: StarterCodec, target: Tensor) -> Tensor:
    """Colour form `1 4 2h 2w` as it comes back from the latents of half its size."""
    decoded = codec.decode_colour(codec.code.encode(F.avg_pool2d(target, 2)))
    return to_colour_form(from_colour_form(decoded))


def trained_codes() -> set[str]:
    """Code points that the codec trains on.

    The wider concepts stay out: they are what it is scored with, and few others are left.
    """
    return {concept.hexcode for concept in load_recipe().concepts if concept.widening < _HELD_OUT}


def held_out_drawings(
    count: int = 60, side: int = 256, known: Set[str] | None = None
) -> list[art.ByteImage]:
    """Flat and glossy drawings of unknown concepts, chosen by hash of the code point.

    Args:
        count: At most; fewer when fewer are left.
        known: Code points to leave out; None = those that the codec trains on.
    """
    known = trained_codes() if known is None else known
    codes = [
        code for code, entry in art.emoji_labels().items()
        if entry.get("group") in (3, 4, 5, 6, 7) and code not in known
        and art.has_icon("flat", code) and art.has_icon("glossy", code)
    ]  # fmt: skip
    codes = sorted(codes, key=lambda code: art.data_hash([code], "held-out"))[:count]
    styles = ("flat", "glossy")
    return [
        fit_in_box(art.tight_render(styles[i % 2], code), side, side, 0.96, (0.5, 0.5))
        for i, code in enumerate(codes)
    ]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--codec", type=Path, default=SHIPPED_CODEC)
    torch.set_num_threads(1)
    codec = StarterCodec.from_state_dict(load_file(parser.parse_args().codec))
    pictures = held_out_drawings()
    for name, value in score(codec, pictures).items():
        print(f"{name}: {value:.2f} dB")
    for name, value in soft_errors(codec, pictures[:_SOFT_DRAWINGS]).items():
        print(f"{name}: {value:.1f} levels of alpha")


if __name__ == "__main__":
    main()
