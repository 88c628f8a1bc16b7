"""The fixed set of the alpha bake-off: 24 small drawings beside this file and a fixed seed.

Half of the drawings are Twemoji (never trained on), half are Fluent Emoji and Noto Emoji of
concepts that the matting net's training leaves out. A plain clone has all of it.

    python -m engine.training.matting.alpha_set    # draws the files again; needs the extra `train`
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from engine.training.art.sources import ByteImage, has_icon, tight_render
from engine.training.matting.scenes import CutoutKind, Ground, Scene, make_scene

FOLDER = Path(__file__).with_name("alpha_set")
SIDE_PX = 256
SEED = 20_26
PER_KIND = {
    CutoutKind.SOLID: 12,
    CutoutKind.STROKES: 8,
    CutoutKind.GLOW: 8,
    CutoutKind.GLASS: 8,
    CutoutKind.SHADOW: 8,
}
_STORED_SIDE_PX = 208
_COUNTS = {"twemoji": 12, "flat": 4, "glossy": 4, "cartoon": 4}


def fixed_scenes() -> list[Scene]:
    """All pictures: each cut-out on each ground, in a fixed order."""
    drawings = stored_art()
    scenes = []
    for number, kind in enumerate(PER_KIND):
        for index in range(PER_KIND[kind]):
            art = drawings[(number * 5 + index * 7) % len(drawings)]
            for ground in Ground:  # the same cut-out each time: its seed does not know the ground
                rng = np.random.default_rng((SEED, number, index))
                scenes.append(make_scene(art, kind, ground, SIDE_PX, rng))
    return scenes


def stored_art() -> list[ByteImage]:
    """The drawings, straight RGBA, in the order of their names."""
    made = []
    for path in sorted(FOLDER.glob("*.png")):
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
        if image is None or image.ndim != 3 or image.shape[2] != 4:
            raise ValueError(f"{path} is no RGBA picture")
        made.append(np.asarray(cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA), np.uint8))
    return made


def main() -> None:
    """Renders the drawings of held-out concepts."""
    from engine.training.matting.train import is_held_out
    from engine.training.recipe import load_recipe

    codes = [c.hexcode for c in load_recipe("starter").concepts if is_held_out(c.hexcode)]
    FOLDER.mkdir(exist_ok=True)
    for place, (style, count) in enumerate(_COUNTS.items()):
        known = [code for code in codes if has_icon(style, code)]
        for code in (known[place * 3 :] + known[: place * 3])[:count]:
            image = tight_render(style, code, _STORED_SIDE_PX)
            target = FOLDER / f"{style}-{code}.png"
            cv2.imwrite(str(target), cv2.cvtColor(image, cv2.COLOR_RGBA2BGRA))
            print(target.name)


if __name__ == "__main__":
    main()
