"""Picture sheets of the evaluation: labelled cells in rows, drawings on grounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from engine.training.art import sources as art
from engine.training.sampling import on_checkerboard

CELL_PX = 128
GROUNDS = {"black": (0.0, 0.0, 0.0), "white": (1.0, 1.0, 1.0), "pink": (1.0, 0.41, 0.71)}
_LABEL_PX = 16
_FONT, _SCALE = cv2.FONT_HERSHEY_SIMPLEX, 0.36


@dataclass(frozen=True, slots=True)
class Cell:
    """A picture `3 h w` in [0, 1] and what is written under it."""

    picture: Tensor
    label: str = ""


def on_ground(rgba: Tensor, ground: str = "") -> Tensor:
    """RGBA `4 h w` over one of GROUNDS, or over a checkerboard, in a square: `3 s s`."""
    side = max(rgba.shape[1:])
    square = torch.zeros(4, side, side)
    top, left = (side - rgba.shape[1]) // 2, (side - rgba.shape[2]) // 2
    square[:, top : top + rgba.shape[1], left : left + rgba.shape[2]] = rgba
    if not ground:
        return on_checkerboard(square)
    colour = torch.tensor(GROUNDS[ground])[:, None, None]
    return square[:3] * square[3:] + colour * (1 - square[3:])


def write_sheet(path: Path, cells: Sequence[Cell], per_row: int, side: int = CELL_PX) -> None:
    """Writes the cells as one PNG, row by row; the last row is filled up with white."""
    drawn = [_draw(cell, side) for cell in cells]
    drawn += [np.full_like(drawn[0], 255)] * (-len(drawn) % per_row)
    starts = range(0, len(drawn), per_row)
    sheet = np.concatenate([np.concatenate(drawn[s : s + per_row], 1) for s in starts])
    cv2.imwrite(str(path), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))


def _draw(cell: Cell, side: int) -> art.ByteImage:
    pixels = (cell.picture.permute(1, 2, 0).clamp(0, 1) * 255).round().byte().numpy()
    how = cv2.INTER_AREA if pixels.shape[0] > side else cv2.INTER_NEAREST
    out = np.full((side + _LABEL_PX, side, 3), 255, np.uint8)
    out[:side] = cv2.resize(np.ascontiguousarray(pixels), (side, side), interpolation=how)
    text = cell.label
    while text and cv2.getTextSize(text, _FONT, _SCALE, 1)[0][0] > side - 4:
        text = text[:-1]
    cv2.putText(out, text, (2, side + 12), _FONT, _SCALE, (0, 0, 0), 1, cv2.LINE_AA)
    return out
