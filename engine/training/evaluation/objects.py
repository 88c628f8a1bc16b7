"""Single objects beyond their noun: colour words, clean edges, shadows, glows, styles.

Part of the fixed evaluation (`evaluate.py`). Prompts are drawn with fixed seeds from the recipe.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from engine.checkpoints.bundle import Checkpoint
from engine.pipelines.layer_model import LayerModel
from engine.prompts.captions import (
    EFFECTS,
    STYLES,
    object_caption,
    object_phrase,
    scene_caption,
)
from engine.training.art import sources as art
from engine.training.art.recolour import RECOLOUR_TARGETS, colour_word, dominant_hue, recoloured
from engine.training.evaluation.edge_metrics import grid_ratio, haze_share, roughness, soft_area
from engine.training.evaluation.product_drawing import draw_typed
from engine.training.icon_data import fit_in_box
from engine.training.judge.gallery import boxed_art, decode_object
from engine.training.layered_data import EFFECT_ROOM, with_effect
from engine.training.recipe import Concept, load_recipe
from engine.training.sampling import sample_alone

Scores = dict[str, dict[str, float]]

COLOURED, EFFECT_DRAWINGS = 64, 16
HUE_WINDOW = 25.0  # degrees around the asked colour's hue
_NATIVE_PX = 128
_STYLE_PX = 48


@dataclass(frozen=True, slots=True)
class Drawn:
    """A generated drawing and what was asked for.

    Attributes:
        rgba: Straight, in [0, 1], `4 h w`.
        good: Whether it is what was asked for, by the measure of its group.
    """

    asked: str
    rgba: Tensor
    good: bool


def as_bytes(rgba: Tensor) -> art.ByteImage:
    """RGBA `4 h w` in [0, 1] as bytes `h w 4`."""
    return (rgba.permute(1, 2, 0).clamp(0, 1) * 255).round().byte().contiguous().numpy()


def draw(checkpoint: Checkpoint, captions: Sequence[str], seed: int = 0) -> list[Tensor]:
    """Each caption by itself in 8 x 8 tokens, as the product samples it; RGBA `4 256 256`."""
    latents = sample_alone(
        checkpoint.transformer, checkpoint.text, captions, seed=seed,
        steps=checkpoint.sampling.steps, guidance=checkpoint.sampling.true_guidance,
    )  # fmt: skip
    return [decode_object(checkpoint, entry) for entry in latents]


def evaluate_colours(model: LayerModel, count: int = COLOURED) -> tuple[Scores, list[Drawn]]:
    """Prompts with a colour word: is that the colour that dominates the drawing?

    Once as the network draws it at the first try, and once through the product, which tries again
    and recolours by the same measure.

    `hue` counts drawings whose dominant hue is within 25 degrees of the asked colour's; `word`
    those that get the same colour word, which tells brown from orange and pink from red as well.
    Real drawings, recoloured as in the training data, are scored beside.
    """
    rng = np.random.default_rng(31)
    concepts, colours = load_recipe().concepts, list(RECOLOUR_TARGETS)
    asked = [
        (concepts[int(rng.integers(len(concepts)))], colours[index % len(colours)])
        for index in range(count)
    ]
    captions = [
        object_caption(object_phrase(concept.label, colour), STYLES[index % len(STYLES)])
        for index, (concept, colour) in enumerate(asked)
    ]
    pictures = draw(model.checkpoint, captions, seed=1)
    typed = [object_phrase(concept.label, colour) for concept, colour in asked]
    in_product = [
        as_bytes(draw_typed(model, phrase, STYLES[index % len(STYLES)], index))
        for index, phrase in enumerate(typed)
    ]
    real = [
        recoloured(as_bytes(boxed_art(STYLES[index % len(STYLES)], concept)), colour)
        for index, (concept, colour) in enumerate(asked)
    ]
    names = [colour for _, colour in asked]
    made = [as_bytes(picture) for picture in pictures]
    drawn = [
        Drawn(caption, picture, _has_hue(pixels, colour))
        for caption, picture, pixels, colour in zip(captions, pictures, made, names, strict=True)
    ]
    return {
        "colour words, generated": _colour_shares(made, names),
        "colour words, through the product": _colour_shares(in_product, names),
        "colour words, recoloured art": _colour_shares(real, names),
    }, drawn


def _colour_shares(pictures: Sequence[art.ByteImage], colours: Sequence[str]) -> dict[str, float]:
    pairs = list(zip(pictures, colours, strict=True))
    return {
        "hue": round(float(np.mean([_has_hue(*pair) for pair in pairs])), 3),
        "word": round(float(np.mean([colour_word(p) == colour for p, colour in pairs])), 3),
    }


def _has_hue(rgba: art.ByteImage, colour: str) -> bool:
    hue = dominant_hue(rgba)
    if hue is None:
        return False
    away = abs((hue - RECOLOUR_TARGETS[colour][0] + 180) % 360 - 180)
    return away <= HUE_WINDOW


def edge_scores(drawings: Sequence[Tensor]) -> dict[str, float]:
    """Haze and traces of the latent grid in the alpha of decoded drawings of one size."""
    planes = [as_bytes(drawing)[..., 3] for drawing in drawings]
    period = planes[0].shape[0] * 8 // _NATIVE_PX
    return {
        "haze": round(float(np.mean([haze_share(plane) for plane in planes])), 4),
        "grid": round(grid_ratio(planes, period), 2),
    }


def evaluate_edges(generated: Sequence[Tensor], concepts: Sequence[Concept]) -> Scores:
    """Edges of generated drawings and of real ones at the same size."""
    side = generated[0].shape[1]
    real = [
        torch.from_numpy(enlarged_art(style, concept, side)).permute(2, 0, 1).float() / 255
        for style in STYLES
        for concept in concepts
    ]
    return {
        "edges, generated": edge_scores(generated),
        "edges, real art": edge_scores(real),
    }


def enlarged_art(style: str, concept: Concept, side: int, scale: float = 0.96) -> art.ByteImage:
    """Real art in a square of `side` pixels."""
    return fit_in_box(art.tight_render(style, concept.hexcode), side, side, scale, (0.5, 0.5))


def evaluate_effects(
    checkpoint: Checkpoint, count: int = EFFECT_DRAWINGS
) -> tuple[Scores, list[Drawn]]:
    """Soft shadows and glows: how much half-transparent area there is with the words and without.

    `there` counts drawings whose soft area is over 2 % of the box and three times that of the same
    noun and noise without the words. `roughness` says how ragged it is, beside that of real
    drawings with such an effect.
    """
    rng = np.random.default_rng(8)
    concepts = load_recipe().concepts
    nouns = [concepts[i].label for i in rng.choice(len(concepts), count, replace=False)]
    by_label = {concept.label: concept for concept in concepts}
    plain = [_soft_share(p) for p in draw(checkpoint, [_effect_caption(n, "") for n in nouns], 3)]
    scores: Scores = {}
    drawn: list[Drawn] = []
    for effect in EFFECTS:
        captions = [_effect_caption(noun, effect) for noun in nouns]
        pictures = draw(checkpoint, captions, 3)
        soft = [_soft_share(picture) for picture in pictures]
        there = [s > max(0.02, 3 * p) for s, p in zip(soft, plain, strict=True)]
        drawn += [Drawn(*row) for row in zip(captions, pictures, there, strict=True)]
        scores[effect] = {
            "there": round(float(np.mean(there)), 3),
            "soft area": round(float(np.mean(soft)), 4),
            "without the words": round(float(np.mean(plain)), 4),
            "roughness": _mean_roughness(as_bytes(picture) for picture in pictures),
            "roughness of real art": _mean_roughness(
                with_effect(
                    enlarged_art(STYLES[0], by_label[noun], pictures[0].shape[1], EFFECT_ROOM),
                    effect,
                )
                for noun in nouns
            ),
        }
    return scores, drawn


def _mean_roughness(drawings: Iterable[art.ByteImage]) -> float:
    """Of those that have a shadow or a glow."""
    values = [roughness(drawing[..., 3]) for drawing in drawings]
    return round(float(np.mean([value for value in values if value] or [0])), 2)


def _effect_caption(noun: str, effect: str) -> str:
    return scene_caption([noun], "", STYLES[0], effect)


def _soft_share(rgba: Tensor) -> float:
    """Share of the box with half-transparent pixels that are off the edge of the drawing."""
    return float(soft_area(as_bytes(rgba)[..., 3]).mean())


def style_of(drawing: Tensor, concept: Concept) -> str:
    """The style whose drawing of a concept is nearest in colour, cropped and scaled alike."""
    own = _small(as_bytes(drawing))
    away = {
        style: float(np.square(own - _small(art.tight_render(style, concept.hexcode))).mean())
        for style in STYLES
    }
    return min(away, key=lambda style: away[style])


def _small(rgba: art.ByteImage) -> art.ByteImage:
    """Premultiplied RGBA of the visible part, stretched to 48 x 48."""
    tight = art.crop_to_alpha(rgba, 64).astype(np.float32) / 255
    tight[..., :3] *= tight[..., 3:]
    size = (_STYLE_PX, _STYLE_PX)
    return np.asarray(cv2.resize(tight, size, interpolation=cv2.INTER_AREA))
