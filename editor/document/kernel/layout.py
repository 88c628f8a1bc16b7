"""What the compositor and its machine code agree on: instructions, their fields, scratch memory."""

from __future__ import annotations

from enum import IntEnum

WIDTH_PX = 320  # pixels of a row worked on at once: a tile of 256 with an apron
LANES = 64  # ranges are rounded to this, so that no pixel meets the remainder of a vector loop

# Scratch planes of one row, float32, WIDTH_PX each.
RED, GREEN, BLUE, CLEAR = 0, 1, 2, 3  # what is accumulated: premultiplied 0..1, and 1 - alpha
SOURCE_RED, SOURCE_GREEN, SOURCE_BLUE, SOURCE_ALPHA = 4, 5, 6, 7  # what comes next: straight 0..1
BACKDROP_ALPHA, UNPREMULTIPLY = 8, 9  # alpha below, and 1 / alpha
SCRATCH_PLANES = 10
# A level of nested groups keeps red, green, blue, clear, and the clear of a clipping base.
STACK_PLANES, BASE_CLEAR = 5, 4

# Every instruction is FIELDS whole numbers: kind, address, bytes from row to row, the rectangle
# x0 y0 x1 y1 in the piece's own coordinates, then three that depend on the kind.
FIELDS = 10
A_FIELD = 7


class Op(IntEnum):
    """Instructions; each is done for every row of its rectangle.

    a, b and c are the last three fields.
    """

    TRANSPARENT = 0  # begin with nothing
    RESUME = 1  # begin with planes in memory; a = bytes from plane to plane
    SOURCE = 2  # forget the source
    PIXELS = 3  # take straight RGBA8 into the source; a = opacity 0..255
    ONES = 4  # a source that is there everywhere; a = opacity 0..255
    MASK = 5  # multiply the source's alpha by 8-bit coverage; a = coverage outside the rectangle
    BLEND = 6  # lay the source over what is accumulated; a = mode, b = seed of dissolve
    PUSH_EMPTY = 7  # keep what is accumulated aside, begin with nothing; a = where it ends
    PUSH_COPY = 8  # keep a copy aside and go on; a = where it ends
    POP = 9  # what is accumulated becomes the source; what was kept comes back; a = opacity
    FADE = 10  # mix with what was kept, by the source's alpha
    CLIP_TO = 11  # what is accumulated becomes an opaque ground; its alpha is kept aside
    POP_CLIPPED = 12  # as POP, with the alpha that CLIP_TO kept
    LAY = 13  # lay planes in memory over what is accumulated; a = bytes from plane to plane
    STORE = 14  # write planes to memory; a = bytes from plane to plane
    RGBA = 15  # write straight RGBA8
    BGRA = 16  # write premultiplied BGRA8
    COLOUR = 17  # as PIXELS, all of one colour; a = opacity 0..255, b = RGBA8 as a 32-bit number
    # For drafts, from pictures of premultiplied BGRA8 in place of planes:
    RESUME_BYTES = 18  # begin with a picture
    LAY_BYTES = 19  # lay a picture over what is accumulated
    GROUND = 20  # the picture that BETWEEN has below
    COVER = 21  # the picture that BETWEEN has above
    TARGET = 22  # where BETWEEN writes premultiplied BGRA8
    BETWEEN = 23  # straight RGBA8 in mode Normal between the two at once; a = opacity 0..255
    NOTHING = 24  # as BETWEEN, with nothing between the two
