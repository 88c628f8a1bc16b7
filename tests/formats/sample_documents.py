"""Documents that the format tests write: small, seeded, with every property a file must keep."""

from __future__ import annotations

import numpy as np

from editor.document.blending import LAYER_MODES, BlendMode
from editor.document.color_tags import ColorTag
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.layout import LayoutBox
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer
from editor.document.recipe import GenerationRecord

WIDTH, HEIGHT = 320, 240
FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"  # one visible character, eight UTF-16 units
LONG_NAME = "n" * 255


def disc(
    width: int, height: int, colour: tuple[int, int, int], alpha: int = 255, hidden: int = 77
) -> PixelBuffer:
    """An ellipse with a soft edge; colour under alpha 0 is `hidden`, as left by an eraser."""
    y, x = np.mgrid[:height, :width]
    distance = np.hypot((x - width / 2 + 0.5) / width, (y - height / 2 + 0.5) / height) * 2
    coverage = np.clip((0.8 - distance) * 10, 0, 1)
    pixels = np.empty((height, width, 4), np.uint8)
    pixels[..., :3] = colour
    pixels[..., 3] = np.rint(coverage * alpha)
    pixels[pixels[..., 3] == 0, :3] = hidden
    return PixelBuffer.from_array(pixels)


def noise(width: int, height: int, seed: int) -> PixelBuffer:
    """Random colours and alphas, a third of them fully transparent."""
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (height, width, 4), dtype=np.uint8)
    pixels[random.random((height, width)) < 1 / 3, 3] = 0
    return PixelBuffer.from_array(pixels)


def record(prompt: str = "a red apple", **changes: object) -> GenerationRecord:
    """A generation record with awkward values."""
    values: dict[str, object] = {
        "typed_prompt": prompt,
        "effective_prompt": f'{prompt}; <b>"flat"</b> & \u6797\u6a8e \x00 ]]>',
        "seed": 2**63 - 1,
        "box": (4, 5, 60, 70),
        "canvas_size": (WIDTH, HEIGHT),
        "steps": 8,
        "true_guidance": 3.0,
        "context_layers": ("background", "dog"),
    }
    return GenerationRecord(**(values | changes))  # type: ignore[arg-type]


def generated_layer(name: str, offset: tuple[int, int], prompt: str, seed: int) -> RasterLayer:
    """A layer with a record that fits its pixels."""
    pixels = disc(90, 70, (40 + seed * 37 % 200, 90, 60))
    return RasterLayer(
        name=name,
        pixels=pixels,
        offset=offset,
        record=record(prompt, seed=seed, pixel_hash=pixels.content_hash),
    )


def simple_document(*, opaque: bool = False) -> Document:
    """A background and two generated objects, as the main job makes them."""
    alpha = 255 if opaque else 100
    background = RasterLayer(
        name="Background", pixels=PixelBuffer.filled(WIDTH, HEIGHT, (200, 160, 90, alpha))
    )
    return Document(
        WIDTH,
        HEIGHT,
        [
            background,
            generated_layer("apple", (20, 30), "a red apple", 7),
            generated_layer("dog", (150, 90), "a brown dog", 8),
        ],
        [LayoutBox(Rect(20, 30, 110, 100), "apple", "a red apple"), LayoutBox(Rect(0, 0, 9, 9))],
        seed=2**63 - 1,
    )


def matrix_document() -> Document:
    """Everything at once: modes, groups, masks, clipping, names, boxes off the canvas, locks."""
    return Document(WIDTH, HEIGHT, [*_modes(), *_odd_layers(), *_groups(), *_masks()], seed=3)


