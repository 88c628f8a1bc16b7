"""Where drawings come from: sets of vector files and sets of pictures."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.training.art import sources as art


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
