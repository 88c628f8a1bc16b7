"""Small JSON files of the user's data folder: written in one piece, read without complaint."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from engine.errors import CheckpointError
from engine.sentences import sentence


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file; empty when the file is missing, damaged or holds something else."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Writes beside and renames, so that a reader sees the old content or the new.

    Raises:
        CheckpointError: The folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=path.name, dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(content, stream, indent=1, sort_keys=True)
        Path(name).replace(path)
    except OSError as error:
        raise CheckpointError(
            sentence(
                "{path} cannot be written; free some space or change its permissions.", path=path
            ),
            str(error),
        ) from error
