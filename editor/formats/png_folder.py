"""Writes a folder of PNG pictures, one for each layer, with a manifest that says where they go."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from editor.document.layers import Layer, RasterLayer
from editor.document.state import DocumentState
from editor.formats.atomic_save import (
    PREFIX,
    SUFFIX,
    explain,
    force_folder_to_disk,
    force_to_disk,
    remove_abandoned,
)
from editor.formats.errors import FormatError, SaveCancelled
from editor.formats.exchange import exchange
from editor.formats.files import MANIFEST
from editor.formats.inspect import describe, stored_bounds
from editor.formats.png import write_png
from editor.formats.png_planes import encode_coverage, encode_rgba
from editor.formats.provenance import application, origin_of, without_recipes
from editor.formats.psd_masks import stored_mask
from editor.formats.waiting import Cancelled, Progress, ignore, never
from editor.translations import tr

MERGED = "merged.png"
FORMAT = "layerloom-png-folder"
VERSION = 1
_NAME_CHARACTERS = 60


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
    A symbolic link is followed: the folder that it names is replaced, not the link. Raises
    FormatError, or SaveCancelled; what was there then stays.
    """
    target = _resolve(path)
    _check(target)
    remove_abandoned(target.parent)
    fresh = _name_beside(target)
    origin = origin_of(state)
    if not include_recipes:
        state = without_recipes(state)
    try:
        fresh.mkdir()
        _Folder(fresh, progress or ignore, cancelled or never).fill(state, origin)
        _force_all_to_disk(fresh)
        _put_in_place(fresh, target)
        force_folder_to_disk(target.parent)
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


def _resolve(path: str | os.PathLike[str]) -> Path:
    """Absolute path with links followed, so that a link stays a link."""
    try:
        return Path(path).resolve()
    except (ValueError, OSError, RuntimeError) as error:
        raise FormatError(
            tr("{text!r} is not a usable file path; choose another.", text=os.fspath(path)),
            str(error),
        ) from error


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


def _force_all_to_disk(folder: Path) -> None:
    """Before the folder gets its name: a power cut must not leave one of empty pictures."""
    for path in folder.iterdir():
        with path.open("r+b") as file:
            force_to_disk(file.fileno())
    force_folder_to_disk(folder)


def _put_in_place(fresh: Path, target: Path) -> None:
    """Give the new folder the name; the old one, if any, is removed or has the new one's name."""
    if not target.exists():
        fresh.rename(target)
    elif not exchange(fresh, target):
        _replace_in_two_steps(fresh, target)
    _remove_set_aside(target)


def _replace_in_two_steps(fresh: Path, target: Path) -> None:
    """Where nothing swaps folders, as on Windows. A kill between the steps leaves the old folder
    under a name that says so; the next export to the same place removes it."""
    old = target.with_name(f"{_set_aside(target)}{secrets.token_hex(4)}")
    target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _set_aside(target: Path) -> str:
    return f"{target.name[:_NAME_CHARACTERS]} old "


def _remove_set_aside(target: Path) -> None:
    """Remove what kills between the two steps left of earlier exports, and nothing else."""
    name = re.compile(re.escape(_set_aside(target)) + "[0-9a-f]{8}")
    with contextlib.suppress(OSError):  # the new folder is there: this is no failure of writing it
        for old in target.parent.iterdir():
            if name.fullmatch(old.name) and not old.is_symlink() and _is_ours(old):
                shutil.rmtree(old, ignore_errors=True)
