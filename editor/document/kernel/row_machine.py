"""The interpreter of compositing instructions, row by row: what is compiled to machine code.

One call composites one rectangle of at most WIDTH_PX columns. All layers are laid over a row before
the next row begins, so the accumulators stay in the processor's first cache.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from numba.core import cgutils
from numba.extending import intrinsic

from editor.document.blending import LAYER_MODES, BlendMode
from editor.document.kernel.blend_rows import (
    FAST,
    ONE,
    TINY,
    ZERO,
    Row,
    Scalar,
    W,
    compiled,
    inlined,
    lay_normal,
    lower,
    mix_colours,
    prepare_backdrop,
    upper,
)
from editor.document.kernel.layout import (
    BACKDROP_ALPHA,
    BASE_CLEAR,
    CLEAR,
    FIELDS,
    LANES,
    SCRATCH_PLANES,
    SOURCE_ALPHA,
    SOURCE_RED,
    STACK_PLANES,
    Op,
)

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint32]

BYTE = Scalar(1 / 255)
FULL = Scalar(255)
LEAST_ALPHA = Scalar(0.5 / 255)  # less is stored as 0
NORMAL, DISSOLVE = LAYER_MODES.index(BlendMode.NORMAL), LAYER_MODES.index(BlendMode.DISSOLVE)

(
    TRANSPARENT, RESUME, SOURCE, PIXELS, ONES, MASK, BLEND, PUSH_EMPTY, PUSH_COPY, POP, FADE,
    CLIP_TO, POP_CLIPPED, LAY, STORE, RGBA, BGRA, COLOUR, RESUME_BYTES, LAY_BYTES, GROUND, COVER,
    TARGET, BETWEEN, NOTHING,
) = (int(op) for op in Op)  # fmt: skip


def _as_pointer(typing: Any, address: Any) -> Any:
    """An address as a pointer that `numba.carray` takes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return numba.types.voidptr(address), generate


as_pointer = intrinsic(_as_pointer)


@compiled
def floats_at(address: int, count: int) -> Row:
    """Memory at an address as `count` float32."""
    return numba.carray(as_pointer(address), (count,), np.float32)  # type: ignore[no-any-return]


@compiled
def words_at(address: int, count: int) -> Words:
    """Memory at an address as `count` pixels of 32 bits."""
    return numba.carray(as_pointer(address), (count,), np.uint32)  # type: ignore[no-any-return]


@compiled
def bytes_at(address: int, count: int) -> Bytes:
    """Memory at an address as `count` bytes."""
    return numba.carray(as_pointer(address), (count,), np.uint8)  # type: ignore[no-any-return]


@compiled
def take_pixels(row: Row, pixels: Words, count: int, opacity: int) -> bool:
    """Straight RGBA8 into the source planes; True when any alpha is above 0."""
    share = Scalar(opacity) / FULL
    seen = np.uint32(0)
    for i in range(count):
        rgba = pixels[i]
        seen |= rgba
        row[SOURCE_RED * W + i] = Scalar(np.int32(rgba & np.uint32(255))) * BYTE
        row[(SOURCE_RED + 1) * W + i] = (
            Scalar(np.int32((rgba >> np.uint32(8)) & np.uint32(255))) * BYTE
        )
        row[(SOURCE_RED + 2) * W + i] = (
            Scalar(np.int32((rgba >> np.uint32(16)) & np.uint32(255))) * BYTE
        )
        row[SOURCE_ALPHA * W + i] = Scalar(np.int32(rgba >> np.uint32(24))) * BYTE * share
    return bool(seen >> np.uint32(24))


@compiled
def take_colour(row: Row, rgba: int, count: int, opacity: int) -> bool:
    """As `take_pixels`, the same colour everywhere, to the last bit."""
    alpha = Scalar(np.int32(rgba >> 24 & 255)) * BYTE * (Scalar(opacity) / FULL)
    fill(row, SOURCE_RED, count, Scalar(np.int32(rgba & 255)) * BYTE)
    fill(row, SOURCE_RED + 1, count, Scalar(np.int32(rgba >> 8 & 255)) * BYTE)
    fill(row, SOURCE_RED + 2, count, Scalar(np.int32(rgba >> 16 & 255)) * BYTE)
    fill(row, SOURCE_ALPHA, count, alpha)
    return bool(alpha > ZERO)


