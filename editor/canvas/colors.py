"""The colours of the canvas; a theme makes one of these."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CanvasColors:
    """Colours as "#rrggbb" or "#aarrggbb", as Qt reads them.

    Attributes:
        surround: Around the page.
        page_edge: A hairline around the page.
        checker_light, checker_dark: The two tones that show through transparency.
        accent: Selection frames, handles, the box being drawn.
        halo: Drawn under `accent`, so that a frame shows on any picture.
        hover: Frame of the layer under the pointer.
        locked: Frame of a locked layer.
        tag_text: Text on name tags, which are filled with the frame's colour.
        box: Frame and tag of a layout box.
        box_fill: Inside of a layout box.
        text, muted_text: Hints on the empty page and around it.
        page: The empty page with a hint.
        grid: Lines between pixels.
        guide: Guides.
        snap: Hints that an edge met something.
        ruler: Behind the marks of the rulers. ruler_text: The marks and their numbers.
        ruler_edge: Hairline between a ruler and the picture.
        shimmer: Travelling light in a box that waits for its first preview.
    """

    surround: str = "#ff1e1f22"
    page_edge: str = "#ff0e0f11"
    checker_light: str = "#ff5a5c61"
    checker_dark: str = "#ff4b4d52"
    accent: str = "#ff4c9dff"
    halo: str = "#78000000"
    hover: str = "#ff9cc8ff"
    locked: str = "#ffb0b3ba"
    tag_text: str = "#ff0b1220"
    box: str = "#fff2b24c"
    box_fill: str = "#1ef2b24c"
    text: str = "#ffe6e7ea"
    muted_text: str = "#ffa4a7ae"
    page: str = "#ff2a2c30"
    grid: str = "#58181a1d"
    guide: str = "#ff22c3c8"
    snap: str = "#ffff5fb0"
    ruler: str = "#ff26282c"
    ruler_text: str = "#ffa4a7ae"
    ruler_edge: str = "#ff3a3d43"
    shimmer: str = "#38ffffff"


DARK = CanvasColors()
LIGHT = CanvasColors(
    surround="#ffe3e5e9",
    page_edge="#ffb9bdc5",
    checker_light="#ffffffff",
    checker_dark="#ffe9ebee",
    accent="#ff0a63d6",
    halo="#b0ffffff",
    hover="#ff1f6fe0",
    locked="#ff6b7079",
    tag_text="#ffffffff",
    box="#ffa85f00",
    box_fill="#18c87800",
    text="#ff1c1f24",
    muted_text="#ff5b616b",
    page="#fffbfbfc",
    grid="#50707276",
    guide="#ff007f88",
    snap="#ffd11676",
    ruler="#fff1f2f4",
    ruler_text="#ff5b616b",
    ruler_edge="#ffc9ccd2",
    shimmer="#60ffffff",
)
# Opaque halos: a line shows on any picture by one of its two tones.
CONTRAST = CanvasColors(
    surround="#ff000000",
    page_edge="#ffffffff",
    checker_light="#ff6a6a6a",
    checker_dark="#ff4b4b4b",
    accent="#ffffd400",
    halo="#ff000000",
    hover="#ffffffff",
    locked="#ffe6e6e6",
    tag_text="#ff000000",
    box="#ffff9d2e",
    box_fill="#28ff9d2e",
    text="#ffffffff",
    muted_text="#ffe6e6e6",
    page="#ff000000",
    grid="#a0000000",
    guide="#ff35f0ff",
    snap="#ffff7ac4",
    ruler="#ff000000",
    ruler_text="#ffe6e6e6",
    ruler_edge="#ffffffff",
    shimmer="#70ffffff",
)
