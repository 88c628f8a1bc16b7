"""All parts of a drawing that a colour is meant for, turned to it: not only the largest one.

What has the colour already stays, so windows and patterns do not run into one another; pale parts
change smoothly. Records of this way say so; those without keep to `recolouring.recoloured`.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.errors import RequestError
from engine.pipelines.asked_colours import (
    COLOURED,
    ENOUGH,
    colour_share,
    from_hsv,
    has_leaves,
    is_leaf,
    is_near_hue,
    to_hsv,
)
from engine.pipelines.recolouring import (
    COLOURED_DRAWING,
    HUE_TARGETS,
    as_hsv,
    main_hue,
    nearness,
    part_of,
    recoloured,
)
from engine.pipelines.shade_maps import moved, shifted
from engine.prompts.captions import COLOUR_WORDS
from engine.prompts.english.shades import Colour
from engine.sentences import sentence

_THROUGHOUT = " throughout"  # behind the colour in a record
_CLOTHES = " clothes"  # the same of a person
# Hue in degrees, least saturation and value of skin and hair as the drawings have them.
_SKIN = (30.0, 56.0), 0.45, 0.55
_WORN = 0.2  # of what can be seen, from which something is worn
_PLAIN = 0.15  # chroma below which cloth is white, grey or black
_WHITE = 0.6  # value above which it is white
_CLOTH = 0.05  # of what is worn, from which such a part is cloth; eyes are smaller
_MOSTLY = 0.4  # the same for all of them, from which the clothes are so
_DYE, _OF_BLACK = 0.8, 0.3  # saturation of it in a colour, and value of what was black
_BRIGHTENED = 1.6  # times as light: a map would make faint mottles strong
_LUMINANCE = np.array((0.299, 0.587, 0.114), np.float32)

_Plane = npt.NDArray[np.float32]


def recorded(asked: str, *, clothes: bool = False) -> str:
    """What a record says of a drawing that `in_colour` made with this colour.

    Args:
        clothes: It shows a person, of whom only what is worn changes.
    """
    return asked + (_CLOTHES if clothes else _THROUGHOUT)


def clothes_of(rgba: Tensor) -> Tensor:
    """A drawing of a person with skin and fair hair transparent.

    Args:
        rgba: Straight, in [0, 1], `4 h w`.
    """
    bare = rgba.clone()
    bare[3] = bare[3] * ~torch.from_numpy(_is_skin(rgba))
    return bare


def _is_skin(rgba: Tensor) -> npt.NDArray[np.bool_]:
    (begin, end), least_saturation, least_value = _SKIN
    hue, saturation, value = np.moveaxis(to_hsv(rgba), -1, 0)
    full = (saturation > least_saturation) & (value > least_value)
    return np.asarray((hue > begin) & (hue < end) & full)


def in_colour(rgba: Tensor, record: str) -> Tensor:
    """A drawing in the colour that a record says, the way that it was made then.

    Args:
        rgba: Straight, in [0, 1], `4 h w`.
        record: Of `recorded`, or that of an older record, which `recolouring.recoloured` reads.

    Returns:
        The drawing as it is when it cannot get more of the colour.

    Raises:
        RequestError: This version does not know such a record.
    """
    if record.endswith(_CLOTHES):
        worn = clothes_of(rgba)
        if float(worn[3].sum()) < _WORN * float(rgba[3].sum()):
            return rgba  # a head, which would get blue eyebrows
        asked = record.removesuffix(_CLOTHES)
        made = in_colour(_dyed(worn, Colour.read(asked).word), recorded(asked))
        return rgba if made is worn else _with_skin(made, rgba)
    asked, throughout, rest = record.partition(_THROUGHOUT)
    colour = Colour.read(asked)
    if record and (rest or str(colour) != asked or colour.word not in COLOUR_WORDS):
        raise RequestError(
            sentence("The record does not say enough to make the layer again."),
            f"recolour {record!r}",
        )
    if not throughout:
        return recoloured(rgba, record)
    word = Colour(colour.word)
    has_it = max(colour_share(rgba, word), colour_share(rgba, colour)) >= ENOUGH
    known = rgba if has_it else _turned(rgba, word)
    made = _in_shade(known, colour) if colour.number else known
    return made if colour_share(made, colour) > colour_share(rgba, colour) else rgba


def _dyed(worn: Tensor, word: str) -> Tensor:
    """Clothes that are mostly white, grey or black in the hue of a colour word: a white coat has no
    hue that could be turned, and a blue tie on it would do for a blue one. Others as they are."""
    if word not in HUE_TARGETS:
        return worn
    hsv = to_hsv(worn)
    visible = worn[3].numpy() > 0.5
    plain = visible & (hsv[..., 1] * hsv[..., 2] < _PLAIN)
    light = hsv[..., 2] > _WHITE
    least = _CLOTH * float(visible.sum())
    cloth = max((_large(plain & light, least), _large(plain & ~light, least)), key=np.sum)
    if cloth.sum() < _MOSTLY * visible.sum():
        return worn
    hue, of_saturation, of_value = HUE_TARGETS[word]
    value = np.maximum(hsv[..., 2], _OF_BLACK + 0.5 * hsv[..., 2]) * of_value
    full = as_hsv(np.full_like(value, hue), np.full_like(value, _DYE * of_saturation), value)
    weight = cv2.GaussianBlur(cloth.astype(np.float32), (3, 3), 0)
    before, after = from_hsv(hsv, worn), from_hsv(full, worn)
    made = before + (after - before) * torch.from_numpy(weight)
    made[3] = worn[3]
    return made


def _large(where: npt.NDArray[np.bool_], least: float) -> npt.NDArray[np.bool_]:
    """The connected parts of more than so many pixels."""
    count, parts, sizes, _ = cv2.connectedComponentsWithStats(where.astype(np.uint8))
    areas = sizes[:, cv2.CC_STAT_AREA]
    return np.isin(parts, [number for number in range(1, count) if areas[number] > least])


def _with_skin(worn: Tensor, rgba: Tensor) -> Tensor:
    """A person in the clothes that were made of the same drawing."""
    made = torch.where(torch.from_numpy(_is_skin(rgba)), rgba, worn)
    made[3] = rgba[3]
    return made


def _turned(rgba: Tensor, word: Colour) -> Tensor:
    """With a colour word: its largest other part, and if that is not enough all of them."""
    if word.word not in HUE_TARGETS:
        return recoloured(rgba, word.word)  # black, white and grey have no hues to tell apart
    hsv = to_hsv(rgba)
    target = _in_hue(hsv, word.word)
    best, most = rgba, colour_share(rgba, word)
    before, after = from_hsv(hsv, rgba), from_hsv(target, rgba)
    for weight in _parts(hsv, rgba[3].numpy() > 0.5, word.word):
        made = before + (after - before) * torch.from_numpy(weight)
        made[3] = rgba[3]
        share = colour_share(made, word)
        if share > most:
            best, most = made, share
        if most >= ENOUGH:
            break
    return best


def _in_hue(hsv: _Plane, word: str) -> _Plane:
    """All of a drawing in a hue, with its own light and dark."""
    hue, of_saturation, of_value = HUE_TARGETS[word]
    saturation, value = hsv[..., 1], hsv[..., 2]
    full = 0.5 + 0.5 * saturation
    return as_hsv(np.full_like(value, hue), full * of_saturation, value * of_value)


def _parts(hsv: _Plane, visible: npt.NDArray[np.bool_], word: str) -> list[_Plane]:
    """How much each pixel changes, `h w` in [0, 1]: the largest part of another hue, then all."""
    hue, saturation, value = np.moveaxis(hsv, -1, 0)
    light = np.clip((value - 0.2) / 0.2, 0, 1)  # lines and eyes stay dark
    full = visible & (saturation > COLOURED[0]) & (value > COLOURED[1])
    if full.sum() < COLOURED_DRAWING * max(visible.sum(), 1):
        return [np.asarray(light, np.float32)]
    coloured = np.clip(saturation / 0.2, 0, 1) * light * ~is_near_hue(hue, word)
    if word != "green" and has_leaves(hue, saturation * full):
        coloured = coloured * ~is_leaf(hue)
    most = main_hue(hue, np.asarray(saturation * full * (coloured > 0), np.float32))
    return [np.asarray(part, np.float32) for part in (nearness(hue, most) * coloured, coloured)]


def _in_shade(rgba: Tensor, asked: Colour) -> Tensor:
    """What has the colour word gets the shade; light and dark stay lighter and darker than it."""
    hsv = to_hsv(rgba)
    weight = part_of(hsv, rgba[3].numpy() > 0.5, asked.word)
    if not weight.any():
        return rgba
    rgb = np.ascontiguousarray(rgba[:3].permute(1, 2, 0).float().numpy())
    source = np.asarray(np.median(rgb[weight > 0.8 * weight.max()], 0), np.float32)
    of_source = float(source @ _LUMINANCE)
    made = moved(rgb, source, asked.rgb)
    if float(np.asarray(asked.rgb) @ _LUMINANCE) > _BRIGHTENED * of_source:
        made = shifted(rgb, source, asked.rgb)
        weight = weight * np.clip(rgb @ _LUMINANCE / max(of_source, 0.02), 0, 1) ** 2  # ink stays
    out = rgba.clone()
    out[:3] = torch.from_numpy(rgb + (made - rgb) * weight[..., None]).permute(2, 0, 1)
    return out
