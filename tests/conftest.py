"""Settings for every test: no display, no network, no trace in the user's own folders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["HF_HUB_OFFLINE"] = "1"
# Compiling the compositor takes ten seconds, so it is kept from run to run.
os.environ.setdefault(
    "LAYERLOOM_CACHE", str(Path(__file__).parents[1] / ".pytest_cache" / "compositor")
)


@pytest.fixture(autouse=True)
def private_user_folders(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Configuration, cache and data of the program go to a folder of the test."""
    home = tmp_path_factory.mktemp("home")
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        folder = home / name.lower()
        folder.mkdir()
        monkeypatch.setenv(name, str(folder))
    return home