@compiled
def fill(row: Row, plane: int, count: int, value: Scalar) -> None:
    """The first `count` values of a plane become one value."""
    for i in range(count):
        row[plane * W + i] = value


@compiled
def copy_planes(to: Row, origin: Row, planes: int, count: int) -> None:
    """The first `planes` planes of `origin` into `to`."""
    for plane in range(planes):
        p = plane * W
        for i in range(count):
            to[p + i] = origin[p + i]


@compiled
def multiply_coverage(row: Row, coverage: Bytes, count: int) -> None:
    """The source's alpha times coverage of 0..255."""
    for i in range(count):
        row[SOURCE_ALPHA * W + i] *= Scalar(np.int32(coverage[i])) * BYTE


@compiled
def dissolve(row: Row, count: int, x: int, y: int, seed: int) -> None:
    """Alpha becomes 1 with the probability of its value: murmur3's last rounds of the position."""
    salt = np.uint32(y) * np.uint32(0x85EBCA77) ^ np.uint32(seed)
    for i in range(count):
        h = np.uint32(np.uint32(x + i) * np.uint32(0x9E3779B1)) ^ np.uint32(salt)
        h ^= h >> np.uint32(16)
        h = np.uint32(h * np.uint32(0x85EBCA6B))
        h ^= h >> np.uint32(13)
        h = np.uint32(h * np.uint32(0xC2B2AE35))
        h ^= h >> np.uint32(16)
        noise = Scalar(np.int32(h >> np.uint32(8))) * Scalar(2**-24)
        row[SOURCE_ALPHA * W + i] = ONE if noise < row[SOURCE_ALPHA * W + i] else ZERO


@compiled
def straighten_into_source(row: Row, count: int) -> None:
    """What is accumulated, straight, as the source; alpha too."""
    for i in range(count):
        alpha = ONE - row[CLEAR * W + i]
        row[SOURCE_ALPHA * W + i] = alpha
        scale = ONE / upper(alpha, TINY)
        for channel in range(3):
            row[(SOURCE_RED + channel) * W + i] = row[channel * W + i] * scale


@compiled
def scale_alpha(row: Row, count: int, opacity: int) -> None:
    """The source's alpha times an opacity of 0..255."""
    share = Scalar(opacity) / FULL
    for i in range(count):
        row[SOURCE_ALPHA * W + i] *= share


@compiled
def fade(row: Row, kept: Row, count: int) -> None:
    """Written as a sum of two products: exact where the share is 0 or 1."""
    for plane in range(4):
        p = plane * W
        for i in range(count):
            share = row[SOURCE_ALPHA * W + i]
            row[p + i] = row[p + i] * share + kept[p + i] * (ONE - share)


@compiled
def clip_to(row: Row, kept: Row, count: int) -> None:
    """What is accumulated becomes an opaque ground, straight; its clear goes to `kept`."""
    straighten_into_source(row, count)
    for i in range(count):
        kept[BASE_CLEAR * W + i] = row[CLEAR * W + i]
        row[CLEAR * W + i] = ZERO
        for channel in range(3):
            row[channel * W + i] = row[(SOURCE_RED + channel) * W + i]


@compiled
def source_of_clipped(row: Row, kept: Row, count: int) -> None:
    """A ground of `clip_to` with what was laid on it as the source, with the alpha it had."""
    for i in range(count):
        row[SOURCE_ALPHA * W + i] = ONE - kept[BASE_CLEAR * W + i]
        for channel in range(3):
            row[(SOURCE_RED + channel) * W + i] = row[channel * W + i]


@compiled
def lay_planes(row: Row, address: int, plane_bytes: int, count: int) -> None:
    """Premultiplied planes in memory, with clear in place of alpha, over what is accumulated."""
    clear = floats_at(address + 3 * plane_bytes, count)
    for channel in range(3):
        c, source = channel * W, floats_at(address + channel * plane_bytes, count)
        for i in range(count):
            row[c + i] = row[c + i] * clear[i] + source[i]
    for i in range(count):
        row[CLEAR * W + i] *= clear[i]


