"""Finds the adapters that a record names by their hash: those that were used here, or are listed.

Records hold no paths, which are nobody else's business and change; so the places are kept here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from engine.checkpoints.atomic_json import read_json, write_json
from engine.checkpoints.flux_files import LoraChoice, adapter_hash
from engine.checkpoints.recognise import Layout
from engine.checkpoints.shelf import Shelf
from engine.errors import CheckpointError
from engine.requests import AdapterChoice
from engine.requests.run_options import AdapterUse
from engine.sentences import sentence

_LIST = "adapters.json"
_KEPT = 500


def remember_adapters(
    shelf: Shelf, adapters: Sequence[LoraChoice], uses: Sequence[AdapterUse]
) -> None:
    """Keeps where the adapters of a job lie; `uses` has their hashes, in the same order.

    Where that cannot be written the job goes on: only its records are harder to do again.
    """
    if not adapters:
        return
    known = read_json(shelf.folder / _LIST)
    for choice, use in zip(adapters, uses, strict=True):
        known.pop(use.sha256, None)  # the newest last
        known[use.sha256] = str(choice.path.absolute())
    with contextlib.suppress(CheckpointError):
        write_json(shelf.folder / _LIST, dict(list(known.items())[-_KEPT:]))


def find_adapters(shelf: Shelf, uses: Sequence[AdapterUse]) -> tuple[AdapterChoice, ...]:
    """The adapters of a record as they lie on this computer.

    Raises:
        CheckpointError: One is not here, or was changed.
    """
    if not uses:
        return ()
    places = read_json(shelf.folder / _LIST)
    for model in shelf.models():
        if model.layout == Layout.LORA_FILE.value:
            places |= {file.sha256: file.path for file in model.files}
    return tuple(AdapterChoice(_found(places, use), use.weight) for use in uses)


def _found(places: dict[str, object], use: AdapterUse) -> str:
    place = Path(str(places.get(use.sha256, "")))
    if not place.is_file() or adapter_hash(place) != use.sha256:
        raise CheckpointError(
            sentence(
                "The adapter {name} that the layer was made with is not here; bring it with "
                '"layerloom models add".',
                name=use.name,
            )
        )
    return str(place)
