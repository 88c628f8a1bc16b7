"""Files shipped with the program: starter weights, icons, themes, styles."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def locate(*parts: str) -> Path:
    """Path of a shipped file or folder, e.g. `locate("starter_model")`."""
    return FOLDER.joinpath(*parts)
