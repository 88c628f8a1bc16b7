"""The evaluation's measures say what they should of drawings whose answer is known."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from engine.checkpoints.starter import STARTER_FOLDER
from engine.models.feature_net import FeatureNet
from engine.prompts.captions import STYLES
from engine.runtime import load_layer_model
from engine.training.evaluation import synonyms
from engine.training.evaluation.documents import SIDE_PX, fixed_documents, visible_share
from engine.training.evaluation.edge_metrics import (
    AlphaBytes,
    grid_ratio,
    haze_share,
    roughness,
    soft_area,
)
from engine.training.evaluation.neighbours import Space, aligned, describe
from engine.training.evaluation.objects import _has_hue, as_bytes
from engine.training.evaluation.product_drawing import draw_typed
from engine.training.evaluation.prompts import DRAWN, load_prompts
from engine.training.evaluation.sheets import CELL_PX, Cell, on_ground, write_sheet
from engine.training.evaluation.synonyms import Pair, draw_pairs, pair_scores
from engine.training.evaluation.whole_image import agreement_rows
from engine.training.layered_data import with_effect
from engine.training.recipe import Concept


def _disc(side: int = 128, radius: float = 40) -> AlphaBytes:
    y, x = np.mgrid[:side, :side] - side / 2 + 0.5
    return np.asarray(np.clip(radius - np.hypot(y, x) + 0.5, 0, 1) * 255, np.uint8)


def _drawing(colour: tuple[int, int, int], radius: float = 40) -> AlphaBytes:
    alpha = _disc(radius=radius)
    return np.dstack([np.full((*alpha.shape, 3), colour, np.uint8), alpha])


def test_an_antialiased_edge_is_no_haze_and_a_veil_is() -> None:
    disc = _disc()
    assert haze_share(disc) == 0
    veiled = np.where(disc == 0, 20, disc).astype(np.uint8)
    veiled[:40] = 0
    assert 0.3 < haze_share(veiled) < 0.9
    assert haze_share(np.full((16, 16), 100, np.uint8)) == 1  # nothing but haze
    assert haze_share(np.zeros((16, 16), np.uint8)) == 0


def test_a_ragged_shadow_is_told_from_a_smooth_one() -> None:
    alpha = _disc(256, 80)
    smooth = with_effect(np.dstack([alpha] * 4), "soft shadows")[..., 3]
    assert 0.03 < soft_area(smooth).mean() < 0.3
    noise = np.random.default_rng(0).integers(-30, 30, smooth.shape)
    ragged = np.clip(smooth + np.where(soft_area(smooth), noise, 0), 0, 255).astype(np.uint8)
    assert roughness(smooth) < 2
    assert roughness(ragged) > 10
    assert roughness(_disc()) == 0  # no shadow


def test_steps_at_every_eighth_pixel_are_seen_as_a_grid() -> None:
    rng = np.random.default_rng(0)
    plain = [rng.integers(0, 6, (128, 128)).astype(np.uint8) for _ in range(12)]
    assert 0.3 < grid_ratio(plain, 8) < 3
    blocks = np.kron(rng.integers(0, 12, (16, 16)), np.ones((8, 8))).astype(np.uint8)
    assert grid_ratio([plane + blocks for plane in plain], 8) > 10


def test_a_colour_is_found_by_its_hue() -> None:
    assert _has_hue(_drawing((30, 90, 220)), "blue")
    assert not _has_hue(_drawing((30, 90, 220)), "red")
    assert not _has_hue(_drawing((128, 128, 128)), "blue")


class _Gallery:
    """As many nouns as the documents may take."""

    concepts = tuple(range(60))


def test_the_documents_boxes_lie_apart_on_the_page_and_are_always_the_same() -> None:
    aspects = [0.5 + index / 40 for index in range(60)]
    documents = fixed_documents(_Gallery(), aspects, 2)  # type: ignore[arg-type]  # nouns are enough
    assert documents == fixed_documents(_Gallery(), aspects, 2)  # type: ignore[arg-type]
    assert sorted(len(d.boxes) for d in documents) == [n for n in range(1, 7) for _ in range(2)]
    for document in documents:
        taken = np.zeros((SIDE_PX, SIDE_PX), int)
        for x0, y0, x1, y1 in document.boxes:
            assert 0 <= x0 < x1 <= SIDE_PX
            assert 0 <= y0 < y1 <= SIDE_PX
            assert not document.square or abs(x1 - x0 - y1 + y0) <= 1
            taken[y0:y1, x0:x1] += 1
        assert taken.max() == 1


def test_the_visible_share_is_that_of_the_bounding_box() -> None:
    rgba = torch.zeros(4, 100, 50)
    assert visible_share(rgba) == 0
    rgba[3, 20:70, 10:40] = 1
    assert visible_share(rgba) == pytest.approx(50 * 30 / 5000)


def test_neighbours_are_compared_without_place_and_size() -> None:
    small, large = _drawing((200, 30, 30), 20), _drawing((200, 30, 30), 60)
    other = _drawing((30, 30, 200), 60)
    assert aligned(small).shape == (32, 32, 4)
    assert np.abs(aligned(small) - aligned(large)).mean() < 0.02
    torch.manual_seed(0)
    net = FeatureNet().eval()
    known = describe([other, large], net)
    pixels, which, features = describe([small], net).nearest(known)
    assert which.tolist() == [1]
    assert pixels[0] < 0.1
    assert features[0] < 0.05
    same = Space(known.pixels[1:], known.features[1:]).beside(
        Space(known.pixels[1:], known.features[1:])
    )
    assert [float(value[0]) for value in same] == pytest.approx([0, 0], abs=1e-5)


def test_a_sheet_has_a_label_under_every_cell(tmp_path: Path) -> None:
    rgba = torch.zeros(4, 20, 40)
    rgba[:, 5:15] = 1
    pink = on_ground(rgba, "pink")
    assert pink.shape == (3, 40, 40)
    assert pink[:, 0, 0].tolist() == pytest.approx([1, 0.41, 0.71])
    write_sheet(tmp_path / "sheet.png", [Cell(pink, "a label" * 30)] * 5, per_row=3)
    sheet = cv2.imread(str(tmp_path / "sheet.png"))
    assert sheet is not None
    assert sheet.shape == (2 * (CELL_PX + 16), 3 * CELL_PX, 3)
    assert as_bytes(rgba).shape == (20, 40, 4)


def test_the_prompts_of_the_evaluation_are_what_the_documentation_says() -> None:
    prompts = load_prompts()
    assert len(prompts) == 2 * DRAWN == len(set(prompts))


def test_rows_say_how_far_stack_and_whole_image_agree() -> None:
    rows = agreement_rows([{"whole": 8.0, "codec": 27.0}, {"whole": 10.0, "codec": 29.0}])
    assert rows == {
        "documents, whole": {"PSNR dB": 9.0, "at 28 dB or better": 0.0},
        "documents, codec": {"PSNR dB": 28.0, "at 28 dB or better": 0.5},
    }
    assert agreement_rows([]) == {}


class _Judge:
    """Two nouns; a drawing's first value is the number of the one that it shows."""

    concepts = (Concept("dog", "1f436"), Concept("car", "1f697"))

    def ranks(self, drawings: list[torch.Tensor], asked: list[int]) -> list[int]:
        return [
            int(drawing[0, 0, 0] != place) for drawing, place in zip(drawings, asked, strict=True)
        ]


