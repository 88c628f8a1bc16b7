"""Image resources of a PSD: resolution, thumbnail, colour profile, highest id, version, XMP."""

from __future__ import annotations

import functools
import io
import struct
from typing import Any

import cv2
from PIL import Image, ImageCms
from psd_tools.constants import Resource
from psd_tools.psd.image_resources import (
    GridGuidesInfo,
    ImageResource,
    ImageResources,
    Integer,
    ResoulutionInfo,
    ThumbnailResource,
    VersionInfo,
)

from editor.document.guides import Guide, Orientation
from editor.document.state import DocumentState
from editor.formats.psd_planes import Rgba

PRODUCT = "Layerloom"
THUMBNAIL_SIDE_PX = 160
_THUMBNAIL_QUALITY = 85
_JPEG_FORMAT = 1
OUR_RESOURCES = frozenset(
    {
        Resource.RESOLUTION_INFO,
        Resource.THUMBNAIL_RESOURCE,
        Resource.ICC_PROFILE,
        Resource.IDS_SEED_NUMBER,
        Resource.VERSION_INFO,
        Resource.XMP_METADATA,
    }
)
_PER_INCH, _INCHES = 1, 1  # units of resource 1005, whose numbers are per inch in any case
_FIXED_POINT = 1 << 16
_MAX_GUIDES = 1000
_GUIDE_STEPS = 32  # to the pixel
_GRID = 18 * _GUIDE_STEPS  # spacing of the grid that Photoshop writes by default


def build_resources(
    preview: Rgba,
    highest_layer_id: int,
    xmp: bytes | None,
    state: DocumentState,
) -> ImageResources:
    """The resources section for a document that looks like `preview` (h w 3, any size)."""
    fixed_point = min(max(round(state.resolution_ppi * _FIXED_POINT), 1), 0xFFFFFFFF)
    profile = state.color_profile
    contents: dict[Resource, Any] = {
        Resource.RESOLUTION_INFO: ResoulutionInfo(
            fixed_point, _PER_INCH, _INCHES, fixed_point, _PER_INCH, _INCHES
        ),
        Resource.THUMBNAIL_RESOURCE: _thumbnail(preview),
        Resource.ICC_PROFILE: srgb_profile() if profile is None else profile,
        Resource.IDS_SEED_NUMBER: Integer(highest_layer_id),
        Resource.VERSION_INFO: VersionInfo(
            version=1, has_composite=True, writer=PRODUCT, reader=PRODUCT, file_version=1
        ),
    }
    if xmp is not None:
        contents[Resource.XMP_METADATA] = xmp
    if state.guides:
        guides: list[Any] = [_stored_guide(guide) for guide in state.guides[:_MAX_GUIDES]]
        contents[Resource.GRID_AND_GUIDES_INFO] = GridGuidesInfo(1, _GRID, _GRID, guides)
    return _pack(contents)


def names_us_as_writer(resources: ImageResources) -> bool:
    """Whether the last program that wrote the file was this one.

    The XMP cannot tell: other programs keep it when they save.
    """
    version: Any = resources.get_data(Resource.VERSION_INFO)
    return isinstance(version, VersionInfo) and version.writer == PRODUCT


@functools.cache
def srgb_profile() -> bytes:
    """An sRGB ICC profile; its date is fixed, so that equal documents give equal files."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)  # ICC.1 section 7.2.8
    return bytes(profile)


def profile_of(resources: ImageResources) -> bytes | None:
    """The ICC profile of a file with RGB colours; None when it has none, or our own sRGB."""
    data: Any = resources.get_data(Resource.ICC_PROFILE)
    if not isinstance(data, bytes) or not data or data == srgb_profile():
        return None
    return data


def resolution_of(resources: ImageResources) -> float | None:
    """Pixels per inch from left to right; None when the file does not say."""
    data: Any = resources.get_data(Resource.RESOLUTION_INFO)
    if not isinstance(data, ResoulutionInfo) or not data.horizontal:
        return None
    return float(data.horizontal) / _FIXED_POINT


def guides_of(resources: ImageResources) -> tuple[Guide, ...]:
    """Guides of the file, at most a thousand."""
    info: Any = resources.get_data(Resource.GRID_AND_GUIDES_INFO)
    listed = getattr(info, "data", ())[:_MAX_GUIDES]
    kinds = (Orientation.VERTICAL, Orientation.HORIZONTAL)
    # The position is stored without a sign.
    return tuple(
        Guide(kinds[1 if direction else 0], (place - (place >> 31 << 32)) / _GUIDE_STEPS)
        for place, direction in listed
    )


def _stored_guide(guide: Guide) -> tuple[int, int]:
    """Position without a sign, and 1 for a horizontal one."""
    place = round(guide.position * _GUIDE_STEPS) & 0xFFFFFFFF
    return place, int(guide.orientation is Orientation.HORIZONTAL)


def _pack(contents: dict[Resource, Any]) -> ImageResources:
    resources = ImageResources()
    for key, data in sorted(contents.items()):
        # Without a name: one editor writes a corrupt file when it saves a named resource again.
        resources[key] = ImageResource(key=key, data=data)
    return resources


def _thumbnail(preview: Rgba) -> ThumbnailResource:
    """Resource 1036: a small JPEG."""
    height, width = preview.shape[:2]
    scale = min(1.0, THUMBNAIL_SIDE_PX / max(width, height))
    small_width, small_height = max(1, round(width * scale)), max(1, round(height * scale))
    size = (small_width, small_height)
    small = cv2.resize(preview, size, interpolation=cv2.INTER_AREA)
    jpeg = io.BytesIO()
    Image.fromarray(small).save(jpeg, "JPEG", quality=_THUMBNAIL_QUALITY)
    row_bytes = (24 * small_width + 31) // 32 * 4
    return ThumbnailResource(
        fmt=_JPEG_FORMAT,
        width=small_width,
        height=small_height,
        row=row_bytes,
        total_size=row_bytes * small_height,
        bits=24,
        planes=1,
        data=jpeg.getvalue(),
    )
