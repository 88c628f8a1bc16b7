"""Styles of a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.prompts.styles import styles_of


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
