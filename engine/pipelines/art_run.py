"""One run of an ART model over a document: some layers are made, others held still beside them.

A whole layout, one layer again in the context of the others, and the exact repetition of either
from a record are the same call: only the parts differ. The whole image is always made as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.checkpoints.bundle import Checkpoint
from engine.models.geometry import LATENT_PX, TOKEN_PX, Box, RegionLayout, make_layout
from engine.models.latent_preview import PreviewMatrix
from engine.pipelines.document_pixels import part_of
from engine.pipelines.harmony import Rgb, stacked_on_white
from engine.pipelines.layer_making import BACKGROUND_ENTRY
from engine.pipelines.layout_to_layers import RegionSampling
from engine.progress import LayerPreview
from engine.requests import LayerPixels, RecordEntry, RgbaArray, SamplingOptions
from engine.requests.run_options import RunOptions, RunRecord
from engine.sampling.noise import WHOLE_IMAGE_ID, NoiseKey


@dataclass(frozen=True, slots=True, eq=False)
class ArtPart:
    """One layer of a run.

    Attributes:
        entry: What records say of it; its box is in document pixels.
        held: What it looks like while it is held still; None = it is made.
        start: What it is refined from; None = noise alone.
    """

    entry: RecordEntry
    held: LayerPixels | None = None
    start: LayerPixels | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ArtRun:
    """A run, ready for the sampler.

    Attributes:
        parts: The background, then the objects, bottom to top.
    """

    parts: tuple[ArtPart, ...]
    sampling: RegionSampling

    @property
    def work(self) -> float:
        """Tokens times evaluations of the network: what the time of denoising grows with."""
        evaluations = (len(self.sampling.sigmas) - 1) * (1 if self.sampling.negative is None else 2)
        return float(self.sampling.layout.token_count * evaluations)

    @property
    def entries(self) -> tuple[RecordEntry, ...]:
        """All parts as records keep them."""
        return tuple(part.entry for part in self.parts)

    def record(self, checkpoint: Checkpoint) -> RunRecord:
        """How it was run, after it was sampled."""
        return self.sampling.outcome.record(self.sampling.run, checkpoint.adapters)

    def decode(
        self, checkpoint: Checkpoint, latents: Sequence[Tensor | None], places: Sequence[int]
    ) -> dict[int, Tensor]:
        """Place -> straight RGBA in [0, 1], `4 H W` on the CPU, of its box on the grid."""
        wanted = {BACKGROUND_ENTRY + place for place in places}
        made = checkpoint.codec.decode(latents, self.sampling.layout.boxes, wanted)
        return {entry - BACKGROUND_ENTRY: pixels.float().cpu() for entry, pixels in made.items()}

    def cut(self, decoded: Tensor, place: int) -> RgbaArray:
        """What was asked for of a decoded box, which on the grid is at least as large."""
        grid, (x0, y0, x1, y1) = self._grid(place), self.parts[place].entry.box
        pixels = bytes_of(decoded)[y0 - grid.y0 : y1 - grid.y0, x0 - grid.x0 : x1 - grid.x0]
        return np.ascontiguousarray(pixels)

    def previews(
        self, clean: Sequence[Tensor | None], matrix: PreviewMatrix, names: Mapping[int, str]
    ) -> tuple[LayerPreview, ...]:
        """The parts with a name as they look from here, bottom to top.

        Args:
            clean: Per entry the latents as they would be without noise.
        """
        shown = []
        for place in sorted(names):
            latents, entry = clean[BACKGROUND_ENTRY + place], self.parts[place].entry
            if latents is None:
                continue
            if place:
                rgba = matrix.object_colours(latents)
            else:
                rgb = matrix.colours(latents)
                rgba = torch.cat([rgb, torch.ones_like(rgb[:1])])
            shown.append(LayerPreview(entry.layer_id, names[place], entry.box, bytes_of(rgba)))
        return tuple(shown)

    def _grid(self, place: int) -> Box:
        box = self.sampling.layout.boxes[BACKGROUND_ENTRY + place]
        if box is None:
            raise ValueError("every part of a run has a box")
        return box


def plan_art_run(
    checkpoint: Checkpoint,
    size: tuple[int, int],
    parts: Sequence[ArtPart],
    *,
    seed: int,
    caption: str,
    options: SamplingOptions,
    negative_prompt: str = "",
    strength: float | None = None,
    run: RunOptions | None = None,
) -> ArtRun:
    """Puts all parts on the grid, gives each its noise, and encodes what is held or refined.

    Args:
        size: (width, height) of the document; the canvas is the next larger multiple of 16 px.
        parts: The background, then the objects, bottom to top.
        run: Attention's kernel and first-block caching; None = as usual.

    Raises:
        RequestError: There are more parts than the checkpoint has places for.
    """
    width, height = (-(-side // TOKEN_PX) * TOKEN_PX for side in size)
    whole = Box(0, 0, width, height)
    boxes = [whole, whole, *(Box(*part.entry.box) for part in parts[1:])]
    layout = make_layout(width, height, boxes, checkpoint.max_entries)
    keys = [NoiseKey(seed, WHOLE_IMAGE_ID)]
    keys += [NoiseKey(seed, part.entry.noise_id, part.entry.attempt) for part in parts]
    guided = options.true_guidance != 1
    has_embedding = bool(checkpoint.transformer.config["guidance_embeds"])

    def latents(contents: Sequence[LayerPixels | None]) -> tuple[Tensor | None, ...]:
        if all(content is None for content in contents):
            return ()
        return tuple(
            None if content is None else encoded(checkpoint, content, layout, box)
            for content, box in zip(contents, layout.boxes, strict=True)
        )

    sampling = RegionSampling(
        layout=layout,
        noise_keys=tuple(keys),
        text=checkpoint.text.encode([caption]),
        negative=checkpoint.text.encode([negative_prompt]) if guided else None,
        steps=options.steps,
        true_guidance=options.true_guidance,
        distilled_guidance=options.distilled_guidance if has_embedding else None,
        held=latents([None, *(part.held for part in parts)]),
        starts=latents(_starts(parts, size)) if strength is not None else (),
        strength=strength,
        run=run or RunOptions(),
    )
    return ArtRun(tuple(parts), sampling)


def _starts(parts: Sequence[ArtPart], size: tuple[int, int]) -> list[LayerPixels | None]:
    """What the entries begin with when a part is refined, the whole image first.

    All entries of a run have one noise level. Those that are made only for company would be noise
    alone at a level below that of noise: so the whole image begins with the stack of what is known,
    and an unknown background with white.
    """
    starts = [part.start for part in parts]
    if all(start is None for start in starts):
        return [None, *starts]
    ground = parts[0].held or starts[0]
    known = [content for part in parts if (content := part.held or part.start) is not None]
    if ground is None:
        starts[0] = _opaque(stacked_on_white((), *size))
    return [_opaque(stacked_on_white(known, *size)), *starts]


def _opaque(picture: Rgb) -> LayerPixels:
    height, width = picture.shape[:2]
    colour = np.rint(picture * 255).astype(np.uint8)
    alpha = np.full((height, width, 1), 255, np.uint8)
    return LayerPixels((0, 0, width, height), np.concatenate([colour, alpha], axis=2))


@torch.no_grad()
def encoded(
    checkpoint: Checkpoint, content: LayerPixels, layout: RegionLayout, box: Box | None
) -> Tensor:
    """Latents `16 h w` of what a layer shows in its box.

    The layer is encoded on the whole canvas and cropped then, as in training (art-plus 3.1).
    """
    if box is None:
        raise ValueError("only what has a box has latents")
    pixels = part_of(content, (0, 0, layout.width, layout.height))
    rgba = torch.from_numpy(pixels.astype(np.float32) / 255).permute(2, 0, 1)[None]
    rows, columns = box.grid(LATENT_PX)
    return checkpoint.codec.encode(rgba)[0, :, rows, columns].float().cpu()


def bytes_of(rgba: Tensor) -> RgbaArray:
    """`4 h w` in [0, 1] -> `h w 4`, rounded and not truncated."""
    pixels: RgbaArray = np.rint(rgba.float().cpu().permute(1, 2, 0).numpy() * 255).astype(np.uint8)
    return pixels