@compiled
def load_planes(row: Row, first: int, address: int, plane_bytes: int, count: int) -> None:
    """Four planes in memory into the row, from plane `first` on."""
    for plane in range(4):
        origin = floats_at(address + plane * plane_bytes, count)
        for i in range(count):
            row[(first + plane) * W + i] = origin[i]


@compiled
def store_planes(row: Row, address: int, plane_bytes: int, count: int) -> None:
    """What is accumulated into four planes in memory."""
    for plane in range(4):
        target = floats_at(address + plane * plane_bytes, count)
        for i in range(count):
            target[i] = row[plane * W + i]


@inlined
def byte(word: np.uint32, shift: int) -> Scalar:
    """The byte of a pixel that begins at bit `shift`, 0..255."""
    return Scalar(np.int32((word >> np.uint32(shift)) & np.uint32(255)))


@inlined
def rounded(value: Scalar) -> np.uint32:
    """A value that is not negative as the nearest whole number."""
    return np.uint32(np.int32(value + Scalar(0.5)))


@compiled
def load_picture(row: Row, picture: Words, count: int) -> None:
    """Premultiplied BGRA8 as what is accumulated."""
    for i in range(count):
        bgra = picture[i]
        row[i] = byte(bgra, 16) * BYTE
        row[W + i] = byte(bgra, 8) * BYTE
        row[2 * W + i] = byte(bgra, 0) * BYTE
        row[CLEAR * W + i] = (FULL - byte(bgra, 24)) * BYTE  # exactly 0 where it is opaque


@compiled
def lay_picture(row: Row, picture: Words, count: int) -> None:
    """Premultiplied BGRA8 over what is accumulated."""
    for i in range(count):
        bgra = picture[i]
        clear = (FULL - byte(bgra, 24)) * BYTE
        row[i] = row[i] * clear + byte(bgra, 16) * BYTE
        row[W + i] = row[W + i] * clear + byte(bgra, 8) * BYTE
        row[2 * W + i] = row[2 * W + i] * clear + byte(bgra, 0) * BYTE
        row[CLEAR * W + i] *= clear


@compiled
def lay_between(
    target: Words, ground: Words, pixels: Words, cover: Words, count: int, opacity: int
) -> None:
    """One layer between two pictures, from bytes to bytes; a tenth of the way over planes."""
    share = Scalar(opacity) / FULL * BYTE
    for i in range(count):
        below, rgba, above = ground[i], pixels[i], cover[i]
        alpha = byte(rgba, 24) * share
        clear = (FULL - byte(above, 24)) * BYTE
        keep, take = (ONE - alpha) * clear, alpha * clear
        r = byte(below, 16) * keep + byte(rgba, 0) * take + byte(above, 16)
        g = byte(below, 8) * keep + byte(rgba, 8) * take + byte(above, 8)
        b = byte(below, 0) * keep + byte(rgba, 16) * take + byte(above, 0)
        a = byte(below, 24) * keep + FULL * take + byte(above, 24)
        target[i] = (
            rounded(b)
            | rounded(g) << np.uint32(8)
            | rounded(r) << np.uint32(16)
            | rounded(a) << np.uint32(24)
        )


@compiled
def lay_cover(target: Words, ground: Words, cover: Words, count: int) -> None:
    """As `lay_between`, with nothing between the two."""
    for i in range(count):
        below, above = ground[i], cover[i]
        clear = (FULL - byte(above, 24)) * BYTE
        target[i] = (
            rounded(byte(below, 0) * clear + byte(above, 0))
            | rounded(byte(below, 8) * clear + byte(above, 8)) << np.uint32(8)
            | rounded(byte(below, 16) * clear + byte(above, 16)) << np.uint32(16)
            | rounded(byte(below, 24) * clear + byte(above, 24)) << np.uint32(24)
        )


@compiled
def level(value: Scalar) -> np.uint32:
    """0..255, rounded, of a value in 0..1."""
    return np.uint32(np.int32(lower(upper(value, ZERO), ONE) * FULL + Scalar(0.5)))


