"""Everything a job of the starter needs: networks, vocabulary, and the judge of its drawings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.checkpoints.bundle import Checkpoint
from engine.models.geometry import Box, RegionLayout, make_layout
from engine.pipelines.binding import ConceptJudge
from engine.pipelines.layout_to_layers import RegionSampling
from engine.prompts.vocabulary.vocabulary import Vocabulary
from engine.requests import SamplingOptions
from engine.sampling.noise import NoiseKey


@dataclass(frozen=True, slots=True)
class LayerModel:
    """A checkpoint with what belongs to it.

    Attributes:
        judge: Tells whether a drawing shows its concept; None = only its transparency is checked.
        joint_background: Whether the background is denoised together with the objects. A young
            checkpoint lets the nouns leak into it and is better without.
        clear_likeness: By style, from which cosine to its prototype a drawing is clearly its noun;
            other styles have `binding.CLEAR_LIKENESS`.
    """

    checkpoint: Checkpoint
    words: Vocabulary
    judge: ConceptJudge | None = None
    joint_background: bool = False
    clear_likeness: Mapping[str, float] = field(default_factory=dict)

    def sampling(
        self,
        canvas: Box,
        boxes: Sequence[Box | None],
        keys: Sequence[NoiseKey | None],
        caption: str,
        options: SamplingOptions,
        *,
        negative_prompt: str = "",
    ) -> RegionSampling:
        """One call of the sampler for a caption and its regions."""
        layout = make_layout(canvas.width, canvas.height, boxes, self.checkpoint.max_entries)
        guided = options.true_guidance != 1
        return RegionSampling(
            layout=layout,
            noise_keys=tuple(keys),
            text=self.checkpoint.text.encode([caption]),
            negative=self.checkpoint.text.encode([negative_prompt]) if guided else None,
            steps=options.steps,
            true_guidance=options.true_guidance,
            distilled_guidance=self.distilled_guidance(options),
        )

    def distilled_guidance(self, options: SamplingOptions) -> float | None:
        """The guidance embedding's value; None when the checkpoint has none."""
        has_embedding = bool(self.checkpoint.transformer.config["guidance_embeds"])
        return options.distilled_guidance if has_embedding else None


def denoising_work(layout: RegionLayout, options: SamplingOptions) -> float:
    """What the time of a run grows with."""
    return sampler_work(layout.token_count, options)


def sampler_work(tokens: int, options: SamplingOptions) -> float:
    """Tokens times network evaluations."""
    evaluations = options.steps * (1 if options.true_guidance == 1 else 2)
    return float(tokens * evaluations)
