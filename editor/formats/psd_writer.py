"""Writes a document as PSD or PSB: layers, groups, our own merged image, provenance.

The target is replaced only after the temporary file was read back and every name, box and pixel
in it compared.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from psd_tools.constants import ColorMode, Compression
from psd_tools.psd import PSD
from psd_tools.psd.header import FileHeader
from psd_tools.psd.image_data import ImageData
from psd_tools.psd.layer_and_mask import (
    ChannelImageData,
    GlobalLayerMaskInfo,
    LayerAndMaskInformation,
    LayerInfo,
    LayerRecords,
)
from psd_tools.psd.tagged_blocks import TaggedBlocks

from editor.document.compositor import CompositingCancelled, HasState, composite
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.state import DocumentState
from editor.formats.atomic_save import atomic_write, check_writable
from editor.formats.errors import FormatError, SaveCancelled
from editor.formats.provenance import (
    Box,
    LayerFacts,
    document_packet,
    layer_packet,
    record_json,
)
from editor.formats.psd_masks import add_mask, stored_mask
from editor.formats.psd_names import unicode_name
from editor.formats.psd_planes import (
    Rgba,
    bleed_colour,
    encode_plane,
    matte_on_white,
    pixel_hash,
    plane,
    stored_box,
)
from editor.formats.psd_reader import verify_psd
from editor.formats.psd_records import CHANNELS, Entry, group_end_entry, group_entry, raster_entry
from editor.formats.psd_resources import build_resources
from editor.translations import tr

MAX_PSD_BYTES = 1_800_000_000  # beyond 2 GB lengths overflow in readers; PSB has 64-bit ones
MAX_LAYERS = 8_000
_ARRAY_INDEX = dict(zip(CHANNELS, (3, 0, 1, 2), strict=True))
_PSD, _PSB = 1, 2

Progress = Callable[[float], None]
Cancelled = Callable[[], bool]


def write_psd(
    document: DocumentState | HasState,
    path: str | os.PathLike[str],
    *,
    include_recipes: bool = True,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> None:
    """Save a document as PSD (as PSB when the file name ends in .psb).

    Args:
        document: In another thread than the interface's: a snapshot.
        include_recipes: Prompts, seeds and the layout go into the file; False leaves out all of
            it, and with it our layer ids.
        progress: Called with 0..1 after each step, in this thread.
        cancelled: Asked between steps; True stops the export.

    Equal documents give equal bytes. Raises FormatError (the target stays as it was), or
    SaveCancelled.
    """
    state = document if isinstance(document, DocumentState) else document.snapshot()
    check_writable(path)
    target = Path(path)
    export = _Export(
        state=state,
        version=_PSB if target.suffix.lower() == ".psb" else _PSD,
        include_recipes=include_recipes,
        steps=_Steps(len(state.raster_layers()) + 4, progress, cancelled),
    )
    try:
        psd, layers = export.build(target)
        with atomic_write(target) as file:
            psd.write(file)
            export.steps.done()
            _verify(file, layers, psd, target)
            export.steps.done()
    except MemoryError as error:
        raise FormatError(
            tr(
                "There is not enough free memory to save {target}; "
                "close other programs and try again.",
                target=target,
            )
        ) from error


@dataclass
class _Steps:
    """Counts equal steps of the work and asks between them whether to go on."""

    total: int
    progress: Progress | None
    cancelled: Cancelled | None
    finished: int = 0

    def check(self) -> None:
        if self.cancelled is not None and self.cancelled():
            raise SaveCancelled

    def done(self) -> None:
        self.finished += 1
        self.check()
        if self.progress is not None:
            self.progress(self.finished / self.total)


@dataclass
class _Export:
    """One export: collects records bottom to top and what they say of each layer."""

    state: DocumentState
    version: int
    include_recipes: bool
    steps: _Steps
    entries: list[Entry] = field(default_factory=list)
    facts: list[LayerFacts] = field(default_factory=list)

    def build(self, target: Path) -> tuple[PSD, list[LayerFacts]]:
        """The whole file as records, and the facts to be verified."""
        if len(self.state.all_layers()) > MAX_LAYERS:
            raise FormatError(
                tr(
                    "{name}: a PSD holds at most {limit} layers; merge some.",
                    name=target.name,
                    limit=MAX_LAYERS,
                )
            )
        merged = self._composite()
        self.steps.done()
        for layer in self.state.layers:
            self._add(layer)
        opaque = bool(merged[..., 3].min() == 255)
        on_white = merged if opaque else matte_on_white(merged)
        channels = 3 if opaque else 4
        image_data = self._merged_image(on_white, channels)
        self.steps.done()
        xmp = document_packet(self.state, self.facts) if self.include_recipes else None
        psd = PSD(
            header=FileHeader(
                version=self.version,
                channels=channels,
                width=self.state.width,
                height=self.state.height,
                depth=8,
                color_mode=ColorMode.RGB,
            ),
            image_resources=build_resources(
                on_white,
                len(self.facts),
                xmp,
                self.state.color_profile,
                self.state.resolution_ppi,
            ),
            layer_and_mask_information=self._layers(opaque),
            image_data=image_data,
        )
        self._check_size(target, image_data)
        return psd, self.facts

    def _composite(self) -> Rgba:
        self.steps.check()
        try:
            return composite(self.state, cancelled=self.steps.cancelled)
        except CompositingCancelled as error:
            raise SaveCancelled from error

    def _add(self, layer: Layer) -> None:
        if isinstance(layer, GroupLayer):
            self.entries.append(group_end_entry())
            for child in layer.children:
                self._add(child)
            number = self._note(layer, None, None, None)
            self._add_entry(layer, group_entry(layer, number))
        elif isinstance(layer, RasterLayer):
            self._add_raster(layer)
            self.steps.done()

    def _add_raster(self, layer: RasterLayer) -> None:
        part = stored_box(layer.pixels)
        box = part.translated(*layer.offset).as_tuple()
        content_hash = pixel_hash(layer.pixels)
        record = record_json(layer, content_hash) if self.include_recipes else None
        number = self._note(layer, box, content_hash, record)
        stored = bleed_colour(layer.pixels.read(part))
        planes = {}
        for channel in CHANNELS:
            self.steps.check()
            planes[channel] = encode_plane(plane(stored, _ARRAY_INDEX[channel]), self.version)
        metadata = None if record is None else layer_packet(self.facts[-1])
        self._add_entry(layer, raster_entry(layer, number, box, planes, metadata))

    def _add_entry(self, layer: Layer, entry: Entry) -> None:
        if layer.mask is not None:
            mask = stored_mask(layer.mask)
            add_mask(*entry, mask, self.version)
            self.facts[-1] = replace(self.facts[-1], mask=mask.fingerprint)
        self.entries.append(entry)

    def _note(
        self, layer: Layer, box: Box | None, content_hash: str | None, record: dict[str, Any] | None
    ) -> int:
        number = len(self.facts) + 1
        name = unicode_name(layer.name)
        self.facts.append(LayerFacts(layer.layer_id, number, name, box, content_hash, record))
        return number

    def _layers(self, opaque: bool) -> LayerAndMaskInformation:
        records, channels = LayerRecords(), ChannelImageData()
        for record, data in self.entries:
            records.append(record)
            channels.append(data)
        # A negative count says that the merged image's fourth channel is its transparency.
        count = len(self.entries) if opaque else -len(self.entries)
        return LayerAndMaskInformation(
            LayerInfo(count, records, channels), GlobalLayerMaskInfo(), TaggedBlocks()
        )

    def _merged_image(self, on_white: Rgba, channels: int) -> ImageData:
        """Section 5 of the file: one RLE stream over all planes, alpha last."""
        planes = [plane(on_white, index) for index in range(channels)]
        data = encode_plane(np.concatenate(planes), self.version)
        return ImageData(compression=Compression.RLE, data=data)

    def _check_size(self, target: Path, image_data: ImageData) -> None:
        size = len(image_data.data)
        size += sum(len(channel.data) for _, channels in self.entries for channel in channels)
        if self.version == _PSD and size > MAX_PSD_BYTES:
            raise FormatError(
                tr(
                    "{name} would be {size:.1f} GB, too large for a PSD; "
                    "save it with the ending .psb, or merge or shrink layers.",
                    name=target.name,
                    size=size / 1e9,
                )
            )


def _verify(file: BinaryIO, layers: list[LayerFacts], psd: PSD, target: Path) -> None:
    """Read back what was written; raises FormatError when anything differs."""
    file.flush()
    file.seek(0)
    problem = verify_psd(file, layers, psd.image_data.data)
    if problem is not None:
        raise FormatError(
            tr(
                "{name} came back wrong after writing and was not saved; "
                "try again, and report this document if it stays so.",
                name=target.name,
            ),
            problem,
        )
