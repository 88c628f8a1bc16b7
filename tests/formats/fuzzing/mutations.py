"""Seeded damage to files: of bytes, of lengths, of the structure of PSD, zip, PNG, XML and JSON."""

from __future__ import annotations

import io
import json
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from psd_tools.constants import ChannelID, Compression
from psd_tools.psd import PSD
from psd_tools.psd.layer_and_mask import ChannelInfo

EXTREMES = (0, 1, 2, 127, 128, 255, 256, 32767, 65535, 65536, 300_000, 2**31 - 1, 2**31, 2**32 - 1)
_MAX_BYTES = 200_000
_BOMB_BYTES = 600 * 2**20
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(9))

Mutation = Callable[[bytes, random.Random], bytes]


def mutate(name: str, data: bytes, chance: random.Random) -> bytes:
    """One to three kinds of damage to a file; `name` tells the format."""
    is_zip = data[:2] == b"PK"
    own = ZIP_MUTATIONS if is_zip else PSD_MUTATIONS
    for number in range(chance.choice((1, 1, 1, 2, 3))):
        # What knows the structure comes first: it needs a file that can still be parsed.
        structural = number == 0 and chance.random() < 0.6
        change = chance.choice(own if structural else BYTE_MUTATIONS)
        data = change(data, chance)[:_MAX_BYTES]
    return data


# Bytes of any format


def _flip(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 12)):
        if changed:
            changed[chance.randrange(len(changed))] = chance.choice((0, 255, chance.randrange(256)))
    return bytes(changed)


def _truncate(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randint(0, len(data))]


def _number(data: bytes, chance: random.Random) -> bytes:
    """A big- or little-endian number of 2, 4 or 8 bytes becomes an extreme one."""
    form = chance.choice((">H", ">I", ">Q", "<H", "<I"))
    size = struct.calcsize(form)
    if len(data) < size:
        return data
    value = chance.choice(EXTREMES) & (2 ** (8 * size) - 1)
    at = chance.randint(0, len(data) - size)
    return data[:at] + struct.pack(form, value) + data[at + size :]


def _chunk(data: bytes, chance: random.Random) -> bytes:
    """A part is removed, doubled, or swapped with another."""
    if not data:
        return data
    a, b = sorted(chance.randint(0, len(data)) for _ in range(2))
    part = data[a : min(b, a + 5000)]
    kind = chance.randrange(3)
    if kind == 0:
        return data[:a] + data[a + len(part) :]
    if kind == 1:
        return data[:a] + part + data[a:]
    to = chance.randint(0, len(data))
    return data[:a] + data[to : to + len(part)] + data[a + len(part) :]


BYTE_MUTATIONS: tuple[Mutation, ...] = (_flip, _truncate, _number, _chunk)


# Structure of a PSD


def _header(data: bytes, chance: random.Random) -> bytes:
    """Version, channels, sizes, depth or mode."""
    offset, form = chance.choice(
        ((4, ">H"), (12, ">H"), (14, ">I"), (18, ">I"), (22, ">H"), (24, ">H"))
    )
    size = struct.calcsize(form)
    pool = (*EXTREMES, 3, 4, 8, 9, 16, 32, 20_000, 30_000)
    value = chance.choice(pool) & (2 ** (8 * size) - 1)
    return data[:offset] + struct.pack(form, value) + data[offset + size :]


def _record(data: bytes, chance: random.Random) -> bytes:
    """Something in a layer's record or channels, written again as a valid structure."""
    try:
        psd = PSD.frombytes(data)
        info: Any = psd.layer_and_mask_information.layer_info
        index = chance.randrange(len(info.layer_records))
        chance.choice(_RECORD_CHANGES)(info, index, chance)
        return psd.tobytes()
    except Exception:  # the structure was damaged before, or does not take this value
        return _flip(data, chance)


def _place(info: Any, index: int, chance: random.Random) -> None:
    record = info.layer_records[index]
    side = chance.choice(("top", "left", "bottom", "right"))
    pool = (-(2**31), -300_000, -1, 0, 1, 5, 4000, 30_000, 30_001, 300_000, 2**31 - 1)
    setattr(record, side, chance.choice(pool))


def _mask_place(info: Any, index: int, chance: random.Random) -> None:
    data = info.layer_records[index].mask_data
    side = chance.choice(("top", "left", "bottom", "right"))
    setattr(data, side, chance.choice((-(2**31), -5, 0, 3, 20_000, 30_001, 2**31 - 1)))


