"""Writes a document as PSD or PSB: layers, groups, our own merged image, provenance.

Pixels are packed in several threads and written one layer after another, so that the memory taken
does not grow with the number of layers. The target is replaced only after the temporary file was
read back and compared.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from psd_tools.constants import ColorMode
from psd_tools.psd.header import FileHeader
from psd_tools.psd.layer_and_mask import LayerRecord

from editor.document.compositor import HasState
from editor.document.geometry import Rect
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.state import DocumentState
from editor.formats import plane_cache
from editor.formats.atomic_save import atomic_write, check_writable
from editor.formats.errors import FormatError
from editor.formats.provenance import (
    LayerFacts,
    document_packet,
    layer_packet,
    origin_packet,
    record_json,
)
from editor.formats.psd_file import Head, Written, write_file
from editor.formats.psd_kept import KeptRecord, KeptRecords
from editor.formats.psd_masks import StoredMask, describe_mask, stored_mask
from editor.formats.psd_merged import Merged, merged_image
from editor.formats.psd_names import unicode_name
from editor.formats.psd_packing import (
    NO_PIXELS,
    PSB,
    PSD,
    Packed,
    WrongBytes,
    as_they_are,
    pack_layer,
    pack_plane,
)
from editor.formats.psd_planes import pixel_hash, stored_box
from editor.formats.psd_records import group_end_record, group_record, raster_record
from editor.formats.psd_resources import build_resources
from editor.formats.psd_steps import Steps, in_order, thread_count
from editor.formats.psd_verify import difference
from editor.formats.waiting import Cancelled, Progress
from editor.translations import tr

MAX_PSD_BYTES = 1_800_000_000  # beyond 2 GB lengths overflow in readers; PSB has 64-bit ones
MAX_LAYERS = 8_000

Pack = Callable[[], Packed]


class TooLargeForPsd(FormatError):
    """Only a PSB can hold the document."""

    needs_psb = True


def write_psd(
    document: DocumentState | HasState,
    path: str | os.PathLike[str],
    *,
    include_recipes: bool = True,
    compact: bool = False,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> None:
    """Save a document as PSD (as PSB when the file name ends in .psb).

    Args:
        document: In another thread than the interface's: a snapshot.
        include_recipes: Prompts, seeds and the layout go into the file; False leaves out all of
            it, and with it our layer ids.
        compact: Layers deflated: about half the size; a few programs cannot read them.
        progress: Called with 0..1 after each step, in this thread.
        cancelled: Asked between steps, in any thread; True stops the export.

    A document that was opened from a PSD and not changed since is written as that file was; of a
    changed one only what was changed. Equal documents give equal bytes. Raises FormatError (the
    target stays as it was), or SaveCancelled.
    """
    state = document if isinstance(document, DocumentState) else document.snapshot()
    check_writable(path)
    target = Path(path)
    if len(state.all_layers()) > MAX_LAYERS:
        raise FormatError(
            tr(
                "{name}: a PSD holds at most {limit} layers; merge some.",
                name=target.name,
                limit=MAX_LAYERS,
            )
        )
    version = PSB if target.suffix.lower() == ".psb" else PSD
    steps = Steps(2 * len(state.raster_layers()) + 3, progress, cancelled)
    pool = ThreadPoolExecutor(thread_count(), "layerloom-export")
    try:
        kept = KeptRecords(state, version, include_recipes)
        whole = kept.whole_file()
        if whole is not None:
            with atomic_write(target) as file:
                file.write(whole)
            return
        export = _Export(state, target, version, include_recipes, compact, steps, pool, kept)
        _run_twice_if_needed(export)
    except MemoryError as error:
        raise FormatError(
            tr(
                "There is not enough free memory to save {target}; "
                "close other programs and try again.",
                target=target,
            )
        ) from error
    finally:
        steps.stop()
        pool.shutdown(cancel_futures=True)


def _run_twice_if_needed(export: _Export) -> None:
    """What came back wrong may come from an earlier file that rotted: then all is packed anew."""
    try:
        export.run()
    except WrongBytes:
        plane_cache.shared.clear()
        export.steps.begin_again()
        try:
            export.run()
        except WrongBytes as error:
            raise FormatError(
                tr(
                    "{name} came back wrong after writing and was not saved; "
                    "try again, and report this document if it stays so.",
                    name=export.target.name,
                ),
                str(error),
            ) from error


@dataclass(frozen=True, slots=True)
class _Part:
    """Channels still to be packed; `key` names their content, None = nothing to gain from it."""

    key: Hashable | None
    pack: Pack
    counts: bool = False  # as a step of progress


@dataclass(frozen=True, slots=True)
class _Entry:
    """A record of the file, bottom to top, and what stands behind it."""

    record: LayerRecord
    parts: tuple[_Part, ...]


@dataclass(frozen=True, slots=True)
class _Export:
    """One export."""

    state: DocumentState
    target: Path
    version: int
    include_recipes: bool
    compact: bool
    steps: Steps
    pool: ThreadPoolExecutor
    kept: KeptRecords

    def run(self) -> None:
        merged = merged_image(
            self.state, self.version, self.pool, self.steps, plane_cache.shared.find_rows
        )
        self.steps.done()
        facts = self._facts()
        head = self._head(merged, facts)
        entries = list(self._entries(self.state.layers, {fact.layer_id: fact for fact in facts}))
        records = [entry.record for entry in entries]
        with atomic_write(self.target) as file:
            written = self._write(file, head, entries, merged)
            file.flush()
            self.steps.done()
            problem = difference(file, head, records, written)
            if problem is not None:
                raise WrongBytes(problem)
            self.steps.done()
        places = [
            (part.key, place)
            for entry, found in zip(entries, written.layers, strict=True)
            for part, place in zip(entry.parts, found, strict=True)
        ]
        plane_cache.shared.remember(self.target.resolve(), [*places, (None, written.merged)])

    def _facts(self) -> list[LayerFacts]:
        """What the file says of each layer, in the order of their records."""
        layers = list(_in_file_order(self.state.layers))
        hashes = in_order((partial(self._hash, layer) for layer in layers), self.pool, len(layers))
        facts = []
        first = self.kept.highest_number + 1
        for new, (layer, content_hash) in enumerate(zip(layers, hashes, strict=True), first):
            name, number = unicode_name(layer.name), self.kept.number_for(layer, new)
            fact = LayerFacts(layer.layer_id, number, name, None, content_hash)
            if isinstance(layer, RasterLayer) and content_hash is not None:
                record = record_json(layer, content_hash) if self.include_recipes else None
                fact = replace(fact, box=_box(layer).as_tuple(), record=record)
                self.steps.done()
            facts.append(fact)
        return facts

    def _hash(self, layer: Layer) -> str | None:
        if not isinstance(layer, RasterLayer):
            return None
        self.steps.check()
        return pixel_hash(layer.pixels)

    def _head(self, merged: Merged, facts: Sequence[LayerFacts]) -> Head:
        header = FileHeader(
            version=self.version,
            channels=merged.channels,
            width=self.state.width,
            height=self.state.height,
            depth=8,
            color_mode=ColorMode.RGB,
        )
        resources = build_resources(
            merged.preview,
            self.kept.highest_number + len(facts),
            document_packet(self.state, facts)
            if self.include_recipes
            else origin_packet(self.state),
            self.state,
        )
        return Head(header, self.kept.resources(resources))

    def _entries(self, layers: Sequence[Layer], facts: dict[Any, LayerFacts]) -> Iterator[_Entry]:
        for layer in layers:
            fact = facts[layer.layer_id]
            number = fact.number or 0
            if isinstance(layer, GroupLayer):
                lower = self.kept.replacing_lower(layer)
                yield _Entry(group_end_record(), (_NOTHING,)) if lower is None else _kept(lower)
                yield from self._entries(layer.children, facts)
                yield self._entry(layer, group_record(layer, number), _NOTHING)
            elif isinstance(layer, RasterLayer):
                metadata = None if fact.record is None else layer_packet(fact)
                record = raster_record(layer, number, _box(layer).as_tuple(), metadata)
                yield self._entry(layer, record, self._pixels(layer, fact))

    def _entry(self, layer: Layer, record: LayerRecord, pixels: _Part) -> _Entry:
        masks: tuple[_Part, ...] = ()
        if layer.mask is not None:
            mask = stored_mask(layer.mask)
            describe_mask(record, mask)
            masks = (self._mask(mask),)
        found = self.kept.replacing(layer, record)
        if found is None:
            return _Entry(record, (pixels, *masks))
        if found.pixels is not None:
            pixels = _stored(found.pixels, counts=pixels.counts)
        if found.masks is not None:
            masks = (_stored(found.masks),) if found.masks else ()
        return _Entry(found.record, (pixels, *masks))

    def _pixels(self, layer: RasterLayer, fact: LayerFacts) -> _Part:
        box = stored_box(layer.pixels)
        inner = layer.pixels.alpha_box
        # With the visible content and the margins all that is stored is known.
        margins = inner.x0 - box.x0, inner.y0 - box.y0, box.x1 - inner.x1, box.y1 - inner.y1
        key = ("pixels", fact.pixel_hash, margins, self.compact, self.version)
        pack = partial(
            pack_layer,
            layer.pixels,
            box,
            compact=self.compact,
            version=self.version,
            check=self.steps.check,
            find=plane_cache.shared.find_rows,
        )
        return _Part(key, pack, counts=True)

    def _mask(self, mask: StoredMask) -> _Part:
        key = ("mask", mask.fingerprint, self.compact, self.version)
        pack = partial(pack_plane, mask.coverage, compact=self.compact, version=self.version)
        return _Part(key, pack)

    def _write(
        self, file: BinaryIO, head: Head, entries: Sequence[_Entry], merged: Merged
    ) -> Written:
        records = [entry.record for entry in entries]
        with contextlib.closing(self._packed(entries, merged.packed.size)) as channels:
            return write_file(
                file,
                head,
                records,
                channels,
                merged.packed,
                merged_has_alpha=not merged.opaque,
                tail=self.kept.tail(),
            )

    def _packed(self, entries: Sequence[_Entry], size: int) -> Generator[list[Packed], None, None]:
        parts = (partial(_find_or_pack, part) for entry in entries for part in entry.parts)
        packed = in_order(parts, self.pool, thread_count())
        for entry in entries:
            found = []
            for part in entry.parts:
                found.append(next(packed))
                size += found[-1].size
                self._check_size(size)
                if part.counts:
                    self.steps.done()
            yield found

    def _check_size(self, size: int) -> None:
        if self.version == PSD and size > MAX_PSD_BYTES:
            raise TooLargeForPsd(
                tr(
                    "{name} would be {size:.1f} GB, too large for a PSD; "
                    "save it with the ending .psb, or merge or shrink layers.",
                    name=self.target.name,
                    size=size / 1e9,
                )
            )


_NOTHING = _Part(None, lambda: NO_PIXELS)


def _kept(found: KeptRecord) -> _Entry:
    return _Entry(found.record, (_stored(found.pixels or ()),))


def _stored(channels: tuple[bytes, ...], *, counts: bool = False) -> _Part:
    """Channels that stay as they were packed."""
    packed = as_they_are(channels)
    return _Part(None, lambda: packed, counts=counts)


def _find_or_pack(part: _Part) -> Packed:
    found = None if part.key is None else plane_cache.shared.find(part.key)
    return part.pack() if found is None else found


def _in_file_order(layers: Sequence[Layer]) -> Iterator[Layer]:
    """Bottom to top, a group after what is in it."""
    for layer in layers:
        if isinstance(layer, GroupLayer):
            yield from _in_file_order(layer.children)
        yield layer


def _box(layer: RasterLayer) -> Rect:
    return stored_box(layer.pixels).translated(*layer.offset)