def test_a_word_is_drawn_beside_its_concept_with_the_same_seed_and_style(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, str, int]] = []

    def draw(_model: object, typed: str, style: str, seed: int) -> torch.Tensor:
        asked.append((typed, style, seed))
        return torch.full((4, 2, 2), float(typed not in ("puppy", "hound", "dog")))

    monkeypatch.setattr(synonyms, "draw_typed", draw)
    table = {"puppy": "dog", "hound": "dog", "bike": "dog", "automobile": "car"}
    pairs = draw_pairs(None, _Judge(), table)  # type: ignore[arg-type]  # what is drawn is known
    assert asked[::2] == [(w, STYLES[i % len(STYLES)], i) for i, w in enumerate(table)]
    assert asked[1::2] == [(label, *asked[2 * i][1:]) for i, label in enumerate(table.values())]
    assert [(pair.rank, pair.own_rank, pair.same) for pair in pairs] == [
        (0, 0, True), (0, 0, True), (1, 0, False), (0, 0, True),
    ]  # fmt: skip


def test_words_are_behind_by_the_pairs_that_differ() -> None:
    picture = torch.zeros(4, 1, 1)
    pairs = [Pair("", picture, 7, 7, True)] * 8 + [Pair("", picture, 3, 0, False)] * 2
    scores = pair_scores(pairs)
    assert (scores["top1"], scores["top1 of their concepts"]) == (0, 0.2)
    assert scores["top1 behind"] == 0.2
    assert scores["top1 error"] == pytest.approx(0.133, abs=1e-3)
    assert (scores["top5 behind"], scores["same drawing"], scores["pairs"]) == (0, 0.8, 10)


@pytest.mark.slow
def test_the_program_draws_a_synonym_as_it_draws_its_concept() -> None:
    model = load_layer_model(STARTER_FOLDER)
    puppy, dog, cat, nothing = (
        draw_typed(model, typed, "outlined", 5) for typed in ("puppy", "dog", "cat", "!")
    )
    assert torch.equal(puppy, dog)
    assert not torch.equal(puppy, cat)
    assert puppy[3].max() > 0.9
    assert not nothing.any()