def _channels(info: Any, index: int, chance: random.Random) -> None:
    """A channel gets another number or packing, or goes, or comes again."""
    record, channels = info.layer_records[index], info.channel_image_data[index]
    at = chance.randrange(len(record.channel_info))
    kind = chance.randrange(4)
    if kind == 0:
        record.channel_info[at] = ChannelInfo(id=chance.choice(list(ChannelID)))
    elif kind == 1:
        channels[at].compression = chance.choice(list(Compression))
    elif kind == 2:
        del record.channel_info[at], channels[at]
    else:
        record.channel_info.append(record.channel_info[at])
        channels.append(channels[at])


def _data(info: Any, index: int, chance: random.Random) -> None:
    channel = chance.choice(list(info.channel_image_data[index]))
    kind = chance.randrange(3)
    if kind == 0:
        channel.data = chance.choice(BYTE_MUTATIONS)(channel.data, chance)
    elif kind == 1:
        channel.data = zlib.compress(bytes(chance.choice((0, 10, 10**6))))
    else:
        channel.data = b""


def _blocks(info: Any, index: int, chance: random.Random) -> None:
    """A tagged block goes, or is damaged, or comes from another layer."""
    blocks = info.layer_records[index].tagged_blocks
    keys = list(blocks)
    kind = chance.randrange(3)
    if kind == 0:
        blocks.pop(chance.choice(keys))
    elif kind == 1:
        block = blocks[chance.choice(keys)]
        raw = block.data if isinstance(block.data, bytes) else block.data.tobytes()
        block.data = chance.choice(BYTE_MUTATIONS)(raw, chance)
    else:
        other = chance.choice(list(info.layer_records)).tagged_blocks
        key = chance.choice(list(other))
        blocks[key] = other[key]


def _order(info: Any, index: int, chance: random.Random) -> None:
    """Layers are swapped, doubled by the hundred, or removed."""
    records, channels = list(info.layer_records), list(info.channel_image_data)
    kind = chance.randrange(3)
    if kind == 0:
        to = chance.randrange(len(records))
        records[index], records[to] = records[to], records[index]
    elif kind == 1:
        times = chance.choice((2, 100))
        records += [records[index]] * times
        channels += [channels[index]] * times
    else:
        del records[index], channels[index]
    info.layer_count = len(records)
    info.layer_records[:], info.channel_image_data[:] = records, channels


_RECORD_CHANGES = (_place, _mask_place, _channels, _data, _blocks, _order)


def _resource(data: bytes, chance: random.Random) -> bytes:
    """An image resource is damaged."""
    try:
        psd = PSD.frombytes(data)
        resource: Any = psd.image_resources[chance.choice(list(psd.image_resources))]
        raw = resource.data if isinstance(resource.data, bytes) else resource.data.tobytes()
        resource.data = chance.choice(BYTE_MUTATIONS)(raw, chance)
        return psd.tobytes()
    except Exception:  # as above
        return _flip(data, chance)


PSD_MUTATIONS: tuple[Mutation, ...] = (_header, _record, _record, _record, _resource)


# Structure of a zip file


