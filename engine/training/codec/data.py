"""What the starter's decoder learns from: crops of drawings at twice the model's resolution.

Some have soft shadows, glows or half their opacity, some lie on an opaque ground. `CrudePool` holds
what the generator makes of noisy latents beside the true drawings, for the last stage.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from torch import Tensor

from engine.models.geometry import make_layout, pack_latents, unpack_latents
from engine.models.region_transformer import RegionTransformer
from engine.models.starter_codec import LinearPatchCode, to_colour_form
from engine.models.text_encoders import TextStates
from engine.prompts.captions import EFFECTS, TRANSLUCENT, object_phrase, scene_caption
from engine.training.art import sources as art
from engine.training.cached import built_once
from engine.training.icon_data import IconItem, as_tensor, drawing, fit_in_box
from engine.training.layer_batches import CaptionTable, token_box
from engine.training.layered_data import EFFECT_ROOM, with_effect

CRUDE_VERSION = "crude-1"
CROP_PX = 64  # model pixels; targets have twice as many
_POOL_SIDES = (160, 224, 288)  # pixels of the doubled drawings: boxes of 5, 7 and 9 tokens
_EFFECT_SHARE, _TRANSLUCENT_SHARE, _OPAQUE_SHARE = 0.25, 0.05, 1 / 6
# Boxes of the crude latents in tokens (rows, columns) and their share.
_SHAPES = {(8, 8): 0.6, (6, 6): 0.15, (5, 5): 0.07, (7, 7): 0.06, (6, 8): 0.06, (8, 6): 0.06}
_TOKEN_PX = 32  # of the doubled drawings
_AT_ONCE = 8
_ONE_STEP = (0.15, 0.6)  # noise levels of one-step estimates
_SAMPLED = (0.3, 0.6)  # and of those that are sampled on, guided, as the product does
_GUIDANCE, _STEPS = 4.0, 2


@dataclass(frozen=True, slots=True, eq=False)
class SoftDrawing:
    """A drawing in its box, perhaps translucent or with a soft shadow or glow.

    Attributes:
        picture: Straight RGBA, `h w 4`.
        effect: One of `EFFECTS` or empty.
    """

    picture: art.ByteImage
    effect: str = ""
    translucent: bool = False

    def caption(self, item: IconItem) -> str:
        """What the generator is told when it is to draw this."""
        phrase = object_phrase(item.label, item.recolour)
        phrase = f"{TRANSLUCENT} {phrase}" if self.translucent else phrase
        return scene_caption([phrase], "", item.style, self.effect)


def soft_drawing(
    picture: art.ByteImage, width: int, height: int, scale: float, rng: np.random.Generator
) -> SoftDrawing:
    """The drawing in a box; by chance with an effect, by chance half transparent."""
    effect = str(rng.choice(EFFECTS)) if rng.random() < _EFFECT_SHARE else ""
    scale *= EFFECT_ROOM if effect else 1
    boxed = fit_in_box(picture, width, height, scale, (0.5, 0.5))
    translucent = bool(rng.random() < _TRANSLUCENT_SHARE)
    if translucent:
        boxed[..., 3] = boxed[..., 3] * 0.5
    return SoftDrawing(with_effect(boxed, effect) if effect else boxed, effect, translucent)


def drawing_pool(
    items: list[IconItem], extra_style: str, seed: int, most: int | None = None
) -> list[Tensor]:
    """Drawings at double resolution in padded squares, uint8 `4 s s`.

    The extra style (another permissive set's drawings of the same concepts) widens what the decoder
    sees; it says nothing about content.

    Args:
        most: How many, taken by chance; None = all.
    """
    rng = np.random.default_rng(seed)
    originals = [item for item in items if not item.recolour]
    copies = [item for item in items if item.recolour]
    chosen = originals + [copies[i] for i in rng.choice(len(copies), len(originals), False)]
    codes = dict.fromkeys(item.hexcode for item in originals)
    sources: list[IconItem | str] = [*chosen, *(c for c in codes if art.has_icon(extra_style, c))]
    pool = []
    for index in rng.permutation(len(sources))[:most]:
        source = sources[index]
        named = isinstance(source, str)
        picture = art.tight_render(extra_style, source) if named else drawing(source)
        side = int(rng.choice(_POOL_SIDES))
        boxed = soft_drawing(picture, side, side, rng.uniform(0.85, 1), rng).picture
        pool.append(torch.from_numpy(boxed).permute(2, 0, 1).contiguous())
    return pool


def draw_crops(pool: list[Tensor], rng: np.random.Generator, count: int) -> Tensor:
    """Random crops in colour form at double resolution, `b 4 128 128`; 1 in 6 opaque."""
    size = 2 * CROP_PX
    crops = []
    for _ in range(count):
        picture = pool[int(rng.integers(len(pool)))]
        y, x = (int(rng.integers(0, picture.shape[i] - size + 1)) for i in (1, 2))
        rgba = picture[None, :, y : y + size, x : x + size].float() / 255
        rgba = rgba.flip(3) if rng.random() < 0.5 else rgba
        colour = to_colour_form(rgba)
        if rng.random() < _OPAQUE_SHARE:
            colour = _on_gradient(colour, rng)
        crops.append(colour)
    return torch.cat(crops)


def _on_gradient(colour: Tensor, rng: np.random.Generator) -> Tensor:
    """The drawing on a random opaque gradient: `p + (1 - a) B` in colour form."""
    ends = torch.from_numpy(rng.uniform(-1, 1, (2, 3, 1, 1))).float()
    ramp = torch.linspace(0, 1, colour.shape[2])[None, :, None]
    back = ends[0] * (1 - ramp) + ends[1] * ramp
    alpha = (colour[:, 3:] + 1) / 2
    return torch.cat([colour[:, :3] + (1 - alpha) * back, torch.ones_like(alpha)], 1)


@dataclass(frozen=True, slots=True, eq=False)
class CrudeMaker:
    """Makes crude latents by the generator `model` of drawings that are made noisy."""

    model: RegionTransformer
    items: Sequence[IconItem]
    code: LinearPatchCode
    captions: CaptionTable

    def data_hash(self, count: int) -> str:
        """Of all that `count` crude latents depend on."""
        parts = [f"{i.style}/{i.hexcode}/{i.recolour}" for i in self.items]
        parts += [art.drawn_version(style) for style in sorted({i.style for i in self.items})]
        weights = hashlib.blake2b(digest_size=8)
        for value in (*self.model.state_dict().values(), *self.code.state_dict().values()):
            weights.update(value.contiguous().numpy().tobytes())
        mix = f"{count} {_SHAPES} {_ONE_STEP} {_SAMPLED} {_GUIDANCE} {_STEPS} {_EFFECT_SHARE}"
        mix += f" {_TRANSLUCENT_SHARE} {EFFECT_ROOM}"
        return art.data_hash([*parts, weights.hexdigest(), mix], CRUDE_VERSION)

    @torch.no_grad()
    def make(
        self, shape: tuple[int, int], rng: np.random.Generator, *, sampled: bool
    ) -> tuple[Tensor, Tensor]:
        """Latents `b 16 2r 2c` (half) and targets `b 4 32r 32c` (uint8)."""
        chosen = [self.items[i] for i in rng.integers(len(self.items), size=_AT_ONCE)]
        rows, columns = shape
        soft = [
            soft_drawing(
                drawing(item), columns * _TOKEN_PX, rows * _TOKEN_PX, rng.uniform(0.92, 1), rng
            )
            for item in chosen
        ]
        captions = [made.caption(item) for made, item in zip(soft, chosen, strict=True)]
        rgba = as_tensor([made.picture for made in soft])
        tokens = pack_latents(self.code.encode(F.avg_pool2d(to_colour_form(rgba), 2)))
        low, high = _SAMPLED if sampled else _ONE_STEP
        level = torch.from_numpy(rng.uniform(low, high, (_AT_ONCE, 1, 1))).float()
        noise = torch.from_numpy(rng.standard_normal(tokens.shape, np.float32))
        tokens = (1 - level) * tokens + level * noise
        steps = _STEPS if sampled else 1
        for step in range(steps):
            now, after = (level * (1 - part / steps) for part in (step, step + 1))
            velocity = self._velocity(tokens, now[:, 0, 0], shape, captions, guided=sampled)
            tokens = tokens - (now - after) * velocity
        latents = unpack_latents(tokens, rows, columns)
        return latents.half(), (rgba * 255).round().byte()

    def _velocity(
        self, tokens: Tensor, level: Tensor, shape: tuple[int, int], captions: list[str],
        *, guided: bool,
    ) -> Tensor:  # fmt: skip
        told = self._told(tokens, level, shape, self.captions.lookup(captions))
        if not guided:
            return told
        plain = self._told(tokens, level, shape, self.captions.lookup([""] * len(captions)))
        return plain + _GUIDANCE * (told - plain)

    def _told(
        self, tokens: Tensor, level: Tensor, shape: tuple[int, int], text: TextStates
    ) -> Tensor:
        box = token_box(0, 0, *shape)
        layout = make_layout(box.width, box.height, [None, None, box])
        velocity: Tensor = self.model(
            tokens, self.model.positions(layout, text.states.shape[1]),
            encoder_hidden_states=text.states, pooled_projections=text.pooled, timestep=level,
        )  # fmt: skip
        return velocity.float()


class CrudePool:
    """Latents that a generator made of noisy ones, and the true drawings; kept in the cache.

    Half are its one-step estimates, half are sampled on with guidance for a few steps: nearer to
    what it ends with, and farther from the drawing.
    """

    def __init__(self, maker: CrudeMaker, count: int) -> None:
        path = art.cache_folder() / f"{CRUDE_VERSION}-{maker.data_hash(count)}.pt"
        groups = built_once(path, functools.partial(_build_groups, maker, count))
        self._groups: list[tuple[Tensor, Tensor]] = groups["groups"]
        sizes = np.array([len(latents) for latents, _ in self._groups], np.float64)
        self._shares = sizes / sizes.sum()

    def draw(self, rng: np.random.Generator, count: int) -> tuple[Tensor, Tensor]:
        """About `count` latents `b 16 h w` of 8 x 8 tokens, targets in colour form `b 4 16h 16w`.

        All of one box shape; more of them where boxes are smaller.
        """
        latents, targets = self._groups[rng.choice(len(self._groups), p=self._shares)]
        tokens = latents.shape[2] * latents.shape[3] / 4
        picked = rng.integers(len(latents), size=max(2, round(count * 64 / tokens)))
        return latents[picked].float(), to_colour_form(targets[picked].float() / 255)


def _build_groups(maker: CrudeMaker, count: int) -> dict[str, Any]:
    rng = np.random.default_rng(11)
    groups = []
    for shape, share in _SHAPES.items():
        rounds = max(2, round(count * share / _AT_ONCE))
        parts = [maker.make(shape, rng, sampled=bool(index % 2)) for index in range(rounds)]
        groups.append(tuple(torch.cat(column) for column in zip(*parts, strict=True)))
        print(f"crude latents of {shape}: {len(groups[-1][0])}", flush=True)
    return {"groups": groups}
