"""The shipped starter model: codec round trip, text encoder, concepts, feature net."""

from __future__ import annotations

import pytest
import torch

from engine.checkpoints.bundle import Checkpoint
from engine.checkpoints.starter import (
    load_starter,
    load_starter_concepts,
    load_starter_feature_net,
)
from engine.models.feature_net import centre_drawing
from engine.models.geometry import Box
from engine.models.starter_codec import (
    StarterCodec,
    clear_haze,
    from_colour_form,
    steepen,
    to_colour_form,
)
from engine.models.text_encoders import SentenceEncoder


@pytest.fixture(scope="module")
def starter() -> Checkpoint:
    return load_starter()


def _disc(side: int) -> torch.Tensor:
    """An orange disc on transparency, antialiased, `1 4 s s`."""
    y, x = torch.meshgrid(torch.arange(side) + 0.5, torch.arange(side) + 0.5, indexing="ij")
    radius = ((x - side / 2) ** 2 + (y - side / 2) ** 2).sqrt()
    alpha = (side * 0.36 - radius + 0.5).clamp(0, 1)
    rgb = torch.tensor([0.95, 0.55, 0.1])[:, None, None].expand(3, side, side)
    return torch.cat([rgb, alpha[None]])[None]


def test_codec_gives_a_sharp_drawing_at_twice_the_size(starter: Checkpoint) -> None:
    target = _disc(128)
    small = torch.nn.functional.avg_pool2d(to_colour_form(target), 2)
    latents = starter.codec.encode(from_colour_form(small))
    assert latents.shape == (1, 16, 8, 8)
    box = Box(0, 0, 64, 64)
    decoded = starter.codec.decode([None, None, latents[0]], [None, None, box], [2])[2]
    assert decoded.shape == (4, 128, 128)
    error = (to_colour_form(decoded[None]) - to_colour_form(target)).pow(2).mean((0, 2, 3))
    psnr = -10 * torch.log10(error / 4)
    assert psnr.min() > 24  # an unsharp disc of half the size gives 21


def test_background_entries_are_opaque_and_only_wanted_ones_decoded(starter: Checkpoint) -> None:
    latents = torch.randn(16, 4, 6)
    box = Box(0, 0, 48, 32)
    decoded = starter.codec.decode([None, latents, latents], [None, box, box], [1])
    assert list(decoded) == [1]
    assert decoded[1].shape == (4, 64, 96)
    assert bool((decoded[1][3] == 1).all())


def test_a_crop_decodes_like_the_whole_away_from_its_edge(starter: Checkpoint) -> None:
    codec = starter.codec
    assert isinstance(codec, StarterCodec)
    latents = torch.randn(1, 16, 32, 32)
    whole = codec.decode_colour(latents)
    crop = codec.decode_colour(latents[..., :24])
    torch.testing.assert_close(whole[..., : 8 * 16], crop[..., : 8 * 16], rtol=1e-3, atol=1e-4)


def test_alpha_curve_removes_haze_and_keeps_the_rest() -> None:
    alpha = torch.tensor([0.0, 0.08, 0.5, 0.95, 1.0])
    rgba = torch.cat([torch.zeros(1, 3, 1, 5), alpha[None, None, None]], 1)
    assert clear_haze(rgba)[0, 3, 0].tolist() == pytest.approx([0, 0, 0.5, 1, 1])


def test_colour_form_round_trip() -> None:
    rgba = _disc(16)
    visible = rgba[:, 3:] > 0.1
    back = from_colour_form(to_colour_form(rgba))
    torch.testing.assert_close(back * visible, rgba * visible)


def test_empty_prompt_is_zero_and_lengths_are_padded(starter: Checkpoint) -> None:
    encoded = starter.text.encode(["", "a red apple, flat style"])
    assert encoded.states.shape == (2, 8, 384)
    assert not bool(encoded.states[0].any())
    assert not bool(encoded.pooled[0].any())
    assert float(encoded.pooled[1].norm()) == pytest.approx(8, abs=1e-3)


def test_states_do_not_depend_on_the_other_prompts(starter: Checkpoint) -> None:
    alone = starter.text.encode(["a dog"])
    beside = starter.text.encode(["a dog", "a red apple and a brown dog on green hills, flat"])
    torch.testing.assert_close(beside.states[:1, :8], alone.states, rtol=1e-4, atol=1e-4)


def test_words_outside_the_list_find_a_near_concept(starter: Checkpoint) -> None:
    assert isinstance(starter.text, SentenceEncoder)
    concepts = load_starter_concepts(starter.text)
    assert len(concepts.concepts) == 1027
    for phrase, label in (("kitten", "cat"), ("automobile", "car"), ("terrier", "dog")):
        match = concepts.nearest(phrase)
        assert (match.concept.label, match.exact) == (label, False)


def test_feature_net_ignores_place_and_size(starter: Checkpoint) -> None:
    net, prototypes = load_starter_feature_net()
    assert isinstance(starter.text, SentenceEncoder)
    assert len(prototypes) == len(load_starter_concepts(starter.text).concepts)
    canvas = torch.zeros(4, 200, 160)
    canvas[:, 20:84, 70:134] = _disc(64)[0]
    vectors = net.embed(torch.stack([centre_drawing(_disc(128)[0]), centre_drawing(canvas)]))
    assert float(vectors[0] @ vectors[1]) > 0.95


def _ramp(profile: torch.Tensor) -> torch.Tensor:
    """White of an alpha that changes by column, in colour form `1 4 9 w`."""
    rgba = torch.ones(1, 4, 9, len(profile))
    rgba[:, 3] = profile
    return to_colour_form(rgba)


def test_steepened_edges_are_steeper_and_never_overshoot() -> None:
    soft = _ramp(torch.sigmoid(torch.arange(-11, 12) / 0.75))
    crisp = steepen(soft)
    steps = [float(planes.diff(dim=3).abs().max()) for planes in (soft, crisp)]
    assert steps[1] > 1.2 * steps[0]
    assert crisp.min() >= soft.min()
    assert crisp.max() <= soft.max()
    faint = soft[:, :3] * torch.tensor([0.05]) + 0.5
    opaque = torch.cat([faint, torch.ones_like(faint[:, :1])], 1)
    assert torch.equal(steepen(opaque), opaque), "it would show the grid of the latents"


@pytest.mark.parametrize("enlarged", [1.0, 2.0])
def test_soft_slopes_and_what_is_rough_in_them_are_not_steepened(enlarged: float) -> None:
    slope = torch.linspace(1, 0, int(24 * enlarged))
    smooth = _ramp(torch.cat([torch.ones(8), slope, torch.zeros(8)]))
    torch.testing.assert_close(steepen(smooth, enlarged), smooth, rtol=0, atol=0.03)
    rng = torch.Generator().manual_seed(0)
    rough = _ramp(0.3 + 0.2 * torch.rand(40, generator=rng))
    assert torch.equal(steepen(rough, enlarged), rough)


def test_edges_inside_of_a_solid_drawing_are_steepened() -> None:
    step = torch.sigmoid(torch.arange(-11, 12) / 0.75).expand(1, 3, 9, 23)
    crisp = steepen(torch.cat([step, torch.ones_like(step[:, :1])], 1))
    assert float(crisp.diff(dim=3).max()) > 1.2 * float(step.diff(dim=3).max())
