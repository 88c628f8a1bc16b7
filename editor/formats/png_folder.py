"""Writes a folder of PNG pictures, one for each layer, with a manifest that says where they go."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from editor.document.layers import Layer, RasterLayer
from editor.document.state import DocumentState
from editor.formats.atomic_save import PREFIX, SUFFIX, explain, remove_abandoned
from editor.formats.errors import FormatError, SaveCancelled
from editor.formats.exchange import exchange
from editor.formats.files import MANIFEST
from editor.formats.inspect import describe, stored_bounds
from editor.formats.png import write_png
from editor.formats.png_planes import encode_coverage, encode_rgba
from editor.formats.provenance import application, origin_of, without_recipes
from editor.formats.psd_masks import stored_mask
from editor.translations import tr

MERGED = "merged.png"
FORMAT = "layerloom-png-folder"
VERSION = 1
_NAME_CHARACTERS = 60

Progress = Callable[[float], None]
Cancelled = Callable[[], bool]


def write_png_folder(
    state: DocumentState,
    path: str | os.PathLike[str],
    *,
    include_recipes: bool = True,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> None:
    """Write a folder with `manifest.json`, `merged.png`, and each layer cropped to its pixels.

    A folder of an earlier export is replaced as a whole; any other that holds something is refused.
    Raises FormatError, or SaveCancelled; what was there then stays.
    """
    target = Path(path).absolute()
    _check(target)
    remove_abandoned(target.parent)
    fresh = _name_beside(target)
    origin = origin_of(state)
    if not include_recipes:
        state = without_recipes(state)
    try:
        fresh.mkdir()
        _Folder(fresh, progress or _ignore, cancelled or _never).fill(state, origin)
        _put_in_place(fresh, target)
    except OSError as error:
        raise explain(error, target) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Folder:
    path: Path
    progress: Progress
    cancelled: Cancelled

    def fill(self, state: DocumentState, origin: str | None) -> None:
        write_png(state, self.path / MERGED, cancelled=self.cancelled)
        layers = state.all_layers()
        entries = describe(state)["layers"]
        for number, (layer, entry) in enumerate(zip(layers, entries, strict=True), 1):
            if self.cancelled():
                raise SaveCancelled
            self._add(layer, entry, number)
            self.progress(number / len(layers))
        content = {
            "format": FORMAT,
            "version": VERSION,
            "application": application(),
            "digital_source_type": origin,
            "width": state.width,
            "height": state.height,
            "resolution_ppi": state.resolution_ppi,
            "merged": MERGED,
            "guides": [[guide.orientation.value, guide.position] for guide in state.guides],
            "layers": entries,
        }
        text = json.dumps(content, ensure_ascii=False, indent=1)
        (self.path / MANIFEST).write_text(text, encoding="utf-8")

    def _add(self, layer: Layer, entry: dict[str, Any], number: int) -> None:
        """Write a layer's pictures and note their names in its entry."""
        stem = f"{number:03} {safe_name(layer.name)}".strip()
        if isinstance(layer, RasterLayer):
            box = stored_bounds(layer).translated(-layer.offset[0], -layer.offset[1])
            entry["file"] = f"{stem}.png"
            (self.path / entry["file"]).write_bytes(encode_rgba(layer.pixels.read(box)))
        if layer.mask is not None:
            mask = stored_mask(layer.mask)
            if not mask.box.is_empty:
                entry["mask"]["file"] = f"{stem} mask.png"
                (self.path / entry["mask"]["file"]).write_bytes(encode_coverage(mask.coverage))


def safe_name(name: str) -> str:
    """What of a layer's name every file system takes."""
    plain = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f]+', "_", name)
    return plain.encode("utf-8", "replace").decode()[:_NAME_CHARACTERS].strip(" .")


def _check(target: Path) -> None:
    if not target.parent.is_dir():
        raise FormatError(
            tr(
                "The folder {folder} does not exist; create it or choose another.",
                folder=target.parent,
            )
        )
    if target.exists() and not target.is_dir():
        raise FormatError(
            tr("{target} is a file; give the name of a folder for the pictures.", target=target)
        )
    if target.is_dir() and any(target.iterdir()) and not _is_ours(target):
        raise FormatError(
            tr("{target} holds other files; choose an empty or a new folder.", target=target)
        )


def _is_ours(folder: Path) -> bool:
    """Whether an export made everything in the folder: it is replaced as a whole."""
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            return False
        made: set[str | None] = {MANIFEST, MERGED}
        for entry in content["layers"]:
            made |= {entry.get("file"), (entry.get("mask") or {}).get("file")}
        return {path.name for path in folder.iterdir()} <= made
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _name_beside(target: Path) -> Path:
    return target.parent / f"{PREFIX}{secrets.token_hex(8)}{SUFFIX}"


def _put_in_place(fresh: Path, target: Path) -> None:
    """Give the new folder the name; the old one, if any, is removed or has the new one's name."""
    if not target.exists():
        fresh.rename(target)
        return
    if exchange(fresh, target):
        return
    # Windows: a kill between the two steps leaves it under this name, which nobody tidies away.
    old = target.with_name(f"{target.name[:_NAME_CHARACTERS]} old {secrets.token_hex(4)}")
    target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _ignore(_share: float) -> None: ...


def _never() -> bool:
    return False