@compiled
def straight_rgba(row: Row, words: Words, count: int) -> None:
    """Straight RGBA8; colour under alpha 0 is 0."""
    for i in range(count):
        alpha = ONE - row[CLEAR * W + i]
        scale = ONE / upper(alpha, TINY)
        r = level(row[i] * scale)
        g = level(row[W + i] * scale)
        b = level(row[2 * W + i] * scale)
        rgba = r | g << np.uint32(8) | b << np.uint32(16) | level(alpha) << np.uint32(24)
        words[i] = rgba if alpha >= LEAST_ALPHA else np.uint32(0)


@compiled
def premultiplied_bgra(row: Row, words: Words, count: int) -> None:
    """Premultiplied BGRA8, no colour above its alpha."""
    for i in range(count):
        alpha = ONE - row[CLEAR * W + i]
        r = level(lower(row[i], alpha))
        g = level(lower(row[W + i], alpha))
        b = level(lower(row[2 * W + i], alpha))
        words[i] = b | g << np.uint32(8) | r << np.uint32(16) | level(alpha) << np.uint32(24)


@compiled
def write_words(row: Row, scratch: int, bgra: bool, address: int, count: int) -> None:
    """Made in scratch first: whole vectors there, and exactly `count` pixels at the target.

    In a plane that is always written before it is read as numbers: bytes of pixels may be a NaN.
    """
    words = words_at(scratch + 4 * W * BACKDROP_ALPHA, W)
    rounded = whole_lanes(count)
    if bgra:
        premultiplied_bgra(row, words, rounded)
    else:
        straight_rgba(row, words, rounded)
    target = words_at(address, count)
    for i in range(count):
        target[i] = words[i]


@compiled
def whole_lanes(count: int) -> int:
    """A number of pixels up to the next multiple of LANES."""
    return (count + LANES - 1) // LANES * LANES


@compiled
def blend(row: Row, count: int, mode: int, x: int, y: int, seed: int) -> None:
    """Lay the source over what is accumulated; x and y are those of its first pixel."""
    if mode == DISSOLVE:
        dissolve(row, count, x, y, seed)
    elif mode != NORMAL:
        prepare_backdrop(row, count)
        mix_colours(mode, row, count)
    lay_normal(row, count)


@compiled
def cover(scratch: int, low: int, high: int, x0: int, x1: int, coverage: int, outside: int) -> None:
    """Multiply alpha in low..high by coverage, whose first value is at x0 and last before x1."""
    row = floats_at(scratch, SCRATCH_PLANES * W)
    if outside == 0:
        for i in range(low, min(x0, high)):
            row[SOURCE_ALPHA * W + i] = ZERO
        for i in range(max(x1, low), high):
            row[SOURCE_ALPHA * W + i] = ZERO
    start, stop = max(low, x0), min(high, x1)
    if start < stop:
        part = floats_at(scratch + 4 * start, SCRATCH_PLANES * W - start)
        multiply_coverage(part, bytes_at(coverage + start - x0, stop - start), stop - start)


@compiled
def clear_row(row: Row, count: int) -> None:
    """Nothing is accumulated: no colour, all clear."""
    fill(row, 0, count, ZERO)
    fill(row, 1, count, ZERO)
    fill(row, 2, count, ZERO)
    fill(row, CLEAR, count, ONE)