def _modes() -> list[Layer]:
    """The canvas under all modes (dissolve is random by design, so it stays hidden)."""
    layers: list[Layer] = [
        RasterLayer(
            name="Background", pixels=PixelBuffer.filled(WIDTH, HEIGHT, (90, 140, 200, 255))
        )
    ]
    for index, mode in enumerate(LAYER_MODES):
        layers.append(
            RasterLayer(
                name=mode.label,
                pixels=disc(40, 40, (230, 20 + 7 * index, 60), alpha=220),
                offset=(5 + index % 7 * 44, 5 + index // 7 * 44),
                blend_mode=mode,
                opacity=200 / 255,
                visible=mode is not BlendMode.DISSOLVE,
            )
        )
    return layers


def _odd_layers() -> list[Layer]:
    small = disc(24, 20, (20, 200, 20))
    return [
        RasterLayer(name="\u6797\u6a8e\u306e\u6728", pixels=small, offset=(-12, -9)),
        RasterLayer(name=FAMILY + " \N{RED APPLE}", pixels=small, offset=(310, 230)),
        RasterLayer(name=LONG_NAME, pixels=small, offset=(-500, 900)),
        RasterLayer(
            name="caf\u00e9", pixels=noise(31, 17, 1), offset=(200, 180), opacity=128 / 255
        ),
        RasterLayer(name="locked", pixels=small, offset=(250, 190), locked=True),
        RasterLayer(name="red", pixels=small, offset=(60, 190), color_tag=ColorTag.RED),
        RasterLayer(name="hidden", pixels=small, offset=(100, 100), visible=False),
        RasterLayer(name="empty", pixels=PixelBuffer.transparent(50, 60), offset=(33, 44)),
        RasterLayer(name="one pixel", pixels=PixelBuffer.filled(1, 1, (1, 2, 3, 4))),
        RasterLayer(name="", pixels=small, offset=(5, 200)),
    ]


def _groups() -> list[Layer]:
    def leaf(name: str, x: int) -> RasterLayer:
        return RasterLayer(name=name, pixels=disc(30, 30, (250, 250, 0), 180), offset=(x, 205))

    inner = GroupLayer(
        name="third", children=(leaf("deep", 60),), blend_mode=BlendMode.MULTIPLY, opacity=128 / 255
    )
    middle = GroupLayer(name="second", children=(inner, leaf("middle", 90)), expanded=False)
    return [
        GroupLayer(name="\u30b0\u30eb\u30fc\u30d7", children=(middle, leaf("top", 120))),
        GroupLayer(name="empty group", color_tag=ColorTag.GRAY),
        GroupLayer(name="hidden group", children=(leaf("inside", 150),), visible=False),
        GroupLayer(name="locked group", children=(leaf("safe", 180),), locked=True),
        GroupLayer(name="isolated", children=(leaf("alone", 210),), blend_mode=BlendMode.NORMAL),
    ]


def _masks() -> list[Layer]:
    """Masks on layers and groups, one off, one hiding nothing; layers clipped to both kinds."""
    base = disc(60, 30, (10, 90, 200), 200)
    fringe = np.tile(np.linspace(0, 255, 40, dtype=np.uint8), (20, 1))

    def mask(x: int, y: int, outside: int, *, enabled: bool = True) -> Mask:
        coverage = CoverageBuffer.from_array(fringe)
        return Mask(coverage=coverage, offset=(x, y), outside=outside, enabled=enabled)

    everything = Mask(coverage=CoverageBuffer.filled(WIDTH, HEIGHT, 255), outside=255)
    nothing = Mask(coverage=CoverageBuffer.filled(WIDTH, HEIGHT, 0))
    leaf = RasterLayer(name="in a masked group", pixels=noise(50, 25, 4), offset=(180, 150))
    return [
        RasterLayer(name="masked", pixels=base, offset=(10, 150), mask=mask(20, 155, 0)),
        RasterLayer(name="clipped", pixels=noise(40, 40, 2), offset=(30, 140), clipped=True),
        RasterLayer(
            name="clipped, darker",
            pixels=noise(40, 40, 3),
            offset=(5, 140),
            clipped=True,
            blend_mode=BlendMode.MULTIPLY,
            mask=mask(-5, 150, 255),
        ),
        RasterLayer(
            name="off", pixels=base, offset=(90, 150), mask=mask(80, 150, 0, enabled=False)
        ),
        RasterLayer(name="all shown", pixels=base, offset=(120, 160), mask=everything),
        RasterLayer(name="all hidden", pixels=base, offset=(0, 0), mask=nothing),
        GroupLayer(name="masked group", children=(leaf,), mask=mask(190, 150, 255), opacity=0.8),
        GroupLayer(
            name="isolated, masked",
            children=(leaf_copy(leaf),),
            blend_mode=BlendMode.SCREEN,
            mask=mask(240, 160, 0),
        ),
        RasterLayer(name="on a group", pixels=noise(30, 20, 5), offset=(250, 155), clipped=True),
    ]


def leaf_copy(layer: RasterLayer) -> RasterLayer:
    """The same pixels elsewhere, as a layer of its own."""
    return RasterLayer(name="in an isolated group", pixels=layer.pixels, offset=(240, 150))
