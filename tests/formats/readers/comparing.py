"""Compares what a program reads with what it should, property by property."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from editor.formats.psd_planes import matte_on_white
from tests.formats.readers.reading import Reading, Rgba, Seen


class Verdict(StrEnum):
    """A cell of the table."""

    EQUAL = "yes"
    LIMIT = "limit"
    SILENT = "-"
    WRONG = "WRONG"


@dataclass(frozen=True)
class Finding:
    """What came out for one property, and the first layer that differs."""

    verdict: Verdict
    detail: str = ""


Property = Callable[[Reading, Reading], Finding]


def _of_layers(
    value: Callable[[Seen], object], equal: Callable[[Seen, Seen], bool] | None = None
) -> Property:
    """Compares a property of every layer whose value both sides have."""

    def compare(ours: Reading, theirs: Reading) -> Finding:
        told = 0
        if len(ours.layers) != len(theirs.layers):
            return Finding(Verdict.WRONG, f"{len(theirs.layers)} layers")
        for mine, yours in zip(ours.layers, theirs.layers, strict=True):
            if value(mine) is None or value(yours) is None:
                continue
            told += 1
            same = equal(mine, yours) if equal else value(mine) == value(yours)
            if not same:
                detail = "" if equal else f": {value(yours)!r:.60} for {value(mine)!r:.60}"
                return Finding(Verdict.WRONG, f'"{mine.name[:30]}"{detail}')
        return Finding(Verdict.EQUAL if told else Verdict.SILENT, f"{told} layers")

    return compare


def _of_file(value: Callable[[Reading], object]) -> Property:
    def compare(ours: Reading, theirs: Reading) -> Finding:
        if value(theirs) is None:
            return Finding(Verdict.SILENT)
        same = value(ours) == value(theirs)
        return Finding(Verdict.EQUAL if same else Verdict.WRONG, str(value(theirs))[:60])

    return compare


def _same_pixels(mine: Seen, yours: Seen) -> bool:
    if mine.pixels is None or yours.pixels is None or mine.pixels.shape != yours.pixels.shape:
        return False
    visible = mine.pixels[..., 3] > 0
    return np.array_equal(mine.pixels[..., 3], yours.pixels[..., 3]) and np.array_equal(
        mine.pixels[visible], yours.pixels[visible]
    )


def _merged(ours: Reading, theirs: Reading) -> Finding:
    if theirs.merged is None or ours.merged is None:
        return Finding(Verdict.SILENT)
    worst = difference_seen(ours.merged, theirs.merged)
    return Finding(Verdict.EQUAL if worst <= 1 else Verdict.WRONG, f"{worst} levels")


def difference_seen(ours: Rgba, theirs: Rgba) -> int:
    """Levels on white, and in alpha."""
    alpha = np.abs(theirs[..., 3].astype(int) - ours[..., 3]).max()
    seen = np.abs(matte_on_white(theirs).astype(int) - matte_on_white(ours)).max()
    return int(max(alpha, seen))


PROPERTIES: dict[str, Property] = {
    "canvas size": _of_file(lambda reading: reading.size),
    "layers and groups": _of_layers(lambda seen: seen.is_group),
    "nesting": _of_layers(lambda seen: seen.depth),
    "names": _of_layers(lambda seen: seen.name),
    "boxes": _of_layers(lambda seen: seen.box),
    "blend modes": _of_layers(lambda seen: seen.mode),
    "opacity": _of_layers(lambda seen: seen.opacity),
    "visibility": _of_layers(lambda seen: seen.visible),
    "locks": _of_layers(lambda seen: seen.locked),
    "clipping": _of_layers(lambda seen: seen.clipped),
    "masks": _of_layers(lambda seen: seen.masked),
    "open groups": _of_layers(lambda seen: seen.expanded),
    "layer ids": _of_layers(lambda seen: seen.number),
    "pixels": _of_layers(lambda seen: seen.pixels, _same_pixels),
    "merged image": _merged,
    "ICC profile": _of_file(lambda reading: reading.profile_bytes),
    "resolution": _of_file(lambda reading: reading.resolution),
    "XMP": _of_file(lambda reading: reading.document_id),
}
