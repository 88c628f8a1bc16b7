"""The bake-off of the alpha routes: errors on a fixed set, and a sheet of pictures.

    python -m engine.training.matting.evaluate -o DIR [--matting FILE]

Writes `table.md`, `errors.json` and `sheet.png`. The decoder's row is of the grey ground only: it
reads latents that were made with transparency in mind, as the starter makes them, and knows no
other ground. It gets the true drawing's latents with noise as rough as that of generated ones.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch

from engine.checkpoints.starter import load_starter
from engine.matting.onnx_net import SHIPPED_MODEL, MattingNet
from engine.matting.routes import FlatDrawing, cut_out
from engine.models.geometry import Box
from engine.models.latent_codec import LatentCodec
from engine.requests import AlphaRoute
from engine.training.matting.alpha_set import SIDE_PX, fixed_scenes
from engine.training.matting.metrics import MattingErrors, errors_of, mean_errors
from engine.training.matting.scenes import CutoutKind, Ground, Rgb, Scene

Rgba = npt.NDArray[np.float32]

LATENT_NOISE = 0.1  # of the decoder's input; the starter's latents are about so rough
_PAGES = ((1.0, 1.0, 1.0), (0.08, 0.08, 0.1), (1.0, 0.2, 0.6))
_CELL_PX = 128


@dataclass(frozen=True, slots=True)
class Row:
    """Mean errors of a route on a ground and a kind; None = all of them."""

    route: AlphaRoute
    ground: Ground | None
    kind: CutoutKind | None
    count: int
    errors: MattingErrors


def decode_with_noise(codec: LatentCodec, truth: Rgba, seed: int) -> Rgba:
    """What the transparent decoder makes of a drawing's latents, at the drawing's own size."""
    side = truth.shape[0] // codec.output_scale
    premultiplied = np.dstack([truth[..., :3] * truth[..., 3:], truth[..., 3:]])
    small = cv2.resize(premultiplied, (side, side), interpolation=cv2.INTER_AREA)
    alpha = small[..., 3:]
    straight = np.where(alpha > 0, small[..., :3] / np.maximum(alpha, 1e-6), 0)
    rgba = torch.from_numpy(np.concatenate([straight, alpha], -1)).permute(2, 0, 1)[None].float()
    latents = codec.encode(rgba)[0]
    generator = torch.Generator().manual_seed(seed)
    latents = latents + LATENT_NOISE * torch.randn(latents.shape, generator=generator)
    decoded = codec.decode([None, None, latents], [None, None, Box(0, 0, side, side)], {2})[2]
    return np.ascontiguousarray(decoded.permute(1, 2, 0).numpy(), np.float32)


def all_cutouts(
    scenes: list[Scene], net: MattingNet, codec: LatentCodec
) -> list[dict[AlphaRoute, Rgba]]:
    """What each route makes of each picture."""
    made = []
    for number, scene in enumerate(scenes):
        decoded = None
        if scene.ground is Ground.GREY:
            decoded = decode_with_noise(codec, scene.truth, number)
        drawing = FlatDrawing(scene.picture, decoded)
        routes = [route for route in AlphaRoute if decoded is not None or route.value != "decoder"]
        made.append({route: cut_out(drawing, route, net).rgba for route in routes})
    return made


def table_rows(scenes: list[Scene], cutouts: list[dict[AlphaRoute, Rgba]]) -> list[Row]:
    """Means by route and ground, and by route, ground and kind."""
    errors = [
        {route: errors_of(rgba, scene.truth) for route, rgba in made.items()}
        for scene, made in zip(scenes, cutouts, strict=True)
    ]
    rows = []
    for ground in Ground:
        for kind in (None, *CutoutKind):
            for route in AlphaRoute:
                found = [
                    made[route]
                    for scene, made in zip(scenes, errors, strict=True)
                    if scene.ground is ground and kind in (None, scene.kind) and route in made
                ]
                if found:
                    rows.append(Row(route, ground, kind, len(found), mean_errors(found)))
    return rows


def as_markdown(rows: Iterable[Row]) -> str:
    """Two tables: all errors by ground, and alpha's mean error by kind."""
    rows = list(rows)
    lines = [
        "| ground | route | MAE | SAD | gradient | connectivity | colour |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        if row.kind is None:
            e = row.errors
            numbers = f"{e.mae:.4f} | {e.sad:.2f} | {e.gradient:.2f} | {e.connectivity:.2f}"
            lines.append(f"| {row.ground} | {row.route} | {numbers} | {e.colour:.4f} |")
    kinds = " | ".join(CutoutKind)
    lines += ["", f"| ground | route, MAE of alpha | {kinds} |", "|---|---|" + "---|" * 5]
    for ground in Ground:
        for route in AlphaRoute:
            own = {
                row.kind: row.errors.mae
                for row in rows
                if (row.ground, row.route) == (ground, route)
            }
            if own:
                cells = " | ".join(f"{own[kind]:.4f}" for kind in CutoutKind)
                lines.append(f"| {ground} | {route} | {cells} |")
    return "\n".join(lines) + "\n"


def draw_sheet(scenes: list[Scene], cutouts: list[dict[AlphaRoute, Rgba]]) -> npt.NDArray[np.uint8]:
    """By kind and ground: the picture, the true cut-out, then each route, on three pages."""
    rows = []
    for kind in CutoutKind:
        for ground in Ground:
            index = next(i for i, s in enumerate(scenes) if (s.kind, s.ground) == (kind, ground))
            scene, made = scenes[index], cutouts[index]
            cells = [_cell(scene.picture), *_on_pages(scene.truth)]
            for route in (AlphaRoute.DECODER, AlphaRoute.MATTING, AlphaRoute.COLOUR):
                cells += _on_pages(made[route]) if route in made else [_nothing()] * len(_PAGES)
            rows.append(np.concatenate(cells, 1))
    head = np.full((28, rows[0].shape[1], 3), 255, np.uint8)
    for column, text in enumerate(("picture", "truth", "decoder", "matting", "colour")):
        x = _CELL_PX * (1 + 3 * (column - 1)) if column else 0
        _write(head, text, x + 4)
    return np.asarray(np.concatenate([head, *rows], 0), np.uint8)


def _write(picture: npt.NDArray[np.uint8], text: str, x: int) -> None:
    cv2.putText(picture, text, (x, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 1, cv2.LINE_AA)


def _on_pages(rgba: Rgba) -> list[npt.NDArray[np.uint8]]:
    alpha = rgba[..., 3:]
    return [
        _cell(rgba[..., :3] * alpha + np.array(page, np.float32) * (1 - alpha)) for page in _PAGES
    ]


def _cell(picture: Rgb) -> npt.NDArray[np.uint8]:
    small = cv2.resize(picture, (_CELL_PX, _CELL_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(np.rint(np.clip(small, 0, 1) * 255), np.uint8)


def _nothing() -> npt.NDArray[np.uint8]:
    return np.full((_CELL_PX, _CELL_PX, 3), 235, np.uint8)


def main(report: Callable[[str], None] = print) -> None:
    """Runs the bake-off."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    parser.add_argument("--matting", type=Path, default=SHIPPED_MODEL, metavar="FILE")
    options = parser.parse_args()
    torch.set_num_threads(1)
    scenes = fixed_scenes()
    cutouts = all_cutouts(scenes, MattingNet.load(options.matting), load_starter().codec)
    rows = table_rows(scenes, cutouts)
    options.output.mkdir(parents=True, exist_ok=True)
    table = as_markdown(rows)
    (options.output / "table.md").write_text(table, "utf-8")
    values = [
        {"route": r.route, "ground": r.ground, "kind": r.kind, "count": r.count, **asdict(r.errors)}
        for r in rows
    ]
    (options.output / "errors.json").write_text(json.dumps(values, indent=1), "utf-8")
    sheet = cv2.cvtColor(draw_sheet(scenes, cutouts), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(options.output / "sheet.png"), sheet)
    report(f"{len(scenes)} pictures of {SIDE_PX} x {SIDE_PX} px\n\n{table}")


if __name__ == "__main__":
    main()
