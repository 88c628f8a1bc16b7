"""What a run is trained on: recipe, picture sets, how often each drawing is taken, the judge."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from engine.checkpoints import starter
from engine.errors import CheckpointError
from engine.prompts.styles import styles_of
from engine.training import export
from engine.training.art import sources as art
from engine.training.codec.score import trained_codes
from engine.training.evaluation.concepts import Judged, relative, score_table, sheet
from engine.training.export import weighted_mean
from engine.training.icon_data import SHAPES, IconItem
from engine.training.judge import clear_bars
from engine.training.layer_batches import CaptionTable, IconBatches
from engine.training.recipe import Concept, load_recipe


def test_the_recipe_keeps_its_first_concepts_first() -> None:
    concepts = load_recipe().concepts
    widenings = [concept.widening for concept in concepts]
    assert widenings == sorted(widenings)
    assert set(widenings) == {0, 1, 2}
    assert len({concept.hexcode for concept in concepts}) == len(concepts)


def test_added_concepts_are_drawn_as_often_as_asked() -> None:
    items = [IconItem(label, label, "flat", "", "red") for label in ("dog", "wolf")]
    latents = {shape: torch.zeros(2, 1, 16, 2, 2) for shape in SHAPES}
    cache = {"items": items, "originals": 2, "latents": latents}
    batches = IconBatches(cache, CaptionTable.__new__(CaptionTable), [1.0, 3.0])
    rng = np.random.default_rng(0)
    drawn = [batches._pick(rng, (7, 5))[0] for _ in range(400)]
    share = np.mean(["wolf" in caption for caption in drawn])
    assert share == pytest.approx(0.75, abs=0.06)


def test_a_set_of_pictures_is_found_by_code_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "assets").mkdir()
    picture = np.zeros((40, 40, 4), np.uint8)
    picture[10:30, 5:35] = (10, 20, 200, 255)  # blue, green, red
    cv2.imwrite(str(tmp_path / "assets" / "2764-FE0F.webp"), picture)
    monkeypatch.setattr(art, "fetch_package", lambda *_: tmp_path)
    monkeypatch.setenv(art.CACHE_VARIABLE, str(tmp_path / "cache"))
    art._picture_files.cache_clear()
    try:
        assert art.has_icon("3d", "2764")
        assert not art.has_icon("3d", "1f436")
        render = art.tight_render("3d", "2764", 60)
        with pytest.raises(art.ArtworkError, match="1f436"):
            art.tight_render("3d", "1f436", 60)
    finally:
        art._picture_files.cache_clear()
    assert render.shape == (40, 60, 4)
    assert render[20, 30, 0] > 180
    assert render[20, 30, 2] < 60


@pytest.mark.parametrize(
    ("text", "styles"),
    [
        ('{"styles": ["flat", "glossy", "3d"]}', ("flat", "glossy", "3d")),
        ("{}", ("flat", "glossy")),
        ("[]", ("flat", "glossy")),
        ("{", ("flat", "glossy")),
        ('{"styles": []}', ("flat", "glossy")),
    ],
)
def test_styles_are_those_the_model_names(
    tmp_path: Path, text: str, styles: tuple[str, ...]
) -> None:
    config = tmp_path / "config.json"
    config.write_text(text, "utf-8")
    assert styles_of(config) == styles


def test_scores_are_relative_to_real_art_and_by_group() -> None:
    row = relative(np.array([0, 3, 9, 9]), np.array([0, 0, 9, 1]))
    assert (row["top1"], row["real top1"], row["top1 of real"]) == (0.25, 0.5, 0.5)
    assert (row["top5"], row["real top5"], row["top5 of real"]) == (0.5, 0.75, 0.667)
    asked = [Concept("dog", "1"), Concept("wolf", "2", 1)]
    cells = np.zeros((2, 80, 80, 3), np.uint8)
    table = score_table({"flat": Judged(cells, np.array([0, 7]), np.array([0, 0]))}, asked)
    assert table["flat, first concepts"]["top1"] == 1
    assert table["flat, added concepts"]["top5 of real"] == 0
    assert table["all"]["prompts"] == 2


def test_the_sheet_shows_the_earlier_drawing_above_the_new_one() -> None:
    before, after = (np.full((3, 80, 80, 3), value, np.uint8) for value in (10, 200))
    picture = sheet({"flat": after}, {"flat": before})
    assert picture[40, 40].tolist() == [10, 10, 10]
    assert picture[120, 40].tolist() == [200, 200, 200]
    assert picture[120, 80 * 4].tolist() == [255, 255, 255]


def test_weights_are_averaged_by_share() -> None:
    new, old = {"w": torch.tensor([1.0, 2.0])}, {"w": torch.tensor([0.0, 4.0]).half()}
    assert weighted_mean(new, old, 0.75)["w"].tolist() == [0.75, 2.5]


def test_the_codec_is_scored_with_concepts_it_never_trains_on() -> None:
    concepts = load_recipe().concepts
    held_out = {concept.hexcode for concept in concepts if concept.widening == 2}
    assert len(held_out) > 60
    assert not held_out & trained_codes()
    assert len(trained_codes()) == len(concepts) - len(held_out)


@pytest.mark.parametrize("arguments", [[], ["fifth", "--tags"]])
def test_an_export_is_of_a_run_or_of_keywords(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for part in ("renew_tags", "export_transformer"):
        monkeypatch.setattr(export, part, lambda *_: pytest.fail("nothing may be written"))
    monkeypatch.setattr("sys.argv", ["export", *arguments])
    with pytest.raises(SystemExit):
        export.main()
    assert "Name a run, or say --tags without one." in capsys.readouterr().err


def test_a_style_has_the_bar_that_most_of_its_real_drawings_reach(tmp_path: Path) -> None:
    plain = np.linspace(0.8, 0.999, 200, dtype=np.float32)
    lines = plain - np.float32(0.2)
    found = clear_bars.bars({"flat": plain, "outlined": lines})
    assert found == {"flat": 0.82, "outlined": 0.62}
    assert 0.85 <= (plain >= found["flat"]).mean() <= 0.9
    (tmp_path / "config.json").write_text('{"styles": ["flat"]}')
    clear_bars.put_bars(found, tmp_path)
    assert starter.clear_likeness(tmp_path) == found
    assert styles_of(tmp_path / "config.json") == ("flat",)
    assert [file.name for file in tmp_path.iterdir()] == ["config.json"]


@pytest.mark.parametrize("bars", ['{"flat": "high"}', '{"flat": 1.5}', '{"flat": true}', "[0.9]"])
def test_broken_bars_are_refused(tmp_path: Path, bars: str) -> None:
    (tmp_path / "config.json").write_text(f'{{"clear_likeness": {bars}}}')
    with pytest.raises(CheckpointError, match="no configuration of the starter"):
        starter.clear_likeness(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    assert starter.clear_likeness(tmp_path) == {}


def test_the_shipped_model_has_a_bar_for_each_style() -> None:
    assert set(starter.clear_likeness(starter.STARTER_FOLDER)) == set(load_recipe().styles)
