"""Where the program keeps its own files: one folder of the user, chosen as the system does."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

_NAME = "layerloom"


@dataclass(frozen=True, slots=True)
class Places:
    """Folders inside the user's data folder; they may not exist yet."""

    data: Path

    @property
    def runs(self) -> Path:
        """Lock and autosave file of each running or crashed instance."""
        return self.data / "runs"

    @property
    def damaged(self) -> Path:
        """Autosave files that could not be read, kept for a report."""
        return self.data / "damaged"

    @property
    def backups(self) -> Path:
        """Copies of files that were saved over."""
        return self.data / "backups"

    @property
    def models(self) -> Path:
        """The list of full-size models, and those that were fetched."""
        return self.data / "models"

    @property
    def logs(self) -> Path:
        return self.data / "logs"


def user_places() -> Places:
    """The places of this user on this system."""
    return Places(_data_home() / _NAME)


def _data_home() -> Path:
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA", "")
        return Path(home) if home else Path.home() / "AppData" / "Local"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    home = os.environ.get("XDG_DATA_HOME", "")
    return Path(home) if Path(home).is_absolute() else Path.home() / ".local" / "share"
