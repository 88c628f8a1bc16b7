"""The whole image of a run tied to the layers beside it: what it shows, how long, what stays."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest
import torch
from torch import Tensor

from engine.errors import JobCancelled
from engine.models.geometry import Box, make_layout, pack_latents, pack_regions
from engine.models.latent_codec import LatentCodec
from engine.models.region_transformer import RegionTransformer
from engine.models.starter_codec import StarterCodec
from engine.pipelines.layout_to_layers import sample_regions
from engine.pipelines.whole_coupling import WholeCoupling, coupled, stacked_latents
from engine.sampling.samplers import sample_euler
from tests.engine.small_models import small_transformer
from tests.engine.test_layout_to_layers import APPLE, CANVAS, present, request

OVER_APPLE = Box(32, 16, 64, 48)
LAYERS = (None, CANVAS, APPLE, OVER_APPLE)
LAYOUT = make_layout(96, 64, [CANVAS, *LAYERS[1:]])
SKY, RED, GLASS = (0.2, 0.4, 0.9, 1.0), (0.9, 0.1, 0.2, 1.0), (1.0, 1.0, 0.2, 0.5)


class PlainCodec:
    """A codec without a linear half, with two pixels per model pixel: flat colours of 8 px."""

    latent_channels, stride_px, output_scale = 16, 8, 2

    def encode(self, rgba: Tensor) -> Tensor:
        """Four of the channels are the mean colour."""
        means = torch.nn.functional.avg_pool2d(rgba, 8)
        return torch.cat([means, means.new_zeros(len(means), 12, *means.shape[2:])], 1)

    def decode(
        self,
        latents: Sequence[Tensor | None],
        boxes: Sequence[Box | None],
        wanted: Collection[int],
    ) -> dict[int, Tensor]:
        """Each channel's value in its 16 x 16 pixels."""
        shown = {index: present(latents[index])[:4] for index in wanted if boxes[index]}
        return {
            index: entry.repeat_interleave(16, 1).repeat_interleave(16, 2)
            for index, entry in shown.items()
        }


def starter_codec() -> StarterCodec:
    """Its linear half knows flat patches exactly, others nearly."""
    generator = torch.Generator().manual_seed(1)
    flat = torch.randn(500, 4, 1, generator=generator).expand(500, 4, 64)
    codec = StarterCodec()
    codec.code.fit((flat + 0.01 * torch.randn(flat.shape, generator=generator)).reshape(500, 256))
    return codec


CODECS = pytest.mark.parametrize("codec", [starter_codec(), PlainCodec()], ids=["linear", "full"])


def flat(box: Box, colour: Sequence[float]) -> Tensor:
    return torch.tensor(colour)[:, None, None].expand(4, box.height, box.width)


def scene(codec: LatentCodec) -> tuple[list[Tensor | None], Tensor]:
    """Latents of sky, a red box and a pane of glass over its half; and the picture they make."""
    parts = zip(LAYERS[1:], (SKY, RED, GLASS), strict=True)
    latents = [codec.encode(flat(box, colour)[None])[0] for box, colour in parts if box]
    picture = flat(CANVAS, SKY).clone()
    picture[:, 16:48, 16:48] = flat(APPLE, RED)
    seen = picture[:3, 16:48, 32:64]
    picture[:3, 16:48, 32:64] = seen / 2 + flat(OVER_APPLE, GLASS)[:3] / 2
    return [None, *latents], picture


@CODECS
def test_the_stack_is_the_picture_that_the_layers_make(codec: LatentCodec) -> None:
    latents, picture = scene(codec)
    made = stacked_latents(codec, latents, LAYOUT.boxes)
    torch.testing.assert_close(made, codec.encode(picture[None])[0], atol=0.02, rtol=0)


SIGMAS = (1.0, 0.75, 0.5, 0.25, 0.0)


def walk(codec: LatentCodec, down_to: float) -> tuple[list[Tensor], list[Tensor]]:
    """Tokens per entry at the end, and what the denoiser was asked at each step.

    The denoiser knows where the layers go and takes the whole image to be all 5.
    """
    latents, _ = scene(codec)
    own = torch.full((16, 8, 12), 5.0)
    goal = pack_regions([own[None], *(present(entry)[None] for entry in latents[1:])])
    asked: list[Tensor] = []

    def denoiser(tokens: Tensor, sigma: float) -> Tensor:
        asked.append(tokens)
        return (tokens - goal) / sigma

    noise = torch.randn(goal.shape, generator=torch.Generator().manual_seed(3))
    tied = coupled(denoiser, LAYOUT, WholeCoupling(codec, down_to))
    final = sample_euler(tied, noise, SIGMAS)
    return list(torch.split(final, list(LAYOUT.token_counts), 1)), asked


@CODECS
def test_a_whole_tied_to_the_end_is_the_encoded_stack(codec: LatentCodec) -> None:
    stack = stacked_latents(codec, scene(codec)[0], LAYOUT.boxes)
    entries, asked = walk(codec, 0.0)
    torch.testing.assert_close(entries[0], pack_latents(stack[None]), atol=1e-4, rtol=0)
    assert len(asked) == 4  # the network is asked at every step


def test_below_the_level_the_networks_own_answer_counts() -> None:
    entries, asked = walk(starter_codec(), 0.6)
    torch.testing.assert_close(entries[0], torch.full_like(entries[0], 5.0), atol=1e-4, rtol=0)
    free = walk(starter_codec(), 1.0)[1]
    whole = slice(0, LAYOUT.token_counts[0])
    assert torch.equal(asked[0], free[0])
    # After a tied step the network sees another whole image.
    assert not torch.allclose(asked[1][:, whole], free[1][:, whole], atol=0.1)


def test_the_layers_own_answers_stay() -> None:
    tied, free = walk(starter_codec(), 0.0)[0], walk(starter_codec(), 1.0)[0]
    assert all(torch.equal(a, b) for a, b in zip(tied[1:], free[1:], strict=True))


@pytest.mark.parametrize("boxes", [[None, CANVAS, APPLE], [CANVAS, None, APPLE]])
def test_it_needs_a_whole_image_and_a_background(boxes: list[Box | None]) -> None:
    with pytest.raises(ValueError, match="whole image"):
        coupled(
            lambda tokens, _sigma: tokens,
            make_layout(96, 64, boxes),
            WholeCoupling(PlainCodec(), 0.0),
        )


@pytest.fixture(scope="module")
def transformer() -> RegionTransformer:
    return small_transformer()


def test_a_level_of_one_ties_nothing(transformer: RegionTransformer) -> None:
    free = sample_regions(transformer, request())
    tied = sample_regions(transformer, request(coupling=WholeCoupling(starter_codec(), 1.0)))
    assert all(torch.equal(present(a), present(b)) for a, b in zip(free, tied, strict=True))


def test_a_run_ends_with_the_stack_of_its_own_layers(transformer: RegionTransformer) -> None:
    codec = starter_codec()
    made = sample_regions(transformer, request(coupling=WholeCoupling(codec, 0.0)))
    stack = stacked_latents(codec, made, request().layout.boxes)
    torch.testing.assert_close(present(made[0]), stack, atol=1e-4, rtol=1e-4)


def test_a_coupled_run_can_be_cancelled(transformer: RegionTransformer) -> None:
    steps: list[int] = []
    with pytest.raises(JobCancelled):
        sample_regions(
            transformer,
            request(steps=5, coupling=WholeCoupling(starter_codec(), 0.0)),
            lambda step: steps.append(step.index),
            lambda: len(steps) == 2,
        )
    assert steps == [0, 1]