def _unpacked(data: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


def _packed(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return stream.getvalue()


def _with_members(
    change: Callable[[list[tuple[str, bytes]], random.Random], None],
) -> Mutation:
    def mutation(data: bytes, chance: random.Random) -> bytes:
        try:
            members = _unpacked(data)
            change(members, chance)
            method = chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
            return _packed(members, method)
        except Exception:  # the file was damaged before
            return _flip(data, chance)

    return mutation


def _names(members: list[tuple[str, bytes]], chance: random.Random) -> None:
    at = chance.randrange(len(members))
    bad = ("../out.png", "/etc/out", "C:\\out", "a/../../out", "", "x" * 3000, "data/\udcff.png")
    members[at] = (chance.choice(bad), members[at][1])


def _missing(members: list[tuple[str, bytes]], chance: random.Random) -> None:
    del members[chance.randrange(len(members))]


def _content(members: list[tuple[str, bytes]], chance: random.Random) -> None:
    """One member is damaged, its checksum is right."""
    at = chance.randrange(len(members))
    name, content = members[at]
    members[at] = (name, chance.choice(BYTE_MUTATIONS)(content, chance))


def _picture(members: list[tuple[str, bytes]], chance: random.Random) -> None:
    """A PNG whose header says another size, with the right checksum."""
    pictures = [i for i, (name, _) in enumerate(members) if name.endswith(".png")]
    at = chance.choice(pictures)
    name, content = members[at]
    sides = (0, 1, 5, 4000, 30_000, 30_001, 300_000, 2**31 - 1)
    depth, kind = chance.choice((1, 8, 16)), chance.choice((0, 2, 3, 4, 6))
    width, height = chance.choice(sides), chance.choice(sides)
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    crc = zlib.crc32(b"IHDR" + header)
    members[at] = (name, content[:16] + header + struct.pack(">I", crc) + content[33:])


def _stack(members: list[tuple[str, bytes]], chance: random.Random) -> None:
    """`stack.xml` with entities, deep groups, many layers or odd attributes."""
    at = next(i for i, (name, _) in enumerate(members) if name == "stack.xml")
    text = members[at][1].decode()
    kind = chance.randrange(5)
    if kind == 0:
        text = f'<?xml version="1.0"?><!DOCTYPE l [{_LAUGHS}]><image w="9" h="9">&l8;</image>'
    elif kind == 1:
        outside = '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        text = f'<?xml version="1.0"?>{outside}<image w="9" h="9"><stack>&x;</stack></image>'
    elif kind == 2:
        depth = chance.choice((50, 99, 101, 5000))
        text = f'<image w="9" h="9"><stack>{"<stack>" * depth}{"</stack>" * depth}</stack></image>'
    elif kind == 3:
        text = re.sub(r"<layer", "<layer name='x' src='data/x.png'/><layer", text) * 2
    else:
        values = list(re.finditer(r'="[^"]*"', text))
        found = chance.choice(values)
        odd = chance.choice(
            ("-1", "1e9", "nan", "99999999999", "", "300000", "../x", "svg:src-over")
        )
        text = f'{text[: found.start()]}="{odd}"{text[found.end() :]}'
    members[at] = ("stack.xml", text.encode())


def _manifest(members: list[tuple[str, bytes]], chance: random.Random) -> None:
    """A value somewhere in our manifest becomes something else."""
    at = next(i for i, (name, _) in enumerate(members) if name.endswith("manifest.json"))
    name, content = members[at]
    manifest = json.loads(content)
    places = list(_places(manifest))
    holder, key = chance.choice(places)
    odd: tuple[Any, ...] = (
        None, True, -1, 0, 2**70, 1e308, "", "x" * 5000, [], {}, [[]] * 50, "data/none.png",
        300_000,
    )  # fmt: skip
    holder[key] = chance.choice((*odd, chance.choice(places)[0]))
    try:
        members[at] = (name, json.dumps(manifest).encode())
    except (ValueError, RecursionError):  # a value inside itself
        deep = chance.choice((100, 100_000))
        members[at] = (name, b"[" * deep + b"]" * deep)


def _places(value: Any) -> list[tuple[Any, Any]]:
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    found = [(value, key) for key, _ in items]
    for _, inner in items:
        found += _places(inner)
    return found


def _bomb(data: bytes, chance: random.Random) -> bytes:
    """A member of many zeros, packed small; its declared size is true or a lie."""
    name = chance.choice(("stack.xml", "x-layerloom/manifest.json", "data/layer0.png", "mimetype"))
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    size = chance.choice((2**20, 30 * 2**20))
    packed = packer.compress(bytes(size)) + packer.flush()
    declared = chance.choice((size, 100, _BOMB_BYTES))
    try:
        members = [(other, content) for other, content in _unpacked(data) if other != name]
    except Exception:  # as above
        return _flip(data, chance)
    raw = _packed([*members, (name, packed)])
    # The member was stored: now it says that it is packed, here and in the directory.
    local = raw.rfind(b"PK\x03\x04")
    entry = raw.rfind(b"PK\x01\x02")
    changed = bytearray(raw)
    struct.pack_into("<H", changed, local + 8, zipfile.ZIP_DEFLATED)
    struct.pack_into("<I", changed, local + 22, declared)
    struct.pack_into("<H", changed, entry + 10, zipfile.ZIP_DEFLATED)
    struct.pack_into("<I", changed, entry + 24, declared)
    return bytes(changed)


ZIP_MUTATIONS: tuple[Mutation, ...] = (
    _with_members(_names),
    _with_members(_missing),
    _with_members(_content),
    _with_members(_picture),
    _with_members(_picture),
    _with_members(_stack),
    _with_members(_manifest),
    _with_members(_manifest),
    _bomb,
)