def run(  # noqa: C901, PLR0912, PLR0915 - one branch for each instruction
    program: int, count: int, scratch: int, stack: int, rows: int, x: int, y: int
) -> None:
    """Do a program for each row.

    Args:
        program, scratch, stack: Addresses; `scratch` is zero or left by an earlier run.
        count: Number of instructions.
        rows: Height of the rectangle.
        x, y: Where its corner lies in the picture, for dissolve.
    """
    code = numba.carray(as_pointer(program), (count * FIELDS,), np.int64)
    row_floats = SCRATCH_PLANES * W
    for line in range(rows):
        depth, low, high, seen, i = 0, 0, 0, False, 0
        ground, cover_at, target = 0, 0, 0
        while i < count:
            o = i * FIELDS
            kind, x0, y0, x1, y1 = code[o], code[o + 3], code[o + 4], code[o + 5], code[o + 6]
            address = code[o + 1] + (line - y0) * code[o + 2]
            a, b = code[o + 7], code[o + 8]
            inside = y0 <= line < y1
            start = x0 // LANES * LANES
            wide = whole_lanes(x1 - start)
            row = floats_at(scratch + 4 * start, row_floats - start)
            kept = floats_at(
                stack + 4 * ((depth - 1) * STACK_PLANES * W + start), STACK_PLANES * W - start
            )
            i += 1
            if kind == SOURCE:
                fill(row, SOURCE_ALPHA, wide, ZERO)
                low, high, seen = W, 0, False
            elif kind == PIXELS:
                if inside:
                    part = floats_at(scratch + 4 * x0, row_floats - x0)
                    if take_pixels(part, words_at(address, x1 - x0), x1 - x0, a):
                        low, high, seen = min(low, x0), max(high, x1), True
            elif kind == COLOUR:
                if inside:
                    part = floats_at(scratch + 4 * x0, row_floats - x0)
                    if take_colour(part, b, x1 - x0, a):
                        low, high, seen = min(low, x0), max(high, x1), True
            elif kind == BLEND:
                if seen:
                    start = low // LANES * LANES
                    wide = whole_lanes(high - start)
                    part = floats_at(scratch + 4 * start, row_floats - start)
                    blend(part, wide, a, x + start, y + line, b)
            elif kind == MASK:
                if seen and inside:
                    cover(scratch, low, high, x0, x1, address, a)
                elif a == 0:
                    seen = False
            elif kind == ONES:
                fill(row, SOURCE_ALPHA, wide, Scalar(a) / FULL)
                low, high, seen = x0, x1, inside
            elif kind in (PUSH_EMPTY, PUSH_COPY):
                if inside:
                    kept = floats_at(
                        stack + 4 * (depth * STACK_PLANES * W + start), STACK_PLANES * W - start
                    )
                    copy_planes(kept, row, 4, wide)
                    depth += 1
                    if kind == PUSH_EMPTY:
                        clear_row(row, wide)
                else:
                    i, seen = a, False
            elif kind in (POP, POP_CLIPPED):
                if kind == POP:
                    straighten_into_source(row, wide)
                else:
                    source_of_clipped(row, kept, wide)
                scale_alpha(row, wide, a)
                copy_planes(row, kept, 4, wide)
                depth -= 1
                low, high, seen = x0, x1, True
            elif kind == FADE:
                if seen:
                    fade(row, kept, wide)
                else:
                    copy_planes(row, kept, 4, wide)
                depth -= 1
            elif kind == CLIP_TO:
                clip_to(row, kept, wide)
            elif kind == TRANSPARENT:
                clear_row(row, wide)
            elif kind == RESUME:
                load_planes(row, 0, address, a, x1 - x0)
            elif kind == LAY:
                if inside:
                    lay_planes(floats_at(scratch + 4 * x0, row_floats - x0), address, a, x1 - x0)
            elif kind == STORE:
                store_planes(row, address, a, x1 - x0)
            elif kind == RESUME_BYTES:
                load_picture(row, words_at(address, x1 - x0), x1 - x0)
            elif kind == LAY_BYTES:
                lay_picture(row, words_at(address, x1 - x0), x1 - x0)
            elif kind == GROUND:
                ground = address
            elif kind == COVER:
                cover_at = address
            elif kind == TARGET:
                target = address
            elif kind == BETWEEN:
                if inside:
                    lay_between(
                        words_at(target + 4 * x0, x1 - x0),
                        words_at(ground + 4 * x0, x1 - x0),
                        words_at(address, x1 - x0),
                        words_at(cover_at + 4 * x0, x1 - x0),
                        x1 - x0,
                        a,
                    )
            elif kind == NOTHING:
                lay_cover(
                    words_at(target, x1 - x0),
                    words_at(ground, x1 - x0),
                    words_at(cover_at, x1 - x0),
                    x1 - x0,
                )
            else:
                write_words(row, scratch, kind == BGRA, address, x1 - x0)


def compiled_run() -> Any:
    """`run` as a C function of seven 64-bit numbers; takes seconds."""
    signature = numba.types.void(*[numba.types.int64] * 7)
    return numba.cfunc(signature, fastmath=set(FAST), error_model="numpy")(run)
